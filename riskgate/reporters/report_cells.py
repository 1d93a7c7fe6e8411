"""The values of a report as texts: for people, for sorting, and a chart's numbers as a table."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from shlex import quote
from typing import TYPE_CHECKING

from riskgate.model.money import grouped, text
from riskgate.reporters.use_tables import aside, brief, in_words
from riskgate.reporting.content import Cell, Chart, Column, Kind, Origin, Shape, Table

if TYPE_CHECKING:
    from riskgate.policy.explaining import Use


def shown(value: Cell, places: int | None = None) -> str:
    """A value for people: thousands set apart, times to the second in the report's zone."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.strftime("%H:%M:%S")
    if isinstance(value, Decimal):
        return _rounded(value, places) if places is not None else _plain(value)
    return f"{value:,}" if isinstance(value, int) and places is not None else str(value)


def _plain(value: Decimal) -> str:
    return grouped(value) if value.is_finite() else "no number"


def _rounded(value: Decimal, places: int) -> str:
    """To so many decimals, all of them shown; zero has no sign, and what is endless no digits."""
    if not value.is_finite():
        return "no number"
    rounded = round(value, places)
    return f"{rounded or abs(rounded):,.{places}f}"


def raw(value: Cell) -> str:
    """A value for sorting and for programs: exact, without ornaments."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    return text(value) if isinstance(value, Decimal) else str(value)


def answered(use: Use) -> str:
    """What a rule said of its limit: `max_notional 19,001 USD <= limit 50,000 USD (38 %)`."""
    said = use.finding.measured or in_words(use)
    own = f"; this order {brief(use.own)}" if use.own is not None else ""
    more = use.finding.text
    extra = f"; {more}" if more and more not in said else ""
    return " ".join(filter(None, (f"{said}{own}{extra}", aside(use))))


def numbers_of(chart: Chart) -> Table:
    """What a chart draws, as a table."""
    several = len(chart.series) > 1
    first = (Column("series"),) if several else ()
    rows = [
        ((series.name, x, y) if several else (x, y))
        for series in chart.series
        for x, y in zip(series.x, series.y, strict=True)
    ]
    return Table(
        id=f"{chart.id}-numbers",
        title=f"{chart.title}: the numbers",
        columns=(*first, _whole(chart), chart.y),
        rows=tuple(rows),
        empty="nothing was drawn",
    )


def _whole(chart: Chart) -> Column:
    """The column of x; of a histogram x is the middle of a bar."""
    if chart.shape is not Shape.HISTOGRAM:
        return chart.x
    return Column(f"{chart.x.title}, middle", Kind.NUMBER, chart.x.unit, chart.x.places)


def origins(of: Origin) -> list[tuple[str, str]]:
    """Where the figures come from, as labels and texts."""
    return [
        ("journal", of.journal),
        ("read", f"{of.events:,} events, to number {of.seq}"),
        ("head", of.head),
        ("policies", ", ".join(of.policies) or "none were in force"),
        ("decided by", ", ".join(f"riskgate {one}" for one in of.engines) or "nothing was decided"),
        ("made", f"{of.made_at:%Y-%m-%d %H:%M:%S} UTC by riskgate {of.made_by}"),
        ("check", f"riskgate audit verify {quote(of.journal)} --expect {of.seq} {of.head}"),
    ]
