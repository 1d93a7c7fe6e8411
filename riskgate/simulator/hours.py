"""Trading hours in the broker's notation: `20250106:0930-20250106:1600;20250107:CLOSED`.

Weekends are closed; holidays are not modelled.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec

DAYS_SHOWN = 6
_SATURDAY = 5
DAYS_A_YEAR = 365


class Span(msgspec.Struct, frozen=True):
    """One session. It is open from `opens` on and no longer at `closes`."""

    opens: datetime
    closes: datetime


class Hours(msgspec.Struct, frozen=True):
    """One session a day. `opens_day_before` is for sessions that start on the evening before."""

    opens: str
    closes: str
    opens_day_before: bool = False

    def shown(self, first: date) -> str:
        """Six days of sessions, beginning with this day."""
        days = (first + timedelta(days=n) for n in range(DAYS_SHOWN))
        return ";".join(self._one(day) for day in days)

    def span_at(self, at: datetime, zone: ZoneInfo) -> Span:
        """The session at this time, or the next one when it is closed."""
        day = at.astimezone(zone).date()
        while True:
            if day.weekday() < _SATURDAY:
                closes = _moment(day, self.closes, zone)
                if at < closes:
                    return Span(_moment(self._start(day), self.opens, zone), closes)
            day += timedelta(days=1)

    def _start(self, day: date) -> date:
        return day - timedelta(days=1) if self.opens_day_before else day

    def _one(self, day: date) -> str:
        if day.weekday() >= _SATURDAY:
            return f"{day:%Y%m%d}:CLOSED"
        start = self._start(day)
        return f"{start:%Y%m%d}:{self.opens}-{day:%Y%m%d}:{self.closes}"


def _moment(day: date, time: str, zone: ZoneInfo) -> datetime:
    local = datetime(day.year, day.month, day.day, int(time[:2]), int(time[2:]), tzinfo=zone)
    return local.astimezone(UTC)


def years_between(today: date, expiry: str) -> float:
    """From a day to the end of an expiry such as `20250117`, in years."""
    end = date(int(expiry[:4]), int(expiry[4:6]), int(expiry[6:8]))
    return max((end - today).days + 1, 0) / DAYS_A_YEAR


STOCK_TRADING = Hours("0400", "2000")
STOCK_LIQUID = Hours("0930", "1600")
STOCK_NIGHT = Hours("2000", "0350", opens_day_before=True)
FUTURE_TRADING = Hours("1700", "1600", opens_day_before=True)
FUTURE_LIQUID = Hours("0830", "1600")
ENERGY_TRADING = Hours("1800", "1700", opens_day_before=True)
ENERGY_LIQUID = Hours("0930", "1700")
FOREX = Hours("1715", "1700", opens_day_before=True)
