"""What a shock does to a holding: the arithmetic that the ledger and the rule share.

Rule 1: a holding is taken at its worst: a fall meets all working buys, a rise all working sells.
Rule 2: percent is of the mark; a mark may be negative, and then a fall in percent is a rise.
"""

from __future__ import annotations

from decimal import Decimal

from riskgate.model.money import HUNDRED, ZERO
from riskgate.rulekit.tallies import Shock


def touches(shock: Shock, root: str) -> bool:
    """Whether a shock moves the price of instruments on this symbol."""
    return shock.symbols is None or root in shock.symbols


def jump(shock: Shock, mark: Decimal) -> Decimal:
    """By how much the price moves."""
    if shock.amount is not None:
        return shock.amount
    return mark * (shock.percent or ZERO) / HUNDRED


def outcome(shock: Shock, worst: tuple[Decimal, Decimal], mark: Decimal) -> Decimal:
    """What a holding gains per unit of multiplier; `worst` is its long and its short worst case."""
    by = jump(shock, mark)
    return min(worst[0] * by, worst[1] * by)
