"""The brief's OrderManager and OrderValidator, method by method, with a client on the simulator."""

from __future__ import annotations

import queue
import sys
import threading
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from riskgate.model.lifecycle import Status
from riskgate.orders import BracketOrder, Fill, Order, OrderManager, OrderStatus, OrderValidator
from riskgate.simulator import Fault, Faults, Mute, Reject, quote
from tests.contract.brief_desk import PATIENCE, Desk, opened, untested


@pytest.fixture
def desk(tmp_path: Path, faults: Faults) -> Iterator[Desk]:
    with opened(tmp_path, faults) as found:
        yield found


@pytest.fixture
def faults() -> Faults:
    return Faults()


def test_place_market_order(desk: Desk) -> None:
    order = desk.orders.place_market_order("AAPL", 100, "BUY")
    desk.reaches(order.order_id, OrderStatus.FILLED)
    assert desk.on_the_wire() == [("BUY", Decimal(100), "MKT")]
    (fill,) = desk.tracker.get_fills(order.order_id)
    assert (fill.quantity, fill.price) == (Decimal(100), Decimal("190.01"))


def test_place_market_order_that_the_gate_denies_is_never_sent(desk: Desk) -> None:
    order = desk.orders.place_market_order("AAPL", 501, "BUY")
    assert order.status is Status.DENIED
    assert "desk/held" in order.reason
    assert desk.orders.get_order_status(order.order_id) is OrderStatus.REJECTED
    assert desk.on_the_wire() == []


def test_place_limit_order(desk: Desk) -> None:
    order = desk.orders.place_limit_order("AAPL", 100, Decimal("189.50"), "BUY", tif="GTC")
    desk.reaches(order.order_id, OrderStatus.SUBMITTED)
    desk.sim.set_price("AAPL", quote("189.48", "189.49", "189.49", "189.00"))
    desk.reaches(order.order_id, OrderStatus.FILLED)
    average = desk.tracker.calculate_avg_fill_price(order.order_id)
    assert average is not None
    assert average <= Decimal("189.50")


def test_place_stop_order(desk: Desk) -> None:
    bought = desk.orders.place_market_order("AAPL", 100, "BUY")
    desk.reaches(bought.order_id, OrderStatus.FILLED)
    order = desk.orders.place_stop_order("AAPL", 100, Decimal(188), "SELL")
    desk.reaches(order.order_id, OrderStatus.PRE_SUBMITTED)
    desk.sim.set_price("AAPL", quote("187.90", "187.92", "187.91", "189.00"))
    desk.reaches(order.order_id, OrderStatus.FILLED)
    assert desk.on_the_wire()[-1] == ("SELL", Decimal(100), "STP")


def test_place_bracket_order(desk: Desk) -> None:
    bracket = desk.orders.place_bracket_order("BUY 100 AAPL MKT", 185, 195)
    assert isinstance(bracket, BracketOrder)
    assert bracket.allowed
    assert bracket.take_profit is not None
    assert bracket.stop_loss is not None
    desk.reaches(bracket.entry.order_id, OrderStatus.FILLED)
    desk.reaches(bracket.take_profit.order_id, OrderStatus.SUBMITTED)
    desk.sim.set_price("AAPL", quote("195.10", "195.12", "195.11", "189.00"))
    desk.reaches(bracket.take_profit.order_id, OrderStatus.FILLED)
    desk.reaches(bracket.stop_loss.order_id, OrderStatus.CANCELLED)
    assert desk.sim.positions().get("AAPL", Decimal(0)) == 0


def test_place_bracket_order_leaves_whole_or_not_at_all(desk: Desk) -> None:
    bracket = desk.orders.place_bracket_order("BUY 501 AAPL MKT", 185, 195)
    assert not bracket.allowed
    assert desk.on_the_wire() == []


def test_modify_order(desk: Desk) -> None:
    order = desk.orders.place_limit_order("AAPL", 100, Decimal("189.00"), "BUY")
    desk.reaches(order.order_id, OrderStatus.SUBMITTED)
    assert desk.orders.modify_order(order.order_id, {"limit_price": Decimal("190.10")})
    desk.reaches(order.order_id, OrderStatus.FILLED)
    assert not desk.orders.modify_order(order.order_id, {"quantity": 200}), "it has filled"


def test_modify_order_that_the_gate_denies_leaves_the_order_as_it_was(desk: Desk) -> None:
    order = desk.orders.place_limit_order("AAPL", 100, Decimal("189.00"), "BUY")
    desk.reaches(order.order_id, OrderStatus.SUBMITTED)
    assert not desk.orders.modify_order(order.order_id, {"quantity": 501})
    (open_,) = desk.orders.get_open_orders()
    assert open_.quantity == 100
    assert len(desk.on_the_wire()) == 1


def test_cancel_order(desk: Desk) -> None:
    order = desk.orders.place_limit_order("AAPL", 100, Decimal("189.00"), "BUY")
    desk.reaches(order.order_id, OrderStatus.SUBMITTED)
    assert desk.orders.cancel_order(order.order_id)
    assert desk.orders.get_order_status(order.order_id) is OrderStatus.CANCELLED
    assert desk.orders.cancel_order(order.order_id), "again is harmless"
    assert not desk.orders.cancel_order(12_345)


@pytest.mark.parametrize("faults", [Faults(plan=[Fault("cancelOrder", Mute())])])
def test_cancel_order_is_not_confirmed_by_silence(desk: Desk) -> None:
    patient = OrderManager(desk.gate, cancel_timeout=0.2)
    order = patient.place_limit_order("AAPL", 100, Decimal("189.00"), "BUY")
    desk.reaches(order.order_id, OrderStatus.SUBMITTED)
    assert not patient.cancel_order(order.order_id)
    assert patient.get_order_status(order.order_id) is OrderStatus.PENDING_CANCEL


@pytest.mark.parametrize("faults", [Faults(plan=[Fault("placeOrder", Reject(201, "no"), nth=1)])])
def test_get_order_status(desk: Desk) -> None:
    rejected = desk.orders.place_limit_order("AAPL", 100, Decimal("189.00"), "BUY")
    desk.reaches(rejected.order_id, OrderStatus.REJECTED)
    works = desk.orders.place_limit_order("AAPL", 100, Decimal("189.00"), "BUY")
    desk.reaches(works.order_id, OrderStatus.SUBMITTED)


def test_get_open_orders(desk: Desk) -> None:
    first = desk.orders.place_limit_order("AAPL", 100, Decimal("189.00"), "BUY")
    second = desk.orders.place_limit_order("AAPL", 50, Decimal("188.00"), "BUY")
    filled = desk.orders.place_market_order("AAPL", 10, "BUY")
    desk.reaches(filled.order_id, OrderStatus.FILLED)
    desk.gate.submit("BUY 1 AAPL LMT 189", strategy="beta")
    numbers = [order.order_id for order in desk.orders.get_open_orders()]
    assert numbers == [first.order_id, second.order_id]
    (level, *_) = desk.gate.book("AAPL").bids
    assert (level.price, level.quantity) == (Decimal(189), Decimal(101))


def test_register_fill_callback(desk: Desk) -> None:
    heard: queue.SimpleQueue[tuple[Fill, str]] = queue.SimpleQueue()
    desk.orders.register_fill_callback(
        lambda fill: heard.put((fill, threading.current_thread().name))
    )
    order = desk.orders.place_market_order("AAPL", 100, "BUY")
    fill, thread = heard.get(timeout=PATIENCE)
    assert (fill.order_id, fill.quantity, fill.side) == (order.order_id, Decimal(100), "BUY")
    assert thread.startswith("riskgate-callbacks"), "neither IB's thread nor the recorder's"


def test_register_status_callback(desk: Desk) -> None:
    heard: queue.SimpleQueue[Order] = queue.SimpleQueue()
    desk.orders.register_status_callback(heard.put)
    desk.orders.place_market_order("AAPL", 100, "BUY")
    statuses = [heard.get(timeout=PATIENCE).status]
    while statuses[-1] is not Status.FILLED:
        statuses.append(heard.get(timeout=PATIENCE).status)
    assert statuses[0] is Status.PENDING_SUBMIT
    assert len(statuses) == len(set(statuses)), "no status comes twice"


def test_register_fill_callback_loses_nothing_to_one_that_raises(desk: Desk) -> None:
    heard: list[Fill] = []

    def broken(fill: Fill) -> None:
        heard.append(fill)
        raise ValueError("out of luck")

    desk.orders.register_fill_callback(broken)
    placed = [desk.orders.place_market_order("AAPL", n, "BUY") for n in (1, 2, 3)]
    for order in placed:
        desk.reaches(order.order_id, OrderStatus.FILLED)
    desk.orders.close()
    assert sorted(int(fill.quantity) for fill in heard) == [1, 2, 3]


def test_validate_order(desk: Desk) -> None:
    good = desk.validator.validate_order("BUY 100 AAPL LMT 190 DAY")
    assert (good.valid, good.errors) == (True, ())
    bad = desk.validator.validate_order("BUY 501 AAPL LMT 250 DAY")
    assert bad.decision.by == ("desk/collar", "desk/held")
    assert len(bad.errors) == 2
    assert desk.on_the_wire() == []
    assert desk.gate.orders() == ()


def test_check_buying_power(desk: Desk) -> None:
    assert desk.validator.check_buying_power("BUY 1 AAPL LMT 190").rules == ("desk/funds",)
    assert not desk.validator.check_buying_power("BUY 10000000 AAPL LMT 190").valid


def test_check_position_limits(desk: Desk) -> None:
    assert desk.validator.check_position_limits("BUY 500 AAPL LMT 190").valid
    assert not desk.validator.check_position_limits("BUY 501 AAPL LMT 190").valid
    order = desk.orders.place_market_order("AAPL", 100, "BUY")
    desk.reaches(order.order_id, OrderStatus.FILLED)
    assert not desk.validator.check_position_limits("BUY 401 AAPL LMT 190").valid


def test_check_price_reasonability(desk: Desk) -> None:
    assert desk.validator.check_price_reasonability("BUY 1 AAPL LMT 195").valid
    hundredfold = desk.validator.check_price_reasonability("BUY 1 AAPL LMT 19000")
    assert not hundredfold.valid
    assert "desk/collar" in hundredfold.errors[0]


def test_check_market_hours(desk: Desk) -> None:
    assert desk.validator.check_market_hours("BUY 1 AAPL LMT 190").valid
    desk.sim.advance(timedelta(hours=10).total_seconds())
    assert not desk.validator.check_market_hours("BUY 1 AAPL LMT 190").valid


@pytest.mark.parametrize("made", [OrderManager, OrderValidator])
def test_the_brief_names_every_public_method_or_a_test_here_does(made: type) -> None:
    assert untested(made, sys.modules[__name__]) == []
