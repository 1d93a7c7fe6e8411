"""The vocabulary of message tables; `program` walks them.

Rule 1: a table is a tuple of rows: Field, Fixed, When, Many, Switch. Tables hold no code.
Rule 2: `since` is the first server version that has the row, `until` the first that has not.
Rule 3: the order of the rows is the order on the wire, in both directions.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import TypeAlias

import msgspec

from riskgate.simulator.wire.kinds import (
    ESCAPED,
    FLAG,
    INT,
    KEY,
    LONG,
    REAL,
    TEXT,
    WHOLE,
    Kind,
    Record,
    Scalar,
    Value,
)

FOREVER = 10**6
FRACTIONS_SINCE = 163  # the first version whose sizes may have decimals
MAX_ROWS = 100_000  # more legs, bars or ticks than anybody sends


class WireError(Exception):
    """A message does not fit its table.

    `record` holds what could be read before the fault, `table` says it field by field.
    """

    def __init__(self, message: str, record: Record | None = None, table: str = "") -> None:
        super().__init__(message)
        self.record: Record = record or {}
        self.table = table


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


def longs(names: str, default: int | None = None, since: int = 0) -> tuple[Field, ...]:
    """Whole numbers of 64 bits."""
    return _fields(names, LONG, default, since)


def keys(names: str) -> tuple[Field, ...]:
    """Whole numbers that must be there, such as a request id."""
    return _fields(names, KEY, None, 0)


def reals(names: str, default: Scalar = None, since: int = 0) -> tuple[Field, ...]:
    """Decimal numbers, `Infinite` included."""
    return _fields(names, REAL, default, since)


def flags(names: str, *, default: bool | None = False, since: int = 0) -> tuple[Field, ...]:
    """`1` or `0`."""
    return _fields(names, FLAG, default, since)


def sizes(names: str) -> tuple[Field, ...]:
    """Quantities of market data: whole numbers for clients that know no fractions, else decimal."""
    return tuple(
        row
        for name in names.split()
        for row in (
            Field(name, WHOLE, Decimal(0), 0, FRACTIONS_SINCE),
            Field(name, REAL, Decimal(0), FRACTIONS_SINCE),
        )
    )


def escaped(names: str) -> tuple[Field, ...]:
    """Text fields that travel as plain ASCII."""
    return _fields(names, ESCAPED, "", 0)


def is_set(name: str) -> Callable[[Mapping[str, Value]], bool]:
    """True when the field is neither empty nor unset nor false."""
    return lambda record: bool(record.get(name))


def equals(name: str, *values: str) -> Callable[[Mapping[str, Value]], bool]:
    """True when the field has one of these values."""
    return lambda record: record.get(name) in values
