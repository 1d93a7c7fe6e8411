"""Which gates are running on a journal: each holds a lock beside it, under its client id.

Rule 1: the operating system lets go of a lock when its process ends, however it ends.
Rule 2: a lock is a sign for people and commands; what protects the record is the store's own lock.
Rule 3: the file of a lock stays when its gate ends: were it taken away, one who waits for it and
one who makes it anew would both hold it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from filelock import FileLock, Timeout

from riskgate.errors import ConfigError, JournalError
from riskgate.journal.address import path_of

SIGN: Final = ".gate-"
LOCK: Final = ".lock"
PATIENCE: Final = 1.0  # seconds: somebody who only looks has the lock for a moment


class Presence:
    """The sign of one running gate."""

    def __init__(self, journal: str | Path, client_id: int) -> None:
        path = path_of(journal)
        beside = path.with_name(f"{path.name}{SIGN}{client_id}{LOCK}")
        self._lock = FileLock(beside, thread_local=False)  # any thread may close a gate
        self._client_id = client_id
        self._journal = path

    def take(self) -> None:
        """Say that we run. Raise ConfigError if a gate with this client id does already."""
        try:
            self._lock.acquire(timeout=PATIENCE)
        except Timeout:
            raise ConfigError(
                f"a gate with client id {self._client_id} runs on `{self._journal}` already;"
                " give this one another client id, or stop the other"
            ) from None
        except OSError as error:
            why = error.strerror or str(error)
            raise JournalError(
                f"journal `{self._journal}`: no lock can be made beside it: {why};"
                " make its folder writable"
            ) from error

    def leave(self) -> None:
        """We run no more."""
        self._lock.release()


def running(journal: str | Path) -> tuple[int, ...]:
    """The client ids of the gates that run on a journal."""
    path = path_of(journal)
    start = f"{path.name}{SIGN}"
    found = []
    for beside in path.parent.glob("*.lock") if path.parent.is_dir() else ():
        number = beside.name.removeprefix(start).removesuffix(LOCK)
        if beside.name.startswith(start) and number.isdecimal() and _is_held(beside):
            found.append(int(number))
    return tuple(sorted(found))


def _is_held(path: Path) -> bool:
    lock = FileLock(path)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        return True
    except OSError:
        return False
    lock.release()
    return False
