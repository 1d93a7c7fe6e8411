"""Slippage: what the fills cost against a price that could have been had.

    cost = (paid - filled x benchmark) x multiplier        of a buy; the reverse of a sell
    bps  = cost / (filled x |benchmark| x multiplier) x 10,000

`paid` is sum(quantity x price) over the fills. Four benchmarks are measured against: the price at
the decision, the price at arrival (written to the broker), the order's own limit, and the volume-
weighted price of the market while it was worked (`analytics.tape`).
Rule 1: positive is a cost, for buys and sells alike; negative is an improvement.
Rule 2: corrected fills are measured once, in their latest revision.
Source: Perold 1988 (decision price); Kissell, "The Science of Algorithmic Trading", ch. 3 (arrival
cost, VWAP cost).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

import msgspec

from riskgate.analytics.exact import Sums, divide, quotient
from riskgate.model.market import Quote
from riskgate.model.money import BASIS_POINTS, ONE, ZERO
from riskgate.model.order import Side
from riskgate.model.report import Fill


class Slippage(msgspec.Struct, frozen=True, kw_only=True):
    """What fills cost against an arrival price: `price` per unit, and in basis points of it.

    Both are positive for a cost. `bps` is None against an arrival price of zero.
    """

    price: Decimal
    bps: Decimal | None
    arrival: Decimal
    average: Decimal


class Slip(msgspec.Struct, frozen=True, gc=False):
    """Slippage of one order's fills against one benchmark: a price per unit.

    `cost` is in the order's currency, `value` what the fills were worth at the benchmark. `bps` is
    None against a benchmark of zero.
    """

    benchmark: Decimal
    cost: Decimal
    value: Decimal
    bps: Decimal | None


class Slipped(msgspec.Struct, frozen=True, kw_only=True):
    """Slippage of many orders against one benchmark.

    `mean_bps` counts each of the `orders` once, whatever its size and currency; it leaves out those
    against a benchmark of zero. `cost` is in each currency, `bps` is weighted by value: cost /
    value x 10,000. None where nothing has filled.
    """

    orders: int = 0
    mean_bps: Decimal | None = None
    cost: Mapping[str, Decimal] = {}
    bps: Mapping[str, Decimal | None] = {}


def arrival_price(quote: Quote | None) -> Decimal | None:
    """The mid of an uncrossed market, else the last trade; None where neither is known.

    Source: the decision price of the implementation shortfall, Perold 1988.
    """
    if quote is None:
        return None
    return quote.last if quote.mid is None else quote.mid


def average_price(fills: Sequence[Fill]) -> Decimal | None:
    """The quantity-weighted price of the fills: sum(quantity x price) / sum(quantity).

    In the instrument's currency; None without any. Source: FIX AvgPx (tag 6).
    """
    quantity = sum((fill.quantity for fill in fills), ZERO)
    return quotient(sum((fill.quantity * fill.price for fill in fills), ZERO), quantity)


def beyond(side: Side, paid: Decimal, worth: Decimal) -> Decimal:
    """How much more was paid than it was worth, or for a sell how much less was received."""
    return paid - worth if side is Side.BUY else worth - paid


def in_bps(cost: Decimal, worth: Decimal) -> Decimal | None:
    """A cost in basis points of what something was worth: cost / |worth| x 10,000."""
    return divide(cost * BASIS_POINTS, abs(worth)) if worth else None


def slip(side: Side, paid: Decimal, quantity: Decimal, benchmark: Decimal) -> Slip:
    """What units cost that were paid so, against a price; both are times the multiplier."""
    worth = quantity * benchmark
    cost = beyond(side, paid, worth)
    return Slip(benchmark, cost, abs(worth), in_bps(cost, worth))


def slippage(side: Side, fills: Sequence[Fill], arrival: Decimal) -> Slippage | None:
    """What the fills cost per unit: average - arrival for a buy, arrival - average for a sell.

    `price` is in the instrument's currency, `bps` is price / |arrival| x 10,000. None without
    fills. Source: implementation shortfall, Perold 1988, of the executed part.
    """
    average = average_price(fills)
    return None if average is None else slippage_at(side, average, arrival)


def slippage_at(side: Side, average: Decimal, arrival: Decimal) -> Slippage:
    """The same of an average that is known: of a combo its net price, whose fills are its legs'."""
    one = slip(side, average, ONE, arrival)
    return Slippage(price=one.cost, bps=one.bps, arrival=arrival, average=average)


def arrival_slippage(side: Side, fills: Sequence[Fill], arrival: Decimal) -> Decimal | None:
    """The basis points of `slippage`. None without fills, or against an arrival price of zero."""
    found = slippage(side, fills, arrival)
    return None if found is None else found.bps


class SlippageSums:
    """Slippage against one benchmark, summed over orders as they come."""

    __slots__ = ("_bps", "_money", "_orders", "_rated")

    def __init__(self) -> None:
        self._orders = 0
        self._rated = 0
        self._bps = ZERO
        self._money = Sums(3)

    def add(self, currency: str, one: Slip) -> None:
        """Count one order."""
        self._orders += 1
        if one.bps is not None:
            self._rated += 1
            self._bps += one.bps
        row = self._money.of(currency)
        row[0] += ONE
        row[1] += one.cost
        row[2] += one.value

    def merge(self, other: SlippageSums, sign: int) -> None:
        """Count another's orders too, or with a `sign` of -1 no more."""
        self._orders += sign * other._orders
        self._rated += sign * other._rated
        self._bps += sign * other._bps
        self._money.merge(other._money, sign)

    def value(self) -> Slipped:
        """What it comes to."""
        rows = self._money.sorted()
        return Slipped(
            orders=self._orders,
            mean_bps=quotient(self._bps, self._rated),
            cost={currency: row[1] for currency, row in rows},
            bps={currency: in_bps(row[1], row[2]) for currency, row in rows},
        )
