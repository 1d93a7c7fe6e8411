"""Markdown of the reference's pages: tables of cells, and text that shows as it stands."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def cell(text: object) -> str:
    """Text that breaks no table."""
    return " ".join(str(text).split()).replace("|", "\\|")


def table(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> list[str]:
    """The lines of a table."""
    lines = [heads, ["---"] * len(heads), *rows]
    return ["| " + " | ".join(cell(one) for one in line) + " |" for line in lines]


def escaped(text: str) -> str:
    """A text as Markdown shows it as it stands; code, in backticks or indented, is left alone."""
    lines = text.splitlines()
    return "\n".join(line if line.startswith("    ") else _line(line) for line in lines)


def _line(text: str) -> str:
    """A line with `<` escaped outside of backticks."""
    pieces = text.split("`")
    pieces[::2] = [piece.replace("<", "&lt;") for piece in pieces[::2]]
    return "`".join(pieces)
