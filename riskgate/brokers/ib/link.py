"""Whether orders reach the market, and whether prices can be believed, from IB's own messages.

Rule 1: a socket that is open proves nothing: TWS may have lost IB, or be read-only, or be silent.
Rule 2: what restores the link says so; nothing is assumed to have healed.
Rule 3: every change that may have hidden something from us is told, so that we reconcile.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from riskgate.brokers.ib import codes
from riskgate.execution.codes import SHIPPED, Class, Meanings

TELLING: Final = frozenset({Class.SESSION, Class.PACING, Class.AMBIGUOUS})


class Link:
    """The state of one session. Written in the loop's thread, read from any."""

    def __init__(self, changed: Callable[[str], None], meanings: Meanings = SHIPPED) -> None:
        self._changed = changed
        self._meanings = meanings
        self._farms: set[str] = set()
        self.lost = ""
        self.silent = False
        self.read_only = ""

    @property
    def trouble(self) -> str:
        """Why orders do not reach the market, or nothing."""
        if self.silent:
            return "the broker does not answer"
        return self.lost or self.read_only

    @property
    def priced(self) -> bool:
        """Whether prices that do not change can be taken as current."""
        return not (self.lost or self.silent or self._farms)

    def message(self, code: int, text: str) -> None:
        """A message that is about no order and no request."""
        said = f"{code}: {text}"
        if code in codes.LINK_LOST:
            self.lost = said
        elif code in codes.LINK_BACK:
            self.lost = ""
            self._farms.clear()
        elif code in codes.BROKEN_FARM:
            self._farms.add(_farm(text))
        elif code in codes.WORKING_FARM:
            self._farm_works(text)
        if code in codes.LINK_LOST | codes.LINK_BACK or self._may_hide_something(code):
            self._changed(said)

    def forbidden(self, text: str) -> None:
        """TWS takes no orders over its API."""
        if not self.read_only:
            self.read_only = (
                "the API of TWS is read-only; untick `Read-Only API` in its API settings"
            )
            self._changed(f"{self.read_only} ({text})")

    def answered(self) -> None:
        """The broker answered the heartbeat."""
        if self.silent:
            self.silent = False
            self._changed("the broker answers again")

    def unanswered(self, seconds: float) -> None:
        """The broker did not."""
        if not self.silent:
            self.silent = True
            self._changed(f"the broker did not answer within {seconds:g} s")

    def _may_hide_something(self, code: int) -> bool:
        """Whether something may have happened that no message will tell."""
        quiet = code in codes.BROKEN_FARM or 2100 <= code < 2200  # noqa: PLR2004  # IB's warnings
        return not quiet and self._meanings.of(code) in TELLING

    def _farm_works(self, text: str) -> None:
        self._farms.discard(_farm(text))
        if self.lost.startswith("2110"):
            self.lost = ""
            self._changed(f"the server is back: {text}")


def _farm(text: str) -> str:
    return text.rpartition(":")[2].strip()
