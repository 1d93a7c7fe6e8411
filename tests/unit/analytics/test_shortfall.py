"""Implementation shortfall: its parts, their sum, and what is not known."""

from __future__ import annotations

from typing import Any

import pytest

from riskgate.analytics.facts import Execution
from riskgate.analytics.measures import measured
from riskgate.analytics.shortfall import Shortfall, Shortfalls
from riskgate.analytics.totals import quality
from riskgate.model.lifecycle import Status
from tests.unit.analytics.samples import D, fill, order

PRICES: dict[str, Any] = {
    "decision_price": "100",
    "arrival_price": "100.10",
    "end_price": "102",
}
# 60 of 100 filled: 40 @ 100.20 = 4008 and 20 @ 100.50 = 2010, together 6018; 3 of fees.
PARTS = (fill("40", "100.20", "2"), fill("20", "100.50", "1"))


def shortfall(side: str, quantity: str, *fills: Execution, **more: Any) -> Shortfall:  # noqa: ANN401  # any field
    found = measured(order(side, quantity, *fills, **{**PRICES, **more})).shortfall
    assert found is not None
    return found


def test_the_shortfall_of_a_buy_that_filled_in_part() -> None:
    assert shortfall("BUY", "100", *PARTS) == Shortfall(
        delay=D("6.00"),  # 60 x (100.10 - 100)
        execution=D("12.00"),  # 6018 - 60 x 100.10
        opportunity=D(80),  # 40 x (102 - 100)
        fees=D(3),
        total=D("101.00"),
        paper=D(10_000),
    )
    # paper: 100 x (102 - 100) = 200 gained; real: 60 x 102 - 6018 - 3 = 99; 200 - 99 = 101
    assert shortfall("BUY", "100", *PARTS).bps == 101


def test_the_shortfall_of_a_sell_turns_the_prices_round_and_not_the_fees() -> None:
    found = shortfall("SELL", "100", *PARTS)
    assert (found.delay, found.execution, found.opportunity) == (D(-6), D(-12), D(-80))
    assert (found.fees, found.total) == (D(3), D(-95))


def test_a_fill_at_the_decision_price_costs_only_its_fees() -> None:
    # the market came back: delay 10 x 0.10 = 1 lost, and 10 x -0.10 made again
    found = shortfall("BUY", "10", fill("10", "100", "0.35"))
    assert (found.delay, found.execution, found.opportunity) == (D(1), D(-1), D(0))
    assert (found.fees, found.total) == (D("0.35"), D("0.35"))


def test_the_multiplier_counts_in_every_part_but_the_fees() -> None:
    one = shortfall("BUY", "100", *PARTS)
    fifty = shortfall("BUY", "100", *PARTS, multiplier="50")
    assert (fifty.delay, fifty.execution, fifty.opportunity) == (D(300), D(600), D(4000))
    assert (fifty.fees, fifty.total, fifty.paper) == (one.fees, D(4903), D(500_000))


def test_what_never_filled_has_only_an_opportunity_cost() -> None:
    found = shortfall("BUY", "100", arrival_price="777")
    assert found == Shortfall(D(0), D(0), D(200), D(0), D(200), D(10_000))


def test_more_than_was_asked_for_is_what_the_paper_portfolio_has_too() -> None:
    found = shortfall("BUY", "50", *PARTS, status=Status.FILLED)
    assert (found.opportunity, found.paper, found.total) == (D(0), D(6000), D(21))


def test_an_order_for_cash_that_is_filled_whole_has_nothing_left_to_miss() -> None:
    found = shortfall("BUY", "70", *PARTS, status=Status.FILLED)
    assert (found.opportunity, found.paper, found.total) == (D(0), D(6000), D(21))


@pytest.mark.parametrize(
    ("unknown", "parts"),
    [
        ("decision_price", {"delay", "opportunity", "total", "paper", "bps"}),
        ("arrival_price", {"delay", "execution", "total", "bps"}),
        ("end_price", {"opportunity", "total", "bps"}),
    ],
)
def test_without_a_price_its_parts_and_the_total_are_unknown(unknown: str, parts: set[str]) -> None:
    stated = {name: price for name, price in PRICES.items() if name != unknown}
    found = measured(order("BUY", "100", *PARTS, **stated)).shortfall
    names = ("delay", "execution", "opportunity", "fees", "total", "paper", "bps")
    assert {name for name in names if getattr(found, name) is None} == parts


def test_what_filled_whole_needs_no_price_at_its_end() -> None:
    stated = {name: price for name, price in PRICES.items() if name != "end_price"}
    found = measured(order("BUY", "60", *PARTS, **stated)).shortfall
    assert found is not None
    assert (found.opportunity, found.total) == (D(0), D(21))


@pytest.mark.parametrize(
    "unpaid", [fill("1", "100", None), fill("1", "100", "1", currency="EUR")], ids=["late", "EUR"]
)
def test_fees_that_have_not_come_or_are_in_other_money_leave_the_total_unknown(
    unpaid: Execution,
) -> None:
    found = shortfall("BUY", "61", *PARTS, unpaid)
    assert (found.fees, found.total, found.bps) == (None, None, None)
    assert found.execution == D("11.90")  # 6118 - 61 x 100.10


def test_an_order_that_was_denied_has_no_shortfall() -> None:
    assert measured(order("BUY", "1", status=Status.DENIED, **PRICES)).shortfall is None


def test_shortfalls_are_summed_by_currency_over_the_orders_that_have_one() -> None:
    orders = [
        order("BUY", "100", *PARTS, **PRICES),
        order("SELL", "10", fill("10", "100.10", "1"), **PRICES),  # delay -1, execution 0, fees 1
        order("BUY", "1", fill("1", "100", None), **PRICES),
        order("BUY", "1", fill("1", "101", currency="JPY"), **PRICES, currency="JPY"),
    ]
    found = quality(orders).shortfall
    assert found["USD"] == Shortfalls(
        orders=2,
        delay=D(5),
        execution=D(12),
        opportunity=D(80),
        fees=D(4),
        total=D(101),
        paper=D(11_000),
        # 101 / 11,000 x 10,000
        bps=D("91.81818181818181818181818182"),
    )
    assert found["JPY"].total == D(1)
    assert list(found) == ["JPY", "USD"]


def test_a_paper_portfolio_worth_nothing_has_no_basis_points() -> None:
    found = quality([order("BUY", "1", fill("1", "1"), decision_price="0", arrival_price="0")])
    assert (found.shortfall["USD"].total, found.shortfall["USD"].bps) == (D(1), None)
