"""The market's own trades out of a file, for what they say of an interval: CSV or Parquet.

Rule 1: columns `at, symbol, price, size` are needed, others are left alone.
Rule 2: a row that cannot be read ends it, with its place; nothing is guessed or left out.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, Final

from riskgate import parquet
from riskgate.analytics.tape import Print, Tape
from riskgate.errors import ConfigError
from riskgate.policy.suggest import closest, shown

COLUMNS: Final = ("at", "symbol", "price", "size")


def tape_of(path: Path) -> Tape:
    """The trades of a file. Raise ConfigError where it cannot be read."""
    return Tape(prints(path))


def prints(path: Path) -> Iterator[Print]:
    """The trades of a file as they come; a name that ends in `.parquet` is Parquet, else CSV."""
    if path.suffix.lower() == ".parquet":
        _check(path, parquet.columns_of(path))
        yield from _read(path, parquet.rows(path, COLUMNS), 1)
        return
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            lines = csv.reader(file)
            header = next(lines, [])
            _check(path, header)
            places = [header.index(name) for name in COLUMNS]
            yield from _read(path, _picked(lines, places), 2)
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        raise ConfigError(f"`{path}` cannot be read: {why}; check the path") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise ConfigError(f"`{path}` is no CSV file in UTF-8: {error}") from error


def _check(path: Path, header: Sequence[str]) -> None:
    """Raise ConfigError for a file that lacks a column."""
    missing = [name for name in COLUMNS if name not in header]
    if missing:
        hint = closest(missing[0], header)
        meant = f"is it `{shown(hint)}`?" if hint else f"there is {_listed(header)}"
        need = f"needed are {_listed(COLUMNS)}"
        raise ConfigError(f"`{path}`: no column `{missing[0]}`; {meant}; {need}")


def _listed(names: Iterable[str]) -> str:
    return ", ".join(shown(name) for name in names) or "no columns"


def _picked(lines: Iterable[Sequence[str]], places: Sequence[int]) -> Iterator[tuple[str, ...]]:
    """The columns that are needed; a short line lacks its last ones, an empty one is nothing."""
    for line in lines:
        if line:
            yield tuple(line[place] if place < len(line) else "" for place in places)


def _read(path: Path, rows: Iterable[Sequence[Any]], first: int) -> Iterator[Print]:
    for number, (at, symbol, price, size) in enumerate(rows, first):
        try:
            yield Print(
                at=_moment(at),
                symbol=str(symbol),
                price=_number(price, "price"),
                size=_number(size, "size", least=Decimal(0)),
            )
        except ValueError as error:
            raise ConfigError(f"`{path}`: line {number}: {error}") from None


def _moment(value: object) -> datetime:
    if isinstance(value, datetime):
        found = value
    else:
        try:
            found = datetime.fromisoformat(str(value).strip())
        except ValueError:
            raise ValueError(f"`at` is no time: `{shown(str(value))}`") from None
    if found.utcoffset() is None:
        raise ValueError(f"`at` has no offset: `{shown(str(value))}`; add Z for UTC")
    return found


def _number(value: object, name: str, least: Decimal | None = None) -> Decimal:
    try:
        found = Decimal(str(value).strip())
    except InvalidOperation:
        found = Decimal("NaN")
    if not found.is_finite() or (least is not None and found < least):
        raise ValueError(f"`{name}` is no number that it can be: `{shown(str(value))}`")
    return found
