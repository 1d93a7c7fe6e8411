"""Times as IB writes them: out in its explicit UTC form, in only where the zone is said.

Rule 1: a time without a zone means the zone of somebody's TWS; it is refused, never guessed.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Final
from zoneinfo import ZoneInfo

from riskgate.brokers.ib.contracts import zone_of

FORM: Final = re.compile(
    r"(?P<day>[0-9]{8})(?P<between>-| +)(?P<time>[0-9]{2}:[0-9]{2}(?::[0-9]{2})?)"
    r"(?: (?P<zone>\S+))?"
)
HINT: Final = "write `yyyymmdd-hh:mm:ss`, which is UTC, or name the zone behind it"


def written(moment: datetime) -> str:
    """`20260305-14:30:00`. Raise ValueError for what IB's form cannot say.

    >>> written(datetime(2026, 3, 5, 14, 30, tzinfo=UTC))
    '20260305-14:30:00'
    """
    if moment.utcoffset() is None:
        raise ValueError("has no zone")
    if moment.microsecond:
        raise ValueError("has parts of a second, which IB does not take")
    return f"{moment.astimezone(UTC):%Y%m%d-%H:%M:%S}"


def read(text: str) -> datetime:
    """The moment, in UTC. Raise ValueError if it is none, or leaves open which.

    >>> read("20260305 09:30:00 US/Eastern").hour
    14
    """
    found = FORM.fullmatch(text.strip())
    if found is None:
        raise ValueError(f"is no time with a zone; {HINT}")
    named = found["zone"]
    if found["between"] == "-" and named is not None:
        raise ValueError(f"says two zones; {HINT}")
    zone = "UTC" if found["between"] == "-" else zone_of(named or "?")
    if zone is None:
        raise ValueError(f"has no zone that is known; {HINT}")
    clock = found["time"] if found["time"].count(":") == 2 else f"{found['time']}:00"  # noqa: PLR2004  # hh:mm:ss
    local = datetime.strptime(found["day"] + clock, "%Y%m%d%H:%M:%S").replace(tzinfo=ZoneInfo(zone))
    return local.astimezone(UTC)
