"""Facts out of files that `orders` and `executions` were exported to: Parquet or CSV.

Rule 1: both files are in the order of the orders' numbers, as an export writes them, so that they
are read side by side with flat memory; where they are not, it is told.
Rule 2: what an export writes comes back as the very same facts.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from pathlib import Path
from typing import Any, Final

import peewee

from riskgate import parquet
from riskgate.analytics.facts import OrderFacts
from riskgate.errors import ConfigError
from riskgate.journal.facts import (
    EXECUTION_COLUMNS,
    ORDER_COLUMNS,
    executions_by_order,
    order_facts,
)
from riskgate.journal.tables import (
    DecimalField,
    ExecutionRow,
    FlagField,
    MomentField,
    OrderRow,
    OwnerField,
    columns,
)
from riskgate.model.cells import meant

KINDS: Final[tuple[tuple[type[peewee.Field], parquet.Kind], ...]] = (
    (DecimalField, "decimal"),
    (MomentField, "moment"),
    (FlagField, "flag"),
    (OwnerField, "whole"),
    (peewee.IntegerField, "whole"),
    (peewee.TextField, "text"),
)
CSV: Final = ".csv"
AT_ONCE: Final = 4_096  # rows; orders have many columns
TRUE: Final = frozenset({"1", "true", "True"})
Stored = Sequence[Any]


def _kinds(model: type[peewee.Model]) -> dict[str, parquet.Kind]:
    return {
        field.column_name: next(kind for type_, kind in KINDS if isinstance(field, type_))
        for field in columns(model)
    }


ORDER_KINDS: Final[Mapping[str, parquet.Kind]] = _kinds(OrderRow)
EXECUTION_KINDS: Final[Mapping[str, parquet.Kind]] = _kinds(ExecutionRow)


def facts_of_files(orders: Path, executions: Path) -> Iterator[OrderFacts]:
    """The facts of the orders in one file with their executions in another.

    Raise ConfigError for a file that cannot be read, lacks a column, or is in another order.
    """
    waiting = _by_order(executions)
    number, fills = next(waiting, (None, ()))
    last = None
    for row in _rows(orders, ORDER_COLUMNS):
        if last is not None and row[0] <= last:
            raise ConfigError(_unsorted(orders, last, row[0]))
        last = row[0]
        while number is not None and number < last:
            number, fills = next(waiting, (None, ()))
        yield _decoded(orders, row, fills if number == last else ())
    for _ in waiting:  # what is left is of no order here, unless the file is not sorted
        pass


def _by_order(path: Path) -> Iterator[tuple[int | None, Sequence[Stored]]]:
    last = None
    for number, found in groupby(_rows(path, EXECUTION_COLUMNS), lambda row: row[0]):
        if number is None:
            continue  # of no order of ours
        if last is not None and number < last:
            raise ConfigError(_unsorted(path, last, number))
        last = number
        yield number, sorted(found, key=lambda row: (row[3], row[6]))


def _decoded(path: Path, row: Stored, executed: Sequence[Stored]) -> OrderFacts:
    try:
        found = executions_by_order(executed, _moment).get(row[0])
        return order_facts(row, found, _moment)
    except (ArithmeticError, KeyError, TypeError, ValueError) as error:
        raise ConfigError(
            f"`{path}`: order {row[0]} cannot be read: {error!a}; export it again"
        ) from error


def _moment(value: str | datetime) -> datetime:
    return datetime.fromisoformat(value) if isinstance(value, str) else value


def _unsorted(path: Path, last: object, number: object) -> str:
    return f"`{path}`: order {number} comes after {last}; sort it by `order_id`"


def _rows(path: Path, names: Sequence[str]) -> Iterator[Stored]:
    """The rows, with amounts as text; moments are text in CSV, and themselves in Parquet."""
    if path.suffix == CSV:
        yield from _csv(path, names)
        return
    for batch in parquet.batches(path, names, size=AT_ONCE):
        yield from zip(*batch, strict=True)


def _csv(path: Path, names: Sequence[str]) -> Iterator[Stored]:
    try:
        with path.open(encoding="utf-8", newline="") as file:
            reader = csv.reader(file)
            head = next(reader, [])
            lacking = [name for name in names if name not in head]
            if lacking:
                raise ConfigError(f"`{path}`: it has no column `{lacking[0]}`")
            places = [(name, head.index(name)) for name in names]
            for row in reader:
                if row:  # an empty line says nothing
                    yield _whole(path, reader.line_num, row, places)
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        raise ConfigError(f"`{path}`: {why}; check the path") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise ConfigError(f"`{path}`: it is no CSV in UTF-8: {error}; export it again") from error


def _whole(path: Path, line: int, row: list[str], places: list[tuple[str, int]]) -> Stored:
    try:
        return [_cell(name, meant(row[place])) for name, place in places]
    except IndexError:
        why = f"it has {len(row)} values, too few"
    except ValueError as error:
        why = str(error)
    raise ConfigError(f"`{path}`: line {line} cannot be read: {why}; export it again")


def _cell(name: str, word: str) -> Any:  # noqa: ANN401  # a cell of any column
    kind = ORDER_KINDS.get(name) or EXECUTION_KINDS[name]
    if kind == "whole":
        return int(word) if word else None
    if kind == "flag":
        return word in TRUE
    return word if word or kind == "text" else None
