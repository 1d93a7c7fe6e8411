"""How much of what was asked for was done."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from riskgate.model.money import ZERO


def fill_rate(quantities: Iterable[tuple[Decimal, Decimal]]) -> Decimal | None:
    """Filled of asked, over (asked, filled) pairs: sum(filled) / sum(asked), 1 for everything.

    A fraction without a unit, over units of one instrument or of many alike; None where nothing
    was asked for. Overfills count no more than was asked for.
    """
    asked = filled = ZERO
    for wanted, done in quantities:
        asked += wanted
        filled += min(wanted, done)
    return filled / asked if asked else None
