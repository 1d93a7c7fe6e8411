"""What the broker says again: IB tells every fill of the day with its commission on each reconcile.

Rule 1: a report that the book already holds is not recorded once more.
Rule 2: what cannot be known to be a repetition is none.
"""

from __future__ import annotations

from riskgate.ledger.book import Book
from riskgate.model.events import Payload
from riskgate.model.report import CommissionReport, ExecutionReport, revision_of, stem_of


def is_known(report: Payload, book: Book) -> bool:
    """Whether this fill, or what it cost, is in the book already."""
    if not isinstance(report, ExecutionReport | CommissionReport):
        return False
    fill = book.fills.get(stem_of(report.execution_id))
    if fill is None:
        return False
    if isinstance(report, CommissionReport):
        return fill == fill.charged(report)
    if report.order_id and not fill.order_id:
        return False  # it was taken for a foreign one until its order was known
    return revision_of(report.execution_id) <= revision_of(fill.execution_id)
