"""Decides whether an order trades at its market, at which price and how much. Pure.

Rule 1: an order trades at the touch, or at its own price when others trade there; never better.
Rule 2: nothing here changes an order but its place in the queue; the exchange does the rest.
"""

from __future__ import annotations

from decimal import ROUND_CEILING, Decimal

import msgspec

from riskgate.simulator.amounts import ZERO
from riskgate.simulator.book import LiveOrder
from riskgate.simulator.options import Options
from riskgate.simulator.prices import Prices, Quote
from riskgate.simulator.styles import style_of
from riskgate.simulator.wire.kinds import Record

IMMEDIATE = frozenset({"IOC", "FOK"})


class Match(msgspec.Struct, frozen=True):
    """A trade that can happen now."""

    quantity: Decimal
    price: Decimal


def market_of(order: LiveOrder, prices: Prices) -> Quote:
    """The market of an order's contract; a combo without one has that of its legs."""
    quote = prices.of(order.listing.con_id)
    legs = order.asked.rows("comboLegs")
    if not legs or quote.touch(order.terms.action) is not None:
        return quote
    return _combined(legs, prices)


def _combined(legs: list[Record], prices: Prices) -> Quote:
    bid = ask = ZERO
    for leg in legs:
        number, ratio = leg.get("conId"), leg.get("ratio")
        quote = prices.of(number if isinstance(number, int) else 0)
        if quote.bid is None or quote.ask is None or quote.halted:
            return Quote()
        times = ratio if isinstance(ratio, int) else 1
        buys = leg.get("action") == "BUY"
        bid += times * (quote.bid if buys else -quote.ask)
        ask += times * (quote.ask if buys else -quote.bid)
    return Quote(bid=bid, ask=ask)


def match(order: LiveOrder, prices: Prices, options: Options) -> Match | None:
    """The next fill of a working order, None when there is none."""
    quote = market_of(order, prices)
    bound = None if quote.halted else style_of(order).bound(order, quote, prices)
    if bound is None:
        return None
    sign, touch = order.terms.sign, quote.touch(order.terms.action)
    if touch is not None and sign * touch <= sign * bound:
        left = prices.left(order.listing.con_id, order.terms.action)
        return _cut(order, touch, left, options)
    if style_of(order).passive or options.queueing:
        return _by_trade(order, quote, bound, prices)
    return None


def at_auction(order: LiveOrder, prices: Prices) -> Match | None:
    """The one fill of an order in an auction, which everybody trades at the mark in."""
    quote = market_of(order, prices)
    bound = None if quote.halted else style_of(order).bound(order, quote, prices)
    mark, sign = quote.mark, order.terms.sign
    if bound is None or mark is None or sign * mark > sign * bound:
        return None
    return Match(order.remaining, mark)


def available(order: LiveOrder) -> Decimal:
    """How much of an order may trade now, whatever the market has."""
    asked = order.asked
    most = order.remaining
    if order.released is not None:
        most = min(most, order.released - order.filled)
    first = asked.integer("scaleInitLevelSize")
    if first and asked.number("scalePriceIncrement"):
        later = asked.integer("scaleSubsLevelSize") or first
        done = order.filled - first
        level = first - order.filled if done < 0 else later - done % later
        most = min(most, level)
    return max(most, ZERO)


def _cut(order: LiveOrder, price: Decimal, left: Decimal | None, options: Options) -> Match | None:
    """A fill of the size the market, the order and the habits of the broker allow."""
    may = available(order)
    amount = may if left is None else min(left, may)
    if amount <= 0:
        return None
    asked = order.asked
    if order.terms.tif == "FOK" or asked.flag("allOrNone"):
        return Match(order.remaining, price) if amount == order.remaining else None
    least = asked.integer("minQty") if not order.filled else 0
    if amount < least:
        return None
    return Match(max(min(amount, _chunk(order, options)), Decimal(least)), price)


def _chunk(order: LiveOrder, options: Options) -> Decimal:
    shown = order.asked.integer("displaySize")
    fills = options.fills
    if fills.sizes:
        size = fills.sizes[order.fills % len(fills.sizes)]
    elif order.released is not None or shown:
        size = order.remaining
    else:
        step = order.listing.size_step
        steps = order.terms.quantity / max(fills.chunks, 1) / step
        size = steps.to_integral_value(ROUND_CEILING) * step
    return min(size, Decimal(shown)) if shown else size


def _by_trade(order: LiveOrder, quote: Quote, bound: Decimal, prices: Prices) -> Match | None:
    """What a trade of others at the order's own price, or beyond it, leaves for the order."""
    prints = prices.prints(order.listing.con_id)
    sign, last = order.terms.sign, quote.last
    if order.ahead is None:
        _queue_up(order, quote, bound)
    if last is None or prints <= order.printed or sign * last > sign * bound:
        return None
    order.printed = prints
    size = quote.last_size
    if last == bound and order.ahead is not None:
        order.ahead, size = max(order.ahead - size, ZERO), max(size - order.ahead, ZERO)
    elif sign * last < sign * bound:
        order.ahead = ZERO
    amount = min(size, available(order))
    if order.asked.flag("allOrNone") and amount < order.remaining:
        return None
    return Match(amount, bound) if amount > 0 else None


def _queue_up(order: LiveOrder, quote: Quote, bound: Decimal) -> None:
    """Behind what is shown there; an order that follows the market, or betters it, is first."""
    own = quote.own(order.terms.action)
    better = own is None or order.terms.sign * (bound - own) > 0
    first = better or style_of(order).passive
    order.ahead = ZERO if first else quote.own_size(order.terms.action)
