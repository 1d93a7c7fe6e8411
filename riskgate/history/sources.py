"""Where a history comes from: a CSV or a Parquet file, read in batches of columns.

Rule 1: a batch can be found again: whoever works on one day begins to read there, not at the top.
Rule 2: only the columns that somebody asks for are read, and never more than a batch of them.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import BinaryIO, Final, NamedTuple, Protocol, Self

import msgspec

from riskgate import parquet
from riskgate.errors import ConfigError
from riskgate.history import columns
from riskgate.history.columns import Values
from riskgate.model.cells import MARK, meant

BATCH: Final = 8_192
QUOTE: Final = MARK.encode()
PARQUET: Final = frozenset({".parquet", ".pq"})


class Place(msgspec.Struct, frozen=True):
    """Where rows begin: so many were before them; `mark` is the source's own."""

    row: int
    mark: int


class Span(msgspec.Struct, frozen=True):
    """The rows from `first` to `last`, counted from 1, and a place before the first."""

    first: int
    last: int
    place: Place


class Batch(NamedTuple):
    """Some rows, by column as the file has them. `ragged` are rows that are none, by place."""

    place: Place
    size: int
    values: dict[str, Values]
    ragged: dict[int, str]

    def within(self, span: Span) -> Batch:
        """The rows of it that lie in a span."""
        row = self.place.row
        start, stop = max(0, span.first - 1 - row), min(self.size, span.last - row)
        if (start, stop) == (0, self.size):
            return self
        values = {name: column[start:stop] for name, column in self.values.items()}
        ragged = {n - start: why for n, why in self.ragged.items() if start <= n < stop}
        return Batch(Place(row + start, self.place.mark), max(0, stop - start), values, ragged)


class Fault(msgspec.Struct, frozen=True):
    """Why a row cannot be read. Rows are numbered from 1; a header is none."""

    row: int
    column: str
    why: str


class Source(Protocol):
    """A file of orders."""

    path: str
    columns: tuple[str, ...]
    ignored: tuple[str, ...]

    def batches(self, names: Sequence[str], span: Span | None = None) -> Iterator[Batch]:
        """These columns, batch by batch: of all rows, or of those of a span."""
        ...


class CsvSource:
    """Comma-separated values in UTF-8 with a header; places are offsets in bytes."""

    def __init__(self, path: str) -> None:
        self.path = path
        with self._opened(0) as lines:
            self._header = next(iter(self._next(_rows(lines), 1, -1)), [])
            self._start = Place(0, lines.offset)
        self.columns = columns.chosen(path, self._header)
        self.ignored = tuple(name for name in self._header if name not in self.columns)

    def batches(self, names: Sequence[str], span: Span | None = None) -> Iterator[Batch]:
        """These columns, batch by batch; a row of another length is ragged, a blank line none."""
        place = span.place if span else self._start
        where = [self._header.index(name) for name in names]
        with self._opened(place.mark) as lines:
            rows = _rows(lines)
            while batch := self._next(rows, BATCH, place.row):
                if lines.marked:
                    batch[:] = (list(map(meant, row)) for row in batch)
                ragged = self._ragged(batch)
                taken = zip(*([row[n] for n in where] for row in batch), strict=True)
                found: Iterable[Values] = taken if where else ()
                whole = Batch(place, len(batch), dict(zip(names, found, strict=True)), ragged)
                yield whole if span is None else whole.within(span)
                place = Place(place.row + len(batch), lines.offset)
                if span is not None and place.row >= span.last:
                    return

    def _next(self, rows: Iterator[list[str]], most: int, before: int) -> list[list[str]]:
        """The next rows, so many at most; -1 are before the header. Raise ConfigError."""
        found: list[list[str]] = []
        try:
            found.extend(islice(rows, most))  # in place: what it took stays when it fails
        except (csv.Error, UnicodeDecodeError) as error:
            row = before + len(found) + 1
            which = f"row {row}" if row else "the header"
            raise ConfigError(f"`{self.path}`: {which}: {_why(error)}") from None
        return found

    def _ragged(self, batch: list[list[str]]) -> dict[int, str]:
        """Rows of another length than the header, made as long as that."""
        wide = len(self._header)
        ragged = {}
        for place, row in enumerate(batch):
            if len(row) != wide:
                ragged[place] = f"has {len(row)} values, and the header {wide}"
                row[:] = [*row, *[""] * wide][:wide]
        return ragged

    def _opened(self, offset: int) -> _Lines:
        try:
            file = Path(self.path).open("rb")  # noqa: SIM115  # closed by the lines
        except OSError as error:
            raise ConfigError(f"cannot read `{self.path}`: {error.strerror}") from None
        file.seek(offset)
        return _Lines(file, offset)


def _rows(lines: Iterable[str]) -> Iterator[list[str]]:
    """The cells of each row; a blank line is none."""
    return filter(None, csv.reader(lines))


def _why(error: csv.Error | UnicodeDecodeError) -> str:
    """Why nobody can tell what a row is, or where it ends."""
    if isinstance(error, UnicodeDecodeError):
        return "is no text in UTF-8"
    said = str(error)
    if said.startswith("new-line"):
        return "has a CR that ends no line; end lines with LF or CRLF, and quote other ones"
    if said.startswith("field larger"):
        most = csv.field_size_limit()
        return f"has a cell of more than {most} characters; is a quote never closed?"
    return said


class _Lines:
    """Lines as text, and how many bytes they were. Raise UnicodeDecodeError for other bytes."""

    def __init__(self, file: BinaryIO, offset: int) -> None:
        self._file, self.offset = file, offset
        self.marked = False  # whether a cell may be one that `model.cells` has marked

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        line = next(self._file)
        first = not self.offset
        self.marked = self.marked or QUOTE in line
        self.offset += len(line)
        return line.decode("utf-8-sig" if first else "utf-8")


class ParquetSource:
    """A Parquet file; places are rows. A time without a zone is in UTC."""

    def __init__(self, path: str) -> None:
        self.path = path
        found = parquet.columns_of(Path(path))
        self.columns = columns.chosen(path, found)
        self.ignored = tuple(name for name in found if name not in self.columns)

    def batches(self, names: Sequence[str], span: Span | None = None) -> Iterator[Batch]:
        """These columns, batch by batch."""
        row = span.first - 1 if span else 0
        for values in parquet.batches(Path(self.path), names, row, size=BATCH, coded=True):
            size = len(values[0])
            whole = Batch(Place(row, row), size, dict(zip(names, values, strict=True)), {})
            yield whole if span is None else whole.within(span)
            row += size
            if span is not None and row >= span.last:
                return


def opened(path: str) -> Source:
    """The history of a file, told by the name's end. Raise ConfigError if it is none."""
    return ParquetSource(path) if Path(path).suffix.lower() in PARQUET else CsvSource(path)
