"""Lengths of time: as people read them, `2d 14h` or `-2h` for the past, and as policies have them.

Rule 1: what was measured is a `span`, in several units; what a policy sets is `written` in one.
"""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal
from typing import Final

from riskgate.model.money import text

ZERO: Final = timedelta(0)
SECOND: Final = timedelta(seconds=1)
A_DAY: Final = timedelta(days=1)
MICROSECOND: Final = timedelta(microseconds=1)
SECONDS: Final = ("s", SECOND)
PARTS: Final = ("ms", timedelta(milliseconds=1))
WHOLE: Final = (
    ("d", A_DAY),
    ("h", timedelta(hours=1)),
    ("m", timedelta(minutes=1)),
    SECONDS,
)
UNITS: Final = (*WHOLE, PARTS)
_MICROSECONDS: Final = {name: unit // MICROSECOND for name, unit in UNITS}
_LENGTH: Final = re.compile(r"([0-9]+(?:\.[0-9]+)?)(ms|s|m|h|d)").fullmatch


def microseconds_of(text: str) -> int | None:
    """Read `500ms`, `5s`, `10m`, `1h` or `2d`: how many microseconds, cut; None if it is none."""
    found = _LENGTH(text)
    return None if found is None else int(Decimal(found[1]) * _MICROSECONDS[found[2]])


def span(length: timedelta) -> str:
    """A length in its largest units, down to the millisecond.

    >>> span(timedelta(hours=62, seconds=1))
    '2d 14h 1s'
    """
    left, words = abs(length), []
    for name, unit in UNITS:
        count, left = divmod(left, unit)
        if count:
            words.append(f"{count}{name}")
    sign = "-" if length < ZERO and words else ""
    return sign + (" ".join(words) or "0s")


def written(length: timedelta) -> str:
    """A length as a policy may write it: in one unit, the largest that it is a whole number of.

    Parts of a second stay parts of the second that they follow.

    >>> written(timedelta(seconds=90)), written(timedelta(seconds=4.999))
    ('90s', '4.999s')
    """
    whole = ((name, unit) for name, unit in WHOLE if length >= unit and not length % unit)
    name, unit = next(whole, PARTS if ZERO < length < SECOND else SECONDS)
    return f"{text(Decimal(length // MICROSECOND) / (unit // MICROSECOND))}{name}"
