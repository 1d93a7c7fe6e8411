"""Market hours: every interval is half open, and hours that are not known are never open."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

import pytest

from riskgate.model.decision import Finding
from riskgate.model.hours import Hours, parse_ib_hours
from riskgate.rulekit.base import Context
from riskgate.rulekit.matching import names
from riskgate.rules.market_hours import MarketHours

Ask = Callable[..., dict[str, Finding]]
NEW_YORK = "America/New_York"
DAYS = "20260306:0930-20260306:1600;20260309:0930-20260309:1300;20260310:CLOSED"
HOURS = parse_ib_hours(DAYS, NEW_YORK, "XNYS")
LUNCH = parse_ib_hours("20260306:0930-1130,1300-1600", NEW_YORK, "XTKS")


def at(text: str) -> datetime:
    """A moment on New York's clocks; the 6th is before the change to summer time, the 9th after."""
    local = datetime.fromisoformat(f"2026-03-{text}").replace(tzinfo=ZoneInfo(NEW_YORK))
    return local.astimezone(UTC)


def verdict(ask: Ask, config: str, moment: str, line: str = "BUY 1 AAPL LMT 190") -> str:
    answers = ask(
        "market_hours",
        f"calendar: XNYS, {config}",
        line,
        as_of=at(moment),
        hours={"XNYS": HOURS, "XTKS": LUNCH},
        zone=NEW_YORK,
        quote=None,
    )
    return next((str(a.verdict) for a in answers.values() if a.verdict != "PASS"), "PASS")


@pytest.mark.parametrize(
    ("moment", "sessions", "expected"),
    [
        ("06T09:29:59.999", "[regular]", "BREACH"),
        ("06T09:30", "[regular]", "PASS"),
        ("06T15:59:59.999", "[regular]", "PASS"),
        ("06T16:00", "[regular]", "BREACH"),
        ("06T16:00", "[regular, post]", "PASS"),
        ("06T04:00", "[pre, regular]", "PASS"),
        ("06T03:59", "[pre, regular]", "BREACH"),
        ("06T20:00", "[post]", "BREACH"),
        ("07T12:00", "[pre, regular, post]", "BREACH"),
        ("09T09:30", "[regular]", "PASS"),
        ("09T12:59", "[regular]", "PASS"),
        ("09T13:00", "[regular]", "BREACH"),
        ("10T12:00", "[regular]", "BREACH"),
        ("12T12:00", "[regular]", "UNKNOWN"),
    ],
)
def test_an_order_may_be_sent_in_its_sessions_half_days_and_summer_time_included(
    ask: Ask, moment: str, sessions: str, expected: str
) -> None:
    config = f'sessions: {sessions}, pre: "04:00", post: "20:00"'
    assert verdict(ask, config, moment) == expected


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        ("06T09:30", "BREACH"),
        ("06T09:30:59.999", "BREACH"),
        ("06T09:31", "PASS"),
        ("06T15:57:59.999", "PASS"),
        ("06T15:58", "BREACH"),
        ("09T12:58", "BREACH"),
    ],
)
def test_nothing_is_sent_just_after_the_open_and_just_before_the_close(
    ask: Ask, moment: str, expected: str
) -> None:
    assert verdict(ask, "not_within: {after_open: 1m, before_close: 2m}", moment) == expected


def test_outside_a_session_day_nothing_is_just_after_or_before(ask: Ask) -> None:
    config = 'sessions: [post], post: "20:00", not_within: {after_open: 1m}'
    assert verdict(ask, config, "06T17:00") == "PASS"


@pytest.mark.parametrize(
    ("moment", "expected"),
    [("06T11:29", "PASS"), ("06T11:30", "BREACH"), ("06T13:00", "PASS"), ("06T13:00:30", "PASS")],
)
def test_lunch_is_no_session_and_the_open_after_it_no_first_one(
    ask: Ask, moment: str, expected: str
) -> None:
    answers = ask(
        "market_hours",
        "calendar: XTKS, not_within: {after_open: 1m}",
        "BUY 1 AAPL LMT 190",
        as_of=at(moment),
        hours={"XTKS": LUNCH},
    )
    assert answers["sessions"].verdict == expected
    assert answers["not_within"].verdict == "PASS"


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        ("06T12:00", "BREACH"),
        ("06T12:29:59", "BREACH"),
        ("06T12:30", "PASS"),
        ("06T11:59:59", "PASS"),
        ("09T12:00", "BREACH"),
    ],
)
def test_daily_windows_are_on_the_clocks_of_the_policy(
    ask: Ask, moment: str, expected: str
) -> None:
    assert verdict(ask, 'closed: ["23:44-00:10", "12:00-12:30"]', moment) == expected


@pytest.mark.parametrize(
    ("moment", "line", "expected"),
    [
        ("06T15:50", "BUY 1 AAPL MOC", "PASS"),
        ("06T15:50:00.001", "BUY 1 AAPL MOC", "BREACH"),
        ("06T15:55", "BUY 1 AAPL LOC 190", "BREACH"),
        ("06T15:55", "BUY 1 AAPL LMT 190", "PASS"),
        ("09T12:51", "BUY 1 AAPL MOC", "BREACH"),
    ],
)
def test_on_close_orders_come_before_the_cut_off(
    ask: Ask, moment: str, line: str, expected: str
) -> None:
    assert verdict(ask, "moc_cutoff: 10m", moment, line) == expected


@pytest.mark.parametrize(
    ("moment", "expected"),
    [("06T08:00", "PASS"), ("09T08:00", "PASS"), ("10T08:00", "BREACH"), ("12T08:00", "UNKNOWN")],
)
def test_before_the_open_an_on_close_order_is_for_the_close_of_that_day(
    ask: Ask, moment: str, expected: str
) -> None:
    answers = ask(
        "market_hours",
        'calendar: XNYS, moc_cutoff: 10m, sessions: [pre, regular], pre: "04:00"',
        "BUY 1 AAPL MOC",
        as_of=at(moment),
        hours={"XNYS": HOURS},
        quote=None,
    )
    assert answers["moc_cutoff"].verdict == expected


def test_on_close_orders_outside_a_session_are_too_late(ask: Ask) -> None:
    config = 'moc_cutoff: 10m, sessions: [post], post: "20:00"'
    assert verdict(ask, config, "06T17:00", "BUY 1 AAPL MOC") == "BREACH"


@pytest.mark.parametrize(
    ("moment", "line", "flag", "expected"),
    [
        ("06T17:00", "BUY 1 AAPL MKT", "true", "BREACH"),
        ("06T17:00", "BUY 1 AAPL LMT 190", "true", "PASS"),
        ("06T17:00", "BUY 1 AAPL MKT", "false", "PASS"),
        ("06T12:00", "BUY 1 AAPL MKT", "true", "PASS"),
    ],
)
def test_market_orders_can_be_kept_to_the_regular_session(
    ask: Ask, moment: str, line: str, flag: str, expected: str
) -> None:
    config = f'sessions: [regular, post], post: "20:00", market_orders_in_regular_only: {flag}'
    assert verdict(ask, config, moment, line) == expected


def test_an_order_for_the_opening_auction_is_no_market_order_before_the_open(ask: Ask) -> None:
    config = 'sessions: [pre, regular], pre: "04:00", market_orders_in_regular_only: true'
    assert verdict(ask, config, "06T08:00", "BUY 1 AAPL MKT") == "BREACH"
    assert verdict(ask, config, "06T08:00", "BUY 1 AAPL MKT OPG") == "PASS"


def test_the_contracts_own_hours_bring_their_own_edges(ask: Ask) -> None:
    longer = parse_ib_hours("20260306:0400-20260306:2000", NEW_YORK)
    hours = {"IB": HOURS, "IB trading": longer}
    config = "calendar: IB, sessions: [pre, regular]"
    line = "BUY 1 AAPL LMT 190"
    told = [
        ask("market_hours", config, line, as_of=at(moment), hours=hours)["sessions"].verdict
        for moment in ("06T04:00", "06T12:00", "06T16:00")
    ]
    assert told == ["PASS", "PASS", "BREACH"]


@pytest.mark.parametrize(
    ("given", "faulty"),
    [
        ({"sessions": ("pre", "regular")}, ["sessions"]),
        ({"sessions": ("pre", "post"), "post": time(20)}, ["sessions"]),
        ({"sessions": ("pre", "post")}, ["sessions", "sessions"]),
        ({"sessions": ("pre", "post"), "pre": time(4), "post": time(20)}, []),
        ({"sessions": ("pre", "post"), "calendar": "IB"}, []),
        ({"sessions": ("pre", "regular"), "calendar": "always"}, []),
        ({}, []),
    ],
)
def test_who_names_a_session_says_when_it_is(given: dict[str, object], faulty: list[str]) -> None:
    values = {"calendar": "XNYS", **given}
    if "sessions" in given:
        values["sessions"] = names(given["sessions"])  # type: ignore[arg-type]  # as written above
    faults = MarketHours("p/r", values, Context()).faults()
    assert [name for name, _ in faults] == faulty


def test_without_hours_nobody_knows(ask: Ask) -> None:
    empty: dict[str, Hours] = {}
    answers = ask("market_hours", "calendar: IB", "BUY 1 AAPL LMT 190", hours=empty)
    assert answers["sessions"].code == "NO_HOURS"
