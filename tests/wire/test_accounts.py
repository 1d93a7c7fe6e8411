"""Account values, positions and profits, as a client sees them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from riskgate.simulator import Options, Running, quote, running
from riskgate.simulator.accounts import Account, Trade
from riskgate.simulator.contracts import Listing
from riskgate.simulator.listings import catalogue_for
from riskgate.simulator.prices import Prices
from tests.wire.conftest import client_library

if TYPE_CHECKING:
    from tests.wire.conftest import Connect, Desk, Order, Play, Stock

ib = client_library()
ACCOUNT = "DU1234567"


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
