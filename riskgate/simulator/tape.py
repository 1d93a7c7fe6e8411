"""Prices that move by themselves: a seeded random walk, or bars that were recorded.

Rule 1: a walk depends on its seed and the symbol only, not on what else walks.
Rule 2: a bar is played as open, its nearer extreme, the other one, close, at quarters of its time.
Rule 3: nothing waits here; each step is put on the agenda.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Annotated

import msgspec

from riskgate.simulator.agenda import Agenda
from riskgate.simulator.contracts import Listing
from riskgate.simulator.permitted import BILLION, Checked, Rate, Size, Symbol, Within
from riskgate.simulator.prices import Prices, Quote, around

QUARTERS = 4
SHORTEST_PAUSE = 0.001  # seconds between two moves
LOT = 100
SetQuote = Callable[[int, Quote], None]


class Walk(Checked, frozen=True, kw_only=True):
    """A random walk: `every` so many seconds each symbol moves by some ticks.

    `ticks` is the standard deviation of one move; without `symbols` all that have a price walk.
    """

    seed: int = 0
    every: Annotated[float, Within(SHORTEST_PAUSE, BILLION)] = 1.0
    ticks: Annotated[float, Within(0, 1_000_000)] = 2.0
    symbols: tuple[Symbol, ...] = ()


class Bar(msgspec.Struct, frozen=True):
    """A recorded bar: the prices of a symbol over some seconds from a moment on."""

    time: datetime
    symbol: Symbol
    open: Rate
    high: Rate
    low: Rate
    close: Rate
    volume: Size = Decimal(0)
    seconds: Annotated[float, Within(SHORTEST_PAUSE, BILLION)] = 60.0

    def __post_init__(self) -> None:
        """Raises ValueError for prices that no bar has."""
        if not self.low <= min(self.open, self.close) <= max(self.open, self.close) <= self.high:
            text = f"low {self.low}, open {self.open}, close {self.close}, high {self.high}"
            raise ValueError(f"bar: open and close are not between low and high: {text}")

    def path(self) -> tuple[Decimal, ...]:
        """The prices in the order they are played."""
        up_first = self.high - self.open < self.open - self.low
        middle = (self.high, self.low) if up_first else (self.low, self.high)
        return (self.open, *middle, self.close)


class Walker:
    """Moves one contract for ever."""

    def __init__(self, walk: Walk, listing: Listing, prices: Prices, set_quote: SetQuote) -> None:
        self._walk = walk
        self._listing = listing
        self._prices = prices
        self._set_quote = set_quote
        self._lot = random.Random(f"{walk.seed}:{listing.local_symbol}")  # noqa: S311  # a game

    def move(self) -> None:
        """One step; a price stays above zero."""
        before = self._prices.of(self._listing.con_id)
        mark, tick = before.mark, self._listing.min_tick
        if mark is None:
            return
        moved = mark + round(self._lot.gauss(0, self._walk.ticks)) * tick
        new = around(max(moved, 2 * tick), tick)
        sizes = {"last_size": Decimal(LOT * self._lot.randint(1, 5)), "close": before.close}
        self._set_quote(self._listing.con_id, msgspec.structs.replace(new, **sizes))


class Tape:
    """Puts what moves by itself on the agenda."""

    def __init__(self, agenda: Agenda, set_quote: SetQuote) -> None:
        self._agenda = agenda
        self._set_quote = set_quote

    def walk(self, walk: Walk, listings: Iterable[Listing], prices: Prices, now: datetime) -> None:
        """Let these contracts walk from now on."""
        walkers = tuple(Walker(walk, one, prices, self._set_quote) for one in listings)
        pause = timedelta(seconds=walk.every)
        self._agenda.at(now + pause, lambda: self._step(walkers, now + pause, pause))

    def _step(self, walkers: tuple[Walker, ...], at: datetime, pause: timedelta) -> None:
        for walker in walkers:
            walker.move()
        self._agenda.at(at + pause, lambda: self._step(walkers, at + pause, pause))

    def play(self, bars: Iterable[tuple[Listing, Bar]], now: datetime, speed: float = 1.0) -> None:
        """Play bars, the first of them now, at this speed. Raises ValueError for a wrong price."""
        known = tuple(bars)
        for listing, bar in known:
            for price in bar.path():
                if why := listing.why_no_price(price):
                    raise ValueError(f"bar: {bar.symbol}: `{price}` {why}")
        first = min((bar.time for _, bar in known), default=now)
        for listing, bar in known:
            for at, price in _moments(bar):
                due = now + (at - first) / speed
                self._agenda.at(due, self._setter(listing, bar, price))

    def _setter(self, listing: Listing, bar: Bar, price: Decimal) -> Callable[[], None]:
        size = bar.volume / QUARTERS
        quote = around(price, listing.min_tick)
        new = msgspec.structs.replace(quote, last_size=size) if size else quote
        return lambda: self._set_quote(listing.con_id, new)


def _moments(bar: Bar) -> Iterator[tuple[datetime, Decimal]]:
    pause = timedelta(seconds=bar.seconds) / QUARTERS
    for number, price in enumerate(bar.path()):
        yield bar.time.astimezone(UTC) + number * pause, price
