"""Times as people type them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from riskgate import periods

NOW = datetime(2026, 3, 5, 14, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "since", "until"),
    [
        ("2026-03-02", "2026-03-02T00:00Z", "2026-03-03T00:00Z"),  # a day counts whole
        ("today", "2026-03-05T00:00Z", "2026-03-06T00:00Z"),
        ("yesterday", "2026-03-04T00:00Z", "2026-03-05T00:00Z"),
        ("30d", "2026-02-03T14:30Z", "2026-02-03T14:30Z"),
        ("2w", "2026-02-19T14:30Z", "2026-02-19T14:30Z"),
        ("4h", "2026-03-05T10:30Z", "2026-03-05T10:30Z"),
        ("90s", "2026-03-05T14:28:30Z", "2026-03-05T14:28:30Z"),
        ("2026-03-02T10:00-05:00", "2026-03-02T15:00Z", "2026-03-02T15:00Z"),
        (" 2026-03-02T10:00Z ", "2026-03-02T10:00Z", "2026-03-02T10:00Z"),
        ("0001-01-01", "0001-01-01T00:00Z", "0001-01-02T00:00Z"),
        ("9999-12-31", "9999-12-31T00:00Z", "9999-12-31T23:59:59.999999Z"),  # there is no next day
    ],
)
def test_a_day_a_moment_and_a_span_back_are_read(text: str, since: str, until: str) -> None:
    assert periods.since(text, NOW) == datetime.fromisoformat(since)
    assert periods.until(text, NOW) == datetime.fromisoformat(until)


@pytest.mark.parametrize("text", ["2026-03-02", "30d", "2026-03-02T10:00-05:00"])
def test_what_is_read_is_in_utc(text: str) -> None:
    assert periods.since(text, NOW).utcoffset() == timedelta(0)


@pytest.mark.parametrize(
    "text",
    [
        *("", "yesturday", "2026-13-01", "0d", "-4h", "4 h", "99999d", "1e9w", "d", "w", "\x1b[2J"),
        *("0001-01-01T00:00+14:00", "9999-12-31T23:59-12:00"),  # in UTC they are no dates
    ],
)
def test_anything_else_is_refused_with_what_to_write(text: str) -> None:
    with pytest.raises(ValueError, match=r"is no time; write a day such as 2026-03-02") as error:
        periods.since(text, NOW)
    assert str(error.value).isprintable()


def test_a_time_without_an_offset_is_not_guessed() -> None:
    with pytest.raises(ValueError, match="has no offset; add Z for UTC"):
        periods.until("2026-03-02T10:00", NOW)
