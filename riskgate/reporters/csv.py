"""CSV for spreadsheets: a header line, and amounts as they are on record."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from riskgate.reporters.inventory_tables import COLUMNS, inventory_rows
from riskgate.reporters.text import cell

if TYPE_CHECKING:
    from riskgate.policy.controls import Inventory


def rows(found: Sequence[Mapping[str, Any]], columns: Mapping[str, str]) -> str:
    """The named columns of each row, under their names."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([[cell(row.get(name)) for name in columns] for row in found])
    return out.getvalue()


def controls(found: Inventory) -> str:
    """A row for each limit, armed or not."""
    return rows(inventory_rows(found), dict.fromkeys(COLUMNS, ""))
