"""Moments as text, in UTC, and the one that computers count from.

Rule 1: what people read says `UTC`; what is kept and sorted is ISO 8601 to the microsecond.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def to_the_second(at: datetime) -> str:
    """A moment for people: `2026-03-02 15:00:00 UTC`."""
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def to_the_microsecond(at: datetime) -> str:
    """A moment for people, whole: `2026-03-02 15:00:00.000000 UTC`."""
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f UTC")


def sortable(at: datetime) -> str:
    """A moment as it is kept: `2026-03-02T15:00:00.000000Z`; text order is time order."""
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"
