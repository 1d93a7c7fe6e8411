"""Orders that hang together, through a real client: OCA groups, brackets, hedges."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from riskgate.simulator import Fault, Reject, Running, Silent, quote
from tests.wire.conftest import client_library

if TYPE_CHECKING:
    from tests.wire.conftest import Connect, Desk, Order, Play, Stock, Trade

ib = client_library()


def stock(symbol: str = "AAPL") -> Stock:
    found: Stock = ib.Stock(symbol, "SMART", "USD")
    return found


def order(kind: str = "LMT", /, **terms: object) -> Order:
    plain = {"action": "BUY", "totalQuantity": 100, "tif": "DAY"}
    made: Order = ib.Order(**{"orderType": kind, **plain, **terms})
    return made


async def pair(desk: Desk, kind: int, second: float = 100) -> tuple[Trade, Trade]:
    """Two limit orders of one group: one at 189.50, one far away."""
    group = {"ocaGroup": "either", "ocaType": kind}
    near = await desk.place(stock(), order(lmtPrice=189.5, **group), "Submitted")
    far = await desk.place(stock(), order(lmtPrice=150, totalQuantity=second, **group), "Submitted")
    return near, far


@pytest.mark.parametrize("kind", [0, 1, 2, 3])
def test_a_whole_fill_of_one_cancels_the_other_whatever_the_type(
    sim: Running, play: Play, join: Connect, kind: int
) -> None:
    async def scenario() -> None:
        async with join(sim) as desk:
            near, far = await pair(desk, kind)
            sim.set_price("AAPL", quote("189.40", "189.45"))
            await desk.until(lambda: far.orderStatus.status == "Cancelled")
            await desk.until(lambda: near.orderStatus.status == "Filled" or kind == 1)
            assert far.fills == []

    play(scenario)


@pytest.mark.parametrize(("kind", "left"), [(1, None), (2, 120), (3, 120)])
def test_a_part_of_one_cancels_the_other_or_makes_it_smaller_in_proportion(
    sim: Running, play: Play, join: Connect, kind: int, left: int | None
) -> None:
    async def scenario() -> None:
        async with join(sim) as desk:
            near, far = await pair(desk, kind, second=200)
            sim.set_price("AAPL", quote("189.40", "189.45", liquidity=40))
            await desk.until(lambda: near.orderStatus.filled == 40)
            if left is None:
                await desk.until(lambda: far.orderStatus.status == "Cancelled")
            else:
                await desk.until(lambda: far.orderStatus.remaining == left)
                assert far.order.totalQuantity == left
                assert far.orderStatus.status == "Submitted"

    play(scenario)


@pytest.mark.parametrize(("kind", "most"), [(1, 100), (2, 100), (3, 200)])
def test_only_the_group_without_a_block_can_be_filled_too_much(
    sim: Running, play: Play, join: Connect, kind: int, most: int
) -> None:
    async def scenario() -> None:
        async with join(sim) as desk:
            for _ in range(2):
                group = {"ocaGroup": "either", "ocaType": kind}
                await desk.place(stock(), order(lmtPrice=189.5, **group), "Submitted")
            sim.set_price("AAPL", quote("189.40", "189.45"))
            sim.settle()

    play(scenario)
    assert 0 < sim.positions()["AAPL"] <= most


def bracket(desk: Desk, entry: float) -> list[Order]:
    made: list[Order] = list(desk.ib.bracketOrder("BUY", 100, entry, 195.00, 180.00, tif="DAY"))
    return made


def test_the_exits_of_a_bracket_live_when_the_entry_is_filled_and_are_a_group(
    sim: Running, play: Play, join: Connect
) -> None:
    async def scenario() -> None:
        async with join(sim) as desk:
            trades = [desk.ib.placeOrder(stock(), leg) for leg in bracket(desk, 189.50)]
            entry, profit, loss = trades
            await desk.until(lambda: entry.orderStatus.status == "Submitted")
            sim.settle()
            assert [one.status for one in sim.orders()] == [
                "Submitted",
                "PreSubmitted",
                "PreSubmitted",
            ]
            sim.set_price("AAPL", quote("189.40", "189.45"))
            await desk.until(lambda: profit.orderStatus.status == "Submitted")
            async with join(sim, 2) as other:
                exits = await other.ib.reqAllOpenOrdersAsync()
                assert [one.order.ocaGroup for one in exits] == [str(entry.order.permId)] * 2
            sim.set_price("AAPL", quote("179.00", "179.05", "179.02"))
            await desk.until(lambda: loss.orderStatus.status == "Filled")
            await desk.until(lambda: profit.orderStatus.status == "Cancelled")

    play(scenario)
    assert sim.positions() == {}


def test_nothing_of_a_bracket_is_sent_before_its_last_leg(
    sim: Running, play: Play, join: Connect
) -> None:
    async def scenario() -> None:
        async with join(sim) as desk:
            entry, profit, loss = bracket(desk, 190.05)
            for leg in (entry, profit):
                desk.ib.placeOrder(stock(), leg)
            await desk.ib.reqCurrentTimeAsync()
            sim.settle()
            assert {one.status for one in sim.orders()} == {"Inactive"}
            desk.ib.placeOrder(stock(), loss)
            await desk.until(lambda: sim.positions() == {"AAPL": Decimal(100)})

    play(scenario)


def test_the_children_go_with_a_parent_that_is_cancelled(
    sim: Running, play: Play, join: Connect
) -> None:
    async def scenario() -> None:
        async with join(sim) as desk:
            trades = [desk.ib.placeOrder(stock(), leg) for leg in bracket(desk, 189.50)]
            await desk.until(lambda: trades[0].orderStatus.status == "Submitted")
            desk.ib.cancelOrder(trades[0].order)
            await desk.until(lambda: {one.orderStatus.status for one in trades} == {"Cancelled"})

    play(scenario)


@pytest.mark.parametrize("nth", [1, 2])
def test_a_child_without_its_parent_is_refused(
    sim: Running, play: Play, join: Connect, nth: int
) -> None:
    """Whether the parent was refused, or never arrived."""
    sim.inject(Fault("placeOrder", Reject(201, "no margin") if nth == 1 else Silent(), nth=1))

    async def scenario() -> None:
        async with join(sim) as desk:
            trades = [desk.ib.placeOrder(stock(), leg) for leg in bracket(desk, 190.05)]
            for trade in trades[1:]:
                await desk.until(lambda t=trade: desk.codes(t.order.orderId) == [10006])  # type: ignore[misc]

    play(scenario)
    assert sim.positions() == {}


def test_a_parent_may_go_with_its_child(sim: Running, play: Play, join: Connect) -> None:
    async def scenario() -> None:
        async with join(sim) as desk:
            legs = bracket(desk, 189.50)
            legs[1].autoCancelParent = True
            trades = [desk.ib.placeOrder(stock(), leg) for leg in legs]
            await desk.until(lambda: trades[0].orderStatus.status == "Submitted")
            desk.ib.cancelOrder(trades[1].order)
            await desk.until(lambda: trades[0].orderStatus.status == "Cancelled")

    play(scenario)


def test_a_child_cannot_be_given_another_parent(sim: Running, play: Play, join: Connect) -> None:
    async def scenario() -> None:
        async with join(sim) as desk:
            trades = [desk.ib.placeOrder(stock(), leg) for leg in bracket(desk, 189.50)]
            await desk.until(lambda: trades[0].orderStatus.status == "Submitted")
            child = trades[1].order
            child.parentId = 0
            desk.ib.client.placeOrder(child.orderId, stock(), child)
            await desk.until(lambda: desk.codes(child.orderId) == [10341])

    play(scenario)


HEDGES = {"B": ("1.5", 150), "P": ("2", 200), "D": ("", 100), "F": ("", 19001)}


@pytest.mark.parametrize("kind", HEDGES)
def test_a_hedge_takes_its_quantity_from_the_fill_of_its_parent(
    sim: Running, play: Play, join: Connect, kind: str
) -> None:
    ratio, quantity = HEDGES[kind]

    async def scenario() -> None:
        async with join(sim) as desk:
            parent = order("MKT", transmit=False)
            first = desk.ib.placeOrder(stock(), parent)
            hedge = order(
                "MKT",
                action="SELL",
                totalQuantity=0,
                parentId=parent.orderId,
                hedgeType=kind,
                hedgeParam=ratio,
            )
            second = desk.ib.placeOrder(stock("SPY"), hedge)
            await desk.until(lambda: second.orderStatus.status == "Filled")
            assert first.orderStatus.status == "Filled"
            assert second.orderStatus.filled == quantity

    play(scenario)
    assert sim.positions() == {"AAPL": 100, "SPY": -quantity}
