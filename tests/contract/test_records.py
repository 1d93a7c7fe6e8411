"""One suite, many formats: the same rows come back out of every file for programs."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final

import pytest

from riskgate.reporters import formats, reporter
from riskgate.reporters.columns import Column, Sheet

AT: Final = datetime(2026, 3, 2, 15, 0, 0, 123456, tzinfo=UTC)
NASTY: Final = 'a "b", c\nd;\x1b[31m=1+1 é'
ROWS: Final = (
    {"n": 1, "amount": Decimal("190.0100000000000000000001"), "at": AT, "said": NASTY, "on": True},
    {"n": 2, "amount": Decimal("-1E+3"), "at": None, "said": "", "on": False},
    {"n": 3, "amount": None, "at": AT, "said": None, "on": None},
)
SHEET: Final = Sheet(
    (Column("n", "number"), Column("said", "said", 1, 8)),
    {"n": "whole", "amount": "decimal", "at": "moment", "said": "text", "on": "flag"},
)
PROGRAMS: Final = [name for name in formats("records") if name != "text"]
Rows = Iterable[Mapping[str, Any]]


def written(name: str, rows: Rows = ROWS) -> bytes:
    parts = reporter(name).records(rows, SHEET)
    return b"".join(part if isinstance(part, bytes) else part.encode() for part in parts)


def read(name: str, file: bytes) -> list[dict[str, Any]]:
    if name == "parquet":
        arrow = pytest.importorskip("pyarrow.parquet")
        rows: list[dict[str, Any]] = arrow.read_table(io.BytesIO(file)).to_pylist()
        return rows
    text = file.decode()
    if name == "csv":
        return list(csv.DictReader(io.StringIO(text, newline="")))
    return [json.loads(line) for line in text.splitlines()] if name == "jsonl" else json.loads(text)


def test_these_formats_write_rows_text_first() -> None:
    assert formats("records") == ["text", "csv", "json", "jsonl", "parquet"]


@pytest.mark.parametrize("name", PROGRAMS)
def test_every_digit_every_microsecond_and_every_character_comes_back(name: str) -> None:
    first, second, third = read(name, written(name))
    assert Decimal(first["amount"]) == ROWS[0]["amount"]
    assert Decimal(second["amount"]) == -1000
    at = first["at"]
    assert (at if isinstance(at, datetime) else datetime.fromisoformat(at)) == AT
    assert first["said"] == NASTY
    assert [str(row["n"]) for row in (first, second, third)] == ["1", "2", "3"]
    assert third["amount"] in {None, ""}


@pytest.mark.parametrize("name", ["json", "jsonl", "parquet"])
def test_nothing_and_empty_words_are_told_apart(name: str) -> None:
    _, second, third = read(name, written(name))
    assert (second["said"], third["said"], third["on"]) == ("", None, None)


@pytest.mark.parametrize("name", PROGRAMS)
def test_no_rows_are_a_file_all_the_same(name: str) -> None:
    assert read(name, written(name, ())) == []


@pytest.mark.parametrize("name", ["csv", "parquet"])
def test_the_columns_are_there_without_rows(name: str) -> None:
    file = written(name, ())
    if name == "csv":
        assert file == b"n,amount,at,said,on\n"
        return
    arrow = pytest.importorskip("pyarrow.parquet")
    assert arrow.read_schema(io.BytesIO(file)).names == list(SHEET.fields)


@pytest.mark.parametrize("name", ["csv", "json", "jsonl"])
def test_rows_stream_one_at_a_time(name: str) -> None:
    asked: list[Any] = []

    def rows() -> Iterator[Mapping[str, Any]]:
        for row in ROWS:
            asked.append(row["n"])
            yield row

    parts = reporter(name).records(rows(), SHEET)
    assert next(parts)
    assert asked == [1]


def test_text_is_a_table_on_plain_lines() -> None:
    lines = written("text").decode().splitlines()
    assert lines[0] == "number  said"
    assert all(line.isprintable() for line in lines)
    assert len(lines) == 1 + len(ROWS)
