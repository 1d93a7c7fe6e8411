"""Orders that are not transmitted, and orders by hand that client 0 has bound."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from riskgate.simulator import Restart, Running, VirtualClock, running
from tests.wire.conftest import AAPL, Connect, Play, WireConnect, client_library

if TYPE_CHECKING:
    from riskgate.simulator.wire.kinds import Record
    from tests.wire.conftest import Contract, Library

ib: Library = client_library()
NOON = datetime(2025, 1, 6, 17, 0, tzinfo=UTC)
HELD: Record = {
    "symbol": "AAPL",
    "secType": "STK",
    "exchange": "SMART",
    "currency": "USD",
    "orderId": 1,
    "action": "BUY",
    "totalQuantity": Decimal(10),
    "orderType": "LMT",
    "lmtPrice": Decimal(150),
    "tif": "DAY",
    "transmit": False,
}


def stock() -> Contract:
    made: Contract = ib.Stock("AAPL", "SMART", "USD")
    return made


def limit(**terms: object) -> Any:  # noqa: ANN401  # an order of the library's
    return ib.LimitOrder("BUY", 10, 150, tif="DAY", **terms)


# -- not transmitted ------------------------------------------------------------------------------


def test_an_order_that_is_not_transmitted_shows_as_inactive(
    sim: Running, play: Play, join: Connect
) -> None:
    async def scenario() -> None:
        async with join(sim) as desk:
            trade = await desk.place(stock(), limit(transmit=False), "Inactive")
            trade.order.transmit = True  # not by `ib`: one library holds Inactive for an end
            desk.ib.client.placeOrder(trade.order.orderId, trade.contract, trade.order)
            await desk.until(lambda: trade.orderStatus.status == "Submitted")
            assert desk.codes(trade.order.orderId) == []

    play(scenario)
    assert len(sim.orders()) == 1


def test_it_can_be_changed_and_cancelled_like_any_other(
    sim: Running, play: Play, join: Connect
) -> None:
    async def scenario() -> None:
        async with join(sim) as desk:
            trade = await desk.place(stock(), limit(transmit=False), "Inactive")
            trade.order.lmtPrice = 151
            desk.ib.client.placeOrder(trade.order.orderId, trade.contract, trade.order)
            await desk.ib.reqCurrentTimeAsync()
            assert [(one.limit, one.status) for one in sim.orders()] == [(Decimal(151), "Inactive")]
            desk.ib.client.cancelOrder(trade.order.orderId)
            await desk.until(lambda: desk.codes(trade.order.orderId) == [202])

    play(scenario)
    assert [one.status for one in sim.orders()] == ["Cancelled"]


def test_a_bracket_is_never_inactive_when_its_last_leg_comes_in_time(
    play: Play, join: Connect
) -> None:
    with running({"AAPL": AAPL}, VirtualClock(NOON)) as sim:

        async def scenario() -> None:
            async with join(sim) as desk:
                legs = desk.ib.bracketOrder("BUY", 10, 189.50, 195, 180, tif="DAY")
                trades = [desk.ib.placeOrder(stock(), leg) for leg in legs]
                await desk.until(lambda: trades[0].orderStatus.status == "Submitted")
                sim.advance(1)
                await desk.ib.reqCurrentTimeAsync()
                said = {entry.status for trade in trades for entry in trade.log}
                assert said == {"PendingSubmit", "PreSubmitted", "Submitted"}

        play(scenario)


def test_what_was_not_transmitted_ends_with_the_tws(sim: Running, wire: WireConnect) -> None:
    client = wire()
    client.send("placeOrder", HELD)
    client.send("placeOrder", {**HELD, "orderId": 2, "transmit": True})
    sim.wait_for(lambda: [one.status for one in sim.orders()] == ["Inactive", "Submitted"])
    sim.happen(Restart())
    sim.settle()
    assert [one.status for one in sim.orders()] == ["Cancelled", "Submitted"]


# -- by hand --------------------------------------------------------------------------------------


@pytest.mark.parametrize("early", [True, False])
def test_client_zero_can_change_and_cancel_an_order_by_hand(
    sim: Running, play: Play, join: Connect, *, early: bool
) -> None:
    """ib_insync asks for binding when it connects as client 0."""

    async def scenario() -> None:
        if early:
            sim.place_by_hand("AAPL", "BUY", Decimal(10), Decimal(150))
        async with join(sim, 0) as desk:
            if not early:
                sim.place_by_hand("AAPL", "BUY", Decimal(10), Decimal(150))
            await desk.until(lambda: len(desk.ib.openTrades()) == 1)
            [trade] = desk.ib.openTrades()
            assert trade.order.orderId == -1
            await desk.until(lambda: trade.orderStatus.status == "Submitted")
            trade.order.lmtPrice = 151
            desk.ib.placeOrder(trade.contract, trade.order)
            await desk.ib.reqCurrentTimeAsync()
            assert [one.limit for one in sim.orders()] == [151]
            desk.ib.cancelOrder(trade.order)
            await desk.until(lambda: trade.orderStatus.status == "Cancelled")
            assert {10147, 10148}.isdisjoint({code for _, code, _ in desk.errors})

    play(scenario)
    assert [(one.order_id, one.status) for one in sim.orders()] == [(-1, "Cancelled")]


def test_the_fill_of_a_bound_order_carries_its_number(sim: Running, wire: WireConnect) -> None:
    client = wire(0)
    client.send("reqAutoOpenOrders", {"autoBind": True})
    client.send("reqIds", {"numIds": 1})
    client.read_until("nextValidId")
    client.read_until("nextValidId")
    sim.place_by_hand("AAPL", "BUY", Decimal(10))
    told = client.read_until("execDetails")
    assert [one.name for one in told][:2] == ["orderBound", "openOrder"]
    numbers = {one.integer("orderId") for one in told if "orderId" in one.fields}
    assert numbers == {-1}
