"""Reading events in order, each checked against the one before it.

Rule 1: what was changed, removed, inserted or swapped is never handed out: it raises.
Rule 2: reading goes in batches, so that a slow reader holds up neither writers nor the log.
"""

from __future__ import annotations

import sqlite3
from contextlib import suppress
from typing import Final

import msgspec

from riskgate.errors import JournalError
from riskgate.journal.coding import GENESIS, Place, Row, follows, recorded
from riskgate.journal.faults import is_damage, printable
from riskgate.journal.store import Store
from riskgate.journal.tables import READ_EVENTS, READ_LAST, READ_PLACES, READ_PROJECTED
from riskgate.model.events import Recorded


class Unreadable(JournalError):  # noqa: N818  # reads as the fact it states
    """The file is damaged where an event stands."""

    def __init__(self, message: str, seq: int) -> None:
        super().__init__(message)
        self.seq = seq


BATCH: Final = 500
LOWEST: Final = -(2**63)


def is_at(store: Store, place: Place) -> bool:
    """Whether a place is where the journal ends; the cheap question of each turn."""
    found = store.connection.execute(READ_PLACES, (place.seq,)).fetchall()
    return found == ([place] if place.seq else [])


def last(store: Store) -> Place:
    """Where the journal ends, unchecked."""
    found = store.connection.execute(READ_LAST).fetchone()
    return GENESIS if found is None else Place(*found)


def after(store: Store, place: Place) -> tuple[tuple[Recorded, ...], Place]:
    """All events after a place, and where the journal stands then."""
    found = batch(store, place)
    events = list(found)
    while found:
        found = batch(store, found[-1][1])
        events += found
    return tuple(event for event, _ in events), events[-1][1] if events else place


def batch(store: Store, place: Place) -> list[tuple[Recorded, Place]]:
    """The next events after a place, each with its own place; none where there are no more.

    Raise JournalError if the chain is broken among them, or at the place itself.
    """
    return [(_recorded(store, row), row.place) for row in rows(store, place)]


def rows(store: Store, place: Place) -> list[Row]:
    """The next events after a place as they are stored. Raise JournalError like `batch`."""
    found = stored(store, max(place.seq, 1), BATCH + 1)
    if place.seq:
        if not found or found[0].place != place:
            raise _broken(store, place.seq)
        del found[0]
    for row in found:
        if not follows(row, place):
            raise _broken(store, place.seq + 1)
        place = row.place
    return found


def place_of(store: Store, seq: int) -> Place:
    """The place of one event, 0 being the beginning. Raise JournalError if there is no such."""
    if seq <= 0:
        return GENESIS
    rows = stored(store, seq, 1)
    if not rows or rows[0].seq != seq:
        raise JournalError(f"journal `{store.path}`: there is no event {seq}; check the number")
    return rows[0].place


def refuse_damage(store: Store) -> None:
    """Raise JournalError for a file whose pages are not what they should be, tables and all."""
    (found,) = store.connection.execute("PRAGMA quick_check(1)").fetchone()
    if found == "ok":
        return
    what = printable(found)
    raise JournalError(
        f"journal `{store.path}`: the file is damaged ({what}); {_where(store)}; keep a copy, run"
        " `riskgate audit verify`, and restore the last good copy"
    )


def _where(store: Store) -> str:
    """The first event that the damage reached."""
    try:
        seq = first_fault(store)
    except Unreadable as error:
        return f"event {error.seq} cannot be read"
    except sqlite3.Error:
        return "its events cannot be read"
    return "every event in it is whole" if seq is None else f"event {seq} is not as it was written"


def first_fault(store: Store) -> int | None:
    """The number of the first event that is not as it was written; None if all are."""
    place = GENESIS
    rows = stored(store, LOWEST, BATCH)
    while rows:
        for row in rows:
            if not follows(row, place):
                return min(row.seq, place.seq + 1)
            place = row.place
        rows = stored(store, place.seq + 1, BATCH)
    return _cut_off(store, place)


def _cut_off(store: Store, place: Place) -> int | None:
    """The tables remember how far they were brought; the events they came from must be there."""
    projected = store.connection.execute(READ_PROJECTED).fetchone()[0]
    return place.seq + 1 if projected is not None and projected > place.seq else None


def _recorded(store: Store, row: Row) -> Recorded:
    try:
        return recorded(row)
    except msgspec.MsgspecError as error:
        raise JournalError(
            f"journal `{store.path}`: event {row.seq} cannot be read by this version: {error};"
            " use the riskgate that wrote it, or a newer one"
        ) from error


def stored(store: Store, lowest: int, size: int = BATCH) -> list[Row]:
    """The next events from a number on as they are stored, unchecked.

    Raise JournalError, naming the first that cannot be read, where the file is damaged.
    """
    try:
        return [Row._make(row) for row in store.connection.execute(READ_EVENTS, (lowest, size))]
    except sqlite3.DatabaseError as error:
        if size == 1 or not is_damage(error):
            raise
        raise _unreadable(store, lowest) from error


def _unreadable(store: Store, lowest: int) -> Unreadable:
    """Read one by one, to say where it ends."""
    seq = lowest
    with suppress(sqlite3.DatabaseError):
        while found := stored(store, seq, 1):
            seq = found[0].seq + 1
    return Unreadable(
        f"journal `{store.path}`: event {max(seq, 1)} cannot be read, because the file is damaged;"
        " stop the gate, keep a copy, run `riskgate audit verify`, and restore the last good copy",
        max(seq, 1),
    )


def _broken(store: Store, seq: int) -> JournalError:
    return JournalError(
        f"journal `{store.path}`: event {seq} is not as it was written; stop the gate, run"
        " `riskgate audit verify`, and restore the last good copy"
    )
