"""What executions cost in commissions and fees, by the currency they are charged in.

    amount   = sum(commission)
    per_unit = amount / units of the fills that were charged
    bps      = amount / sum(quantity x |price| x multiplier of those fills) x 10,000

Rule 1: positive is a cost, negative a rebate. The broker tells commission and fees as one amount.
Rule 2: a fill whose commission has not come counts nowhere but in `uncharged`.
Rule 3: basis points are of fills that are charged in the currency they trade in.
Source: IB CommissionReport.commission; FIX Commission (tag 12); RTS 27 Art. 5, costs.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal

import msgspec

from riskgate.analytics.exact import Sums, quotient
from riskgate.analytics.facts import OrderFacts
from riskgate.analytics.fill_rate import Filling
from riskgate.analytics.slippage import in_bps
from riskgate.model.money import ONE, ZERO
from riskgate.model.report import Fill


class Charge(msgspec.Struct, frozen=True, gc=False):
    """What some fills of an order were charged in one currency.

    `value` is what they traded for; None where they trade in another currency.
    """

    currency: str
    amount: Decimal
    quantity: Decimal
    value: Decimal | None


class Charges(msgspec.Struct, frozen=True, gc=False):
    """All that an order was charged. `uncharged` fills have no commission yet.

    `fees` is what it comes to in the order's own currency; None where any has not come, or is in
    another currency.
    """

    by_currency: tuple[Charge, ...]
    uncharged: int
    fees: Decimal | None


class Fees(msgspec.Struct, frozen=True, kw_only=True):
    """Commissions and fees in one currency: in all, for each unit, and in basis points of value."""

    amount: Decimal
    per_unit: Decimal | None
    bps: Decimal | None


def total_commission(fills: Iterable[Fill]) -> Decimal:
    """What is known of the commissions so far: sum(commission), in the currency of the fills.

    Positive for a cost, negative for a rebate. Only meant for fills in one currency. Source: IB
    CommissionReport.commission, which holds commission and fees together.
    """
    return sum((fill.commission or ZERO for fill in fills), ZERO)


def commissions(fills: Iterable[Fill]) -> dict[str, Decimal]:
    """What is known of the commissions so far, by the currency they are charged in."""
    known: dict[str, Decimal] = {}
    for fill in fills:
        if fill.commission is not None:
            known[fill.currency] = known.get(fill.currency, ZERO) + fill.commission
    return known


NOTHING_CHARGED = Charges((), 0, ZERO)


def charges(facts: OrderFacts, found: Filling) -> Charges:
    """What an order was charged for its fills so far, which come to this, by currency."""
    fills = facts.fills
    if not fills:
        return NOTHING_CHARGED
    own, amount = facts.currency, ZERO
    for fill in fills:
        commission = fill.commission
        if commission is None or (fill.currency and fill.currency != own):
            return _each(facts)
        amount += commission
    charge = Charge(own, amount, found.quantity, found.traded * facts.multiplier)
    return Charges((charge,), 0, amount)


def _each(facts: OrderFacts) -> Charges:
    """The same where some fills are not charged, or in another currency."""
    own = facts.currency
    amount = quantity = value = ZERO
    elsewhere: dict[str, tuple[Decimal, Decimal]] = {}
    charged = uncharged = 0
    for fill in facts.fills:
        commission = fill.commission
        if commission is None:
            uncharged += 1
        elif fill.currency == own or not fill.currency:
            charged += 1
            amount += commission
            quantity += fill.quantity
            value += fill.quantity * abs(fill.price)
        else:
            before = elsewhere.get(fill.currency, (ZERO, ZERO))
            elsewhere[fill.currency] = (before[0] + commission, before[1] + fill.quantity)
    found = [Charge(own, amount, quantity, value * facts.multiplier)] if charged else []
    found += [Charge(name, paid, units, None) for name, (paid, units) in elsewhere.items()]
    return Charges(tuple(found), uncharged, None if uncharged or elsewhere else amount)


class FeeSums:
    """Commissions and fees summed over orders as they come."""

    __slots__ = ("_money", "uncharged")

    def __init__(self) -> None:
        self.uncharged = 0
        self._money = Sums(5)

    def add(self, one: Charges) -> None:
        """Count one order."""
        self.uncharged += one.uncharged
        for charge in one.by_currency:
            row = self._money.of(charge.currency)
            row[0] += ONE
            row[1] += charge.amount
            row[2] += charge.quantity
            if charge.value is not None:
                row[3] += charge.amount
                row[4] += charge.value

    def merge(self, other: FeeSums, sign: int) -> None:
        """Count another's orders too, or with a `sign` of -1 no more."""
        self.uncharged += sign * other.uncharged
        self._money.merge(other._money, sign)

    def value(self) -> Mapping[str, Fees]:
        """What it comes to, by currency."""
        return {
            currency: Fees(
                amount=amount, per_unit=quotient(amount, units), bps=in_bps(comparable, value)
            )
            for currency, (_, amount, units, comparable, value) in self._money.sorted()
        }
