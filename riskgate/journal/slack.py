"""The bytes of the pages of events that hold nothing: they must be zero, as the gate leaves them.

Events are only ever added at the end, so the rest of a page stays as it was when the page was made,
and `secure_delete` sees to it that it was made of zeros. Pages of other tables and of indexes are
moved about by SQLite, which leaves there what it likes.

Rule 1: the structure has been found sound by SQLite before; here it is only walked.
Rule 2: only files that were always written so are judged: `MARK` in their head says it.
Source: https://www.sqlite.org/fileformat2.html, sections 1.5 and 1.6.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from riskgate.journal import raw

MARK: Final = 0x52474A31  # `RGJ1`, the application id of a file
INNER: Final = 5  # the first byte of a page of a table that leads to others
MORE: Final = 0x80  # the bit of a byte that another follows


def faults(path: Path, root: int, size: int) -> Iterator[str]:
    """The pages of the table at `root` with something where nothing should be."""
    with raw.reading(path) as descriptor:
        walker = _Walker(descriptor, size)
        yield from (
            f"page {number} holds something where nothing should be"
            for number in walker.dirty(root)
        )


class _Walker:
    """Walks the pages of a table, and notes those that hold something beside their cells."""

    def __init__(self, descriptor: int, size: int) -> None:
        self._descriptor = descriptor
        self._size = size
        self._zeros = bytes(size)

    def dirty(self, root: int) -> Iterator[int]:
        """The leaves, and what overflows them, that are not clean."""
        todo = [root]
        while todo:
            number = todo.pop()
            page = self._page(number)
            count = unsigned(page, 3, 2)
            first = 12 if page[0] == INNER else 8
            cells = [unsigned(page, first + 2 * place, 2) for place in range(count)]
            if page[0] == INNER:
                todo += [unsigned(page, 8), *(unsigned(page, cell) for cell in cells)]
                continue
            used = sorted(self._cell(page, cell) for cell in cells)
            if not self._is_clean(page, [(0, first + 2 * count, 0), *used]):
                yield number
            for _, end, over in used:
                yield from self._overflow(unsigned(page, end - 4) if over else 0, over)

    def _page(self, number: int) -> bytes:
        """One page; they count from 1."""
        return os.pread(self._descriptor, self._size, (number - 1) * self._size)

    def _cell(self, page: bytes, at: int) -> tuple[int, int, int]:
        """Where a cell begins and ends, and how much of its payload stands on other pages."""
        payload, place = _varint(page, at)
        _, place = _varint(page, place)
        most = self._size - 35
        if payload <= most:
            return at, max(place + payload, at + 4), 0
        least = (self._size - 12) * 32 // 255 - 23
        local = least + (payload - least) % (self._size - 4)
        local = local if local <= most else least
        return at, place + local + 4, payload - local

    def _overflow(self, number: int, left: int) -> Iterator[int]:
        """The pages of one chain that hold more than its payload."""
        while left > 0 and number:
            page = self._page(number)
            end = 4 + min(left, self._size - 4)
            if page[end:] != self._zeros[end:]:
                yield number
            left, number = left - (self._size - 4), unsigned(page, 0)

    def _is_clean(self, page: bytes, used: list[tuple[int, int, int]]) -> bool:
        at = 0
        for start, end, _ in used:
            if page[at:start] != self._zeros[at:start]:
                return False
            at = max(at, end)
        return page[at:] == self._zeros[at:]


def unsigned(page: bytes, at: int, size: int = 4) -> int:
    """What stands at a place of a page, in so many bytes."""
    return int.from_bytes(page[at : at + size])


def _varint(page: bytes, at: int) -> tuple[int, int]:
    value = 0
    for place in range(at, at + 8):
        value = value << 7 | page[place] & ~MORE
        if not page[place] & MORE:
            return value, place + 1
    return value << 8 | page[at + 8], at + 9
