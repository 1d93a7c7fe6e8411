"""The positions that accounts had before a history begins, from a CSV file.

Rule 1: without such a file every account begins with nothing.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import msgspec

from riskgate.errors import ConfigError
from riskgate.history.columns import COLUMNS, CONTRACT, decimal
from riskgate.history.rows import described
from riskgate.model.cells import meant
from riskgate.model.instrument import Instrument

NEEDED: Final = ("account", "symbol", "quantity")
PRICE: Final = "price"
NUMBERS: Final = ("quantity", PRICE)


class Opening(msgspec.Struct):
    """Positions by account and instrument, and what a unit of an instrument was last worth."""

    held: dict[str, dict[str, Decimal]] = {}
    instruments: dict[str, Instrument] = {}
    marks: dict[str, Decimal] = {}


def opening_of(path: str | None) -> Opening:
    """The positions of a file. Raise ConfigError, naming the row."""
    found = Opening()
    if path is None:
        return found
    for row, cells in _rows(path):
        values = _values(path, row, cells)
        instrument = described(values)
        if isinstance(instrument, str):
            raise ConfigError(f"`{path}`: row {row}, column `multiplier`: {instrument}")
        found.instruments[instrument.key] = instrument
        own = found.held.setdefault(values["account"], {})
        if instrument.key in own:
            raise ConfigError(f"`{path}`: row {row}: `{instrument.key}` is stated twice")
        own[instrument.key] = values["quantity"]
        if PRICE in values:
            found.marks[instrument.key] = values[PRICE]
    return found


def _rows(path: str) -> Iterator[tuple[int, dict[str, str | None]]]:
    try:
        with Path(path).open(encoding="utf-8-sig", newline="") as file:
            rows = csv.DictReader(file)
            names = list(rows.fieldnames or ())
            missing = [name for name in NEEDED if name not in names]
            twice = [name for name in names if names.count(name) > 1]
            if twice:
                raise ConfigError(f"`{path}` has the column `{twice[0]}` twice; keep one")
            if missing:
                raise ConfigError(f"`{path}` has no column `{missing[0]}`; positions need it")
            yield from enumerate(rows, 1)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise ConfigError(f"`{path}`: cannot read it: {error}") from None


def _values(path: str, row: int, cells: dict[str, str | None]) -> dict[str, Any]:
    """What a row says."""
    found: dict[str, Any] = {}
    for name in (*NEEDED, *CONTRACT, PRICE):
        cell = meant(cells.get(name) or "")
        if not cell:
            if name in NEEDED:
                raise ConfigError(f"`{path}`: row {row}, column `{name}`: is empty")
            continue
        try:
            found[name] = decimal(cell) if name in NUMBERS else COLUMNS[name].read(cell)
        except ValueError as error:
            raise ConfigError(f"`{path}`: row {row}, column `{name}`: `{cell}` {error}") from None
    return found
