"""Parent orders as rows of a table: what is asked for, how far it is, and why it stands still."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from riskgate.parents_terms import progress_of

if TYPE_CHECKING:
    from riskgate.ledger.parents import Work

COLUMNS: Final = {
    "order_id": "order",
    "state": "state",
    "filled": "filled",
    "working": "working",
    "quantity": "of",
    "slices": "slices",
    "ends": "ends (UTC)",
    "order": "terms",
    "plan": "plan",
    "reason": "reason",
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
