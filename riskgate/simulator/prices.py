"""The price model: scripted quotes, and how much can trade at each side of one.

Setting a quote renews what is available at both sides; fills use it up. None is "no limit".
What no quote was set for has the one that `derived` gives it, such as an option its model's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import TypeAlias

import msgspec

DEFAULT_SIZE = Decimal(100)
Number: TypeAlias = Decimal | int | str


class Quote(msgspec.Struct, frozen=True):
    """A market: None is a side without a price. `liquidity` is what can trade per side.

    While it is `halted` nothing trades and the clients are told so.
    """

    bid: Decimal | None = None
    ask: Decimal | None = None
    last: Decimal | None = None
    close: Decimal | None = None
    bid_size: Decimal = DEFAULT_SIZE
    ask_size: Decimal = DEFAULT_SIZE
    last_size: Decimal = DEFAULT_SIZE
    liquidity: Decimal | None = None
    halted: bool = False
    volume: Decimal | None = None

    @property
    def mark(self) -> Decimal | None:
        """What a position is valued at: the last price, the middle, or the close."""
        if self.last is not None:
            return self.last
        if self.bid is not None and self.ask is not None:
            return (self.bid + self.ask) / 2
        return self.close

    @property
    def middle(self) -> Decimal | None:
        """Half way between bid and ask, None without both."""
        if self.bid is None or self.ask is None:
            return None
        return (self.bid + self.ask) / 2

    @property
    def levels(self) -> dict[str, Decimal | None]:
        """The prices by their names."""
        return {"bid": self.bid, "ask": self.ask, "last": self.last, "close": self.close}

    def touch(self, action: str) -> Decimal | None:
        """The price a market order of this side gets."""
        return self.ask if action == "BUY" else self.bid

    def own(self, action: str) -> Decimal | None:
        """The best price orders of this side wait at."""
        return self.bid if action == "BUY" else self.ask

    def own_size(self, action: str) -> Decimal:
        """How much waits there."""
        return self.bid_size if action == "BUY" else self.ask_size


NO_QUOTE = Quote()


def quote(
    bid: Number | None = None,
    ask: Number | None = None,
    last: Number | None = None,
    close: Number | None = None,
    liquidity: Number | None = None,
) -> Quote:
    """A quote from plain numbers; a limited liquidity is also the size that is shown."""
    size = DEFAULT_SIZE if liquidity is None else Decimal(liquidity)
    return Quote(
        bid=_number(bid),
        ask=_number(ask),
        last=_number(last),
        close=_number(close),
        bid_size=size,
        ask_size=size,
        liquidity=_number(liquidity),
    )


def _number(text: Number | None) -> Decimal | None:
    return None if text is None else Decimal(str(text))  # 189.99 is meant as it is written


def around(middle: Decimal, tick: Decimal) -> Quote:
    """A market one tick wide to each side of a price, with last and close at the price."""
    return quote(middle - tick, middle + tick, middle, middle)


class Prices:
    """The quotes by contract number, and what is left to trade at them."""

    def __init__(self, derived: Callable[[int], Quote] | None = None) -> None:
        self.derived = derived
        self._quotes: dict[int, Quote] = {}
        self._left: dict[tuple[int, str], Decimal] = {}
        self._traded: dict[int, Decimal] = {}
        self._prints: dict[int, int] = {}

    def set(self, con_id: int, new: Quote) -> None:
        """Replace the quote; what can trade is renewed. A last price is a trade of its size."""
        self._quotes[con_id] = new
        if new.last is not None:
            self._prints[con_id] = self._prints.get(con_id, 0) + 1
            self._traded[con_id] = self._traded.get(con_id, Decimal(0)) + new.last_size
        for action in ("BUY", "SELL"):
            self._left.pop((con_id, action), None)
            if new.liquidity is not None:
                self._left[con_id, action] = new.liquidity

    def of(self, con_id: int) -> Quote:
        """The quote that was set last, else the derived one, which may be empty."""
        found = self._quotes.get(con_id)
        if found is not None:
            return found
        return NO_QUOTE if self.derived is None else self.derived(con_id)

    def is_set(self, con_id: int) -> bool:
        """True when a quote was set, False while it is derived or there is none."""
        return con_id in self._quotes

    def known(self) -> Iterable[int]:
        """The contracts that a quote was set for."""
        return tuple(self._quotes)

    def left(self, con_id: int, action: str) -> Decimal | None:
        """What an order of this side can still trade; None is no limit."""
        return self._left.get((con_id, action))

    def use(self, con_id: int, action: str, quantity: Decimal) -> None:
        """Take this much away."""
        left = self._left.get((con_id, action))
        if left is not None:
            self._left[con_id, action] = left - quantity

    def prints(self, con_id: int) -> int:
        """How many trades of others there were."""
        return self._prints.get(con_id, 0)

    def volume(self, con_id: int) -> Decimal:
        """How much was traded, as the quote says or as the trades add up to."""
        said = self.of(con_id).volume
        return said if said is not None else self._traded.get(con_id, Decimal(0))

    def add_volume(self, con_id: int, quantity: Decimal) -> None:
        """Count a trade of an order here."""
        self._traded[con_id] = self._traded.get(con_id, Decimal(0)) + quantity
