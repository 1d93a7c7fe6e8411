"""Whether a journal is as it was written: the file, its tables, the chain of events, the rows.

Rule 1: whatever is wrong is a fault that is told; only a file that cannot be reached raises.
Rule 2: the first bad event is named; nothing that comes after it is believed.
Rule 3: the tables are compared with what the events come to, by folding them anew.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Final

import msgspec

from riskgate.errors import JournalError, JournalLocked
from riskgate.journal import chain, header, migrations, raw, slack
from riskgate.journal.address import path_of
from riskgate.journal.coding import GENESIS, Place, Row, follows, moment, recorded
from riskgate.journal.faults import printable, told
from riskgate.journal.folding import Fold
from riskgate.journal.store import Store, make_tables, open_to_read
from riskgate.record.audited import Audit, Fault
from riskgate.record.progress import Progress, untold

WAIT: Final = timedelta(seconds=5)
MOST_OF_FILE: Final = 10  # what SQLite itself finds wrong; more says no more
SCHEMA: Final = "SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY type, name"
ROOT: Final = "SELECT rootpage FROM sqlite_master WHERE name = 'events'"
NOT_TEXT: Final = "SELECT MIN(seq) FROM events WHERE typeof(body) <> 'text'"
COOKIE: Final = (
    "the count of tables made (byte 40); a copy by SQLite's own backup counts one more:"
    " make copies with `riskgate audit copy`"
)


def audit(
    path_or_url: str | Path,
    progress: Progress = untold,
    expected: Place | None = None,
) -> Audit:
    """Look at every byte that means something. Raise JournalError if the file cannot be reached.

    `expected` is the head of an earlier audit: that event must be there, or the end was cut off.
    """
    path = path_of(path_or_url)
    reachable(path)
    head = header.read(path)
    faults = [Fault(text=text) for text in _of_head(path, head)]
    auditor = _Auditor(progress, expected)
    try:
        store = open_to_read(path, WAIT)
    except JournalLocked:
        raise
    except JournalError as error:
        return auditor.ended([*faults, Fault(text=_said(path, error))])
    try:
        faults += auditor.faults(store)
        if not faults and head is not None and header.is_marked(head):
            faults += [Fault(text=text) for text in _of_slack(store, head)]
    finally:
        store.close()
    return auditor.ended(faults)


def reachable(path: Path) -> None:
    """Raise JournalError unless there is a file that we may read."""
    if path.is_file():
        try:
            with raw.reading(path):
                return
        except OSError as error:
            why = (error.strerror or str(error)).lower()
            raise JournalError(f"journal `{path}`: {why}; ask for the right to read it") from error
    open_to_read(path, WAIT).close()  # says why it cannot be opened
    raise JournalError(f"journal `{path}`: it is no regular file; check the path")


def _of_head(path: Path, head: bytes | None) -> Iterator[str]:
    if head is not None:
        yield from header.faults(path, head)


def _of_slack(store: Store, head: bytes) -> list[str]:
    """Nothing is said of a file that somebody began to write meanwhile."""
    (root,) = store.connection.execute(ROOT).fetchone()
    found = list(slack.faults(store.path, root, header.page_size(head)))
    return found if header.read(store.path) == head else []


def _said(path: Path, error: JournalError) -> str:
    """What an error says, without the name of the journal, which is said for all faults."""
    return str(error).removeprefix(f"journal `{path}`: ")


class _Auditor:
    """Looks at one open file; what breaks off one look does not spare it the others."""

    def __init__(self, progress: Progress, expected: Place | None) -> None:
        self._progress = progress
        self._expected = expected
        self._met = expected is None or expected == GENESIS
        self._fold = Fold()
        self._place = GENESIS
        self._remarks: list[str] = []
        self._at_ns = 0
        self._back: tuple[int, int, int] = (0, 0, 0)  # how often, first where, by how much

    def ended(self, faults: list[Fault]) -> Audit:
        """All that was found."""
        return Audit(
            events=self._place.seq,
            head=self._place.hash,
            faults=tuple(faults),
            remarks=(*self._clock(), *self._remarks),
        )

    def faults(self, store: Store) -> Iterator[Fault]:
        """Everything that is wrong, as of one moment: what others write meanwhile is not seen."""
        with suppress(sqlite3.Error):  # what is broken is told by the first look
            store.connection.execute("BEGIN")
        for look in (_of_file, _of_schema, self._of_events):
            try:
                with told(store.path, store.wait):
                    yield from look(store)
            except JournalLocked:
                raise
            except JournalError as error:
                yield Fault(text=_said(store.path, error))

    def _of_events(self, store: Store) -> Iterator[Fault]:
        """The first bad event; where there is none, every row that the events do not come to."""
        fault = self._of_chain(store)
        if fault is not None:
            yield fault
            return
        texts = list(self._fold.differences(store))
        yield from (Fault(text=text) for text in texts)
        if not texts and self._fold.is_behind:
            self._remarks.append(
                f"the tables were brought to event {self._fold.projected.seq} of {self._place.seq};"
                " the next start of a gate brings them up to date"
            )

    def _of_chain(self, store: Store) -> Fault | None:
        blob = store.connection.execute(NOT_TEXT).fetchone()[0]
        self._fold.begin(store)
        found = chain.stored(store, chain.LOWEST)
        while found:
            for row in found:
                why = _why(row, self._place)
                if why or row.seq == blob:
                    return _bad(row, why or "its body is not stored as text")
                fault = self._folded(row)
                if fault is not None:
                    return fault
                self._place = row.place
                self._met = self._met or row.place == self._expected
            self._progress(self._place.seq)
            found = chain.stored(store, self._place.seq + 1)
        return self._cut_off()

    def _folded(self, row: Row) -> Fault | None:
        """Take the event into the book; the fault of one that no version of ours reads."""
        back = self._at_ns - row.at_ns
        if back > 0:
            times, first, most = self._back
            self._back = (times + 1, first or row.seq, max(most, back))
        self._at_ns = row.at_ns
        try:
            self._fold.take(recorded(row))
        except msgspec.MsgspecError as error:
            return _bad(row, f"this version of riskgate cannot read it: {error}")
        return None

    def _cut_off(self) -> Fault | None:
        """The tables remember the last event that they hold: it must be there."""
        projected = self._fold.projected
        if projected.seq > self._place.seq:
            lost = f"it is missing, and all up to {projected.seq}: the tables hold what they said"
            return Fault(seq=self._place.seq + 1, text=lost)
        if self._expected is not None and not self._met:
            lost = "it is not the event that was expected here: this is another record, or cut off"
            return Fault(seq=self._expected.seq, text=lost)
        return None

    def _clock(self) -> Iterator[str]:
        times, first, most = self._back
        if times:
            yield (
                f"the clock went back {times} time{'' if times == 1 else 's'}, first at event"
                f" {first}, at most by {most / 1_000_000_000:.6f} s; the order of events stands"
            )


def _bad(row: Row, why: str) -> Fault:
    try:
        at = moment(row.at_ns)
    except (TypeError, ValueError, OverflowError):
        at = None
    return Fault(seq=row.seq, kind=ascii(row.kind)[1:-1], at=at, text=why)


def _why(row: Row, place: Place) -> str:
    """Why a row is not the untouched successor of a place; empty if it is."""
    if follows(row, place):
        return ""
    if row.seq <= 0:
        return "it was inserted: numbers begin at 1"
    if row.seq != place.seq + 1:
        return f"event {place.seq + 1} is missing before it"
    if row.previous != place.hash and follows(row, Place(place.seq, row.previous)):
        return f"it was not written after event {place.seq}: one was removed, inserted or swapped"
    return "it was changed after it was written"


def _of_file(store: Store) -> Iterator[Fault]:
    """What SQLite finds wrong with its own file."""
    found = store.connection.execute(f"PRAGMA integrity_check({MOST_OF_FILE})").fetchall()
    for (text,) in found:
        if text != "ok":
            yield Fault(text=f"the file is damaged: {printable(text)}")


def _of_schema(store: Store) -> Iterator[Fault]:
    """Tables, columns, indexes and the view must be those that we make, and no others."""
    made = Store(Path("made"), WAIT, "mode=memory")
    try:
        make_tables(made)
        cookie = header.cookie(made.connection)
        if store.is_old:
            migrations.put_back(made.database, made.connection)
        ours, found = (_schema(one) for one in (made.connection, store.connection))
        for name in sorted(ours.keys() | found.keys()):
            if ours.get(name) != found.get(name):
                what = "is missing" if name not in found else "is not as it was made"
                yield Fault(text=f"`{name}` {what if name in ours else 'is not ours'}")
        if header.cookie(store.connection) not in _cookies(made, cookie, is_old=store.is_old):
            yield Fault(text=f"the file's head was changed: {COOKIE}")
    finally:
        made.close()


def _cookies(made: Store, fresh: int, *, is_old: bool) -> Iterator[int]:
    """How often tables may have been changed: of a file that was made so, or was brought up."""
    yield fresh
    for version in () if is_old else migrations.STEPS:
        migrations.bring_up(made.database, made.connection, version)
        yield header.cookie(made.connection)


def _schema(connection: sqlite3.Connection) -> dict[str, list[tuple[object, ...]]]:
    found: dict[str, list[tuple[object, ...]]] = {}
    for row in connection.execute(SCHEMA):
        found.setdefault(ascii(row[1])[1:-1], []).append(row)
    return found
