"""Moments as text: always UTC, whatever zone they come in."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from riskgate.model.moments import EPOCH, sortable, to_the_microsecond, to_the_second

TEN_IN_NEW_YORK = datetime(2026, 3, 2, 10, 0, 0, 7, tzinfo=ZoneInfo("America/New_York"))


def test_people_read_utc_and_it_says_so() -> None:
    assert to_the_second(TEN_IN_NEW_YORK) == "2026-03-02 15:00:00 UTC"
    assert to_the_microsecond(TEN_IN_NEW_YORK) == "2026-03-02 15:00:00.000007 UTC"


def test_what_is_kept_sorts_as_time_does() -> None:
    assert sortable(TEN_IN_NEW_YORK) == "2026-03-02T15:00:00.000007Z"
    moments = [EPOCH + timedelta(microseconds=10**n) for n in range(16)]
    assert sorted(map(sortable, moments)) == list(map(sortable, moments))
