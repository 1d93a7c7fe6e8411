"""What a report shows, whatever shows it: figures, tables, charts, stories, and where all is from.

Rule 1: values are exact and unformatted; a format decides how many of the digits are shown, by
`places`. What is not known is None, never zero.
Rule 2: texts from the record are plain text here; each format escapes them in its own way.
Rule 3: a chart says in words what it shows, and holds the numbers that it draws.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

import msgspec

from riskgate.record.chronicle import Chronicle

Cell = str | int | Decimal | datetime | None


class Kind(StrEnum):
    """How the values of a column read, and sort."""

    TEXT = "text"
    NUMBER = "number"
    TIME = "time"


class Shape(StrEnum):
    """How a chart is drawn. A `STEP` holds its value until the next point."""

    STEP = "step"
    BARS = "bars"
    STACKED = "stacked"
    ROWS = "rows"
    HISTOGRAM = "histogram"


class Column(msgspec.Struct, frozen=True):
    """A column of a table; `note` is the key of the footnote that explains it."""

    title: str
    kind: Kind = Kind.TEXT
    unit: str = ""
    places: int | None = None
    note: str = ""


class Table(msgspec.Struct, frozen=True, kw_only=True):
    """A table; `empty` is said in its place where it has no rows.

    `stories` is the column whose values are orders that the report tells the story of, if any.
    """

    id: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    empty: str
    stories: int | None = None


class Series(msgspec.Struct, frozen=True):
    """Points under one name. What `y` does not know is left out of the drawing."""

    name: str
    x: tuple[Cell, ...]
    y: tuple[Decimal | None, ...]


class Chart(msgspec.Struct, frozen=True, kw_only=True):
    """A drawing; `mark` is a line at that value, with `mark_text` beside it.

    `width` is that of a histogram's bars.
    """

    id: str
    title: str
    shape: Shape
    summary: str
    series: tuple[Series, ...]
    x: Column
    y: Column
    mark: Decimal | None = None
    mark_text: str = ""
    width: Decimal | None = None


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    """One number of the summary. `more` are words beside it; `note` explains it."""

    label: str
    value: Cell
    unit: str = ""
    places: int | None = None
    more: str = ""
    note: str = ""


class Section(msgspec.Struct, frozen=True, kw_only=True):
    """A part of the report under a heading; `lead` says what it answers."""

    id: str
    title: str
    lead: str = ""
    charts: tuple[Chart, ...] = ()
    tables: tuple[Table, ...] = ()


class Note(msgspec.Struct, frozen=True, kw_only=True):
    """How to read a measure: its formula, its sign, its unit, and who says so."""

    key: str
    title: str
    formula: str
    sign: str = ""
    unit: str = ""
    source: str = ""


class Origin(msgspec.Struct, frozen=True, kw_only=True):
    """Where the figures come from. `head` is the hash of the last event that was read, `seq`."""

    journal: str
    events: int
    seq: int
    head: str
    made_at: datetime
    made_by: str
    engines: tuple[str, ...] = ()
    policies: tuple[str, ...] = ()


class DayReport(msgspec.Struct, frozen=True, kw_only=True):
    """One day in one zone; `only` are the strategies that it is about, none for all."""

    day: date
    zone: str
    origin: Origin
    headline: str
    only: tuple[str, ...] = ()
    figures: tuple[Figure, ...] = ()
    sections: tuple[Section, ...] = ()
    stories: tuple[Chronicle, ...] = ()
    notes: tuple[Note, ...] = ()

    @property
    def title(self) -> str:
        """`Trading of 2026-03-02`."""
        return f"Trading of {self.day.isoformat()}"
