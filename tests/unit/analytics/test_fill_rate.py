"""How much of what was asked for was done, and in how many pieces."""

from __future__ import annotations

from riskgate.analytics.fill_rate import Filled, Filling, filling
from riskgate.analytics.totals import quality
from riskgate.model.lifecycle import Status
from tests.unit.analytics.samples import D, after, fill, order


def test_the_fills_of_an_order_come_to_units_money_and_the_first_of_them() -> None:
    facts = order("BUY", "10", fill("3", "2", at=after(9)), fill("7", "1", at=after(2)))
    # 3 x 2 + 7 x 1 = 13; the one at 2 s came first
    assert filling(facts) == Filling(2, D(10), D(7), D(13), D(13))


def test_below_zero_what_was_paid_and_what_was_traded_differ() -> None:
    facts = order("BUY", "5", fill("2", "-1"), fill("3", "4"))
    # -2 + 12 = 10; 2 + 12 = 14
    assert (filling(facts).paid, filling(facts).traded) == (D(10), D(14))


def test_an_execution_that_was_undone_is_no_fill() -> None:
    facts = order("BUY", "5", fill("0", "9", at=after(0)), fill("2", "4"))
    assert filling(facts) == Filling(1, D(2), D(2), D(8), D(8))
    assert filling(order("BUY", "5", fill("0", "9"))) == Filling(0, D(0), D(0), D(0), D(0))


def test_the_rates_of_orders_that_filled_whole_in_part_and_not_at_all() -> None:
    orders = [
        order("BUY", "100", fill("60", "1", at=after(1)), fill("40", "1", at=after(2))),
        order("BUY", "100", fill("100", "1")),
        order("SELL", "200", fill("20", "1")),
        order("SELL", "100"),
        order("BUY", "500", status=Status.DENIED),  # never sent, never counted
    ]
    assert quality(orders).fills == Filled(
        asked=D(500),  # 100 + 100 + 200 + 100
        filled=D(220),  # 100 + 100 + 20
        by_quantity=D("0.44"),
        by_count=D("0.5"),  # 2 of 4
        partly=D("0.25"),
        unfilled=D("0.25"),
        executions=4,
        per_order=D("1.333333333333333333333333333"),  # 4 of 3 orders
        first_share=D("0.8181818181818181818181818182"),  # (60 + 100 + 20) / 220
        sizes=((1, 2), (2, 1)),
    )


def test_an_overfill_counts_no_more_than_was_asked_for() -> None:
    orders = [order("BUY", "100", fill("110", "1")), order("BUY", "100")]
    assert quality(orders).fills.by_quantity == D("0.5")


def test_an_order_for_cash_that_is_filled_whole_asked_for_no_more_than_it_got() -> None:
    cash = order("BUY", "110", fill("100", "1"), status=Status.FILLED)
    assert quality([cash]).fills.by_quantity == 1


def test_an_order_that_works_counts_as_what_it_is_now() -> None:
    works = order("BUY", "100", fill("30", "1"), status=Status.PARTIALLY_FILLED)
    found = quality([works]).fills
    assert (found.by_quantity, found.by_count, found.partly) == (D("0.3"), D(0), D(1))


def test_the_rate_of_nothing_is_not_known() -> None:
    assert quality([]).fills == Filled()
    assert quality([order("BUY", "1", status=Status.DENIED)]).fills == Filled()


def test_what_was_filled_counts_even_if_its_executions_are_not_known() -> None:
    facts = order("BUY", "10", filled=D(5), status=Status.CANCELLED, decision_price="1")
    found = quality([facts])
    assert (found.fills.by_quantity, found.fills.executions) == (D("0.5"), 0)
    assert (found.fills.per_order, found.fills.first_share) == (None, None)
    assert found.decision.orders == 0
    assert found.shortfall == {}
