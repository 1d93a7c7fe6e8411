"""Orders and time: dates, auctions, conditions, algos and prices that move, by a virtual clock.

The day is Monday, January 6, 2025; AAPL trades from 14:30 to 21:00 UTC. `advance` stops at
each moment something is due, so all of it is deterministic.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from riskgate.simulator import Options, Running, VirtualClock, quote, running
from tests.wire.conftest import client_library

if TYPE_CHECKING:
    from tests.wire.conftest import Connect, Desk, Order, Play, Trade

ib = client_library()
AAPL = quote("189.99", "190.01", "190.00", "189.00")
EARLY = datetime(2025, 1, 6, 14, 0, tzinfo=UTC)
NOON = datetime(2025, 1, 6, 17, 0, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
STOCK = 265598


def order(kind: str = "LMT", /, **terms: object) -> Order:
    plain = {"action": "BUY", "totalQuantity": 100, "tif": "DAY"}
    price = {"lmtPrice": 190.05} if kind == "LMT" else {}
    made: Order = ib.Order(**{"orderType": kind, **plain, **price, **terms})
    return made


async def place(desk: Desk, asked: Order, status: str) -> Trade:
    return await desk.place(ib.Stock("AAPL", "SMART", "USD"), asked, status)


def stands(sim: Running) -> list[tuple[str, int]]:
    return [(one.status, int(one.filled)) for one in sim.orders()]


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(NOON)


# -- dates ----------------------------------------------------------------------------------------

ENDS: dict[str, dict[str, object]] = {
    "to a time with its zone": {"tif": "GTD", "goodTillDate": "20250106 13:00:00 US/Eastern"},
    "to a time in UTC": {"tif": "GTD", "goodTillDate": "20250106-18:00:00"},
    "to a time of this house": {"tif": "GTD", "goodTillDate": "20250106 13:00:00"},
    "for so many seconds": {"tif": "Minutes", "duration": 3600},
    "for so many seconds, in other words": {"tif": "GTX", "duration": 3600},
}


@pytest.mark.parametrize("sessions", [False, True])
@pytest.mark.parametrize("name", ENDS)
def test_an_order_ends_when_its_time_has_come(
    clock: VirtualClock, play: Play, join: Connect, name: str, *, sessions: bool
) -> None:
    with running({"AAPL": AAPL}, clock, Options(sessions=sessions)) as sim:

        async def scenario() -> None:
            async with join(sim) as desk:
                trade = await place(desk, order(lmtPrice=150, **ENDS[name]), "Submitted")
                sim.advance((HOUR - MINUTE).total_seconds())
                assert stands(sim) == [("Submitted", 0)]
                sim.advance(MINUTE.total_seconds())
                await desk.until(lambda: trade.orderStatus.status == "Cancelled")

        play(scenario)


def test_an_order_for_later_waits_for_its_time(
    clock: VirtualClock, play: Play, join: Connect
) -> None:
    with running({"AAPL": AAPL}, clock) as sim:

        async def scenario() -> None:
            async with join(sim) as desk:
                later = order(goodAfterTime="20250106 13:00:00 US/Eastern")
                trade = await place(desk, later, "PreSubmitted")
                sim.advance((HOUR - MINUTE).total_seconds())
                assert stands(sim) == [("PreSubmitted", 0)]
                sim.advance(MINUTE.total_seconds())
                await desk.until(lambda: trade.orderStatus.status == "Filled")
                assert trade.fills[0].execution.time == NOON + HOUR

        play(scenario)


# -- auctions -------------------------------------------------------------------------------------

AUCTIONS: dict[str, tuple[Order, datetime]] = {
    "MOC": (order("MOC"), datetime(2025, 1, 6, 21, 0, tzinfo=UTC)),
    "LOC": (order("LOC", lmtPrice=190.5), datetime(2025, 1, 6, 21, 0, tzinfo=UTC)),
    "MKT OPG": (order("MKT", tif="OPG"), datetime(2025, 1, 6, 14, 30, tzinfo=UTC)),
    "LMT OPG": (order(tif="OPG"), datetime(2025, 1, 6, 14, 30, tzinfo=UTC)),
    "MTL AUC": (order("MTL", tif="AUC", lmtPrice=191), datetime(2025, 1, 6, 14, 30, tzinfo=UTC)),
}


@pytest.mark.parametrize("name", AUCTIONS)
def test_an_auction_is_held_when_the_session_opens_or_closes(
    play: Play, join: Connect, name: str
) -> None:
    asked, at = AUCTIONS[name]
    with running({"AAPL": AAPL}, VirtualClock(EARLY), Options(sessions=True)) as sim:

        async def scenario() -> None:
            async with join(sim) as desk:
                asked.orderId = 0
                trade = desk.ib.placeOrder(ib.Stock("AAPL", "SMART", "USD"), asked)
                await desk.until(lambda: desk.codes(asked.orderId) == [399])
                sim.advance((8 * HOUR).total_seconds())
                await desk.until(lambda: trade.orderStatus.status == "Filled")
                assert [fill.execution.time for fill in trade.fills] == [at]
                assert trade.fills[0].execution.price == 190.00

        play(scenario)


def test_extended_hours_are_ignored_for_an_auction_and_that_is_said(
    clock: VirtualClock, play: Play, join: Connect
) -> None:
    with running({"AAPL": AAPL}, clock, Options(sessions=True)) as sim:

        async def scenario() -> None:
            async with join(sim) as desk:
                asked = order("MOC", outsideRth=True)
                trade = desk.ib.placeOrder(ib.Stock("AAPL", "SMART", "USD"), asked)
                await desk.until(lambda: desk.codes(asked.orderId) == [2109])
                sim.advance((5 * HOUR).total_seconds())
                await desk.until(lambda: trade.orderStatus.status == "Filled")
                assert trade.fills[0].execution.time == NOON + 4 * HOUR

        play(scenario)


def test_an_order_for_the_opening_that_came_too_late_waits_for_the_next(
    clock: VirtualClock, play: Play, join: Connect
) -> None:
    with running({"AAPL": AAPL}, clock, Options(sessions=True)) as sim:

        async def scenario() -> None:
            async with join(sim) as desk:
                trade = await place(desk, order("MKT", tif="OPG"), "PreSubmitted")
                sim.advance((24 * HOUR).total_seconds())
                await desk.until(lambda: trade.orderStatus.status == "Filled")
                assert trade.fills[0].execution.time == EARLY + 24 * HOUR + 30 * MINUTE

        play(scenario)


# -- conditions -----------------------------------------------------------------------------------


def at(**about: object) -> list[object]:
    (name,) = [key for key in about if key.endswith("Condition")]
    terms = about[name]
    made: list[object] = [getattr(ib, name)(**terms)]  # type: ignore[arg-type]  # a table of them
    return made


def up(sim: Running) -> None:
    sim.set_price("AAPL", quote("191.90", "192.00", "191.95", "189.00"))


def trade_in_ibm(sim: Running) -> None:
    sim.place_by_hand("IBM", "BUY", Decimal(1))


def much_volume(sim: Running) -> None:
    for _ in range(10):
        sim.set_price("AAPL", AAPL)


def an_hour(sim: Running) -> None:
    sim.advance(HOUR.total_seconds())


CONDITIONS = {
    "price": (at(PriceCondition={"price": 191.0, "conId": STOCK, "exch": "SMART"}), up),
    "time": (at(TimeCondition={"time": "20250106 13:00:00 US/Eastern"}), an_hour),
    "execution": (
        at(ExecutionCondition={"secType": "STK", "exch": "SMART", "symbol": "IBM"}),
        trade_in_ibm,
    ),
    "volume": (at(VolumeCondition={"volume": 900, "conId": STOCK, "exch": "SMART"}), much_volume),
    "change": (at(PercentChangeCondition={"changePercent": 1, "conId": STOCK}), up),
}


@pytest.mark.parametrize("name", CONDITIONS)
def test_an_order_waits_for_its_condition(
    clock: VirtualClock, play: Play, join: Connect, name: str
) -> None:
    conditions, happen = CONDITIONS[name]
    with running({"AAPL": AAPL}, clock) as sim:

        async def scenario() -> None:
            async with join(sim) as desk:
                trade = await place(desk, order("MKT", conditions=conditions), "PreSubmitted")
                sim.settle()
                assert stands(sim) == [("PreSubmitted", 0)]
                happen(sim)
                await desk.until(lambda: trade.orderStatus.status == "Filled")

        play(scenario)


@pytest.mark.parametrize("name", CONDITIONS)
def test_an_order_is_cancelled_by_its_condition_if_that_is_what_it_is_for(
    clock: VirtualClock, play: Play, join: Connect, name: str
) -> None:
    conditions, happen = CONDITIONS[name]
    with running({"AAPL": AAPL}, clock) as sim:

        async def scenario() -> None:
            async with join(sim) as desk:
                asked = order(lmtPrice=150, conditions=conditions, conditionsCancelOrder=True)
                trade = await place(desk, asked, "Submitted")
                happen(sim)
                await desk.until(lambda: trade.orderStatus.status == "Cancelled")

        play(scenario)


def test_a_margin_condition_looks_at_the_cushion(
    clock: VirtualClock, play: Play, join: Connect
) -> None:
    with running({"AAPL": AAPL}, clock) as sim:

        async def scenario() -> None:
            async with join(sim) as desk:
                below = [ib.MarginCondition(percent=90, isMore=False)]
                trade = await place(desk, order("MKT", conditions=below), "PreSubmitted")
                sim.place_by_hand("SPY", "BUY", Decimal(1500))
                await desk.until(lambda: trade.orderStatus.status == "Filled")

        play(scenario)


@pytest.mark.parametrize(("joint", "status"), [("a", "PreSubmitted"), ("o", "Filled")])
def test_conditions_are_joined_by_and_or_or(
    clock: VirtualClock, play: Play, join: Connect, joint: str, status: str
) -> None:
    both = [
        ib.PriceCondition(price=180.0, conId=STOCK, exch="SMART", conjunction=joint),
        ib.PriceCondition(price=999.0, conId=STOCK, exch="SMART"),
    ]
    with running({"AAPL": AAPL}, clock) as sim:

        async def scenario() -> None:
            async with join(sim) as desk:
                await place(desk, order("MKT", conditions=both), status)
                sim.settle()

        play(scenario)
        assert stands(sim)[0][0] == status
