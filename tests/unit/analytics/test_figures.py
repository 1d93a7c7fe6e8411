"""Measures as flat rows: every figure under its name, and none invented."""

from __future__ import annotations

from decimal import Decimal

from riskgate.analytics import figures
from riskgate.analytics.breakdown import Breakdown, breakdown
from riskgate.analytics.measures import measure, measured
from riskgate.analytics.quality import ExecutionQuality
from riskgate.analytics.shortfall import PARTS
from riskgate.analytics.totals import quality
from riskgate.model.lifecycle import Status
from tests.unit.analytics.samples import D, after, fill, order

# Decided at 100, sent at 101, 6 of 10 bought at 102 for 3; the rest, at the end, costs 104.
BOUGHT = order(
    "BUY",
    "10",
    fill("6", "102", "3"),
    decision_price="100",
    arrival_price="101",
    end_price="104",
    symbol="AAPL",
    sent_at=after(0.25),
)
EUROS = order("SELL", "5", fill("5", "50", "1", currency="EUR"), currency="EUR", symbol="SAP")


def test_one_order_is_one_row_with_every_part() -> None:
    row = figures.of_order(measured(BOUGHT))
    # slippage: 6 x (102 - 100) = 12, of 600 that is 200 bps; against the arrival 6 x 1 = 6
    assert (row["decision_slippage"], row["decision_slippage_bps"]) == (12, 200)
    assert row["arrival_slippage"] == 6
    # delay 6 x 1, execution 6 x 1, opportunity 4 x (104 - 100), fees 3: 31 of 1,000
    parts = [row[f"shortfall_{name}"] for name in PARTS]
    assert parts == [6, 6, 16, 3]
    assert (row["shortfall"], row["shortfall_bps"]) == (31, 310)
    assert (row["fees"], row["currency"], row["sent_seconds"]) == (3, "USD", D("0.25"))
    assert (row["vwap_price"], row["limit_price"], row["limit_slippage"]) == (None, None, None)


def test_orders_that_others_fill_are_left_out_so_rows_add_up_to_totals() -> None:
    parent, block = order("BUY", "9", is_parent=True), order("BUY", "9", is_block=True)
    every = [parent, BOUGHT, block]
    rows = list(figures.of_orders(measure(every)))
    assert [row["symbol"] for row in rows] == ["AAPL"]
    (whole,) = figures.of_groups({(): quality(every)})
    assert whole["shortfall_USD"] == sum(row["shortfall"] for row in rows)


def test_an_order_that_never_left_has_the_same_columns_and_no_figures() -> None:
    denied = figures.of_order(measured(order("BUY", "10", status=Status.DENIED, filled=D(0))))
    assert list(denied) == list(figures.of_order(measured(BOUGHT))) == list(figures.ORDER_KINDS)
    assert denied["shortfall"] is None
    assert denied["decision_slippage_bps"] is None


def test_every_column_has_a_kind_that_its_values_are_of() -> None:
    types = {"text": str, "whole": int, "decimal": Decimal, "moment": type(BOUGHT.decided_at)}
    for name, value in figures.of_order(measured(BOUGHT)).items():
        assert value is None or isinstance(value, types[figures.ORDER_KINDS[name]]), name
    (row,) = figures.of_groups({("s",): quality([BOUGHT, EUROS])}, ("strategy",))
    for name, value in row.items():
        assert value is None or isinstance(value, types[figures.kinds([name])[name]]), name


def test_money_has_a_column_for_each_currency_and_is_never_added_up() -> None:
    (row,) = figures.of_groups({(): quality([BOUGHT, EUROS])})
    assert (row["fees_USD"], row["fees_EUR"]) == (3, 1)
    assert (row["notional_USD"], row["notional_EUR"]) == (612, 250)
    assert (row["shortfall_USD"], row["shortfall_EUR"]) == (31, None)  # no price was known


def test_groups_come_with_their_names_first_and_the_same_columns() -> None:
    rows = figures.of_groups(
        breakdown(measure([BOUGHT, EUROS]), ("symbol", "side")), ("symbol", "side")
    )
    assert [(row["symbol"], row["side"]) for row in rows] == [("AAPL", "BUY"), ("SAP", "SELL")]
    assert list(rows[0]) == list(rows[1])
    assert [row["orders"] for row in rows] == [1, 1]


def test_the_whole_is_the_last_row_and_is_that_of_all_orders() -> None:
    found = Breakdown(("symbol",))
    for one in measure([BOUGHT, EUROS]):
        found.add(one)
    *_, whole = figures.with_whole(found)
    (same,) = figures.of_groups({("all",): quality([BOUGHT, EUROS])}, ("symbol",))
    assert whole == same


def test_nothing_is_a_row_of_nothing() -> None:
    (row,) = figures.of_groups({(): ExecutionQuality()})
    assert row["orders"] == 0
    assert row["fill_rate"] is None
    assert not any(name.endswith("USD") for name in row)
