"""Account values, positions and profits, as a client sees them."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskgate.simulator import Fills, Options, Running, VirtualClock, quote, running
from riskgate.simulator.accounts import Account, Trade
from riskgate.simulator.allocation import Group, Method, shares
from riskgate.simulator.contracts import Listing
from riskgate.simulator.listings import catalogue_for
from riskgate.simulator.prices import Prices
from tests.wire.conftest import AAPL, client_library

if TYPE_CHECKING:
    from tests.wire.conftest import Connect, Desk, Order, Play, Stock

ib = client_library()
ACCOUNT = "DU1234567"
NOON = datetime(2025, 1, 6, 17, 0, tzinfo=UTC)


def stock() -> Stock:
    found: Stock = ib.Stock("AAPL", "SMART", "USD")
    return found


def market(action: str, quantity: float) -> Order:
    made: Order = ib.MarketOrder(action, quantity, tif="DAY")
    return made


def value(desk: Desk, tag: str) -> Decimal:
    (found,) = [
        Decimal(one.value)
        for one in desk.ib.accountValues()
        if one.tag == tag and one.currency == "USD"
    ]
    return found


def test_the_values_are_there_at_connect_and_follow_a_trade(
    sim: Running, play: Play, join: Connect
) -> None:
    async def scenario() -> None:
        async with join(sim) as desk:
            assert value(desk, "NetLiquidation") == 1_000_000
            await desk.place(stock(), market("BUY", 100), "Filled")
            await desk.until(lambda: [one.position for one in desk.ib.portfolio()] == [100])
            assert value(desk, "TotalCashValue") == Decimal("980998.00")
            assert value(desk, "NetLiquidation") == Decimal("999998.00")
            assert value(desk, "AvailableFunds") == Decimal("995248.00")
            (item,) = desk.ib.portfolio()
            assert (item.averageCost, item.marketPrice) == (190.02, 190)

    play(scenario)


def test_a_position_is_reported_live_and_disappears_when_it_is_flat(
    sim: Running, play: Play, join: Connect
) -> None:
    async def scenario() -> None:
        async with join(sim) as desk:
            await desk.place(stock(), market("BUY", 100), "Filled")
            await desk.until(lambda: [one.position for one in desk.ib.positions()] == [100])
            await desk.place(stock(), market("SELL", 100), "Filled")
            await desk.until(lambda: desk.ib.positions() == [])

    play(scenario)
    assert sim.positions() == {}


def test_profits_are_streamed(sim: Running, play: Play, join: Connect) -> None:
    async def scenario() -> None:
        async with join(sim) as desk:
            pnl = desk.ib.reqPnL(ACCOUNT)
            single = desk.ib.reqPnLSingle(ACCOUNT, "", 265598)
            await desk.place(stock(), market("BUY", 100), "Filled")
            sim.set_price("AAPL", quote("199.99", "200.01", "200.00"))
            await desk.until(lambda: pnl.unrealizedPnL == 998.0)
            await desk.until(lambda: (single.position, single.value) == (100, 20000))
            await desk.place(stock(), market("SELL", 100), "Filled")
            await desk.until(lambda: pnl.realizedPnL == 996.0)
            desk.ib.cancelPnL(ACCOUNT)
            desk.ib.cancelPnLSingle(ACCOUNT, "", 265598)

    play(scenario)


def test_a_summary_holds_the_tags_that_were_asked_for(
    sim: Running, play: Play, join: Connect
) -> None:
    async def scenario() -> None:
        async with join(sim) as desk:
            found = await desk.ib.accountSummaryAsync()
            tags = {one.tag: one.value for one in found}
            assert tags["NetLiquidation"] == "1000000.00"
            assert "ExcessLiquidity" in tags

    play(scenario)


def test_several_accounts_are_kept_apart(play: Play, join: Connect) -> None:
    with running(options=Options(accounts=("DU1", "DU2"))) as sim:

        async def scenario() -> None:
            async with join(sim) as desk:
                assert desk.ib.managedAccounts() == ["DU1", "DU2"]
                order = market("BUY", 10)
                order.account = "DU2"
                await desk.place(stock(), order, "Filled")
                lost = desk.ib.placeOrder(stock(), market("BUY", 10))
                await desk.until(lambda: desk.codes(lost.order.orderId) == [435])

        play(scenario)
        assert (sim.positions("DU1"), sim.positions("DU2")) == ({}, {"AAPL": Decimal(10)})


def test_an_order_beyond_the_margin_is_rejected_when_that_is_checked(
    play: Play, join: Connect
) -> None:
    options = Options(cash=Decimal(1000), check_margin=True)
    with running(options=options) as sim:

        async def scenario() -> None:
            async with join(sim) as desk:
                await desk.place(stock(), market("BUY", 10), "Filled")
                trade = await desk.place(stock(), market("BUY", 1000), "Inactive")
                assert desk.codes(trade.order.orderId) == [201]

        play(scenario)


def listing(symbol: str) -> Listing:
    catalogue = catalogue_for(date(2025, 1, 6))
    return next(one for one in catalogue if one.symbol == symbol)


@pytest.mark.parametrize(
    ("trades", "quantity", "average", "realized"),
    [
        ([(100, "10", "1")], 100, "10.01", "0"),
        ([(100, "10", "0"), (100, "12", "0")], 200, "11", "0"),
        ([(100, "10", "0"), (-40, "12", "1")], 60, "10", "79"),
        ([(100, "10", "0"), (-150, "12", "0")], -50, "12", "200"),
        ([(-100, "10", "0"), (100, "9", "0")], 0, "0", "100"),
    ],
)
def test_a_position_follows_its_trades(
    trades: list[tuple[int, str, str]], quantity: int, average: str, realized: str
) -> None:
    account = Account("DU1", Decimal(0), Decimal("0.25"))
    for size, price, cost in trades:
        account.apply(Trade(listing("AAPL"), Decimal(size), Decimal(price), Decimal(cost)))
    (position,) = account.positions.values()
    assert position.quantity == quantity
    assert position.average == Decimal(average)
    assert position.realized == Decimal(realized)


def test_a_future_moves_cash_by_its_profit_only() -> None:
    account, prices, future = Account("DU1", Decimal(0), Decimal("0.25")), Prices(), listing("ES")
    account.apply(Trade(future, Decimal(2), Decimal(5500), Decimal("4.50")))
    assert account.cash == 0
    prices.set(future.con_id, quote(5509, 5511, 5510))
    assert account.net_liquidation(prices) == Decimal("995.50")
    account.apply(Trade(future, Decimal(-2), Decimal(5510), Decimal("4.50")))
    assert account.cash == account.net_liquidation(prices) == Decimal(991)


def test_what_prices_change_is_told_every_three_minutes(play: Play, join: Connect) -> None:
    with running({"AAPL": AAPL}, VirtualClock(NOON)) as sim:

        async def scenario() -> None:
            async with join(sim) as desk:
                await desk.place(stock(), market("BUY", 100), "Filled")
                await desk.until(lambda: value(desk, "NetLiquidation") == 999998)
                summary = await desk.ib.accountSummaryAsync()
                sim.set_price("AAPL", quote("199.99", "200.01", "200.00"))
                sim.advance(179)
                await desk.ib.reqCurrentTimeAsync()
                assert value(desk, "NetLiquidation") == 999998
                sim.advance(1)
                await desk.until(lambda: value(desk, "NetLiquidation") == 1000998)
                await desk.until(lambda: desk.ib.portfolio()[0].marketPrice == 200)
                again = await desk.ib.accountSummaryAsync()
                worth = {one.value for one in again if one.tag == "NetLiquidation"}
                assert worth == {"1000998.00"}
                assert len(summary) == len(again)

        play(scenario)


# -- days -----------------------------------------------------------------------------------------


def test_the_profits_of_the_day_begin_anew_at_midnight(play: Play, join: Connect) -> None:
    with running({"AAPL": AAPL}, VirtualClock(NOON)) as sim:

        async def scenario() -> None:
            async with join(sim) as desk:
                pnl = desk.ib.reqPnL(ACCOUNT)
                single = desk.ib.reqPnLSingle(ACCOUNT, "", 265598)
                await desk.place(stock(), market("BUY", 100), "Filled")
                sim.set_price("AAPL", quote("199.99", "200.01", "200.00"))
                await desk.until(lambda: pnl.dailyPnL == single.dailyPnL == 998.0)
                sim.advance(24 * 3600)
                sim.set_price("AAPL", quote("200.99", "201.01", "201.00"))
                await desk.until(lambda: pnl.dailyPnL == single.dailyPnL == 100.0)
                assert (pnl.unrealizedPnL, pnl.realizedPnL) == (1098.0, 0.0)

        play(scenario)


def test_a_day_forgets_what_is_flat() -> None:
    account, prices = Account("DU1", Decimal(0), Decimal("0.25")), Prices()
    for size in (100, -100):
        account.apply(Trade(listing("AAPL"), Decimal(size), Decimal(10), Decimal(1)))
    assert (account.realized(), account.daily(prices)) == (Decimal(-2), Decimal(-2))
    account.new_day(prices)
    assert account.realized() == account.daily(prices) == 0
    assert account.positions == {}


# -- margin ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("contract", "change"),
    [
        (("Stock", "AAPL", "SMART", "USD"), 190.05 * 0.25 * 10),
        (("Future", "ES", "202503", "CME"), 190 * 50 * 0.06 * 10),
        (("Forex", "EURUSD"), 190 * 0.03 * 10),
    ],
)
def test_what_if_answers_with_the_margin_of_the_kind(
    play: Play, join: Connect, contract: tuple[str, ...], change: float
) -> None:
    with running({"AAPL": AAPL}, VirtualClock(NOON)) as sim:

        async def scenario() -> None:
            async with join(sim) as desk:
                price = 190.05 if contract[0] == "Stock" else 190.0
                order = ib.LimitOrder("BUY", 10, price, tif="DAY", transmit=True)
                wanted = getattr(ib, contract[0])(*contract[1:])
                state = await asyncio.wait_for(desk.ib.whatIfOrderAsync(wanted, order), 5)
                assert float(state.initMarginChange) == pytest.approx(change, abs=0.01)

        play(scenario)
        assert sim.orders() == ()


# -- advisers -------------------------------------------------------------------------------------


ADVISER = Options(
    accounts=("F1", "U1", "U2", "U3"),
    groups={
        "even": Group(("U1", "U2", "U3")),
        "ratio": Group(("U1", "U2"), "Ratio", (Decimal(3), Decimal(1))),
    },
    fills=Fills(chunks=1),
)


def test_an_order_of_a_group_is_divided_among_its_accounts(play: Play, join: Connect) -> None:
    with running({"AAPL": AAPL}, options=ADVISER) as sim:

        async def scenario() -> None:
            async with join(sim) as desk:
                order = market("BUY", 100)
                order.faGroup = "even"
                await desk.place(stock(), order, "Filled")
                await desk.until(lambda: len(desk.ib.positions()) == 3)
                told = [(one.execution.acctNumber, one.execution.shares) for one in desk.ib.fills()]
                assert told == [("F1", 100), ("U1", 34), ("U2", 33), ("U3", 33)]
                order = market("BUY", 8)
                order.faGroup = "ratio"
                await desk.place(stock(), order, "Filled")

        play(scenario)
        held = [sim.positions(code) for code in ADVISER.accounts]
        assert held == [{}, *({"AAPL": Decimal(size)} for size in (40, 35, 33))]
        assert len({one.exec_id for one in sim.executions()}) == len(sim.executions()) == 7


def test_a_group_that_there_is_not_is_refused(play: Play, join: Connect) -> None:
    with running(options=ADVISER) as sim:

        async def scenario() -> None:
            async with join(sim) as desk:
                order = market("BUY", 100)
                order.faGroup = "odd"
                lost = desk.ib.placeOrder(stock(), order)
                await desk.until(lambda: desk.codes(lost.order.orderId) == [436])

        play(scenario)


@pytest.mark.parametrize(
    ("kind", "word"), [(1, "<name>ratio</name>"), (3, "<account>U3</account>")]
)
def test_an_adviser_is_told_its_groups_and_accounts(
    play: Play, join: Connect, kind: int, word: str
) -> None:
    with running(options=ADVISER) as sim:

        async def scenario() -> None:
            async with join(sim) as desk:
                assert word in await desk.ib.requestFAAsync(kind)

        play(scenario)


@given(
    st.integers(1, 10**6),
    st.lists(st.decimals(0, 10**6, places=2), min_size=1, max_size=8),
    st.sampled_from(["EqualQuantity", "NetLiq", "Ratio"]),
)
def test_nothing_is_lost_when_a_fill_is_divided(
    quantity: int, amounts: list[Decimal], method: Method
) -> None:
    codes = tuple(f"U{number}" for number in range(len(amounts)))
    group = Group(codes, method, tuple(amounts) if method == "Ratio" else ())
    worth = dict(zip(codes, amounts, strict=True))
    parts = shares(group, Decimal(quantity), Decimal(1), worth)
    assert sum(parts.values()) == quantity
    assert all(part > 0 and part == int(part) for part in parts.values())


# -- combos ---------------------------------------------------------------------------------------


def test_a_combo_fills_as_one_and_moves_its_legs(play: Play, join: Connect) -> None:
    with running(clock=VirtualClock(NOON), options=Options(fills=Fills(chunks=1))) as sim:
        sim.set_price("ESH5", quote("5499", "5501", "5500"))
        sim.set_price("ESM5", quote("5549", "5551", "5550"))
        near, far = (
            one for one in catalogue_for(NOON.date()) if one.local_symbol in {"ESH5", "ESM5"}
        )

        async def scenario() -> None:
            async with join(sim) as desk:
                legs = [
                    ib.ComboLeg(conId=far.con_id, ratio=1, action="BUY", exchange="CME"),
                    ib.ComboLeg(conId=near.con_id, ratio=1, action="SELL", exchange="CME"),
                ]
                spread = ib.Contract(
                    symbol="ES", secType="BAG", exchange="CME", currency="USD", comboLegs=legs
                )
                order = ib.LimitOrder("BUY", 2, 60, tif="DAY")
                await desk.place(spread, order, "Filled")
                await desk.until(lambda: len(desk.ib.positions()) == 2)

        play(scenario)
        assert sim.positions() == {"ESM5": Decimal(2), "ESH5": Decimal(-2)}
        whole, bought, sold = sim.executions()
        assert (whole.listing.sec_type, whole.price) == ("BAG", bought.price - sold.price)
        assert [one.exec_id.count(".") for one in (whole, bought, sold)] == [3, 4, 4]


def test_a_combo_with_an_unknown_leg_is_refused(sim: Running, play: Play, join: Connect) -> None:
    async def scenario() -> None:
        async with join(sim) as desk:
            legs = [ib.ComboLeg(conId=1, ratio=1, action="BUY", exchange="CME")]
            spread = ib.Contract(
                symbol="ES", secType="BAG", exchange="CME", currency="USD", comboLegs=legs
            )
            lost = desk.ib.placeOrder(spread, ib.LimitOrder("BUY", 2, 60, tif="DAY"))
            await desk.until(lambda: desk.codes(lost.order.orderId) == [200])

    play(scenario)
