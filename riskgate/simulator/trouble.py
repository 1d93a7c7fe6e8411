"""The state of a broker in trouble: doors closed, link lost, and what stands at the sockets.

Rule 1: nothing that is held back is lost unless losing it is what was asked for.
"""

from __future__ import annotations

import random
from collections import deque
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from riskgate.simulator.session import Session
    from riskgate.simulator.wire.codec import Message

_FOR_THE_BROKER = frozenset({"placeOrder", "cancelOrder", "reqGlobalCancel"})
_REPORTS = frozenset(
    {
        "openOrder",
        "orderStatus",
        "execDetails",
        "commissionReport",
        "position",
        "positionMulti",
        "portfolio",
        "accountValue",
        "accountUpdateMulti",
    }
)
_FLEETING = frozenset({"pnl", "pnlSingle", "tickPrice", "tickSize", "tickGeneric", "tickString"})
MOST_HELD = 64 * 1024 * 1024
_STILL_SAID = frozenset({"error", "currentTime"})  # what a TWS without its link answers by itself


class Trouble:
    """What keeps requests from being acted upon."""

    def __init__(self) -> None:
        self.is_closed = False  # nobody may connect
        self.is_mute = False  # who connects is taken and told nothing, not even hello
        self.is_cut_off = False  # between 1100 and 1101 or 1102
        self.waiting: deque[tuple[Session, Message]] = deque()

    def open(self) -> None:
        """Take clients again."""
        self.is_closed = False

    def swallows(self, session: Session, message: Message) -> bool:
        """True when nothing is to be done about the request now."""
        if session.muted:
            return True
        if self.is_cut_off and message.name in _FOR_THE_BROKER:
            self.waiting.append((session, message))
            return True
        return False


class Cut:
    """Lets so many octets out, then drops the socket."""

    def __init__(self, session: Session, octets: int) -> None:
        self._session = session
        self._left = octets

    def take(self, name: str, data: bytes) -> None:
        """Let out what may still go."""
        del name
        self._session.write(data[: self._left])
        self._left -= len(data)
        if self._left <= 0:
            self._session.shut()


class Shuffle:
    """Holds so many messages back, then lets them out in an order drawn by lot."""

    def __init__(self, session: Session, messages: int, lot: random.Random) -> None:
        self._session = session
        self._messages = messages
        self._lot = lot
        self._held: list[bytes] = []

    def take(self, name: str, data: bytes) -> None:
        """Keep a message; let all out once there are enough."""
        del name
        self._held.append(data)
        if len(self._held) >= self._messages:
            self.release()

    def release(self) -> None:
        """Let all out, never in the order they came in, and stand aside."""
        if self._session.outlet is self:
            self._session.outlet = None
        mixed = list(self._held)
        self._lot.shuffle(mixed)
        if mixed == self._held:
            mixed.reverse()
        self._held.clear()
        for data in mixed:
            self._session.write(data)


class Gap:
    """Keeps the broker's reports from a client while the link is lost."""

    def __init__(self, session: Session, reports: Literal["held", "lost"]) -> None:
        self._session = session
        self._reports = reports
        self._held: list[bytes] = []
        self._size = 0

    def take(self, name: str, data: bytes) -> None:
        """Hold a message, lose it, or let it out; a client that more is held for is dropped."""
        if self._reports == "lost":
            if name not in _REPORTS | _FLEETING:
                self._session.write(data)
        elif name in _STILL_SAID:
            self._session.write(data)
        elif name not in _FLEETING:
            self._held.append(data)
            self._size += len(data)
            if self._size > MOST_HELD:
                self._held.clear()
                self._session.abort()

    def release(self) -> None:
        """Let out what was held, in its order, and stand aside."""
        if self._session.outlet is self:
            self._session.outlet = None
        for data in self._held:
            self._session.write(data)
        self._held.clear()
