"""Lengths of time as people read them, and as policies have them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskgate.model.spans import microseconds_of, span, written
from riskgate.rulekit.parameters import duration


@pytest.mark.parametrize(
    ("length", "shown"),
    [
        (timedelta(0), "0s"),
        (timedelta(milliseconds=1500), "1s 500ms"),
        (timedelta(days=2, hours=14), "2d 14h"),
        (timedelta(hours=-10), "-10h"),
        (timedelta(microseconds=999), "0s"),
        (timedelta(microseconds=-999), "0s"),
        (timedelta(minutes=90), "1h 30m"),
    ],
)
def test_a_length_is_written_in_its_largest_units(length: timedelta, shown: str) -> None:
    assert span(length) == shown


@pytest.mark.parametrize(
    ("length", "shown"),
    [
        (timedelta(0), "0s"),
        (timedelta(days=2), "2d"),
        (timedelta(hours=36), "36h"),
        (timedelta(seconds=90), "90s"),
        (timedelta(milliseconds=4999), "4.999s"),
        (timedelta(milliseconds=500), "500ms"),
        (timedelta(microseconds=1500), "1.5ms"),
        (timedelta(microseconds=1), "0.001ms"),
    ],
)
def test_a_length_that_a_policy_sets_is_written_in_one_unit(length: timedelta, shown: str) -> None:
    assert written(length) == shown


@given(st.timedeltas(timedelta(microseconds=1), timedelta(days=9_999)))
def test_what_is_written_reads_as_the_same_length(length: timedelta) -> None:
    assert duration(written(length)) == length


@pytest.mark.parametrize(
    ("text", "microseconds"),
    [("500ms", 500_000), ("0.5s", 500_000), ("1m", 60_000_000), ("2d", 172_800_000_000)],
)
def test_a_length_is_read_in_one_unit(text: str, microseconds: int) -> None:
    assert microseconds_of(text) == microseconds


@pytest.mark.parametrize("text", ["", "5", "5 s", "-5s", "5us", "1h30m", "٣s", "1.s"])
def test_what_is_no_length_is_none(text: str) -> None:
    assert microseconds_of(text) is None
