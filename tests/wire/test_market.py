"""Contracts and market data, as a client sees them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from riskgate.simulator import (
    Halt,
    Options,
    Price,
    Resume,
    Running,
    VirtualClock,
    quote,
    running,
)
from riskgate.simulator.greeks import Option, greeks, implied
from riskgate.simulator.hours import STOCK_LIQUID
from riskgate.simulator.listings import STOCKS, catalogue_for, third_friday
from riskgate.simulator.market_answers import MOST_LINES
from riskgate.simulator.wire.kinds import Record
from tests.wire.conftest import AAPL, client_library

if TYPE_CHECKING:
    from tests.wire.conftest import Connect, Play, Stock, WireConnect

ib = client_library()
START = datetime(2025, 1, 6, 15, 0, tzinfo=UTC)


def stock(symbol: str = "AAPL") -> Stock:
    found: Stock = ib.Stock(symbol, "SMART", "USD")
    return found


def test_every_stock_of_the_catalogue_is_qualified(sim: Running, play: Play, join: Connect) -> None:
    async def scenario() -> None:
        async with join(sim) as desk:
            wanted = [stock(symbol) for symbol in STOCKS]
            found = await desk.ib.qualifyContractsAsync(*wanted)
            assert [one.conId for one in found] == [row[0] for row in STOCKS.values()]

    play(scenario)


def test_details_hold_tick_hours_and_exchanges(play: Play, join: Connect) -> None:
    with running(clock=VirtualClock(START)) as sim:

        async def scenario() -> None:
            async with join(sim) as desk:
                (found,) = await desk.ib.reqContractDetailsAsync(stock())
                assert (found.minTick, found.timeZoneId) == (0.01, "US/Eastern")
                assert found.liquidHours.startswith("20250106:0930-20250106:1600;")
                assert "20250111:CLOSED" in found.tradingHours
                assert "SMART" in found.validExchanges.split(",")
                assert found.longName == "APPLE INC"

        play(scenario)


def test_futures_come_with_their_next_expiries(play: Play, join: Connect) -> None:
    with running(clock=VirtualClock(START)) as sim:

        async def scenario() -> None:
            async with join(sim) as desk:
                chain = await desk.ib.reqContractDetailsAsync(ib.Future("ES", "", "CME"))
                months = [one.contractMonth for one in chain]
                assert months == ["202503", "202506", "202509", "202512"]
                one = ib.Future("ES", "202506", "CME")
                await desk.ib.qualifyContractsAsync(one)
                assert (one.localSymbol, one.multiplier) == ("ESM5", "50")
                crude = await desk.ib.reqContractDetailsAsync(ib.Future("CL"))
                assert crude[0].contract.lastTradeDateOrContractMonth == "20250122"

        play(scenario)


def test_an_option_chain_is_listed(play: Play, join: Connect) -> None:
    with running(clock=VirtualClock(START)) as sim:

        async def scenario() -> None:
            async with join(sim) as desk:
                (chain,) = await desk.ib.reqSecDefOptParamsAsync("AAPL", "", "STK", 265598)
                assert chain.strikes == [180.0, 185.0, 190.0, 195.0, 200.0]
                call = ib.Option("AAPL", chain.expirations[0], 190.0, "C", "SMART")
                await desk.ib.qualifyContractsAsync(call)
                assert call.multiplier == "100"
                assert call.conId > 0

        play(scenario)


def test_an_unknown_symbol_is_answered_with_200(sim: Running, play: Play, join: Connect) -> None:
    async def scenario() -> None:
        async with join(sim) as desk:
            assert await desk.ib.reqContractDetailsAsync(stock("NOPE")) == []
            assert [code for _, code, _ in desk.errors if code == 200] == [200]

    play(scenario)


def test_a_pattern_finds_stocks_and_a_rule_its_ticks(
    sim: Running, play: Play, join: Connect
) -> None:
    async def scenario() -> None:
        async with join(sim) as desk:
            found = await desk.ib.reqMatchingSymbolsAsync("micro")
            assert [one.contract.symbol for one in found] == ["MSFT"]
            (step,) = await desk.ib.reqMarketRuleAsync(26)
            assert (step.lowEdge, step.increment) == (0.0, 0.01)

    play(scenario)


def test_a_quote_is_sent_now_and_at_each_change(sim: Running, play: Play, join: Connect) -> None:
    async def scenario() -> None:
        async with join(sim) as desk:
            ticker = await desk.watch(stock())
            await desk.until(lambda: ticker.close == 189)
            assert (ticker.bid, ticker.ask, ticker.last) == (189.99, 190.01, 190)
            assert (ticker.bidSize, ticker.askSize, ticker.lastSize) == (100, 100, 100)
            sim.set_price("AAPL", quote("191", "191.02", liquidity=7))
            await desk.until(lambda: (ticker.bid, ticker.askSize) == (191, 7))
            desk.ib.cancelMktData(ticker.contract)
            sim.set_price("AAPL", quote("192", "192.02"))
            await desk.ib.reqCurrentTimeAsync()
            assert ticker.bid == 191

    play(scenario)


def test_a_missing_side_is_minus_one_and_a_market_order_waits_for_it(
    sim: Running, play: Play, join: Connect
) -> None:
    async def scenario() -> None:
        sim.set_price("AAPL", quote(bid="189"))
        async with join(sim) as desk:
            ticker = await desk.watch(stock())
            await desk.until(lambda: (ticker.bid, ticker.ask, ticker.askSize) == (189, -1, 0))
            order = ib.MarketOrder("BUY", 1, tif="DAY")
            trade = await desk.place(stock(), order, "Submitted")
            sim.set_price("AAPL", quote("189", "189.10"))
            await desk.until(lambda: trade.orderStatus.status == "Filled")

    play(scenario)


def test_a_snapshot_ends(sim: Running, play: Play, join: Connect) -> None:
    async def scenario() -> None:
        async with join(sim) as desk:
            (listed,) = await desk.ib.qualifyContractsAsync(stock())
            (ticker,) = await desk.ib.reqTickersAsync(listed)
            assert (ticker.bid, ticker.ask) == (189.99, 190.01)

    play(scenario)


@pytest.mark.parametrize("data_type", [1, 3])
def test_without_live_data_there_is_an_error_or_delayed_data(
    play: Play, join: Connect, data_type: int
) -> None:
    with running(options=Options(live_data=False)) as sim:

        async def scenario() -> None:
            async with join(sim) as desk:
                desk.ib.reqMarketDataType(data_type)
                ticker = await desk.watch(stock())
                code = 354 if data_type == 1 else 10167
                await desk.until(lambda: code in {one[1] for one in desk.errors})
                if data_type == 3:
                    await desk.until(lambda: ticker.bid == 189.99)
                    assert ticker.marketDataType == 3

        play(scenario)


def test_a_price_for_an_unknown_symbol_is_refused(sim: Running) -> None:
    with pytest.raises(LookupError, match="NOPE"):
        sim.set_price("NOPE", quote("1", "2"))


def test_a_price_can_be_set_by_local_symbol(play: Play, join: Connect) -> None:
    with running(clock=VirtualClock(START)) as sim:
        sim.set_price("ESM5", quote("6000", "6000.25", "6000"))

        async def scenario() -> None:
            async with join(sim) as desk:
                future = ib.Future("ES", "202506", "CME")
                order = ib.MarketOrder("BUY", 1, tif="DAY")
                trade = await desk.place(future, order, "Filled")
                assert trade.orderStatus.avgFillPrice == 6000.25

        play(scenario)
        assert sim.positions() == {"ESM5": Decimal(1)}


def test_a_rate_trades_in_its_own_ticks(sim: Running, play: Play, join: Connect) -> None:
    async def scenario() -> None:
        async with join(sim) as desk:
            order = ib.LimitOrder("BUY", 20000, 1.08505, tif="DAY")
            await desk.place(ib.Forex("EURUSD"), order, "Filled")

    play(scenario)
    assert sim.positions() == {"EUR.USD": Decimal(20000)}


def test_no_two_listings_share_a_number() -> None:
    for day in (date(2025, 1, 6), date(2026, 12, 31), date(2027, 6, 18)):
        listings = catalogue_for(day)
        assert len({one.con_id for one in listings}) == len(listings)
        assert all(one.expiry >= f"{day:%Y%m%d}" for one in listings if one.expiry)


def test_the_third_friday_is_one() -> None:
    assert third_friday(2025, 3) == date(2025, 3, 21)


def test_a_weekend_is_closed() -> None:
    shown = STOCK_LIQUID.shown(date(2025, 1, 10)).split(";")
    assert shown[:2] == ["20250110:0930-20250110:1600", "20250111:CLOSED"]


# -- kinds of data --------------------------------------------------------------------------------


def test_volume_and_a_halt_are_told(sim: Running, play: Play, join: Connect) -> None:
    async def scenario() -> None:
        async with join(sim) as desk:
            ticker = await desk.watch(stock())
            await desk.until(lambda: ticker.halted == 0)
            sim.happen(Price("AAPL", volume=Decimal(12345)), Halt("AAPL"))
            await desk.until(lambda: (ticker.volume, ticker.halted) == (12345, 1))
            order = ib.MarketOrder("BUY", 1, tif="DAY")
            trade = await desk.place(stock(), order, "Submitted")
            sim.happen(Resume("AAPL"))
            await desk.until(lambda: trade.orderStatus.status == "Filled")

    play(scenario)


@pytest.mark.parametrize(("hour", "data_type"), [(15, 1), (3, 2)])
def test_frozen_data_is_frozen_only_while_the_market_is_closed(
    play: Play, join: Connect, hour: int, data_type: int
) -> None:
    clock = VirtualClock(datetime(2025, 1, 6, hour, tzinfo=UTC))
    with running(clock=clock, options=Options(sessions=True)) as sim:

        async def scenario() -> None:
            async with join(sim) as desk:
                desk.ib.reqMarketDataType(2)
                ticker = await desk.watch(stock())
                await desk.until(lambda: ticker.bid > 0)
                assert ticker.marketDataType == data_type

        play(scenario)


def test_one_line_more_than_there_are_is_refused(sim: Running, wire: WireConnect) -> None:
    client = wire()
    asked: Record = {"symbol": "AAPL", "secType": "STK", "exchange": "SMART", "currency": "USD"}
    for number in range(MOST_LINES + 1):
        client.send("reqMktData", {**asked, "reqId": number})
    found = client.read_until("error")
    while found[-1].integer("code") in {2104, 2106, 2158}:
        found = client.read_until("error")
    assert (found[-1].integer("reqId"), found[-1].integer("code")) == (MOST_LINES, 101)
    assert len(sim.received("reqMktData")) == MOST_LINES + 1


# -- options --------------------------------------------------------------------------------------


def test_an_option_is_computed_and_follows_its_underlying(play: Play, join: Connect) -> None:
    with running({"AAPL": AAPL}, VirtualClock(START)) as sim:

        async def scenario() -> None:
            async with join(sim) as desk:
                (chain,) = await desk.ib.reqSecDefOptParamsAsync("AAPL", "", "STK", 265598)
                call = ib.Option("AAPL", chain.expirations[0], 190.0, "C", "SMART")
                ticker: Any = await desk.watch(call)
                await desk.until(lambda: ticker.modelGreeks is not None)
                before = ticker.modelGreeks
                assert (before.undPrice, before.impliedVol) == (190.0, 0.25)
                assert 0.4 < before.delta < 0.6
                sim.set_price(call.localSymbol, quote("2.90", "3.10", "3.00"))
                await desk.until(lambda: ticker.bidGreeks is not None)
                assert ticker.askGreeks.impliedVol > ticker.bidGreeks.impliedVol
                sim.set_price("AAPL", quote("199.99", "200.01", "200"))
                await desk.until(lambda: ticker.modelGreeks.undPrice == 200.0)

        play(scenario)


def test_a_volatility_and_a_price_are_computed_for_each_other(play: Play, join: Connect) -> None:
    with running({"AAPL": AAPL}, VirtualClock(START)) as sim:

        async def scenario() -> None:
            async with join(sim) as desk:
                (chain,) = await desk.ib.reqSecDefOptParamsAsync("AAPL", "", "STK", 265598)
                put = ib.Option("AAPL", chain.expirations[0], 190.0, "P", "SMART")
                await desk.ib.qualifyContractsAsync(put)
                priced = await desk.ib.calculateOptionPriceAsync(put, 0.3, 190.0)
                found = await desk.ib.calculateImpliedVolatilityAsync(put, priced.optPrice, 190.0)
                assert found.impliedVol == pytest.approx(0.3, abs=1e-5)

        play(scenario)


@pytest.mark.parametrize("right", ["C", "P"])
def test_the_greeks_are_the_slopes_of_the_price(right: str) -> None:
    option, step = Option(right, 100.0, 0.5), 0.01
    here = greeks(option, 105.0, 0.2)
    up, down = (greeks(option, 105.0 + one, 0.2).price for one in (step, -step))
    assert here.delta == pytest.approx((up - down) / (2 * step), abs=1e-4)
    assert here.gamma == pytest.approx((up - 2 * here.price + down) / step**2, abs=1e-3)
    assert here.vega == pytest.approx(greeks(option, 105.0, 0.21).price - here.price, abs=1e-2)
    assert implied(option, 105.0, here.price) == pytest.approx(0.2, abs=1e-6)
    assert implied(option, 105.0, 200.0) is None
