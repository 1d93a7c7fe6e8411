"""Decides whether an order trades at a quote, at which price and how much. Pure.

Rule 1: an order trades at the touch, never better and never inside the spread.
Rule 2: nothing here changes an order; the exchange does.
"""

from __future__ import annotations

from decimal import ROUND_CEILING, Decimal

import msgspec

from riskgate.simulator.book import LiveOrder, Terms
from riskgate.simulator.options import Fills
from riskgate.simulator.prices import Quote

MARKET_TYPES = frozenset({"MKT", "STP"})
STOP_TYPES = frozenset({"STP", "STP LMT"})
ORDER_TYPES = frozenset({"MKT", "LMT", "STP", "STP LMT"})
TIMES_IN_FORCE = frozenset({"DAY", "GTC", "IOC", "FOK"})
IMMEDIATE = frozenset({"IOC", "FOK"})


class Match(msgspec.Struct, frozen=True):
    """A trade that can happen now."""

    quantity: Decimal
    price: Decimal


def is_triggered(terms: Terms, market: Quote) -> bool:
    """True when a stop's price is reached: by the last price, else by the touch."""
    reference = market.last if market.last is not None else market.touch(terms.action)
    if reference is None or terms.stop is None or market.halted:
        return False
    return reference >= terms.stop if terms.action == "BUY" else reference <= terms.stop


def price_for(terms: Terms, market: Quote) -> Decimal | None:
    """The price the order trades at, None when it is not marketable."""
    touch = None if market.halted else market.touch(terms.action)
    if touch is None or terms.order_type in MARKET_TYPES:
        return touch
    if terms.limit is None:
        return None
    good = touch <= terms.limit if terms.action == "BUY" else touch >= terms.limit
    return touch if good else None


def match(order: LiveOrder, market: Quote, left: Decimal | None, fills: Fills) -> Match | None:
    """The next fill of a working order, None when there is none. `left` None is no limit."""
    price = price_for(order.terms, market)
    available = order.remaining if left is None else min(left, order.remaining)
    if price is None or available <= 0:
        return None
    if order.terms.tif == "FOK":
        return Match(order.remaining, price) if available == order.remaining else None
    return Match(min(available, _chunk(order, fills)), price)


def _chunk(order: LiveOrder, fills: Fills) -> Decimal:
    if fills.sizes:
        return fills.sizes[order.fills % len(fills.sizes)]
    step = order.listing.size_step
    steps = order.terms.quantity / max(fills.chunks, 1) / step
    return steps.to_integral_value(ROUND_CEILING) * step
