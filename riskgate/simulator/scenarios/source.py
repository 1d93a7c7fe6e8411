"""The text of a YAML or CSV file as nodes that know their lines; no value is guessed.

Rule 1: every scalar is the text as written. What it means, the reader's types decide.
Rule 2: a file can hold nothing but text, lists and mappings: no anchors, aliases or tags.
Rule 3: whatever is wrong is a `Problem` with file and line.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final, TypeAlias

import msgspec
import yaml

from riskgate.simulator.permitted import nearest

LARGEST: Final = 1_048_576  # octets
DEEPEST: Final = 16

_PARSER: type[yaml.CBaseLoader | yaml.BaseLoader] = (
    yaml.CBaseLoader if yaml.__with_libyaml__ else yaml.BaseLoader
)


class Problem(msgspec.Struct, frozen=True, order=True):
    """One thing that is wrong with a file, or with a name that should have been one."""

    path: str
    line: int
    text: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.text}" if self.path else self.text


class ScenarioError(ValueError):
    """A scenario or price file that cannot be used, with all that was found wrong."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("\n".join(str(one) for one in problems))
        self.problems = problems


class Node(msgspec.Struct, frozen=True):
    """A value and the line it stands on; None is a value that was left empty."""

    line: int
    value: Value


class Entry(msgspec.Struct, frozen=True):
    """A key's line and its value."""

    line: int
    node: Node


Value: TypeAlias = str | list[Node] | dict[str, Entry] | None


def read(path: Path, largest: int = LARGEST) -> str:
    """The text of a file, as spreadsheets save it too. Raises ScenarioError, OSError."""
    with path.open("rb") as file:
        octets = file.read(largest + 1)
    if len(octets) > largest:
        raise _wrong(str(path), 0, f"the file is larger than {largest >> 20} MiB")
    try:
        return octets.decode().removeprefix("\ufeff")
    except UnicodeDecodeError as fault:
        line = octets[: fault.start].count(b"\n")
        raise _wrong(str(path), line, "the file is not UTF-8") from None


def parse_yaml(text: str, path: str) -> Node:
    """The document in a text. Raises ScenarioError."""
    if len(text) > LARGEST:
        raise _wrong(path, 0, "the file is larger than 1 MiB")
    loader = _PARSER(text)
    try:
        return _Walk(loader, path).document()
    except yaml.MarkedYAMLError as fault:
        mark = fault.problem_mark
        why = fault.problem or "cannot be read"
        raise _wrong(path, mark.line if mark else 0, f"the text is not YAML: {why}") from None
    except yaml.YAMLError as fault:
        raise _wrong(path, 0, f"the text is not YAML: {fault}") from None
    finally:
        loader.dispose()


def _wrong(path: str, line: int, text: str) -> ScenarioError:
    return ScenarioError((Problem(path, line + 1, text),))


def _line(event: yaml.Event) -> int:
    return event.start_mark.line if event.start_mark else 0


class _Walk:
    """Makes nodes of the parser's events."""

    def __init__(self, loader: yaml.CBaseLoader | yaml.BaseLoader, path: str) -> None:
        self._loader = loader
        self._path = path

    def document(self) -> Node:
        for expected in (yaml.StreamStartEvent, yaml.DocumentStartEvent):
            if not isinstance(self._next(), expected):
                raise _wrong(self._path, 0, "the file is empty")
        node = self._node(self._next(), 0)
        self._next()
        last = self._next()
        if not isinstance(last, yaml.StreamEndEvent):
            raise _wrong(self._path, _line(last), "the file holds several documents")
        return node

    def _next(self) -> yaml.Event:
        event = self._loader.get_event()
        if event is None:
            raise _wrong(self._path, 0, "the file ends too early")
        return event

    def _node(self, event: yaml.Event, depth: int) -> Node:
        line = _line(event)
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise _wrong(self._path, line, "anchors and aliases are not taken here")
        if getattr(event, "tag", None):
            raise _wrong(self._path, line, "tags are not taken here")
        if depth > DEEPEST:
            raise _wrong(self._path, line, f"nested more than {DEEPEST} levels deep")
        if isinstance(event, yaml.SequenceStartEvent):
            return Node(line + 1, self._items(depth))
        if isinstance(event, yaml.MappingStartEvent):
            return Node(line + 1, self._entries(depth))
        if not isinstance(event, yaml.ScalarEvent):
            raise _wrong(self._path, line, "the file is empty")
        is_plain = event.style is None
        is_empty = is_plain and event.value in {"", "~", "null"}
        return Node(line + 1, None if is_empty else str(event.value))

    def _items(self, depth: int) -> list[Node]:
        found: list[Node] = []
        while not isinstance(event := self._next(), yaml.SequenceEndEvent):
            found.append(self._node(event, depth + 1))
        return found

    def _entries(self, depth: int) -> dict[str, Entry]:
        found: dict[str, Entry] = {}
        while not isinstance(event := self._next(), yaml.MappingEndEvent):
            key = self._node(event, depth + 1)
            if not isinstance(key.value, str):
                raise _wrong(self._path, key.line - 1, "a key is not a word")
            if key.value in found:
                first = found[key.value].line
                raise _wrong(self._path, key.line - 1, f"`{key.value}` is given in line {first}")
            found[key.value] = Entry(key.line, self._node(self._next(), depth + 1))
        return found


# -- rows -----------------------------------------------------------------------------------------


def csv_rows(text: str, path: str, columns: Sequence[str]) -> Iterator[Node]:
    """The rows of a text under a header line, each as a mapping. Raises ScenarioError."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    header: list[str] = []
    rows = 0
    try:
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            if not header:
                header = _header(cells, reader.line_num, path, columns)
                continue
            rows += 1
            yield _row(header, cells, reader.line_num, path)
    except csv.Error as fault:
        raise _wrong(path, reader.line_num - 1, f"the text is not CSV: {fault}") from None
    if not header:
        raise _wrong(path, 0, "the file is empty")
    if not rows:
        raise _wrong(path, reader.line_num - 1, "there are no rows below the header line")


def _header(cells: list[str], line: int, path: str, columns: Sequence[str]) -> list[str]:
    """The names of the columns; a wrong one is told once, and not again for every row."""
    names = [cell.strip() for cell in cells]
    if not set(names) & set(columns):
        text = f"there is no header line; the first line names columns: {', '.join(columns)}"
        raise _wrong(path, line - 1, text)
    wrong = [f"column `{one}`: {nearest(one, columns)}" for one in names if one not in columns]
    wrong += [f"column `{one}`: is there twice" for one in {*names} if names.count(one) > 1]
    if wrong:
        raise ScenarioError(tuple(Problem(path, line, text) for text in sorted(wrong)))
    return names


def _row(header: list[str], cells: list[str], line: int, path: str) -> Node:
    if len(cells) != len(header):
        text = f"{len(cells)} cells under a header of {len(header)}"
        raise _wrong(path, line - 1, text)
    shown = {name: cell.strip() or None for name, cell in zip(header, cells, strict=True)}
    return Node(line, {name: Entry(line, Node(line, cell)) for name, cell in shown.items()})


# -- JSON -----------------------------------------------------------------------------------------


def parse_json(text: str | bytes, line: int = 1) -> Node:
    """A value of JSON, its numbers as they are written. Raises ValueError for what is none."""
    try:
        found = json.loads(
            text, parse_float=str, parse_int=str, parse_constant=str, object_pairs_hook=_once
        )
        return _of_json(found, line)
    except RecursionError:
        raise ValueError("is nested too deep") from None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("has a key that is given twice")
    return found


def _of_json(value: object, line: int) -> Node:
    match value:
        case dict():
            pairs = value.items()
            return Node(line, {str(key): Entry(line, _of_json(one, line)) for key, one in pairs})
        case list():
            return Node(line, [_of_json(one, line) for one in value])
        case bool():
            return Node(line, "true" if value else "false")
    return Node(line, None if value is None else str(value))
