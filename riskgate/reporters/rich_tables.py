"""Tables for a terminal: the same words as in plain text, with a ruled head and colours.

Rule 1: a colour never says what no word says.
Rule 2: the words are of the record, so nothing in them is read as markup.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from riskgate.reporters.columns import GAP, Fitted

COLORED: Final = "status"
COLORS: Final = {
    "Denied": "red",
    "Rejected": "red",
    "Unknown": "bold red",
    "Held": "yellow",
    "Filled": "green",
    "PartiallyFilled": "green",
}


def rich_lines(table: Fitted) -> Iterator[str]:
    """The table as lines for a terminal. `NO_COLOR` is honoured."""
    width = sum(table.widths) + GAP * (len(table.widths) - 1)
    console = Console(width=max(width, 1), force_terminal=True, highlight=False)
    with console.capture() as capture:
        console.print(_drawn(table))
    yield from capture.get().splitlines(keepends=True)


def _drawn(table: Fitted) -> Table:
    drawn = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, GAP - 1, 0, 0))
    for title, width, right in zip(table.titles, table.widths, table.right, strict=True):
        justify = "right" if right else "left"
        drawn.add_column(Text(title), justify=justify, no_wrap=True, min_width=width)  # type: ignore[arg-type]
    for words in table.rows:
        drawn.add_row(*map(_word, table.names, words))
    return drawn


def _word(name: str, word: str) -> Text:
    return Text(word, style=COLORS.get(word, "") if name == COLORED else "")
