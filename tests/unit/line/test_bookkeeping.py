"""The record and the book together: nothing is lost, nothing is counted twice."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from decimal import ROUND_UP, Context, Decimal, Inexact, Rounded, getcontext, localcontext
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from riskgate.errors import InvariantError
from riskgate.journal.journal import open_journal
from riskgate.line.bookkeeping import mended
from riskgate.model.events import Note, Payload, Reconciled, StateChanged
from riskgate.model.lifecycle import Status
from riskgate.model.report import CommissionReport, ErrorReport, ExecutionReport, StatusReport
from riskgate.model.trading import Scope, Standing, TradingState

if TYPE_CHECKING:
    from tests.unit.conftest import FlakyJournal, Stage


def recorded_statuses(stage: Stage) -> list[Status]:
    return [e.status for e in stage.journal.payloads() if isinstance(e, StatusReport)]


@pytest.mark.parametrize("where", ["begin", "commit"])
def test_reports_are_kept_while_the_journal_is_down_and_recorded_in_order(
    stage: Stage, where: str
) -> None:
    number = stage.allowed()
    stage.journal.fails_at = where
    assert not stage.gate.take([StatusReport(order_id=number, status=Status.SUBMITTED)])
    assert not stage.gate.take([stage.execution(number, "4", "a.01")])
    assert not stage.gate.take([stage.execution(number, "6", "b.01")])
    assert stage.gate.behind
    assert recorded_statuses(stage) == []
    stage.journal.fails_at = ""
    assert stage.gate.take([])
    assert not stage.gate.behind
    assert stage.reserved() == (10, 0, 0)
    kinds = [type(event).__name__ for event in stage.journal.payloads()[-3:]]
    assert kinds == ["StatusReport", "ExecutionReport", "ExecutionReport"]
    assert stage.facts() == stage.facts(stage.folded())


@pytest.mark.parametrize("where", ["begin", "commit"])
def test_what_was_kept_is_known_before_the_next_decision(stage: Stage, where: str) -> None:
    number = stage.allowed("BUY 60 AAPL LMT 190")
    stage.journal.fails_at = where
    stage.gate.take([stage.execution(0, "40", "manual.01")])
    stage.journal.fails_at = ""
    assert stage.gate.submit("BUY 1 AAPL LMT 190").decision.by == ("desk/position",)
    assert stage.reserved() == (40, 60, 0)
    assert stage.gate.order(number) is not None


def unreadable(number: int) -> list[Payload]:
    """Reports that a record cannot hold as they are, the second one not even mended."""
    return [
        ErrorReport(order_id=number, code=1, text="Gr\udcf6\udcdfe"),
        StatusReport(order_id=number, status=Status.SUBMITTED, perm_id=2**63),
    ]


@pytest.mark.parametrize("where", ["", "begin", "commit"])
def test_a_report_that_cannot_be_recorded_as_it_is_holds_up_no_other(
    stage: Stage, where: str
) -> None:
    number = stage.allowed()
    before = len(stage.journal.payloads())
    stage.journal.fails_at = where
    taken = stage.gate.take([*unreadable(number), stage.execution(number, "4")])
    assert taken is not bool(where)
    stage.journal.fails_at = ""
    assert stage.gate.take([])
    assert not stage.gate.behind
    mended, lost, fill = stage.journal.payloads()[before:]
    assert mended == ErrorReport(order_id=number, code=1, text=r"Gr\udcf6\udcdfe")
    assert isinstance(lost, Note)
    assert lost.text.startswith("not recorded, because 'journal: this broker report has")
    assert "StatusReport(order_id=1" in lost.text
    assert isinstance(fill, ExecutionReport)
    assert stage.reserved() == (4, 6, 0)
    assert stage.gate.submit("BUY 1 AAPL LMT 190").allowed
    assert stage.facts() == stage.facts(stage.folded())


def test_a_report_that_cannot_be_recorded_as_it_is_leaves_a_file_readable(
    stage: Stage, tmp_path: Path
) -> None:
    store = open_journal(tmp_path / "journal.db")
    gate = stage.another_gate(store)
    gate.reconcile()
    number = gate.submit("BUY 10 AAPL LMT 190").order_id
    assert gate.take([*unreadable(number), stage.execution(0, "4")])
    assert gate.submit("BUY 1 AAPL LMT 190").allowed
    store.close()
    again = open_journal(tmp_path / "journal.db")
    assert stage.another_gate(again).orders() == gate.orders()
    assert again.verify() is None
    again.close()


def test_a_store_that_fails_is_not_taken_for_a_report_that_cannot_be_recorded(
    stage: Stage, tmp_path: Path
) -> None:
    store = open_journal(tmp_path / "journal.db")
    gate = stage.another_gate(store)
    store._store.connection.execute("PRAGMA query_only = 1")
    assert not gate.take([stage.execution(0, "4")])
    store._store.connection.execute("PRAGMA query_only = 0")
    assert gate.take([])
    (*_, last) = store.read()
    assert last.payload == stage.execution(0, "4")
    store.close()


def test_only_text_is_mended_and_only_where_text_must_be() -> None:
    standing = Standing(
        state=TradingState.HALTED,
        scope=Scope(symbol=5),  # type: ignore[arg-type]  # what is under test
        by="\ud800é",
        reason=None,  # type: ignore[arg-type]  # what is under test
        at=datetime(2026, 3, 2, tzinfo=UTC),
    )
    found = mended(StateChanged(standing=standing)).standing
    assert (found.by, found.reason) == ("\\ud800é", "None")
    assert (found.scope.symbol, found.scope.account) == ("5", None)
    assert (found.state, found.at) == (standing.state, standing.at)
    outcome = Reconciled(clean=False, differences=("a", "\udc80", 7), open_orders=3)  # type: ignore[arg-type]  # what is under test
    assert mended(outcome) == Reconciled(
        clean=False, differences=("a", "\\udc80", "7"), open_orders=3
    )


def test_a_status_that_says_the_same_again_is_not_recorded_again(stage: Stage) -> None:
    number = stage.allowed()
    for _ in range(3):
        stage.says(number, Status.SUBMITTED)
    assert recorded_statuses(stage) == [Status.SUBMITTED]


def test_the_same_status_again_is_news_where_it_moves_the_order(stage: Stage) -> None:
    number = stage.allowed()
    stage.says(number, Status.SUBMITTED)
    with stage.gate.turn() as turn:
        turn.record(StatusReport(order_id=number, status=Status.UNKNOWN))
    stage.says(number, Status.SUBMITTED)
    assert stage.gate.ledger.orders[number].status is Status.SUBMITTED


def test_what_a_failed_turn_left_in_the_book_is_still_news(stage: Stage) -> None:
    number = stage.allowed()
    fill = stage.execution(number, "10")
    with pytest.raises(InvariantError), stage.gate.turn() as turn:  # noqa: PT012  # a turn that breaks
        turn.record(fill)
        raise InvariantError("something broke")
    stage.gate.take([fill])
    assert stage.reserved() == (10, 0, 0)
    assert stage.facts() == stage.facts(stage.folded())


def test_a_fill_that_is_told_again_is_not_recorded_again(stage: Stage) -> None:
    number = stage.allowed()
    fill = stage.execution(number, "4", "x.02")
    cost = CommissionReport(execution_id="x.02", amount=Decimal(1), currency="USD")
    stage.gate.take([fill, cost])
    before = len(stage.journal.payloads())
    stage.gate.take([fill, cost, stage.execution(number, "5", "x.01")])
    assert len(stage.journal.payloads()) == before
    other = CommissionReport(execution_id="x.02", amount=Decimal(2), currency="USD")
    stage.gate.take([other])
    assert len(stage.journal.payloads()) == before + 1


def test_what_another_gate_records_is_known_to_the_next_decision(stage: Stage) -> None:
    other = stage.another_gate(stage.journal.inner.another(), stage.broker)
    other.reconcile()
    assert other.submit("BUY 60 AAPL LMT 190").allowed
    assert stage.gate.submit("BUY 41 AAPL LMT 190").decision.by == ("desk/position",)
    mine = stage.gate.submit("BUY 40 AAPL LMT 190")
    assert mine.allowed
    assert mine.order_id == 3
    other.take([])
    assert stage.facts(other.ledger) == stage.facts() == stage.facts(stage.folded())


def test_an_error_inside_a_turn_records_nothing_and_the_book_is_folded_again(stage: Stage) -> None:
    before = stage.facts()
    events = len(stage.journal.payloads())
    with pytest.raises(InvariantError), stage.gate.turn() as turn:  # noqa: PT012  # a turn that breaks
        turn.record(stage.execution(0, "7", "manual.01"))
        assert stage.reserved() == (7, 0, 0)
        raise InvariantError("something broke")
    assert len(stage.journal.payloads()) == events
    assert stage.gate.behind
    stage.gate.take([])
    assert stage.facts() == before


def test_a_turn_records_when_it_was_told_that_something_happened(stage: Stage) -> None:
    with stage.gate.turn() as turn:
        turn.record(Note(text="now"))
    (*_, event) = stage.journal.inner.another().read()
    assert event.at == stage.clock.now()


def test_orders_are_listed_by_their_numbers(stage: Stage) -> None:
    stage.allowed()
    stage.gate.submit("BUY 999 AAPL LMT 190")
    assert [(view.order_id, view.status) for view in stage.gate.orders()] == [
        (1, Status.PENDING_SUBMIT),
        (2, Status.DENIED),
    ]
    assert stage.gate.order(3) is None


def test_the_tables_show_what_the_book_knows(stage: Stage) -> None:
    number = stage.allowed()
    stage.gate.take([stage.execution(number, "4")])
    inner = stage.journal.inner
    assert inner.orders == {number: stage.gate.order(number)}
    assert inner.fills == {fill.stem: fill for fill in stage.gate.fills()}


def test_tables_that_are_left_for_later_are_caught_up(stage: Stage) -> None:
    stage.gate.shows_later = True
    number = stage.allowed()
    assert stage.journal.inner.orders == {}
    assert stage.gate.behind
    stage.gate.take([])
    assert stage.journal.inner.orders == {number: stage.gate.order(number)}
    assert not stage.gate.behind


@pytest.mark.parametrize("where", ["begin", "commit", "answer"])
def test_tables_that_are_left_for_later_are_not_lost_where_the_turn_that_shows_them_fails(
    stage: Stage, where: str
) -> None:
    stage.gate.shows_later = True
    number = stage.allowed()
    stage.journal.fails_at = where
    assert not stage.gate.take([])
    assert stage.gate.behind
    stage.journal.fails_at = ""
    assert stage.gate.take([])
    assert stage.journal.inner.orders == {number: stage.gate.order(number)}
    assert not stage.gate.behind


def test_a_gate_counts_alike_whatever_the_program_around_it_has_set_for_decimals(
    stage: Stage,
) -> None:
    rough = Context(prec=2, rounding=ROUND_UP, traps=[Inexact, Rounded])
    with localcontext(rough):
        stage.gate.weigh("BUY 1 AAPL LMT 190.12")
        number = stage.allowed("BUY 41 AAPL LMT 190.12")
        fills = [stage.execution(number, "40.5", "a.01", "190.12")]
        assert stage.gate.take([*fills, stage.execution(number, "0.5", "b.01", "190.11")])
        assert getcontext().prec == rough.prec
    view = stage.gate.order(number)
    assert view is not None
    assert view.avg_fill_price == (Decimal("40.5") * Decimal("190.12") + Decimal("95.055")) / 41
    assert stage.reserved() == (41, 0, 0)
    assert stage.journal.inner.orders[number] == view
    assert stage.facts() == stage.facts(stage.folded())


def test_a_restart_catches_up_the_tables_that_were_left(stage: Stage, tmp_path: Path) -> None:
    store = open_journal(tmp_path / "journal.db")
    gate = stage.another_gate(store)
    gate.reconcile()
    gate.shows_later = True
    assert gate.submit("BUY 10 AAPL LMT 190").allowed
    with store.turn() as turn:
        assert turn.is_behind
    store.close()
    again = open_journal(tmp_path / "journal.db")
    assert stage.another_gate(again).orders() == gate.orders()
    with again.turn() as turn:
        assert not turn.is_behind
    again.close()


def test_waiting_ends_when_the_time_is_up(stage: Stage) -> None:
    assert not stage.gate.wait_for(lambda: False, timeout=0.0)
    assert not stage.gate.wait_for(lambda: False, timeout=0.02)


def test_waiting_ends_when_it_holds(stage: Stage) -> None:
    number = stage.allowed()
    begun = threading.Event()

    def filled() -> bool:
        begun.set()
        return stage.gate.ledger.orders[number].complete

    def fill() -> None:
        assert begun.wait(5)
        stage.gate.take([stage.execution(number, "10")])

    thread = threading.Thread(target=fill)
    thread.start()
    assert stage.gate.wait_for(filled, timeout=5.0)
    thread.join(5)


def test_a_journal_that_fails_while_the_gate_starts_is_folded_later(
    stage: Stage, flaky: FlakyJournal
) -> None:
    number = stage.allowed()
    flaky.inner = stage.journal.inner.another()
    gate = stage.another_gate(flaky)
    flaky.fails_at = "begin"
    assert gate.submit("BUY 1 AAPL LMT 190").decision.codes == ("JOURNAL_UNAVAILABLE",)
    flaky.fails_at = ""
    gate.reconcile()
    assert gate.order(number) is not None


def test_an_overfill_is_alarmed_once_for_each_execution_that_goes_beyond(stage: Stage) -> None:
    number = stage.allowed()
    stage.gate.take([stage.execution(number, "8", "a.01"), stage.execution(number, "4", "b.01")])
    stage.gate.take([stage.execution(number, "4", "b.01")])
    notes = [note.text for note in stage.journal.payloads() if isinstance(note, Note)]
    (note,) = notes
    assert note.startswith("overfill: order 1 `BUY 10 AAPL")
    assert note.endswith("` has 2 more than it asked for")
