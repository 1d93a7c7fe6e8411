"""CSV for spreadsheets: a header line, and amounts as they are on record."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any

from riskgate.reporters.text import cell


def rows(found: Sequence[Mapping[str, Any]], columns: Mapping[str, str]) -> str:
    """The named columns of each row, under their names."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([[cell(row.get(name)) for name in columns] for row in found])
    return out.getvalue()
