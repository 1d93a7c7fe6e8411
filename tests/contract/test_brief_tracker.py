"""The brief's ExecutionTracker, method by method, with a real client on the simulator."""

from __future__ import annotations

import queue
import sys
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from riskgate.orders import ExecutionStats, ExecutionTracker, OrderStatus
from riskgate.simulator import Faults
from tests.contract.brief_desk import DAY, PATIENCE, Desk, opened, untested


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with opened(tmp_path, Faults()) as found:
        yield found


def test_track_execution(desk: Desk) -> None:
    order = desk.orders.place_market_order("AAPL", 100, "BUY")
    desk.reaches(order.order_id, OrderStatus.FILLED)
    (fill,) = desk.tracker.get_fills(order.order_id)
    desk.tracker.track_execution(fill)
    assert len(desk.tracker.get_fills(order.order_id)) == 1
    elsewhere = {
        "execution_id": "ffff.01",
        "order_id": order.order_id,
        "symbol": "AAPL",
        "side": "BUY",
        "quantity": "50",
        "price": "190.31",
        "timestamp": "2026-03-02T15:00:30+00:00",
    }
    desk.tracker.track_execution(elsewhere)
    assert desk.tracker.calculate_avg_fill_price(order.order_id) == Decimal("190.11")
    assert desk.gate.fills() == (fill,)


def test_get_fills(desk: Desk) -> None:
    order = desk.orders.place_market_order("AAPL", 100, "BUY")
    desk.reaches(order.order_id, OrderStatus.FILLED)
    known = desk.gate.wait_for(
        lambda: desk.tracker.get_fills(order.order_id)[0].commission is not None, PATIENCE
    )
    assert known, "its commission has come"
    (fill,) = desk.tracker.get_fills(order.order_id)
    assert (fill.symbol, fill.order_id, fill.quantity) == ("AAPL", order.order_id, Decimal(100))


def test_calculate_avg_fill_price(desk: Desk) -> None:
    order = desk.orders.place_market_order("AAPL", 100, "BUY")
    desk.reaches(order.order_id, OrderStatus.FILLED)
    assert desk.tracker.calculate_avg_fill_price(order.order_id) == Decimal("190.01")


def test_calculate_slippage(desk: Desk) -> None:
    bought = desk.orders.place_market_order("AAPL", 100, "BUY")
    desk.reaches(bought.order_id, OrderStatus.FILLED)
    sold = desk.orders.place_market_order("AAPL", 100, "SELL")
    desk.reaches(sold.order_id, OrderStatus.FILLED)
    for order in (bought, sold):
        cost = desk.tracker.calculate_slippage(order.order_id)
        assert cost is not None
        assert (cost.arrival, cost.price) == (Decimal(190), Decimal("0.01")), "half the spread"


def test_get_execution_stats(desk: Desk) -> None:
    filled = desk.orders.place_market_order("AAPL", 100, "BUY")
    desk.reaches(filled.order_id, OrderStatus.FILLED)
    working = desk.orders.place_limit_order("AAPL", 100, Decimal("189.00"), "BUY")
    desk.reaches(working.order_id, OrderStatus.SUBMITTED)
    assert desk.orders.cancel_order(working.order_id)
    desk.orders.place_market_order("AAPL", 1000, "BUY")
    charged = desk.gate.wait_for(
        lambda: bool(desk.tracker.get_execution_stats(DAY, DAY).commissions), PATIENCE
    )
    assert charged
    stats = desk.tracker.get_execution_stats(DAY, DAY)
    counted = (stats.total_orders, stats.filled_orders, stats.cancelled_orders)
    assert (*counted, stats.rejected_orders, stats.denied_orders) == (3, 1, 1, 0, 1)
    assert stats.avg_fill_time is not None
    assert (stats.avg_slippage or 0) > 0
    assert (stats.total_commission or 0) > 0
    assert stats.fill_rate == Decimal("0.5")


def test_get_execution_quality(desk: Desk) -> None:
    order = desk.orders.place_market_order("AAPL", 100, "BUY")
    desk.reaches(order.order_id, OrderStatus.FILLED)
    charged = desk.gate.wait_for(
        lambda: bool(desk.tracker.get_execution_quality(DAY, DAY).shortfall), PATIENCE
    )
    assert charged, "once its commission has come, nothing of its shortfall is unknown"
    found = desk.tracker.get_execution_quality(DAY, DAY)
    lost = found.shortfall["USD"]
    parts = [lost.delay, lost.execution, lost.opportunity]
    assert parts == [Decimal(0), Decimal(1), Decimal(0)], "100 x 0.01 over the mid"
    assert lost.total == 1 + lost.fees == 1 + found.fees["USD"].amount
    assert (found.improvement.amount, found.improvement.same) == ({"USD": Decimal(0)}, Decimal(1))
    times = found.times
    assert times.sent.count == times.acknowledged.count == times.first_fill.count == 1
    assert found.order_efficiency == Decimal("0.5"), "one message for one executed order, and one"


def test_on_stats(desk: Desk) -> None:
    heard: queue.SimpleQueue[ExecutionStats] = queue.SimpleQueue()
    desk.tracker.on_stats(heard.put, DAY, DAY)
    order = desk.orders.place_market_order("AAPL", 100, "BUY")
    desk.reaches(order.order_id, OrderStatus.FILLED)
    stats = heard.get(timeout=PATIENCE)
    while not stats.commissions:
        stats = heard.get(timeout=PATIENCE)
    assert (stats.filled_orders, stats.fill_rate) == (1, Decimal(1))
    assert stats == desk.tracker.get_execution_stats(DAY, DAY)
    desk.tracker.close()


def test_the_brief_names_every_public_method_or_a_test_here_does() -> None:
    assert untested(ExecutionTracker, sys.modules[__name__]) == []
