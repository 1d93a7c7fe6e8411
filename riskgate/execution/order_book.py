"""Our own working orders as a market shows its orders: by side and price, best first.

Rule 1: only what rests at a price stands at that price: limit orders that wait for nothing. All
others are listed apart, with what they wait for.
Rule 2: an order stands with the terms that the broker is known to hold; a modify that it has not
confirmed is only marked.
Rule 3: orders of others count like ours, and are marked.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC
from decimal import Decimal
from itertools import groupby
from typing import Final

import msgspec

from riskgate.model.instructions import PLAIN
from riskgate.model.instrument import Instrument, key_of
from riskgate.model.lifecycle import Status
from riskgate.model.money import ZERO, grouped, text
from riskgate.model.order import Order, OrderType, Side

RESTING: Final = frozenset({OrderType.LMT, OrderType.LOC})
TRIGGERS: Final = ("stop_price", "trigger_price", "trail_amount", "trail_percent")


class Resting(msgspec.Struct, frozen=True, kw_only=True):
    """One working order. `order_id` is 0 for one that is not ours.

    `remaining` is in units. `waits_for` says why it stands at no price; empty where it does.
    `changing` marks an order whose modify the broker has not confirmed.
    """

    order_id: int
    order: Order
    remaining: Decimal
    status: Status
    instrument: Instrument | None = None
    foreign: bool = False
    changing: bool = False
    waits_for: str = ""

    @property
    def key(self) -> str:
        """The identity of what it trades."""
        return self.instrument.key if self.instrument else key_of(self.order.terms)


class Level(msgspec.Struct, frozen=True, kw_only=True):
    """All that rests at one price: units, and the orders in the order of their numbers."""

    price: Decimal
    quantity: Decimal
    orders: tuple[Resting, ...]


class OrderBook(msgspec.Struct, frozen=True, kw_only=True):
    """The working orders of one instrument: `bids` from the highest, `asks` from the lowest.

    `apart` are those that rest at no price: market orders, stops, and what waits for a condition.
    """

    symbol: str
    bids: tuple[Level, ...] = ()
    asks: tuple[Level, ...] = ()
    apart: tuple[Resting, ...] = ()

    def __str__(self) -> str:
        """`AAPL: bid 10 at 189.50 (1 order), ask none, 2 apart`: the best of each side."""
        sides = f"bid {_best(self.bids)}, ask {_best(self.asks)}"
        return f"{self.symbol}: {sides}, {len(self.apart)} apart"

    @property
    def crossed(self) -> bool:
        """Whether we, or others on our accounts, could trade with ourselves."""
        return bool(self.bids and self.asks) and self.bids[0].price >= self.asks[0].price


def order_book(symbol: str, working: Iterable[Resting]) -> OrderBook:
    """The book of what `symbol` names, as an order line writes it or as the instrument's key."""
    found = [_placed(one) for one in working if symbol in (one.key, key_of(one.order.terms))]
    priced = [one for one in found if not one.waits_for]
    return OrderBook(
        symbol=symbol,
        bids=tuple(reversed(_levels(priced, Side.BUY))),
        asks=_levels(priced, Side.SELL),
        apart=tuple(sorted((one for one in found if one.waits_for), key=_number)),
    )


def order_books(working: Iterable[Resting]) -> tuple[OrderBook, ...]:
    """The book of everything that works, by name."""
    found = tuple(working)
    return tuple(order_book(key, found) for key in sorted({one.key for one in found}))


def _best(levels: tuple[Level, ...]) -> str:
    """The first price of a side, and how many orders that side has."""
    if not levels:
        return "none"
    count = sum(len(level.orders) for level in levels)
    orders = "1 order" if count == 1 else f"{count} orders"
    return f"{grouped(levels[0].quantity)} at {grouped(levels[0].price)} ({orders})"


def _levels(orders: Iterable[Resting], side: Side) -> tuple[Level, ...]:
    """One side, from the lowest price up."""
    mine = sorted((one for one in orders if one.order.side is side), key=_rank)
    return tuple(
        Level(price=price, quantity=sum((one.remaining for one in some), ZERO), orders=some)
        for price, group in groupby(mine, key=lambda one: one.order.limit_price or ZERO)
        for some in (tuple(group),)
    )


def _rank(one: Resting) -> tuple[Decimal, tuple[bool, int]]:
    return one.order.limit_price or ZERO, _number(one)


def _number(one: Resting) -> tuple[bool, int]:
    """Ours by number, then those of others."""
    return one.foreign, one.order_id


def _placed(one: Resting) -> Resting:
    """The order with what it waits for, where it waits."""
    return msgspec.structs.replace(one, waits_for=one.waits_for or _waits_for(one.order))


def _waits_for(order: Order) -> str:
    """Why an order stands at no price; empty where it does."""
    if order.instructions is not PLAIN:
        if order.instructions.conditions:
            return "conditions"
        if order.instructions.good_after is not None:
            return f"after {order.instructions.good_after.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
    for name in TRIGGERS:
        value: Decimal | None = getattr(order, name)
        if value is not None:
            return f"{name.removesuffix('_price').replace('_', ' ')} {text(value)}"
    return "" if order.order_type in RESTING else "no price"
