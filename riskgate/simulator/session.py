"""One client's connection: hello, start, pacing, and what the client subscribed to.

Rule 1: a message is stamped when its bytes are read, before anything is done about it.
Rule 2: a client can do nothing that stops the server; a broken stream costs it its connection.
Rule 3: what waits for a client that does not read is bounded; beyond that it is dropped.
Rule 4: what was said before closing arrives: the server closes its side and hears the client out.
Rule 5: where there is a pace, bytes are read at once and acted upon a few messages at a time, so
that the computer's work does not make a client look faster than it is.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

import msgspec

from riskgate.simulator.clock import Clock
from riskgate.simulator.exchange import Exchange
from riskgate.simulator.options import Options
from riskgate.simulator.pace import Pace
from riskgate.simulator.replies import zoned
from riskgate.simulator.wire.codec import (
    MIN_VERSION,
    REQUEST_TABLE,
    Message,
    field_table,
    framed,
)
from riskgate.simulator.wire.fields import WireError
from riskgate.simulator.wire.framing import (
    MAX_REQUEST,
    Frames,
    FramingError,
    frame,
    parse_hello,
)
from riskgate.simulator.wire.kinds import Value

log = logging.getLogger(__name__)
AT_A_TIME = 10  # messages; then the loop may read sockets again
AT_ONCE = 64 * 1024  # more than this does not wait for the end of the turn
MAX_UNSENT = 64 * 1024 * 1024  # a client that stops reading is dropped beyond this
LINGER = 2.0  # seconds a client has to close its side
READING_FAILED = 320


class Line(msgspec.Struct, frozen=True):
    """A market data subscription."""

    con_id: int
    delayed: bool = False


class Waiting(msgspec.Struct, frozen=True):
    """A message that was read and is not acted upon yet."""

    body: bytes
    at: datetime
    is_too_fast: bool


class Stream(Protocol):
    """A subscription that follows the price of a contract."""

    con_id: int

    def priced(self) -> None:
        """The quote has changed."""
        ...


@dataclass(slots=True)
class Subscriptions:
    """What a client wants to be told from now on."""

    positions: bool = False
    auto_bind: bool = False
    account: str = ""
    data_type: int = 1
    lines: dict[int, Line] = field(default_factory=dict)
    pnl: dict[int, str] = field(default_factory=dict)
    pnl_single: dict[int, tuple[str, int]] = field(default_factory=dict)
    positions_multi: dict[int, str] = field(default_factory=dict)
    values_multi: dict[int, str] = field(default_factory=dict)
    summaries: dict[int, frozenset[str]] = field(default_factory=dict)
    streams: dict[int, Stream] = field(default_factory=dict)
    values_sent: dict[tuple[int, str, str], str] = field(default_factory=dict)


class Host(Protocol):
    """What a session needs of the gateway."""

    exchange: Exchange
    options: Options
    clock: Clock

    def joined(self, session: Session) -> None:
        """A connection was made."""
        ...

    def admit(self, session: Session) -> bool:
        """Register the session under its client id; False when the id is in use."""
        ...

    def handle(self, session: Session, message: Message, at: datetime) -> None:
        """Act on a request."""
        ...

    def parted(self, session: Session) -> None:
        """Nothing more passes between the session and the broker."""
        ...

    def left(self, session: Session) -> None:
        """A connection is gone."""
        ...


class Outlet(Protocol):
    """What stands between a session and its socket while the broker misbehaves."""

    def take(self, name: str, data: bytes) -> None:
        """A framed message on its way out."""
        ...


class Session(asyncio.Protocol):
    """One connection."""

    def __init__(self, host: Host) -> None:
        self.host = host
        self.version = 0
        self.client_id: int | None = None
        self.wants = Subscriptions()
        self.muted = False
        self.outlet: Outlet | None = None
        self._frames = Frames(hello=True, longest=MAX_REQUEST)
        self._transport: asyncio.Transport | None = None
        self._pace = None if host.options.pace is None else Pace(host.options.pace)
        self._waiting: deque[Waiting] = deque()
        self._unsent: list[bytes] = []
        self._unsent_size = 0
        self._is_parting = False
        self._linger: asyncio.TimerHandle | None = None

    # -- asyncio's side ---------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A client has connected."""
        if isinstance(transport, asyncio.Transport):
            self._transport = transport
            self.host.joined(self)

    def data_received(self, data: bytes) -> None:
        """Bytes have come in."""
        if self._is_parting:  # read, so that the system does not answer it with a reset
            return
        at = self.host.clock.now()
        try:
            for body in self._frames.feed(data):
                if not self.is_open:
                    return
                if self._pace is None or not self.version:
                    self._take(body, at)
                else:
                    self._put_off(body, at, self._pace)
        except FramingError as fault:
            log.warning("client %s: %s: the connection is closed", self.client_id, fault)
            self.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is gone; what came before is acted upon still."""
        del exc
        while self._waiting:
            self._take_next()
        self._transport = None
        if self._linger is not None:
            self._linger.cancel()
        self.host.left(self)

    # -- what the server does ---------------------------------------------------------------------

    @property
    def is_open(self) -> bool:
        """True while something sent can arrive."""
        transport = self._transport
        return transport is not None and not transport.is_closing() and not self._is_parting

    @property
    def has_waiting(self) -> bool:
        """True while messages that were read wait for being acted upon."""
        return bool(self._waiting)

    @property
    def unsent(self) -> int:
        """How many bytes wait for the client to read."""
        waiting = 0 if self._transport is None else self._transport.get_write_buffer_size()
        return waiting + self._unsent_size

    def send(self, name: str, record: Mapping[str, Value]) -> None:
        """Send a message; nothing happens when the client is gone."""
        if self.muted or not self.is_open:
            return
        self.post(name, framed(name, record, self.version))

    def post(self, name: str, data: bytes) -> None:
        """Send a message that is ready for the socket."""
        if self.outlet is None:
            self.write(data)
        else:
            self.outlet.take(name, data)

    def write(self, data: bytes) -> None:
        """Send bytes; nothing happens when the client is gone."""
        if self.muted or not self.is_open:
            return
        if not self._unsent:
            asyncio.get_running_loop().call_soon(self._flush)
        self._unsent.append(data)
        self._unsent_size += len(data)
        if self._unsent_size > AT_ONCE:
            self._flush()

    def _flush(self) -> None:
        """What was said in one turn of the loop leaves at once."""
        data = b"".join(self._unsent)
        self._unsent.clear()
        self._unsent_size = 0
        if not data or self._transport is None or not self.is_open:
            return
        self._transport.write(data)
        if self.unsent > MAX_UNSENT:
            log.warning("client %s: does not read: the connection is closed", self.client_id)
            self.abort()

    def error(self, req_id: int, code: int, text: str) -> None:
        """Send an error message; `req_id` is -1 when it answers no request."""
        at = int(self.host.clock.now().timestamp() * 1000)
        self.send("error", {"reqId": req_id, "code": code, "text": text, "errorTime": at})

    def close(self) -> None:
        """Close after what was sent has arrived."""
        self._flush()
        if self._transport is None or not self.is_open:
            return
        self._is_parting = True
        self._transport.write_eof()
        self._linger = asyncio.get_running_loop().call_later(LINGER, self._transport.abort)
        self.host.parted(self)

    def shut(self) -> None:
        """Close after what was sent has left, and send no more."""
        self.muted = True
        self.close()

    def abort(self) -> None:
        """Drop the connection at once; what was not acted upon yet never is."""
        self._flush()
        self._is_parting = True
        if self._transport is not None:
            self._transport.abort()

    # -- what the client sends --------------------------------------------------------------------

    def _take(self, body: bytes, at: datetime) -> None:
        if not self.version:
            self._shake_hands(body)
            return
        try:
            message = REQUEST_TABLE.decode(body, self.version)
        except WireError as fault:
            self._refuse(body, fault)
            return
        if message.name == "startApi" or self.client_id is not None:
            self.host.handle(self, message, at)

    def _shake_hands(self, body: bytes) -> None:
        lowest, highest = parse_hello(body)
        version = min(highest, self.host.options.max_version)
        if version < max(lowest, MIN_VERSION):
            raise FramingError(f"hello: v{lowest}..{highest}: this server speaks {MIN_VERSION}..")
        self.version = version
        now = zoned(self.host.clock.now(), self.host.options.time_zone)
        self.write(frame(f"{version}\0{now}\0".encode()))

    def _put_off(self, body: bytes, at: datetime, pace: Pace) -> None:
        """Note when a message came, and act on it in its turn."""
        loop = asyncio.get_running_loop()
        is_too_fast = pace.is_exceeded(loop.time())
        if not self._waiting:
            loop.call_soon(self._take_some)
        elif self._waiting[-1].is_too_fast:
            return
        self._waiting.append(Waiting(body, at, is_too_fast))

    def _take_some(self) -> None:
        for _ in range(AT_A_TIME):
            if not self._waiting:
                return
            self._take_next()
        if self._waiting:
            asyncio.get_running_loop().call_soon(self._take_some)

    def _take_next(self) -> None:
        one = self._waiting.popleft()
        if self._is_parting or self._transport is None:
            return
        if not one.is_too_fast:
            self._take(one.body, one.at)
            return
        most = self.host.options.pace
        text = f"Max rate of messages per second has been exceeded:max={most}"
        self.error(-1, 100, f"{text} rec={(most or 0) + 1}")
        self.close()

    def _refuse(self, body: bytes, fault: WireError) -> None:
        log.warning("client %s: %s; %s", self.client_id, fault, field_table(body, fault))
        about = fault.record.get("reqId", fault.record.get("orderId", -1))
        text = f"Error reading request. {fault}"
        self.error(about if isinstance(about, int) else -1, READING_FAILED, text)

    def start(self, message: Message) -> None:
        """The client says who it is."""
        if self.client_id is not None:
            return
        self.client_id = message.integer("clientId")
        if not self.host.admit(self):
            text = "Unable to connect as the client id is already in use. "
            self.error(-1, 326, f"{text}Retry with a unique client id.")
            self.close()
            return
        self.send("managedAccounts", {"accounts": ",".join(self.host.options.accounts)})
        self.send_next_id()
        for code, text in FARMS:
            self.error(-1, code, text)

    def send_next_id(self) -> None:
        """Send the next valid order id of this client."""
        highest = self.host.exchange.book.highest(self.client_id or 0)
        first = self.host.options.first_order_id
        self.send("nextValidId", {"orderId": max(highest + 1, first)})


FARMS = (
    (2104, "Market data farm connection is OK:usfarm"),
    (2106, "HMDS data farm connection is OK:ushmds"),
    (2158, "Sec-def data farm connection is OK:secdefil"),
)
