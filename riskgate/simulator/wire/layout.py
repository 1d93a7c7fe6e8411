"""One message type: its number, its name, its table."""

from __future__ import annotations

import msgspec

from riskgate.simulator.wire.fields import Field, Fixed, Many, Rows, Switch, When


class Layout(msgspec.Struct, frozen=True):
    """A message type. The rows do not hold the leading message number."""

    number: int
    name: str
    rows: Rows


def layout(number: int, name: str, version: int | None, rows: Rows) -> Layout:
    """A message; `version` is the message's own version field, None if it has none."""
    fixed: Rows = () if version is None else (Fixed(str(version)),)
    return Layout(number, name, (*fixed, *rows))


def simple(number: int, name: str) -> Layout:
    """A message with nothing but its own version field, which is 1."""
    return layout(number, name, 1, ())


def names_in(rows: Rows) -> frozenset[str]:
    """Every field and list name a table can hold at its top level."""
    found: set[str] = set()
    for row in rows:
        match row:
            case Field(name=name) | Many(name=name):
                found.add(name)
            case When(rows=inner):
                found |= names_in(inner)
            case Switch(cases=cases):
                found = found.union(*(names_in(case) for case in cases.values()))
    return frozenset(found)
