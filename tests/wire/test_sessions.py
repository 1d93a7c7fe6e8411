"""A simulator that keeps sessions: what waits for the opening, and what ends at the close.

The day is Monday, January 6, 2025; AAPL trades from 9:30 to 16:00 in New York, which is
14:30 to 21:00 UTC, and with extended hours from 9:00 to 1:00 UTC.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from riskgate.simulator import Options, Running, VirtualClock, hours, quote, running
from riskgate.simulator.clock import Clock
from riskgate.simulator.hours import Hours
from tests.wire.conftest import client_library, habits

if TYPE_CHECKING:
    from tests.wire.conftest import Connect, Desk, Order, Play, Stock, Trade

ib = client_library()
AAPL = quote("189.99", "190.01", "190.00", "189.00")
EARLY = datetime(2025, 1, 6, 13, 0, tzinfo=UTC)
NOON = datetime(2025, 1, 6, 17, 0, tzinfo=UTC)
LATE = datetime(2025, 1, 6, 22, 0, tzinfo=UTC)
TO_OPENING = timedelta(hours=1, minutes=30)  # from EARLY
TO_CLOSE = timedelta(hours=4)  # from NOON
INSTANT = timedelta(microseconds=1)


def house(clock: Clock, *, sessions: bool = True) -> AbstractContextManager[Running]:
    return running({"AAPL": AAPL}, clock, Options(sessions=sessions))


def stock() -> Stock:
    found: Stock = ib.Stock("AAPL", "SMART", "USD")
    return found


def order(kind: str = "LMT", tif: str = "DAY", **terms: object) -> Order:
    plain = {"action": "BUY", "totalQuantity": 100, "lmtPrice": 190.05 if kind == "LMT" else 0}
    made: Order = ib.Order(orderType=kind, tif=tif, **{**plain, **terms})
    return made


async def place(desk: Desk, asked: Order, code: int) -> Trade:
    """Place an order and wait until the code about it has come."""
    trade: Trade = desk.ib.placeOrder(stock(), asked)
    await desk.until(lambda: desk.codes(trade.order.orderId) == [code])
    return trade


def stands(sim: Running) -> list[str]:
    sim.settle()
    return [one.status for one in sim.orders()]


@pytest.fixture
def early() -> VirtualClock:
    return VirtualClock(EARLY)


@pytest.fixture
def kept(early: VirtualClock) -> Iterator[Running]:
    """A simulator that keeps sessions, an hour and a half before the opening."""
    with house(early) as sim:
        yield sim


@pytest.mark.parametrize("terms", ["MKT DAY", "LMT DAY", "MKT GTC", "LMT GTC"])
def test_an_order_before_the_opening_is_warned_of_and_fills_at_the_opening(
    kept: Running, early: VirtualClock, play: Play, join: Connect, terms: str
) -> None:
    async def scenario() -> None:
        async with join(kept) as desk:
            trade = await place(desk, order(*terms.split()), 399)
            (text,) = [text for _, code, text in desk.errors if code == 399]
            assert re.fullmatch(
                r"Order Message:\s+BUY 100 AAPL NASDAQ\s+Warning: your order will not be placed "
                r"at the exchange until 2025-01-06 09:30:00 US/Eastern\.",
                text,
            )
            assert trade.orderStatus.status == habits().called_after(399, "PreSubmitted")
            early.advance(TO_OPENING - INSTANT)
            assert stands(kept) == ["PreSubmitted"]
            early.advance(INSTANT)
            await desk.until(lambda: trade.orderStatus.status == "Filled")
            assert trade.fills[0].execution.time == EARLY + TO_OPENING
            assert desk.codes(trade.order.orderId) == [399]

    play(scenario)


def test_a_waiting_order_is_warned_of_once_whatever_the_market_does(
    kept: Running, play: Play, join: Connect
) -> None:
    async def scenario() -> None:
        async with join(kept) as desk:
            trade = await place(desk, order(), 399)
            for bid, ask in (("189.00", "189.02"), ("188.00", "188.02")):
                kept.set_price("AAPL", quote(bid, ask, bid, "189.00"))
            assert stands(kept) == ["PreSubmitted"]
            await desk.ib.reqCurrentTimeAsync()
            assert desk.codes(trade.order.orderId) == [399]

    play(scenario)


def test_a_waiting_order_can_be_changed_and_cancelled(
    kept: Running, play: Play, join: Connect
) -> None:
    async def scenario() -> None:
        async with join(kept) as desk:
            trade = await place(desk, order(), 399)
            trade.order.lmtPrice = 189.5
            desk.ib.placeOrder(stock(), trade.order)
            await desk.until(lambda: desk.codes(trade.order.orderId) == [399, 399])
            assert [str(one.limit) for one in kept.orders()] == ["189.5"]
            desk.ib.client.cancelOrder(trade.order.orderId)
            await desk.until(lambda: desk.codes(trade.order.orderId) == [399, 399, 202])

    play(scenario)
    assert stands(kept) == ["Cancelled"]


@pytest.mark.parametrize("tif", ["IOC", "FOK"])
@pytest.mark.parametrize("start", [EARLY, LATE])
def test_what_is_immediate_is_cancelled_outside_the_session(
    play: Play, join: Connect, start: datetime, tif: str
) -> None:
    with house(VirtualClock(start)) as sim:

        async def scenario() -> None:
            async with join(sim) as desk:
                trade = await place(desk, order(tif=tif), 202)
                assert trade.orderStatus.filled == 0

        play(scenario)
        assert stands(sim) == ["Cancelled"]


@pytest.mark.parametrize("tif", ["DAY", "GTC", "IOC", "FOK"])
def test_an_order_for_extended_hours_fills_before_the_opening(
    kept: Running, play: Play, join: Connect, tif: str
) -> None:
    async def scenario() -> None:
        async with join(kept) as desk:
            trade = await desk.place(stock(), order(tif=tif, outsideRth=True), "Filled")
            assert desk.codes(trade.order.orderId) == []

    play(scenario)


@pytest.mark.parametrize("extended", [False, True])
def test_a_day_order_expires_at_the_close_of_its_hours(
    play: Play, join: Connect, *, extended: bool
) -> None:
    clock = VirtualClock(NOON)
    open_for = timedelta(hours=8) if extended else TO_CLOSE
    with house(clock) as sim:

        async def scenario() -> None:
            async with join(sim) as desk:
                asked = order(lmtPrice=150.0, outsideRth=extended)
                trade = await desk.place(stock(), asked, "Submitted")
                clock.advance(open_for - INSTANT)
                assert stands(sim) == ["Submitted"]
                clock.advance(INSTANT)
                await desk.until(lambda: desk.codes(trade.order.orderId) == [202])
                assert trade.orderStatus.status == "Cancelled"

        play(scenario)
        assert stands(sim) == ["Cancelled"]
        assert "day is over" in sim.orders()[0].reason


def test_a_good_till_cancelled_order_rests_over_night_and_trades_the_next_day(
    play: Play, join: Connect
) -> None:
    clock = VirtualClock(NOON)
    with house(clock) as sim:

        async def scenario() -> None:
            async with join(sim) as desk:
                asked = order(tif="GTC", lmtPrice=180.0)
                trade = await desk.place(stock(), asked, "Submitted")
                clock.advance(TO_CLOSE)
                sim.set_price("AAPL", quote("179.00", "179.02", "179.01", "189.00"))
                assert stands(sim) == ["Submitted"]
                clock.advance(timedelta(hours=17, minutes=30))
                await desk.until(lambda: trade.orderStatus.status == "Filled")
                assert trade.fills[0].execution.time == datetime(2025, 1, 7, 14, 30, tzinfo=UTC)
                assert desk.codes(trade.order.orderId) == []

        play(scenario)


def test_a_stop_is_not_triggered_outside_its_session(
    kept: Running, early: VirtualClock, play: Play, join: Connect
) -> None:
    async def scenario() -> None:
        async with join(kept) as desk:
            trade = await place(desk, order("STP", auxPrice=189.5), 399)
            assert stands(kept) == ["PreSubmitted"]
            early.advance(TO_OPENING)
            await desk.until(lambda: trade.orderStatus.status == "Filled")

    play(scenario)


def test_a_leap_over_the_whole_session_expires_a_day_order_untraded(
    kept: Running, early: VirtualClock, play: Play, join: Connect
) -> None:
    async def scenario() -> None:
        async with join(kept) as desk:
            trade = await place(desk, order(), 399)
            early.advance(timedelta(hours=9))
            await desk.until(lambda: desk.codes(trade.order.orderId) == [399, 202])
            assert trade.fills == []

    play(scenario)


def test_an_order_of_friday_night_waits_for_monday(play: Play, join: Connect) -> None:
    clock = VirtualClock(datetime(2025, 1, 3, 22, 0, tzinfo=UTC))
    with house(clock) as sim:

        async def scenario() -> None:
            async with join(sim) as desk:
                trade = await place(desk, order(), 399)
                assert "until 2025-01-06 09:30:00 US/Eastern" in desk.errors[-1][2]
                clock.advance(timedelta(days=2))
                assert stands(sim) == ["PreSubmitted"]
                clock.advance(timedelta(hours=16, minutes=30))
                await desk.until(lambda: trade.orderStatus.status == "Filled")

        play(scenario)


@pytest.mark.parametrize("start", [EARLY, LATE])
def test_without_sessions_everything_trades_around_the_clock(
    play: Play, join: Connect, start: datetime
) -> None:
    clock = VirtualClock(start)
    with house(clock, sessions=False) as sim:

        async def scenario() -> None:
            async with join(sim) as desk:
                for tif in ("DAY", "GTC", "IOC", "FOK"):
                    await desk.place(stock(), order(tif=tif), "Filled")
                await desk.place(stock(), order(lmtPrice=150.0), "Submitted")
                clock.advance(timedelta(days=3))
                assert stands(sim)[-1] == "Submitted"

        play(scenario)


class Shifted:
    """The computer's clock, set to another time; nobody tells when it moves."""

    def __init__(self, moment: datetime) -> None:
        self.show(moment)

    def show(self, moment: datetime) -> None:
        """Set it; it runs on from there."""
        self._offset = moment - datetime.now(UTC)

    def now(self) -> datetime:
        return datetime.now(UTC) + self._offset


def test_with_a_clock_that_runs_by_itself_the_session_opens_by_itself(
    play: Play, join: Connect
) -> None:
    opening, clock = EARLY + TO_OPENING, Shifted(EARLY)
    with house(clock) as sim:

        async def scenario() -> None:
            async with join(sim) as desk:
                trade = await place(desk, order(), 399)
                clock.show(opening - timedelta(seconds=0.3))
                await desk.ib.reqCurrentTimeAsync()  # any request makes it look at its clock
                await desk.until(lambda: trade.orderStatus.status == "Filled")

        play(scenario)
        assert sim.executions()[0].at >= opening


def utc(text: str) -> datetime:
    return datetime.fromisoformat(f"2025-{text}+00:00")


NEW_YORK, CHICAGO = ZoneInfo("US/Eastern"), ZoneInfo("US/Central")


@pytest.mark.parametrize(
    ("table", "zone", "at", "opens", "closes"),
    [
        (hours.STOCK_LIQUID, NEW_YORK, "01-06 14:29", "01-06 14:30", "01-06 21:00"),
        (hours.STOCK_LIQUID, NEW_YORK, "01-06 20:59", "01-06 14:30", "01-06 21:00"),
        (hours.STOCK_LIQUID, NEW_YORK, "01-06 21:00", "01-07 14:30", "01-07 21:00"),
        (hours.STOCK_LIQUID, NEW_YORK, "01-10 21:00", "01-13 14:30", "01-13 21:00"),
        (hours.STOCK_LIQUID, NEW_YORK, "03-07 21:00", "03-10 13:30", "03-10 20:00"),
        (hours.STOCK_TRADING, NEW_YORK, "01-07 00:30", "01-06 09:00", "01-07 01:00"),
        (hours.FUTURE_TRADING, CHICAGO, "01-06 22:00", "01-06 23:00", "01-07 22:00"),
        (hours.FUTURE_TRADING, CHICAGO, "01-07 05:00", "01-06 23:00", "01-07 22:00"),
        (hours.FUTURE_TRADING, CHICAGO, "01-10 22:00", "01-12 23:00", "01-13 22:00"),
        (hours.FUTURE_TRADING, CHICAGO, "03-07 22:00", "03-09 22:00", "03-10 21:00"),
    ],
)
def test_the_session_at_a_time_is_the_one_that_is_open_or_the_next(
    table: Hours, zone: ZoneInfo, at: str, opens: str, closes: str
) -> None:
    span = table.span_at(utc(at), zone)
    assert (span.opens, span.closes) == (utc(opens), utc(closes))


def test_who_comes_and_goes_and_what_is_ordered_is_logged(
    kept: Running, play: Play, join: Connect, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "riskgate.simulator")

    async def scenario() -> None:
        async with join(kept, 5) as desk:
            await place(desk, order(tif="GTC", orderId=7), 399)
            await place(desk, order(orderId=8, totalQuantity=0), 434)

    play(scenario)
    kept.wait_for(lambda: kept.clients() == frozenset())
    kept.place_by_hand("AAPL", "SELL", Decimal(3))
    lines = [one.getMessage() for one in caplog.records if "riskgate.simulator" in one.name]
    assert [re.sub("(refused: 434).*", r"\1", line) for line in lines] == [
        "client 5: connected",
        "client 5: order 7: BUY 100 AAPL LMT 190.05 GTC",
        "client 5: order 8: refused: 434",
        "client 5: disconnected",
        "client 0: order 0: SELL 3 AAPL MKT DAY",
    ]
