"""Sums of money by currency, exact."""

from __future__ import annotations

from decimal import Decimal

from riskgate.model.money import ZERO


class Amounts:
    """Sums of money by currency."""

    def __init__(self) -> None:
        self.by_currency: dict[str, Decimal] = {}

    def add(self, currency: str, amount: Decimal) -> None:
        """Add an amount of one currency."""
        if amount:
            self.by_currency[currency] = self.by_currency.get(currency, ZERO) + amount

    def copy(self) -> dict[str, Decimal]:
        """The sums as they are now, without zeros."""
        amounts = self.by_currency
        if all(amounts.values()):
            return amounts.copy()
        return {name: value for name, value in amounts.items() if value}

    def less(self, currency: str, amount: Decimal) -> dict[str, Decimal]:
        """A copy without some amount of one currency, and without zeros."""
        if not amount:
            return self.copy()
        rest = self.by_currency
        rest = {**rest, currency: rest.get(currency, ZERO) - amount}
        return {name: value for name, value in rest.items() if value}
