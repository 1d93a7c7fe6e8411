from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from riskgate.brokers.ib.moments import read, written

MOMENT = datetime(2026, 3, 5, 14, 30, tzinfo=UTC)
EASTERN = timezone(timedelta(hours=-5))


def test_times_go_out_in_utc_and_say_so() -> None:
    assert written(MOMENT.astimezone(EASTERN)) == "20260305-14:30:00"


@pytest.mark.parametrize(
    ("moment", "why"),
    [(MOMENT.replace(tzinfo=None), "has no zone"), (MOMENT.replace(microsecond=5), "parts of a")],
)
def test_what_ibs_form_cannot_say_is_refused(moment: datetime, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        written(moment)


@pytest.mark.parametrize(
    "text",
    [
        "20260305-14:30:00",
        "20260305-14:30",
        "20260305 14:30:00 UTC",
        "20260305 09:30:00 US/Eastern",
        "20260305  09:30:00 EST",
        " 20260305 15:30:00 Europe/Berlin ",
    ],
)
def test_a_time_that_names_its_zone_is_read(text: str) -> None:
    assert read(text) == MOMENT


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("20260305 09:30:00", "has no zone"),
        ("20260305 09:30:00 Mars/Olympus", "has no zone that is known"),
        ("20260305-09:30:00 US/Eastern", "says two zones"),
        ("20260305", "is no time"),
        ("09:30:00 US/Eastern", "is no time"),
        ("20260305-25:30:00", "does not match format"),
        ("", "is no time"),
    ],
)
def test_a_time_that_leaves_open_when_is_refused(text: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        read(text)
