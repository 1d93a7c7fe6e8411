"""OrderManager over a gate on a stage: each method is one step of the gate, in its words."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from riskgate.errors import OrderError
from riskgate.model.events import CancelRequested
from riskgate.model.lifecycle import Status
from riskgate.model.report import StatusReport
from riskgate.orders import IBKROrderManager, OrderManager, OrderStatus

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.unit.conftest import Stage

HOLDING = """
riskgate: 1
policy: desk
timezone: UTC
currency: USD
rules:
  - {id: size, kind: fat_finger, max_quantity: 50, on_breach: hold, because: test}
"""


@pytest.fixture
def orders(stage: Stage) -> OrderManager:
    return OrderManager(stage.gate, strategy="alpha", cancel_timeout=0.05)


def test_the_manager_has_the_name_that_ib_users_know() -> None:
    assert IBKROrderManager is OrderManager


def test_an_order_is_submitted_once_with_the_managers_strategy(
    orders: OrderManager, stage: Stage
) -> None:
    order = orders.place_limit_order("AAPL", 10, 190, "buy", tif="GTC")
    (placed,) = stage.broker.placed
    assert str(placed.order).startswith("BUY 10 AAPL LMT 190 GTC")
    assert (placed.order_id, placed.order.strategy) == (order.order_id, "alpha")
    shown = (order.symbol, order.side, order.quantity, order.limit_price, order.time_in_force)
    assert shown == ("AAPL", "BUY", Decimal(10), Decimal(190), "GTC")
    assert (order.status, order.remaining_quantity) == (Status.PENDING_SUBMIT, Decimal(10))


def test_each_kind_of_order_is_of_its_type(orders: OrderManager, stage: Stage) -> None:
    orders.place_market_order("AAPL", 10, "BUY")
    orders.place_stop_order("AAPL", 10, 195.5, "BUY")
    types = [(str(one.order.order_type), one.order.stop_price) for one in stage.broker.placed]
    assert types == [("MKT", None), ("STP", Decimal("195.5"))]


def test_a_denied_order_says_why_and_is_rejected_in_the_words_of_the_brief(
    orders: OrderManager, stage: Stage
) -> None:
    order = orders.place_market_order("AAPL", 101, "BUY")
    assert order.status is Status.DENIED
    assert "desk/position" in order.reason
    assert "limit 100" in order.reason
    assert orders.get_order_status(order.order_id) is OrderStatus.REJECTED
    ticket = orders.ticket(order.order_id)
    assert ticket is not None
    assert ticket.decision.by == ("desk/position",)
    assert stage.broker.placed == []


def test_what_is_no_order_comes_back_denied(orders: OrderManager) -> None:
    order = orders.place_limit_order("AAPL", 10, float("nan"), "HOLD", tiff="DAY")
    assert (order.order, order.status) == (None, Status.DENIED)
    assert "side" in order.reason
    assert "did you mean `tif`" in order.reason


def test_an_order_that_cannot_be_recorded_comes_back_denied_without_a_number(
    orders: OrderManager, stage: Stage
) -> None:
    stage.journal.fails_at = "begin"
    order = orders.place_market_order("AAPL", 10, "BUY")
    assert (order.order_id, order.symbol, order.status) == (0, "AAPL", Status.DENIED)
    assert "JOURNAL_UNAVAILABLE" in order.reason


def test_a_bracket_is_an_entry_with_both_its_exits(orders: OrderManager, stage: Stage) -> None:
    bracket = orders.place_bracket_order("BUY 10 AAPL LMT 190", 180, 200)
    assert bracket.allowed
    assert bracket.take_profit is not None
    assert bracket.stop_loss is not None
    assert (bracket.entry.side, bracket.take_profit.limit_price) == ("BUY", Decimal(200))
    assert (bracket.stop_loss.side, bracket.stop_loss.stop_price) == ("SELL", Decimal(180))
    assert len(stage.broker.placed) == 3


def test_a_denied_bracket_sends_nothing(orders: OrderManager, stage: Stage) -> None:
    bracket = orders.place_bracket_order("BUY 101 AAPL LMT 190", 180, 200)
    assert not bracket.allowed
    assert bracket.stop_loss is not None
    assert "GROUP_DENIED" in bracket.stop_loss.reason
    assert stage.broker.placed == []


def test_a_bracket_around_nothing_has_no_exits(orders: OrderManager) -> None:
    bracket = orders.place_bracket_order("BUY some AAPL", 180, 200)
    assert (bracket.entry.status, bracket.take_profit) == (Status.DENIED, None)
    assert not bracket.allowed


def test_a_modify_is_judged_and_handed_over(orders: OrderManager, stage: Stage) -> None:
    number = stage.sent("BUY 10 AAPL LMT 190")
    stage.says(number, Status.SUBMITTED)
    assert orders.modify_order(number, {"limit_price": 189, "quantity": 20})
    assert stage.broker.placed[-1].replaces
    assert not orders.modify_order(number, {"quantity": 101})
    assert not orders.modify_order(number, {"side": "SELL"})
    assert not orders.modify_order(99, {"quantity": 5})
    stage.broker.away = True
    assert not orders.modify_order(number, {"quantity": 30})


@pytest.mark.parametrize("name", ["actor", "order_id"])
def test_what_is_no_term_of_an_order_cannot_be_modified(orders: OrderManager, name: str) -> None:
    with pytest.raises(OrderError, match=f"{name} cannot be modified"):
        orders.modify_order(1, {name: 5})


def test_a_cancel_that_nobody_confirms_is_not_confirmed(orders: OrderManager, stage: Stage) -> None:
    number = stage.sent()
    assert not orders.cancel_order(number)
    assert orders.get_order_status(number) is OrderStatus.PENDING_CANCEL
    assert isinstance(stage.journal.payloads()[-1], CancelRequested)


def test_a_cancel_is_confirmed_by_the_brokers_word(orders: OrderManager, stage: Stage) -> None:
    number = stage.sent()
    confirmed = StatusReport(order_id=number, status=Status.CANCELLED)
    stage.broker.client_id = 1  # by which the order was sent

    def cancel(order_id: int) -> None:
        assert order_id == number
        stage.gate.keep([confirmed])

    stage.broker.cancel = cancel  # type: ignore[method-assign]
    assert orders.cancel_order(number)
    assert orders.cancel_order(number), "again is harmless"
    assert orders.get_order_status(number) is OrderStatus.CANCELLED


def test_what_filled_or_never_was_is_not_cancelled(orders: OrderManager, stage: Stage) -> None:
    number = stage.sent()
    stage.gate.take([stage.execution(number, "10")])
    assert not orders.cancel_order(number)
    assert not orders.cancel_order(99)


def test_a_held_order_is_open_until_it_is_cancelled(staged: Callable[[str], Stage]) -> None:
    stage = staged(HOLDING)
    orders = OrderManager(stage.gate)
    order = orders.place_market_order("AAPL", 60, "BUY")
    assert order.status is Status.HELD
    assert orders.get_order_status(order.order_id) is OrderStatus.PENDING_SUBMIT
    assert [one.order_id for one in orders.get_open_orders()] == [order.order_id]
    assert orders.cancel_order(order.order_id)
    assert orders.get_open_orders() == []


def test_open_orders_are_those_of_the_strategy_by_number(
    orders: OrderManager, stage: Stage
) -> None:
    first = orders.place_market_order("AAPL", 1, "BUY").order_id
    stage.allowed("BUY 1 MSFT LMT 400", strategy="beta")
    second = orders.place_market_order("AAPL", 2, "BUY").order_id
    orders.place_market_order("AAPL", 1000, "BUY")
    assert [one.order_id for one in orders.get_open_orders()] == [first, second]
    assert len(OrderManager(stage.gate).get_open_orders()) == 3


def test_an_unknown_number_is_an_error_with_its_code(orders: OrderManager) -> None:
    with pytest.raises(OrderError, match="there is no order 7") as caught:
        orders.get_order_status(7)
    assert caught.value.codes == ("UNKNOWN_ORDER",)
    assert orders.ticket(7) is None


@pytest.mark.parametrize("status", Status)
def test_every_status_has_a_nearest_of_the_eight(status: Status) -> None:
    nearest = OrderStatus.of(status)
    assert nearest.value == status.value or status.name in {
        *("PARTIALLY_FILLED", "EXPIRED", "NEVER_SENT", "DENIED", "HELD", "UNKNOWN"),
    }


def test_a_journal_that_fails_does_not_make_a_modify_true(
    orders: OrderManager, stage: Stage
) -> None:
    number = stage.sent()
    stage.journal.fails_at = "begin"
    assert not orders.modify_order(number, {"quantity": 5})
