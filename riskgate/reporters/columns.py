"""Which columns of a table are shown where there is little room, and how wide.

Rule 1: a number, a time and a name that people copy are shown whole or not at all; only what says
that it may be shortened is, and then it ends in `...`.
Rule 2: what matters least goes first; what has no `rank` is always there.
Rule 3: words are shortened for what matters more, and never for what is only good to know.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final, NamedTuple

from riskgate.model.money import text
from riskgate.model.rows import Kind
from riskgate.reporters.lines import WIDTH

NUMBERS: Final = (Decimal, int, float, timedelta, type(None))
GAP: Final = 2
CUT: Final = "..."
DEAR: Final = 5  # for a column of a higher rank nothing is shortened, and nothing dearer left out
Row = Mapping[str, Any]


class Column(NamedTuple):
    """One column: where its value is, and its title.

    The highest `rank` is dropped first, and 0 never. It may be shortened to `least` columns, if
    that is not 0. `how` writes its value where that is not as usual.
    """

    name: str
    title: str
    rank: int = 0
    least: int = 0
    how: Callable[[Any], str] | None = None


class Sheet(NamedTuple):
    """What there is to show: columns for people, and for programs every field with its kind."""

    columns: tuple[Column, ...]
    fields: Mapping[str, Kind]


class Fitted(NamedTuple):
    """A table that fits: titles, the words of each row, their widths, and what is to the right."""

    titles: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    widths: tuple[int, ...]
    right: tuple[bool, ...]
    names: tuple[str, ...]


class _Measured(NamedTuple):
    """One column with its words and how wide they are."""

    column: Column
    words: list[str]
    width: int
    right: bool
    empty: bool

    @property
    def narrowest(self) -> int:
        column = self.column
        return min(self.width, max(column.least, len(column.title))) if column.least else self.width


def fitted(found: Sequence[Row], columns: Iterable[Column], width: int = WIDTH) -> Fitted:
    """The table in so many columns of a terminal, as far as that can be without cutting a number.

    Where there is too little room columns go: first those that are empty, then by their rank.
    """
    every = [_measured(found, column) for column in columns]
    kept = _kept(every, width)
    measured = [one for one in every if one.column.name in kept]
    widths = _widths(measured, width)
    words = [[cut(word, most) for word in one.words] for one, most in zip(measured, widths)]  # noqa: B905  # one for each
    return Fitted(
        titles=tuple(one.column.title for one in measured),
        rows=tuple(zip(*words, strict=True)),
        widths=tuple(widths),
        right=tuple(one.right for one in measured),
        names=tuple(one.column.name for one in measured),
    )


def table_lines(table: Fitted) -> Iterator[str]:
    """The table as plain lines; numbers to the right."""
    for words in (table.titles, *table.rows):
        yield _line(words, table) + "\n"


def _line(words: Sequence[str], table: Fitted) -> str:
    padded = [
        word.rjust(width) if to_the_right else word.ljust(width)
        for word, width, to_the_right in zip(words, table.widths, table.right, strict=True)
    ]
    return (" " * GAP).join(padded).rstrip()


def cell(value: object) -> str:
    """One value as people read it, on one line; times in UTC."""
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return text(value)
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S")
    return printable(str(value))


def printable(said: str) -> str:
    """Text of anybody as one line of a terminal, which it cannot steer."""
    line = " ".join(said.split())
    return line if line.isprintable() else line.encode("unicode_escape").decode("ascii")


def cut(word: str, most: int) -> str:
    """A word of at most so many columns."""
    return word if len(word) <= most else word[: max(0, most - len(CUT))] + CUT[:most]


def _measured(found: Sequence[Row], column: Column) -> _Measured:
    values = [row.get(column.name) for row in found]
    how = column.how or cell
    words = ["" if value is None else how(value) for value in values]
    return _Measured(
        column=column,
        words=words,
        width=max(map(len, (column.title, *words))),
        right=all(isinstance(value, NUMBERS) for value in values),
        empty=not any(words),
    )


def _kept(every: Sequence[_Measured], width: int) -> set[str]:
    """The names of the columns that there is room for: the rest go in, the dearest first."""
    kept, left_out = [one for one in every if not one.column.rank], False
    for one in sorted(every, key=lambda one: (one.empty, one.column.rank)):
        rank = one.column.rank
        if not rank or (left_out and rank > DEAR):
            continue
        if _needed([*kept, one], narrow=rank <= DEAR) <= width:
            kept.append(one)
        else:
            left_out = True
    return {one.column.name for one in kept}


def _needed(measured: Sequence[_Measured], *, narrow: bool = False) -> int:
    widths = (one.narrowest if narrow else one.width for one in measured)
    return sum(widths) + GAP * (len(measured) - 1)


def _widths(measured: Sequence[_Measured], width: int) -> list[int]:
    """What each column gets; those that may be shortened give way, the widest first."""
    widths = [one.width for one in measured]
    over = _needed(measured) - width
    while over > 0:
        room = [i for i, one in enumerate(measured) if widths[i] > one.narrowest]
        if not room:
            break
        widths[max(room, key=lambda i: widths[i])] -= 1
        over -= 1
    return widths
