"""The order types: what each needs, what triggers it, and the worst price it trades at. Pure.

Rule 1: one table; a type that is not in it is refused.
Rule 2: a bound is a limit price: a buy trades at it or below, a sell at it or above. Infinity is
"at any price", None is "not while the market is like this".
Rule 3: an order that follows the market (`passive`) is filled by trades that reach its price.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from math import exp, log, sqrt
from typing import TypeAlias

import msgspec

from riskgate.simulator.amounts import HUNDRED, ZERO
from riskgate.simulator.book import LiveOrder
from riskgate.simulator.greeks import normal
from riskgate.simulator.prices import Prices, Quote
from riskgate.simulator.wire.kinds import INFINITE

FINEST = Decimal("0.0001")
PROTECTION_TICKS = 20  # how far from the touch an order with protection goes
DAYS_A_YEAR = 365
RATE = 0.0  # no interest in the model of option prices
STOP, TOUCH, TRAIL = "stop", "touch", "trail"
OPENING, CLOSING = "opening", "closing"

Bound: TypeAlias = Callable[[LiveOrder, Quote, Prices], Decimal | None]


def _any_price(order: LiveOrder, quote: Quote, prices: Prices) -> Decimal | None:
    del quote, prices
    return order.terms.sign * INFINITE


def _limit(order: LiveOrder, quote: Quote, prices: Prices) -> Decimal | None:
    del quote, prices
    limit = order.terms.limit
    if limit is None:
        return None
    secret = order.asked.amount("discretionaryAmt")
    return limit + order.terms.sign * (secret - _climbed(order))


def _climbed(order: LiveOrder) -> Decimal:
    """How far a scale order has moved away from its first price."""
    asked = order.asked
    step = asked.amount("scalePriceIncrement")
    first = asked.integer("scaleInitLevelSize")
    if not step or not first or order.filled < first:
        return ZERO
    later = asked.integer("scaleSubsLevelSize") or first
    return step * (1 + (order.filled - first) // later)


def _fixed(order: LiveOrder, quote: Quote, prices: Prices) -> Decimal | None:
    """The limit it got on its way; before that, none."""
    return _any_price(order, quote, prices) if order.fixed is None else order.fixed


def _capped(order: LiveOrder, price: Decimal) -> Decimal:
    """No worse than the limit, if there is one; for a combo a limit may be zero or below."""
    limit, sign = order.terms.limit, order.terms.sign
    if not limit:
        return price
    return sign * min(sign * price, sign * limit)


def _middle(order: LiveOrder, quote: Quote, prices: Prices) -> Decimal | None:
    del prices
    middle = quote.middle
    if middle is None:
        return None
    return _capped(order, middle - order.terms.sign * (order.terms.stop or ZERO))


def _primary(order: LiveOrder, quote: Quote, prices: Prices) -> Decimal | None:
    """The own side of the market and better by the offset."""
    del prices
    own = quote.own(order.terms.action)
    if own is None:
        return None
    offset = order.terms.stop or own * order.asked.amount("percentOffset")
    return _capped(order, own + order.terms.sign * offset)


def _passive_relative(order: LiveOrder, quote: Quote, prices: Prices) -> Decimal | None:
    del prices
    own = quote.own(order.terms.action)
    return (
        None if own is None else _capped(order, own - order.terms.sign * (order.terms.stop or ZERO))
    )


def _market(order: LiveOrder, quote: Quote, prices: Prices) -> Decimal | None:
    """The other side of the market, less the offset."""
    del prices
    touch = quote.touch(order.terms.action)
    if touch is None:
        return None
    return _capped(order, touch - order.terms.sign * (order.terms.stop or ZERO))


def _best(order: LiveOrder, quote: Quote, prices: Prices) -> Decimal | None:
    """Better than the best of the others by the offset, never beyond the middle."""
    del prices
    own, middle, sign = quote.own(order.terms.action), quote.middle, order.terms.sign
    if own is None or middle is None:
        return None
    offset = order.asked.number("competeAgainstBestOffset")
    if offset == INFINITE:
        return _capped(order, middle - sign * order.asked.amount("midOffsetAtWhole"))
    return _capped(order, sign * min(sign * own + (offset or ZERO), sign * middle))


def _stock_price(order: LiveOrder, prices: Prices) -> Decimal | None:
    return prices.of(order.listing.under_con_id or order.listing.con_id).mark


def _start(order: LiveOrder, quote: Quote) -> Decimal | None:
    return order.asked.number("startingPrice") or order.terms.limit or quote.middle


def _to_stock(order: LiveOrder, quote: Quote, prices: Prices) -> Decimal | None:
    """The starting price moved by delta percent of the stock's move."""
    stock, start = _stock_price(order, prices), _start(order, quote)
    if stock is None or start is None:
        return None
    moved = stock - (order.asked.number("stockRefPrice") or stock)
    return (start + moved * order.asked.amount("delta") / HUNDRED).quantize(FINEST)


def _to_benchmark(order: LiveOrder, quote: Quote, prices: Prices) -> Decimal | None:
    """The starting price moved by so much for each move of the reference contract."""
    asked = order.asked
    mark, start = prices.of(asked.integer("referenceContractId")).mark, _start(order, quote)
    each = asked.amount("referenceChangeAmount")
    if mark is None or start is None or not each:
        return None
    moved = mark - (asked.number("stockRefPrice") or mark)
    way = -1 if asked.flag("isPeggedChangeAmountDecrease") else 1
    return (start + way * asked.amount("peggedChangeAmount") * moved / each).quantize(FINEST)


def _volatility(order: LiveOrder, quote: Quote, prices: Prices) -> Decimal | None:
    """The option's value at the order's volatility, without interest or dividends."""
    del quote
    stock, years = _stock_price(order, prices), order.years_left
    if stock is None or years is None or years <= 0:
        return None
    yearly = float(order.asked.amount("volatility"))
    if order.asked.integer("volatilityType") == 1:
        yearly *= sqrt(DAYS_A_YEAR)
    value = option_value(float(stock), float(order.listing.strike), yearly * sqrt(years))
    if order.listing.right == "P":
        value -= float(stock - order.listing.strike)
    return Decimal(value).quantize(FINEST)


def option_value(stock: float, strike: float, deviation: float) -> float:
    """A call's value by Black's formula; `deviation` is the volatility over the whole time."""
    if deviation <= 0:
        return max(stock - strike, 0.0)
    above = log(stock / strike) / deviation + deviation / 2
    return stock * normal(above) - strike * exp(-RATE) * normal(above - deviation)


class Style(msgspec.Struct, frozen=True):
    """One order type. `needs` names the fields of the request that must be given."""

    bound: Bound
    needs: tuple[str, ...] = ()
    trigger: str = ""
    auction: str = ""
    passive: bool = False
    protected: bool = False
    offset: bool = False  # its auxPrice is a distance, not a price


STYLES = {
    "MKT": Style(_any_price),
    "LMT": Style(_limit, ("lmtPrice",)),
    "STP": Style(_any_price, ("auxPrice",), STOP),
    "STP LMT": Style(_limit, ("auxPrice", "lmtPrice"), STOP),
    "STP PRT": Style(_fixed, ("auxPrice",), STOP, protected=True),
    "MKT PRT": Style(_fixed, protected=True),
    "MIT": Style(_any_price, ("auxPrice",), TOUCH),
    "LIT": Style(_limit, ("auxPrice", "lmtPrice"), TOUCH),
    "TRAIL": Style(_any_price, (), TRAIL, offset=True),
    "TRAIL LIMIT": Style(_fixed, (), TRAIL, offset=True),
    "MTL": Style(_fixed),
    "BOX TOP": Style(_fixed),
    "MOC": Style(_any_price, auction=CLOSING),
    "LOC": Style(_limit, ("lmtPrice",), auction=CLOSING),
    "MOO": Style(_any_price, auction=OPENING),
    "LOO": Style(_limit, ("lmtPrice",), auction=OPENING),
    "MIDPRICE": Style(_middle, passive=True, offset=True),
    "PEG MID": Style(_middle, passive=True, offset=True),
    "PEG MKT": Style(_market, passive=True, offset=True),
    "PEG PRIM": Style(_primary, passive=True, offset=True),
    "REL": Style(_primary, passive=True, offset=True),
    "PASSV REL": Style(_passive_relative, passive=True, offset=True),
    "PEG BEST": Style(_best, passive=True, offset=True),
    "PEG STK": Style(_to_stock, ("delta",), passive=True, offset=True),
    "PEG BENCH": Style(_to_benchmark, ("referenceChangeAmount",), passive=True, offset=True),
    "VOL": Style(_volatility, ("volatility",), passive=True, offset=True),
    "REL + LMT": Style(_limit, ("lmtPrice",)),  # of combos; the net price is what counts here
    "REL + MKT": Style(_any_price),
    "LMT + MKT": Style(_limit, ("lmtPrice",)),
}
SPELLINGS = {
    "PEGMID": "PEG MID",
    "PEGBEST": "PEG BEST",
    "PEGBENCH": "PEG BENCH",
    "PEGMKT": "PEG MKT",
}
STYLES |= {short: STYLES[full] for short, full in SPELLINGS.items()}
AUCTION_TIMES = frozenset({"OPG", "AUC"})


def style_of(order: LiveOrder) -> Style:
    """The style of an order's type."""
    return STYLES[order.terms.order_type]


def auction_of(order_type: str, tif: str) -> str:
    """The auction an order is for: the opening, the closing, or none."""
    return OPENING if tif in AUCTION_TIMES else STYLES[order_type].auction


def fixed_at_election(order: LiveOrder, quote: Quote) -> Decimal | None:
    """The limit an order gets when it is elected, None when its type gets none."""
    sign, touch = order.terms.sign, quote.touch(order.terms.action)
    if order.terms.order_type == "TRAIL LIMIT" and order.trail is not None:
        return order.trail + sign * order.asked.amount("lmtPriceOffset")
    if style_of(order).protected and touch is not None:
        return touch + sign * PROTECTION_TICKS * order.listing.min_tick
    return order.terms.limit or None
