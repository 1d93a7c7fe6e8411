"""What is refused, and that every request there is has an answer or an error under its number."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from riskgate.simulator import Running, VirtualClock, running
from riskgate.simulator.answers import ANSWERS, UNSUPPORTED
from riskgate.simulator.wire.requests import REQUESTS
from tests.wire.conftest import AAPL, Connect, Play, WireConnect, client_library
from tests.wire.test_held_orders import HELD

if TYPE_CHECKING:
    from tests.wire.conftest import Contract, Library

ib: Library = client_library()
SUNDAY = datetime(2025, 1, 5, 17, 0, tzinfo=UTC)
# What this simulator has not, as its documentation says; nothing else may be missing.
MISSING = {
    "exerciseOptions",
    "replaceFA",
    "reqFundamentalData",
    "reqHistogramData",
    "reqHistoricalNews",
    "reqHistoricalTicks",
    "reqMktDepth",
    "reqNewsArticle",
    "reqScannerSubscription",
    "reqWshEventData",
    "reqWshMetaData",
}


def stock() -> Contract:
    made: Contract = ib.Stock("AAPL", "SMART", "USD")
    return made


# -- every request --------------------------------------------------------------------------------


def test_every_request_is_answered_but_those_that_are_said_to_be_missing() -> None:
    assert {one.name for one in REQUESTS} - ANSWERS.keys() == MISSING


@pytest.mark.parametrize("name", sorted(MISSING))
def test_what_is_missing_is_refused_under_the_number_of_the_request(
    wire: WireConnect, name: str
) -> None:
    client = wire()
    client.send(name, {"reqId": 4711})
    answer = client.read_until("error")[-1]
    while answer.integer("reqId") != 4711:
        answer = client.read_until("error")[-1]
    assert answer.integer("code") == UNSUPPORTED
    assert answer.text("text").startswith(name)


@pytest.mark.parametrize(
    ("request_name", "answer"),
    [
        ("reqFamilyCodes", "familyCodes"),
        ("reqSoftDollarTiers", "softDollarTiers"),
        ("reqUserInfo", "userInfo"),
        ("reqSmartComponents", "smartComponents"),
        ("reqMktDepthExchanges", "mktDepthExchanges"),
        ("reqNewsProviders", "newsProviders"),
        ("reqScannerParameters", "scannerParameters"),
        ("queryDisplayGroups", "displayGroupList"),
        ("subscribeToGroupEvents", "displayGroupUpdated"),
        ("verifyRequest", "verifyCompleted"),
        ("verifyAndAuthMessage", "verifyAndAuthCompleted"),
    ],
)
def test_a_short_question_has_a_short_answer(
    wire: WireConnect, request_name: str, answer: str
) -> None:
    client = wire()
    client.send(request_name, {"reqId": 8})
    said = client.read_until(answer)[-1]
    assert said.fields.get("reqId", 8) == 8


# -- orders and filters ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "terms",
    [
        {"orderType": "LMT", "lmtPrice": -5},
        {"orderType": "STP", "auxPrice": -5},
        {"orderType": "STP LMT", "lmtPrice": 150, "auxPrice": -1},
    ],
)
def test_a_stock_has_no_price_below_zero(
    sim: Running, play: Play, join: Connect, terms: dict[str, Any]
) -> None:
    async def scenario() -> None:
        async with join(sim) as desk:
            order = ib.Order(action="BUY", totalQuantity=10, tif="DAY", **terms)
            trade = desk.ib.placeOrder(stock(), order)
            await desk.until(lambda: desk.codes(trade.order.orderId) == [110])

    play(scenario)
    assert sim.orders() == ()


def test_a_future_may_have_one(sim: Running, play: Play, join: Connect) -> None:
    """Crude oil traded at -37.63 on 2020-04-20."""

    async def scenario() -> None:
        async with join(sim) as desk:
            found = await desk.ib.reqContractDetailsAsync(ib.Future("CL", exchange="NYMEX"))
            order = ib.LimitOrder("BUY", 1, -37.63, tif="DAY")
            await desk.place(found[0].contract, order, "Submitted")

    play(scenario)


@pytest.mark.parametrize("time", ["junk", "2025", "20251301 00:00:00", "20250106 25:00:00"])
def test_a_time_that_is_none_in_a_filter_of_executions_is_an_error(
    sim: Running, play: Play, join: Connect, time: str
) -> None:
    async def scenario() -> None:
        async with join(sim) as desk:
            asked = desk.ib.reqExecutionsAsync(ib.ExecutionFilter(time=time))
            assert await asyncio.wait_for(asked, 3) == []
            assert [code for about, code, _ in desk.errors if about > 0] == [320]

    play(scenario)


@pytest.mark.parametrize(
    ("time", "found"),
    [
        ("20250106 11:59:00", 1),
        ("20250106  11:59:00", 1),
        ("20250106-16:59:00", 1),
        ("20250106 16:59:00 UTC", 1),
        ("20250106", 1),
        ("20250106 12:01:00", 0),
        ("20250106-17:01:00", 0),
        ("20250106 12:01:00 US/Eastern", 0),
        ("20250107", 0),
    ],
)
def test_executions_are_filtered_by_any_form_of_time(
    wire_to: WireConnect, time: str, found: int
) -> None:
    with running({"AAPL": AAPL}, VirtualClock(datetime(2025, 1, 6, 17, tzinfo=UTC))) as sim:
        client = wire_to(sim)
        client.send("placeOrder", {**HELD, "orderType": "MKT", "tif": "FOK", "transmit": True})
        client.read_until("commissionReport")
        client.send("reqExecutions", {"reqId": 9, "time": time})
        told = client.read_until("execDetailsEnd")
        assert len([one for one in told if one.name == "execDetails"]) == found


# -- bars and options -----------------------------------------------------------------------------


# duration and size: how many bars there are, and the time of the first
SECONDS = {
    ("60 S", "1 secs"): (60, "15:59:00"),
    ("3600 S", "5 secs"): (720, "15:00:00"),
    ("23400 S", "30 mins"): (13, "09:30:00"),
}


@pytest.mark.parametrize("asked", SECONDS)
def test_seconds_asked_for_on_a_sunday_are_those_of_friday(
    play: Play, join: Connect, asked: tuple[str, str]
) -> None:
    count, first = SECONDS[asked]
    with running({"AAPL": AAPL}, VirtualClock(SUNDAY)) as sim:

        async def scenario() -> None:
            async with join(sim) as desk:
                bars = await desk.ib.reqHistoricalDataAsync(stock(), "", *asked, "TRADES", True)
                assert len(bars) == count
                assert f"{bars[0].date:%Y-%m-%d %H:%M:%S}" == f"2025-01-03 {first}"

        play(scenario)


def test_bars_of_bid_and_ask_lie_between_them(sim: Running, play: Play, join: Connect) -> None:
    async def scenario() -> None:
        async with join(sim) as desk:
            shown = {
                show: await desk.ib.reqHistoricalDataAsync(stock(), "", "1 D", "1 hour", show, True)
                for show in ("BID", "ASK", "BID_ASK")
            }
            for bid, ask, both in zip(*shown.values(), strict=True):
                assert (both.low, both.high) == (bid.low, ask.high)
                assert (both.open, both.close) == (bid.open, ask.close)

    play(scenario)


def test_the_schedule_of_the_past_is_the_sessions_of_the_contract(
    play: Play, join: Connect
) -> None:
    with running({"AAPL": AAPL}, VirtualClock(SUNDAY)) as sim:

        async def scenario() -> None:
            async with join(sim) as desk:
                found = await asyncio.wait_for(desk.ib.reqHistoricalScheduleAsync(stock(), 2), 3)
                assert [one.refDate for one in found.sessions] == ["20250102", "20250103"]
                assert found.sessions[0].startDateTime == "20250102-09:30:00"
                assert found.timeZone == "US/Eastern"

        play(scenario)


@pytest.mark.parametrize("under", [-5.0, 0.0, float("inf"), float("nan"), 1e300])
def test_an_option_is_not_computed_from_nonsense_and_nobody_waits_for_it(
    sim: Running, play: Play, join: Connect, under: float
) -> None:
    option = ib.Option("AAPL", strike=190, right="C", exchange="SMART", currency="USD")

    async def scenario() -> None:
        async with join(sim) as desk:
            for ask in (
                desk.ib.calculateOptionPriceAsync(option, 0.3, under),
                desk.ib.calculateImpliedVolatilityAsync(option, 5.0, under),
            ):
                assert await asyncio.wait_for(ask, 3) == []
            assert [code for about, code, _ in desk.errors if about > 0] == [320, 320]

    play(scenario)
