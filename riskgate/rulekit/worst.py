"""The order's own holding at its worst, and what share of an account's value something is.

Rule 1: the order is added on its own side: a buy to the long worst case, a sell to the short one.
Rule 2: a share of nothing, or of less than nothing, has no end, so that it is within no limit.
"""

from __future__ import annotations

from decimal import Decimal

from riskgate.model.money import HUNDRED
from riskgate.model.order import Order, Side
from riskgate.model.readings import Holding
from riskgate.model.snapshot import Snapshot
from riskgate.rulekit.bounds import BEYOND


def long_worst(held: Holding, order: Order, seen: Snapshot) -> Decimal:
    """The position if all working buys and, if it is a buy, this order fill, and no sell does."""
    return held.long_worst + (seen.adds(order) if order.side is Side.BUY else 0)


def short_worst(held: Holding, order: Order, seen: Snapshot) -> Decimal:
    """The position if all working sells and, if it is a sell, this order fill; negative if short.

    >>> from datetime import UTC, datetime
    >>> seen = Snapshot(as_of=datetime(2026, 3, 2, tzinfo=UTC))
    >>> short_worst(Holding(Decimal(2), sells=Decimal(3)), Order.parse("SELL 1 A MKT"), seen)
    Decimal('-2')
    """
    return held.short_worst - (seen.adds(order) if order.side is Side.SELL else 0)


def gross_worst(held: Holding, order: Order, seen: Snapshot) -> Decimal:
    """The largest holding on either side, in units."""
    return max(abs(long_worst(held, order, seen)), abs(short_worst(held, order, seen)))


def times(part: Decimal, whole: Decimal) -> Decimal:
    """How many times the whole a part is; endless if the whole is not above zero.

    >>> times(Decimal(3), Decimal(2)), times(Decimal(3), Decimal(0))
    (Decimal('1.5'), Decimal('Infinity'))
    """
    return part / whole if whole > 0 else BEYOND


def percent_of(part: Decimal, whole: Decimal) -> Decimal:
    """A part in percent of the whole; endless if the whole is not above zero."""
    return times(part * HUNDRED, whole)
