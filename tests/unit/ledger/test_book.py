"""The book: what fills, statuses, echoes and corrections do to orders, positions and reservations.

Each story ends with the same question: does the journal alone give the same book?
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import msgspec
import pytest

from riskgate.model.events import (
    CancelRequested,
    Decided,
    ForeignReported,
    Note,
    Payload,
    PositionsReported,
)
from riskgate.model.lifecycle import Status
from riskgate.model.order import Order, Side
from riskgate.model.readings import DayReading
from riskgate.model.report import (
    CancelNotSent,
    CommissionReport,
    ErrorReport,
    ExecutionReport,
    ForeignOrder,
    NeverSent,
    OrderEcho,
    Position,
    Sent,
    StatusReport,
)

if TYPE_CHECKING:
    from tests.unit.conftest import Stage

ACCOUNT = "DU1234567"


@pytest.fixture(autouse=True)
def _the_journal_alone_gives_the_same_book(stage: Stage) -> Iterator[None]:
    yield
    assert stage.facts() == stage.facts(stage.folded())


def never_sent(number: int) -> NeverSent:
    return NeverSent(order_id=number, code="QUEUE_EXPIRED", text="too late")


def commission(execution_id: str, amount: str) -> CommissionReport:
    return CommissionReport(execution_id=execution_id, amount=Decimal(amount), currency="USD")


# --- fills ---------------------------------------------------------------------------------------


def test_fills_move_the_position_and_release_as_much(stage: Stage) -> None:
    number = stage.allowed()
    stage.gate.take([stage.execution(number, "4", "a.01")])
    assert stage.reserved() == (4, 6, 0)
    stage.gate.take([stage.execution(number, "6", "b.01", price="191")])
    view = stage.gate.order(number)
    assert view is not None
    assert (view.status, view.avg_fill_price) == (Status.FILLED, Decimal("190.6"))
    assert view.filled_at == stage.clock.now()
    assert view.remaining_quantity == 0
    assert stage.reserved() == (10, 0, 0)
    assert [fill.execution_id for fill in stage.gate.fills(number)] == ["a.01", "b.01"]
    assert stage.gate.fills() == stage.gate.fills(number)
    assert stage.gate.fills(99) == ()


def test_a_partial_fill_shows_as_partly_filled_whatever_the_broker_repeats(stage: Stage) -> None:
    number = stage.allowed()
    stage.says(number, Status.SUBMITTED)
    stage.gate.take([stage.execution(number, "4")])
    stage.says(number, Status.SUBMITTED)
    assert stage.gate.ledger.orders[number].status is Status.PARTIALLY_FILLED


def test_the_same_execution_again_is_one_fill(stage: Stage) -> None:
    number = stage.allowed()
    stage.gate.take([stage.execution(number, "4")] * 3)
    assert stage.reserved() == (4, 6, 0)
    assert len(stage.gate.fills(number)) == 1


def test_a_correction_replaces_and_an_older_revision_changes_nothing(stage: Stage) -> None:
    number = stage.allowed()
    stage.gate.take([stage.execution(number, "4", "x.01"), stage.execution(number, "3", "x.02")])
    assert stage.reserved() == (3, 7, 0)
    stage.gate.take([stage.execution(number, "4", "x.01")])
    (fill,) = stage.gate.fills(number)
    assert fill.execution_id == "x.02"
    assert fill.quantity == 3
    assert stage.reserved() == (3, 7, 0)


def test_revisions_are_numbers_and_not_text(stage: Stage) -> None:
    number = stage.allowed()
    stage.gate.take([stage.execution(number, "4", "x.9"), stage.execution(number, "5", "x.10")])
    assert stage.reserved() == (5, 5, 0)


def test_a_correction_of_a_price_changes_the_average(stage: Stage) -> None:
    number = stage.allowed()
    stage.gate.take([stage.execution(number, "10", "x.01", price="190")])
    stage.gate.take([stage.execution(number, "10", "x.02", price="189")])
    view = stage.gate.order(number)
    assert view is not None
    assert view.avg_fill_price == 189


def test_a_correction_may_take_a_complete_fill_back(stage: Stage) -> None:
    number = stage.allowed()
    stage.gate.take([stage.execution(number, "10", "x.01")])
    stage.gate.take([stage.execution(number, "4", "x.02")])
    assert stage.gate.ledger.orders[number].status is Status.PARTIALLY_FILLED
    assert stage.reserved() == (4, 6, 0)


def test_a_late_fill_after_a_cancel_counts_and_reserves_nothing(stage: Stage) -> None:
    number = stage.allowed()
    stage.says(number, Status.CANCELLED)
    stage.gate.take([stage.execution(number, "4", "a.01")])
    assert stage.gate.ledger.orders[number].status is Status.CANCELLED
    assert stage.reserved() == (4, 0, 0)
    stage.gate.take([stage.execution(number, "6", "b.01")])
    assert stage.gate.ledger.orders[number].status is Status.FILLED
    assert stage.reserved() == (10, 0, 0)


def test_a_fill_of_what_was_never_sent_counts(stage: Stage) -> None:
    number = stage.allowed()
    stage.gate.take([never_sent(number), stage.execution(number, "4")])
    assert stage.gate.ledger.orders[number].status is Status.PARTIALLY_FILLED
    assert stage.reserved() == (4, 6, 0)


def test_what_is_filled_was_sent_whatever_is_said_of_it(stage: Stage) -> None:
    number = stage.allowed()
    stage.gate.take([stage.execution(number, "4"), never_sent(number)])
    assert stage.gate.ledger.orders[number].status is Status.PARTIALLY_FILLED
    assert stage.reserved() == (4, 6, 0)


def test_an_overfill_is_counted_and_releases_no_more_than_was_reserved(stage: Stage) -> None:
    number = stage.allowed()
    stage.gate.take([stage.execution(number, "12")])
    assert stage.reserved() == (12, 0, 0)
    assert stage.gate.ledger.orders[number].status is Status.FILLED


def test_a_fill_of_nobodys_order_moves_the_position_once(stage: Stage) -> None:
    stage.gate.take([stage.execution(0, "7", "manual.01")] * 2)
    assert stage.reserved() == (7, 0, 0)
    (fill,) = stage.gate.fills()
    assert (fill.order_id, fill.account) == (0, ACCOUNT)


def test_a_fill_of_an_order_that_the_journal_does_not_know_counts(stage: Stage) -> None:
    execution = ExecutionReport(
        execution_id="lost.01",
        order_id=4711,
        account=ACCOUNT,
        instrument=stage.instrument(),
        side=Side.SELL,
        quantity=Decimal(5),
        price=Decimal(190),
        at=stage.clock.now(),
    )
    stage.gate.take([execution])
    assert stage.reserved() == (-5, 0, 0)


# --- commissions ---------------------------------------------------------------------------------


@pytest.mark.parametrize("first", ["commission", "execution"])
def test_a_commission_may_come_before_or_after_its_execution(stage: Stage, first: str) -> None:
    number = stage.allowed()
    reports: list[Payload] = [commission("x.01", "1.25"), stage.execution(number, "10", "x.01")]
    stage.gate.take(reports if first == "commission" else reports[::-1])
    view = stage.gate.order(number)
    assert view is not None
    assert view.commission == Decimal("1.25")


def test_without_a_commission_a_fill_cost_nothing_known(stage: Stage) -> None:
    number = stage.allowed()
    stage.gate.take([stage.execution(number, "10")])
    (fill,) = stage.gate.fills(number)
    view = stage.gate.order(number)
    assert fill.commission is None
    assert view is not None
    assert view.commission == 0


def test_a_commission_is_kept_through_a_correction(stage: Stage) -> None:
    number = stage.allowed()
    stage.gate.take([stage.execution(number, "10", "x.01"), commission("x.01", "1.25")])
    stage.gate.take([stage.execution(number, "9", "x.02")])
    (fill,) = stage.gate.fills(number)
    assert fill.quantity == 9
    assert fill.commission == Decimal("1.25")


def test_a_commission_of_a_foreign_fill_is_kept_too(stage: Stage) -> None:
    stage.gate.take([stage.execution(0, "7", "manual.01"), commission("manual.01", "2")])
    (fill,) = stage.gate.fills()
    assert fill.commission == 2


# --- statuses ------------------------------------------------------------------------------------


def test_stale_statuses_do_not_wake_a_finished_order(stage: Stage) -> None:
    number = stage.allowed()
    stage.gate.take([stage.execution(number, "10")])
    for status in (Status.SUBMITTED, Status.PENDING_CANCEL, Status.CANCELLED, Status.INACTIVE):
        stage.says(number, status)
        assert stage.gate.ledger.orders[number].status is Status.FILLED


def test_filled_is_believed_only_of_what_was_executed(stage: Stage) -> None:
    number = stage.allowed()
    stage.says(number, Status.FILLED)
    assert stage.gate.ledger.orders[number].status is Status.PENDING_SUBMIT
    assert stage.reserved() == (0, 10, 0)


def test_an_unknown_order_keeps_its_reservation_until_it_is_known_again(stage: Stage) -> None:
    number = stage.allowed()
    stage.says(number, Status.UNKNOWN)
    assert stage.reserved() == (0, 10, 0)
    stage.says(number, Status.SUBMITTED)
    assert stage.gate.ledger.orders[number].status is Status.SUBMITTED


def test_inactive_keeps_its_reservation_and_a_reject_releases_it(stage: Stage) -> None:
    number = stage.allowed()
    stage.says(number, Status.INACTIVE)
    assert stage.reserved() == (0, 10, 0)
    stage.says(number, Status.REJECTED)
    assert stage.reserved() == (0, 0, 0)


def test_a_status_brings_numbers_and_a_reason(stage: Stage) -> None:
    number = stage.allowed()
    stage.gate.take([Sent(order_id=number, broker_order_id=31, client_id=7)])
    report = StatusReport(
        order_id=number, status=Status.CANCELLED, perm_id=99, broker_order_id=32, reason="by TWS"
    )
    stage.gate.take([report])
    view = stage.gate.order(number)
    assert view is not None
    assert (view.broker_order_id, view.client_id, view.perm_id) == (32, 7, 99)
    assert view.reason == "by TWS"


def test_a_status_without_numbers_keeps_those_that_are_known(stage: Stage) -> None:
    number = stage.allowed()
    stage.gate.take([Sent(order_id=number, broker_order_id=31, client_id=7)])
    stage.says(number, Status.SUBMITTED)
    view = stage.gate.order(number)
    assert view is not None
    assert (view.broker_order_id, view.perm_id) == (31, 0)


def test_an_error_is_a_reason_and_releases_nothing(stage: Stage) -> None:
    number = stage.allowed()
    stage.gate.take([ErrorReport(order_id=number, code=10349, text="tif was set to DAY")])
    view = stage.gate.order(number)
    assert view is not None
    assert view.reason == "10349: tif was set to DAY"
    assert stage.reserved() == (0, 10, 0)


@pytest.mark.parametrize(
    "report",
    [
        Sent(order_id=99, broker_order_id=1, client_id=1),
        never_sent(99),
        CancelNotSent(order_id=99, text="gone"),
        CancelNotSent(order_id=0, text="the cancel of everything"),
        StatusReport(order_id=99, status=Status.SUBMITTED),
        OrderEcho(order_id=99, quantity=Decimal(1)),
        ErrorReport(order_id=99, code=201, text="rejected"),
        CancelRequested(order_id=99),
        commission("nobody.01", "1"),
        Note(text="a word for the auditor"),
    ],
    ids=lambda report: type(report).__name__,
)
def test_what_is_said_of_nobodys_order_changes_no_order(stage: Stage, report: StatusReport) -> None:
    before = stage.facts()
    stage.gate.take([report])
    assert stage.facts() == before


# --- never sent ----------------------------------------------------------------------------------


def test_what_was_never_sent_releases_exactly_once(stage: Stage) -> None:
    number = stage.allowed()
    stage.allowed("BUY 20 AAPL LMT 189")
    stage.gate.take([never_sent(number), never_sent(number)])
    assert stage.gate.ledger.orders[number].status is Status.NEVER_SENT
    assert stage.reserved() == (0, 20, 0)


def test_what_was_never_sent_is_none_of_todays_orders(stage: Stage) -> None:
    before = stage.facts()["readings"]
    number = stage.allowed()
    assert stage.facts()["readings"] != before
    stage.clock.advance(timedelta(seconds=10))
    stage.gate.take([never_sent(number)])
    assert stage.facts()["readings"] == before


def test_an_order_that_is_cancelled_before_it_leaves_was_never_sent(stage: Stage) -> None:
    number = stage.allowed()
    stage.gate.cancel(number)
    stage.gate.take([never_sent(number)])
    assert stage.gate.ledger.orders[number].status is Status.NEVER_SENT
    assert stage.reserved() == (0, 0, 0)


def test_yesterdays_news_is_none_of_todays_volume(stage: Stage) -> None:
    number = stage.allowed("BUY 20 AAPL LMT 190 GTC")
    late = stage.execution(number, "5", "late.01")
    unsent = stage.allowed("BUY 1 MSFT LMT 400 GTC")
    stage.clock.advance(timedelta(days=1))
    stage.quote("AAPL", "189.99", "190.01")
    stage.allowed("BUY 1 AAPL LMT 190")
    before = stage.facts()["readings"]
    stage.gate.take([late])
    stage.gate.take([stage.execution(number, "4", "late.02")])
    assert stage.reserved() == (4, 17, 0)
    stage.gate.take([never_sent(unsent)])
    assert stage.gate.ledger.orders[unsent].status is Status.NEVER_SENT
    assert stage.facts()["readings"] != before


# --- foreign orders and positions ----------------------------------------------------------------


def foreign(stage: Stage, line: str, remaining: str) -> ForeignOrder:
    return ForeignOrder(
        perm_id=5,
        order=Order.parse(f"{line} account={ACCOUNT}"),
        instrument=stage.instrument(),
        remaining=Decimal(remaining),
        status=Status.SUBMITTED,
    )


def test_foreign_orders_count_towards_the_worst_case_and_are_replaced_as_a_whole(
    stage: Stage,
) -> None:
    stage.gate.take([ForeignReported(orders=(foreign(stage, "BUY 90 AAPL LMT 190", "60"),))])
    assert stage.reserved() == (0, 60, 0)
    assert stage.gate.submit("BUY 41 AAPL LMT 190").decision.by == ("desk/position",)
    stage.gate.take([ForeignReported(orders=(foreign(stage, "SELL 5 AAPL LMT 191", "5"),))])
    assert stage.reserved() == (0, 0, 5)
    stage.gate.take([ForeignReported(orders=())])
    assert stage.reserved() == (0, 0, 0)


def test_reported_positions_are_taken_over_as_they_are(stage: Stage) -> None:
    held = Position(account=ACCOUNT, instrument=stage.instrument(), quantity=Decimal(60))
    stage.gate.take([PositionsReported(positions=(held,))])
    stage.gate.take([PositionsReported(positions=(held,))])
    assert stage.reserved() == (60, 0, 0)
    assert stage.gate.ledger.holdings.positions() == {(ACCOUNT, "AAPL"): 60}
    assert stage.gate.submit("BUY 41 AAPL LMT 190").decision.by == ("desk/position",)


def test_a_fill_dated_ahead_of_our_clock_begins_no_trading_day(stage: Stage) -> None:
    number = stage.allowed()
    stage.gate.take([stage.execution(number, "4", "a.01")])
    ahead = msgspec.structs.replace(
        stage.execution(number, "6", "b.01"), at=stage.clock.now() + timedelta(hours=14)
    )
    stage.gate.take([ahead])
    recorded = stage.gate.submit("BUY 1 AAPL LMT 190")
    decided = stage.journal.payloads()[-1]
    assert recorded.allowed
    assert isinstance(decided, Decided)
    assert decided.snapshot is not None
    day = decided.snapshot.readings["desk/day"]
    assert isinstance(day, DayReading)
    assert day.executed_quantity == 10
