"""What a combo's legs trade at, and what it all costs."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskgate.simulator import Group, Options, Running, quote, running
from riskgate.simulator.legs import Leg, leg_prices
from tests.wire.conftest import AAPL, Connect, Play, client_library

if TYPE_CHECKING:
    from riskgate.simulator.book import Execution
    from tests.wire.conftest import Contract, Library

ib: Library = client_library()
APPLE, MICROSOFT, IBM = 265598, 272093, 8314


def bag(*legs: tuple[int, int, str]) -> Contract:
    made: Contract = ib.Contract(
        symbol="AAPL",
        secType="BAG",
        currency="USD",
        exchange="SMART",
        comboLegs=[ib.ComboLeg(number, ratio, side, "SMART") for number, ratio, side in legs],
    )
    return made


THREE_FOR_TWO = bag((APPLE, 3, "BUY"), (MICROSOFT, 2, "SELL"))
SHAPES = {
    "one for one": bag((APPLE, 1, "BUY"), (MICROSOFT, 1, "SELL")),
    "three for two": THREE_FOR_TWO,
    "three legs": bag((APPLE, 5, "SELL"), (MICROSOFT, 2, "BUY"), (IBM, 3, "SELL")),
}


def wholes(sim: Running) -> list[tuple[Execution, list[Execution]]]:
    """Each execution of the combo with those of its legs."""
    found: list[tuple[Execution, list[Execution]]] = []
    for one in sim.executions():
        if one.listing.sec_type == "BAG":
            found.append((one, []))
        else:
            found[-1][1].append(one)
    return found


def net(whole: Execution, legs: list[Execution]) -> Decimal:
    """What the legs come to for one combo, seen from its buyer."""
    sign = 1 if whole.action == "BUY" else -1
    paid = sum(
        ((1 if one.action == "BUY" else -1) * one.shares * one.price for one in legs), Decimal(0)
    )
    return sign * paid / whole.shares


@pytest.mark.parametrize("action", ["BUY", "SELL"])
@pytest.mark.parametrize("shape", SHAPES)
def test_the_prices_of_the_legs_come_to_the_price_of_the_combo(
    sim: Running, play: Play, join: Connect, shape: str, action: str
) -> None:
    async def scenario() -> None:
        async with join(sim) as desk:
            order = ib.MarketOrder(action, 101, tif="DAY")
            await desk.place(SHAPES[shape], order, "Filled")

    play(scenario)
    found = wholes(sim)
    assert len(found) == 2
    for whole, legs in found:
        assert net(whole, legs) == whole.price
        assert [one.price % Decimal("0.01") for one in legs] == [0] * len(legs)


def test_each_leg_trades_at_its_own_side_of_the_market(
    sim: Running, play: Play, join: Connect
) -> None:
    sim.set_price("MSFT", quote("420.00", "420.10", "420.05"))

    async def scenario() -> None:
        async with join(sim) as desk:
            await desk.place(THREE_FOR_TWO, ib.MarketOrder("BUY", 10, tif="DAY"), "Filled")

    play(scenario)
    assert {one.symbol: one.price for _, legs in wholes(sim) for one in legs} == {
        "AAPL": Decimal("190.01"),
        "MSFT": Decimal("420.00"),
    }


RATIO = st.integers(1, 7).flatmap(lambda n: st.sampled_from([Decimal(n), Decimal(-n)]))
CENTS = st.integers(1, 100_000).map(lambda n: Decimal(n) / 100)


@given(st.lists(st.tuples(RATIO, CENTS), min_size=1, max_size=4), st.integers(-9_999, 9_999))
def test_whatever_the_combo_trades_at_its_legs_come_to_that(
    market: list[tuple[Decimal, Decimal]], ticks: int
) -> None:
    legs = [Leg(number, ratio, price) for number, (ratio, price) in enumerate(market)]
    wanted = sum((leg.ratio * leg.price for leg in legs), Decimal(0)) + Decimal(ticks) / 100
    prices = leg_prices(legs, wanted)
    reached = sum((leg.ratio * price for leg, price in zip(legs, prices, strict=True)), Decimal(0))
    assert abs(reached - wanted) < Decimal("0.000001")
    if any(abs(leg.ratio) == 1 for leg in legs):
        assert reached == wanted
        assert [price % Decimal("0.01") for price in prices] == [0] * len(prices)


def test_the_minimum_commission_is_of_the_order_not_of_each_leg_and_fill(
    sim: Running, play: Play, join: Connect
) -> None:
    async def scenario() -> None:
        async with join(sim) as desk:
            await desk.place(THREE_FOR_TWO, ib.MarketOrder("BUY", 10, tif="DAY"), "Filled")
            await desk.until(lambda: len(desk.ib.fills()) == 6)

    play(scenario)
    assert [one.commission for one in sim.executions()] == [0, 1, 0, 0, 0, 0]


def test_beyond_the_minimum_a_combo_costs_what_its_shares_cost(
    sim: Running, play: Play, join: Connect
) -> None:
    async def scenario() -> None:
        async with join(sim) as desk:
            await desk.place(THREE_FOR_TWO, ib.MarketOrder("BUY", 100, tif="DAY"), "Filled")

    play(scenario)
    shares = sum((one.shares for _, legs in wholes(sim) for one in legs), Decimal(0))
    assert shares == 500
    costs = [one.commission for one in sim.executions()]
    assert sum(costs, Decimal(0)) == shares * Decimal("0.005")
    assert min(costs) >= 0


def test_a_combo_is_priced_by_its_legs_when_only_asked_what_if(
    sim: Running, play: Play, join: Connect
) -> None:
    async def scenario() -> None:
        async with join(sim) as desk:
            order = ib.LimitOrder("BUY", 10, -250, tif="DAY")
            state = await asyncio.wait_for(desk.ib.whatIfOrderAsync(THREE_FOR_TWO, order), 5)
            assert state.commission == 1.0
            assert float(state.initMarginChange) == (30 * 190 + 20 * 420) * 0.25

    play(scenario)
    assert sim.orders() == ()


def test_the_parts_of_a_group_keep_their_ratio_over_all_fills(play: Play, join: Connect) -> None:
    options = Options(
        accounts=("F1", "U1", "U2"),
        groups={"two": Group(("U1", "U2"), "Ratio", (Decimal(3), Decimal(1)))},
    )
    with running({"AAPL": AAPL}, options=options) as sim:

        async def scenario() -> None:
            async with join(sim) as desk:
                order = ib.MarketOrder("BUY", 100, tif="DAY", faGroup="two")
                await desk.place(ib.Stock("AAPL", "SMART", "USD"), order, "Filled")

        play(scenario)
        assert {code: sim.positions(code) for code in ("U1", "U2")} == {
            "U1": {"AAPL": Decimal(75)},
            "U2": {"AAPL": Decimal(25)},
        }
        assert [one.cumulative for one in sim.executions() if one.account == "U2"][-1] == 25
