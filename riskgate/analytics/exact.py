"""Sums that round nothing, quotients that are rounded once, and amounts by currency.

Rule 1: sums and products are made in `EXACT`, so the order of the orders changes no digit, and the
parts of a whole add up to it.
Rule 2: amounts of different currencies are never added up.
"""

from __future__ import annotations

from decimal import Context, Decimal
from typing import Final

from riskgate.model.money import ZERO

EXACT: Final = Context(prec=200)  # three numbers of 45 digits, multiplied, and a billion of those
divide: Final = Context(prec=28).divide  # whatever the context around it


def quotient(part: Decimal | int, whole: Decimal | int) -> Decimal | None:
    """The quotient to 28 digits; None where the whole is nothing."""
    return divide(Decimal(part), Decimal(whole)) if whole else None


class Sums:
    """Several sums for each currency. The first counts what was added, and none is kept of zero."""

    __slots__ = ("rows", "width")

    def __init__(self, width: int) -> None:
        self.width = width
        self.rows: dict[str, list[Decimal]] = {}

    def of(self, currency: str) -> list[Decimal]:
        """The sums of one currency, to be added to."""
        row = self.rows.get(currency)
        if row is None:
            row = self.rows[currency] = [ZERO] * self.width
        return row

    def merge(self, other: Sums, sign: int) -> None:
        """Add what another has summed, or with a `sign` of -1 take it away."""
        for currency, row in other.rows.items():
            mine = self.of(currency)
            for place, amount in enumerate(row):
                mine[place] += sign * amount
            if not mine[0]:
                del self.rows[currency]

    def sorted(self) -> list[tuple[str, list[Decimal]]]:
        """The sums by currency, in the order of its name."""
        return sorted(self.rows.items())
