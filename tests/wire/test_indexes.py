"""Indexes and continuous futures: there is much to be read of them, and nothing to trade."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from riskgate.simulator import Running, VirtualClock, quote, running
from tests.wire.conftest import Connect, Play, client_library

if TYPE_CHECKING:
    from tests.wire.conftest import Contract, Library

ib: Library = client_library()
NOON = datetime(2025, 1, 6, 17, 0, tzinfo=UTC)
UNTRADED = {
    "index": ib.Index("SPX", "CBOE", "USD"),
    "continuous future": ib.ContFuture("ES", "CME", currency="USD"),
}


def test_an_index_has_details_and_a_level_and_nobody_bids_for_it(
    sim: Running, play: Play, join: Connect
) -> None:
    async def scenario() -> None:
        async with join(sim) as desk:
            [details] = await desk.ib.reqContractDetailsAsync(UNTRADED["index"])
            found = details.contract
            assert (found.secType, found.conId, found.exchange) == ("IND", 416904, "CBOE")
            ticker = await desk.watch(found)
            await desk.until(lambda: ticker.last == 5480)
            assert (ticker.bid, ticker.ask, ticker.bidSize) == (-1, -1, 0)
            sim.set_price("SPX", quote(last="5490.25"))
            await desk.until(lambda: ticker.last == 5490.25)

    play(scenario)


def test_a_continuous_future_is_the_one_that_ends_next(play: Play, join: Connect) -> None:
    with running(clock=VirtualClock(NOON)) as sim:

        async def scenario() -> None:
            async with join(sim) as desk:
                wanted = ib.ContFuture("ES", "CME", currency="USD")
                await desk.ib.qualifyContractsAsync(wanted)
                assert (wanted.secType, wanted.localSymbol) == ("CONTFUT", "ESH5")
                assert wanted.lastTradeDateOrContractMonth == "20250321"
                both = ib.Contract(secType="FUT+CONTFUT", symbol="ES", exchange="CME")
                found = await desk.ib.reqContractDetailsAsync(both)
                kinds = [one.contract.secType for one in found]
                assert kinds == ["FUT", "FUT", "FUT", "FUT", "CONTFUT"]

        play(scenario)


@pytest.mark.parametrize("name", UNTRADED)
def test_there_are_bars_of_it(sim: Running, play: Play, join: Connect, name: str) -> None:
    async def scenario() -> None:
        async with join(sim) as desk:
            asked = desk.ib.reqHistoricalDataAsync(
                UNTRADED[name], "", "2 D", "1 hour", "TRADES", True
            )
            assert len(await asked) > 6

    play(scenario)


@pytest.mark.parametrize("name", UNTRADED)
def test_an_order_for_it_is_refused(sim: Running, play: Play, join: Connect, name: str) -> None:
    async def scenario() -> None:
        async with join(sim) as desk:
            trade = desk.ib.placeOrder(UNTRADED[name], ib.MarketOrder("BUY", 1, tif="DAY"))
            await desk.until(lambda: desk.codes(trade.order.orderId) == [412])

    play(scenario)
    assert sim.orders() == ()


def test_it_is_no_leg_of_a_combo_and_no_order_by_hand(
    sim: Running, play: Play, join: Connect
) -> None:
    async def scenario() -> None:
        async with join(sim) as desk:
            legs = [
                ib.ComboLeg(265598, 1, "BUY", "SMART"),
                ib.ComboLeg(416904, 1, "SELL", "SMART"),
            ]
            bag: Contract = ib.Contract(
                symbol="AAPL", secType="BAG", currency="USD", exchange="SMART", comboLegs=legs
            )
            trade = desk.ib.placeOrder(bag, ib.MarketOrder("BUY", 1, tif="DAY"))
            await desk.until(lambda: desk.codes(trade.order.orderId) == [200])

    play(scenario)
    with pytest.raises(ValueError, match="not available for trading"):
        sim.place_by_hand("SPX", "BUY", Decimal(1))
