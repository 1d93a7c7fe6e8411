"""A report of a day as Markdown of at most a hundred columns, for a mail or a pull request.

Rule 1: a table too wide loses its last columns, and says which; what is cut is never a number.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

from riskgate.reporters.columns import CUT
from riskgate.reporters.lines import wrapped
from riskgate.reporters.markdown_text import escaped
from riskgate.reporters.report_cells import origins, shown
from riskgate.reporting.content import Column, DayReport, Figure, Kind, Section, Table

if TYPE_CHECKING:
    from riskgate.reporting.content import Note

WIDTH: Final = 100
LONGEST, SHORTEST, STEP = 64, 28, 4  # characters of a text in a cell


def report_lines(of: DayReport) -> Iterator[str]:
    """The whole report, but for drawings and stories."""
    yield f"# {escaped(of.title)}"
    yield ""
    yield from _prose(of.headline)
    only = f"Only {', '.join(of.only)}. " if of.only else ""
    yield from _prose(f"{only}Times are {of.zone}. Positive slippage and shortfall are costs.")
    if of.figures:
        yield from ("", *_table(SUMMARY, [_figure(one) for one in of.figures]))
    for section in of.sections:
        yield from _section(section)
    if of.notes:
        yield from ("", "## How to read it", "")
        for note in of.notes:
            yield from _item(_said(note))
    yield from ("", "## Where it is from", "")
    for label, text in origins(of.origin):
        yield from _item(f"{label}: {text}")


SUMMARY: Final = (Column("figure"), Column("value", Kind.NUMBER), Column("unit"), Column("more"))


def _figure(one: Figure) -> list[str]:
    return [one.label, shown(one.value, one.places) or "not known", one.unit, one.more]


def _section(of: Section) -> Iterator[str]:
    yield from ("", f"## {escaped(of.title)}")
    if of.lead:
        yield from ("", *_prose(of.lead))
    for chart in of.charts:
        yield from ("", *_prose(f"{chart.title}: {chart.summary}"))
    for table in of.tables:
        yield from ("", f"### {escaped(table.title)}", "")
        yield from _rows(table)


def _rows(of: Table) -> Iterator[str]:
    if not of.rows:
        yield from _prose(of.empty)
        return
    cells = [
        [shown(value, column.places) for value, column in zip(row, of.columns, strict=True)]
        for row in of.rows
    ]
    yield from _table(of.columns, cells)


def _table(columns: Sequence[Column], cells: Sequence[Sequence[str]]) -> Iterator[str]:
    """The rows under their titles: texts shortened as they must be, then as many as fit."""
    titles = [f"{column.title} {column.unit}".rstrip() for column in columns]
    numbers = [column.kind is not Kind.TEXT for column in columns]
    rows, widths = _fitted([titles, *cells], numbers)
    many = len(widths)
    while many > 1 and _needed(widths[:many]) > WIDTH:
        many -= 1
    yield _row(rows[0], widths[:many], numbers)
    rules = [
        f"{'-' * (width - 1)}:" if number else "-" * width
        for width, number in zip(widths[:many], numbers, strict=False)
    ]
    yield f"| {' | '.join(rules)} |"
    for row in rows[1:]:
        yield _row(row, widths[:many], numbers)
    if many < len(widths):
        yield ""
        yield from _prose(f"Not shown here for want of room: {', '.join(titles[many:])}.")


def _fitted(
    cells: Sequence[Sequence[str]], numbers: Sequence[bool]
) -> tuple[list[list[str]], list[int]]:
    """The cells escaped, with texts no longer than they may be, and the widths of the columns."""
    for most in range(LONGEST, SHORTEST - 1, -STEP):
        rows = [
            [escaped(text if number else _short(text, most)) for text, number in pairs]
            for pairs in (zip(row, numbers, strict=True) for row in cells)
        ]
        widths = [max(3, *map(len, column)) for column in zip(*rows, strict=True)]
        if _needed(widths) <= WIDTH:
            break
    return rows, widths


def _needed(widths: Sequence[int]) -> int:
    return sum(widths) + 3 * len(widths) + 1


def _row(row: Sequence[str], widths: Sequence[int], numbers: Sequence[bool]) -> str:
    padded = (
        text.rjust(width) if number else text.ljust(width)
        for text, width, number in zip(row, widths, numbers, strict=False)
    )
    return f"| {' | '.join(padded)} |"


def _short(text: str, most: int) -> str:
    """A text that is too long loses its end, and says so."""
    return text if len(text) <= most else f"{text[: most - len(CUT)]}{CUT}"


def _said(note: Note) -> str:
    unit = f", in {note.unit}" if note.unit else ""
    more = "".join(f" {one}." for one in (note.sign, note.source) if one)
    return f"{note.title}: {note.formula}{unit}.{more}"


def _prose(text: str) -> list[str]:
    return wrapped(escaped(text), hang=0, width=WIDTH)


def _item(text: str) -> list[str]:
    return wrapped(f"* {escaped(text)}", width=WIDTH)
