"""Which accounts traded on which days, and with which positions each day began.

Rule 1: what a fill moved is held from the day after its own on, whatever the rules say of its
order: it is what happened.
Rule 2: what is held has the price of its account's latest fill of earlier days as its mark, until
somebody quotes it.
Rule 3: the orders of an account stand in the file in the order of their times.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from itertools import islice, repeat
from operator import le
from typing import Any, Final
from zoneinfo import ZoneInfo

import msgspec

from riskgate.history.columns import Read
from riskgate.history.opening import Opening
from riskgate.history.rows import DESCRIBES_IT, Reader, lost_rows
from riskgate.history.sources import Fault, Place, Source
from riskgate.model.instrument import Instrument
from riskgate.model.money import ZERO
from riskgate.model.order import Side
from riskgate.model.report import Position

NEEDED: Final = ("at", "account", "symbol", "side")
ALSO: Final = (
    *(*DESCRIBES_IT[1:], "filled_quantity", "avg_fill_price"),
    *("filled_at", "done_at"),
)
BUY: Final = Side.BUY
NOTHING: Final = ZERO, None
Moves = dict[str, Decimal]  # by the instrument's key
Marks = dict[str, Decimal]  # same


class AccountDay(msgspec.Struct):
    """One account's day: where its orders are, how many there are, and what it starts with.

    `marks` are by the instrument's key, and may lack what is held.
    """

    account: str
    day: date
    place: Place
    first: int
    last: int
    orders: int = 0
    held: tuple[Position, ...] = ()
    marks: dict[str, Decimal] = {}


class Days:
    """Tells the trading day of a moment in a zone; the day of the moment before is at hand.

    `since` is when that day began, `until` when it ends.
    """

    def __init__(self, zone: str) -> None:
        self._zone = ZoneInfo(zone)
        self._day = date.min
        self.since = self.until = datetime.min.replace(tzinfo=UTC)

    def of(self, at: datetime) -> date:
        """The day of a moment on the zone's clocks."""
        if self.since <= at < self.until:
            return self._day
        day = at.astimezone(self._zone).date()
        self._day = day
        self.since, self.until = (
            datetime.combine(edge, time.min, tzinfo=self._zone).astimezone(UTC)
            for edge in (day, day + timedelta(days=1))
        )
        return day


class Index:
    """Every account's days of a history, found in one pass over a few columns of it."""

    def __init__(self, zone: str, opening: Opening) -> None:
        self._days = Days(zone)
        self._filled = Days(zone)
        self._parts: dict[tuple[date, str], AccountDay] = {}
        self._moves: dict[tuple[date, str], Moves] = {}
        self._prices: dict[tuple[date, str], Marks] = {}
        self._opening = opening
        self._instruments: dict[str, Instrument] = dict(opening.instruments)
        self._newest: dict[str, datetime] = {}
        self.rows = 0

    def read(self, source: Source, progress: Callable[[int], None]) -> Iterator[Fault]:
        """Find them. Faults are rows of no account or time, or before an earlier one of theirs."""
        names = (*NEEDED, *(name for name in ALSO if name in source.columns))
        reader = Reader(names)
        for batch in source.batches(names):
            found = reader.read(batch)
            lost = lost_rows(batch, found)
            bad = {n for column in found.values() for n in column.wrong}
            times, accounts = found["at"].values, found["account"].values
            if lost or not self._note_all(batch.place, times, accounts):
                for n, (at, account) in enumerate(zip(times, accounts, strict=True)):
                    fault = lost.get(n) or self._note(batch.place, n, at, account)
                    if fault is not None:
                        bad.add(n)
                        yield fault
            self._move(found, reader, bad)
            self.rows += batch.size
            progress(self.rows)

    def parts(self) -> Iterator[AccountDay]:
        """The days by date and account, each with what it starts with."""
        held = {account: dict(moves) for account, moves in self._opening.held.items()}
        marks: defaultdict[str, Marks] = defaultdict(self._opening.marks.copy)
        coming = sorted(self._moves)
        at = 0
        for key in sorted(self._parts):
            while at < len(coming) and coming[at][0] < key[0]:
                own = held.setdefault(coming[at][1], {})
                marks[coming[at][1]].update(self._prices[coming[at]])
                for name, moved in self._moves[coming[at]].items():
                    own[name] = own.get(name, ZERO) + moved
                at += 1
            part = self._parts[key]
            part.held = tuple(
                Position(
                    account=part.account, instrument=self._instruments[name], quantity=quantity
                )
                for name, quantity in held.get(part.account, {}).items()
                if quantity
            )
            known = marks[part.account]
            names = (position.instrument.key for position in part.held)
            part.marks = {name: known[name] for name in names if name in known}
            yield part

    def _note_all(self, place: Place, times: Sequence[Any], accounts: Sequence[Any]) -> bool:
        """Count rows in by day at once, if they stand in the order of their times, all accounts'.

        Else, or if one is before what was counted, nothing is done.
        """
        if not all(map(le, times, islice(times, 1, None))):
            return False
        first = times[0]
        if any(first < self._newest.get(account, first) for account in set(accounts)):
            return False
        start = 0
        while start < len(times):
            day = self._days.of(times[start])
            stop = bisect_left(times, self._days.until, start)
            of_day = accounts[start:stop]
            for account, orders in Counter(of_day).items():
                row = place.row + start + of_day.index(account) + 1
                part = self._part((day, account), place, row)
                last = next(n for n in range(stop - 1, -1, -1) if accounts[n] == account)
                part.last = place.row + last + 1
                part.orders += orders
                self._newest[account] = times[last]
            start = stop
        return True

    def _note(self, place: Place, n: int, at: datetime, account: str) -> Fault | None:
        """Count one row in."""
        row = place.row + n + 1
        newest = self._newest.get(account)
        if newest is not None and at < newest:
            return Fault(row, "at", f"is before an earlier order of `{account}`; sort the file")
        self._newest[account] = at
        part = self._part((self._days.of(at), account), place, row)
        part.last = row
        part.orders += 1
        return None

    def _part(self, key: tuple[date, str], place: Place, row: int) -> AccountDay:
        """An account's day; the first row of it is this one, if none was before."""
        part = self._parts.get(key)
        if part is None:
            day, account = key
            part = self._parts[key] = AccountDay(account, day, place, row, row)
        return part

    def _move(self, found: Mapping[str, Read], reader: Reader, bad: set[int]) -> None:
        """The fills of a batch move the positions of the days after their own."""
        if "filled_quantity" not in found:
            return
        if bad:
            good = [n for n in range(len(found["at"].values)) if n not in bad]
            found = {name: column.at(good) for name, column in found.items()}
        days, filled = self._days_of(_filled_at(found)), found["filled_quantity"].values
        names = (days, found["account"].values, reader.contracts(found))
        keys, sides = zip(*names, strict=True), found["side"].values
        rows = zip(keys, sides, filled, _prices(found), strict=False)  # prices may have no end
        moved: dict[tuple[Any, ...], tuple[Decimal, Decimal | None]] = {}
        for key, side, quantity, price in rows:
            if quantity:
                before = moved.get(key, NOTHING)[0]
                moved[key] = before + quantity if side is BUY else before - quantity, price
        for (day, account, what), (signed, price) in moved.items():
            instrument = reader.instrument(what)
            if isinstance(instrument, str):
                continue
            moves = self._moves.setdefault((day, account), {})
            name = instrument.key
            self._instruments.setdefault(name, instrument)
            moves[name] = moves.get(name, ZERO) + signed
            prices = self._prices.setdefault((day, account), {})
            if price is not None:
                prices[name] = price

    def _days_of(self, times: Sequence[datetime]) -> Iterable[date]:
        """The day of each of these moments; nearly always the same for all of a batch."""
        if not times:
            return ()
        of = self._filled.of
        earliest, latest = of(min(times)), of(max(times))
        return repeat(latest, len(times)) if earliest == latest else map(of, times)


def _prices(found: Mapping[str, Read]) -> Iterable[Decimal | None]:
    """At what was filled of each row was filled."""
    column = found.get("avg_fill_price")
    return repeat(None) if column is None else column.values


def _filled_at(found: Mapping[str, Read]) -> Sequence[Any]:
    """When what was filled of each row was filled."""
    times = [found[name] for name in ("filled_at", "done_at", "at") if name in found]
    if times[0].whole:
        return times[0].values
    return [next(filter(None, row)) for row in zip(*(one.values for one in times), strict=True)]
