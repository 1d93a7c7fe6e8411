"""Reading events in order, each checked against the one before it.

Rule 1: what was changed, removed, inserted or swapped is never handed out: it raises.
Rule 2: reading goes in batches, so that a slow reader holds up neither writers nor the log.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import msgspec

from riskgate.errors import JournalError
from riskgate.journal.coding import GENESIS, Place, Row, follows, recorded
from riskgate.journal.store import Store
from riskgate.journal.tables import READ_EVENTS, READ_PLACES, READ_PROJECTED
from riskgate.model.events import Recorded

BATCH: Final = 500
LOWEST: Final = -(2**63)


def is_at(store: Store, place: Place) -> bool:
    """Whether a place is where the journal ends; the cheap question of each turn."""
    found = store.connection.execute(READ_PLACES, (place.seq,)).fetchall()
    return found == ([place] if place.seq else [])


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
    rows = _rows(store, max(place.seq, 1), BATCH + 1)
    if place.seq:
        if not rows or rows[0].place != place:
            raise _broken(store, place.seq)
        del rows[0]
    return list(_checked(store, place, rows))


def place_of(store: Store, seq: int) -> Place:
    """The place of one event, 0 being the beginning. Raise JournalError if there is no such."""
    if seq <= 0:
        return GENESIS
    rows = _rows(store, seq, 1)
    if not rows or rows[0].seq != seq:
        raise JournalError(f"journal `{store.path}`: there is no event {seq}; check the number")
    return rows[0].place


def first_fault(store: Store) -> int | None:
    """The number of the first event that is not as it was written; None if all are."""
    place = GENESIS
    rows = _rows(store, LOWEST, BATCH)
    while rows:
        for row in rows:
            if not follows(row, place):
                return min(row.seq, place.seq + 1)
            place = row.place
        rows = _rows(store, place.seq + 1, BATCH)
    return _cut_off(store, place)


def _cut_off(store: Store, place: Place) -> int | None:
    """The tables remember how far they were brought; the events they came from must be there."""
    projected = store.connection.execute(READ_PROJECTED).fetchone()[0]
    return place.seq + 1 if projected is not None and projected > place.seq else None


def _checked(store: Store, place: Place, rows: list[Row]) -> Iterator[tuple[Recorded, Place]]:
    for row in rows:
        if not follows(row, place):
            raise _broken(store, place.seq + 1)
        place = row.place
        yield _recorded(store, row), place


def _recorded(store: Store, row: Row) -> Recorded:
    try:
        return recorded(row)
    except msgspec.MsgspecError as error:
        raise JournalError(
            f"journal `{store.path}`: event {row.seq} cannot be read by this version: {error};"
            " use the riskgate that wrote it, or a newer one"
        ) from error


def _rows(store: Store, lowest: int, size: int) -> list[Row]:
    return [Row._make(row) for row in store.connection.execute(READ_EVENTS, (lowest, size))]


def _broken(store: Store, seq: int) -> JournalError:
    return JournalError(
        f"journal `{store.path}`: event {seq} is not as it was written; stop the gate, run"
        " `riskgate audit verify`, and restore the last good copy"
    )
