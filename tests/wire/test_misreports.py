"""The broker says too little, too much or the wrong thing; what it holds is right all the same."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from riskgate.simulator import (
    Bill,
    Correct,
    Fault,
    NoStatus,
    Reject,
    Repeat,
    Running,
    Silent,
    Stale,
    Warn,
    quote,
)
from riskgate.simulator.wire.codec import Message
from riskgate.simulator.wire.kinds import UNSET_REAL, Record
from tests.wire.conftest import client_library, habits

if TYPE_CHECKING:
    from tests.wire.conftest import Connect, Order, Play, Stock, Wire, WireConnect

ib = client_library()
PLAIN: Record = {"symbol": "AAPL", "secType": "STK", "exchange": "SMART", "currency": "USD"}
BUY: Record = {**PLAIN, "action": "BUY", "totalQuantity": Decimal(10), "transmit": True}
MARKET: Record = {**BUY, "orderType": "MKT", "tif": "FOK"}  # FOK: filled at once, in one piece
RESTING: Record = {**BUY, "orderType": "LMT", "lmtPrice": Decimal(150), "tif": "DAY"}
HELD = {"AAPL": Decimal(10)}


def stock() -> Stock:
    found: Stock = ib.Stock("AAPL", "SMART", "USD")
    return found


def limit(price: float = 150.0) -> Order:
    made: Order = ib.LimitOrder("BUY", 100, price, tif="DAY")
    return made


def told(client: Wire, sim: Running) -> list[Message]:
    """Everything the client was told until the broker had nothing left to do."""
    sim.settle()
    client.send("reqCurrentTime", {})
    return client.read_until("currentTime")[:-1]


def names(messages: list[Message]) -> list[str]:
    """What was said about orders and executions, in its order."""
    about = {"openOrder", "orderStatus", "execDetails", "commissionReport"}
    return [one.name for one in messages if one.name in about]


def statuses(messages: list[Message]) -> list[str]:
    return [one.text("status") for one in messages if one.name == "orderStatus"]


# -- warnings and refusals ------------------------------------------------------------------------


@pytest.mark.parametrize("code", [10349, 399])
def test_an_order_that_was_warned_about_lives_and_fills(
    sim: Running, play: Play, join: Connect, code: int
) -> None:
    sim.inject(Fault("placeOrder", Warn(code, "Order TIF was set to DAY based on order preset.")))

    async def scenario() -> None:
        async with join(sim) as desk:
            trade = desk.ib.placeOrder(stock(), limit())
            await desk.until(lambda: desk.codes(trade.order.orderId) == [code])
            assert trade.orderStatus.status == habits().called_after(code, "Submitted")
            assert [one.status for one in sim.orders()] == ["Submitted"]
            sim.set_price("AAPL", quote("149.90", "149.95", "149.95"))
            await desk.until(lambda: trade.orderStatus.status == "Filled")

    play(scenario)
    assert sim.positions() == {"AAPL": Decimal(100)}


@pytest.mark.parametrize("code", [110, 201, 321])
def test_a_change_that_is_refused_leaves_the_order_working(
    sim: Running, play: Play, join: Connect, code: int
) -> None:
    sim.inject(Fault("placeOrder", Reject(code, "no"), nth=2))

    async def scenario() -> None:
        async with join(sim) as desk:
            order = limit()
            trade = await desk.place(stock(), order, "Submitted")
            order.lmtPrice = 190.05
            desk.ib.placeOrder(trade.contract, order)
            await desk.until(lambda: desk.codes(order.orderId) == [code])
            assert trade.orderStatus.status == habits().called_after(code, "Submitted")
            assert [(one.status, one.limit) for one in sim.orders()] == [
                ("Submitted", Decimal(150))
            ]
            sim.set_price("AAPL", quote("149.90", "149.95", "149.95"))
            await desk.until(lambda: trade.orderStatus.status == "Filled")

    play(scenario)


@pytest.mark.parametrize("code", [10147, 10148, 135, 161])
def test_a_cancel_that_is_refused_leaves_the_order_working(
    sim: Running, wire: WireConnect, code: int
) -> None:
    client = wire()
    sim.inject(Fault("cancelOrder", Reject(code, "no")))
    client.send("placeOrder", {**RESTING, "orderId": 1})
    told(client, sim)
    client.send("cancelOrder", {"orderId": 1})
    (answer,) = told(client, sim)
    assert (answer.integer("reqId"), answer.integer("code")) == (1, code)
    assert [one.status for one in sim.orders()] == ["Submitted"]


@pytest.mark.parametrize(("accepts", "status"), [(False, "Submitted"), (True, "Cancelled")])
def test_a_cancel_that_is_not_answered_may_have_been_obeyed(
    sim: Running, wire: WireConnect, *, accepts: bool, status: str
) -> None:
    client = wire()
    sim.inject(Fault("cancelOrder", Silent(accepts=accepts)))
    client.send("placeOrder", {**RESTING, "orderId": 1})
    told(client, sim)
    client.send("cancelOrder", {"orderId": 1})
    assert told(client, sim) == []
    assert [one.status for one in sim.orders()] == [status]


# -- executions and commissions -------------------------------------------------------------------


def test_a_corrected_execution_counts_once_also_when_it_is_asked_for(
    sim: Running, wire: WireConnect
) -> None:
    sim.inject(Fault("execution", Correct(quantity=Decimal(7))))
    client = wire()
    client.send("placeOrder", {**MARKET, "orderId": 1})
    live = [one for one in told(client, sim) if one.name == "execDetails"]
    assert [one.number("shares") for one in live] == [10, 7]
    assert [one.text("execId")[-3:] for one in live] == [".01", ".02"]
    assert {one.text("execId")[:-3] for one in live} == {live[0].text("execId")[:-3]}
    client.send("reqExecutions", {"reqId": 5})
    again = [one for one in client.read_until("execDetailsEnd") if one.name == "execDetails"]
    assert [one.text("execId") for one in again] == [one.text("execId") for one in live]
    assert sim.positions() == {"AAPL": Decimal(7)}


@pytest.mark.parametrize(
    ("when", "order"),
    [
        ("before", ["commissionReport", "execDetails", "openOrder", "orderStatus"]),
        ("after", ["execDetails", "openOrder", "orderStatus", "commissionReport"]),
        ("never", ["execDetails", "openOrder", "orderStatus"]),
    ],
)
def test_a_commission_comes_before_its_execution_after_it_or_never(
    sim: Running, wire: WireConnect, when: str, order: list[str]
) -> None:
    sim.inject(Fault("execution", Bill(when)))  # type: ignore[arg-type]  # a parameter is any text
    client = wire()
    client.send("placeOrder", {**MARKET, "orderId": 1})
    assert names(told(client, sim))[4:] == order  # what comes first is the acceptance
    client.send("reqExecutions", {"reqId": 5})
    again = names(client.read_until("execDetailsEnd"))
    assert ("commissionReport" in again) is (when != "never")


def test_a_commission_can_come_without_its_amounts(sim: Running, wire: WireConnect) -> None:
    sim.inject(Fault("execution", Bill(unset=True)))
    client = wire()
    client.send("placeOrder", {**MARKET, "orderId": 1})
    (report,) = [one for one in told(client, sim) if one.name == "commissionReport"]
    assert (report.number("commission"), report.text("realizedPNL")) == (None, UNSET_REAL)


def test_a_client_reads_a_commission_without_its_amounts_as_unset(
    sim: Running, play: Play, join: Connect
) -> None:
    sim.inject(Fault("execution", Bill(unset=True), times=2))

    async def scenario() -> None:
        async with join(sim) as desk:
            trade = await desk.place(stock(), limit(190.05), "Filled")
            await desk.until(lambda: all(one.commissionReport.execId for one in trade.fills))
            reports = [one.commissionReport for one in trade.fills]
            assert {one.commission for one in reports} == {float(UNSET_REAL)}

    play(scenario)


# -- statuses -------------------------------------------------------------------------------------


def test_a_status_from_before_the_fill_comes_after_it(sim: Running, wire: WireConnect) -> None:
    sim.inject(Fault("execution", Stale()))
    client = wire()
    client.send("placeOrder", {**MARKET, "orderId": 1})
    messages = told(client, sim)
    assert statuses(messages) == ["PreSubmitted", "Submitted", "Filled", "Submitted"]
    assert messages[-1].number("filled") == 0
    assert [one.status for one in sim.orders()] == ["Filled"]


def test_an_execution_and_its_commission_are_said_three_times(
    sim: Running, wire: WireConnect
) -> None:
    sim.inject(Fault("execution", Repeat(3)))
    client = wire()
    client.send("placeOrder", {**MARKET, "orderId": 1})
    messages = told(client, sim)
    assert names(messages).count("execDetails") == names(messages).count("commissionReport") == 3
    assert len({one.text("execId") for one in messages if one.name == "execDetails"}) == 1
    assert sim.positions() == HELD


@pytest.mark.parametrize("shown", [False, True], ids=["not at all", "without status"])
def test_a_market_order_is_filled_without_any_status(
    sim: Running, wire: WireConnect, *, shown: bool
) -> None:
    sim.inject(Fault("placeOrder", NoStatus(open_orders=shown)))
    client = wire()
    client.send("placeOrder", {**MARKET, "orderId": 1})
    messages = told(client, sim)
    assert statuses(messages) == []
    assert ("openOrder" in names(messages)) is shown
    assert names(messages)[-1] == "commissionReport"
    assert sim.positions() == HELD


# -- the orders of others -------------------------------------------------------------------------


def test_an_order_by_hand_is_seen_by_asking_for_all(
    sim: Running, play: Play, join: Connect
) -> None:
    async def scenario() -> None:
        async with join(sim, 3) as desk:
            sim.place_by_hand("AAPL", "BUY", Decimal(10), Decimal(150))
            assert await desk.ib.reqOpenOrdersAsync() == []
            (seen,) = await desk.ib.reqAllOpenOrdersAsync()
            assert (seen.order.orderId, seen.order.clientId) == (0, 0)
            assert seen.order.permId == sim.orders()[0].perm_id

    play(scenario)


def test_client_zero_hears_of_orders_by_hand_and_their_fills(
    sim: Running, wire: WireConnect
) -> None:
    zero, other = wire(0), wire(3)
    for client in (zero, other):
        client.read_until("nextValidId")
        told(client, sim)
    sim.place_by_hand("AAPL", "BUY", Decimal(10))
    sim.place_by_hand("AAPL", "SELL", Decimal(4))
    messages = told(zero, sim)
    assert {one.integer("orderId") for one in messages if one.name == "openOrder"} == {0}
    fills = [one for one in messages if one.name == "execDetails"]
    assert {one.fields["orderId"] for one in fills} == {None}  # 2147483647 on the wire
    assert sum(one.number("shares") or 0 for one in fills) == 14
    assert told(other, sim) == []
    assert sim.positions() == {"AAPL": Decimal(6)}


def test_an_order_by_hand_dies_with_a_global_cancel_and_its_number_is_no_code(
    sim: Running, wire: WireConnect
) -> None:
    zero = wire(0)
    sim.place_by_hand("AAPL", "BUY", Decimal(10), Decimal(150))
    zero.send("placeOrder", {**RESTING, "orderId": 1})
    zero.send("reqGlobalCancel", {})
    messages = told(zero, sim)
    assert [one.status for one in sim.orders()] == ["Cancelled", "Cancelled"]
    about = [one.integer("reqId") for one in messages if one.integer("code") == 202]
    assert about == [1]


def test_an_order_by_hand_that_cannot_be_is_an_error_of_the_script(sim: Running) -> None:
    with pytest.raises(ValueError, match="by_hand: quantity: `0` is not above 0"):
        sim.place_by_hand("AAPL", "BUY", Decimal(0))
    with pytest.raises(LookupError, match="NOPE"):
        sim.place_by_hand("NOPE", "BUY", Decimal(1))
    assert sim.orders() == ()
