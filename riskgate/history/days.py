"""Which accounts traded on which days, and with which positions each day began.

Rule 1: what a fill moved is held from the day after its own on, whatever the rules say of its
order: it is what happened.
Rule 2: the orders of an account stand in the file in the order of their times.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Final
from zoneinfo import ZoneInfo

import msgspec

from riskgate.history import columns
from riskgate.history.columns import Read, Wrong
from riskgate.history.rows import DESCRIBES_IT, Reader, lost_rows
from riskgate.history.sources import Fault, Place, Source
from riskgate.model.instrument import Instrument
from riskgate.model.money import ZERO
from riskgate.model.order import Side
from riskgate.model.report import Position

NEEDED: Final = ("at", "account", "symbol", "side")
ALSO: Final = (*DESCRIBES_IT[1:], "filled_quantity", "filled_at", "done_at")
Moves = dict[str, Decimal]  # by the instrument's key
Moved = tuple[datetime, Instrument, Decimal]


class Part(msgspec.Struct):
    """One account's day: where its orders are, how many there are, and what it starts with."""

    account: str
    day: date
    place: Place
    first: int
    last: int
    orders: int = 0
    held: tuple[Position, ...] = ()


class Days:
    """Tells the trading day of a moment in a zone; the day of the moment before is at hand."""

    def __init__(self, zone: str) -> None:
        self._zone = ZoneInfo(zone)
        self._day = date.min
        self._from = self._until = datetime.min.replace(tzinfo=UTC)

    def of(self, at: datetime) -> date:
        """The day of a moment on the zone's clocks."""
        if self._from <= at < self._until:
            return self._day
        day = at.astimezone(self._zone).date()
        self._day = day
        self._from, self._until = (
            datetime.combine(edge, time.min, tzinfo=self._zone).astimezone(UTC)
            for edge in (day, day + timedelta(days=1))
        )
        return day


class Index:
    """Every account's days of a history, found in one pass over a few columns of it."""

    def __init__(
        self, zone: str, opening: Mapping[str, Moves], instruments: Mapping[str, Instrument]
    ) -> None:
        self._days = Days(zone)
        self._filled = Days(zone)
        self._parts: dict[tuple[date, str], Part] = {}
        self._moves: dict[tuple[date, str], Moves] = {}
        self._opening = opening
        self._instruments: dict[str, Instrument] = dict(instruments)
        self._newest: dict[str, datetime] = {}
        self.rows = 0

    def read(self, source: Source, progress: Callable[[int], None]) -> Iterator[Fault]:
        """Find them. Faults are rows of no account or time, or before an earlier one of theirs."""
        names = (*NEEDED, *(name for name in ALSO if name in source.columns))
        reader = Reader(names)
        for batch in source.batches(names):
            found = {name: columns.read(name, batch.values[name]) for name in names}
            lost = lost_rows(batch, found)
            bad = {n for column in found.values() for n in column.wrong}
            moves = self._moves_of(found, reader)
            rows = zip(found["at"].values, found["account"].values, strict=True)
            for n, (at, account) in enumerate(rows):
                fault = lost.get(n) or self._note(batch.place, n, at, account)
                if fault is not None:
                    yield fault
                elif n in moves and n not in bad:
                    self._move(account, *moves[n])
            self.rows += batch.size
            progress(self.rows)

    def parts(self) -> Iterator[Part]:
        """The days by date and account, each with what it starts with."""
        held = {account: dict(moves) for account, moves in self._opening.items()}
        coming = sorted(self._moves)
        at = 0
        for key in sorted(self._parts):
            while at < len(coming) and coming[at][0] < key[0]:
                own = held.setdefault(coming[at][1], {})
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
            yield part

    def _note(self, place: Place, n: int, at: datetime, account: str) -> Fault | None:
        """Count one row in."""
        row = place.row + n + 1
        newest = self._newest.get(account)
        if newest is not None and at < newest:
            return Fault(row, "at", f"is before an earlier order of `{account}`; sort the file")
        self._newest[account] = at
        key = self._days.of(at), account
        part = self._parts.get(key)
        if part is None:
            part = self._parts[key] = Part(account, key[0], place, row, row)
        part.last = row
        part.orders += 1
        return None

    def _moves_of(self, found: Mapping[str, Read], reader: Reader) -> dict[int, Moved]:
        """The fills of a batch, by place: when, in what, and how the position moved."""
        quantities = found.get("filled_quantity")
        if quantities is None:
            return {}
        times = [found[name].values for name in ("filled_at", "done_at", "at") if name in found]
        sides, moves = found["side"].values, {}
        whats = reader.contracts(found)
        for n, (quantity, what) in enumerate(zip(quantities.values, whats, strict=True)):
            if not quantity or type(quantity) is Wrong:
                continue
            instrument = reader.instrument(what)
            if not isinstance(instrument, str):
                when = next(time[n] for time in times if time[n])
                moves[n] = when, instrument, quantity if sides[n] is Side.BUY else -quantity
        return moves

    def _move(self, account: str, when: datetime, instrument: Instrument, signed: Decimal) -> None:
        """A fill moves the position of the days after its own."""
        key = self._filled.of(when), account
        moves = self._moves.get(key)
        if moves is None:
            moves = self._moves[key] = {}
        name = instrument.key
        self._instruments[name] = instrument
        moves[name] = moves.get(name, ZERO) + signed
