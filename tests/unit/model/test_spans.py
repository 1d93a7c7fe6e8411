"""Lengths of time as people write them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from riskgate.model.spans import span


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
