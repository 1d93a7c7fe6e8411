"""How much of an order trades at once: clips, minima, cash, parts of a share, legs of a combo."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from riskgate.simulator import Fills, Options, Running, quote, running
from tests.wire.conftest import client_library
from tests.wire.lives import AT_ONCE, WAITING, Life, contract, life, order, rest

if TYPE_CHECKING:
    from tests.wire.conftest import Connect, Play

ib = client_library()
AAPL = quote("189.99", "190.01", "190.00", "189.00")
OPTION = 700000004  # a call on AAPL at 190


def test_a_relative_order_in_percent_pays_no_more_than_the_ask(
    sim: Running, play: Play, join: Connect
) -> None:
    async def scenario() -> None:
        async with join(sim) as desk:
            one = WAITING["REL in percent"]
            trade = await desk.place(contract(one), order(one), "Filled")
            assert {fill.execution.price for fill in trade.fills} == {190.01}

    play(scenario)


def test_an_iceberg_fills_in_clips_of_what_it_shows(
    sim: Running, play: Play, join: Connect
) -> None:
    async def scenario() -> None:
        async with join(sim) as desk:
            trade = await rest(desk, AT_ONCE["iceberg"])
            assert [fill.execution.shares for fill in trade.fills] == [30, 30, 30, 10]

    play(scenario)


@pytest.mark.parametrize(
    ("extra", "sizes"), [({"allOrNone": True}, [100]), ({"minQty": 80}, [100])]
)
def test_an_order_that_wants_much_at_once_waits_for_it(
    sim: Running, play: Play, join: Connect, extra: dict[str, object], sizes: list[int]
) -> None:
    sim.set_price("AAPL", quote("189.99", "190.01", liquidity=70))

    async def scenario() -> None:
        async with join(sim) as desk:
            one = life("Submitted", 190.01, orderType="LMT", lmtPrice=190.05, **extra)
            trade = await rest(desk, one)
            sim.settle()
            assert trade.fills == []
            sim.set_price("AAPL", quote("189.99", "190.01", liquidity=100))
            await desk.until(lambda: trade.orderStatus.status == "Filled")
            assert sum(fill.execution.shares for fill in trade.fills) == sum(sizes)
            assert trade.fills[0].execution.shares >= 80

    play(scenario)


def test_an_amount_of_cash_buys_what_it_is_enough_for(play: Play, join: Connect) -> None:
    for fractional, bought in ((False, Decimal(105)), (True, Decimal("105.2576"))):
        options = Options(fractional=fractional, fills=Fills(chunks=1))
        with running({"AAPL": AAPL}, options=options) as sim:

            async def scenario(sim: Running = sim) -> None:
                async with join(sim) as desk:
                    await rest(desk, AT_ONCE["cash"])

            play(scenario)
            assert sim.positions() == {"AAPL": bought}


def test_an_amount_of_cash_waits_for_a_price_and_may_buy_nothing(
    sim: Running, play: Play, join: Connect
) -> None:
    async def scenario() -> None:
        async with join(sim) as desk:
            sim.set_price("AAPL", quote())
            one = AT_ONCE["cash"]
            trade = await desk.place(contract(one), order(one), "PreSubmitted")
            sim.settle()
            assert sim.orders()[0].status == "PreSubmitted"
            sim.set_price("AAPL", AAPL)
            await desk.until(lambda: trade.orderStatus.status == "Filled")
            little = life("Cancelled", 0, orderType="MKT", totalQuantity=0, cashQty=10)
            assert (await rest(desk, little)).fills == []

    play(scenario)


def test_an_amount_of_the_second_currency_buys_the_first(
    sim: Running, play: Play, join: Connect
) -> None:
    async def scenario() -> None:
        async with join(sim) as desk:
            sim.set_price("EUR.USD", quote("1.0840", "1.0850"))
            asked = ib.Order(
                orderType="MKT", action="BUY", totalQuantity=0, cashQty=10850, tif="DAY"
            )
            await desk.place(ib.Forex("EURUSD"), asked, "Filled")

    play(scenario)
    assert sim.positions() == {"EUR.USD": Decimal(10000)}


def test_parts_of_a_share_trade_where_the_account_may(play: Play, join: Connect) -> None:
    with running({"AAPL": AAPL}, options=Options(fractional=True, fills=Fills(chunks=1))) as sim:

        async def scenario() -> None:
            async with join(sim) as desk:
                one = life("", 190.01, orderType="MKT", totalQuantity=0.5)
                await rest(desk, one)

        play(scenario)
        assert sim.positions() == {"AAPL": Decimal("0.5")}


def test_a_volatility_order_works_at_the_options_value(
    sim: Running, play: Play, join: Connect
) -> None:
    async def scenario() -> None:
        async with join(sim) as desk:
            (option,) = await desk.ib.qualifyContractsAsync(
                ib.Contract(conId=OPTION, exchange="SMART")
            )
            sim.set_price(option.localSymbol, quote("900.00", "901.00"))
            asked = ib.Order(
                action="BUY",
                totalQuantity=2,
                tif="DAY",
                orderType="VOL",
                volatility=0.5,
                volatilityType=2,
            )
            trade = await desk.place(option, asked, "Submitted")
            sim.set_price(option.localSymbol, quote("0.01", "0.02"))
            await desk.until(lambda: trade.orderStatus.status == "Filled")

    play(scenario)


def test_a_market_to_limit_order_rests_at_the_price_of_its_first_fill(
    sim: Running, play: Play, join: Connect
) -> None:
    sim.set_price("AAPL", quote("189.99", "190.01", liquidity=30))

    async def scenario() -> None:
        async with join(sim) as desk:
            trade = desk.ib.placeOrder(contract(AT_ONCE["MTL"]), order(AT_ONCE["MTL"]))
            await desk.until(lambda: trade.orderStatus.filled == 30)
            sim.set_price("AAPL", quote("190.10", "190.20"))
            sim.settle()
            sim.set_price("AAPL", quote("189.90", "190.00"))
            await desk.until(lambda: trade.orderStatus.status == "Filled")
            assert trade.fills[-1].execution.price == 190.00

    play(scenario)
    assert sim.orders()[0].limit == Decimal("190.01")


def test_a_scale_order_takes_each_further_part_at_a_better_price(
    sim: Running, play: Play, join: Connect
) -> None:
    scale: dict[str, object] = {
        "orderType": "LMT",
        "lmtPrice": 190.05,
        "scaleInitLevelSize": 40,
        "scaleSubsLevelSize": 30,
        "scalePriceIncrement": 0.5,
    }

    async def scenario() -> None:
        async with join(sim) as desk:
            one = Life(scale, "", 0)
            trade = desk.ib.placeOrder(contract(one), order(one))
            await desk.until(lambda: trade.orderStatus.filled == 40)
            for ask, filled in (("189.60", 40), ("189.50", 70), ("189.00", 100)):
                sim.set_price("AAPL", quote("188.00", ask))
                sim.settle()
                await desk.ib.reqCurrentTimeAsync()
                assert trade.orderStatus.filled == filled

    play(scenario)


LEGS = ((265598, "BUY"), (272093, "SELL"))  # AAPL against MSFT, -230.02 to -229.98
COMBOS: dict[str, tuple[dict[str, object], str]] = {
    "LMT": ({"orderType": "LMT", "lmtPrice": -229.00}, "Filled"),
    "MKT": ({"orderType": "MKT"}, "Filled"),
    "REL + LMT": ({"orderType": "REL + LMT", "lmtPrice": -229.00}, "Filled"),
    "REL + MKT": ({"orderType": "REL + MKT"}, "Filled"),
    "LMT + MKT": ({"orderType": "LMT + MKT", "lmtPrice": -229.00}, "Filled"),
    "LMT away from the market": ({"orderType": "LMT", "lmtPrice": -235.00}, "Submitted"),
    "leg prices": ({"orderType": "LMT", "legs": (191.00, 419.00)}, "Filled"),
    "leg prices away from the market": ({"orderType": "LMT", "legs": (180.0, 425.0)}, "Submitted"),
}


@pytest.mark.parametrize("name", COMBOS)
def test_a_combo_trades_at_the_market_of_its_legs(
    sim: Running, play: Play, join: Connect, name: str
) -> None:
    terms, status = COMBOS[name]

    async def scenario() -> None:
        async with join(sim) as desk:
            legs = [ib.ComboLeg(number, 1, side, "SMART") for number, side in LEGS]
            bag = ib.Contract(
                symbol="AAPL", secType="BAG", currency="USD", exchange="SMART", comboLegs=legs
            )
            asked = order(Life({key: one for key, one in terms.items() if key != "legs"}, "", 0))
            asked.smartComboRoutingParams = [ib.TagValue("NonGuaranteed", "1")]
            prices = terms.get("legs")
            if isinstance(prices, tuple):
                asked.orderComboLegs = [ib.OrderComboLeg(price) for price in prices]
            trade = await desk.place(bag, asked, status)
            if status == "Submitted":
                sim.set_price("AAPL", quote("170.00", "170.02", "170.01"))
                await desk.until(lambda: trade.orderStatus.status == "Filled")

    play(scenario)
    assert sim.positions() == {"AAPL": 100, "MSFT": -100}
