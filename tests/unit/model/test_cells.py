"""Cells of CSV files: no spreadsheet runs one, and every text comes back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskgate.model.cells import harmless, meant


@pytest.mark.parametrize(
    "said",
    [
        '=HYPERLINK("http://x","y")',
        "+1+cmd|' /C calc'!A0",
        "-2+3",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        "\n=1",
        "＝1",  # noqa: RUF001  # full width
        "-",
        "--5",
        "'=1",
    ],
)
def test_what_would_be_a_formula_is_marked(said: str) -> None:
    assert harmless(said) == f"'{said}"
    assert meant(harmless(said)) == said


@pytest.mark.parametrize("said", ["", "-5", "+5", "-0.001", "-1e-7", "1,5", "AAPL", "a=b", "'tis"])
def test_numbers_and_plain_words_stay_as_they_are(said: str) -> None:
    assert harmless(said) == meant(said) == said


@given(st.text(alphabet="'=+-@\t\r\n＝09.ae", max_size=6))  # noqa: RUF001  # same
def test_every_text_comes_back(said: str) -> None:
    assert meant(harmless(said)) == said


@pytest.mark.parametrize(
    ("cell", "text"),
    [("'=1", "=1"), ("''=1", "'=1"), ("'-5", "-5"), ("'＋1", "＋1")],  # noqa: RUF001  # full width
)
def test_a_mark_of_others_is_taken_for_a_mark(cell: str, text: str) -> None:
    assert meant(cell) == text


@pytest.mark.parametrize("cell", ["'", "''", "'5", "'tis", "'AAPL'", "' =1", "a'=1"])
def test_a_quote_that_marks_nothing_stays(cell: str) -> None:
    assert meant(cell) == cell
