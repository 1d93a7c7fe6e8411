"""The journal in an SQLite file: one writer at a time, each event durable before anyone acts on it.

Rule 1: a turn takes the store's lock first and reads what others wrote before it writes.
Rule 2: our place in the journal moves only with a commit, or by reading.
Rule 3: one connection, guarded by a lock, for all threads of this process.
"""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from riskgate.errors import InvariantError, JournalError
from riskgate.journal import chain, projections
from riskgate.journal.address import path_of
from riskgate.journal.coding import GENESIS, Place, Unrecordable, row_of
from riskgate.journal.faults import fault, locked, told
from riskgate.journal.store import Durability, Store, open_to_write
from riskgate.journal.tables import INSERT_EVENT
from riskgate.model.events import Payload, Recorded
from riskgate.model.report import Fill
from riskgate.model.view import OrderView
from riskgate.model.within import Within

LOOK: Final = 0.001  # seconds between two tries for a lock that another process has
LOCK_WAIT: Final = timedelta(seconds=5)
# Less than this is as good as a full disk: the next batch of events may not fit.
SPARE_BYTES: Final = 1_000_000


NOWHERE: Final = 2**63


class SqliteTurn:
    """One turn: what others wrote, and what we add. Only `SqliteJournal.turn` makes one.

    Who knows nothing yet has everything as its tail: that is read when it is asked for, or before
    the first event is added, unless `reached` says that it was read by other means meanwhile.
    """

    def __init__(self, store: Store, known: Place, reached: Callable[[], Place]) -> None:
        self._store = store
        self._reached = reached
        self._tail: tuple[Recorded, ...] | None = None
        if chain.is_at(store, known):
            self._tail, self.place = (), known
        elif known != GENESIS:
            self._tail, self.place = chain.after(store, known)
        else:
            self.place = chain.last(store)
        self.start = self.place.seq
        self._is_projected = False
        self._is_open = True
        self._failure: JournalError | None = None

    @property
    def tail(self) -> tuple[Recorded, ...]:
        """What others have recorded since our last turn."""
        if self._tail is None:
            with told(self._store.path, self._store.wait):
                self._tail, _ = chain.after(self._store, GENESIS)
            self._tail = self._tail[: self.start]  # what the turn itself has added is not of others
        return self._tail

    @property
    def is_read(self) -> bool:
        """Whether all that went before has been read, and found whole."""
        return self._tail is not None or self._reached().seq >= self.start

    @property
    def is_behind(self) -> bool:
        """Whether the tables lack an event that they should show, and need a `rebuild`."""
        self._usable()
        with told(self._store.path, self._store.wait):
            return projections.is_behind(self._store)

    def append(self, payload: Payload, at: datetime) -> Recorded:
        """Add one event. Raise JournalError if it cannot be written; then the turn is lost.

        What would not read back is refused with a JournalError too, but costs only itself.
        """
        self._usable()
        if not self.is_read:
            self.tail  # noqa: B018  # reads it, or raises
        try:
            row = row_of(self.place, payload, at)
        except Unrecordable as error:
            raise JournalError(f"journal `{self._store.path}`: {error}") from error
        try:
            body = row.body.decode()
            values = (row.seq, row.at_ns, row.kind, row.order_id, body, row.previous, row.hash)
            self._store.connection.execute(INSERT_EVENT, values)
        except (sqlite3.Error, OverflowError) as error:
            raise self._spoiled(error) from error
        self.place = row.place
        return Recorded(row.seq, at, payload)

    def project(
        self, orders: Iterable[OrderView], fills: Iterable[Fill], since: int | None = None
    ) -> None:
        """Bring the tables up to date with what has changed since event `since`.

        None is since this turn began.
        """
        self._usable()
        try:
            projections.upsert(self._store, orders, fills)
        except (sqlite3.Error, UnicodeEncodeError, OverflowError) as error:
            raise self._spoiled(error) from error
        self._is_projected = True
        if since is not None:
            self.start = min(self.start, since)

    def rebuild(self, orders: Iterable[OrderView], fills: Iterable[Fill]) -> None:
        """Replace both tables with what all events so far, the tail included, come to."""
        self._usable()
        try:
            projections.replace(self._store, orders, fills, self.place)
        except (sqlite3.Error, UnicodeEncodeError, OverflowError) as error:
            raise self._spoiled(error) from error

    def commit(self) -> None:
        """End the turn. Raise JournalError if it, or anything in it, could not be written."""
        self._usable()
        try:
            if self._is_projected:
                projections.advance(self._store, self.place, self.start)
            self._store.connection.execute("COMMIT")
        except sqlite3.Error as error:
            raise self._spoiled(error) from error
        self._is_open = False

    def undo(self) -> None:
        """End the turn as if it had not been."""
        self._is_open = False
        with suppress(sqlite3.Error):  # the store may have rolled back by itself
            self._store.connection.execute("ROLLBACK")

    def _usable(self) -> None:
        if not self._is_open:
            raise InvariantError("journal: a turn was used after its end")
        if self._failure is not None:
            raise self._failure

    def _spoiled(self, error: Exception) -> JournalError:
        """What to raise now, and whenever this turn is used again: it must not be committed."""
        self._failure = fault(self._store.path, self._store.wait, error)
        return self._failure


class SqliteJournal:
    """A journal in a file; several processes may have it open. See `riskgate.ports.Journal`.

    Raise ConfigError for an address that is no file, JournalError if it cannot be written.
    """

    def __init__(
        self,
        path_or_url: str | Path,
        *,
        durability: Durability = "full",
        lock_wait: timedelta = LOCK_WAIT,
    ) -> None:
        self._store = open_to_write(path_of(path_or_url), durability, lock_wait)
        self._refuse_damage()
        self._lock = threading.RLock()
        self._patience = lock_wait.total_seconds()
        self._place = GENESIS
        self._end = NOWHERE
        self._version = -1
        self._is_closed = False

    def _refuse_damage(self) -> None:
        try:
            with self._told():
                chain.refuse_damage(self._store)
        except BaseException:
            self._store.close()
            raise

    @property
    def path(self) -> Path:
        """The file."""
        return self._store.path

    def turn(self) -> Within[SqliteTurn]:
        """Take the store's lock; see `riskgate.ports.Journal`."""
        return Within(self._enter, self._leave)

    def _enter(self) -> SqliteTurn:
        self._hold()
        try:
            turn = self._begun()
        except BaseException:
            self._lock.release()
            raise
        self._end = turn.start
        return turn

    def _leave(self, turn: SqliteTurn, error: BaseException | None) -> None:
        """Commit, or undo what broke; the lock is let go either way."""
        try:
            if error is None:
                self._commit(turn)
            else:
                turn.undo()
        finally:
            self._end = NOWHERE
            self._lock.release()

    def _commit(self, turn: SqliteTurn) -> None:
        try:
            turn.commit()
        except BaseException:
            turn.undo()
            raise
        if turn.is_read:
            self._place = turn.place

    def read(self, after: int = 0) -> Iterator[Recorded]:
        """All events on record after a sequence number, in order; our place moves along.

        Inside a turn, what the turn itself appends is not yet on record.
        """
        with self._looking():
            found = chain.batch(self._store, chain.place_of(self._store, after))
        while found:
            for event, place in found:
                if not self._reached(place):
                    return
                yield event
            with self._looking():
                found = chain.batch(self._store, found[-1][1])

    def has_news(self) -> bool:
        """Whether another connection has committed since this was asked last; takes no lock."""
        with self._looking():
            (version,) = self._store.connection.execute("PRAGMA data_version").fetchone()
        seen, self._version = self._version, version
        return bool(seen != version)

    def writable(self) -> bool:
        """Whether the file is ours to write and its disk has room; no lock is taken."""
        if self._is_closed or not self._store.is_same_file():
            return False
        try:
            disk = os.statvfs(self.path)
        except OSError:
            return False
        return disk.f_bavail * disk.f_frsize >= SPARE_BYTES and os.access(self.path, os.W_OK)

    def verify(self) -> int | None:
        """The number of the first event that is not as it was written; None if all are."""
        with self._looking():
            return chain.first_fault(self._store)

    def close(self) -> None:
        """Close the file; twice is once."""
        with self._alone():
            self._is_closed = True
            self._store.close()

    def _begun(self) -> SqliteTurn:
        self._usable()
        if self._end != NOWHERE:
            raise InvariantError("journal: a turn was taken inside a turn")
        try:
            self._take_lock()
            return SqliteTurn(self._store, self._place, lambda: self._place)
        except sqlite3.Error as error:
            self._rolled_back()
            raise fault(self.path, self._store.wait, error) from error
        except BaseException:
            self._rolled_back()
            raise

    def _take_lock(self) -> None:
        """Take the store's lock. Asks often: SQLite itself asks ever more rarely, and starves."""
        store, deadline = self._store, None
        store.waits(itself=False)
        while True:
            try:
                store.connection.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError as error:
                now = time.monotonic()
                deadline = now + self._patience if deadline is None else deadline
                is_busy = error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY
                if not is_busy or now >= deadline:
                    raise
                time.sleep(LOOK)
            else:
                return

    def _rolled_back(self) -> None:
        if self._store.connection.in_transaction:
            self._store.connection.execute("ROLLBACK")

    def _usable(self) -> None:
        if self._is_closed:
            raise JournalError(f"journal `{self.path}`: it was closed; open it again")
        if not self._store.is_same_file():
            raise JournalError(
                f"journal `{self.path}`: the file was moved, deleted or replaced while in use;"
                " put it back, then start the gate again"
            )

    def _reached(self, place: Place) -> bool:
        """Move to a place, never back; False where what is on record ends."""
        with self._lock:
            if place.seq > self._end:
                return False
            self._place = max(self._place, place)
            return True

    @contextmanager
    def _looking(self) -> Iterator[None]:
        with self._alone(), self._told():
            self._usable()
            self._store.waits(itself=True)
            yield

    @contextmanager
    def _told(self) -> Iterator[None]:
        with told(self._store.path, self._store.wait):
            yield

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Hold off the other threads of this process, or raise JournalLocked."""
        self._hold()
        try:
            yield
        finally:
            self._lock.release()

    def _hold(self) -> None:
        if not self._lock.acquire(timeout=self._patience):
            raise locked(self.path, self._store.wait, "thread")


def open_journal(
    url: str | Path, *, durability: Durability = "full", lock_wait: timedelta = LOCK_WAIT
) -> SqliteJournal:
    """The journal at a path or `sqlite:///PATH`. Raise ConfigError for another store."""
    return SqliteJournal(url, durability=durability, lock_wait=lock_wait)
