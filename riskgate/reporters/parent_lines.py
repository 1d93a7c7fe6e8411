"""Parent orders as rows of a table: what is asked for, how far it is, and why it stands still."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from riskgate.line.parents_terms import progress_of
from riskgate.model.rows import Kind
from riskgate.reporters.columns import Column

if TYPE_CHECKING:
    from riskgate.ledger.parents import Work

COLUMNS: Final = (
    Column("order_id", "order"),
    Column("state", "state"),
    Column("filled", "filled"),
    Column("working", "working", 3),
    Column("quantity", "of"),
    Column("slices", "slices", 4),
    Column("ends", "ends (UTC)", 5),
    Column("order", "terms", 1, 15),
    Column("plan", "plan", 2, 18),
    Column("reason", "reason", 2, 12),
)
FIELDS: Final[Mapping[str, Kind]] = {
    "order_id": "whole",
    "state": "text",
    "filled": "decimal",
    "working": "decimal",
    "quantity": "decimal",
    "slices": "whole",
    "ends": "text",
    "order": "text",
    "plan": "text",
    "reason": "text",
}


def rows_of(works: Sequence[Work]) -> list[dict[str, Any]]:
    """One row for each parent."""
    return [_row(work) for work in works]


def _row(work: Work) -> dict[str, Any]:
    found = progress_of(work)
    ends = found.ends.strftime("%m-%d %H:%M:%S") if found.ends is not None else ""
    said = f"{found.reason} ({found.by})" if found.reason and found.by else found.reason
    return {
        "order_id": found.order_id,
        "state": found.state.value,
        "filled": found.filled,
        "working": found.working,
        "quantity": found.quantity,
        "slices": found.slices,
        "ends": ends,
        "order": found.order,
        "plan": found.plan,
        "reason": said,
    }
