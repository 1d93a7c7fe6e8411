"""A TWS that comes back with older numbers than it was left with; its orders are kept."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from riskgate.simulator import Running
from riskgate.simulator.wire.kinds import Record

if TYPE_CHECKING:
    from tests.wire.conftest import Connect, Library, Play, Wire, WireConnect

PLAIN: Record = {"symbol": "AAPL", "secType": "STK", "exchange": "SMART", "currency": "USD"}
BUY: Record = {**PLAIN, "action": "BUY", "totalQuantity": Decimal(10), "transmit": True}
MARKET: Record = {**BUY, "orderType": "MKT", "tif": "DAY"}
RESTING: Record = {**BUY, "orderType": "LMT", "lmtPrice": Decimal(150), "tif": "DAY"}


def left_behind(sim: Running, wire: WireConnect) -> Wire:
    """A new session after a restart that forgot two ids; 7 works, 8 and 9 are over."""
    client = wire(3)
    client.send("placeOrder", {**RESTING, "orderId": 7})
    client.send("placeOrder", {**RESTING, "orderId": 8, "tif": "IOC"})
    client.send("placeOrder", {**MARKET, "orderId": 9})
    sim.wait_for(lambda: [one.status for one in sim.orders()][2:] == ["Filled"])
    sim.restart(roll_back_ids=2)
    sim.wait_for(lambda: sim.clients() == frozenset())
    return wire(3)


def test_a_number_that_was_used_is_said_to_be_the_next(sim: Running, wire: WireConnect) -> None:
    assert left_behind(sim, wire).read_until("nextValidId")[-1].integer("orderId") == 8
    assert [one.status for one in sim.orders()] == ["Submitted", "Cancelled", "Filled"]


def test_a_number_given_again_makes_a_second_order_of_that_number(
    sim: Running, wire: WireConnect
) -> None:
    client = left_behind(sim, wire)
    client.send("placeOrder", {**RESTING, "orderId": 8, "orderRef": "rg-new"})
    client.read_until("orderStatus")
    assert [one.order_ref for one in sim.orders() if one.order_id == 8] == ["", "rg-new"]
    client.send("cancelOrder", {"orderId": 8})
    sim.wait_for(lambda: sim.orders()[-1].status == "Cancelled")


def test_the_number_of_a_working_order_still_means_that_order(
    sim: Running, wire: WireConnect
) -> None:
    client = left_behind(sim, wire)
    client.send("placeOrder", {**RESTING, "orderId": 7, "lmtPrice": Decimal(151)})
    client.read_until("orderStatus")
    assert [one.limit for one in sim.orders() if one.order_id == 7] == [Decimal(151)]
    client.send("cancelOrder", {"orderId": 7})
    sim.wait_for(lambda: sim.orders()[0].status == "Cancelled")


def test_a_client_is_dropped_and_finds_its_order_again(
    library: Library, sim: Running, play: Play, join: Connect
) -> None:
    async def scenario() -> None:
        stock = library.Stock("AAPL", "SMART", "USD")
        order = library.LimitOrder("BUY", 100, 150.0, tif="DAY", orderRef="rg-kept")
        async with join(sim, 3) as desk:
            placed = await desk.place(stock, order, "Submitted")
            sim.restart(roll_back_ids=1)
            await desk.ib.disconnectedEvent
        async with join(sim, 3) as desk:
            (kept,) = desk.ib.openTrades()
            assert kept.order.orderId == placed.order.orderId
            assert kept.order.orderRef == "rg-kept"
            desk.ib.cancelOrder(kept.order)
            await desk.until(lambda: kept.orderStatus.status == "Cancelled")

    play(scenario)
