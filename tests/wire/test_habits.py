"""Where the two client libraries part: each habit of the one that is installed, seen to be one.

The broker must not rely on either; these tests say when a library has changed its mind.
"""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING

import pytest

from riskgate.simulator import Fault, Reject, Running
from tests.wire.conftest import client_library, habits

if TYPE_CHECKING:
    from tests.wire.conftest import Connect, Order, Play, Stock

ib = client_library()


def stock() -> Stock:
    found: Stock = ib.Stock("AAPL", "SMART", "USD")
    return found


def limit(price: float = 150.0) -> Order:
    made: Order = ib.LimitOrder("BUY", 100, price, tif="DAY")
    return made


def test_the_highest_version_it_offers_is_the_one_that_is_spoken(
    sim: Running, play: Play, join: Connect
) -> None:
    async def scenario() -> None:
        async with join(sim) as desk:
            assert desk.ib.client.MaxClientVersion == habits().highest
            assert desk.ib.client.serverVersion() == habits().highest

    play(scenario)


@pytest.mark.parametrize("code", [104, 105, 110, 201, 202, 321, 329, 399, 404, 2102, 10148, 10349])
def test_a_code_about_a_working_order_is_a_warning_or_the_end_of_it(
    sim: Running, play: Play, join: Connect, code: int
) -> None:
    sim.inject(Fault("cancelOrder", Reject(code, "no")))

    async def scenario() -> None:
        async with join(sim) as desk:
            trade = await desk.place(stock(), limit(), "Submitted")
            desk.ib.client.cancelOrder(trade.order.orderId)
            await desk.until(lambda: desk.codes(trade.order.orderId) == [code])
            assert trade.orderStatus.status == habits().called_after(code, "Submitted")

    play(scenario)
    assert [one.status for one in sim.orders()] == ["Submitted"]


def test_a_warning_about_an_order_that_is_over_may_wake_it(
    sim: Running, play: Play, join: Connect
) -> None:
    sim.inject(Fault("cancelOrder", Reject(399, "Order message")))

    async def scenario() -> None:
        async with join(sim) as desk:
            trade = await desk.place(stock(), limit(190.05), "Filled")
            desk.ib.client.cancelOrder(trade.order.orderId)
            await desk.until(lambda: desk.codes(trade.order.orderId) == [399])
            assert (
                trade.orderStatus.status in ib.OrderStatus.ActiveStates
            ) is habits().wakes_the_dead

    play(scenario)


def test_an_inactive_order_may_be_over(sim: Running, play: Play, join: Connect) -> None:
    sim.inject(Fault("placeOrder", Reject(201, "no")))

    async def scenario() -> None:
        async with join(sim) as desk:
            trade = await desk.place(stock(), limit(), "Inactive")
            assert ("Inactive" in ib.OrderStatus.DoneStates) is habits().inactive_is_over
            assert trade.orderStatus.status not in ib.OrderStatus.ActiveStates

    play(scenario)


def test_quotes_of_a_contract_without_a_number_may_be_refused(
    sim: Running, play: Play, join: Connect
) -> None:
    refused = pytest.raises(ValueError, match="conId")

    async def scenario() -> None:
        async with join(sim) as desk:
            with refused if habits().quotes_need_a_number else nullcontext():
                desk.ib.reqMktData(stock())
            ticker = await desk.watch(stock())
            await desk.until(lambda: ticker.bid == 189.99)

    play(scenario)


def test_its_own_disconnect_may_leave_the_trades_as_they_were(
    sim: Running, play: Play, join: Connect
) -> None:
    async def scenario() -> None:
        async with join(sim) as desk:
            await desk.place(stock(), limit(), "Submitted")
            desk.ib.disconnect()
            assert (desk.ib.trades() == []) is habits().forgets_on_leaving

    play(scenario)


def test_placing_an_order_may_write_into_it(sim: Running, play: Play, join: Connect) -> None:
    async def scenario() -> None:
        async with join(sim) as desk:
            order = limit()
            before = order.volatility
            await desk.place(stock(), order, "Submitted")
            assert (order.volatility != before) is habits().clears_volatility

    play(scenario)
