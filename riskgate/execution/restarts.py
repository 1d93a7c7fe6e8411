"""The window of the night in which a gateway restarts, so that its silence is no alarm.

Rule 1: times are wall times of the window's own zone; one that ends earlier than it starts goes
over midnight.
"""

from __future__ import annotations

from datetime import datetime, time
from zoneinfo import ZoneInfo

import msgspec


class RestartWindow(msgspec.Struct, frozen=True):
    """From a wall time up to another, in a time zone, every night."""

    start: time
    end: time
    zone: str

    def covers(self, moment: datetime) -> bool:
        """Whether a moment is in the window; its end is not."""
        wall = moment.astimezone(ZoneInfo(self.zone)).time()
        if self.start < self.end:
            return self.start <= wall < self.end
        return wall >= self.start or wall < self.end

    def __str__(self) -> str:
        return f"{self.start:%H:%M} to {self.end:%H:%M} {self.zone}"
