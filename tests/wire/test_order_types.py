"""The life of each order type, through a real client: accepted, working, then filled or over."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from riskgate.simulator import Running, quote
from tests.wire.lives import AUCTIONS, LIVES, TO_REST, WAITING, play_on, rest

if TYPE_CHECKING:
    from tests.wire.conftest import Connect, Play


@pytest.mark.parametrize("name", [name for name in LIVES if name != "REL in percent"])
def test_an_order_of_each_type_waits_and_is_filled(
    sim: Running, play: Play, join: Connect, name: str
) -> None:
    one = LIVES[name]

    async def scenario() -> None:
        async with join(sim) as desk:
            trade = await rest(desk, one)
            if one.waits:
                assert trade.fills == []
            play_on(sim, one)
            await desk.until(lambda: trade.orderStatus.status == "Filled")
            assert {fill.execution.price for fill in trade.fills} == {one.price}
            assert trade.orderStatus.remaining == 0

    play(scenario)
    (found,) = sim.orders()
    assert (found.status, found.filled) == ("Filled", found.quantity)


@pytest.mark.parametrize("name", TO_REST)
def test_an_order_of_each_type_that_waits_can_be_cancelled(
    sim: Running, play: Play, join: Connect, name: str
) -> None:
    async def scenario() -> None:
        async with join(sim) as desk:
            trade = await rest(desk, TO_REST[name])
            desk.ib.cancelOrder(trade.order)
            await desk.until(lambda: desk.codes(trade.order.orderId) == [202])
            assert trade.orderStatus.status == "Cancelled"

    play(scenario)
    play_on(sim, TO_REST[name])
    sim.settle()
    assert sim.executions() == ()


@pytest.mark.parametrize("name", [name for name in WAITING if name in TO_REST and name != "GTC"])
def test_a_day_order_of_each_type_is_over_at_the_close(
    sim: Running, play: Play, join: Connect, name: str
) -> None:
    async def scenario() -> None:
        async with join(sim) as desk:
            trade = await rest(desk, TO_REST[name])
            sim.close_day()
            await desk.until(lambda: trade.orderStatus.status == "Cancelled")

    play(scenario)


@pytest.mark.parametrize("name", AUCTIONS)
def test_an_auction_order_that_is_not_good_enough_ends_with_the_auction(
    sim: Running, play: Play, join: Connect, name: str
) -> None:
    one = AUCTIONS[name]

    async def scenario() -> None:
        async with join(sim) as desk:
            trade = await rest(desk, one)
            sim.set_price("AAPL", quote())
            play_on(sim, one)
            await desk.until(lambda: trade.orderStatus.status == "Cancelled")
            assert trade.fills == []

    play(scenario)
