"""Which trading session a moment falls in, as rules with a `calendar` ask it."""

from __future__ import annotations

from collections.abc import Container
from datetime import time
from typing import Final

from riskgate.errors import MissingData
from riskgate.model.codes import Code
from riskgate.model.hours import Hours, Phase, phase, phase_within
from riskgate.model.snapshot import Snapshot

SESSIONS: Final = ("pre", "regular", "post")
ALWAYS_OPEN: Final = "always"
CONTRACT_HOURS: Final = "IB"
CONTRACT_TRADING_HOURS: Final = "IB trading"


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
