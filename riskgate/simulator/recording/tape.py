"""The file: a line that says what it is, then one line for each thing that was sent.

`{"at": 0.25, "connection": 1, "from": "client", "fields": ["71", "2", "1", ""]}`
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Literal

import msgspec

FORMAT = 1
MOST_ENTRIES = 2_000_000
Side = Literal["client", "server"]


class RecordingError(ValueError):
    """A recording cannot be read; the message says where and why."""


class Head(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The first line."""

    recording: str = "riskgate simulator"
    format: int = FORMAT


class Entry(msgspec.Struct, frozen=True, rename={"side": "from"}, forbid_unknown_fields=True):
    """A frame, with its offset in seconds. `hello` is a client's range of versions.

    `fields` is None for a frame that was not text; such a frame is counted but not kept.
    """

    at: float
    connection: int
    side: Side
    fields: tuple[str, ...] | None = None
    hello: tuple[int, int] | None = None


class Tape:
    """A recording as it grows. Raises FileExistsError rather than lose one."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("x", encoding="utf-8")
        self._left = MOST_ENTRIES
        self._write(Head())

    def add(self, entry: Entry) -> bool:
        """Write an entry at once; False when the file has its fill."""
        if self._left == 0:
            return False
        self._left -= 1
        self._write(entry)
        return True

    def _write(self, line: Head | Entry) -> None:
        self._file.write(msgspec.json.encode(line).decode() + "\n")
        self._file.flush()

    def close(self) -> None:
        """No more entries."""
        self._file.close()


def entries(path: Path) -> tuple[Entry, ...]:
    """Every entry of a file. Raises RecordingError, OSError."""
    with path.open("rb") as lines:
        return tuple(_read(path, lines))


def _read(path: Path, lines: Iterable[bytes]) -> Iterator[Entry]:
    number = 0
    for number, line in enumerate(lines, 1):  # an empty file has none
        where = f"{path.name}:{number}"
        if number == 1:
            _check_head(where, line)
            continue
        try:
            yield msgspec.json.decode(line, type=Entry)
        except (msgspec.DecodeError, UnicodeDecodeError) as fault:
            raise RecordingError(f"{where}: {fault}") from None
    if number == 0:
        raise RecordingError(f"{path.name}: empty: expected a recording")


def _check_head(where: str, line: bytes) -> None:
    try:
        head = msgspec.json.decode(line, type=Head)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise RecordingError(f"{where}: not a recording of the simulator") from None
    if head.format != FORMAT:
        raise RecordingError(f"{where}: format {head.format}: this version reads {FORMAT}")
