"""When a waiting order is elected: stops, touches, trailing stops, adjusted stops. Pure.

Rule 1: the trigger method says which price counts; by default the last, else the touch.
Rule 2: a trailing stop follows the market in its favour only.
"""

from __future__ import annotations

from decimal import Decimal

import msgspec

from riskgate.simulator.amounts import HUNDRED
from riskgate.simulator.book import LiveOrder
from riskgate.simulator.prices import Quote
from riskgate.simulator.styles import TOUCH, TRAIL, style_of
from riskgate.simulator.terms import Terms

DOUBLE_BID_ASK, LAST, DOUBLE_LAST, BID_ASK, LAST_OR_BID_ASK, MIDDLE = 1, 2, 3, 4, 7, 8
METHODS = frozenset({0, 1, 2, 3, 4, 7, 8})
_DOUBLE = {DOUBLE_BID_ASK, DOUBLE_LAST}
TRAILING_UNIT_PERCENT = 1


def is_elected(order: LiveOrder, quote: Quote) -> bool:
    """True once the order's trigger is reached; a trailing stop is moved on the way."""
    trigger = style_of(order).trigger
    if not trigger or order.is_elected:
        return True
    if quote.halted:
        return False
    if trigger == TRAIL:
        follow(order, quote)
    level = order.trail if trigger == TRAIL else order.terms.stop
    if level is None:
        return False
    upward = (order.terms.sign > 0) is not (trigger == TOUCH)
    return _often_enough(order, quote, reached(order, quote, level, upward=upward))


def _often_enough(order: LiveOrder, quote: Quote, hit: bool) -> bool:  # noqa: FBT001  # a fact
    """Two quotes in a row for the "double" methods, one for the others."""
    if quote is not order.seen:
        order.seen = quote
        order.touches = order.touches + 1 if hit else 0
    needed = 2 if order.asked.integer("triggerMethod") in _DOUBLE else 1
    return hit and order.touches >= needed


def reached(order: LiveOrder, quote: Quote, level: Decimal, *, upward: bool) -> bool:
    """True when the price that counts is at the level or beyond it."""
    method = order.asked.integer("triggerMethod")
    return any(
        price >= level if upward else price <= level
        for price in prices_that_count(quote, order.terms.action, method, upward=upward)
        if price is not None
    )


def prices_that_count(
    quote: Quote, action: str, method: int, *, upward: bool
) -> tuple[Decimal | None, ...]:
    """The prices one of which has to reach the level."""
    far = quote.bid if upward else quote.ask
    last = quote.touch(action) if quote.last is None else quote.last
    return {
        DOUBLE_BID_ASK: (far,),
        BID_ASK: (far,),
        LAST_OR_BID_ASK: (quote.last, far),
        MIDDLE: (quote.middle,),
    }.get(method, (last,))


def follow(order: LiveOrder, quote: Quote) -> None:
    """Move a trailing stop with the market."""
    candidate, sign = _behind(order, quote), order.terms.sign
    if candidate is None:
        return
    if order.trail is None:
        order.trail = order.asked.number("trailStopPrice") or candidate
    order.trail = sign * min(sign * order.trail, sign * candidate)


def foretell(order: LiveOrder, quote: Quote) -> None:
    """Say what the stop price of a trailing order would be now; it trails once it works."""
    order.foretold = None
    if style_of(order).trigger == TRAIL:
        order.foretold = order.asked.number("trailStopPrice") or _behind(order, quote)


def _behind(order: LiveOrder, quote: Quote) -> Decimal | None:
    """The stop price this market leads to, None without one."""
    reference = quote.last if quote.last is not None else quote.middle
    if reference is None:
        return None
    return reference + order.terms.sign * distance(order, reference)


def distance(order: LiveOrder, reference: Decimal) -> Decimal:
    """How far a trailing stop stays behind."""
    percent = order.asked.number("trailingPercent")
    if percent:
        return round(reference * percent / HUNDRED, 2)
    return order.terms.stop or Decimal(0)


def adjusted(order: LiveOrder, quote: Quote) -> Terms | None:
    """The terms of an adjustable stop once its trigger price is reached, else None."""
    asked, sign = order.asked, order.terms.sign
    level, kind = asked.number("triggerPrice"), asked.text("adjustedOrderType")
    if order.is_adjusted or level is None or kind in {"", "None"}:
        return None
    if not reached(order, quote, level, upward=sign < 0):
        return None
    stop = asked.number("adjustedStopPrice") or order.terms.stop
    limit = asked.number("adjustedStopLimitPrice") or order.terms.limit
    if kind.startswith(TRAIL.upper()):
        order.trail = stop
        stop = asked.number("adjustedTrailingAmount") or stop
        if asked.integer("adjustableTrailingUnit") == TRAILING_UNIT_PERCENT:
            order.record = {**order.record, "trailingPercent": stop}
    return msgspec.structs.replace(order.terms, order_type=kind, stop=stop, limit=limit)
