"""The bytes of a journal's file, read so that what this process has locked stays locked.

SQLite locks with the locks of POSIX, and there a process that closes any descriptor of a file lets
go of all its locks on it, those of its open connections too; another process may then take away a
log that is still written to. So a descriptor that was opened here is not closed while a connection
of ours is open: it is kept for the next reader until the last one is closed, as SQLite keeps its
own.
Source: https://www.sqlite.org/howtocorrupt.html, section 2.2.

Rule 1: nothing else in the package opens the file of a journal, or closes a descriptor of it.
Rule 2: never `mmap`: it makes a descriptor of its own, and closes it.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import RLock

Identity = tuple[int, int]  # of a file: its device, and its number there

_guard = RLock()  # a signal may come while it is held
_connected: Counter[Identity] = Counter()
_kept: dict[Identity, list[int]] = {}


def connected(connect: Callable[[], Identity | None]) -> Identity | None:
    """Connect; until `disconnected` no descriptor of that file is closed. None is no file."""
    with _guard:
        identity = connect()
        if identity is not None:
            _connected[identity] += 1
    return identity


def disconnected(identity: Identity | None) -> None:
    """One connection to the file was closed; after the last one nothing is locked any more."""
    with _guard:
        if identity is None:
            return
        _connected[identity] -= 1
        if not _connected[identity]:
            del _connected[identity]
            for descriptor in _kept.pop(identity, ()):
                os.close(descriptor)


@contextmanager
def reading(path: Path) -> Iterator[int]:
    """A descriptor to read the file with `os.pread`. Raise OSError where it cannot be opened."""
    descriptor = _taken(path)
    try:
        yield descriptor
    finally:
        _put_back(descriptor)


def _taken(path: Path) -> int:
    with _guard:
        kept = _kept.get(_identity(path.stat()))
        return kept.pop() if kept else os.open(path, os.O_RDONLY)


def _put_back(descriptor: int) -> None:
    with _guard:
        identity = _identity(os.fstat(descriptor))
        if identity in _connected:
            _kept.setdefault(identity, []).append(descriptor)
        else:
            os.close(descriptor)


def _identity(found: os.stat_result) -> Identity:
    return found.st_dev, found.st_ino


def _forget() -> None:
    """A process made by `fork` has none of the locks; nobody there may use what was open."""
    _connected.clear()
    _kept.clear()
    _guard.release()


if hasattr(os, "register_at_fork"):  # while another thread holds the guard, none is made
    os.register_at_fork(
        before=_guard.acquire, after_in_parent=_guard.release, after_in_child=_forget
    )
