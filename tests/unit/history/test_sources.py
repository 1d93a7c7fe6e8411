"""Histories as files: what is a row, where rows begin again, and what is no file of rows at all."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet
import pytest

from riskgate.errors import ConfigError
from riskgate.history import sources
from riskgate.history.sources import Place, Source, Span, opened
from tests.contract.replay.histories import as_csv, as_parquet, orders

NEWLINE = b"\r\n"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return as_csv(tmp_path / "Orders.csv", orders(9, days=1))


def lines_of(path: Path) -> list[bytes]:
    return path.read_bytes().split(NEWLINE)[:-1]


def times(source: Source, span: Span | None = None) -> list[str]:
    values: list[Any] = [batch.values["at"] for batch in source.batches(["at"], span)]
    return [at for of_batch in values for at in of_batch]


def line_of(path: Path) -> str:
    """The one line that says why a file is no history."""
    with pytest.raises(ConfigError) as raised:
        times(opened(str(path)))
    assert "\n" not in str(raised.value)
    return str(raised.value)


@pytest.mark.parametrize("batch", [1, 2, 4, 9, 8_192])
@pytest.mark.parametrize("blank", [b"\r\n", b"\n", b"\n\r\n\n"])
def test_blank_lines_are_no_rows_and_move_no_number(
    path: Path, monkeypatch: pytest.MonkeyPatch, batch: int, blank: bytes
) -> None:
    whole = times(opened(str(path)))
    path.write_bytes(blank + b"".join(line + NEWLINE + blank for line in lines_of(path)))
    monkeypatch.setattr(sources, "BATCH", batch)
    found = opened(str(path))
    places = [(one.place.row, one.size, one.ragged) for one in found.batches(["at"])]
    assert times(found) == whole
    assert places == [(row, min(batch, 9 - row), {}) for row in range(0, 9, batch)]


@pytest.mark.parametrize("batch", [1, 2, 4])
def test_a_span_is_found_again_between_blank_lines(
    path: Path, monkeypatch: pytest.MonkeyPatch, batch: int
) -> None:
    whole = times(opened(str(path)))
    path.write_bytes(b"".join(line + NEWLINE + b"\n" for line in lines_of(path)))
    monkeypatch.setattr(sources, "BATCH", batch)
    found = opened(str(path))
    for one in found.batches(["at"]):
        first = one.place.row + 1
        assert times(found, Span(first, 9, one.place)) == whole[first - 1 :]
    assert times(found, Span(3, 5, Place(0, found._start.mark))) == whole[2:5]  # type: ignore[attr-defined]


def after_a_cr(line: bytes) -> bytes:
    return line.replace(b"LMT", b"L\rT")


def too_long(line: bytes) -> bytes:
    return line.replace(b"LMT", b"L" * 131_073)


def never_closed(line: bytes) -> bytes:
    return line.replace(b"LMT", b'"LMT' + b"x" * 131_073)


def of_other_bytes(line: bytes) -> bytes:
    return line.replace(b"LMT", b"\xff")


@pytest.mark.parametrize("batch", [1, 3, 8_192])
@pytest.mark.parametrize(
    ("broken", "why"),
    [
        (after_a_cr, "has a CR that ends no line; end lines with LF or CRLF, and quote other ones"),
        (too_long, "has a cell of more than 131072 characters; is a quote never closed?"),
        (never_closed, "has a cell of more than 131072 characters; is a quote never closed?"),
        (of_other_bytes, "is no text in UTF-8"),
    ],
)
def test_what_is_no_row_of_text_is_told_with_its_number(
    path: Path,
    monkeypatch: pytest.MonkeyPatch,
    batch: int,
    broken: Callable[[bytes], bytes],
    why: str,
) -> None:
    lines = lines_of(path)
    lines[6] = broken(lines[6])
    path.write_bytes(b"\n" + NEWLINE.join(lines) + NEWLINE)
    monkeypatch.setattr(sources, "BATCH", batch)
    assert line_of(path) == f"`{path}`: row 6: {why}"


def test_lines_that_end_with_cr_alone_are_told_at_the_header(path: Path) -> None:
    path.write_bytes(path.read_bytes().replace(NEWLINE, b"\r"))
    assert line_of(path).startswith(f"`{path}`: the header: has a CR that ends no line; ")


def test_a_column_that_is_there_twice_is_refused(path: Path) -> None:
    lines = lines_of(path)
    path.write_bytes(NEWLINE.join([lines[0] + b",at", *(line + b"," for line in lines[1:])]))
    assert line_of(path) == f"`{path}` has the column `at` 2 times; keep one of them"


def test_a_column_that_is_there_twice_is_refused_in_parquet_too(tmp_path: Path) -> None:
    path = as_parquet(tmp_path / "x.parquet", orders(9, days=1))
    table = pyarrow.parquet.read_table(path)
    names = [*table.column_names, "at"]
    pyarrow.parquet.write_table(pa.table([*table.columns, table["at"]], names=names), path)
    assert line_of(path) == f"`{path}` has the column `at` 2 times; keep one of them"


def test_a_foreign_column_may_be_there_twice(path: Path, tmp_path: Path) -> None:
    whole = times(opened(str(path)))
    lines = [line + b",a,a" for line in lines_of(path)]
    path.write_bytes(NEWLINE.join(lines))
    assert times(opened(str(path))) == whole
    other = as_parquet(tmp_path / "x.parquet", orders(9, days=1))
    table = pyarrow.parquet.read_table(other)
    both = pa.table([*table.columns, *[table["at"]] * 2], names=[*table.column_names, "a", "a"])
    pyarrow.parquet.write_table(both, other)
    assert len(times(opened(str(other)))) == 9
