"""What a shock does to a holding: the arithmetic that the ledger and the rule share.

Rule 1: a holding is taken at its worst: a fall meets all working buys, a rise all working sells.
Rule 2: percent is of the mark; a mark may be negative, and then a fall in percent is a rise.
Rule 3: a price may pass through zero.
"""

from __future__ import annotations

from decimal import Decimal

from riskgate.model.money import HUNDRED, ZERO, grouped
from riskgate.model.subject import Subject
from riskgate.rulekit.tallies import Shock


def touches(shock: Shock, subject: Subject) -> bool:
    """Whether a shock moves the price of an instrument: by its symbol, or by its underlying's."""
    names = shock.symbols
    return names is None or subject.symbol in names or subject.underlying in names


def jump(shock: Shock, mark: Decimal) -> Decimal:
    """By how much the price moves."""
    if shock.amount is not None:
        return shock.amount
    return mark * (shock.percent or ZERO) / HUNDRED


def outcome(shock: Shock, worst: tuple[Decimal, Decimal], mark: Decimal) -> Decimal:
    """What a holding gains per unit of multiplier; `worst` is its long and its short worst case.

    >>> outcome(Shock(percent=Decimal(-10)), (Decimal(5), Decimal(-2)), Decimal(100))
    Decimal('-50')
    >>> outcome(Shock(amount=Decimal(3)), (Decimal(5), Decimal(-2)), Decimal(100))
    Decimal('-6')
    """
    by = jump(shock, mark)
    return min(worst[0] * by, worst[1] * by)


def described(shock: Shock) -> str:
    """`AAPL, MSFT -20 %`, or `+10 on everything`."""
    size = shock.percent if shock.amount is None else shock.amount
    by = f"{'+' if (size or ZERO) > 0 else ''}{grouped(size or ZERO)}"
    by += " %" if shock.amount is None else ""
    return f"{by} on {shock.symbols or 'everything'}"
