"""The stepper: a thread that does what is due, and that nothing but its own end stops."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

from riskgate.errors import JournalError
from riskgate.running.stepper import Stepper

if TYPE_CHECKING:
    from tests.unit.conftest import Stage

SOON = 10.0


@pytest.mark.slow
def test_it_steps_until_it_is_closed(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    steps, enough = [0], threading.Event()

    def step() -> None:
        steps[0] += 1
        if steps[0] == 3:
            enough.set()

    monkeypatch.setattr(stage.gate, "step", step)
    stepper = Stepper(stage.gate)
    stepper.start()
    assert enough.wait(SOON)
    stepper.close()
    assert not stepper._thread.is_alive()


@pytest.mark.slow
def test_what_cannot_be_recorded_is_tried_again(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    said, again = [JournalError("journal: the disk is full")], threading.Event()

    def step() -> None:
        if said:
            raise said.pop()
        again.set()

    monkeypatch.setattr(stage.gate, "step", step)
    stepper = Stepper(stage.gate)
    stepper.start()
    assert again.wait(SOON)
    stepper.close()
    assert stage.gate.reconciled


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_if_it_breaks_nothing_is_approved_any_more(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    def step() -> None:
        raise ZeroDivisionError("a fault of ours")

    monkeypatch.setattr(stage.gate, "step", step)
    stepper = Stepper(stage.gate)
    stepper.start()
    stepper._thread.join(SOON)
    stepper.close()
    assert "the stepper broke: ZeroDivisionError" in stage.gate.distrusted_because
    assert not stage.gate.submit("BUY 1 AAPL LMT 190").allowed


def test_one_that_was_never_started_closes(stage: Stage) -> None:
    Stepper(stage.gate).close()
    assert stage.gate.step() is None
