"""Parquet files are written and read a batch at a time, to the last digit."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet
import pytest

from riskgate import parquet
from riskgate.errors import ConfigError
from riskgate.model.moments import EPOCH

AT: Final = datetime.fromisoformat("2026-03-02T14:30:00.000005+00:00")
KINDS: Final[dict[str, parquet.Kind]] = {
    "name": "text",
    "price": "decimal",
    "at": "moment",
    "units": "whole",
    "ours": "flag",
}
ROWS: Final = [
    ("a", Decimal("190.123456789012345678901234567890"), AT, 3, True),
    ("", Decimal("-0.10"), AT.astimezone(UTC) + timedelta(days=9000), -(2**63), False),
    (None, None, None, None, None),
]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "rows.parquet"


def test_what_is_written_is_read_to_the_last_digit(path: Path) -> None:
    parquet.write(path, KINDS, ROWS)
    found = list(parquet.rows(path))
    assert found[0] == ("a", "190.12345678901234567890123456789", AT, 3, True)
    assert found[1] == ("", "-0.1", ROWS[1][2], -(2**63), False)
    assert found[2] == (None,) * 5
    assert found[0][2].tzinfo is UTC
    assert [type(value) for value in found[0]] == [str, str, datetime, int, bool]


def test_columns_come_in_the_order_that_is_asked(path: Path) -> None:
    parquet.write(path, KINDS, ROWS)
    assert parquet.columns_of(path) == tuple(KINDS)
    assert parquet.length(path) == 3
    assert list(parquet.rows(path, ["units", "name"]))[:1] == [(3, "a")]


def test_the_bytes_that_stream_are_the_file(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parquet, "BATCH", 100)
    many = [(f"n{place}", Decimal(place), AT, place, True) for place in range(1_050)]
    parts = list(parquet.encoded(KINDS, many))
    assert sum(bool(part) for part in parts) >= 10
    path.write_bytes(b"".join(parts))
    monkeypatch.setattr(parquet, "BATCH", 77)
    batches = list(parquet.batches(path))
    assert max(len(batch[0]) for batch in batches) <= 77
    assert [place for batch in batches for place in batch[3]] == list(range(1_050))


def test_a_file_without_rows_has_its_columns(path: Path) -> None:
    parquet.write(path, KINDS, [])
    assert parquet.columns_of(path) == tuple(KINDS)
    assert list(parquet.batches(path)) == []


def test_files_of_others_read_with_their_own_types(path: Path) -> None:
    moments = [AT.replace(tzinfo=None), None]
    table = pa.table(
        {
            "exact": pa.array([Decimal("1.50"), None], pa.decimal128(20, 2)),
            "naive": pa.array(moments, pa.timestamp("ms")),
            "fine": pa.array(moments, pa.timestamp("ns", "America/New_York")),
            "word": pa.array(["a", None]).dictionary_encode(),
            "float": [1.5, None],
            "whole": pa.array([1, 2], pa.int32()),
            "large": pa.array(["x", None], pa.large_string()),
        }
    )
    pyarrow.parquet.write_table(table, path)
    exact, naive, fine, *others = zip(*parquet.rows(path), strict=True)
    assert exact == (Decimal("1.50"), None)
    assert naive == (AT.replace(microsecond=0), None)
    assert fine == (AT, None)
    assert others == [("a", None), (1.5, None), (1, 2), ("x", None)]


def test_a_column_that_is_not_there_is_named(path: Path) -> None:
    parquet.write(path, {"name": "text"}, [("a",)])
    with pytest.raises(ConfigError, match="it has no column `price`; it has `name`"):
        list(parquet.rows(path, ["name", "price"]))


def test_what_is_no_parquet_file_is_told_in_one_line(path: Path) -> None:
    with pytest.raises(ConfigError, match="no such file or directory; check the path"):
        parquet.length(path)
    path.write_text("order_id\n1\n")
    with pytest.raises(ConfigError, match="no parquet file, or damaged") as raised:
        parquet.length(path)
    assert "\n" not in str(raised.value)


def test_a_path_is_told_as_it_is_written_and_a_directory_as_one(tmp_path: Path) -> None:
    path = tmp_path / "Mine.PARQUET"
    with pytest.raises(ConfigError) as raised:
        parquet.length(path)
    assert str(raised.value) == f"`{path}`: no such file or directory; check the path"
    path.mkdir()
    with pytest.raises(ConfigError) as raised:
        parquet.length(path)
    assert str(raised.value) == f"`{path}`: is a directory; check the path"
    path.rmdir()
    path.write_bytes(b"")
    with pytest.raises(ConfigError) as raised:
        parquet.length(path)
    assert str(raised.value).count(path.name) == 1
    assert path.name.lower() not in str(raised.value)
    assert "is no parquet file, or damaged: " in str(raised.value)


def test_a_damaged_page_is_told_with_its_cause(path: Path) -> None:
    parquet.write(path, {"name": "text"}, [(f"n{number}",) for number in range(1_000)])
    content = bytearray(path.read_bytes())
    content[60:600] = b"\xaa" * 540
    path.write_bytes(content)
    with pytest.raises(ConfigError) as raised:
        list(parquet.rows(path))
    said = str(raised.value)
    assert said.startswith(f"`{path}`: it is no parquet file, or damaged: ")
    assert "ZSTD" in said
    assert "\n" not in said


def test_a_name_that_two_columns_have_is_told_when_it_is_asked(path: Path) -> None:
    pyarrow.parquet.write_table(pa.table([[1], [2], [3]], names=["a", "b", "a"]), path)
    with pytest.raises(ConfigError) as raised:
        list(parquet.rows(path))
    assert str(raised.value) == f"`{path}` has the column `a` 2 times; keep one"
    assert list(parquet.rows(path, ["b"])) == [(2,)]


@pytest.mark.parametrize(
    ("values", "why"),
    [
        (
            pa.Array.from_buffers(pa.string(), 1, pa.array([b"\xff"]).buffers()),
            "",
        ),
        (pa.array([10**8], pa.int32()).cast(pa.date32()), "date value out of range"),
    ],
)
@pytest.mark.parametrize("coded", [True, False])
def test_values_that_python_has_none_of_are_told_with_their_column(
    path: Path, values: pa.Array, why: str, *, coded: bool
) -> None:
    pyarrow.parquet.write_table(pa.table({"of": values}), path)
    with pytest.raises(ConfigError) as raised:
        list(parquet.batches(path, coded=coded))
    said = str(raised.value)
    assert said.startswith(f"`{path}`: column `of`: it cannot be read: {why}")


@pytest.mark.parametrize("width", ["float16", "float32", "float64"])
@pytest.mark.parametrize("null", [[], [None]])
def test_a_float_of_any_width_is_the_decimal_that_is_written_shortest(
    path: Path, width: str, null: list[None]
) -> None:
    written = ["0.1", "-0.01", "190.5", "100.0", "0.0"]
    floats = pa.array(np.array([float(one) for one in written], dtype=width))
    column = pa.concat_arrays([floats, pa.array(null, floats.type)])
    pyarrow.parquet.write_table(pa.table({"f": column}), path)
    [[found]] = parquet.batches(path)
    assert [None if one is None else repr(one) for one in found] == [*written, *null]
    assert {type(one) for one in found} == {float, *map(type, null)}


@pytest.mark.parametrize("unit", ["s", "ms", "us"])
def test_a_moment_that_no_datetime_holds_is_told_in_words_and_never_another_one(
    path: Path, unit: str
) -> None:
    a_second = {"s": 1, "ms": 1_000, "us": 1_000_000}[unit]
    counts = [0, 10**18, None, -(10**18), -62_135_596_800 * a_second]
    moments = pa.array(counts, pa.int64()).cast(pa.timestamp(unit))
    found: Any = parquet._values(moments)
    if unit != "s":  # a file of Parquet has none of these
        pyarrow.parquet.write_table(pa.table({"at": moments}), path)
        [[found]] = parquet.batches(path)
    assert found[0] == EPOCH
    assert found[1] == f"{10**18} {unit} since 1970"
    assert found[2] is None
    assert found[3] == f"{-(10**18)} {unit} since 1970"
    assert found[4] == datetime(1, 1, 1, tzinfo=UTC)


def test_a_file_that_breaks_off_leaves_what_was_there(path: Path) -> None:
    path.write_text("before")

    def broken() -> Iterator[tuple[Any, ...]]:
        yield ROWS[0]
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        parquet.write(path, KINDS, broken())
    assert path.read_text() == "before"
    assert [file.name for file in path.parent.iterdir()] == [path.name]
    with pytest.raises(ConfigError, match="cannot be written: no such file"):
        parquet.write(path.parent / "absent" / "x", KINDS, ROWS)


def test_without_pyarrow_one_line_says_what_to_install(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    parquet.write(path, KINDS, ROWS)
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    wanted = r'pyarrow; install it with `pip install "riskgate-ib\[parquet\]"`$'
    for use in (lambda: list(parquet.encoded(KINDS, ROWS)), lambda: list(parquet.rows(path))):
        with pytest.raises(ConfigError, match=wanted):
            use()


def test_a_coded_column_says_the_same_by_its_different_values(path: Path) -> None:
    parquet.write(path, KINDS, [*ROWS, *ROWS])
    (plain,) = parquet.batches(path)
    (found,) = parquet.batches(path, coded=True)
    name = found[0]
    assert [name.words[place] for place in name.places] == plain[0]
    assert sorted(map(str, name.words)) == ["", "None", "a"]
    part = name[2:4]
    assert len(part) == 2
    assert [part.words[place] for place in part.places] == plain[0][2:4]
    assert found[2:] == plain[2:]


@pytest.mark.parametrize("size", [1, 2, 5, None])
def test_a_coded_column_has_no_more_words_than_rows_and_those_of_other_batches_do_no_harm(
    path: Path, size: int | None
) -> None:
    names: list[str | None] = [f"n{number % 40}" for number in range(99)]
    names[::7] = [None] * len(names[::7])
    parquet.write(path, {"name": "text"}, [(name,) for name in names])
    batches = [batch for [batch] in parquet.batches(path, size=size, coded=True)]
    assert [one.words[place] for one in batches for place in one.places] == names
    assert all(len(one.words) <= max(len(one), 40) + 1 for one in batches)


def test_a_column_that_was_written_by_its_different_values_is_read_either_way(path: Path) -> None:
    names = pa.array(["a", None, "b", "a"]).dictionary_encode()
    pyarrow.parquet.write_table(pa.table({"name": names}), path)
    [[plain]] = parquet.batches(path)
    [[coded]] = parquet.batches(path, coded=True)
    assert plain == ["a", None, "b", "a"]
    assert [coded.words[place] for place in coded.places] == plain
