"""One client's connection: hello, start, pacing, and what the client subscribed to.

Rule 1: a message is stamped when its bytes are read, before anything is done about it.
Rule 2: a client can do nothing that stops the server; a broken stream costs it its connection.
Rule 3: what waits for a client that does not read is bounded; beyond that it is dropped.
Rule 4: what was said before closing arrives: the server closes its side and hears the client out.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

import msgspec

from riskgate.simulator.clock import Clock
from riskgate.simulator.exchange import Exchange
from riskgate.simulator.options import Options
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
SECOND = timedelta(seconds=1)
AT_ONCE = 64 * 1024  # more than this does not wait for the end of the turn
MAX_UNSENT = 64 * 1024 * 1024  # a client that stops reading is dropped beyond this
LINGER = 2.0  # seconds a client has to close its side
READING_FAILED = 320


class Line(msgspec.Struct, frozen=True):
    """A market data subscription."""

    con_id: int
    delayed: bool = False


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
        self._stamps: deque[datetime] = deque()
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
                self._take(body, at)
        except FramingError as fault:
            log.warning("client %s: %s: the connection is closed", self.client_id, fault)
            self.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is gone."""
        del exc
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
        """Drop the connection at once."""
        self._flush()
        if self._transport is not None:
            self._transport.abort()

    # -- what the client sends --------------------------------------------------------------------

    def _take(self, body: bytes, at: datetime) -> None:
        if not self.version:
            self._shake_hands(body)
            return
        if self._too_fast(at):
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

    def _too_fast(self, at: datetime) -> bool:
        pace = self.host.options.pace
        if pace is None:
            return False
        stamps = self._stamps
        stamps.append(at)
        while stamps[0] <= at - SECOND:
            stamps.popleft()
        if len(stamps) <= pace:
            return False
        text = f"Max rate of messages per second has been exceeded:max={pace} rec={len(stamps)}"
        self.error(-1, 100, text)
        self.close()
        return True

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
