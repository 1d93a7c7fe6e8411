"""The first hundred bytes of a journal's file, which say nothing of its content and must be right.

SQLite passes over most of them, so that a change here would go unnoticed until it matters.
Source: https://www.sqlite.org/fileformat2.html#the_database_header
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from riskgate.journal import raw
from riskgate.journal.slack import MARK, unsigned

LENGTH: Final = 100
SIZES: Final = frozenset(512 << power for power in range(8))
VERSIONS: Final = range(3_007_000, 4_000_000)  # SQLite with write-ahead logs, before another format
# (offset, what must stand there, what it is)
FIXED: Final = (
    (0, b"SQLite format 3\0", "the mark of SQLite"),
    (18, b"\2\2", "the mark of a write-ahead log"),
    (20, b"\0\x40\x20\x20", "the space in each page"),
    (44, b"\0\0\0\4", "the format of the tables"),
    (48, bytes(8), "the size of a cache, and whether the file shrinks"),
    (56, b"\0\0\0\1", "the encoding of text"),
    (60, bytes(8), "what is not used"),
    (72, bytes(20), "what is not used"),
)


def faults(path: Path, head: bytes) -> Iterator[str]:
    """What is not as it was written, of a file whose log is empty."""
    if len(head) < LENGTH:
        yield f"the file has {len(head)} bytes; it was cut off"
        return
    for offset, bytes_, what in FIXED:
        if head[offset : offset + len(bytes_)] != bytes_:
            yield f"the file's head was changed: {what} (byte {offset})"
    if unsigned(head, 68) not in (0, MARK):  # 0 in files of older versions
        yield "the file's head was changed: whose it is (byte 68)"
    size, pages = page_size(head), unsigned(head, 28)
    length = path.stat().st_size
    if size not in SIZES or size * pages != length:
        yield f"the file has {length:,} bytes where its head says {pages:,} pages of {size:,}"
    if bool(unsigned(head, 32)) != bool(unsigned(head, 36)):
        yield "the file's head was changed: the list of free pages (bytes 32 and 36)"
    if unsigned(head, 24) != unsigned(head, 92):
        yield "the file's head was changed: the count of changes (bytes 24 and 92)"
    if unsigned(head, 96) not in VERSIONS:
        yield "the file's head was changed: the version of SQLite (byte 96)"


def page_size(head: bytes) -> int:
    """The bytes of a page."""
    size = unsigned(head, 16, 2)
    return 65_536 if size == 1 else size


def is_marked(head: bytes) -> bool:
    """Whether the file was always written so that nothing stands where nothing should be."""
    return unsigned(head, 68) == MARK


def read(path: Path) -> bytes | None:
    """The head of a file whose log is empty; None where the log may hold a newer one."""
    log = Path(f"{path}-wal")
    if log.exists() and log.stat().st_size:
        return None
    with raw.reading(path) as descriptor:
        return os.pread(descriptor, LENGTH, 0)


def cookie(connection: sqlite3.Connection) -> int:
    """How often the tables were changed."""
    return int(connection.execute("PRAGMA schema_version").fetchone()[0])
