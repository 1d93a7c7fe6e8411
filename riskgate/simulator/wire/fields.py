"""The vocabulary of message tables, and the walk over a table in both directions.

Rule 1: a table is a tuple of rows: Field, Fixed, When, Many, Switch. Tables hold no code.
Rule 2: `since` is the first server version that has the row, `until` the first that has not.
Rule 3: the same walk order reads and writes, so what is written can be read back.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

import msgspec

from riskgate.simulator.wire.kinds import (
    FLAG,
    INT,
    KEY,
    LONG,
    REAL,
    TEXT,
    Kind,
    Record,
    Scalar,
    Value,
)

FOREVER = 10**6
MAX_ROWS = 1000  # more legs, parameters or conditions than anybody sends


class WireError(Exception):
    """A message does not fit its table. `record` holds what could be read before the fault."""

    def __init__(self, message: str, record: Record | None = None) -> None:
        super().__init__(message)
        self.record: Record = record or {}


class Field(msgspec.Struct, frozen=True):
    """One field. `default` is what the writer puts where the record has no value."""

    name: str
    kind: Kind
    default: Scalar = None
    since: int = 0
    until: int = FOREVER


class Fixed(msgspec.Struct, frozen=True):
    """A field that always has this text: a message's own version, or a place kept empty."""

    text: str
    since: int = 0
    until: int = FOREVER


class When(msgspec.Struct, frozen=True):
    """Rows that are there only if the record so far passes the test."""

    test: Callable[[Mapping[str, Value]], bool]
    rows: tuple[Row, ...]
    since: int = 0
    until: int = FOREVER


class Many(msgspec.Struct, frozen=True):
    """A count, then that many groups of rows, kept as a list of records under `name`."""

    name: str
    rows: tuple[Row, ...]
    since: int = 0
    until: int = FOREVER


class Switch(msgspec.Struct, frozen=True):
    """The rows chosen by the value of an earlier field."""

    on: str
    cases: dict[int, tuple[Row, ...]]
    since: int = 0
    until: int = FOREVER


Row: TypeAlias = Field | Fixed | When | Many | Switch
Rows: TypeAlias = tuple[Row, ...]


def _fields(names: str, kind: Kind, default: Scalar, since: int) -> tuple[Field, ...]:
    return tuple(Field(name, kind, default, since) for name in names.split())


def texts(names: str, default: str = "", since: int = 0) -> tuple[Field, ...]:
    """Text fields with these names."""
    return _fields(names, TEXT, default, since)


def ints(names: str, default: int | None = None, since: int = 0) -> tuple[Field, ...]:
    """Whole numbers of 32 bits."""
    return _fields(names, INT, default, since)


def longs(names: str, default: int | None = None) -> tuple[Field, ...]:
    """Whole numbers of 64 bits."""
    return _fields(names, LONG, default, 0)


def keys(names: str) -> tuple[Field, ...]:
    """Whole numbers that must be there, such as a request id."""
    return _fields(names, KEY, None, 0)


def reals(names: str, default: Scalar = None, since: int = 0) -> tuple[Field, ...]:
    """Decimal numbers, `Infinite` included."""
    return _fields(names, REAL, default, since)


def flags(names: str, *, default: bool | None = False, since: int = 0) -> tuple[Field, ...]:
    """`1` or `0`."""
    return _fields(names, FLAG, default, since)


def is_set(name: str) -> Callable[[Mapping[str, Value]], bool]:
    """True when the field is neither empty nor unset nor false."""
    return lambda record: bool(record.get(name))


def equals(name: str, *values: str) -> Callable[[Mapping[str, Value]], bool]:
    """True when the field has one of these values."""
    return lambda record: record.get(name) in values


class Reader:
    """Walks a table over the texts of one message."""

    def __init__(self, parts: Sequence[str], version: int) -> None:
        self._parts = parts
        self._version = version
        self._at = 0

    def read(self, rows: Rows, record: Record) -> None:
        """Fill the record from the next texts. Raises WireError."""
        for row in rows:
            if row.since <= self._version < row.until:
                self._read_row(row, record)

    def finish(self) -> None:
        """Raise WireError when texts are left over."""
        left = len(self._parts) - self._at
        if left:
            raise WireError(f"{left} more fields than the table has at version {self._version}")

    def _next(self, name: str) -> str:
        if self._at >= len(self._parts):
            raise WireError(f"ends before field {self._at + 1} `{name}`")
        self._at += 1
        return self._parts[self._at - 1]

    def _read_row(self, row: Row, record: Record) -> None:
        match row:
            case Field(name=name, kind=kind):
                record[name] = self._parse(name, kind)
            case Fixed(text=text):
                self._expect(text)
            case When(test=test, rows=rows):
                if test(record):
                    self.read(rows, record)
            case Many(name=name, rows=rows):
                record[name] = self._read_many(name, rows)
            case Switch(on=on, cases=cases):
                self.read(self._case(on, cases, record), record)

    def _parse(self, name: str, kind: Kind) -> Scalar:
        text = self._next(name)
        try:
            return kind.parse(text)
        except ValueError as why:
            raise WireError(f"field {self._at} `{name}`: `{text[:40]}` {why}") from None

    def _expect(self, text: str) -> None:
        found = self._next("version")
        if found != text:
            raise WireError(f"field {self._at}: `{found[:40]}`: expected `{text}`")

    def _read_many(self, name: str, rows: Rows) -> list[Record]:
        count = self._parse(name, INT) or 0
        if not isinstance(count, int) or not 0 <= count <= MAX_ROWS:
            raise WireError(f"field {self._at} `{name}`: `{count}` is no count of 0..{MAX_ROWS}")
        found: list[Record] = []
        for _ in range(count):
            item: Record = {}
            self.read(rows, item)
            found.append(item)
        return found

    def _case(self, on: str, cases: dict[int, Rows], record: Record) -> Rows:
        chosen = record[on]
        if not isinstance(chosen, int) or chosen not in cases:
            raise WireError(f"field {self._at} `{on}`: `{chosen}` is none of {sorted(cases)}")
        return cases[chosen]


class Writer:
    """Walks a table and collects the texts of one message."""

    def __init__(self, version: int) -> None:
        self.parts: list[str] = []
        self._version = version

    def write(self, rows: Rows, record: Mapping[str, Value]) -> None:
        """Add the texts of the record. Raises WireError when a value cannot be written."""
        for row in rows:
            if row.since <= self._version < row.until:
                self._write_row(row, record)

    def _write_row(self, row: Row, record: Mapping[str, Value]) -> None:
        match row:
            case Field():
                self._put(row, record.get(row.name, row.default))
            case Fixed(text=text):
                self.parts.append(text)
            case When(test=test, rows=rows):
                if test(record):
                    self.write(rows, record)
            case Many(name=name, rows=rows):
                self._write_many(rows, record.get(name) or [])
            case Switch(on=on, cases=cases):
                chosen = record.get(on)
                self.write(cases[chosen] if isinstance(chosen, int) else (), record)

    def _put(self, field: Field, value: Value) -> None:
        if isinstance(value, list):
            raise WireError(f"`{field.name}`: a list cannot be one field")
        text = field.kind.show(value)
        if "\0" in text:
            raise WireError(f"`{field.name}`: holds a zero byte")
        self.parts.append(text)

    def _write_many(self, rows: Rows, items: Value) -> None:
        if not isinstance(items, list):
            raise WireError(f"`{items}`: expected a list of records")
        self.parts.append(str(len(items)))
        for item in items:
            self.write(rows, item)
