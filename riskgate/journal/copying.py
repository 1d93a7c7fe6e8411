"""A whole copy of a journal that may be in use: for a backup, and to put one back.

Rule 1: SQLite itself copies, as of one moment; what is written meanwhile is in it whole or not.
Rule 2: the copy is a journal as it was written: SQLite counts a copy as a change of the tables, and
that count is put back, so that the copy verifies byte by byte.
Rule 3: a file is whole or not there, and nothing that exists is written over.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Final

from riskgate.errors import ConfigError, JournalError
from riskgate.journal import header
from riskgate.journal.address import path_of
from riskgate.journal.auditing import WAIT, reachable
from riskgate.journal.faults import told
from riskgate.journal.store import open_to_read

BESIDE: Final = ("-wal", "-shm", "-journal")


def copy(path_or_url: str | Path, to: Path) -> None:
    """Copy a journal into a new file, and flush it.

    Raise JournalError if the journal cannot be read, ConfigError if the file exists or cannot be
    written.
    """
    path = path_of(path_or_url)
    reachable(path)
    if to.exists():
        raise ConfigError(f"`{to}` exists; it is left as it is: choose another path")
    part = to.with_name(f".{to.name}.{os.getpid()}.part")
    try:
        _copied(path, part)
        _flushed(part)
        os.link(part, to)  # not `rename`: that would write over a file that came meanwhile
    except FileExistsError:
        raise ConfigError(f"`{to}` exists; it is left as it is: choose another path") from None
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        raise ConfigError(f"cannot write `{to}`: {why}") from None
    finally:
        for ending in ("", *BESIDE):
            Path(f"{part}{ending}").unlink(missing_ok=True)


def _copied(path: Path, part: Path) -> None:
    """The pages, and the count of changes of the tables as it was."""
    store = open_to_read(path, WAIT)
    try:
        with told(path, WAIT), closing(sqlite3.connect(part)) as made:
            count = header.cookie(store.connection)
            store.connection.backup(made)
            made.execute(f"PRAGMA schema_version = {count}")
            made.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    except JournalError as error:
        if not os.access(part.parent, os.W_OK):
            raise ConfigError(f"cannot write into `{part.parent}`; check the path") from error
        raise
    finally:
        store.close()


def _flushed(part: Path) -> None:
    with part.open("rb") as file:
        os.fsync(file.fileno())
