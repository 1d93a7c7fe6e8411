"""Which trading session a moment falls in, as rules with a `calendar` ask it."""

from __future__ import annotations

from datetime import time
from typing import Final

from riskgate.errors import MissingData
from riskgate.model.codes import Code
from riskgate.model.hours import Hours, Phase, phase, phase_within
from riskgate.model.snapshot import Snapshot

SESSIONS: Final = ("pre", "regular", "post")
CONTRACT_HOURS: Final = "IB"
CONTRACT_TRADING_HOURS: Final = "IB trading"


def hours_of(calendar: str, seen: Snapshot) -> Hours:
    """The hours around this moment. Raise MissingData if none are known."""
    hours = seen.hours.get(calendar)
    if hours is None:
        raise MissingData(Code.NO_HOURS, f"no trading hours are known for calendar {calendar}")
    return hours


def phase_of(seen: Snapshot, calendar: str, pre: time | None, post: time | None) -> Phase:
    """The phase of this moment in `calendar`; the contract's own hours bring their own edges."""
    hours = hours_of(calendar, seen)
    longer = seen.hours.get(CONTRACT_TRADING_HOURS) if calendar == CONTRACT_HOURS else None
    if longer is not None:
        return phase_within(hours, longer, seen.as_of)
    return phase(hours, seen.as_of, pre, post)
