"""What a client finds when it comes back: the broker forgets nothing."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from riskgate.simulator import Drop, Fault, Running, VirtualClock, quote, running
from tests.wire.conftest import client_library

if TYPE_CHECKING:
    from tests.wire.conftest import Connect, Order, Play, Stock

ib = client_library()
START = datetime(2025, 1, 6, 15, 0, tzinfo=UTC)

# A client that places an order, says so and waits to be killed.
DOOMED = """
import asyncio, importlib, warnings
warnings.simplefilter("ignore")

async def main():
    asyncio.set_event_loop(asyncio.get_running_loop())
    library = importlib.import_module("{library}")
    ib = library.IB()
    await ib.connectAsync("127.0.0.1", {port}, clientId=7)
    stock = library.Stock("AAPL", "SMART", "USD")
    order = library.LimitOrder("BUY", 100, 150.0, tif="DAY", orderRef="rg-doomed")
    trade = ib.placeOrder(stock, order)
    while trade.orderStatus.status != "Submitted":
        await ib.updateEvent
    print("placed", flush=True)
    await asyncio.Future()

asyncio.run(main())
"""


def stock() -> Stock:
    found: Stock = ib.Stock("AAPL", "SMART", "USD")
    return found


def limit(price: float, **terms: object) -> Order:
    made: Order = ib.LimitOrder("BUY", 100, price, tif="DAY", **terms)
    return made


def test_executions_and_completed_orders_are_there_after_a_reconnect(
    sim: Running, play: Play, join: Connect
) -> None:
    async def scenario() -> None:
        async with join(sim, 3) as desk:
            await desk.place(stock(), limit(190.05, orderRef="rg-1"), "Filled")
            number = desk.ib.client.getReqId()
        async with join(sim, 3) as desk:
            fills = desk.ib.fills()
            assert [fill.execution.orderRef for fill in fills] == ["rg-1", "rg-1"]
            assert sum(fill.commissionReport.commission for fill in fills) == 1.0
            done = await desk.ib.reqCompletedOrdersAsync(False)
            assert [(one.order.orderRef, one.order.filledQuantity) for one in done] == [
                ("rg-1", 100.0)
            ]
            assert [one.position for one in desk.ib.positions()] == [100.0]
            assert desk.ib.client.getReqId() >= number - 1

    play(scenario)


def test_an_open_order_is_found_again_and_can_be_cancelled(
    sim: Running, play: Play, join: Connect
) -> None:
    async def scenario() -> None:
        async with join(sim, 3) as desk:
            await desk.place(stock(), limit(150, orderRef="rg-2"), "Submitted")
        async with join(sim, 3) as desk:
            (trade,) = desk.ib.openTrades()
            assert (trade.order.orderRef, trade.order.lmtPrice) == ("rg-2", 150.0)
            desk.ib.cancelOrder(trade.order)
            await desk.until(lambda: trade.orderStatus.status == "Cancelled")

    play(scenario)


def test_an_order_fills_while_its_client_is_away(sim: Running, play: Play, join: Connect) -> None:
    async def scenario() -> None:
        async with join(sim, 3) as desk:
            await desk.place(stock(), limit(150), "Submitted")
        sim.set_price("AAPL", quote("149.90", "149.95", "149.95"))
        async with join(sim, 3) as desk:
            assert desk.ib.openTrades() == []
            assert {fill.execution.price for fill in desk.ib.fills()} == {149.95}

    play(scenario)


def test_the_orders_of_another_client_are_seen_by_asking_for_all(
    sim: Running, play: Play, join: Connect
) -> None:
    async def scenario() -> None:
        async with join(sim, 1) as one, join(sim, 2) as two:
            await one.place(stock(), limit(150, orderRef="of-one"), "Submitted")
            assert await two.ib.reqOpenOrdersAsync() == []
            (seen,) = await two.ib.reqAllOpenOrdersAsync()
            assert (seen.order.clientId, seen.order.orderRef) == (1, "of-one")
            assert seen.orderStatus.status == "Submitted"
            two.ib.client.cancelOrder(seen.order.orderId)
            await two.until(lambda: two.codes(seen.order.orderId) == [10147])

    play(scenario)


def test_executions_can_be_filtered(sim: Running, play: Play, join: Connect) -> None:
    async def scenario() -> None:
        async with join(sim, 1) as one, join(sim, 2) as two:
            await one.place(stock(), limit(190.05), "Filled")
            other = ib.Stock("IBM", "SMART", "USD")
            await two.place(other, ib.MarketOrder("SELL", 10, tif="DAY"), "Filled")
            for terms, symbols in (
                ({}, {"AAPL", "IBM"}),
                ({"clientId": 1}, {"AAPL"}),
                ({"symbol": "IBM"}, {"IBM"}),
                ({"side": "BUY"}, {"AAPL"}),
                ({"acctCode": "U0"}, set()),
                ({"secType": "FUT"}, set()),
                ({"time": "20990101-00:00:00"}, set()),
                ({"time": "20200101 00:00:00"}, {"AAPL", "IBM"}),
            ):
                found = await one.ib.reqExecutionsAsync(ib.ExecutionFilter(**terms))
                assert {fill.contract.symbol for fill in found} == symbols, terms

    play(scenario)


def test_executions_of_yesterday_are_not_given_any_more(play: Play, join: Connect) -> None:
    clock = VirtualClock(START)
    with running(clock=clock) as sim:

        async def scenario() -> None:
            async with join(sim) as desk:
                await desk.place(stock(), limit(191), "Filled")
                assert len(await desk.ib.reqExecutionsAsync()) == 2
                clock.advance(timedelta(days=1))
                assert await desk.ib.reqExecutionsAsync() == []
                assert [one.position for one in desk.ib.positions()] == [100.0]

        play(scenario)
        assert len(sim.executions()) == 2


def test_a_killed_client_comes_back_with_its_id_and_finds_its_order(
    sim: Running, play: Play, join: Connect
) -> None:
    code = DOOMED.format(library=ib.__name__, port=sim.port)
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"placed\n"
        os.kill(child.pid, signal.SIGKILL)

    async def scenario() -> None:
        async with join(sim, 7) as desk:
            (trade,) = desk.ib.openTrades()
            assert trade.order.orderRef == "rg-doomed"

    play(scenario)


@pytest.mark.parametrize("known", [0, 1], ids=["before", "after"])
def test_a_socket_lost_around_an_order_leaves_it_unknown_or_working(
    sim: Running, play: Play, join: Connect, known: int
) -> None:
    sim.inject(Fault("placeOrder", Drop(after=bool(known))))

    async def scenario() -> None:
        async with join(sim) as desk:
            trade = desk.ib.placeOrder(stock(), limit(150, orderRef="rg-3"))
            await desk.ib.disconnectedEvent
            assert trade.orderStatus.status == "PendingSubmit"
        async with join(sim) as desk:
            assert [one.order.orderRef for one in desk.ib.openTrades()] == ["rg-3"] * known

    play(scenario)


def test_all_clients_can_be_disconnected_at_once(sim: Running, play: Play, join: Connect) -> None:
    async def scenario() -> None:
        async with join(sim, 1) as one, join(sim, 2) as two:
            sim.disconnect_all()
            for desk in (one, two):
                if desk.ib.isConnected():
                    await desk.ib.disconnectedEvent

    play(scenario)
    sim.wait_for(lambda: sim.clients() == frozenset())
