"""Expiry window: the time to midnight of the expiry date, on the policy's clocks."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from riskgate.model.decision import Finding
from riskgate.model.instrument import Instrument
from riskgate.model.readings import Holding

Ask = Callable[..., dict[str, Finding]]
MAY = Instrument(key="CL", symbol="CL", sec_type="FUT", expiry=date(2026, 4, 21))
NEW_YORK = "America/New_York"
LINE = "BUY 1 CL LMT 70"


def at(text: str, zone: str = NEW_YORK) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


@pytest.mark.parametrize(
    ("moment", "verdict"),
    [
        ("2026-04-19T00:00", "PASS"),
        ("2026-04-19T00:00:00.001", "BREACH"),
        ("2026-04-20T14:30", "BREACH"),
        ("2026-04-21T10:00", "BREACH"),
        ("2026-01-02T10:00", "PASS"),
    ],
)
@pytest.mark.parametrize("zone", [UTC, ZoneInfo(NEW_YORK)])
def test_nothing_is_opened_within_the_window(
    ask: Ask, zone: ZoneInfo, moment: str, verdict: str
) -> None:
    as_of = at(moment).astimezone(zone)
    config = "no_opening_within: 2d"
    answers = ask("expiry_window", config, LINE, instrument=MAY, as_of=as_of, zone=NEW_YORK)
    assert answers["no_opening_within"].verdict == verdict


def test_midnight_is_that_of_the_policys_zone(ask: Ask) -> None:
    config, moment = "no_opening_within: 24h", at("2026-04-20T00:30", "UTC")
    told = {
        zone: ask("expiry_window", config, LINE, instrument=MAY, as_of=moment, zone=zone)
        for zone in ("UTC", NEW_YORK, "Asia/Tokyo")
    }
    assert {zone: str(answer["no_opening_within"].verdict) for zone, answer in told.items()} == {
        "UTC": "BREACH",
        NEW_YORK: "PASS",
        "Asia/Tokyo": "BREACH",
    }


def test_a_day_of_summer_time_has_the_hours_it_has(ask: Ask) -> None:
    monday = Instrument(key="CL", symbol="CL", sec_type="FUT", expiry=date(2026, 3, 9))
    for moment, verdict in (("2026-03-07T23:00", "PASS"), ("2026-03-08T00:00", "BREACH")):
        answers = ask(
            "expiry_window",
            "no_opening_within: 24h",
            LINE,
            instrument=monday,
            as_of=at(moment),
            zone=NEW_YORK,
        )
        assert answers["no_opening_within"].verdict == verdict


def test_what_does_not_expire_is_not_asked(ask: Ask) -> None:
    assert ask("expiry_window", "no_opening_within: 2d", "BUY 1 AAPL LMT 190") == {}


@pytest.mark.parametrize(
    ("line", "position", "asked"),
    [
        ("SELL 2 CL LMT 70", 2, False),
        ("SELL 3 CL LMT 70", 2, True),
        ("BUY 2 CL LMT 70", -2, False),
        ("BUY 2 CL LMT 70", 2, True),
        ("SELL 2 CL LMT 70", 0, True),
    ],
)
def test_who_only_closes_is_not_asked(ask: Ask, line: str, position: int, *, asked: bool) -> None:
    moment, holding = at("2026-04-20T14:30"), Holding(Decimal(position))
    answers = ask(
        "expiry_window",
        "no_opening_within: 2d",
        line,
        instrument=MAY,
        as_of=moment,
        holding=holding,
    )
    assert bool(answers) is asked
