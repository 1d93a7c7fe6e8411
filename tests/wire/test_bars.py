"""Bars and single ticks, of the past and as they happen, as a client sees them."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from riskgate.simulator import Options, Running, VirtualClock, quote, running
from tests.wire.conftest import AAPL, client_library

if TYPE_CHECKING:
    from tests.wire.conftest import Connect, Play, Stock

ib = client_library()
START = datetime(2025, 1, 6, 15, 0, tzinfo=UTC)


def stock() -> Stock:
    found: Stock = ib.Stock("AAPL", "SMART", "USD")
    return found


BAR_LENGTHS = [
    ("1 D", "5 mins", 78),
    ("2 D", "1 hour", 14),
    ("5 D", "1 day", 5),
    ("60 S", "5 secs", 12),
]


@pytest.mark.parametrize(("duration", "size", "count"), BAR_LENGTHS)
def test_bars_of_the_past_lie_in_their_sessions(
    play: Play, join: Connect, duration: str, size: str, count: int
) -> None:
    with running({"AAPL": AAPL}, VirtualClock(datetime(2025, 1, 6, 21, 0, tzinfo=UTC))) as sim:

        async def scenario() -> None:
            async with join(sim) as desk:
                asked = ("", duration, size, "TRADES")
                found = await desk.ib.reqHistoricalDataAsync(stock(), *asked, useRTH=True)
                assert len(found) == count
                assert found[-1].close == 190.0
                assert all(one.low <= min(one.open, one.close) for one in found)
                assert all(one.high >= max(one.open, one.close) for one in found)
                again = await desk.ib.reqHistoricalDataAsync(stock(), *asked, useRTH=True)
                assert [one.close for one in again] == [one.close for one in found]

        play(scenario)


def test_bars_can_be_kept_up_to_date(play: Play, join: Connect) -> None:
    clock = VirtualClock(START + timedelta(seconds=30))
    with running({"AAPL": AAPL}, clock) as sim:

        async def scenario() -> None:
            async with join(sim) as desk:
                await desk.ib.qualifyContractsAsync(stock())
                asked = ("", "600 S", "1 min", "TRADES")
                kept = await desk.ib.reqHistoricalDataAsync(
                    stock(), *asked, useRTH=True, keepUpToDate=True
                )
                count = len(kept)
                sim.set_price("AAPL", quote("194.99", "195.01", "195"))
                await desk.until(lambda: kept[-1].close == 195)
                clock.advance(timedelta(minutes=1))
                sim.set_price("AAPL", quote("195.99", "196.01", "196"))
                await desk.until(lambda: len(kept) == count + 1)
                assert kept[-1].open == 196
                desk.ib.cancelHistoricalData(kept)

        play(scenario)


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        (("", "1 D", "7 mins", "TRADES"), 321),
        (("", "1 D", "1 min", "YIELD_BID"), 10000),
        (("", "1 D", "1 min", "GOSSIP"), 321),
        (("", "1 X", "1 min", "TRADES"), 321),
    ],
)
def test_bars_that_there_are_not_are_refused(
    sim: Running, play: Play, join: Connect, asked: tuple[str, ...], code: int
) -> None:
    async def scenario() -> None:
        async with join(sim) as desk:
            asking = desk.ib.reqHistoricalDataAsync(stock(), *asked, useRTH=True)
            waiting = asyncio.ensure_future(asking)  # one of the libraries waits for ever
            await desk.until(lambda: code in {one[1] for one in desk.errors})
            waiting.cancel()

    play(scenario)


def test_there_are_no_bars_without_a_price(play: Play, join: Connect) -> None:
    with running(options=Options(default_prices=False)) as sim:

        async def scenario() -> None:
            async with join(sim) as desk:
                asked = ("", "1 D", "1 min", "TRADES")
                assert not await desk.ib.reqHistoricalDataAsync(stock(), *asked, useRTH=True)
                assert 162 in {one[1] for one in desk.errors}

        play(scenario)


def test_a_bar_comes_every_five_seconds(play: Play, join: Connect) -> None:
    with running({"AAPL": AAPL}, VirtualClock(START)) as sim:

        async def scenario() -> None:
            async with join(sim) as desk:
                found = desk.ib.reqRealTimeBars(stock(), 5, "TRADES", useRTH=False)
                await desk.ib.reqCurrentTimeAsync()
                sim.set_price("AAPL", quote("191.99", "192.01", "192"))
                sim.advance(5)
                await desk.until(lambda: len(found) == 1)
                assert (found[0].open_, found[0].high, found[0].close) == (190, 192, 192)
                sim.advance(10)
                await desk.until(lambda: len(found) == 3)
                assert found[2].time - found[1].time == timedelta(seconds=5)
                desk.ib.cancelRealTimeBars(found)
                await desk.ib.reqCurrentTimeAsync()
                sim.advance(10)
                await desk.ib.reqCurrentTimeAsync()
                assert len(found) == 3

        play(scenario)


def test_single_ticks_follow_the_market(sim: Running, play: Play, join: Connect) -> None:
    async def scenario() -> None:
        async with join(sim) as desk:
            contract = stock()
            await desk.ib.qualifyContractsAsync(contract)
            ticker = desk.ib.reqTickByTickData(contract, "BidAsk")
            await desk.until(lambda: bool(ticker.tickByTicks))
            (tick,) = ticker.tickByTicks
            assert (tick.bidPrice, tick.askPrice) == (189.99, 190.01)
            desk.ib.cancelTickByTickData(contract, "BidAsk")
            traded = desk.ib.reqTickByTickData(contract, "AllLast")
            await desk.ib.reqCurrentTimeAsync()
            sim.set_price("AAPL", quote("190.99", "191.01", "191"))
            await desk.until(lambda: bool(traded.tickByTicks))
            assert traded.tickByTicks[-1].price == 191
            head = await desk.ib.reqHeadTimeStampAsync(contract, "TRADES", True, 1)
            assert head.year == 2004

    play(scenario)
