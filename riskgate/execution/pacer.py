"""How fast messages may leave: a bucket of tokens, with the time handed in.

Rule 1: a token comes back a little more than a second after it was spent, so no second, however
it is cut, sees more than `rate` messages. A bucket that refills evenly would let twice as many
through.
Rule 2: time is any clock that only grows, in seconds; nothing here reads one.
"""

from __future__ import annotations

from collections import deque
from typing import Final

RATE: Final = 45  # messages per second; TWS takes 50 and drops the connection beyond
BACK: Final = 1.1  # seconds until a token is back; the tenth is for messages that arrive late


class Pacer:
    """A bucket of `rate` tokens, and `spare` ones that only urgent messages may take."""

    def __init__(self, rate: int = RATE, spare: int = 0) -> None:
        if rate < 1 or spare < 0:
            raise ValueError(f"pacer: rate {rate} with {spare} spare: must be at least 1 and 0")
        self._rate = rate
        self._spare = spare
        self._spent: deque[float] = deque()

    @property
    def rate(self) -> int:
        """How many messages can leave at once, at the most."""
        return self._rate

    def take(self, now: float, *, urgent: bool = False) -> bool:
        """Spend a token if there is one."""
        if self.wait(now, urgent=urgent) > 0:
            return False
        self.spend(now)
        return True

    def spend(self, now: float, tokens: int = 1) -> None:
        """Count messages that left whether or not there was a token."""
        self._spent.extend([now] * tokens)

    def exhaust(self, now: float) -> None:
        """Send nothing until all tokens are back: the broker says that it was too much."""
        self.spend(now, self._rate + self._spare)

    def wait(self, now: float, *, urgent: bool = False, tokens: int = 1) -> float:
        """How many seconds until there are so many tokens, at most `rate`; 0 if they are there."""
        while self._spent and self._spent[0] + BACK <= now:
            self._spent.popleft()
        room = self._rate + (self._spare if urgent else 0) - (tokens - 1)
        if len(self._spent) < room:
            return 0.0
        return self._spent[len(self._spent) - room] + BACK - now
