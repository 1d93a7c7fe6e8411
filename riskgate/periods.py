"""Times as people type them: a day, a moment with its offset, or a span back from now.

Rule 1: `now` is handed in; nothing here reads a clock.
Rule 2: a day is a whole day of UTC, as every table shows its times.
Rule 3: a time without an offset is refused, never guessed.
Rule 4: the last day there is has no next one; it lasts until the last moment there is.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from riskgate.model.spans import A_DAY
from riskgate.policy.suggest import shown
from riskgate.rulekit.parameters import duration

LAST: Final = datetime.max.replace(tzinfo=UTC)
WORDS: Final = {"today": timedelta(0), "yesterday": A_DAY}
HOW: Final = (
    "write a day such as 2026-03-02, `today` or `yesterday`, a time such as 2026-03-02T14:30Z,"
    " or a span back from now such as 4h or 30d"
)


def since(text: str, now: datetime) -> datetime:
    """The first moment that counts: of a day its beginning. Raise ValueError for what is no time.

    >>> since("2026-03-02", datetime(2026, 3, 5, tzinfo=UTC)).isoformat()
    '2026-03-02T00:00:00+00:00'
    """
    read = _read(text.strip(), now)
    return read if isinstance(read, datetime) else _begin(read)


def until(text: str, now: datetime) -> datetime:
    """The first moment that no longer counts: of a day the beginning of the next.

    >>> until("2026-03-02", datetime(2026, 3, 5, tzinfo=UTC)).isoformat()
    '2026-03-03T00:00:00+00:00'
    """
    read = _read(text.strip(), now)
    if isinstance(read, datetime):
        return read
    return LAST if read == date.max else _begin(read) + A_DAY


def _begin(day: date) -> datetime:
    return datetime.combine(day, time(0), UTC)


def _read(text: str, now: datetime) -> date | datetime:
    """A day or a moment."""
    if text in WORDS:
        return (now.astimezone(UTC) - WORDS[text]).date()
    with suppress(ValueError, OverflowError):
        return now - _span(text)
    with suppress(ValueError):
        return date.fromisoformat(text)
    found = _stated(text)
    if found is not None and found.utcoffset() is None:
        raise ValueError(f"`{shown(text)}` has no offset; add Z for UTC, or one such as -05:00")
    with suppress(OverflowError):
        if found is not None:
            return found.astimezone(UTC)
    raise ValueError(f"`{shown(text)}` is no time; {HOW}")


def _stated(text: str) -> datetime | None:
    with suppress(ValueError):
        return datetime.fromisoformat(text)
    return None


def _span(text: str) -> timedelta:
    """A length of time; here also in weeks."""
    if text.endswith("w"):
        return duration(f"{text[:-1]}d") * 7
    return duration(text)
