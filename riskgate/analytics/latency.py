"""How long orders took."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta


def fill_time(created_at: datetime, filled_at: datetime) -> timedelta:
    """From the decision to the last fill: filled_at - created_at, never below zero.

    The broker stamps fills in whole seconds, so a fill may seem to come before its order.
    """
    return max(timedelta(0), filled_at - created_at)


def average_time(times: Sequence[timedelta]) -> timedelta | None:
    """The mean: sum(times) / number of times. None without any."""
    return sum(times, timedelta(0)) / len(times) if times else None
