"""The one way of a guarded library's messages to its socket.

Rule 1: a message that can send, change or end an order is written only while the gate writes.
Rule 2: whatever else somebody sends waits in the gate's outbox for its turn, behind all orders, so
that both together stay below what TWS takes. The library's own queue stays empty.
Rule 3: who may write is known by its thread, and only for as long as it writes.
"""

from __future__ import annotations

import re
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final, TypeAlias

from riskgate.brokers.ib.questions import FIRST_REQUEST
from riskgate.brokers.ib.tap import check_has
from riskgate.errors import BrokerError

ORDER_MESSAGES: Final = {
    "3": "placeOrder",
    "4": "cancelOrder",
    "21": "exerciseOptions",
    "58": "reqGlobalCancel",
}
INSTEAD: Final = {
    "placeOrder": "use `ib.placeOrder(contract, order)`, or `ib.whatIfOrder` for a question",
    "cancelOrder": "use `ib.cancelOrder(order)`",
    "reqGlobalCancel": "use `ib.reqGlobalCancel()`",
    "exerciseOptions": "exercise it in TWS: the gate does not judge exercises",
}
HELLO: Final = b"API\0"
OPENING: Final = re.compile(rb"v[0-9]+\.\.[0-9]+( [ -~]*)?")
OURS: Final = 1_600_000_000  # our requests are numbered from here, others' from FIRST_REQUEST
PREFIX: Final = 4  # bytes of a message's length
OPEN: Final = "open orders"
COMPLETED: Final = "completed orders"
POSITIONS: Final = "positions"
ASKING: Final = {"5": OPEN, "16": OPEN, "99": COMPLETED, "61": POSITIONS}
Send = Callable[[], None]
Theirs: TypeAlias = Any  # an object of the library, seen from inside


class PastTheGate(BrokerError):  # noqa: N818  # reads as the fact it states
    """Somebody tried to send an order message past the gate; nothing was sent."""


class Turns:
    """Who asked for what the broker answers without a number, in order: TWS answers in order."""

    def __init__(self) -> None:
        self._asked: dict[str, list[bool]] = {}

    def asked(self, kind: str, *, ours: bool) -> None:
        """A question leaves. Of ours there is one at a time: an older one was given up."""
        waiting = self._asked.setdefault(kind, [])
        if ours:
            waiting[:] = [one for one in waiting if not one]
        waiting.append(ours)

    def whose(self, kind: str) -> bool | None:
        """Whether what comes now answers us (True) or others (False); None if nobody asked."""
        waiting = self._asked.get(kind)
        return waiting[0] if waiting else None

    def ended(self, kind: str) -> bool | None:
        """An answer is whole; whose it was."""
        waiting = self._asked.get(kind)
        return waiting.pop(0) if waiting else None

    def give_up(self) -> None:
        """We wait for no answer any more."""
        for waiting in self._asked.values():
            waiting[:] = [ours for ours in waiting if not ours]


class Wire:
    """The messages of one client object of the library, from when it is guarded."""

    def __init__(self, client: Theirs) -> None:
        check_has(client, (*INSTEAD, "sendMsg", "getReqId"))
        check_has(client.conn, ("sendMsg",))
        self._writer = 0
        self._written: Callable[[bytes], None] = client.conn.sendMsg
        self.turns = Turns()
        self.queue: Callable[[Send], None] | None = None
        self.following = FIRST_REQUEST  # the lowest number that the library has not given yet
        self._given: Callable[[], int] = client.getReqId
        client.getReqId = self.numbered
        client.sendMsg = self.send
        client.conn.sendMsg = self.raw
        for name in INSTEAD:
            setattr(client, name, _refusing(name))

    @property
    def ours(self) -> bool:
        """Whether it is the gate that writes now, in this thread."""
        return self._writer == threading.get_ident()

    @contextmanager
    def writing(self) -> Iterator[None]:
        """The gate writes."""
        before, self._writer = self._writer, threading.get_ident()
        try:
            yield
        finally:
            self._writer = before

    def send(self, message: str) -> None:
        """What the library's `sendMsg` was. Raise PastTheGate for an order message of others."""
        if not message:
            return  # the library's own throttle, which has nothing to send
        number = message.partition("\0")[0]
        ours = self.ours
        if not ours:
            _check(number)
        kind, body = ASKING.get(number), message.encode()

        def write() -> None:
            if kind is not None:
                self.turns.asked(kind, ours=ours)
            self._written(struct.pack(">I", len(body)) + body)

        if ours or self.queue is None:
            write()
        else:
            self.queue(write)

    def raw(self, data: bytes) -> None:
        """What the connection's `sendMsg` was, for whoever writes bytes himself."""
        if not self.ours:
            opening, messages = _opened(data)
            for number in _numbers(messages):
                _check(number)
            if opening and not OPENING.fullmatch(opening):
                raise PastTheGate("a greeting that the library does not write; nothing was sent")
        self._written(data)

    def numbered(self) -> int:
        """What the library's `getReqId` was; a number is never given again, in later sessions too.

        The library begins anew in each, and an order that has not left is known by its number.
        """
        given = self._given()
        if FIRST_REQUEST <= given < OURS:
            self.following = max(self.following, given + 1)
        return given


def _numbers(data: bytes) -> Iterator[str]:
    """The first field of each message in some bytes. Raise PastTheGate for parts of messages."""
    place = 0
    while place < len(data):
        end = place + PREFIX + int.from_bytes(data[place : place + PREFIX])
        if len(data) < max(end, place + PREFIX):
            raise PastTheGate("bytes that are no whole messages cannot be judged; nothing was sent")
        yield data[place + PREFIX : end].partition(b"\0")[0].decode(errors="replace")
        place = end


def _opened(data: bytes) -> tuple[bytes, bytes]:
    """The greeting that opens a connection, if these bytes begin with it, and what follows."""
    if not data.startswith(HELLO):
        return b"", data
    end = len(HELLO) + PREFIX
    end += int.from_bytes(data[len(HELLO) : end])
    return data[len(HELLO) + PREFIX : end] or b"-", data[end:]


def _check(number: str) -> None:
    digits = number.strip().lstrip("+0")  # as TWS reads a number
    name = ORDER_MESSAGES.get(digits)
    if name is not None:
        raise _refusal(name, f"message {digits} ({name})")
    if not (number.isascii() and number.isdecimal()):  # TWS reads digits of other scripts as well
        raise PastTheGate(f"message `{number!a}` is no number that can be judged; nothing was sent")


def _refusing(name: str) -> Callable[..., None]:
    def refused(*_: object, **__: object) -> None:
        raise _refusal(name, f"`ib.client.{name}`")

    return refused


def _refusal(name: str, what: str) -> PastTheGate:
    return PastTheGate(f"{what} would go past the gate; nothing was sent; {INSTEAD[name]}")
