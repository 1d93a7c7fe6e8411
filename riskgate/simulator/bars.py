"""Bars of the past, made up: the same contract and time always give the same bar.

Rule 1: a bar depends on the contract, its time and the price level, not on what was asked for.
Rule 2: bars lie inside the sessions the contract states; the last one ends at the price of now.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from math import pi, sin
from zoneinfo import ZoneInfo

import msgspec

from riskgate.simulator.contracts import Listing
from riskgate.simulator.hours import Hours, Span

MOST_BARS = 20_000
MOST_SESSIONS = 400
DAY = 86_400
SIZES = {
    "1 secs": 1,
    "5 secs": 5,
    "10 secs": 10,
    "15 secs": 15,
    "30 secs": 30,
    "1 min": 60,
    "2 mins": 120,
    "3 mins": 180,
    "5 mins": 300,
    "10 mins": 600,
    "15 mins": 900,
    "20 mins": 1200,
    "30 mins": 1800,
    "1 hour": 3600,
    "2 hours": 7200,
    "3 hours": 10_800,
    "4 hours": 14_400,
    "8 hours": 28_800,
    "1 day": DAY,
    "1 week": 7 * DAY,
    "1W": 7 * DAY,
    "1 month": 30 * DAY,
    "1M": 30 * DAY,
}
_UNITS = {"S": 1, "D": DAY, "W": 7 * DAY, "M": 30 * DAY, "Y": 365 * DAY}
_SWAYS = ((30 * DAY, 0.04), (5 * DAY, 0.015), (7200, 0.003), (600, 0.001))  # seconds, how far


class PastBar(msgspec.Struct, frozen=True):
    """One bar."""

    begins: datetime
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    volume: Decimal
    count: int

    @property
    def average(self) -> Decimal:
        """The average price."""
        return round((self.open + self.high + self.low + self.close) / 4, 6)


class Wanted(msgspec.Struct, frozen=True):
    """Which bars: they end at `end`, and have `seconds` each."""

    listing: Listing
    hours: Hours
    begin: datetime
    end: datetime
    seconds: int


def begin_of(duration: str, end: datetime, hours: Hours, zone: ZoneInfo) -> datetime | None:
    """Where a duration such as `2 D` begins, None when it is none. Days are trading days."""
    number, _, unit = duration.partition(" ")
    if unit not in _UNITS or not number.isdigit() or not 0 < int(number) <= DAY:
        return None
    if unit == "S":
        return _seconds_before(end, int(number), hours, zone)
    if unit != "D":
        return end - timedelta(seconds=int(number) * _UNITS[unit])
    begin = end
    for _ in range(min(int(number), 3650)):
        begin = _session_before(begin, hours, zone)
    return begin


def _seconds_before(end: datetime, seconds: int, hours: Hours, zone: ZoneInfo) -> datetime:
    """Where so many seconds of trading begin, be it in sessions that are long over."""
    at, left = end, timedelta(seconds=seconds)
    for _ in range(MOST_SESSIONS):
        opens = _session_before(at, hours, zone)
        length = min(hours.span_at(opens, zone).closes, at) - opens
        if length >= left:
            return opens + length - left
        at, left = opens, left - length
    return at


def _session_before(moment: datetime, hours: Hours, zone: ZoneInfo) -> datetime:
    """The opening of the last session that began before this moment."""
    for days in range(1, 9):
        span = hours.span_at(moment - timedelta(days=days), zone)
        found = None
        while span.opens < moment:
            found = span.opens
            span = hours.span_at(span.closes, zone)
        if found is not None:
            return found
    return moment - timedelta(days=1)


def sessions_of(wanted: Wanted) -> Iterator[Span]:
    """The sessions that begin in the time that is wanted."""
    zone, at = ZoneInfo(wanted.listing.time_zone), wanted.begin
    while (span := wanted.hours.span_at(at, zone)).opens < wanted.end:
        yield span
        at = span.closes


def bars(wanted: Wanted, level: Decimal) -> list[PastBar]:
    """The bars, oldest first, at most MOST_BARS and those the newest."""
    begins = list(_begins(wanted))[-MOST_BARS:]
    found = [_bar(wanted, at, level) for at in begins]
    if found:
        last = found[-1]
        high, low = max(last.high, level), min(last.low, level)
        found[-1] = msgspec.structs.replace(last, close=level, high=high, low=low)
    return found


def _begins(wanted: Wanted) -> Iterator[datetime]:
    zone = ZoneInfo(wanted.listing.time_zone)
    at, step = wanted.begin, timedelta(seconds=wanted.seconds)
    while at < wanted.end:
        span = wanted.hours.span_at(at, zone)
        if wanted.seconds >= DAY:
            if span.opens < wanted.end:
                yield span.opens
            at = max(span.closes, span.opens + step)
            continue
        skipped = max(at - span.opens, timedelta(0)) // step
        begin = span.opens + skipped * step
        while begin < min(span.closes, wanted.end):
            yield begin
            begin += step
        at = span.closes


def _bar(wanted: Wanted, at: datetime, level: Decimal) -> PastBar:
    second = int(at.timestamp())
    lot = random.Random(f"{wanted.listing.con_id}:{wanted.seconds}:{second}")  # noqa: S311  # a game
    points = [_level(wanted.listing, second + wanted.seconds * part / 4) for part in range(5)]
    spread = abs(points[-1] - points[0]) / 2 + 0.0002
    high = max(points) + spread * lot.random()
    low = min(points) - spread * lot.random()
    tick = wanted.listing.min_tick
    open_, top, bottom, close = (
        round(level * Decimal(repr(round(1 + one, 9))) / tick) * tick
        for one in (points[0], high, low, points[-1])
    )
    trades = lot.randint(1, 20) * max(wanted.seconds // 5, 1)
    return PastBar(at, open_, top, bottom, close, Decimal(trades * lot.randint(1, 9)), trades)


def _level(listing: Listing, second: float) -> float:
    """How far from its level the price was, as a fraction."""
    lot = random.Random(listing.con_id)  # noqa: S311  # a game
    return sum(far * sin(2 * pi * (second / period + lot.random())) for period, far in _SWAYS)
