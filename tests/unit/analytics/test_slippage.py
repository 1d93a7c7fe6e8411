"""Slippage: positive is a cost, whichever way the order went."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from riskgate.analytics.measures import measured
from riskgate.analytics.slippage import (
    Slip,
    Slippage,
    Slipped,
    arrival_price,
    arrival_slippage,
    average_price,
    slippage,
)
from riskgate.analytics.tape import Print, Tape
from riskgate.analytics.totals import quality
from riskgate.model.market import Quote
from riskgate.model.order import Side
from riskgate.model.report import Fill
from tests.unit.analytics.samples import D, after, order
from tests.unit.analytics.samples import fill as done


def fill(quantity: str, price: str, commission: str | None = None) -> Fill:
    return Fill(
        execution_id=f"{quantity}@{price}.01",
        order_id=1,
        symbol="AAPL",
        side=Side.BUY,
        quantity=Decimal(quantity),
        price=Decimal(price),
        timestamp=datetime(2026, 3, 2, 15, tzinfo=UTC),
        commission=None if commission is None else Decimal(commission),
    )


def test_the_average_is_weighted_by_quantity() -> None:
    assert average_price([fill("30", "100"), fill("10", "104")]) == Decimal(101)
    assert average_price([]) is None


def test_paying_more_than_the_arrival_mid_is_a_cost_for_a_buy() -> None:
    assert arrival_slippage(Side.BUY, [fill("10", "100.10")], Decimal(100)) == Decimal(10)


def test_getting_more_than_the_arrival_mid_is_an_improvement_for_a_sell() -> None:
    assert arrival_slippage(Side.SELL, [fill("10", "100.10")], Decimal(100)) == Decimal(-10)


def test_without_fills_or_against_zero_there_is_no_slippage() -> None:
    assert arrival_slippage(Side.BUY, [], Decimal(100)) is None
    assert arrival_slippage(Side.BUY, [fill("10", "1")], Decimal(0)) is None


def test_slippage_is_in_price_units_and_in_basis_points() -> None:
    found = slippage(Side.SELL, [fill("30", "100"), fill("10", "99.60")], Decimal(100))
    assert found == Slippage(
        price=Decimal("0.1"), bps=Decimal(10), arrival=Decimal(100), average=Decimal("99.9")
    )
    spread = slippage(Side.BUY, [fill("10", "-1.90")], Decimal(-2))
    assert spread is not None
    assert (spread.price, spread.bps) == (Decimal("0.10"), Decimal(500))


def test_slippage_without_fills_is_not_known_and_against_zero_has_no_basis_points() -> None:
    assert slippage(Side.BUY, [], Decimal(100)) is None
    against_zero = slippage(Side.BUY, [fill("10", "1")], Decimal(0))
    assert against_zero is not None
    assert (against_zero.price, against_zero.bps) == (Decimal(1), None)


def test_the_arrival_price_is_the_mid_else_the_last_trade() -> None:
    both = Quote(bid=Decimal(1), ask=Decimal(3), last=Decimal(9))
    crossed = Quote(bid=Decimal(3), ask=Decimal(1), last=Decimal(9))
    around_zero = Quote(bid=Decimal(-1), ask=Decimal(1), last=Decimal(9))
    found = [arrival_price(quote) for quote in (both, crossed, around_zero, Quote(), None)]
    assert found == [2, 9, 0, None, None]


# 30 @ 100.10 and 10 @ 100.30: paid 3003 + 1003 = 4006 for 40.
FILLS = (done("30", "100.10"), done("10", "100.30", at=after(3)))
MARKET = Tape(
    [
        Print(at=after(0.1), symbol="AAPL", price=D(200), size=D(99)),  # before it was sent
        Print(at=after(0.5), symbol="AAPL", price=D("100.00"), size=D(300)),
        Print(at=after(3), symbol="AAPL", price=D("100.40"), size=D(100)),
        Print(at=after(3.1), symbol="AAPL", price=D(300), size=D(99)),  # after its last fill
    ]
)


@pytest.mark.parametrize(
    ("side", "benchmark", "cost", "bps"),
    [
        # bought: 4006 - 40 x 100 = 6, of 4000: 15 bps
        ("BUY", "decision", "6", "15"),
        # 4006 - 40 x 100.16 = -0.4, of 4006.4
        ("BUY", "arrival", "-0.4", "-0.9984025559105431309904153355"),
        # 4006 - 40 x 101 = -34 below its limit, of 4040
        ("BUY", "limit", "-34", "-84.15841584158415841584158416"),
        # the market traded (300 x 100 + 100 x 100.40) / 400 = 100.10: 4006 - 4004 = 2, of 4004
        ("BUY", "vwap", "2", "4.995004995004995004995004995"),
        # sold at the same prices, each cost is a gain
        ("SELL", "decision", "-6", "-15"),
        ("SELL", "arrival", "0.4", "0.9984025559105431309904153355"),
        ("SELL", "limit", "34", "84.15841584158415841584158416"),
        ("SELL", "vwap", "-2", "-4.995004995004995004995004995"),
    ],
)
def test_an_order_is_measured_against_four_prices(
    side: str, benchmark: str, cost: str, bps: str
) -> None:
    facts = order(
        *(side, "40", *FILLS),
        symbol="AAPL",
        sent_at=after(0.2),
        decision_price="100",
        arrival_price="100.16",
        limit_price="101",
    )
    slip: Slip = getattr(measured(facts, MARKET), benchmark)
    assert (slip.cost, slip.bps) == (D(cost), D(bps))


def test_the_multiplier_makes_money_of_points_and_leaves_basis_points_alone() -> None:
    # 2 contracts bought 0.25 above 5000, 50 dollars a point: 2 x 0.25 x 50 = 25 of 500,000
    facts = order("BUY", "2", done("2", "5000.25"), decision_price="5000", multiplier="50")
    assert measured(facts).decision == Slip(D(5000), D(25), D(500_000), D("0.5"))


def test_against_a_price_that_is_not_known_there_is_no_slippage() -> None:
    one = measured(order("BUY", "1", done("1", "100")), MARKET)
    assert [one.decision, one.arrival, one.limit, one.vwap] == [None] * 4
    unfilled = measured(order("BUY", "1", decision_price="100", limit_price="100"))
    assert [unfilled.decision, unfilled.limit] == [None] * 2


def test_orders_are_averaged_by_number_and_by_value_and_currencies_are_kept_apart() -> None:
    orders = [
        # 1 of 100: 100 bps; -9 of 900: -100 bps; 3 of 1500 yen: 20 bps
        order("BUY", "1", done("1", "101"), decision_price="100"),
        order("SELL", "9", done("9", "101"), decision_price="100"),
        order("BUY", "3", done("3", "501"), decision_price="500", currency="JPY"),
        # against zero: 5 lost, and no basis points
        order("BUY", "1", done("1", "5"), decision_price="0"),
    ]
    assert quality(orders).decision == Slipped(
        orders=4,
        # basis points 100, -100 and 20: 20 / 3
        mean_bps=D("6.666666666666666666666666667"),
        # 1 - 9 + 5 = -3 of 100 + 900 + 0 = 1000
        cost={"JPY": D(3), "USD": D(-3)},
        bps={"JPY": D(20), "USD": D(-30)},
    )
