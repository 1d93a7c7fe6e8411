"""The ear of the gate: reports in order, none dropped, and doubt until the book is proven."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from riskgate.errors import InvariantError, NotConnected
from riskgate.model.account import Account
from riskgate.model.events import StateChanged
from riskgate.model.lifecycle import Status
from riskgate.model.report import StatusReport
from riskgate.ports import Story
from riskgate.running.recorder import Recorder

if TYPE_CHECKING:
    from tests.unit.conftest import Stage

SECONDS = 10.0
LINE = "BUY 10 AAPL LMT 190"


@pytest.fixture
def recorder(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> Iterator[Recorder]:
    """A recorder that tries again at once."""
    monkeypatch.setattr("riskgate.running.recorder.AGAIN_SECONDS", 0.01)
    opened = Recorder(stage.gate)
    opened.start()
    yield opened
    opened.close(SECONDS)


def eventually(holds: Callable[[], bool]) -> bool:
    """Whether it holds within some seconds."""
    pause = threading.Event()
    return any(holds() or pause.wait(0.01) for _ in range(1000))


def test_what_is_heard_is_recorded_in_order(stage: Stage, recorder: Recorder) -> None:
    ticket = stage.gate.submit(LINE)
    number = ticket.order_id
    recorder.hear([StatusReport(order_id=number, status=Status.SUBMITTED)])
    recorder.hear([stage.execution(number, "4", "a.01"), stage.execution(number, "6", "b.01")])
    assert ticket.wait(SECONDS) is Status.FILLED
    assert [fill.execution_id for fill in ticket.fills] == ["a.01", "b.01"]


def test_closing_records_what_was_heard(stage: Stage, recorder: Recorder) -> None:
    number = stage.allowed()
    recorder.hear(
        StatusReport(order_id=number, status=status)
        for status in [Status.PRE_SUBMITTED, Status.SUBMITTED] * 600
    )
    recorder.hear([stage.execution(number, "10")])
    recorder.close(SECONDS)
    view = stage.gate.order(number)
    assert view is not None
    assert view.status is Status.FILLED
    assert stage.journal.inner.orders[number] == view


def test_what_cannot_be_recorded_now_is_recorded_when_it_can(
    stage: Stage, recorder: Recorder
) -> None:
    number = stage.allowed()
    stage.journal.fails_at = "commit"
    recorder.hear([stage.execution(number, "10")])
    assert eventually(lambda: stage.gate.behind)
    stage.journal.fails_at = ""
    assert eventually(lambda: not stage.gate.behind)
    assert stage.reserved() == (10, 0, 0)


def test_a_session_that_changes_stops_approvals_until_the_book_is_proven(
    stage: Stage, recorder: Recorder
) -> None:
    told, go_on = threading.Event(), threading.Event()

    def wait() -> None:
        told.set()
        assert go_on.wait(SECONDS)

    stage.broker.during_story = wait
    recorder.session_changed("1101: data lost")
    assert told.wait(SECONDS)
    (finding,) = stage.gate.submit(LINE).decision.breaches
    assert finding.code == "NOT_RECONCILED"
    assert "1101" in finding.text
    go_on.set()
    assert eventually(lambda: stage.gate.submit(LINE).allowed)


def test_a_reconcile_that_fails_is_tried_again(stage: Stage, recorder: Recorder) -> None:
    fails = iter([True, True])

    def story() -> None:
        if next(fails, False):
            raise NotConnected("no answer")

    stage.broker.during_story = story
    recorder.session_changed("the socket dropped")
    assert eventually(lambda: stage.gate.submit(LINE).allowed)


def test_while_there_is_no_session_nobody_is_asked(stage: Stage, recorder: Recorder) -> None:
    asked = threading.Event()
    stage.broker.during_story = asked.set
    stage.broker.connected = False
    recorder.session_changed("the socket dropped")
    recorder.close(SECONDS)
    assert not asked.is_set()


LOSS = """
riskgate: 1
policy: desk
timezone: UTC
currency: USD
rules:
  - {id: loss, kind: loss, max_day_loss: 100, then: halt, because: test}
"""


@pytest.fixture
def losing(staged: Callable[[str], Stage], monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    """A stage whose account is watched by a rule, with a recorder."""
    monkeypatch.setattr("riskgate.running.recorder.AGAIN_SECONDS", 0.01)
    stage = staged(LOSS)
    opened = Recorder(stage.gate)
    opened.start()
    yield stage
    opened.close(SECONDS)


def lose(stage: Stage, amount: int) -> None:
    """The broker reports the day's loss."""
    worth, lost = Decimal(10_000), Decimal(-amount)
    account = Account(id="DU1234567", at=stage.clock.now(), net_liquidation=worth, day_pnl=lost)
    stage.market.set_account(account)


def states(stage: Stage) -> list[StateChanged]:
    """The states that are on record."""
    return [event for event in stage.journal.payloads() if isinstance(event, StateChanged)]


def halted(stage: Stage) -> bool:
    return bool(stage.gate.ledger.facts.standings)


def test_a_loss_is_judged_when_it_is_reported_and_not_with_the_next_order(losing: Stage) -> None:
    lose(losing, 100)
    assert eventually(lambda: not losing.market.take_reported())
    assert not halted(losing)
    lose(losing, 101)
    assert eventually(lambda: halted(losing))
    assert losing.gate.submit(LINE).decision.codes[0] == "HALTED"


def test_a_loss_that_cannot_be_recorded_now_is_judged_again_when_it_can(losing: Stage) -> None:
    losing.journal.fails_at = "commit"
    lose(losing, 101)
    assert eventually(lambda: losing.gate.behind)
    assert states(losing) == []
    losing.journal.fails_at = ""
    assert eventually(lambda: len(states(losing)) == 1)
    assert halted(losing)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_recorder_that_breaks_stops_approvals(
    stage: Stage, recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(reports: object) -> bool:
        raise InvariantError(f"nobody foresaw {reports}")

    monkeypatch.setattr(stage.gate, "take", refuse)
    recorder.hear([StatusReport(order_id=1, status=Status.SUBMITTED)])
    recorder.close(SECONDS)
    decision = stage.gate.submit(LINE).decision
    assert decision.codes == ("NOT_RECONCILED", "JOURNAL_UNAVAILABLE")
    assert "the recorder broke" in decision.breaches[0].text


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_gate_whose_recorder_broke_cannot_be_reconciled_into_approving(
    stage: Stage, recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(stage.gate, "take", lambda reports: 1 / len(list(reports) * 0))
        recorder.hear([StatusReport(order_id=1, status=Status.SUBMITTED)])
        recorder.close(SECONDS)
    stage.broker.told = Story(accounts=("DU1234567",))
    stage.gate.reconcile()
    assert not stage.gate.submit(LINE).allowed
