"""Lengths of time as people write them: `2d 14h`, `1h 30m`, `500ms`, `0s`; `-2h` is past."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

UNITS: Final = (
    ("d", timedelta(days=1)),
    ("h", timedelta(hours=1)),
    ("m", timedelta(minutes=1)),
    ("s", timedelta(seconds=1)),
    ("ms", timedelta(milliseconds=1)),
)


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
    sign = "-" if length < timedelta(0) and words else ""
    return sign + (" ".join(words) or "0s")
