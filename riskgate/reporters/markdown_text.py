"""Text in Markdown that stays text, whoever wrote it, and rows of its tables."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

MARKS: Final = "\\`*_[]<>|~&"


def escaped(text: str) -> str:
    """Text that stays text: no markup, no column of its own."""
    for mark in MARKS:
        text = text.replace(mark, f"\\{mark}")
    return " ".join(text.split())


def row(texts: Iterable[str]) -> str:
    """A row of a table."""
    return f"| {' | '.join(map(escaped, texts))} |"


def head(titles: Sequence[str]) -> Iterator[str]:
    """The head of a table."""
    yield row(titles)
    yield row(["---"] * len(titles))
