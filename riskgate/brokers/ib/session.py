"""One connection to TWS or the Gateway, from the first byte to the last.

Rule 1: a fresh object of the library for each session; nothing of the last one is read.
Rule 2: the library's own throttle is off and its queue stays empty: handed over means written.
Rule 3: a start that fails says why in one line, and leaves nothing behind.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, Final, Protocol

from riskgate.brokers.ib import raw
from riskgate.brokers.ib.client import load
from riskgate.brokers.ib.codes import CLIENT_ID_IN_USE
from riskgate.brokers.ib.questions import FIRST_REQUEST
from riskgate.brokers.ib.settings import Settings
from riskgate.brokers.ib.tap import Callback, Tap
from riskgate.errors import InvariantError, NotConnected

REFUSED: Final = "TWS paper listens on 7497, Gateway paper on 4002. No TWS? run `riskgate simulate`"
SILENT: Final = (
    "something listens there but does not answer as TWS does; "
    "see that the API is enabled in TWS and that no dialog waits for an answer"
)
CLOSING_TURNS: Final = 50  # turns of the loop for a socket to close


class Way(Protocol):
    """How a session comes to be: over a connection of our own, or over one that somebody has."""

    module: raw.Module
    session: raw.Session

    def listen(self, tap: Tap, table: Mapping[str, Callback], lost: Callable[[], None]) -> None:
        """Have the library's callbacks go to those of the table."""
        ...

    async def connect(self) -> None:
        """Return when requests may be sent. Raise NotConnected with the reason."""
        ...

    def error(self, code: int, text: str) -> None:
        """What the broker says before the session is ready."""
        ...

    async def close(self) -> None:
        """The session is over."""
        ...


class OwnWay:
    """A fresh object of the library, connected by us and heard by nobody else."""

    def __init__(self, settings: Settings) -> None:
        self.module = load(settings.library)
        self.session = self.module.IB()
        if settings.time_zone:
            self.session.TimezoneTWS = settings.time_zone
        start = Start(settings, self.session)
        self.connect, self.error = start.connect, start.error

    def listen(self, tap: Tap, table: Mapping[str, Callback], lost: Callable[[], None]) -> None:
        """Put ours in the place of the library's, so that it keeps no orders and no tickers."""
        tap.attach(self.session.wrapper, table)
        tap.also(self.session.wrapper, "connectionClosed", lost)

    async def close(self) -> None:
        """Disconnect."""
        await disconnect(self.session)


class Start:
    """A connection being made. Errors that come meanwhile are handed to `error`."""

    def __init__(self, settings: Settings, session: raw.Session) -> None:
        self._settings = settings
        self._session = session
        self._broken: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    def error(self, code: int, text: str) -> None:
        """What the broker says before the session is ready."""
        if code == CLIENT_ID_IN_USE:
            number = self._settings.client_id
            self._break(f"client id {number} is in use at {self._settings.address}; choose another")
        elif code in {502, 503, 507}:
            self._break(f"{self._settings.address}: {code}: {text}")

    async def connect(self) -> None:
        """Connect and wait until requests may be sent. Raise NotConnected with the reason."""
        settings, client = self._settings, self._session.client
        self._session.wrapper.clientId = settings.client_id
        client.MaxRequests = 0
        client.apiError.connect(self._closed)
        timeout = settings.connect_timeout
        connecting = asyncio.ensure_future(
            client.connectAsync(settings.host, settings.port, settings.client_id, timeout)
        )
        either: tuple[asyncio.Future[Any], ...] = (connecting, self._broken)
        await asyncio.wait(either, timeout=timeout, return_when=asyncio.FIRST_COMPLETED)
        await self._settle(connecting)
        client.updateReqId(FIRST_REQUEST)
        check_queue(client)

    async def _settle(self, connecting: asyncio.Future[None]) -> None:
        address = self._settings.address
        if not connecting.done():
            connecting.cancel()
        try:
            await connecting
        except ConnectionRefusedError:
            reason = f"cannot connect to {address} (connection refused). {REFUSED}"
        except (TimeoutError, asyncio.CancelledError):
            waited = f"{self._settings.connect_timeout:g} s"
            reason = f"no answer from {address} within {waited}: {SILENT}"
        except OSError as error:
            reason = f"cannot connect to {address} ({error.strerror or error})"
        else:
            return
        if self._broken.done():
            reason = self._broken.result()
        raise NotConnected(reason) from None

    def _closed(self, message: str) -> None:
        if self._session.client.isConnected():
            self._break(f"{self._settings.address} closed the connection: {message}")

    def _break(self, reason: str) -> None:
        if not self._broken.done():
            self._broken.set_result(reason)


def check_queue(client: raw.Client) -> None:
    """Raise InvariantError if the library keeps back what it was given."""
    if client._msgQ:  # noqa: SLF001  # the library has no public way to see its queue
        raise InvariantError("the client library holds messages back; its throttle must be off")


async def disconnect(session: raw.Session) -> None:
    """Close the socket and wait until it is gone."""
    with suppress(OSError, ConnectionError):
        session.disconnect()
    connection = session.client.conn
    for _ in range(CLOSING_TURNS):
        if connection.transport is None:
            return
        await asyncio.sleep(0)
    if connection.transport is not None:
        connection.transport.abort()
        await asyncio.sleep(0)
