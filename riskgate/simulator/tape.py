"""Prices that move by themselves: a seeded random walk, or bars that were recorded.

Rule 1: a walk depends on its seed and the symbol only, not on what else walks.
Rule 2: a bar is played as open, its nearer extreme, the other one, close, at quarters of its time.
Rule 3: nothing waits here; each step is put on the agenda.
"""

from __future__ import annotations

import csv
import random
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec

from riskgate.simulator.agenda import Agenda
from riskgate.simulator.contracts import Listing
from riskgate.simulator.prices import Prices, Quote, around

QUARTERS = 4
SHORTEST_PAUSE = 0.001  # seconds between two moves
LOT = 100
SetQuote = Callable[[int, Quote], None]


class Walk(msgspec.Struct, frozen=True, kw_only=True):
    """A random walk: `every` so many seconds each symbol moves by some ticks.

    `ticks` is the standard deviation of one move; without `symbols` all that have a price walk.
    """

    seed: int = 0
    every: float = 1.0
    ticks: float = 2.0
    symbols: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Raises ValueError for a walk that leaves the clock no time."""
        if self.every < SHORTEST_PAUSE:
            raise ValueError(f"walk: every {self.every} seconds: at least {SHORTEST_PAUSE}")


class Bar(msgspec.Struct, frozen=True):
    """A recorded bar: the prices of a symbol over some seconds from a moment on."""

    time: datetime
    symbol: str
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    volume: Decimal = Decimal(0)
    seconds: float = 60.0

    def path(self) -> tuple[Decimal, ...]:
        """The prices in the order they are played."""
        up_first = self.high - self.open < self.open - self.low
        middle = (self.high, self.low) if up_first else (self.low, self.high)
        return (self.open, *middle, self.close)


def read_bars(path: Path) -> tuple[Bar, ...]:
    """The bars of a CSV file with a header, or of a JSONL file. Raises ValueError, OSError.

    Columns: time (ISO 8601 with a zone), symbol, open, high, low, close, and optional volume and
    seconds.
    """
    with path.open(newline="", encoding="utf-8") as lines:
        rows = _json_rows(lines) if path.suffix == ".jsonl" else csv.DictReader(lines)
        bars = [_bar(path, number, row) for number, row in enumerate(rows, 1)]
    return tuple(sorted(bars, key=lambda bar: bar.time))


def _json_rows(lines: Iterable[str]) -> Iterator[Mapping[str, Any]]:
    return (msgspec.json.decode(line, type=dict[str, Any]) for line in lines if line.strip())


def _bar(path: Path, number: int, row: Mapping[str, Any]) -> Bar:
    try:
        bar = msgspec.convert(
            {key: value for key, value in row.items() if value != ""}, Bar, strict=False
        )
    except msgspec.ValidationError as error:
        raise ValueError(f"{path.name}: bar {number}: {error}") from None
    if bar.time.tzinfo is None:
        raise ValueError(f"{path.name}: bar {number}: `time` has no zone")
    if not bar.low <= min(bar.open, bar.close) <= max(bar.open, bar.close) <= bar.high:
        raise ValueError(f"{path.name}: bar {number}: the prices are outside low..high")
    return bar


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
        """Play bars, the first of them now, at this speed."""
        known = tuple(bars)
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
