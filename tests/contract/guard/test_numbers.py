"""Whose an order is that a script names by a made-up number, an old one or another client's."""

from __future__ import annotations

from riskgate.brokers.ib.questions import FIRST_REQUEST
from tests.contract.guard.conftest import Script, messages


def test_a_denied_order_is_tried_again_after_a_reconnect_as_what_it_is(script: Script) -> None:
    denied = script.module.LimitOrder("BUY", 501, 150)
    script.ib.placeOrder(script.stock(), denied)
    script.ib.disconnect()
    script.connect()
    contract = script.stock()
    parts = [script.module.LimitOrder("BUY", 3, 100, transmit=False) for _ in range(3)]
    for part in parts:
        script.ib.placeOrder(contract, part)
    assert denied.orderId not in {part.orderId for part in parts}
    denied.totalQuantity = 7
    trade = script.ib.placeOrder(contract, denied)
    script.until_status(trade, "Submitted")
    assert script.quantities() == [7]


def test_a_denied_bracket_is_tried_again_after_a_reconnect(script: Script) -> None:
    orders = script.ib.bracketOrder("BUY", 501, 150, 160, 140)
    for order in orders:
        script.ib.placeOrder(script.stock(), order)
    script.ib.disconnect()
    script.connect()
    contract = script.stock()
    for order in orders:
        order.totalQuantity = 9
        script.ib.placeOrder(contract, order)
    script.sim.wait_for(lambda: len(script.sent()) == 3)
    assert script.quantities() == [9, 9, 9]
    assert {order.parentId for order in orders[1:]} == {orders[0].orderId}


def test_numbers_that_a_script_makes_up_are_replaced_and_parts_keep_together(
    script: Script,
) -> None:
    contract = script.stock()
    orders = script.ib.bracketOrder("BUY", 9, 150, 160, 140)
    for place, order in enumerate(orders):
        order.orderId, order.parentId = 500 + place, 500 if place else 0
        script.ib.placeOrder(contract, order)
    script.sim.wait_for(lambda: len(script.sent()) == 3)
    assert {order.parentId for order in orders[1:]} == {orders[0].orderId}


def test_a_made_up_number_never_becomes_that_of_another_order(script: Script) -> None:
    contract = script.stock()
    first = script.ib.placeOrder(contract, script.module.LimitOrder("BUY", 1, 150))
    part = script.module.LimitOrder("BUY", 20, 100, transmit=False)
    part.orderId = first.order.orderId + 1
    script.ib.placeOrder(contract, part)
    assert part.orderId >= FIRST_REQUEST
    second = script.ib.placeOrder(contract, script.module.LimitOrder("BUY", 10, 150))
    part.transmit = True
    third = script.ib.placeOrder(contract, part)
    script.until_status(third, "Submitted")
    assert third is not second
    assert second.order.totalQuantity == 10
    assert script.quantities() == [1, 10, 20]


def test_an_order_of_another_client_with_the_number_of_ours_is_not_ours(script: Script) -> None:
    contract = script.stock()
    trade = script.ib.placeOrder(contract, script.module.LimitOrder("BUY", 10, 150))
    number = trade.order.orderId
    for client_id, perm_id in ((3, 0), (3, 99), (0, 99)):
        order = script.module.LimitOrder("BUY", 20, 100, orderId=number)
        order.clientId, order.permId = client_id, perm_id
        script.ib.cancelOrder(order)
        script.ib.placeOrder(contract, order)
    script.until_status(trade, "Submitted")
    assert (trade.order.totalQuantity, "cancelOrder" in script.sent()) == (10, False)


def test_a_cancel_of_one_order_that_is_made_ready_leaves_the_others(script: Script) -> None:
    first, second = (
        script.ib.placeOrder(
            script.module.Stock(symbol, "SMART", "USD"), script.module.LimitOrder("BUY", 10, 150)
        )
        for symbol in ("AAPL", "MSFT")
    )
    script.ib.cancelOrder(first.order)
    assert messages(first)[-1] == "cancelled before it was judged by riskgate"
    script.until_status(second, "Submitted")
    assert script.quantities() == [10]
