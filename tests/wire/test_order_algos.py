"""Algos: their orders go to the market by and by, by a virtual clock.

The day is Monday, January 6, 2025; AAPL trades from 14:30 to 21:00 UTC. `advance` stops at
each moment something is due, so all of it is deterministic.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from riskgate.simulator import Options, Running, VirtualClock, quote, running
from tests.wire.conftest import client_library

if TYPE_CHECKING:
    from tests.wire.conftest import Connect, Desk, Order, Play, Trade

ib = client_library()
AAPL = quote("189.99", "190.01", "190.00", "189.00")
NOON = datetime(2025, 1, 6, 17, 0, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def order(kind: str = "LMT", /, **terms: object) -> Order:
    plain = {"action": "BUY", "totalQuantity": 100, "tif": "DAY"}
    price = {"lmtPrice": 190.05} if kind == "LMT" else {}
    made: Order = ib.Order(**{"orderType": kind, **plain, **price, **terms})
    return made


async def place(desk: Desk, asked: Order, status: str) -> Trade:
    return await desk.place(ib.Stock("AAPL", "SMART", "USD"), asked, status)


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(NOON)


def much_volume(sim: Running) -> None:
    for _ in range(10):
        sim.set_price("AAPL", AAPL)


WINDOW = {"startTime": "20250106-17:00:00", "endTime": "20250106-17:10:00"}
ALGOS: dict[str, tuple[dict[str, str], list[int]]] = {
    # what it is told: filled at once, after a minute, five, ten
    "Adaptive": ({"adaptivePriority": "Normal"}, [20, 100, 100, 100]),
    "Twap": ({"strategyType": "Marketable", **WINDOW}, [10, 20, 60, 100]),
    "Vwap": ({"maxPctVol": "0.1", "noTakeLiq": "0", **WINDOW}, [10, 20, 60, 100]),
    "ArrivalPx": ({"maxPctVol": "0.1", "riskAversion": "Neutral", **WINDOW}, [10, 20, 60, 100]),
    "ClosePx": (
        {"maxPctVol": "0.1", "riskAversion": "Neutral", "startTime": WINDOW["startTime"]},
        [10, 10, 20, 40],
    ),
    "DarkIce": ({"displaySize": "5", **WINDOW}, [5, 35, 100, 100]),
    "AD": ({"componentSize": "25", "timeBetweenOrders": "120"}, [25, 25, 75, 100]),
}


@pytest.mark.parametrize("name", ALGOS)
def test_an_algo_lets_its_order_go_by_and_by(
    clock: VirtualClock, play: Play, join: Connect, name: str
) -> None:
    params, expected = ALGOS[name]
    with running({"AAPL": AAPL}, clock) as sim:

        async def scenario() -> None:
            async with join(sim) as desk:
                tags = [ib.TagValue(tag, value) for tag, value in params.items()]
                asked = order(algoStrategy=name, algoParams=tags)
                trade = await place(desk, asked, "Submitted")
                found = []
                for minutes in (0, 1, 4, 5):
                    sim.advance((minutes * MINUTE).total_seconds())
                    sim.settle()
                    found.append(int(sim.orders()[0].filled))
                assert found == expected
                sim.advance(HOUR.total_seconds())
                await desk.until(lambda: trade.orderStatus.status == "Filled")

        play(scenario)


SHARES = {
    "PctVol": {"pctVol": "0.1"},
    "PctVolPx": {"pctVol": "0.1", "deltaPctVol": "0.02", "minPctVol4Px": "0.05"},
    "PctVolSz": {"startPctVol": "0.1", "endPctVol": "0.2"},
    "PctVolTm": {"startPctVol": "0.1", "endPctVol": "0.2"},
}


@pytest.mark.parametrize("name", SHARES)
def test_an_algo_that_follows_the_volume_takes_its_share(
    clock: VirtualClock, play: Play, join: Connect, name: str
) -> None:
    with running({"AAPL": AAPL}, clock) as sim:

        async def scenario() -> None:
            async with join(sim) as desk:
                tags = [ib.TagValue(*one) for one in SHARES[name].items()]
                trade = await place(desk, order(algoStrategy=name, algoParams=tags), "Submitted")
                sim.settle()
                for _ in range(5):
                    sim.set_price("AAPL", AAPL)
                    sim.settle()
                assert 50 <= sim.orders()[0].filled <= 60
                much_volume(sim)
                await desk.until(lambda: trade.orderStatus.status == "Filled")

        play(scenario)


@pytest.mark.parametrize("name", ["BalanceImpactRisk", "MinImpact"])
def test_the_algos_for_options_work_them_within_half_an_hour(
    clock: VirtualClock, play: Play, join: Connect, name: str
) -> None:
    with running({"AAPL": AAPL}, clock) as sim:

        async def scenario() -> None:
            async with join(sim) as desk:
                (option,) = await desk.ib.qualifyContractsAsync(
                    ib.Contract(conId=700000004, exchange="SMART")
                )
                sim.set_price(option.localSymbol, quote("5.00", "5.10"))
                tags = [ib.TagValue("maxPctVol", "0.1")]
                asked = order(lmtPrice=5.1, algoStrategy=name, algoParams=tags)
                trade = await desk.place(option, asked, "Submitted")
                sim.advance(10 * 60)
                assert 0 < sim.orders()[0].filled < 100
                sim.advance(20 * 60)
                await desk.until(lambda: trade.orderStatus.status == "Filled")

        play(scenario)


def test_an_algo_ends_with_its_window_unless_it_may_go_on(
    clock: VirtualClock, play: Play, join: Connect
) -> None:
    with running({"AAPL": AAPL}, clock) as sim:

        async def scenario() -> None:
            async with join(sim) as desk:
                for extra in ({}, {"allowPastEndTime": "1"}):
                    tags = [ib.TagValue(*one) for one in {**WINDOW, **extra}.items()]
                    asked = order(lmtPrice=150, algoStrategy="Vwap", algoParams=tags)
                    await place(desk, asked, "Submitted")
                sim.advance(HOUR.total_seconds())
                sim.settle()
                assert [one.status for one in sim.orders()] == ["Cancelled", "Submitted"]

        play(scenario)


def test_an_algo_that_would_start_after_the_close_is_cancelled(
    clock: VirtualClock, play: Play, join: Connect
) -> None:
    with running({"AAPL": AAPL}, clock, Options(sessions=True)) as sim:

        async def scenario() -> None:
            async with join(sim) as desk:
                tags = [ib.TagValue("startTime", "20250106-22:00:00")]
                asked = order(algoStrategy="Vwap", algoParams=tags)
                trade = await place(desk, asked, "Cancelled")
                (text,) = [text for _, code, text in desk.errors if code == 202]
                assert text == "Order Canceled - reason:Vwap: start time is after close time"
                assert trade.fills == []

        play(scenario)
