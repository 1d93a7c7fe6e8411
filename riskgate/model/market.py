"""What the market says: quotes, which of their prices are good enough, and what one unit is worth.

Rule 1: the reference price is mid if both sides are usable and not crossed, else last, else none.
Rule 2: an order is valued at the worst price in sight, and never by its own prices alone
(semantics.md, section 3).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

import msgspec

from riskgate.errors import MissingData
from riskgate.model.codes import Code
from riskgate.model.instructions import PLAIN
from riskgate.model.money import HUNDRED, ZERO
from riskgate.model.order import MARKETABLE, SHAPES, Order, OrderType, Side

MAX_AGE: Final = timedelta(seconds=60)
LIVE: Final = "live"
NO_PRICE: Final = Code.NO_PRICE
TWO: Final = Decimal(2)
# Types whose price follows the market, or is not among their limit and stop.
MOVING: Final = frozenset(
    kind
    for kind, shape in SHAPES.items()
    if shape.trails or not {*shape.prices, *shape.optional} <= {"limit_price", "stop_price"}
)


class PriceTerms(msgspec.Struct, frozen=True):
    """What makes a price usable: how old it may be, and of which types it may be."""

    max_age: timedelta = MAX_AGE
    types: tuple[str, ...] = (LIVE,)


class PriceDemands(msgspec.Struct, frozen=True):
    """What one rule demands of a price; None where it leaves that to others."""

    max_age: timedelta | None = None
    types: tuple[str, ...] | None = None


def tightest(demands: Iterable[PriceDemands]) -> PriceTerms:
    """The shortest age and the types that all take; what nobody demands is as it is without."""
    demanded = tuple(demands)
    ages = [one.max_age for one in demanded if one.max_age is not None]
    types = [set(one.types) for one in demanded if one.types is not None]
    return PriceTerms(
        min(ages, default=MAX_AGE),
        tuple(sorted(set.intersection(*types))) if types else (LIVE,),
    )


class Quote(msgspec.Struct, frozen=True, kw_only=True):
    """The latest prices of one instrument. `at` is when the newest of bid, ask and last came.

    `last_at` is when the last trade was, where that is known apart.
    """

    bid: Decimal | None = None
    ask: Decimal | None = None
    last: Decimal | None = None
    close: Decimal | None = None
    at: datetime | None = None
    last_at: datetime | None = None
    type: str = LIVE
    source: str = ""

    @property
    def mid(self) -> Decimal | None:
        """The middle of an uncrossed market."""
        return _mid(self.bid, self.ask)

    @property
    def mark(self) -> Decimal | None:
        """A price of any age to mark a position at: mid, else last, else close."""
        mid = self.mid
        if mid is not None:
            return mid
        return self.close if self.last is None else self.last


def _mid(bid: Decimal | None, ask: Decimal | None) -> Decimal | None:
    """The middle; bid equal to ask is not crossed."""
    if bid is None or ask is None or bid > ask:
        return None
    return (bid + ask) / TWO


class Prices(msgspec.Struct, frozen=True):
    """The usable prices of a quote at one moment; `why` says what is wrong if there are none."""

    mid: Decimal | None
    last: Decimal | None
    close: Decimal | None
    bid: Decimal | None
    ask: Decimal | None
    why: Code = Code.NO_PRICE
    name: str = ""

    @property
    def reference(self) -> Decimal:
        """Mid, else last. Raise MissingData if neither is usable."""
        price = self.last if self.mid is None else self.mid
        if price is None:
            raise self.missing()
        return price

    def missing(self) -> MissingData:
        """The exception that says why there is no price."""
        reasons = {
            Code.STALE_PRICE: "the price is too old",
            Code.NOT_LIVE: "the price is not live",
        }
        return MissingData(self.why, f"{self.name}: {reasons.get(self.why, 'no usable price')}")

    def unit_value(self, order: Order) -> Decimal:
        """The largest absolute price in sight. Raise MissingData if no market price is usable."""
        mid, last, close = self.mid, self.last, self.close
        if mid is None and last is None and close is None:
            raise self.missing()
        sight: tuple[Decimal | None, ...]
        sight = (mid, last, close, order.limit_price, order.stop_price)
        kind = order.order_type
        if kind in MARKETABLE:
            sight = (*sight, self.ask if order.side is Side.BUY else self.bid)
        if kind in MOVING or order.instructions is not PLAIN:
            sight = (*sight, *self._moving(order))
        most = ZERO
        for price in sight:
            if price is None:
                continue
            if price > most:
                most = price
            elif price < ZERO and -price > most:
                most = -price
        return abs(most)  # rounded as any amount is, once

    def _moving(self, order: Order) -> tuple[Decimal | None, ...]:
        """Prices at which an order may trade that are not stated as such, in this market."""
        said = order.instructions
        later = said.adjusts
        return (
            order.reach,
            order.trigger_price,
            said.trail_stop_price,
            self.trailing(order),
            self.pegged(order),
            *((later.stop_price, later.limit_price, later.trigger_price) if later else ()),
        )

    def trail(self, order: Order) -> Decimal | None:
        """How far a trailing stop stays behind this market, in price."""
        if order.trail_amount is not None or order.trail_percent is None:
            return order.trail_amount
        return abs(self.reference) * order.trail_percent / HUNDRED

    def trailing(self, order: Order) -> Decimal | None:
        """The worst price at which a trailing stop would trade if it were set now."""
        if self.mid is None and self.last is None:
            return None
        trail = self.trail(order)
        if trail is None:
            return None
        beyond = trail + (order.limit_offset or ZERO)
        return self.reference + beyond if order.side is Side.BUY else self.reference - trail

    def pegged(self, order: Order) -> Decimal | None:
        """The limit of a relative order in this market, within its cap; None of another type.

        It is better than the own side of the market by its offset (IB: relative, REL).
        """
        own = self.bid if order.side is Side.BUY else self.ask
        if order.order_type is not OrderType.REL or own is None:
            return None
        offset, cap = order.peg_offset or ZERO, order.limit_price
        if order.side is Side.BUY:
            return own + offset if cap is None else min(own + offset, cap)
        return own - offset if cap is None else max(own - offset, cap)


def usable(quote: Quote | None, at: datetime, terms: PriceTerms, name: str = "") -> Prices:
    """The prices of `quote` that may be judged by at `at`. The type is asked before the age."""
    if quote is None:
        return Prices(None, None, None, None, None, Code.NO_PRICE, name)
    if quote.type not in terms.types:
        return Prices(None, None, None, None, None, Code.NOT_LIVE, name)
    if quote.at is not None and at - quote.at <= terms.max_age:
        bid, ask = quote.bid, quote.ask
        return Prices(_mid(bid, ask), quote.last, quote.close, bid, ask, NO_PRICE, name)
    ticked = (quote.bid, quote.ask, quote.last) != (None, None, None)
    why = Code.STALE_PRICE if ticked else Code.NO_PRICE
    return Prices(None, None, quote.close, None, None, why, name)
