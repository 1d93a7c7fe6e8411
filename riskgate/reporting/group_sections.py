"""How far orders were filled, and the measures of each group, in a report."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from riskgate.analytics.quality import ExecutionQuality
from riskgate.reporting.columns import BPS, NUMBER, main_currency, percent, titled
from riskgate.reporting.content import Cell, Chart, Column, Section, Series, Shape, Table
from riskgate.reporting.executed import By, Executed

MOST_GROUPS: Final = 50
MOST_BARS: Final = 12


def rates_section(executed: Executed) -> Section:
    """How far orders were filled, and each group."""
    currency = main_currency(executed.quality)
    tables = (_groups(executed.by(what), what, currency) for what in By)
    return Section(
        id="rates",
        title="Fill rates",
        lead="Of what was sent to the broker, as it stands now."
        + (f" Money of groups is in {currency}." if currency else ""),
        charts=_filled(executed.by(By.STRATEGY)),
        tables=tuple(tables),
    )


def _filled(groups: Mapping[str, ExecutionQuality]) -> tuple[Chart, ...]:
    found = sorted(groups.items(), key=lambda one: (-one[1].counts.sent, one[0]))[:MOST_BARS]
    sent = [(name, one) for name, one in found if one.counts.sent]
    if not sent:
        return ()
    shares = {
        "filled whole": [one.fills.by_count for _, one in sent],
        "in part": [one.fills.partly for _, one in sent],
        "not at all": [one.fills.unfilled for _, one in sent],
    }
    names = tuple(name for name, _ in sent)
    name, first = sent[0]
    whole = percent(first.fills.by_count)
    chart = Chart(
        id="filled-by-strategy",
        title="How far orders were filled, by strategy",
        shape=Shape.STACKED,
        summary=f"Of {first.counts.sent} orders that {name} sent, {round(whole or 0)} % were"
        " filled whole.",
        series=tuple(
            Series(words, names, tuple(percent(one) for one in these))
            for words, these in shares.items()
        ),
        x=Column("strategy"),
        y=Column("orders sent", NUMBER, "%", 1),
    )
    return (chart,)


def _groups(found: Mapping[str, ExecutionQuality], by: By, currency: str) -> Table:
    most = sorted(found.items(), key=lambda one: (-one[1].counts.orders, one[0]))
    rows = most if by is not By.HOUR else sorted(found.items())
    return Table(
        id=f"by-{by.replace(' ', '-')}",
        title=titled(f"By {by}", len(found), MOST_GROUPS),
        columns=(
            Column(by.value),
            Column("orders", NUMBER),
            Column("denied", NUMBER),
            Column("sent", NUMBER),
            Column("filled", NUMBER, "% of units", 1, "rates"),
            BPS,
            Column("traded", NUMBER, currency, 2, "notional"),
            Column("shortfall", NUMBER, currency, 2, "shortfall"),
            Column("fees", NUMBER, currency, 2, "fees"),
            Column("rejected", NUMBER, "%", 1, "rates"),
            Column("efficiency", NUMBER, "", 2, "efficiency"),
        ),
        rows=tuple(_group(name, one, currency) for name, one in rows[:MOST_GROUPS]),
        empty="no order was decided",
    )


def _group(name: str, of: ExecutionQuality, currency: str) -> tuple[Cell, ...]:
    lost, fees = of.shortfall.get(currency), of.fees.get(currency)
    return (
        name,
        of.counts.orders,
        of.counts.denied,
        of.counts.sent,
        percent(of.fills.by_quantity),
        of.decision.mean_bps,
        of.notional.get(currency),
        None if lost is None else lost.total,
        None if fees is None else fees.amount,
        percent(of.reject_rate),
        of.order_efficiency,
    )
