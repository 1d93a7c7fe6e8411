"""Times as clients write them: `20250106 15:30:00 US/Eastern`, `20250106-20:30:00` (UTC), ..."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_FORM = re.compile(
    r"(?:(?P<day>[0-9]{8})(?P<between>[ -]+)?)?"
    r"(?P<time>[0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?)?(?: (?P<zone>[A-Za-z][A-Za-z0-9_+/-]*))?"
)
FIRST_YEAR, LAST_YEAR = 1970, 2200
_LAST_SECOND = "23:59:59"


def moment(text: str, zone: str, now: datetime) -> datetime | None:
    """The moment a text means, None when it means none.

    Without a zone it is in `zone`; a time alone is of today; a day alone is its end.
    """
    found = _FORM.fullmatch(text.strip())
    if found is None or not (found["day"] or found["time"]):
        return None
    try:
        place = ZoneInfo("UTC" if found["between"] == "-" else found["zone"] or zone)
    except (ZoneInfoNotFoundError, ValueError):
        return None
    day = found["day"] or f"{now.astimezone(place):%Y%m%d}"
    return _at(day, found["time"] or _LAST_SECOND, place)


def _at(day: str, time: str, place: ZoneInfo) -> datetime | None:
    if not FIRST_YEAR <= int(day[:4]) <= LAST_YEAR:
        return None
    hour, minute, *second = (int(part) for part in time.split(":"))
    try:
        start = datetime.strptime(day, "%Y%m%d").replace(tzinfo=place)
        local = start.replace(hour=hour, minute=minute, second=second[0] if second else 0)
    except ValueError:
        return None
    return local.astimezone(UTC)
