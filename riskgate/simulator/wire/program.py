"""Tables made ready for one version: the walk that reads and writes them.

Rule 1: what does not depend on the message is worked out once, when the program is made.
Rule 2: the cursor remembers what was expected where, so a fault can be shown field by field.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache, lru_cache
from typing import Protocol

from riskgate.simulator.wire.fields import (
    MAX_ROWS,
    Field,
    Fixed,
    Many,
    Row,
    Rows,
    Switch,
    When,
    WireError,
)
from riskgate.simulator.wire.kinds import INT, TEXT, Kind, Record, Scalar, Value

_MISSING: Value = "\0"  # no value can be this: a zero byte ends a field
_SHOWN = 300  # fields of a table in the log
_CLIPPED = 40
REMEMBERED = 4096  # texts of each kind whose values are known


class Cursor:
    """Where the reading of one message is, and what was expected so far."""

    __slots__ = ("at", "parts", "seen", "version")

    def __init__(self, parts: Sequence[str], version: int) -> None:
        self.parts = parts
        self.version = version
        self.at = 1  # the first text is the message's number
        self.seen: list[tuple[int, tuple[tuple[str, str], ...]]] = []

    def expect(self, names: tuple[tuple[str, str], ...]) -> Sequence[str]:
        """The next texts, fewer when the message ends; each name comes with what it should be."""
        start = self.at
        self.seen.append((start, names))
        found = self.parts[start : start + len(names)]
        self.at = start + len(found)
        return found

    def ended(self, name: str) -> WireError:
        """The message ended where this field should be."""
        return WireError(f"ends before field {self.at} `{name}`")

    def finish(self) -> None:
        """Raise WireError when texts are left over."""
        left = len(self.parts) - self.at
        if left:
            raise WireError(f"{left} more fields than the table has at version {self.version}")

    def named(self) -> list[tuple[str, str]]:
        """Each text that was read, with its field's name."""
        return [
            (name, self.parts[at])
            for start, names in self.seen
            for at, (name, _) in enumerate(names, start)
        ]

    def table(self) -> str:
        """Each field so far: its place, name, text and what was expected of it."""
        lines: list[str] = []
        for start, names in self.seen:
            for at, (name, expected) in enumerate(names, start):
                text = f"`{self.parts[at][:_CLIPPED]}`" if at < len(self.parts) else "missing"
                lines.append(f"{at} {name}={text} ({expected})")
        lines += [
            f"{at} `{self.parts[at][:_CLIPPED]}` (nothing)"
            for at in range(self.at, len(self.parts))
        ]
        more = f", and {len(lines) - _SHOWN} more" if len(lines) > _SHOWN else ""
        return ", ".join(lines[:_SHOWN]) + more


class _Step(Protocol):
    """A part of a program."""

    def read(self, cursor: Cursor, record: Record) -> None:
        """Fill the record from the next texts. Raises WireError."""
        ...

    def write(self, parts: list[str], record: Mapping[str, Value]) -> None:
        """Add the texts of the record. Raises WireError."""
        ...


class Program:
    """The rows that one version has, in order."""

    def __init__(self, rows: Rows, version: int) -> None:
        self._steps = tuple(
            _steps([row for row in rows if row.since <= version < row.until], version)
        )

    def read(self, cursor: Cursor, record: Record) -> None:
        """Fill the record from the next texts. Raises WireError."""
        for step in self._steps:
            step.read(cursor, record)

    def write(self, parts: list[str], record: Mapping[str, Value]) -> None:
        """Add the texts of the record. Raises WireError when a value cannot be written."""
        for step in self._steps:
            step.write(parts, record)


def _steps(rows: list[Row], version: int) -> list[_Step]:
    """Neighbouring fields become one step."""
    found: list[_Step] = []
    run: list[Field] = []
    for row in rows:
        if isinstance(row, Field):
            run.append(row)
            continue
        if run:
            found.append(_Run(run))
            run = []
        found.append(_step(row, version))
    if run:
        found.append(_Run(run))
    return found


def _step(row: Fixed | When | Many | Switch, version: int) -> _Step:
    match row:
        case Fixed(text=text):
            return _Text(text)
        case When(test=test, rows=rows):
            return _Perhaps(test, Program(rows, version))
        case Many(name=name, rows=rows):
            return _List(name, Program(rows, version))
        case Switch(on=on, cases=cases):
            return _Choice(on, {key: Program(rows, version) for key, rows in cases.items()})


class _Run:
    """Fields that are always there."""

    def __init__(self, fields: Sequence[Field]) -> None:
        self._expected = tuple((field.name, field.kind.name) for field in fields)
        self._reads = tuple((field.name, _reader(field.kind)) for field in fields)
        self._writes = tuple(
            (field.name, field.kind.show, field.kind.show(field.default)) for field in fields
        )

    def read(self, cursor: Cursor, record: Record) -> None:
        texts = cursor.expect(self._expected)
        try:
            for (name, parse), text in zip(self._reads, texts, strict=False):
                record[name] = text if parse is None else parse(text)
        except ValueError:
            raise self._fault(cursor, texts) from None
        if len(texts) < len(self._expected):
            raise cursor.ended(self._expected[len(texts)][0])

    def _fault(self, cursor: Cursor, texts: Sequence[str]) -> WireError:
        at = cursor.at - len(texts)
        for (name, parse), text in zip(self._reads, texts, strict=False):
            try:
                if parse is not None:
                    parse(text)
            except ValueError as why:
                return WireError(f"field {at} `{name}`: `{text[:_CLIPPED]}` {why}")
            at += 1
        return WireError(f"ends at field {at}")  # not reached: the caller met a fault

    def write(self, parts: list[str], record: Mapping[str, Value]) -> None:
        get = record.get
        try:
            parts += [
                default if (value := get(name, _MISSING)) is _MISSING else show(value)
                for name, show, default in self._writes
            ]
        except TypeError:
            raise self._unwritable(record) from None

    def _unwritable(self, record: Mapping[str, Value]) -> WireError:
        for name, show, _ in self._writes:
            try:
                show(record.get(name))
            except TypeError as why:
                return WireError(f"`{name}`: {why}")
        return WireError("cannot be written")  # not reached: the caller met a fault


def _reader(kind: Kind) -> Callable[[str], Scalar] | None:
    """How a text is read; the same texts come again and again."""
    return None if kind is TEXT else _remembering(kind)


@cache
def _remembering(kind: Kind) -> Callable[[str], Scalar]:
    return lru_cache(REMEMBERED)(kind.parse)


class _Text:
    """A field that always has the same text."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._expected = (("fixed", f"`{text}`"),)

    def read(self, cursor: Cursor, record: Record) -> None:
        del record
        texts = cursor.expect(self._expected)
        if not texts:
            raise cursor.ended("fixed")
        if texts[0] != self._text:
            clipped = texts[0][:_CLIPPED]
            raise WireError(f"field {cursor.at - 1}: `{clipped}`: expected `{self._text}`")

    def write(self, parts: list[str], record: Mapping[str, Value]) -> None:
        del record
        parts.append(self._text)


class _Perhaps:
    """Rows that are there if the record so far passes a test."""

    def __init__(self, test: Callable[[Mapping[str, Value]], bool], inner: Program) -> None:
        self._test = test
        self._inner = inner

    def read(self, cursor: Cursor, record: Record) -> None:
        if self._test(record):
            self._inner.read(cursor, record)

    def write(self, parts: list[str], record: Mapping[str, Value]) -> None:
        if self._test(record):
            self._inner.write(parts, record)


class _List:
    """A count, then so many groups of rows."""

    def __init__(self, name: str, inner: Program) -> None:
        self._name = name
        self._inner = inner
        self._expected = ((name, "count"),)

    def read(self, cursor: Cursor, record: Record) -> None:
        found: list[Record] = []
        for _ in range(self._count(cursor)):
            item: Record = {}
            self._inner.read(cursor, item)
            found.append(item)
        record[self._name] = found

    def _count(self, cursor: Cursor) -> int:
        texts = cursor.expect(self._expected)
        if not texts:
            raise cursor.ended(self._name)
        about = f"field {cursor.at - 1} `{self._name}`: `{texts[0][:_CLIPPED]}`"
        try:
            count = INT.parse(texts[0]) or 0
        except ValueError as why:
            raise WireError(f"{about} {why}") from None
        if not isinstance(count, int) or not 0 <= count <= MAX_ROWS:
            raise WireError(f"{about} is no count of 0..{MAX_ROWS}")
        return count

    def write(self, parts: list[str], record: Mapping[str, Value]) -> None:
        items = record.get(self._name) or []
        if not isinstance(items, list):
            raise WireError(f"`{self._name}`: `{items}`: expected a list of records")
        parts.append(str(len(items)))
        for item in items:
            self._inner.write(parts, item)


class _Choice:
    """Rows chosen by the value of an earlier field."""

    def __init__(self, on: str, cases: dict[int, Program]) -> None:
        self._on = on
        self._cases = cases

    def read(self, cursor: Cursor, record: Record) -> None:
        chosen = record[self._on]
        if not isinstance(chosen, int) or chosen not in self._cases:
            known = sorted(self._cases)
            raise WireError(f"field {cursor.at - 1} `{self._on}`: `{chosen}` is none of {known}")
        self._cases[chosen].read(cursor, record)

    def write(self, parts: list[str], record: Mapping[str, Value]) -> None:
        chosen = record.get(self._on)
        if isinstance(chosen, int) and chosen in self._cases:
            self._cases[chosen].write(parts, record)
