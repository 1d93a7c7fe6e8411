"""A report made by hand, with names that would run if anything let them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Final

from riskgate.reporting.content import (
    Chart,
    Column,
    DayReport,
    Figure,
    Kind,
    Note,
    Origin,
    Section,
    Series,
    Shape,
    Table,
)

EVIL: Final = "</script><script>alert(1)</script><img src=x onerror=alert(2)>"
DAY: Final = date(2026, 3, 2)
NUMBER: Final = Kind.NUMBER


def at(hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 3, 2, hour, minute, tzinfo=UTC)


def numbers(*found: int | None) -> tuple[Decimal | None, ...]:
    return tuple(None if one is None else Decimal(one) for one in found)


ORIGIN: Final = Origin(
    journal="desk.sqlite", events=40, seq=40, head="ab" * 32, made_at=at(22), made_by="0.1.0"
)
STEPS: Final = Chart(
    id="steps",
    title="Limits used",
    shape=Shape.STEP,
    summary="The fullest is gross with 91 %.",
    x=Column("time", Kind.TIME),
    y=Column("used", NUMBER, "%", 1),
    series=tuple(
        Series(name, (at(14), at(15), at(16)), numbers(10, 91, low))
        for name, low in (("gross", 40), ("share", None), (EVIL, 60))
    ),
    mark=Decimal(100),
    mark_text="limit",
)
ROWS: Final = Chart(
    id="rows",
    title="Denials by rule",
    shape=Shape.ROWS,
    summary="Three denials.",
    x=Column("rule"),
    y=Column("orders", NUMBER, places=0),
    series=(Series("denied", ("desk/size", EVIL), numbers(2, 1)),),
)
BARS: Final = Chart(
    id="bars",
    title="Slippage by hour",
    shape=Shape.BARS,
    summary="Dear at ten.",
    x=Column("hour"),
    y=Column("slippage", NUMBER, "bp", 2),
    series=(Series("slippage", ("09:00", "10:00"), numbers(-1, 3)),),
)
STACKED: Final = Chart(
    id="stacked",
    title="Fill rates",
    shape=Shape.STACKED,
    summary="Most were filled.",
    x=Column("strategy"),
    y=Column("orders", NUMBER, places=0),
    series=tuple(
        Series(name, ("alpha", "beta"), numbers(*counts))
        for name, counts in (("whole", (3, 2)), ("part", (1, 0)), ("none", (1, 4)))
    ),
)
BINS: Final = Chart(
    id="bins",
    title="Slippage",
    shape=Shape.HISTOGRAM,
    summary="Between -1 and 1 bp.",
    x=Column("slippage", NUMBER, "bp", 1),
    y=Column("orders", NUMBER, places=0),
    series=(Series("orders", numbers(-1, 0, 1), numbers(1, 5, 2)),),
    mark=Decimal(0),
    mark_text="decision price",
    width=Decimal(1),
)
CHARTS: Final = (STEPS, ROWS, BARS, STACKED, BINS)
WORST: Final = Table(
    id="worst",
    title="Worst orders",
    columns=(
        Column("order", NUMBER),
        Column("strategy"),
        Column("at", Kind.TIME),
        Column("shortfall", NUMBER, "USD", 2, "shortfall"),
    ),
    rows=(
        (9, "beta", at(14, 30), Decimal("12.50")),
        (10, EVIL, at(14), Decimal(-3)),
        (3, "alpha", at(16), None),
        (21, "Alpha", at(15), Decimal("1234.567")),
    ),
    empty="no order was filled",
)
NEAR: Final = Table(
    id="near", title="Near misses", columns=(), rows=(), empty="no order came near a limit"
)
REPORT: Final = DayReport(
    day=DAY,
    zone="America/New_York",
    origin=ORIGIN,
    headline=f"4 orders of {EVIL}.",
    only=(EVIL,),
    figures=(
        Figure(label="Orders", value=4, places=0, more="1 denied"),
        Figure(label="Slippage", value=Decimal("0.526"), unit="bp", places=2, note="shortfall"),
        Figure(label="Fees", value=None, unit="USD"),
    ),
    sections=(
        Section(id="limits", title="Limits used", lead="How full they were.", charts=CHARTS),
        Section(id="dearest", title="Worst orders", tables=(WORST, NEAR)),
    ),
    notes=(
        Note(
            key="shortfall",
            title="Implementation shortfall",
            formula="paper profit - profit",
            sign="positive is a cost",
            unit="the currency of the order",
            source="Perold 1988",
        ),
    ),
)
EMPTY: Final = DayReport(
    day=DAY, zone="UTC", origin=ORIGIN, headline="Nothing was decided, sent or filled on this day."
)
