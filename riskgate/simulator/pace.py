"""How fast a client sends: whether its messages are more than the broker takes in a second. Pure.

Rule 1: time is real time, in seconds of any clock that does not jump; a simulated clock may stand.
Rule 2: a stamp may be late, for a busy computer reads a burst late, and the next one on time. So a
span of so many seconds counts `GRACE` short, and no client that keeps the pace is ever over it.
"""

from __future__ import annotations

from collections import deque

GRACE = 0.25  # seconds that a message may be read late
SPANS = (1, 2, 4, 8)  # seconds; a burst is found by the first, an even stream by the others


class Pace:
    """The messages of one client, held against the most that may come in a second."""

    def __init__(self, most: int) -> None:
        self.most = most
        self._stamps: deque[float] = deque(maxlen=most * SPANS[-1] + 1)

    def is_exceeded(self, at: float) -> bool:
        """Count one more message; True when it is too much."""
        stamps = self._stamps
        stamps.append(at)
        for span in SPANS:
            over = self.most * span + 1
            if len(stamps) >= over and stamps[-over] > at - (span - GRACE):
                return True
        return False
