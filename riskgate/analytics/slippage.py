"""What an execution cost against the price that stood when the order was decided.

Rule 1: positive is a cost, for buys and sells alike; negative is an improvement.
Rule 2: corrected fills are measured once, in their latest revision.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

import msgspec

from riskgate.model.market import Quote
from riskgate.model.money import BASIS_POINTS, ZERO
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
    if not quantity:
        return None
    return sum((fill.quantity * fill.price for fill in fills), ZERO) / quantity


def slippage(side: Side, fills: Sequence[Fill], arrival: Decimal) -> Slippage | None:
    """What the fills cost per unit: average - arrival for a buy, arrival - average for a sell.

    `price` is in the instrument's currency, `bps` is price / |arrival| x 10,000. None without
    fills. Source: implementation shortfall, Perold 1988, of the executed part.
    """
    average = average_price(fills)
    return None if average is None else slippage_at(side, average, arrival)


def slippage_at(side: Side, average: Decimal, arrival: Decimal) -> Slippage:
    """The same of an average that is known: of a combo its net price, whose fills are its legs'."""
    beyond = average - arrival if side is Side.BUY else arrival - average
    bps = beyond / abs(arrival) * BASIS_POINTS if arrival else None
    return Slippage(price=beyond, bps=bps, arrival=arrival, average=average)


def arrival_slippage(side: Side, fills: Sequence[Fill], arrival: Decimal) -> Decimal | None:
    """The basis points of `slippage`. None without fills, or against an arrival price of zero."""
    found = slippage(side, fills, arrival)
    return None if found is None else found.bps


def average_slippage(costs: Sequence[Decimal]) -> Decimal | None:
    """The mean over orders of their slippage in basis points, each order counted once.

    Positive for a cost; None without any.
    """
    return sum(costs, ZERO) / len(costs) if costs else None
