"""Which trading session a moment falls in, as rules with a `calendar` ask it."""

from __future__ import annotations

from collections.abc import Container, Iterable
from datetime import UTC, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from riskgate.errors import MissingData
from riskgate.model.codes import Code
from riskgate.model.hours import (
    Hours,
    Phase,
    in_daily_window,
    phase,
    phase_within,
    session_at,
    stretch,
)
from riskgate.model.snapshot import Snapshot
from riskgate.rulekit.parameters import Margins, Window
from riskgate.rulekit.surely import Shortcut, shortcut

SESSIONS: Final = ("pre", "regular", "post")
ALWAYS_OPEN: Final = "always"
CONTRACT_HOURS: Final = "IB"
CONTRACT_TRADING_HOURS: Final = "IB trading"
NEVER: Final = datetime.max.replace(tzinfo=UTC)
DAY: Final = timedelta(days=1)
NO_MARGINS: Final = Margins()


def hours_of(calendar: str, seen: Snapshot) -> Hours:
    """The hours around this moment. Raise MissingData if none are known."""
    hours = seen.hours.get(calendar)
    if hours is None:
        raise MissingData(Code.NO_HOURS, f"no trading hours are known for calendar {calendar}")
    return hours


def edge_faults(
    name: str, rule: tuple[Container[str], str | None, time | None, time | None]
) -> tuple[tuple[str, str], ...]:
    """What is wrong with a list of sessions that names one of which nobody says when it is.

    `rule` is the list, the calendar, and when pre begins and post ends.
    """
    sessions, calendar, pre, post = rule
    if calendar in (CONTRACT_HOURS, ALWAYS_OPEN):
        return ()
    edges = (("pre", pre, "begins", "04:00"), ("post", post, "ends", "20:00"))
    return tuple(
        (name, f'has {phase}; say when that {edge}, such as `{phase}: "{such}"`')
        for phase, at, edge, such in edges
        if phase in sessions and at is None
    )


def phase_of(seen: Snapshot, calendar: str, pre: time | None, post: time | None) -> Phase:
    """The phase of this moment in `calendar`; the contract's own hours bring their own edges."""
    hours = hours_of(calendar, seen)
    longer = seen.hours.get(CONTRACT_TRADING_HOURS) if calendar == CONTRACT_HOURS else None
    if longer is not None:
        return phase_within(hours, longer, seen.as_of)
    return phase(hours, seen.as_of, pre, post)


class Stretch:
    """The time for which the last answer holds, from `known[1]` on and before `known[2]`.

    It was given by the hours in `known[0]`. One value, so that another thread never sees a part.
    """

    __slots__ = ("known",)

    def __init__(self) -> None:
        self.known: tuple[Hours | None, datetime, datetime] = (None, NEVER, NEVER)


def trading(calendar: str, margins: Margins = NO_MARGINS) -> Shortcut:
    """The moment lies in a stretch of regular trading, away from the session's edges.

    A stretch is worked out once, and holds until it ends, or other hours are known.
    """
    held = Stretch()

    def found(seen: Snapshot) -> bool:
        hours, now = seen.hours[calendar], seen.as_of
        span, session = stretch(hours, now), session_at(hours, now)
        if span is None or session is None:
            return False
        start = max(span[0], session.opens + margins.after_open)
        end = min(span[1], session.closes - margins.before_close)
        held.known = (hours, start, end)
        return start <= now < end

    text = "(known := held.known)[0] is seen.hours[calendar] and known[1] <= now < known[2]"
    return shortcut(f"{text} or found(seen)", calendar=calendar, held=held, found=found)


def outside(windows: Iterable[Window], zone: str) -> Shortcut:
    """The moment lies in none of these daily windows; that holds until the next edge of one.

    Not where clocks change in between: then each moment is measured.
    """
    closed, local, held = tuple(windows), ZoneInfo(zone), Stretch()
    edges = [edge for window in closed for edge in window]

    def found(seen: Snapshot) -> bool:
        now = seen.as_of
        if any(in_daily_window(now, zone, *window) for window in closed):
            return False
        days = [now.astimezone(local).date() + DAY * number for number in (-1, 0, 1)]
        walls = (datetime.combine(day, edge, tzinfo=local) for day in days for edge in edges)
        # Moments, since wall times are compared without their offsets, and some never come.
        moments = [wall.astimezone(UTC) for wall in walls]
        start = max(moment for moment in moments if moment <= now)
        end = min(moment for moment in moments if moment > now)
        if start.astimezone(local).utcoffset() != end.astimezone(local).utcoffset():
            return False
        held.known = (None, start, end)
        return True

    text = "(known := held.known)[1] <= now < known[2] or found(seen)"
    return shortcut(text, held=held, found=found)
