"""CSV for spreadsheets: a header line, and amounts as they are on record.

Rule 1: no cell is run: text that a spreadsheet would take for a formula is marked (`model.cells`).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from riskgate.model.cells import harmless
from riskgate.reporters.columns import cell
from riskgate.reporters.inventory_tables import COLUMNS, inventory_rows
from riskgate.reporters.json import plain

if TYPE_CHECKING:
    from riskgate.policy.controls import Inventory
    from riskgate.reporters.columns import Sheet


def rows(found: Sequence[Mapping[str, Any]], columns: Mapping[str, str]) -> str:
    """The named columns of each row, under their names."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([[harmless(cell(row.get(name))) for name in columns] for row in found])
    return out.getvalue()


def records(found: Iterable[Mapping[str, Any]], sheet: Sheet) -> Iterator[str]:
    """A header line, then all fields of each row; it streams. Times are ISO 8601 in UTC."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(sheet.fields)
    for row in found:
        writer.writerow([_exact(row.get(name)) for name in sheet.fields])
        yield out.getvalue()
        out.seek(0)
        out.truncate()
    yield out.getvalue()


def _exact(value: object) -> str:
    """A value whole: nothing is rounded, and no fraction of a second is lost."""
    return "" if value is None else harmless(plain(value))


def controls(found: Inventory) -> str:
    """A row for each limit, armed or not."""
    return rows(inventory_rows(found), dict.fromkeys(COLUMNS, ""))
