"""Parquet files, read and written a batch at a time: the one door to pyarrow.

Rule 1: memory is flat: at most `BATCH` rows are held, never a whole file.
Rule 2: amounts are exact. They are written as decimal text, for one scale does not fit all of a
column (an average price has 28 digits); a file whose amounts are of a decimal type reads as well.
A float of half or single precision reads as the decimal that is written shortest for it.
Rule 3: importing this is cheap; pyarrow comes when a file is opened, and is told of if it is not
there.
"""

from __future__ import annotations

import errno
import io
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import islice, repeat
from pathlib import Path
from typing import Any, Final

from riskgate.errors import ConfigError
from riskgate.model.moments import EPOCH
from riskgate.model.money import text
from riskgate.model.rows import Kind as Kind  # noqa: PLC0414  # it is a name of this module too

# Of pyarrow, which has no types.
Library = Any
Metadata = Any
Batch = Any
Column = Any
Type = Any
BATCH: Final = 65_536
COMPRESSION: Final = "zstd"
TEXTS: Final = ("string", "large_string")
NARROW: Final = ("float", "halffloat")  # floats that Python has none of
# Moments that the clocks of every zone can tell, with a day to spare.
EARLIEST: Final = datetime(2, 1, 1, tzinfo=UTC)
LATEST: Final = datetime(9999, 1, 1, tzinfo=UTC)
UNITS: Final = {  # how a timestamp counts, and what that is
    "s": timedelta(seconds=1),
    "ms": timedelta(milliseconds=1),
    "us": timedelta(microseconds=1),
}
_DAMAGED: Final = "it is no parquet file, or damaged"
MISSING: Final = 'parquet files need pyarrow; install it with `pip install "riskgate-ib[parquet]"`'


class Moments(list[Any]):
    """Moments of a column without null: aware, in UTC, from `EARLIEST` to `LATEST`, each."""


class Coded:
    """A column by its different values: `words`, and which of them each row has."""

    __slots__ = ("places", "words")

    def __init__(self, words: list[Any], places: list[int]) -> None:
        self.words, self.places = words, places

    def __len__(self) -> int:
        return len(self.places)

    def __getitem__(self, rows: slice) -> Coded:
        return Coded(self.words, self.places[rows])


class _Chute(io.RawIOBase):
    """What is written to it, until it is taken; it knows how much that was in all."""

    def __init__(self) -> None:
        super().__init__()
        self._parts: list[bytes] = []
        self._told = 0

    def writable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._told

    def write(self, part: Any) -> int:  # noqa: ANN401  # any buffer
        self._parts.append(bytes(part))
        self._told += len(part)
        return len(part)

    def taken(self) -> bytes:
        parts, self._parts = self._parts, []
        return b"".join(parts)


def encoded(columns: Mapping[str, Kind], rows: Iterable[Sequence[Any]]) -> Iterator[bytes]:
    """The bytes of a file with these columns and rows, as they come.

    A `decimal` is a Decimal, a `moment` an aware datetime; None is null in any column. Raise
    ConfigError without pyarrow.
    """
    arrow = _arrow()
    types = [_type(arrow, kind) for kind in columns.values()]
    schema = arrow.schema(list(zip(columns, types, strict=True)))
    sink = _Chute()
    left = iter(rows)
    with arrow.parquet.ParquetWriter(sink, schema, compression=COMPRESSION) as writer:
        while batch := list(islice(left, BATCH)):
            arrays = [
                arrow.array(_written(kind, values), type=type_)
                for kind, type_, values in zip(
                    columns.values(), types, zip(*batch, strict=True), strict=True
                )
            ]
            writer.write_batch(arrow.record_batch(arrays, schema=schema))
            yield sink.taken()
    yield sink.taken()


def write(path: Path, columns: Mapping[str, Kind], rows: Iterable[Sequence[Any]]) -> None:
    """Write such a file whole or not at all. Raise ConfigError if it cannot be written."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with part.open("wb") as file:
            file.writelines(encoded(columns, rows))
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        raise ConfigError(f"`{path}` cannot be written: {why}; choose another path") from error
    finally:
        part.unlink(missing_ok=True)


def batches(
    path: Path,
    columns: Sequence[str] | None = None,
    start: int = 0,
    *,
    size: int | None = None,
    coded: bool = False,
) -> Iterator[list[Any]]:
    """The values of these columns, of all without them: a list for each, `size` rows at most.

    Without a size these are `BATCH`, which is much memory where columns are many. With `start` from
    that row on, counted from 0; the row groups before it are not read. Moments are aware, in UTC;
    null is None; a moment that `datetime` cannot hold is text that says so. With `coded` a column
    of text is `Coded`. Raise ConfigError for what is no such file, or has no such column, or two.
    """
    with _opened(path) as file:
        names = list(file.schema_arrow.names)
        lacking = [name for name in columns or () if name not in names]
        if lacking:
            has = ", ".join(f"`{name}`" for name in names)
            raise ConfigError(f"`{path}`: it has no column `{lacking[0]}`; it has {has}")
        wanted = list(columns or names)
        twice = [name for name in wanted if names.count(name) > 1]
        if twice:
            times = names.count(twice[0])
            raise ConfigError(f"`{path}` has the column `{twice[0]}` {times} times; keep one")
        kinds = {field.name: str(field.type) for field in file.schema_arrow}
        texts = [name for name in wanted if coded and kinds[name] in TEXTS]
        groups, before = _from(file.metadata, start)
    with _opened(path, read_dictionary=texts) as file:
        for whole in file.iter_batches(size or BATCH, row_groups=groups, columns=wanted):
            batch = whole.slice(before)
            before = max(0, before - whole.num_rows)
            if batch.num_rows:
                yield [_read(path, batch, name, coded=coded) for name in wanted]


def rows(path: Path, columns: Sequence[str] | None = None) -> Iterator[tuple[Any, ...]]:
    """The same row by row."""
    for batch in batches(path, columns):
        yield from zip(*batch, strict=True)


def columns_of(path: Path) -> tuple[str, ...]:
    """The names of its columns."""
    with _opened(path) as file:
        return tuple(file.schema_arrow.names)


def length(path: Path) -> int:
    """How many rows it has."""
    with _opened(path) as file:
        return int(file.metadata.num_rows)


def _arrow() -> Library:
    try:
        import pyarrow.parquet  # noqa: PLC0415  # an extra; named whole, as it is used
    except ImportError as error:
        raise ConfigError(MISSING) from error
    return pyarrow


@contextmanager
def _opened(path: Path, **how: Any) -> Iterator[Any]:  # noqa: ANN401  # the library's own
    arrow = _arrow()
    try:
        # A page at a time, not a whole row group: files of others may have few and large ones.
        with arrow.parquet.ParquetFile(path, pre_buffer=False, buffer_size=1 << 16, **how) as file:
            yield file
    except OSError as error:
        code = error.errno or (errno.EISDIR if Path(path).is_dir() else 0)
        if code:
            raise ConfigError(f"`{path}`: {os.strerror(code).lower()}; check the path") from error
        raise ConfigError(f"`{path}`: {_DAMAGED}: {_line(error, path)}") from error
    except arrow.ArrowException as error:
        raise ConfigError(f"`{path}`: {_DAMAGED}: {_line(error, path)}") from error


def _from(metadata: Metadata, start: int) -> tuple[list[int], int]:
    """The row groups that hold a row and all after it, and how many rows of them come before it."""
    before = start
    for group in range(metadata.num_row_groups):
        size = metadata.row_group(group).num_rows
        if before < size:
            return list(range(group, metadata.num_row_groups)), before
        before -= size
    return [], 0


def _read(path: Path, batch: Batch, name: str, *, coded: bool) -> list[Any] | Coded:
    """One column of a batch. Raise ConfigError for text that is no UTF-8, or a day too far off."""
    try:
        return _values(batch.column(name), coded=coded)
    except (ValueError, OverflowError, _arrow().ArrowException) as error:
        why = _line(error, path)
        raise ConfigError(f"`{path}`: column `{name}`: it cannot be read: {why}") from error


def _line(error: Exception, path: Path) -> str:
    """What a library said, on one line as ours begin, without the path that it may repeat."""
    first = str(error).partition("\n")[0].replace(f" '{path}'", "").rstrip(". ")
    said = first if first.isprintable() else repr(first)[1:-1]
    return said if said[:2].isupper() else f"{said[:1].lower()}{said[1:]}"


def _type(arrow: Library, kind: Kind) -> Type:
    types = {
        "text": arrow.string,
        "decimal": arrow.string,
        "moment": lambda: arrow.timestamp("us", "UTC"),
        "whole": arrow.int64,
        "flag": arrow.bool_,
    }
    return types[kind]()


def _written(kind: Kind, values: Sequence[Any]) -> Sequence[Any]:
    if kind == "decimal":
        return [None if value is None else text(value) for value in values]
    if kind == "text":
        return [None if value is None else str(value) for value in values]
    return values


def _coded(column: Column) -> Coded:
    """A column of text by its different values, of which it has fewer than rows."""
    if not _is_coded(column) or len(column.dictionary) > len(column):
        # That of a whole row group: only what is in this batch is wanted.
        column = _plain(column).dictionary_encode()
    words, places = column.dictionary.to_pylist(), column.indices
    if places.null_count:
        places = places.fill_null(len(words))
        words.append(None)
    return Coded(words, places.to_numpy().tolist())


def _plain(column: Column) -> Column:
    """A column value by value."""
    return column.dictionary_decode() if _is_coded(column) else column


def _is_coded(column: Column) -> bool:
    return str(column.type).startswith("dictionary")


def _values(column: Column, *, coded: bool = False) -> list[Any] | Coded:
    """The values of one column of a batch, as Python has them."""
    kind = str(column.type.value_type if _is_coded(column) else column.type)
    if coded and kind in TEXTS:
        return _coded(column)
    column = _plain(column)
    if kind in TEXTS:  # many times faster than value by value
        return column.to_numpy(zero_copy_only=False).tolist()  # type: ignore[no-any-return]
    if kind.startswith("timestamp"):
        return _moments(column)
    if kind in NARROW:
        # As text a float is the shortest that means it; widened as it is, 0.1 has 18 digits.
        floats = column.to_numpy(zero_copy_only=False).astype(str).astype(float).tolist()
        absent = column.is_null().to_pylist() if column.null_count else repeat(False)
        return [None if no else value for no, value in zip(absent, floats, strict=False)]
    if not column.null_count and kind.removeprefix("u").startswith(("int", "double")):
        return column.to_numpy().tolist()  # type: ignore[no-any-return]
    return column.to_pylist()  # type: ignore[no-any-return]


def _moments(column: Column) -> list[Any]:
    """Moments in UTC; in place of one that `datetime` cannot hold, how the file counts it."""
    unit = column.type.unit
    if unit != "ns":  # those are all of the years 1677 to 2262
        told = column.drop_null() if column.null_count else column
        counts = told.view("int64").to_numpy()
        first, last = ((edge - EPOCH) // UNITS[unit] for edge in (EARLIEST, LATEST))
        if len(counts) and not first <= counts.min() <= counts.max() < last:
            return [_moment(count, unit) for count in column.view("int64").to_pylist()]
    moments = column.cast(_arrow().timestamp("us"), safe=False)
    since = moments.to_numpy(zero_copy_only=False).view("m8[us]").tolist()
    if column.null_count:  # to add takes an eighth of what `replace` does
        return [None if span is None else EPOCH + span for span in since]
    return Moments(map(EPOCH.__add__, since))


def _moment(count: int | None, unit: str) -> datetime | str | None:
    """The moment that is so many units after 1970, or that in words."""
    try:
        return None if count is None else EPOCH + count * UNITS[unit]
    except OverflowError:
        return f"{count} {unit} since 1970"
