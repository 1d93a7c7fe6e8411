"""Phases, windows and the broker's text, on hand-made sessions."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest

from riskgate.errors import MissingData
from riskgate.model.hours import (
    ALWAYS,
    Hours,
    TradingSession,
    in_daily_window,
    known_at,
    parse_ib_hours,
    phase,
    phase_within,
    session_at,
    since_open,
    stretch,
    until_close,
    until_days_close,
)

NEW_YORK = "America/New_York"
PRE = time(4)
POST = time(20)


def utc(text: str) -> datetime:
    """2026-03-02T14:30 as a moment in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def session(day: str, opens: str, closes: str, *lunch: str) -> TradingSession:
    start, end = (utc(moment) for moment in lunch) if lunch else (None, None)
    return TradingSession(date.fromisoformat(day), utc(opens), utc(closes), start, end)


FRIDAY = session("2026-03-06", "2026-03-06T14:30", "2026-03-06T21:00")  # New York at UTC-5
MONDAY = session("2026-03-09", "2026-03-09T13:30", "2026-03-09T20:00")  # New York at UTC-4
STOCKS = Hours("XNYS", NEW_YORK, (FRIDAY, MONDAY))
LUNCH = Hours(
    "XHKG",
    "Asia/Hong_Kong",
    (
        session(
            "2026-03-02",
            "2026-03-02T01:30",
            "2026-03-02T08:00",
            "2026-03-02T04:00",
            "2026-03-02T05:00",
        ),
    ),
)
FUTURES = Hours(
    "CMES",
    "America/Chicago",
    (session("2026-03-03", "2026-03-02T23:00", "2026-03-03T22:00"),),
)


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        ("2026-03-06T14:29:59.999999", "pre"),
        ("2026-03-06T14:30", "regular"),
        ("2026-03-06T20:59:59.999999", "regular"),
        ("2026-03-06T21:00", "post"),
    ],
)
def test_the_open_is_inside_and_the_close_is_outside(at: str, expected: str) -> None:
    assert phase(STOCKS, utc(at), PRE, POST) == expected


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        ("2026-03-06T08:59:59", "closed"),
        ("2026-03-06T09:00", "pre"),  # 04:00 at UTC-5
        ("2026-03-07T00:59:59", "post"),  # 19:59:59 at UTC-5, the next day in UTC
        ("2026-03-07T01:00", "closed"),
        ("2026-03-09T07:59:59", "closed"),
        ("2026-03-09T08:00", "pre"),  # 04:00 at UTC-4
        ("2026-03-09T23:59:59", "post"),
        ("2026-03-10T00:00", "closed"),  # 20:00 at UTC-4
    ],
)
def test_pre_and_post_follow_the_clocks_on_the_wall(at: str, expected: str) -> None:
    assert phase(STOCKS, utc(at), PRE, POST) == expected


@pytest.mark.parametrize(
    ("day", "opens", "closes", "starts", "ends"),
    [
        # spring: 01:30 is still at UTC-5, 20:00 is at UTC-4
        ("2026-03-08", "2026-03-08T13:30", "2026-03-08T20:00", "06:30", "00:00"),
        # autumn: the first 01:30 is at UTC-4, 20:00 is at UTC-5
        ("2026-11-01", "2026-11-01T14:30", "2026-11-01T21:00", "05:30", "01:00"),
    ],
)
def test_a_session_on_the_day_the_clocks_change(
    day: str, opens: str, closes: str, starts: str, ends: str
) -> None:
    hours = Hours("X", NEW_YORK, (session(day, opens, closes),))
    first = utc(f"{day}T{starts}")
    after = utc(f"{day}T{ends}") + timedelta(days=1)
    second = timedelta(seconds=1)
    moments = (first - second, first, after - second, after)
    found = [phase(hours, at, time(1, 30), POST) for at in moments]
    assert found == ["closed", "pre", "post", "closed"]


def test_on_a_half_day_post_starts_at_the_early_close() -> None:
    half = Hours("XNYS", NEW_YORK, (session("2025-11-28", "2025-11-28T14:30", "2025-11-28T18:00"),))
    assert phase(half, utc("2025-11-28T17:59"), PRE, POST) == "regular"
    assert phase(half, utc("2025-11-28T18:00"), PRE, POST) == "post"


def test_without_pre_and_post_everything_outside_the_session_is_closed() -> None:
    assert phase(STOCKS, utc("2026-03-06T14:00")) == "closed"
    assert phase(STOCKS, utc("2026-03-06T21:00")) == "closed"


def test_a_day_without_a_session_has_no_pre_and_no_post() -> None:
    assert phase(STOCKS, utc("2026-03-07T14:00"), PRE, POST) == "closed"


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        ("2026-03-02T03:59", "regular"),
        ("2026-03-02T04:00", "break"),
        ("2026-03-02T04:59", "break"),
        ("2026-03-02T05:00", "regular"),
    ],
)
def test_lunch_is_a_break(at: str, expected: str) -> None:
    assert phase(LUNCH, utc(at), PRE, POST) == expected


def test_open_and_close_of_a_session_day_are_not_those_of_lunch() -> None:
    at = utc("2026-03-02T05:00")
    assert session_at(LUNCH, at) == LUNCH.sessions[0]
    assert since_open(LUNCH, at) == timedelta(hours=3, minutes=30)
    assert until_close(LUNCH, at) == timedelta(hours=3)


def test_outside_a_session_there_is_no_open_and_no_close() -> None:
    at = utc("2026-03-02T08:00")
    assert session_at(LUNCH, at) is None
    assert since_open(LUNCH, at) is None
    assert until_close(LUNCH, at) is None


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        ("2026-03-02T22:59", "closed"),
        ("2026-03-02T23:00", "regular"),  # 17:00 in Chicago, the evening before
        ("2026-03-03T06:00", "regular"),  # midnight in Chicago
        ("2026-03-03T22:00", "post"),
    ],
)
def test_a_futures_session_opens_on_the_evening_before(at: str, expected: str) -> None:
    assert phase(FUTURES, utc(at), PRE, POST) == expected


@pytest.mark.parametrize(
    ("at", "hours"),
    [
        ("2026-03-06T06:00", 15),
        ("2026-03-06T14:30", 6.5),
        ("2026-03-06T21:00", None),
        ("2026-03-07T15:00", None),
        ("2026-03-09T12:00", 8),
    ],
)
def test_a_days_close_lies_ahead_from_its_midnight_on(at: str, hours: float | None) -> None:
    left = None if hours is None else timedelta(hours=hours)
    assert until_days_close(STOCKS, utc(at)) == left


def test_since_open_counts_across_midnight() -> None:
    assert since_open(FUTURES, utc("2026-03-03T06:00")) == timedelta(hours=7)


def test_always_is_regular_at_any_moment() -> None:
    for at in ("1999-12-31T23:59", "2026-03-08T07:00", "2100-01-01T00:00"):
        assert phase(ALWAYS, utc(at), PRE, POST) == "regular"


def test_unknown_hours_are_never_open() -> None:
    unknown = Hours("XNYS", NEW_YORK, (FRIDAY,), known=False)
    at = utc("2026-03-06T15:00")
    assert not known_at(unknown, at)
    for ask in (phase, session_at, since_open, until_close, until_days_close):
        with pytest.raises(MissingData, match="`XNYS`: no hours are known") as caught:
            ask(unknown, at)
        assert caught.value.code == "NO_HOURS"


@pytest.mark.parametrize(
    ("at", "start", "end", "expected"),
    [
        ("2026-03-03T04:43:59", time(23, 44), time(23, 47), False),
        ("2026-03-03T04:44", time(23, 44), time(23, 47), True),
        ("2026-03-03T04:47", time(23, 44), time(23, 47), False),
        ("2026-03-03T04:59", time(23, 59), time(0, 10), True),  # crosses midnight
        ("2026-03-03T05:09", time(23, 59), time(0, 10), True),
        ("2026-03-03T05:10", time(23, 59), time(0, 10), False),
        ("2026-03-03T17:00", time(12), time(12), True),  # the whole day
        ("2026-07-03T03:44", time(23, 44), time(23, 47), True),  # summer time
    ],
)
def test_a_daily_window_is_on_the_wall_clock_of_its_zone(
    at: str, start: time, end: time, *, expected: bool
) -> None:
    assert in_daily_window(utc(at), NEW_YORK, start, end) is expected


def test_the_new_form_of_the_brokers_text() -> None:
    hours = parse_ib_hours("20260302:0930-20260302:1600;20260303:CLOSED;", NEW_YORK)
    assert hours.sessions == (session("2026-03-02", "2026-03-02T14:30", "2026-03-02T21:00"),)
    assert (hours.calendar, hours.zone, hours.known) == ("IB", NEW_YORK, True)
    assert phase(hours, utc("2026-03-03T15:00")) == "closed"


def test_the_old_form_of_the_brokers_text() -> None:
    hours = parse_ib_hours("20260302:0930-1600,1700-2000", NEW_YORK, "ES")
    assert hours.sessions == (
        session(
            "2026-03-02",
            "2026-03-02T14:30",
            "2026-03-03T01:00",
            "2026-03-02T21:00",
            "2026-03-02T22:00",
        ),
    )
    assert hours.calendar == "ES"


def test_parts_of_a_day_may_come_as_entries_of_their_own() -> None:
    one = parse_ib_hours("20260302:0930-20260302:1200;20260302:1300-20260302:1600", NEW_YORK)
    two = parse_ib_hours("20260302:0930-20260302:1200,20260302:1300-20260302:1600", NEW_YORK)
    assert one == two
    assert phase(one, utc("2026-03-02T17:30")) == "break"


def test_a_day_of_three_parts_has_two_breaks() -> None:
    hours = parse_ib_hours("20260302:0900-1015,1030-1130,1330-1500", "Asia/Shanghai")
    moments = ("01:00", "02:15", "02:30", "03:30", "05:29", "05:30", "07:00")
    found = [phase(hours, utc(f"2026-03-02T{moment}")) for moment in moments]
    assert found == ["regular", "break", "regular", "break", "break", "regular", "closed"]
    assert until_close(hours, utc("2026-03-02T04:00")) == timedelta(hours=3)


def test_parts_that_touch_make_no_break() -> None:
    hours = parse_ib_hours("20260302:0700-1830,1830-2330", NEW_YORK)
    assert hours.sessions[0].break_start is None


def test_a_night_session_belongs_to_the_day_it_closes_on() -> None:
    hours = parse_ib_hours("20260302:1700-20260303:1600", "America/Chicago")
    assert hours.sessions == FUTURES.sessions
    assert (hours.first, hours.last) == (date(2026, 3, 2), date(2026, 3, 3))


def test_a_session_that_closes_at_midnight_belongs_to_the_day_it_ends() -> None:
    hours = parse_ib_hours("20260302:0000-20260303:0000", "UTC")
    assert hours.sessions[0].day == date(2026, 3, 2)


def test_nothing_is_known_outside_the_days_of_the_text() -> None:
    hours = parse_ib_hours("20260302:0930-20260302:1600;20260304:CLOSED", NEW_YORK)
    days = ("2026-03-02T04:59", "2026-03-02T05:00", "2026-03-05T04:59", "2026-03-05T05:00")
    assert [known_at(hours, utc(day)) for day in days] == [False, True, True, False]
    with pytest.raises(MissingData):
        phase(hours, utc("2026-03-05T15:00"))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "text is empty"),
        (" ; ", "text is empty"),
        ("rubbish", "expected `YYYYMMDD:...`; found `rubbish`"),
        ("20260302", "found `20260302`"),
        ("20260302:09:30-16:00", "expected `HHMM-YYYYMMDD:HHMM`; found `20260302:09:30-16:00`"),
        ("20260302:0930", "expected `HHMM-YYYYMMDD:HHMM`"),
        ("20260302:0930-1600,", "expected `HHMM-YYYYMMDD:HHMM`"),
        ("20261302:CLOSED", "`20261302:0000` is no time"),
        ("20260302:0930-2500", "`20260302:2500` is no time"),
        ("20260302:1700-1600", "`1700-1600` ends before it starts"),
        ("20260302:0930-1600;20260302:1559-1700", "two stretches overlap at 2026-03-02 15:59"),
        ("2026030\u0662:CLOSED", "expected `YYYYMMDD:...`"),
    ],
)
def test_bad_text_is_refused_with_what_is_wrong(text: str, message: str) -> None:
    with pytest.raises(ValueError, match="trading hours") as caught:
        parse_ib_hours(text, NEW_YORK)
    assert message in str(caught.value)


@pytest.mark.parametrize("zone", ["Mars/Olympus", "", "../etc", "EST", "JST"])
def test_a_zone_that_names_no_place_is_refused(zone: str) -> None:
    with pytest.raises(ValueError, match=f"time zone `{zone}`"):
        parse_ib_hours("20260302:CLOSED", zone)


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        ("2026-03-02T08:59", "closed"),
        ("2026-03-02T09:00", "pre"),
        ("2026-03-02T14:30", "regular"),
        ("2026-03-02T21:00", "post"),
        ("2026-03-03T01:00", "closed"),
        ("2026-03-03T15:00", "closed"),  # trading without regular hours
    ],
)
def test_long_hours_around_the_regular_ones_are_pre_and_post(at: str, expected: str) -> None:
    liquid = parse_ib_hours("20260302:0930-20260302:1600;20260303:CLOSED", NEW_YORK)
    trading = parse_ib_hours("20260302:0400-20260302:2000;20260303:0400-20260303:2000", NEW_YORK)
    assert phase_within(liquid, trading, utc(at)) == expected


def test_a_stretch_of_trading_ends_at_the_next_pause_and_starts_after_the_last() -> None:
    day = date(2026, 3, 2)
    edges = [datetime(2026, 3, 2, hour, tzinfo=UTC) for hour in (1, 3, 4, 6, 7, 9)]
    parts = TradingSession(day, edges[0], edges[5], edges[1], edges[2], ((edges[3], edges[4]),))
    hours = Hours("X", "UTC", (parts,))
    for start, end in ((0, 1), (2, 3), (4, 5)):
        for at in (edges[start], edges[end] - timedelta(microseconds=1)):
            assert stretch(hours, at) == (edges[start], edges[end])
    for at in (edges[1], edges[3], edges[5]):
        assert stretch(hours, at) is None


def test_a_stretch_beyond_what_is_known_is_none() -> None:
    opens, closes = datetime(2026, 3, 2, 22, tzinfo=UTC), datetime(2026, 3, 3, 2, tzinfo=UTC)
    session = TradingSession(date(2026, 3, 3), opens, closes)
    known = Hours("X", "UTC", (session,), first=date(2026, 3, 2), last=date(2026, 3, 3))
    assert stretch(known, opens) == (opens, closes)
    short = Hours("X", "UTC", (session,), first=date(2026, 3, 2), last=date(2026, 3, 2))
    assert stretch(short, opens) is None
