"""What a replacement strategy sees of an order that works, and what it may want of it.

Rule 1: a strategy is a pure function of its parameters, of what it sees, and of the time.
Rule 2: it is bounded in count and in price; what it wants is judged like any order and modify.
"""

from __future__ import annotations

from datetime import datetime
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Protocol

import msgspec

from riskgate.model.market import Quote
from riskgate.model.money import ZERO
from riskgate.model.order import Side


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """One working order. Prices per unit; `tick` is the smallest step of a price.

    `since` is when the strategy took it over, `first_price` its limit then; `changes` counts the
    modifies since, the last at `changed_at`. `closes` is when the session ends, None if that is not
    known.
    """

    side: Side
    quantity: Decimal
    filled: Decimal
    limit_price: Decimal | None
    tick: Decimal
    quote: Quote | None
    closes: datetime | None
    since: datetime
    first_price: Decimal | None
    changes: int = 0
    changed_at: datetime | None = None

    @property
    def touch(self) -> Decimal | None:
        """The best price on the order's own side."""
        if self.quote is None:
            return None
        return self.quote.bid if self.side is Side.BUY else self.quote.ask

    @property
    def far_touch(self) -> Decimal | None:
        """The best price on the other side, at which it would trade at once."""
        if self.quote is None:
            return None
        return self.quote.ask if self.side is Side.BUY else self.quote.bid

    @property
    def rested_since(self) -> datetime:
        """When it was changed last, or taken over."""
        return self.changed_at or self.since

    def bolder(self, price: Decimal) -> bool:
        """Whether a price is more aggressive than the order's limit."""
        if self.limit_price is None:
            return False
        return price > self.limit_price if self.side is Side.BUY else price < self.limit_price

    def at_most(self, price: Decimal, farthest: Decimal) -> Decimal:
        """A price that is no farther than so much from the first one, on the aggressive side."""
        first = self.first_price or ZERO
        return (
            min(price, first + farthest) if self.side is Side.BUY else max(price, first - farthest)
        )

    def on_tick(self, price: Decimal) -> Decimal:
        """A price on the tick, rounded so that it is not more aggressive."""
        rounding = ROUND_FLOOR if self.side is Side.BUY else ROUND_CEILING
        return (price / self.tick).to_integral_value(rounding) * self.tick


class Keep(msgspec.Struct, frozen=True):
    """Leave it as it is, at least until then; None is until something changes."""

    until: datetime | None = None


class Reprice(msgspec.Struct, frozen=True):
    """Modify its limit."""

    limit_price: Decimal


class Drop(msgspec.Struct, frozen=True):
    """Cancel it."""

    reason: str


class Convert(msgspec.Struct, frozen=True):
    """Cancel it and, when the broker has confirmed that, send what is left as a market order."""

    reason: str


Move = Keep | Reprice | Drop | Convert


class Strategy(Protocol):
    """A replacement strategy."""

    def next(self, seen: Seen, now: datetime) -> Move:
        """What to do with the order now."""
        ...


def repriced(seen: Seen, price: Decimal, farthest: Decimal) -> Move:
    """A modify to a price within its bound, if that is bolder than the limit there is."""
    bounded = seen.on_tick(seen.at_most(price, farthest))
    return Reprice(bounded) if seen.bolder(bounded) else Keep()
