"""The watchman: a kill file and a signal need nothing else, and nobody waits for another's work."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from riskgate.errors import JournalError
from riskgate.model.events import Answered, Deed, Requested
from riskgate.model.trading import Scope, TradingState
from riskgate.running.watchman import Watchman
from tests.unit.conftest import FlakyJournal, Stage

SOON = 5.0


@pytest.fixture(autouse=True)
def _nobody_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("riskgate.running.watchman.WAIT", 0.01)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "stop"


def kills(stage: Stage) -> list[tuple[str, str]]:
    """By whom and why the gate was killed."""
    return [
        (one.by, one.reason)
        for one in stage.gate.ledger.facts.standings.values()
        if one.state is TradingState.KILLED
    ]


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (b"smoke in\nthe room\n", "smoke in the room"),
        (b"", "the file `{}` is there"),
        (b" \n\t", "the file `{}` is there"),
        (b"\x00\xff", "\\x00\ufffd"),
    ],
)
def test_a_kill_file_kills_and_says_why(
    stage: Stage, file: Path, words: bytes, reason: str
) -> None:
    file.write_bytes(words)
    Watchman(stage.gate, file).attend()
    Watchman(stage.gate, file).attend()
    assert kills(stage) == [("kill file", reason.format(file))]


def test_without_a_file_nothing_happens(stage: Stage, file: Path) -> None:
    Watchman(stage.gate, file).attend()
    Watchman(stage.gate).attend()
    assert kills(stage) == []


def test_a_kill_file_kills_once_until_it_is_made_again(stage: Stage, file: Path) -> None:
    watchman = Watchman(stage.gate, file)
    file.touch()
    watchman.attend()
    watchman.attend()
    stage.gate.resume(by="m.ruiz", reason="no smoke", override=True)
    watchman.attend()
    assert kills(stage) == []
    file.unlink()
    watchman.attend()
    file.touch()
    watchman.attend()
    watchman.attend()
    assert len(kills(stage)) == 1


def test_a_kill_file_that_is_there_at_the_start_kills_again(stage: Stage, file: Path) -> None:
    file.touch()
    Watchman(stage.gate, file).attend()
    stage.gate.resume(by="m.ruiz", reason="no smoke", override=True)
    again = Watchman(stage.gate, file)
    again.attend()
    again.attend()
    assert len(kills(stage)) == 1


def test_a_folder_of_that_name_kills_too(stage: Stage, file: Path) -> None:
    file.mkdir()
    watchman = Watchman(stage.gate, file)
    watchman.attend()
    watchman.attend()
    assert kills(stage) == [("kill file", f"the file `{file}` is there")]


def test_an_alarm_kills_while_nothing_can_be_recorded(stage: Stage) -> None:
    stage.broker.client_id = 1
    number = stage.sent()
    stage.journal.fails_at = "begin"
    watchman = Watchman(stage.gate)
    watchman.alarm("signal", "the process got SIGUSR1")
    watchman.attend()
    assert stage.broker.cancelled == [number]
    assert stage.gate.submit("BUY 1 AAPL LMT 190").decision.codes == ("JOURNAL_UNAVAILABLE",)


def test_a_round_carries_out_what_others_have_recorded(stage: Stage) -> None:
    other = stage.restarted()
    other.halt(by="m.ruiz", reason="news", scope=Scope(symbol="AAPL"))
    number = stage.allowed("BUY 1 MSFT LMT 400")
    asked = Requested(id="r1", deed=Deed.RECONCILE, at=stage.clock.now(), by="m.ruiz")
    with FlakyJournal(stage.journal.inner.another()).turn() as turn:
        turn.append(asked, stage.clock.now())
    Watchman(stage.gate).attend()
    answers = [one for one in stage.journal.payloads() if isinstance(one, Answered)]
    assert answers[-1].done
    assert Scope(symbol="AAPL") in [key[0] for key in stage.gate.ledger.facts.standings]
    assert number in stage.gate.ledger.orders


def test_a_kill_does_not_wait_for_an_errand_nor_for_the_journal(
    stage: Stage, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.broker.client_id = 1
    number = stage.sent()
    busy, released, cancelled = threading.Event(), threading.Event(), threading.Event()
    cancel = stage.broker.cancel

    def hang() -> None:
        busy.set()
        released.wait(SOON)
        raise JournalError("journal: locked by another process")

    def told(order_id: int) -> None:
        cancel(order_id)
        cancelled.set()

    monkeypatch.setattr(stage.gate, "follow", hang)
    monkeypatch.setattr("riskgate.running.errands.run", lambda *_: hang())
    monkeypatch.setattr(stage.broker, "cancel", told)
    watchman = Watchman(stage.gate, file)
    watchman.start()
    try:
        assert busy.wait(SOON)
        file.touch()
        assert cancelled.wait(SOON)
        assert not released.is_set()
    finally:
        released.set()
        watchman.close()
    assert stage.broker.cancelled == [number]


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_watchman_who_breaks_stops_approvals(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    broke = threading.Event()

    def break_down() -> None:
        broke.set()
        raise ZeroDivisionError("a bug")

    monkeypatch.setattr(stage.gate, "follow", break_down)
    watchman = Watchman(stage.gate)
    watchman.start()
    assert broke.wait(SOON)
    watchman.close()
    codes = stage.gate.submit("BUY 1 AAPL LMT 190").decision.codes
    assert set(codes) == {"JOURNAL_UNAVAILABLE", "NOT_RECONCILED"}
    assert "the watchman broke: ZeroDivisionError: a bug" in stage.gate.distrusted_because


def test_after_close_no_thread_is_left(stage: Stage) -> None:
    before = set(threading.enumerate())
    watchman = Watchman(stage.gate)
    watchman.start()
    watchman.close()
    assert set(threading.enumerate()) == before


def test_a_pipe_and_a_link_to_nowhere_kill_too_and_are_not_read(stage: Stage, file: Path) -> None:
    os.mkfifo(file)
    Watchman(stage.gate, file).attend()
    stage.gate.resume(by="m.ruiz", reason="no smoke", override=True)
    file.unlink()
    file.symlink_to(file.with_name("nowhere"))
    Watchman(stage.gate, file).attend()
    assert kills(stage) == [("kill file", f"the file `{file}` is there")]


def test_on_the_lookout_only_alarms_are_heeded_and_later_all(stage: Stage) -> None:
    before = set(threading.enumerate())
    watchman = Watchman(stage.gate)
    watchman.look_out()
    assert len(set(threading.enumerate()) - before) == 1
    watchman.start()
    assert len(set(threading.enumerate()) - before) == 3
    watchman.close()
    assert set(threading.enumerate()) == before
