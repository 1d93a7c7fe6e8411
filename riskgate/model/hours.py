"""Trading hours of one calendar around one moment, and the phase a moment falls in.

Rule 1: a moment is an aware UTC datetime handed in; nothing here reads a clock or a file.
Rule 2: every interval is half open, [start, end): the opening counts, the close does not.
Rule 3: hours that are not known are never open: the questions raise `MissingData` with NO_HOURS.
Rule 4: a session belongs to the day the calendar names it after, which for futures is the day on
which it closes; its first open may lie on the evening before.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Literal
from zoneinfo import ZoneInfo

import msgspec

from riskgate.errors import MissingData
from riskgate.model.codes import Code

Phase = Literal["regular", "pre", "post", "closed", "break"]
Span = tuple[datetime, datetime]
MOMENT = timedelta(microseconds=1)


class TradingSession(msgspec.Struct, frozen=True, omit_defaults=True):
    """One session day of one calendar, from its first open to its last close, in UTC.

    `later_breaks` holds the pauses after the first one, on days of three or more parts.
    """

    day: date
    opens: datetime
    closes: datetime
    break_start: datetime | None = None
    break_end: datetime | None = None
    later_breaks: tuple[Span, ...] = ()


class Hours(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a decision needs of one calendar around one moment.

    `sessions` are in order of time. `known` is false when the moment lies outside the table.
    `first` and `last`, where given, are the local days outside which nothing is known.
    """

    calendar: str
    zone: str
    sessions: tuple[TradingSession, ...]
    known: bool = True
    first: date | None = None
    last: date | None = None


ALWAYS = Hours(
    "always",
    "UTC",
    (
        TradingSession(
            date(1970, 1, 1), datetime(1970, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC)
        ),
    ),
)


def known_at(hours: Hours, at: datetime) -> bool:
    """True if `hours` can say anything about the moment."""
    first, last = hours.first, hours.last
    if first is None or last is None:
        return hours.known
    return hours.known and first <= at.astimezone(ZoneInfo(hours.zone)).date() <= last


def session_at(hours: Hours, at: datetime) -> TradingSession | None:
    """The session day between whose first open and last close the moment lies, lunch included."""
    if not known_at(hours, at):
        raise MissingData(
            Code.NO_HOURS, f"calendar `{hours.calendar}`: no hours are known for {at}"
        )
    for session in hours.sessions:
        if session.opens <= at < session.closes:
            return session
    return None


def phase(hours: Hours, at: datetime, pre: time | None = None, post: time | None = None) -> Phase:
    """The phase of the moment.

    `pre` and `post` are wall times in the calendar's zone on the session's day: [pre, open) is
    pre, [close, post) is post, so on a half day post starts at the early close.
    """
    session = session_at(hours, at)
    if session is not None:
        return "break" if _paused(session, at) else "regular"
    zone = ZoneInfo(hours.zone)
    for around in hours.sessions:
        if pre is not None and _wall(around.day, pre, zone) <= at < around.opens:
            return "pre"
        if post is not None and around.closes <= at < _wall(around.day, post, zone):
            return "post"
    return "closed"


def phase_within(liquid: Hours, trading: Hours, at: datetime) -> Phase:
    """The phase where a contract has two sets of hours: regular ones inside longer trading ones.

    What trades outside the regular hours of its session day is pre before their open and post
    after their close; a session day without regular hours is closed.
    """
    regular = phase(liquid, at)
    if regular != "closed" or phase(trading, at) != "regular":
        return regular
    outer = session_at(trading, at)
    for session in liquid.sessions:
        if outer is not None and session.day == outer.day:
            return "pre" if at < session.opens else "post"
    return "closed"


def stretch(hours: Hours, at: datetime) -> Span | None:
    """The uninterrupted stretch of regular trading that the moment lies in, if it lies in one."""
    session = session_at(hours, at)
    if session is None or _paused(session, at):
        return None
    pauses = [*session.later_breaks]
    if session.break_start is not None and session.break_end is not None:
        pauses.append((session.break_start, session.break_end))
    start = max((end for _, end in pauses if end <= at), default=session.opens)
    end = min((start for start, _ in pauses if at < start), default=session.closes)
    known = known_at(hours, start) and known_at(hours, end - MOMENT)
    return (start, end) if known else None


def since_open(hours: Hours, at: datetime) -> timedelta | None:
    """Time since the session day's first open; None outside a session day."""
    session = session_at(hours, at)
    return None if session is None else at - session.opens


def until_close(hours: Hours, at: datetime) -> timedelta | None:
    """Time left to the session day's last close, above zero; None outside a session day."""
    session = session_at(hours, at)
    return None if session is None else session.closes - at


def until_days_close(hours: Hours, at: datetime) -> timedelta | None:
    """Time left to the last close of the session day that the moment is in, or that is to open.

    None where the local day's session is over, or has none.
    """
    inside = until_close(hours, at)
    if inside is not None:
        return inside
    today = at.astimezone(ZoneInfo(hours.zone)).date()
    ahead = (one.closes - at for one in hours.sessions if one.day == today and at < one.opens)
    return next(ahead, None)


def in_daily_window(at: datetime, zone: str, start: time, end: time) -> bool:
    """True in [start, end) on the wall clock of `zone`.

    A start after the end crosses midnight; a start equal to the end is the whole day.
    """
    wall = at.astimezone(ZoneInfo(zone)).time()
    if start < end:
        return start <= wall < end
    return wall >= start or wall < end


def _paused(session: TradingSession, at: datetime) -> bool:
    """True during lunch or any later pause."""
    start, end = session.break_start, session.break_end
    if start is None or end is None:
        return False
    return start <= at < end or any(start <= at < end for start, end in session.later_breaks)


def _wall(day: date, wall: time, zone: ZoneInfo) -> datetime:
    """The moment at which the zone's clocks show `wall` on that day."""
    return datetime.combine(day, wall, tzinfo=zone).astimezone(UTC)


# What the broker sends for a contract: `20260302:0930-20260302:1600;20260303:CLOSED`, and from
# older versions `20260302:0930-1600,1700-2000`.
_ENTRY = re.compile(r"(?P<day>\d{8}):(?P<rest>.+)", re.ASCII)
_SPAN = re.compile(
    r"(?:(?P<day>\d{8}):)?(?P<start>\d{4})-(?:(?P<end_day>\d{8}):)?(?P<end>\d{4})", re.ASCII
)
# Fixed offsets to the database of zones; the broker means places that change their clocks.
_FIXED_OFFSETS = frozenset({"EST", "MST", "HST"})


def parse_ib_hours(text: str, zone: str, calendar: str = "IB") -> Hours:
    """The hours of a contract from the broker's `liquidHours` or `tradingHours`.

    `zone` is the IANA zone of the contract. Parts of one session day become one session with
    breaks. Outside the days that the text names nothing is known. ValueError says what is wrong.
    """
    local = _zone(zone)
    days: set[date] = set()
    spans: set[Span] = set()
    for entry in filter(None, (part.strip() for part in text.split(";"))):
        match = _ENTRY.fullmatch(entry)
        if match is None:
            raise ValueError(f"trading hours: expected `YYYYMMDD:...`; found `{entry}`")
        days.add(_moment(match["day"], "0000", local, entry).date())
        if match["rest"].strip().upper() != "CLOSED":
            parts = match["rest"].split(",")
            spans.update(_span(part.strip(), match["day"], local, entry) for part in parts)
    if not days:
        raise ValueError("trading hours: the text is empty; expected `YYYYMMDD:HHMM-YYYYMMDD:HHMM`")
    days.update(_session_day(span, local) for span in spans)
    sessions = _sessions(sorted(spans), local)
    return Hours(calendar, zone, sessions, first=min(days), last=max(days))


def _zone(name: str) -> ZoneInfo:
    """The zone of that name; ValueError if there is none or if it hides daylight saving."""
    if name in _FIXED_OFFSETS:
        raise ValueError(f"time zone `{name}`: ambiguous; give a place such as `America/New_York`")
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise ValueError(f"time zone `{name}`: unknown; give a name such as `US/Eastern`") from None


def _moment(day: str, clock: str, zone: ZoneInfo, entry: str) -> datetime:
    """The local moment of YYYYMMDD and HHMM."""
    try:
        return datetime.strptime(day + clock, "%Y%m%d%H%M").replace(tzinfo=zone)
    except ValueError:
        raise ValueError(f"trading hours: `{day}:{clock}` is no time; in `{entry}`") from None


def _span(part: str, day: str, zone: ZoneInfo, entry: str) -> Span:
    """One stretch of trading in UTC, from `0930-1600` or `0930-20260302:1600`."""
    match = _SPAN.fullmatch(part)
    if match is None:
        raise ValueError(f"trading hours: expected `HHMM-YYYYMMDD:HHMM`; found `{entry}`")
    start_day = match["day"] or day
    opens = _moment(start_day, match["start"], zone, entry).astimezone(UTC)
    closes = _moment(match["end_day"] or start_day, match["end"], zone, entry).astimezone(UTC)
    if closes <= opens:
        raise ValueError(f"trading hours: `{part}` ends before it starts; in `{entry}`")
    return opens, closes


def _session_day(span: Span, zone: ZoneInfo) -> date:
    """The local day on which a stretch closes; a close at midnight belongs to the day it ends."""
    return (span[1] - timedelta(microseconds=1)).astimezone(zone).date()


def _sessions(spans: list[Span], zone: ZoneInfo) -> tuple[TradingSession, ...]:
    """One session per session day, from stretches in order of time."""
    by_day: dict[date, list[Span]] = {}
    last_close: datetime | None = None
    for span in spans:
        if last_close is not None and span[0] < last_close:
            raise ValueError(f"trading hours: two stretches overlap at {span[0].astimezone(zone)}")
        last_close = span[1]
        by_day.setdefault(_session_day(span, zone), []).append(span)
    return tuple(_session(day, parts) for day, parts in by_day.items())


def _session(day: date, parts: list[Span]) -> TradingSession:
    """The session of a day's parts; what lies between two parts is a break."""
    gaps = tuple((left[1], right[0]) for left, right in pairwise(parts) if left[1] < right[0])
    start, end = gaps[0] if gaps else (None, None)
    return TradingSession(day, parts[0][0], parts[-1][1], start, end, gaps[1:])
