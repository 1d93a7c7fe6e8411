"""Parquet for data frames and query engines: typed columns, and amounts as exact text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from riskgate import parquet

if TYPE_CHECKING:
    from riskgate.reporters.columns import Sheet


def records(found: Iterable[Mapping[str, Any]], sheet: Sheet) -> Iterator[bytes]:
    """The bytes of a file with all fields of each row; it streams."""
    names = tuple(sheet.fields)
    rows = (tuple(row.get(name) for name in names) for row in found)
    return parquet.encoded(sheet.fields, rows)
