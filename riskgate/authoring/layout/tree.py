"""A YAML text as nodes that know their source, each with the comments that belong to it.

Rule 1: this is the only module that imports ruamel.yaml, and it uses its parser events alone.
Rule 2: a comment line belongs to what stands below it, unless it is indented deeper than that: then
it belongs to what stands above it. Blank lines go with the comments around them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

COMMENT: Final = re.compile(r"(?:^|(?<=[ \t]))#")
MARKER: Final = re.compile(r"(---|\.\.\.)[ \t]*$")


@dataclass
class Scalar:
    """One word or text, as it is written."""

    text: str
    line: int
    column: int
    end: int


@dataclass
class Collection:
    """A mapping or a list; in a list the entries have no key. `text` is that of a flow style."""

    is_mapping: bool
    is_flow: bool
    line: int
    column: int
    entries: list[Entry] = field(default_factory=list)
    end: int = 0
    text: str = ""


@dataclass
class Entry:
    """A key with its value, or an item of a list; `leading` and `tail` are lines around it."""

    key: Scalar | None
    value: Scalar | Collection
    line: int
    column: int
    leading: list[str] = field(default_factory=list)
    tail: list[str] = field(default_factory=list)


@dataclass
class Tree:
    """A whole file. `trailing` are comments at the ends of lines, with the blanks before them."""

    root: Collection
    header: list[str]
    footer: list[str]
    trailing: dict[int, str]
    comments: list[str]


def read_tree(text: str) -> Tree:
    """The nodes of a text that our own reader has read without problems."""
    return _Reader(text.removeprefix("\ufeff").replace("\r\n", "\n")).tree()


class _Reader:
    """Reads one text: first its nodes, then what no node covers."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.lines = text.split("\n")
        self.covered = [[False] * len(line) for line in self.lines]
        self.anchors: list[Entry] = []
        self.last: Any = None

    def tree(self) -> Tree:
        (root,) = (node for node in self.nodes(_events(self.text)) if isinstance(node, Collection))
        found = {n: at for n in range(len(self.lines)) if (at := self.comment_at(n)) is not None}
        texts = sorted(self.lines[n][at:].rstrip() for n, at in found.items())
        full = {n: at for n, at in found.items() if not self.lines[n][:at].strip()}
        trailing = {n: self.with_gap(n, at) for n, at in found.items() if n not in full}
        return Tree(root, *self.hand_out(full), trailing, texts)

    def nodes(self, events: Iterator[Any]) -> Iterator[Scalar | Collection]:
        """The nodes of the level that the events are at, up to its end."""
        for event in events:
            kind = type(event).__name__
            if kind == "ScalarEvent":
                yield self.scalar(event)
            elif kind in ("MappingStartEvent", "SequenceStartEvent"):
                yield self.collection(event, events, is_mapping=kind.startswith("Mapping"))
            elif kind in ("MappingEndEvent", "SequenceEndEvent"):
                self.last = event
                return

    def scalar(self, event: Any) -> Scalar:  # noqa: ANN401  # the library's
        start = event.start_mark
        text = self.text[start.index : event.end_mark.index]
        text = text.rstrip("\n") if event.style in ("|", ">") else text.rstrip()
        for number, part in enumerate(text.split("\n"), start.line):
            begin = start.column if number == start.line else 0
            self.covered[number][begin : begin + len(part)] = [True] * len(part)
        return Scalar(text, start.line, start.column, start.line + text.count("\n"))

    def collection(
        self,
        event: Any,  # noqa: ANN401  # the library's
        events: Iterator[Any],
        *,
        is_mapping: bool,
    ) -> Collection:
        start = event.start_mark
        made = Collection(is_mapping, bool(event.flow_style), start.line, start.column)
        inside = self.nodes(events)
        place = len(self.anchors)
        for node in inside:
            key = node if is_mapping and isinstance(node, Scalar) else None
            value = next(inside) if is_mapping else node
            entry = Entry(key, value, *(self.dash(node, made) if key is None else _at(key)))
            made.entries.append(entry)
            if not made.is_flow:
                self.anchors.insert(place, entry)
            place = len(self.anchors)
        made.end = self.last.end_mark.line
        made.text = self.text[start.index : self.last.end_mark.index] if made.is_flow else ""
        return made

    def dash(self, value: Scalar | Collection, within: Collection) -> tuple[int, int]:
        """Where the dash of an item stands."""
        line, column = value.line, within.column
        while line > within.line and self.lines[line][column : column + 1] != "-":
            line -= 1
        return line, column

    def comment_at(self, number: int) -> int | None:
        """The column of a line's comment, if it has one outside every scalar."""
        places = (match.start() for match in COMMENT.finditer(self.lines[number]))
        return next((at for at in places if not self.covered[number][at]), None)

    def with_gap(self, number: int, at: int) -> str:
        """A comment at the end of a line, with the blanks before it."""
        kept = self.lines[number][:at].rstrip()
        return self.lines[number][len(kept) :].rstrip()

    def hand_out(self, full: dict[int, int]) -> tuple[list[str], list[str]]:
        """Give every line that no node covers to an entry; what is left: header and footer."""
        header: list[str] = []
        handled = -1
        for place, entry in enumerate(self.anchors):
            if entry.line <= handled:
                continue
            gap = list(self.gap_above(entry.line, full))
            if place == 0:
                header = [self.lines[n].strip() for n in gap]
            else:
                entry.leading = self.split(gap, full, self.anchors[:place], entry.column)
            handled = entry.line
        rest = list(self.gap_above(len(self.lines), full))
        return header, self.split(rest, full, self.anchors, 0)

    def gap_above(self, line: int, full: dict[int, int]) -> Iterator[int]:
        """The lines of comments, blanks and document markers right above a line."""
        first = line
        while first > 0 and self.is_gap(first - 1, full):
            first -= 1
        return (n for n in range(first, line) if not MARKER.match(self.lines[n]))

    def is_gap(self, number: int, full: dict[int, int]) -> bool:
        line = self.lines[number]
        if number in full or MARKER.match(line):
            return True
        return not line.strip() and not any(self.covered[number])

    def split(
        self, gap: list[int], full: dict[int, int], above: list[Entry], column: int
    ) -> list[str]:
        """What of a gap leads the entry below it; deeper comments end an entry above."""
        while any(full.get(n, column) > column for n in gap):
            deep = next(place for place, n in enumerate(gap) if full.get(n, column) > column)
            mine, at = gap[: deep + 1], full[gap[deep]]
            if any(n in full for n in gap[:deep]):
                break
            owner = next((e for e in reversed(above) if e.column <= at), above[-1])
            owner.tail += (self.lines[n].strip() for n in mine)
            gap = gap[deep + 1 :]
        return [self.lines[n].strip() for n in gap]


def _events(text: str) -> Iterator[Any]:
    """The parser's events; the types are the library's."""
    from ruamel.yaml import YAML  # noqa: PLC0415  # only where a file is laid out

    parser: Any = YAML(typ="safe", pure=True)
    yield from parser.parse(text)


def _at(node: Scalar) -> tuple[int, int]:
    return node.line, node.column
