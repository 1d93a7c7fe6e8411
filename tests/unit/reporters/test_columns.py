"""Tables that fit their terminal: what gives way, and what never does."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskgate.reporters.columns import Column, cell, cut, fitted, printable, table_lines

ROWS = [
    {"id": 1, "when": "03-02 10:00", "price": Decimal("190.01"), "why": "p/size is too large"},
    {"id": 12, "when": "03-02 10:01", "price": None, "why": ""},
]
COLUMNS = (
    Column("id", "order"),
    Column("when", "created", 2),
    Column("price", "price", 1),
    Column("why", "reason", 3, 8),
)


def drawn(width: int) -> list[str]:
    return [line.rstrip("\n") for line in table_lines(fitted(ROWS, COLUMNS, width))]


def test_with_room_everything_is_there_and_numbers_are_to_the_right() -> None:
    assert drawn(80) == [
        "order  created       price  reason",
        "    1  03-02 10:00  190.01  p/size is too large",
        "   12  03-02 10:01",
    ]


def test_words_are_shortened_before_a_column_goes() -> None:
    assert drawn(40)[1] == "    1  03-02 10:00  190.01  p/size is..."
    assert drawn(36)[0] == "order  created       price  reason"


def test_what_matters_least_goes_first() -> None:
    assert drawn(30)[0] == "order  created       price"
    assert drawn(23)[0] == "order   price  reason"  # there is room for it where `created` was
    assert drawn(13)[0] == "order   price"


def test_a_number_is_never_cut_however_narrow_it_gets() -> None:
    assert drawn(1) == ["order", "    1", "   12"]


def test_a_column_of_which_nothing_is_known_goes_before_one_that_says_something() -> None:
    rows = [{"id": 1, "dear": None, "cheap": "x" * 10}]
    columns = (Column("id", "id"), Column("dear", "dear", 1), Column("cheap", "cheap", 4))
    assert fitted(rows, columns, 14).names == ("id", "cheap")


def test_words_are_not_shortened_for_what_is_only_good_to_know() -> None:
    rows = [{"id": 1, "why": "x" * 20, "extra": 5}]
    columns = (Column("id", "id"), Column("why", "why", 1, 8), Column("extra", "extra", 9))
    assert fitted(rows, columns, 25).names == ("id", "why")
    assert fitted(rows, columns, 31).names == ("id", "why", "extra")


def test_what_is_only_good_to_know_does_not_come_where_something_dearer_had_to_go() -> None:
    rows = [{"id": 1, "dear": "x" * 20, "extra": 5}]
    columns = (Column("id", "id"), Column("dear", "dear", 3), Column("extra", "x", 9))
    assert fitted(rows, columns, 20).names == ("id",)
    assert fitted(rows, columns, 40).names == ("id", "dear", "extra")


amounts = st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-(10**9))
written = st.text(max_size=30)
some_rows = st.lists(
    st.fixed_dictionaries({"a": st.integers(0, 10**6), "b": amounts, "c": written, "d": written}),
    min_size=1,
    max_size=5,
)


@given(some_rows, st.integers(1, 120))
def test_it_fits_wherever_what_must_be_there_fits_and_every_number_is_whole(
    rows: list[dict[str, object]], width: int
) -> None:
    columns = (Column("a", "a"), Column("b", "b", 1), Column("c", "c", 2, 6), Column("d", "d", 9))
    table = fitted(rows, columns, width)
    lines = [line.rstrip("\n") for line in table_lines(table)]
    least = max(len(str(row["a"])) for row in rows)
    assert max(map(len, lines)) <= max(width, least)
    assert all(line.isprintable() for line in lines)
    for row, words in zip(rows, table.rows, strict=True):
        shown = dict(zip(table.names, words, strict=True))
        assert shown["a"] == str(row["a"])
        assert "b" not in shown or Decimal(shown["b"]) == row["b"]


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, ""),
        (Decimal("190.00"), "190"),
        (datetime(2026, 3, 2, 10, 0, 1, 5, tzinfo=UTC), "2026-03-02 10:00:01"),
        ("two\nlines\tand\x1b[31m red", "two lines and\\x1b[31m red"),
        (True, "True"),
    ],
)
def test_a_cell_is_one_line_that_steers_no_terminal(value: object, words: str) -> None:
    assert cell(value) == words


def test_what_is_cut_says_so() -> None:
    assert [cut("abcdefgh", most) for most in (8, 7, 4, 2, 0)] == [
        "abcdefgh",
        "abcd...",
        "a...",
        "..",
        "",
    ]


def test_what_is_not_printable_is_spelled_out() -> None:
    assert printable("a\u202eb") == "a\\u202eb"
