"""One open SQLite file: how it is opened, made ready, and made fast.

Rule 1: write-ahead log, one connection, and the flush of every commit unless asked otherwise.
Rule 2: who only looks leaves no files behind: SQLite makes a log and an index even to read, and
only a connection that may write takes them away again.
Rule 3: a pragma that was not granted is an error, never a silent loss of durability.
"""

from __future__ import annotations

import os
import sqlite3
import time
from contextlib import closing, suppress
from datetime import timedelta
from pathlib import Path
from typing import Final, Literal
from weakref import finalize

import peewee

from riskgate.errors import ConfigError, JournalError
from riskgate.journal import migrations, raw
from riskgate.journal.coding import GENESIS
from riskgate.journal.faults import told
from riskgate.journal.slack import MARK
from riskgate.journal.tables import DECISIONS, TABLES, MetaRow

Durability = Literal["full", "os"]
SYNCHRONOUS: Final = {"full": 2, "os": 1}  # SQLite's numbers for FULL and NORMAL
# The log is made longer than the 1,000 pages after which SQLite starts over at its beginning, so
# that a commit overwrites blocks the file already has and the flush need not grow it.
GROWN_BYTES: Final = 1_200 * 4_096
LOOK: Final = 0.01  # seconds between two tries for a file that others make
_META = {"schema": str(migrations.VERSION), "projected_seq": f"{GENESIS.seq} {GENESIS.hash}"}


class Store:
    """A connection, with the path and the patience it was opened with."""

    def __init__(self, path: Path, wait: timedelta, mode: str) -> None:
        self.path = path
        self.wait = wait
        self.database = peewee.SqliteDatabase(
            f"{path.absolute().as_uri()}?{mode}",
            uri=True,
            timeout=wait.total_seconds(),
            check_same_thread=False,
            thread_safe=False,
        )
        self._name = os.fspath(path)
        self._identity = raw.connected(self._connected)
        # Also where nobody closes it: a connection that is collected has let go of its locks.
        self._released = finalize(self, raw.disconnected, self._identity)
        self._released.atexit = False
        self.connection = connection_of(self.database)
        self.connection.text_factory = _text
        self._waits = True
        self.clears = False  # whether nobody had the file open when we came to look at it

    def is_same_file(self) -> bool:
        """False once the file was moved, deleted or replaced: what is written then is lost."""
        return self._found() == self._identity

    def waits(self, *, itself: bool) -> None:
        """Say whether SQLite waits for a lock itself; what it does already is not said again."""
        if itself is not self._waits:
            most = self.wait // timedelta(milliseconds=1) if itself else 0
            self.connection.execute(f"PRAGMA busy_timeout={most}")
            self._waits = itself

    def has_tables(self) -> bool:
        """Whether there is any table in the file."""
        found = self.connection.execute("SELECT EXISTS (SELECT 1 FROM sqlite_master)").fetchone()
        return bool(found[0])

    @property
    def is_old(self) -> bool:
        """Whether its tables are of an older version; only a file opened to be read can be that."""
        return self.meta("schema") != str(migrations.VERSION)

    def meta(self, key: str) -> str | None:
        """One fact about the file; None where the file is not ours."""
        with suppress(peewee.OperationalError):  # no such table
            query = MetaRow.select(MetaRow.value).where(MetaRow.key == key)
            value = query.bind(self.database).scalar()
            return None if value is None else str(value)
        return None

    def close(self) -> None:
        """Close the connection; twice is once."""
        self.database.close()
        self._released()
        if self.clears:
            self.clears = False
            _clear(self.path)

    def _connected(self) -> raw.Identity | None:
        self.database.connect()
        return self._found()

    def _found(self) -> raw.Identity | None:
        try:
            found = os.stat(self._name)  # noqa: PTH116  # once per order: a Path costs twice that
        except OSError:
            return None
        return found.st_dev, found.st_ino


def _text(stored: bytes) -> str:
    """Text of the store, also where somebody made it no valid text: then no hash fits it."""
    return stored.decode(errors="surrogateescape")


def connection_of(database: peewee.SqliteDatabase) -> sqlite3.Connection:
    """The connection that peewee has opened, for statements that are text already."""
    connection: sqlite3.Connection = database.connection()  # type: ignore[no-untyped-call]
    return connection


def open_to_write(path: Path, durability: Durability, wait: timedelta) -> Store:
    """Open the file, or make it. Raise JournalError if it cannot be written, or is not ours."""
    if durability not in SYNCHRONOUS:
        raise ConfigError(f"durability: must be `full` or `os`; found `{durability}`")
    with told(path, wait):
        store = Store(path, wait, "mode=rwc")
        try:
            _set_up(store, SYNCHRONOUS[durability])
        except BaseException:
            store.close()
            raise
    return store


def open_to_read(path: Path, wait: timedelta) -> Store:
    """Open a file that exists, never to write. Raise JournalError if there is none."""
    if not path.exists():
        hint = "a gate makes it when it begins, `riskgate demo` a first one; or check the path"
        raise JournalError(f"no journal at `{path}`; {hint}")
    with told(path, wait):
        store = _opened_to_read(path, wait)
        try:
            migrations.check(path, store.meta("schema"))
        except BaseException:
            store.close()
            raise
    return store


def _opened_to_read(path: Path, wait: timedelta) -> Store:
    """In a folder that we may not write to, only a file that nobody has open can be read."""
    log = Path(f"{path}-wal")
    clears = not log.exists() or log.stat().st_size == 0
    store = Store(path, wait, "mode=ro")
    try:
        store.has_tables()
        store.clears = clears
    except sqlite3.OperationalError:
        store.close()
        if log.exists():
            raise
        return Store(path, wait, "mode=ro&immutable=1")
    except BaseException:
        store.close()
        raise
    return store


def _clear(path: Path) -> None:
    """Take away the empty log that looking made; SQLite does so unless others use the file."""
    with suppress(OSError, sqlite3.Error, peewee.PeeweeException):
        if Path(f"{path}-wal").stat().st_size == 0:
            with closing(Store(path, timedelta(0), "mode=rw")) as last:
                last.has_tables()


def _set_up(store: Store, synchronous: int) -> None:
    granted = _logged(store)
    store.connection.execute("PRAGMA secure_delete = on")  # see `riskgate.journal.slack`
    store.connection.execute(f"PRAGMA synchronous = {synchronous}")
    found = store.connection.execute("PRAGMA synchronous").fetchone()[0]
    if (granted, found) != ("wal", synchronous):
        raise JournalError(
            f"journal `{store.path}`: the store grants `{granted}`, not a write-ahead log;"
            " keep the journal on a local disk"
        )
    _make(store)
    _lengthen(store)


def _logged(store: Store) -> str:
    """Have a write-ahead log, and say what was granted.

    The first who asks for it needs the new file alone, and there SQLite does not wait for others
    that make it at the same moment: it has read before it writes.
    """
    deadline = time.monotonic() + store.wait.total_seconds()
    while True:
        try:
            granted = store.connection.execute("PRAGMA journal_mode = wal").fetchone()[0]
        except sqlite3.OperationalError as error:
            is_busy = error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY
            if not is_busy or time.monotonic() >= deadline:
                raise
            time.sleep(LOOK)
        else:
            return str(granted)


def _make(store: Store) -> None:
    """Make the tables if there are none, in one transaction, so that one of several makes them."""
    connection = store.connection
    connection.execute("BEGIN IMMEDIATE")
    try:
        if not store.has_tables():
            make_tables(store)
        found = migrations.check(store.path, store.meta("schema"))
        migrations.bring_up(store.database, connection, found)
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


def make_tables(store: Store) -> None:
    """Make every table, index and view of a journal, and what `meta` says at first."""
    store.connection.execute(f"PRAGMA application_id = {MARK}")
    for model in TABLES:
        peewee.SchemaManager(model, store.database).create_all()
    store.connection.execute(DECISIONS)
    store.connection.executemany("INSERT INTO meta VALUES (?, ?)", _META.items())


def _lengthen(store: Store) -> None:
    """Make the log long with a transaction that is thrown away; it overflows a tiny cache."""
    log = Path(f"{store.path}-wal")
    if log.exists() and log.stat().st_size >= GROWN_BYTES:
        return
    connection = store.connection
    kept = connection.execute("PRAGMA cache_size").fetchone()[0]
    connection.execute("PRAGMA cache_size = 10")
    connection.execute("BEGIN IMMEDIATE")
    try:
        connection.execute("CREATE TABLE filling (bytes BLOB)")
        connection.execute("INSERT INTO filling VALUES (zeroblob(?))", (GROWN_BYTES,))
    finally:
        connection.execute("ROLLBACK")
    connection.execute(f"PRAGMA cache_size = {kept}")
    connection.execute("PRAGMA wal_checkpoint(RESTART)")
