"""What the orders of a day come to, and the parts of a report about them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from riskgate.analytics.facts import Execution, OrderFacts
from riskgate.model.lifecycle import Status
from riskgate.model.order import Side
from riskgate.reporting.asked import Asked
from riskgate.reporting.columns import main_currency
from riskgate.reporting.content import Section
from riskgate.reporting.cost_sections import costs_section, worst_section
from riskgate.reporting.executed import MOST_WORST, By, Executed
from riskgate.reporting.group_sections import rates_section
from riskgate.reporting.slippage_sections import slippage_section, times_section

NEW_YORK = ZoneInfo("America/New_York")
DAY = Asked(day=date(2026, 3, 2), zone=NEW_YORK)
OPEN = datetime(2026, 3, 2, 14, 30, tzinfo=UTC)  # 09:30 in New York
UNITS = Decimal(100)


def filled(number: int, price: str, after: str = "1", **more: object) -> OrderFacts:
    """A buy of 100 decided at 10, sent at 10, and filled at a price, some seconds later."""
    at = OPEN + timedelta(seconds=float(after))
    terms: dict[str, object] = {
        "strategy": "alpha",
        "symbol": "AAPL",
        "currency": "USD",
        "decided_at": OPEN,
        "decision_price": Decimal(10),
        "arrival_price": Decimal(10),
        **more,
    }
    return OrderFacts(
        order_id=number,
        side=Side.BUY,
        status=Status.FILLED,
        quantity=UNITS,
        filled=UNITS,
        sent_at=OPEN,
        first_filled_at=at,
        filled_at=at,
        done_at=at,
        fills=(Execution(UNITS, Decimal(price), at, Decimal(1), str(terms["currency"])),),
        **terms,  # type: ignore[arg-type]
    )


def denied(number: int) -> OrderFacts:
    return OrderFacts(
        order_id=number,
        strategy="beta",
        symbol="SPY",
        side=Side.SELL,
        status=Status.DENIED,
        quantity=UNITS,
        decided_at=OPEN,
    )


def executed(facts: Iterable[OrderFacts], asked: Asked = DAY) -> Executed:
    found = Executed(asked)
    found.take(facts)
    return found


def sections(found: Executed) -> list[Section]:
    made = [slippage_section, times_section, rates_section, costs_section]
    return [*(section(found) for section in made), worst_section(found.worst(), DAY)]


def test_slippage_is_counted_to_a_tenth_of_a_basis_point() -> None:
    # 10.01 against 10 is 10 bp, 9.995 is -5 bp, 10.0001 is 0.1 bp.
    found = executed([filled(1, "10.01"), filled(2, "9.995"), filled(3, "10.01"), denied(4)])
    assert found.slips == {Decimal("10.0"): 2, Decimal("-5.0"): 1}
    (chart, _) = slippage_section(found).charts
    assert sum(y or 0 for y in chart.series[0].y) == 3
    assert "3 orders; half cost 10.0 bp or less, 2 cost more" in chart.summary


def test_an_order_counts_on_the_day_of_its_decision_in_that_zone() -> None:
    midnight = datetime(2026, 3, 3, 5, tzinfo=UTC)  # 00:00 in New York
    late = filled(2, "10.01", decided_at=midnight - timedelta(microseconds=1))
    found = executed([filled(1, "10.01"), late, filled(3, "10.01", decided_at=midnight)])
    assert found.quality.counts.orders == 2
    assert list(found.by(By.HOUR)) == ["09:00", "23:00"]


def test_only_the_strategies_that_are_meant_count() -> None:
    facts = [filled(1, "10.01"), filled(2, "10.01", strategy="beta"), denied(3)]
    found = executed(facts, Asked(day=DAY.day, zone=NEW_YORK, strategies=("beta",)))
    assert (found.quality.counts.orders, found.quality.counts.denied) == (2, 1)


def test_the_worst_are_the_dearest_of_each_currency_first_the_highest() -> None:
    # 100 units n cents above the decision cost n, and a fee of 1: order n costs n + 1.
    facts = [filled(n, f"10.{n:02}") for n in range(1, 15)]
    facts += [filled(50, "10.50", currency="EUR"), filled(60, "9.00")]
    found = executed(facts)
    expected = [50, *range(14, 14 - MOST_WORST, -1)]
    assert [one.facts.order_id for one in found.worst()] == expected
    (table,) = worst_section(found.worst(), DAY).tables
    shortfall = [column.title for column in table.columns].index("shortfall")
    assert [row[shortfall] for row in table.rows][:2] == [Decimal(51), Decimal(15)]
    assert table.stories == 0


def test_a_shortfall_that_is_not_known_is_not_among_the_worst_but_is_told() -> None:
    found = executed([filled(1, "10.01", decision_price=None), filled(2, "10.01")])
    assert [one.facts.order_id for one in found.worst()] == [2]
    assert "The shortfall of 1 sent orders is not known" in costs_section(found).lead


def test_the_share_filled_within_a_time_rises_to_all() -> None:
    found = executed([filled(1, "10", "1"), filled(2, "10", "2"), filled(3, "10", "4")])
    (chart,) = times_section(found).charts
    (line,) = chart.series
    # Ranks ceil(3 x p / 100): up to 33 % the first, up to 66 % the second, then the third.
    assert line.x == (0, 1, 2, 4)
    assert list(map(str, line.y)) == ["0", "33", "66", "100"]
    assert "within 2 s of their decision, all within 4 s" in chart.summary


def test_charts_are_in_the_currency_with_the_most_trade_and_tables_in_all() -> None:
    found = executed([filled(1, "10.01"), filled(2, "9", currency="EUR")])
    assert main_currency(found.quality) == "USD"
    costs = costs_section(found)
    assert costs.charts[0].y.unit == "USD"
    assert [row[0] for row in costs.tables[0].rows] == ["EUR", "USD"]


def test_the_parts_of_the_shortfall_in_the_chart_sum_to_the_whole() -> None:
    costs = costs_section(executed([filled(n, f"10.{n:02}") for n in range(1, 20)]))
    drawn = sum(y or Decimal(0) for y in costs.charts[0].series[0].y)
    titles = [column.title for column in costs.tables[0].columns]
    assert drawn == costs.tables[0].rows[0][titles.index("shortfall")]


def test_where_nothing_was_sent_there_is_no_chart_and_every_table_says_why() -> None:
    for found in (executed([]), executed([denied(1)])):
        for section in sections(found):
            assert section.charts == ()
            assert all(table.rows or table.empty for table in section.tables)
    groups = rates_section(executed([denied(1)])).tables[0]
    assert groups.rows[0][:4] == ("beta", 1, 1, 0)
    assert set(groups.rows[0][4:9]) == {None}
