"""What trading cost in money, and which orders cost the most, in a report."""

from __future__ import annotations

from collections.abc import Iterable

from riskgate.analytics.measures import OrderMeasures
from riskgate.analytics.quality import ExecutionQuality
from riskgate.analytics.shortfall import PARTS
from riskgate.reporting.asked import Asked
from riskgate.reporting.columns import BPS, NUMBER, main_currency
from riskgate.reporting.content import Cell, Chart, Column, Kind, Section, Series, Shape, Table
from riskgate.reporting.executed import Executed


def costs_section(executed: Executed) -> Section:
    """The shortfall with its parts, and fees."""
    of = executed.quality
    unknown = executed.unmeasured
    return Section(
        id="costs",
        title="Costs",
        lead="What was lost between the decision on paper and what became of it."
        + (
            f" The shortfall of {unknown} sent orders is not known: they still work, or a price or"
            " fee is not on record."
            if unknown
            else ""
        ),
        charts=_parts(of),
        tables=(_by_currency(of), _fees(of)),
    )


def _parts(of: ExecutionQuality) -> tuple[Chart, ...]:
    currency = main_currency(of)
    lost = of.shortfall.get(currency)
    if lost is None:
        return ()
    chart = Chart(
        id="shortfall-parts",
        title=f"Implementation shortfall by part, {currency}",
        shape=Shape.BARS,
        summary=f"{round(lost.total, 2):,} {currency} over {lost.orders} orders: "
        + ", ".join(f"{part} {round(getattr(lost, part), 2):,}" for part in PARTS)
        + ".",
        series=(Series("cost", PARTS, tuple(getattr(lost, part) for part in PARTS)),),
        x=Column("part"),
        y=Column("cost", NUMBER, currency, 2, "shortfall"),
    )
    return (chart,)


def _by_currency(of: ExecutionQuality) -> Table:
    return Table(
        id="shortfalls",
        title="Implementation shortfall by currency",
        columns=(
            Column("currency"),
            Column("orders", NUMBER),
            *(Column(part, NUMBER, places=2) for part in PARTS),
            Column("shortfall", NUMBER, places=2, note="shortfall"),
            Column("of the paper", NUMBER, "bp", 2),
        ),
        rows=tuple(
            (name, one.orders, *(getattr(one, part) for part in PARTS), one.total, one.bps)
            for name, one in of.shortfall.items()
        ),
        empty="no order of the day has a shortfall that is known",
    )


def _fees(of: ExecutionQuality) -> Table:
    return Table(
        id="fees",
        title="Commissions and fees by currency",
        columns=(
            Column("currency"),
            Column("amount", NUMBER, places=2, note="fees"),
            Column("per unit", NUMBER, places=4),
            Column("of the value", NUMBER, "bp", 2),
        ),
        rows=tuple((name, one.amount, one.per_unit, one.bps) for name, one in of.fees.items()),
        empty="nothing was charged yet",
    )


def worst_section(found: Iterable[OrderMeasures], asked: Asked) -> Section:
    """The orders that lost the most, with links to their stories."""
    table = Table(
        id="worst",
        title="The orders with the highest shortfall",
        columns=(
            Column("order", NUMBER),
            Column("at", Kind.TIME),
            Column("strategy"),
            Column("what"),
            Column("filled", NUMBER),
            BPS,
            Column("shortfall", NUMBER, places=2, note="shortfall"),
            *(Column(part, NUMBER, places=2) for part in PARTS),
            Column("currency"),
        ),
        rows=tuple(_worst(one, asked) for one in found),
        empty="no order of the day cost more than its price at the decision, as far as is known",
        stories=0,
    )
    lead = "By shortfall in the order's own currency. The number of an order leads to its story."
    return Section(id="worst-orders", title="Worst orders", lead=lead, tables=(table,))


def _worst(one: OrderMeasures, asked: Asked) -> tuple[Cell, ...]:
    facts, lost, slip = one.facts, one.shortfall, one.decision
    return (
        facts.order_id,
        asked.local(facts.decided_at),
        facts.strategy,
        f"{facts.side.value} {facts.symbol}",
        facts.filled,
        None if slip is None else slip.bps,
        *(None if lost is None else getattr(lost, name) for name in ("total", *PARTS)),
        facts.currency,
    )
