"""Implementation shortfall: what is lost between a decision on paper and what became of it.

The paper portfolio has the whole order at the decision price at once, free of charge. The real one
has what filled, at what was paid, and paid for it. With s = 1 for a buy and -1 for a sell, X units
asked for (or filled, if more), F filled, and everything times the multiplier:

    delay       = s x F x (arrival - decision)        the market moved before it was at the broker
    execution   = s x (paid - F x arrival)            what the fills cost beyond that
    opportunity = s x (X - F) x (end - decision)      the market moved away from what never filled
    fees        = commissions and fees of the fills
    total       = delay + execution + opportunity + fees = paper gain - real gain

Rule 1: positive is a cost, in the order's currency; the parts sum to the total to the last digit.
Rule 2: a part of no units is zero, whatever the prices. Otherwise a price that is not known leaves
its part, and the total, unknown: so does a fee that has not come, or in another currency.
Rule 3: an order that still works has no end price, and so no total unless all of it has filled.
Source: Perold, "The Implementation Shortfall", 1988; the split of Kissell and Glantz, 2003, ch. 3.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Final

import msgspec

from riskgate.analytics.exact import Sums
from riskgate.analytics.facts import OrderFacts
from riskgate.analytics.slippage import beyond, in_bps
from riskgate.model.lifecycle import Status
from riskgate.model.money import ONE, ZERO

PARTS: Final = ("delay", "execution", "opportunity", "fees")


class Shortfall(msgspec.Struct, frozen=True, gc=False):
    """The parts and the whole, in the order's currency; None where something is not known.

    `paper` is what the order was worth at the decision: X x |decision| x multiplier. `bps` is
    total / paper x 10,000.
    """

    delay: Decimal | None
    execution: Decimal | None
    opportunity: Decimal | None
    fees: Decimal | None
    total: Decimal | None
    paper: Decimal | None

    @property
    def bps(self) -> Decimal | None:
        """The total in basis points of the paper portfolio."""
        if self.total is None or self.paper is None:
            return None
        return in_bps(self.total, self.paper)


class Shortfalls(msgspec.Struct, frozen=True, kw_only=True):
    """The shortfall of many orders in one currency, of those whose total is known.

    `orders` says how many; `bps` is total / paper x 10,000, None if the paper is worth nothing.
    """

    orders: int
    delay: Decimal
    execution: Decimal
    opportunity: Decimal
    fees: Decimal
    total: Decimal
    paper: Decimal
    bps: Decimal | None


def shortfall(facts: OrderFacts, paid: Decimal, fees: Decimal | None) -> Shortfall:
    """The shortfall of an order whose fills were paid so, times the multiplier."""
    side, decision, arrival = facts.side, facts.decision_price, facts.arrival_price
    multiplier = facts.multiplier
    size = facts.filled * multiplier
    whole = facts.status is Status.FILLED  # an order for cash asks for a quantity at the most
    asked = size if whole else max(size, facts.quantity * multiplier)
    delay = execution = opportunity = None
    if not size:
        delay = execution = ZERO
    elif arrival is not None:
        execution = beyond(side, paid, size * arrival)
        if decision is not None:
            delay = beyond(side, size * arrival, size * decision)
    if asked == size:
        opportunity = ZERO
    elif decision is not None and facts.end_price is not None:
        opportunity = beyond(side, (asked - size) * facts.end_price, (asked - size) * decision)
    total = paper = None
    if delay is not None and execution is not None and opportunity is not None:
        total = None if fees is None else delay + execution + opportunity + fees
    if decision is not None:
        paper = asked * abs(decision)
    return Shortfall(delay, execution, opportunity, fees, total, paper)


class ShortfallSums:
    """Shortfalls summed over orders as they come, by currency."""

    __slots__ = ("_money",)

    def __init__(self) -> None:
        self._money = Sums(6)

    def add(self, currency: str, one: Shortfall) -> None:
        """Count one order, if its total is known."""
        delay, execution, opportunity, fees = one.delay, one.execution, one.opportunity, one.fees
        if delay is None or execution is None or opportunity is None or fees is None:
            return
        row = self._money.of(currency)
        row[0] += ONE
        row[1] += delay
        row[2] += execution
        row[3] += opportunity
        row[4] += fees
        row[5] += one.paper or ZERO

    def merge(self, other: ShortfallSums, sign: int) -> None:
        """Count another's orders too, or with a `sign` of -1 no more."""
        self._money.merge(other._money, sign)

    def value(self) -> dict[str, Shortfalls]:
        """What it comes to, by currency."""
        return {currency: _summed(row) for currency, row in self._money.sorted()}


def _summed(row: list[Decimal]) -> Shortfalls:
    orders, delay, execution, opportunity, fees, paper = row
    total = delay + execution + opportunity + fees
    return Shortfalls(
        orders=int(orders),
        delay=delay,
        execution=execution,
        opportunity=opportunity,
        fees=fees,
        total=total,
        paper=paper,
        bps=in_bps(total, paper),
    )
