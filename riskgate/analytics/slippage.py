"""What an execution cost against the price that stood when the order was decided.

Rule 1: positive is a cost, for buys and sells alike; negative is an improvement.
Rule 2: corrected fills are measured once, in their latest revision.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from riskgate.model.money import ZERO
from riskgate.model.order import Side
from riskgate.model.report import Fill

BASIS_POINTS: Final = Decimal(10_000)


def average_price(fills: Sequence[Fill]) -> Decimal | None:
    """The quantity-weighted price of the fills; None without any."""
    quantity = sum((fill.quantity for fill in fills), ZERO)
    if not quantity:
        return None
    return sum((fill.quantity * fill.price for fill in fills), ZERO) / quantity


def arrival_slippage(side: Side, fills: Sequence[Fill], arrival: Decimal) -> Decimal | None:
    """Basis points of the arrival mid that the fills cost: (average - arrival) / arrival.

    The sign is turned for sells. None without fills, or against an arrival price of zero.
    Source: implementation shortfall, Perold 1988.
    """
    average = average_price(fills)
    if average is None or arrival == 0:
        return None
    beyond = average - arrival if side is Side.BUY else arrival - average
    return beyond / abs(arrival) * BASIS_POINTS


def total_commission(fills: Sequence[Fill]) -> Decimal:
    """What is known of the commissions so far, in the currency of the fills."""
    return sum((fill.commission or ZERO for fill in fills), ZERO)
