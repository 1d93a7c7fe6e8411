"""Execution quality in words and in columns."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from riskgate.analytics import figures
from riskgate.analytics.breakdown import Breakdown, breakdown
from riskgate.analytics.measures import measure
from riskgate.analytics.quality import ExecutionQuality
from riskgate.analytics.totals import quality
from riskgate.model.lifecycle import Status
from riskgate.reporters import text
from riskgate.reporters.quality_lines import quality_page, sheet, took
from riskgate.reporters.sheets import bps, percent, worth
from tests.unit.analytics.samples import D, after, fill, order

ORDERS = [
    order(
        "BUY",
        "10",
        fill("6", "102", "3"),
        decision_price="100",
        arrival_price="101",
        end_price="104",
        bid="99",
        ask="101",
        symbol="AAPL",
        strategy="momentum-with-a-long-name",
        sent_at=after(0.25),
        first_filled_at=after(1),
    ),
    order("SELL", "5", fill("5", "50", "1", currency="EUR"), currency="EUR", symbol="SAP"),
    order("BUY", "1", status=Status.DENIED, symbol="AAPL"),
]


def test_a_page_tells_every_measure_in_eighty_columns() -> None:
    lines = list(quality_page(quality(ORDERS)))
    assert max(map(len, lines)) <= 80
    assert lines[:9] == [
        "orders       3 in all: 2 sent, 1 denied, 0 held, 0 never sent",
        "sent         2 of them: 1 filled, 1 cancelled, 0 expired, 0 rejected, 0 working",
        "filled       73.3 % of units, 50 % of orders whole, 50 % in part, 0 % not",
        "rates        rejected 0 %, cancelled 50 %; 0.67 messages for an executed order",
        "fills        2: 1 an order, the first has 100 % of what filled",
        "traded       250.00 EUR",
        "traded       612.00 USD",
        "shortfall    31.00 USD, 310.00 bps of the decision's value, of 1 order: delay",
        "             6.00 + execution 6.00 + opportunity 16.00 + fees 3.00",
    ]
    assert "decision price         1    200.00  12.00  USD        200.00" in lines
    assert "sent                   1  250ms  250ms  250ms  250ms    250ms" in lines


def test_a_page_of_nothing_has_no_figures() -> None:
    lines = list(quality_page(ExecutionQuality()))
    assert lines[0] == "orders       0 in all: 0 sent, 0 denied, 0 held, 0 never sent"
    assert not any("None" in line or "%" in line for line in lines)


@pytest.mark.parametrize("width", [60, 80, 120, 200])
def test_groups_are_a_table_that_fits(width: int) -> None:
    by = ("strategy", "symbol")
    rows = figures.of_groups(breakdown(measure(ORDERS), by), by)
    lines = "".join(text.records(rows, sheet(rows, by), width=width)).splitlines()
    assert max(map(len, lines)) <= width
    assert len(lines) == 1 + 3
    assert lines[0].startswith("strategy")
    assert "200.00" in lines[-1]


def test_where_there_are_several_currencies_they_are_named() -> None:
    rows = figures.of_groups({(): quality(ORDERS)})
    titles = [column.title for column in sheet(rows, ()).columns]
    assert {"shortfall bps USD", "fee bps EUR"} <= set(titles)
    (alone,) = ({c.title for c in sheet(figures.of_groups({(): quality(ORDERS[:1])}), ()).columns},)
    assert {"shortfall bps", "fee bps"} <= alone


def test_a_group_without_a_name_says_so_and_the_whole_has_only_one() -> None:
    by = ("strategy", "symbol")
    found = Breakdown(by)
    for one in measure(ORDERS):
        found.add(one)
    rows = figures.with_whole(found)
    lines = "".join(text.records(rows, sheet(rows, by))).splitlines()
    assert [line.split()[:2] for line in lines[1:]] == [
        ["(none)", "AAPL"],
        ["(none)", "SAP"],
        ["momentum-wi...", "AAPL"],
        ["all", "3"],
    ]


def test_the_columns_of_a_file_are_known_without_rows() -> None:
    assert list(sheet((), ("symbol",)).fields)[:2] == ["symbol", "orders"]


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        ("0", "0ms"),
        ("0.0049", "4.9ms"),
        ("0.25", "250ms"),
        ("1.5", "1.5s"),
        ("59.999", "60s"),
        ("60", "1m"),
        ("7500", "2h 5m"),
    ],
)
def test_a_time_is_in_units_that_people_read(seconds: str, words: str) -> None:
    assert took(timedelta(seconds=float(seconds))) == words


@pytest.mark.parametrize(
    ("share", "words"),
    [
        ("0", "0 %"),
        ("1", "100 %"),
        ("0.0001", "<0.1 %"),
        ("0.9999", ">99.9 %"),
        ("0.588", "58.8 %"),
    ],
)
def test_only_all_is_100_percent_and_only_nothing_is_0(share: str, words: str) -> None:
    assert percent(D(share)) == words
    assert percent(None) == "-"


def test_nothing_but_zero_has_no_sign_and_money_has_cents() -> None:
    assert [bps(D("-0.001")), bps(D("1234.5")), worth(D("-1234.567"))] == [
        "0.00",
        "1,234.50",
        "-1,234.57",
    ]
    assert worth(Decimal("-0.001")) == "0.00"
