"""What went wrong with the store, in words that name the cause and the next step.

Rule 1: whoever uses the store sees a JournalError or a JournalLocked, never the library's own.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Final

import peewee

from riskgate.errors import JournalError, JournalLocked

# SQLite's primary result codes: https://www.sqlite.org/rescode.html
CAUSES: Final = {
    "FULL": "the disk is full; make room, then try again",
    "READONLY": "it is read-only; give this user write access to the file and its folder",
    "PERM": "access was refused; give this user write access to the file and its folder",
    "NOTADB": "it is not a journal (not an SQLite database); check the path, or move the file away",
    "CORRUPT": (
        "the file is damaged; stop the gate, keep a copy, run `riskgate audit verify`,"
        " and restore the last good copy"
    ),
    "IOERR": "the disk failed to read or write; check the disk, then start the gate again",
}
HELD: Final = "find it with `lsof` or wait until it is done, then try again"


@contextmanager
def told(path: Path, wait: timedelta) -> Iterator[None]:
    """Turn the store's errors into ours."""
    try:
        yield
    except sqlite3.Error as error:
        raise fault(path, wait, error) from error
    except UnicodeDecodeError as error:  # the store names a table that damage gave an odd name
        raise JournalError(f"journal `{path}`: {CAUSES['CORRUPT']}") from error
    except peewee.PeeweeException as error:
        cause = error.__context__
        raise fault(path, wait, cause if isinstance(cause, sqlite3.Error) else error) from error


def fault(path: Path, wait: timedelta, error: Exception) -> JournalError:
    """Our error for one of the store's, or for text that it cannot hold."""
    if isinstance(error, UnicodeEncodeError):
        why = f"text that is not Unicode cannot be recorded ({error}); mend that text"
        return JournalError(f"journal `{path}`: {why}")
    code = getattr(error, "sqlite_errorname", "").removeprefix("SQLITE_").partition("_")[0]
    if code in {"BUSY", "LOCKED"}:
        return locked(path, wait, "process")
    is_unopened = code == "CANTOPEN" or path.is_dir()
    cause = _why_unopened(path) if is_unopened else CAUSES.get(code, "")
    unforeseen = f"the store failed: {error}; check the file and its disk, then try again"
    return JournalError(f"journal `{path}`: {cause or unforeseen}")


def printable(found: object) -> str:
    """What SQLite says of a damaged file on one line; damage may have given tables any name."""
    return ascii(" ".join(str(found).split()))[1:-1]


def is_damage(error: sqlite3.Error) -> bool:
    """Whether the file itself is broken, and not the way to it."""
    return getattr(error, "sqlite_errorname", "").startswith(("SQLITE_CORRUPT", "SQLITE_IOERR"))


def locked(path: Path, wait: timedelta, who: str) -> JournalLocked:
    """The error for a lock that was not had in time."""
    seconds = f"{wait.total_seconds():g} s"
    held = f"another {who} has held it for more than {seconds}; nothing was recorded"
    return JournalLocked(f"journal `{path}`: {held}; {HELD}")


def _why_unopened(path: Path) -> str:
    """Why the file cannot be opened; the store itself says only that it cannot."""
    folder = path.parent
    if path.is_dir():
        return "it is a folder; name a file in it"
    if folder.exists() and not folder.is_dir():
        return f"`{folder}` is not a directory; check the path"
    if not folder.exists():
        return f"the folder `{folder}` does not exist; create it, then try again"
    return "access was refused; give this user write access to the file and its folder"
