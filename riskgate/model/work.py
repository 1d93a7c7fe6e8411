"""Orders that are worked off piece by piece: by which plan, and how far that has got.

Rule 1: a plan is a name and its parameters as text, so the record can hold any; `execution.plans`
reads it.
Rule 2: what is over is over: a parent that was stopped or has ended sends nothing any more.
"""

from __future__ import annotations

from enum import StrEnum

import msgspec


class Plan(msgspec.Struct, frozen=True):
    """An algorithm or a replacement strategy of ours, by name, with what was stated for it.

    >>> str(Plan("twap", (("duration", "30m"), ("slices", "10"))))
    'twap duration=30m slices=10'
    """

    name: str
    params: tuple[tuple[str, str], ...] = ()

    def __str__(self) -> str:
        return " ".join([self.name, *(f"{name}={value}" for name, value in self.params)])


class WorkState(StrEnum):
    """Where the work on a parent order is. NEW is approved, and taken on by no gate yet."""

    NEW = "new"
    RUNNING = "running"
    PAUSED = "paused"
    STOPPED = "stopped"  # cancelled or killed
    ENDED = "ended"  # filled, or its time is over

    @property
    def over(self) -> bool:
        """Whether it sends nothing any more, for good."""
        return self in {WorkState.STOPPED, WorkState.ENDED}
