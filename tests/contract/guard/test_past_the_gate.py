"""What would go past the gate is refused, whoever tries and however."""

from __future__ import annotations

import struct
from collections.abc import Callable

import pytest

from riskgate.brokers.ib.guarded_wire import ORDER_MESSAGES, PastTheGate
from riskgate.errors import RiskgateError
from tests.contract.guard.conftest import Its, MakeScript, Script

GREETING = b"API\0" + struct.pack(">I", 9) + b"v157..176"


def attempts(ib: Its, module: Its) -> dict[str, Callable[[], object]]:
    contract = module.Stock("AAPL", "SMART", "USD")
    order = module.MarketOrder("BUY", 1)
    raw = b"58\x001\x00"
    framed = struct.pack(">I", len(raw)) + raw
    return {
        "placeOrder": lambda: ib.client.placeOrder(1, contract, order),
        "cancelOrder": lambda: ib.client.cancelOrder(1),
        "reqGlobalCancel": ib.client.reqGlobalCancel,
        "exerciseOptions": lambda: ib.client.exerciseOptions(1, contract, 1, 1, "DU1", 0),
        "the class's placeOrder": lambda: type(ib).placeOrder(ib, contract, order),
        "the class's cancelOrder": lambda: type(ib).cancelOrder(ib, order),
        "the class's global cancel": lambda: type(ib).reqGlobalCancel(ib),
        "the client's class": lambda: type(ib.client).placeOrder(ib.client, 1, contract, order),
        "send": lambda: ib.client.send(58, 1),
        "send as text": lambda: ib.client.send("3", 1),
        "send with a sign": lambda: ib.client.send("+058", 1),
        "sendMsg": lambda: ib.client.sendMsg("4\x001\x001\x00\x00"),
        "conn.sendMsg": lambda: ib.client.conn.sendMsg(framed),
        "in pieces": lambda: ib.client.conn.sendMsg(framed[:4]),
        "behind a greeting": lambda: ib.client.conn.sendMsg(b"API\0" + framed),
        "behind a whole greeting": lambda: ib.client.conn.sendMsg(GREETING + framed),
        "in digits of another script": lambda: ib.client.sendMsg("\u0665\u0668\x001\x00"),
        "with an underscore": lambda: ib.client.sendMsg("5_8\x001\x00"),
        "behind another": lambda: ib.client.conn.sendMsg(
            struct.pack(">I", 5) + b"49\x001\x00"[:5] + framed
        ),
    }


NAMES = (
    *("placeOrder", "cancelOrder", "reqGlobalCancel", "exerciseOptions"),
    *("the class's placeOrder", "the class's cancelOrder", "the class's global cancel"),
    *("the client's class", "send", "send as text", "send with a sign", "sendMsg", "conn.sendMsg"),
    *("in pieces", "behind another", "behind a greeting", "behind a whole greeting"),
    *("in digits of another script", "with an underscore"),
)


@pytest.mark.parametrize("name", NAMES)
def test_what_would_go_past_the_gate_is_refused(script: Script, name: str) -> None:
    with pytest.raises(PastTheGate, match="nothing was sent") as caught:
        attempts(script.ib, script.module)[name]()
    assert isinstance(caught.value, RiskgateError)
    script.ib.reqCurrentTime()  # the connection is as good as before
    assert script.sent() == []


@pytest.mark.parametrize("name", ["placeOrder", "send", "conn.sendMsg"])
def test_it_is_refused_before_a_connection_and_after(make_script: MakeScript, name: str) -> None:
    script = make_script()
    with pytest.raises((PastTheGate, ConnectionError)):
        attempts(script.ib, script.module)[name]()
    script.connect()
    script.ib.disconnect()
    with pytest.raises((PastTheGate, ConnectionError)):
        attempts(script.ib, script.module)[name]()
    with pytest.raises(PastTheGate):
        attempts(script.ib, script.module)["placeOrder"]()
    assert script.sent() == []


def test_an_event_handler_cannot_slip_through_while_the_gate_makes_a_trade(
    script: Script,
) -> None:
    found: list[object] = []

    def slip(trade: Its) -> None:
        try:
            script.ib.client.placeOrder(99, trade.contract, trade.order)
        except PastTheGate as error:
            found.append(error)

    contract = script.stock()
    script.ib.newOrderEvent += slip
    trade = script.ib.placeOrder(contract, script.module.MarketOrder("BUY", 10))
    script.until_status(trade, "Filled")
    assert len(found) == 1
    assert script.sent() == ["placeOrder"]


def test_a_handler_may_place_another_order_while_a_trade_is_made(script: Script) -> None:
    contract = script.stock()
    more: list[Its] = []

    def follow_up(trade: Its) -> None:
        if not more:
            more.append(trade)
            more.append(script.ib.placeOrder(contract, script.module.MarketOrder("SELL", 5)))

    script.ib.newOrderEvent += follow_up
    trade = script.ib.placeOrder(contract, script.module.MarketOrder("BUY", 10))
    script.until_status(trade, "Filled")
    script.until_status(more[1], "Filled")
    assert set(script.quantities()) == {5, 10}


def test_order_placed_from_a_fill_handler_goes_through_the_gate(script: Script) -> None:
    contract, exits = script.stock(), []
    trade = script.ib.placeOrder(contract, script.module.MarketOrder("BUY", 10))
    trade.filledEvent += lambda _: exits.append(
        script.ib.placeOrder(contract, script.module.LimitOrder("SELL", 10, 250))
    )
    script.until(lambda: exits and exits[0].orderStatus.status == "Submitted")
    assert script.quantities() == [10, 10]


def test_whatever_else_a_script_asks_leaves_as_before(script: Script) -> None:
    ib = script.ib
    assert ib.reqCurrentTime() is not None
    assert ib.reqContractDetails(script.module.Stock("MSFT", "SMART", "USD"))
    ticker = ib.reqMktData(script.stock("MSFT"))
    script.until(lambda: ticker.bid == 409.99)
    assert [item.tag for item in ib.accountSummary()]


def test_every_attempt_is_tried(script: Script) -> None:
    assert set(attempts(script.ib, script.module)) == set(NAMES)


def test_the_messages_that_are_guarded_are_those_of_orders() -> None:
    assert sorted(ORDER_MESSAGES) == ["21", "3", "4", "58"]


@pytest.mark.parametrize(
    ("field", "value"),
    [("algoId", "x\x000\x00"), ("orderRef", "a\x00b"), ("lmtPrice", "1\x002"), ("delta", object())],
)
def test_a_question_that_could_shift_the_fields_of_its_message_is_not_asked(
    script: Script, field: str, value: object
) -> None:
    order = script.module.LimitOrder("BUY", 10, 150)
    setattr(order, field, value)
    with pytest.raises(PastTheGate, match="nothing was sent"):
        script.ib.whatIfOrderAsync(script.stock(), order)
    assert script.sent() == []
