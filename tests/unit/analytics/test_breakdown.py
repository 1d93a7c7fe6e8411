"""Measures by group: which group an order is in, and that groups add up to the whole."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from riskgate.analytics.breakdown import GROUPINGS, Breakdown, breakdown
from riskgate.analytics.measures import measure, measured
from riskgate.analytics.totals import Totals, quality
from tests.unit.analytics.samples import D, fill, order

LATE = datetime(2026, 3, 3, 2, 30, tzinfo=UTC)  # the evening before in New York
FACTS = order(
    *("SELL", "10", fill("10", "1")),
    strategy="alpha",
    symbol="AAPL",
    venue="NYSE",
    order_type="LMT",
    account="DU1",
    decided_at=LATE,
)
NEW_YORK = ZoneInfo("America/New_York")


@pytest.mark.parametrize(
    ("by", "group"),
    [
        *(("strategy", "alpha"), ("symbol", "AAPL"), ("venue", "NYSE"), ("order_type", "LMT")),
        *(("account", "DU1"), ("side", "SELL"), ("hour", "02:00"), ("day", "2026-03-03")),
    ],
)
def test_an_order_is_in_the_group_of_its_name(by: str, group: str) -> None:
    assert list(breakdown(measure([FACTS]), [by])) == [(group,)]
    assert by in GROUPINGS


def test_hours_and_days_are_those_of_the_zone_that_is_stated() -> None:
    assert list(breakdown(measure([FACTS]), ["day", "hour"], NEW_YORK)) == [("2026-03-02", "21:00")]


def test_groups_come_in_the_order_of_their_names_each_with_its_own_figures() -> None:
    orders = [
        order("BUY", "10", fill("10", "2"), symbol="MSFT", strategy="b"),
        order("BUY", "10", symbol="AAPL", strategy="b"),
        order("BUY", "10", fill("5", "2"), symbol="AAPL", strategy="a"),
        order("BUY", "10", fill("5", "2"), symbol="AAPL", strategy="b"),
    ]
    found = breakdown(measure(orders), ["symbol", "strategy"])
    assert [(group, one.fills.by_quantity) for group, one in found.items()] == [
        (("AAPL", "a"), D("0.5")),
        (("AAPL", "b"), D("0.25")),
        (("MSFT", "b"), D(1)),
    ]


def test_the_totals_of_the_groups_merge_into_those_of_the_whole() -> None:
    orders = [
        order(side, "10", fill("10", price), decision_price="2")
        for side, price in (("BUY", "2.1"), ("SELL", "2.2"), ("BUY", "1.9"))
    ]
    parts, whole = Breakdown(["side"]), Totals()
    for facts in orders:
        parts.add(measured(facts))
    for some in parts.totals.values():
        whole.merge(some)
    assert whole.quality() == quality(orders)


def test_breakdowns_of_parts_of_the_orders_merge() -> None:
    first, second = Breakdown(["side"]), Breakdown(["side"])
    orders = [order(side, "10", fill("10", "1")) for side in ("BUY", "SELL", "BUY")]
    first.add(measured(orders[0]))
    for facts in orders[1:]:
        second.add(measured(facts))
    first.merge(second)
    assert first.groups() == breakdown(measure(orders), ["side"])


def test_no_orders_make_no_groups() -> None:
    assert breakdown([], ["symbol"]) == {}
