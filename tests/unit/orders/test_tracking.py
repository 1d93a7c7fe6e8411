"""ExecutionTracker: fills by their stems, what they cost, and the orders of a period."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from riskgate.errors import OrderError, PeriodError
from riskgate.model.lifecycle import Status
from riskgate.model.report import CommissionReport, Fill
from riskgate.orders import ExecutionStats, ExecutionTracker
from tests.unit.line.parent_steps import LINE, TWAP, fill_all, passed

if TYPE_CHECKING:
    from tests.unit.conftest import Stage

DAY = date(2026, 3, 2)


@pytest.fixture
def tracker(stage: Stage) -> ExecutionTracker:
    return ExecutionTracker(stage.gate)


def given(**more: object) -> dict[str, object]:
    fields = {
        "execution_id": "0009.01",
        "order_id": 1,
        "symbol": "AAPL",
        "side": "buy",
        "quantity": 4,
        "price": 190.5,
        "timestamp": "2026-03-02T17:00:01+00:00",
    }
    return {**fields, **more}


def test_the_gates_own_fills_are_there_oldest_first(
    tracker: ExecutionTracker, stage: Stage
) -> None:
    number = stage.sent()
    stage.gate.take([stage.execution(number, "4", "0002.01", "189")])
    stage.clock.advance(timedelta(seconds=1))
    stage.gate.take([stage.execution(number, "2", "0001.01", "192")])
    assert [fill.execution_id for fill in tracker.get_fills(number)] == ["0002.01", "0001.01"]
    assert tracker.calculate_avg_fill_price(number) == 190
    assert tracker.get_fills(99) == []
    assert tracker.calculate_avg_fill_price(99) is None


def test_an_execution_is_tracked_once_and_a_revision_replaces_it(
    tracker: ExecutionTracker, stage: Stage
) -> None:
    for execution_id, price in (("0009.01", 190.5), ("0009.02", 190.25), ("0009.01", 1.0)):
        tracker.track_execution(given(execution_id=execution_id, price=price))
        tracker.track_execution(given(execution_id=execution_id, price=price))
    (fill,) = tracker.get_fills(1)
    assert (fill.execution_id, fill.price) == ("0009.02", Decimal("190.25"))
    assert stage.gate.fills() == (), "no position is moved by what is only tracked"
    assert stage.reserved() == (0, 0, 0)


def test_what_the_gate_knows_already_does_not_count_twice(
    tracker: ExecutionTracker, stage: Stage
) -> None:
    number = stage.sent()
    report = stage.execution(number, "4", "0001.02")
    stage.gate.take([report])
    tracker.track_execution(report)
    tracker.track_execution(msgspec.structs.replace(report, execution_id="0001.01"))
    (fill,) = stage.gate.fills(number)
    tracker.track_execution(fill)
    assert tracker.get_fills(number) == [fill]
    later = msgspec.structs.replace(report, execution_id="0001.03", quantity=Decimal(3))
    tracker.track_execution(later)
    assert [one.quantity for one in tracker.get_fills(number)] == [3]


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"price": "high"}, "price"),
        ({"price": float("nan")}, "must be finite"),
        ({"quantity": -1}, "at least 0"),
        ({"side": "HOLD"}, "side"),
        ({"timestamp": "2026-03-02T17:00:01"}, "offset"),
        ({"pirce": 1}, "unknown fields pirce"),
        ({"order_id": None}, "order_id"),
    ],
)
def test_what_is_no_execution_is_refused_by_name(
    tracker: ExecutionTracker, wrong: dict[str, object], says: str
) -> None:
    with pytest.raises(OrderError, match=says):
        tracker.track_execution(given(**wrong))


def test_what_is_nothing_of_the_sort_is_refused(tracker: ExecutionTracker) -> None:
    with pytest.raises(OrderError, match="found int"):
        tracker.track_execution(42)  # type: ignore[arg-type]  # a stranger's mistake


def test_slippage_is_a_cost_against_the_mid_at_the_decision(
    tracker: ExecutionTracker, stage: Stage
) -> None:
    bought = stage.sent("BUY 10 AAPL LMT 195")
    sold = stage.sent("SELL 10 MSFT LMT 390")
    stage.quote("AAPL", "199.99", "200.01")
    stage.gate.take([stage.execution(bought, "10", "0001.01", "190.19")])
    stage.gate.take([stage.execution(sold, "10", "0002.01", "400.40")])
    cost, gain = (tracker.calculate_slippage(number) for number in (bought, sold))
    assert cost is not None
    assert gain is not None
    assert (cost.arrival, cost.price, cost.bps) == (Decimal(190), Decimal("0.19"), Decimal(10))
    assert (gain.arrival, gain.price, gain.bps) == (Decimal(400), Decimal("-0.40"), Decimal(-10))


def test_slippage_is_not_known_without_fills_or_for_nobodys_order(
    tracker: ExecutionTracker, stage: Stage
) -> None:
    assert tracker.calculate_slippage(stage.sent()) is None
    tracker.track_execution(given(order_id=77))
    assert tracker.calculate_slippage(77) is None


def test_the_arrival_price_survives_a_restart(stage: Stage) -> None:
    number = stage.sent("BUY 10 AAPL LMT 195")
    stage.gate.take([stage.execution(number, "10", "0001.01", "190.19")])
    found = ExecutionTracker(stage.restarted()).calculate_slippage(number)
    assert found is not None
    assert found.bps == 10


def test_the_stats_of_a_day_count_each_order_as_what_became_of_it(
    tracker: ExecutionTracker, stage: Stage
) -> None:
    filled, cut, dead, gone, late = (stage.sent() for _ in range(5))
    stage.gate.submit("BUY 1000 AAPL LMT 190")
    stage.clock.advance(timedelta(seconds=4))
    stage.gate.take([stage.execution(filled, "10", "0001.01", "190.19")])
    stage.gate.take([CommissionReport(execution_id="0001.01", amount=Decimal(1), currency="USD")])
    stage.gate.take([stage.execution(cut, "5", "0002.01", "190")])
    stage.says(cut, Status.CANCELLED)
    stage.says(dead, Status.REJECTED)
    stage.says(gone, Status.CANCELLED)
    assert tracker.get_execution_stats(DAY, DAY) == ExecutionStats(
        total_orders=6,
        filled_orders=1,
        cancelled_orders=2,
        rejected_orders=1,
        avg_fill_time=timedelta(seconds=4),
        avg_slippage=Decimal(5),
        total_commission=Decimal(1),
        denied_orders=1,
        fill_rate=Decimal("0.3"),
        commissions={"USD": Decimal(1)},
    )
    assert late


def test_the_stats_of_another_day_are_empty(tracker: ExecutionTracker, stage: Stage) -> None:
    stage.sent()
    tomorrow = DAY + timedelta(days=1)
    assert tracker.get_execution_stats(tomorrow, tomorrow) == ExecutionStats()
    assert tracker.get_execution_stats(DAY - timedelta(days=1), DAY).total_orders == 1
    now = stage.clock.now()
    assert tracker.get_execution_stats(now, now + timedelta(seconds=1)).total_orders == 1
    assert tracker.get_execution_stats(now - timedelta(days=1), now).total_orders == 0


def test_commissions_of_several_currencies_have_no_total(
    tracker: ExecutionTracker, stage: Stage
) -> None:
    number = stage.sent()
    for execution_id, currency in (("0001.01", "USD"), ("0002.01", "EUR")):
        tracker.track_execution(
            given(order_id=number, execution_id=execution_id, commission="1", currency=currency)
        )
    stats = tracker.get_execution_stats(DAY, DAY)
    assert stats.total_commission is None
    assert stats.commissions == {"EUR": Decimal(1), "USD": Decimal(1)}


def test_a_time_without_an_offset_is_refused(tracker: ExecutionTracker) -> None:
    with pytest.raises(ValueError, match="no offset"):
        tracker.get_execution_stats(datetime(2026, 3, 2), DAY)  # noqa: DTZ001  # what is refused


def test_a_fill_has_the_fields_of_the_brief() -> None:
    named = "execution_id order_id symbol side quantity price commission timestamp"
    assert set(named.split()) <= set(Fill.__struct_fields__)


def test_a_period_may_be_stated_as_text(tracker: ExecutionTracker, stage: Stage) -> None:
    stage.sent()
    assert tracker.get_execution_stats("2026-03-02", "2026-03-02").total_orders == 1
    hours = ("2026-03-02T00:00:00+00:00", "2026-03-03T00:00:00Z")
    assert tracker.get_execution_stats(*hours).total_orders == 1


@pytest.mark.parametrize("wrong", ["yesterday", "2026-11-31", "", 20260302, None])
def test_what_is_no_period_is_refused_with_what_to_write(
    tracker: ExecutionTracker,
    wrong: Any,  # noqa: ANN401  # what nobody should give
) -> None:
    with pytest.raises(PeriodError, match=r"neither a day nor a time; .* 2026-03-02"):
        tracker.get_execution_stats(wrong, DAY)
    with pytest.raises(ValueError, match="has no offset"):
        tracker.get_execution_stats(DAY, "2026-03-02T10:00:00")


def test_an_order_that_is_worked_off_counts_by_its_slices(
    tracker: ExecutionTracker, stage: Stage
) -> None:
    parent = stage.gate.work(LINE, TWAP)
    passed(stage)
    passed(stage)
    fill_all(stage, parent)
    stats = tracker.get_execution_stats(DAY, DAY)
    slices = [stage.gate.ledger.orders[number] for number in parent.slices]
    assert len(slices) > 1
    assert (stats.total_orders, stats.filled_orders) == (len(slices), len(slices))
    assert stats.fill_rate == 1
