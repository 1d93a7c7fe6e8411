"""Price improvement against the touch: the one measure where positive is good."""

from __future__ import annotations

from riskgate.analytics.improvement import Improved, Improvement
from riskgate.analytics.measures import measured
from riskgate.analytics.totals import quality
from tests.unit.analytics.samples import D, fill, order

TOUCH = {"bid": "100", "ask": "100.10"}
FILLS = (fill("50", "100.05"), fill("30", "100.10"), fill("20", "100.20"))


def test_a_buy_is_held_against_the_ask() -> None:
    # paid 5002.5 + 3003 + 2004 = 10009.5; at the ask 10010: 0.5 better
    found = measured(order("BUY", "100", *FILLS, **TOUCH)).improvement
    assert found == Improvement(D("100.10"), D("0.5"), D(10_010), D(50), D(30), D(20))
    # 0.5 / 10010 x 10,000
    assert found.bps == D("0.4995004995004995004995004995")


def test_a_sell_is_held_against_the_bid() -> None:
    # received 10009.5; at the bid 10000: 9.5 better, and every fill above it
    found = measured(order("SELL", "100", *FILLS, **TOUCH)).improvement
    assert found == Improvement(D(100), D("9.5"), D(10_000), D(100), D(0), D(0))


def test_below_the_bid_a_sell_is_worse() -> None:
    found = measured(order("SELL", "10", fill("10", "99"), **TOUCH, multiplier="5")).improvement
    assert found == Improvement(D(100), D(-50), D(5000), D(0), D(0), D(10))


def test_without_a_touch_or_a_fill_nothing_is_known() -> None:
    assert measured(order("BUY", "100", *FILLS, bid="100")).improvement is None
    assert measured(order("SELL", "100", *FILLS, ask="100")).improvement is None
    assert measured(order("BUY", "100", **TOUCH)).improvement is None


def test_many_orders_have_shares_of_units_and_money_by_currency() -> None:
    orders = [
        order("BUY", "100", *FILLS, **TOUCH),
        order("SELL", "100", *FILLS, **TOUCH, currency="EUR"),
        order("BUY", "1", fill("1", "5")),
    ]
    assert quality(orders).improvement == Improved(
        orders=2,
        better=D("0.75"),  # (50 + 100) / 200
        same=D("0.15"),
        worse=D("0.1"),
        amount={"EUR": D("9.5"), "USD": D("0.5")},
        bps={"EUR": D("9.5"), "USD": D("0.4995004995004995004995004995")},
    )


def test_a_touch_of_zero_has_no_basis_points() -> None:
    found = measured(order("BUY", "1", fill("1", "1"), ask="0")).improvement
    assert found is not None
    assert (found.amount, found.bps) == (D(-1), None)
