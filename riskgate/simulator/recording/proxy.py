"""Stands between a client and a TWS, passes everything on, and writes down what it saw.

Rule 1: bytes go on before they are looked at; what the recorder cannot read, it passes on all the
same and keeps nothing of it.
Rule 2: a client that offers more than the text protocol is made to offer no more than that.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from riskgate.simulator.options import HOST
from riskgate.simulator.recording.masking import Mask
from riskgate.simulator.recording.tape import Entry, Side, Tape
from riskgate.simulator.wire.codec import MAX_VERSION, split
from riskgate.simulator.wire.fields import WireError
from riskgate.simulator.wire.framing import (
    Frames,
    FramingError,
    client_hello,
    parse_hello,
)

log = logging.getLogger(__name__)
CHUNK = 65536
HELLO_TIME = 10.0  # seconds for a client to say hello


class Recorder:
    """What all connections of a recording share."""

    def __init__(self, path: Path) -> None:
        self._tape = Tape(path)
        self._mask = Mask()
        self._began: float | None = None
        self._connections = 0
        self._is_full = False

    def connection(self) -> int:
        """The number of a new connection."""
        self._connections += 1
        return self._connections

    def hello(self, connection: int, offered: tuple[int, int]) -> None:
        """Keep what a client offers."""
        self._keep(Entry(self._at(), connection, "client", hello=offered))

    def frame(self, connection: int, side: Side, body: bytes, version: int) -> None:
        """Keep a frame; one that is not text is only counted."""
        try:
            fields = self._mask.frame(side, split(body), version) if version else tuple(split(body))
        except WireError as fault:
            log.warning("recording: connection %s, %s: %s: not kept", connection, side, fault)
            self._keep(Entry(self._at(), connection, side))
            return
        self._keep(Entry(self._at(), connection, side, fields))

    def close(self) -> None:
        """No more entries."""
        self._tape.close()

    def _keep(self, entry: Entry) -> None:
        if not self._tape.add(entry) and not self._is_full:
            self._is_full = True
            log.error("recording: the file has its fill: the rest is passed on only")

    def _at(self) -> float:
        now = asyncio.get_running_loop().time()
        if self._began is None:
            self._began = now
        return round(now - self._began, 6)


class _Ear:
    """Cuts one direction of a connection into frames for the recorder."""

    def __init__(self, keep: Callable[[bytes], None]) -> None:
        self._keep = keep
        self._frames: Frames | None = Frames(hello=False)

    def hear(self, chunk: bytes) -> None:
        """Record the frames these bytes complete; give up on a stream that is none."""
        if self._frames is None:
            return
        try:
            for body in self._frames.feed(chunk):
                self._keep(body)
        except FramingError as fault:
            log.warning("recording: %s: this direction is passed on only", fault)
            self._frames = None


class _Line:
    """One client and its connection to the TWS."""

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder
        self._number = recorder.connection()
        self._version = 0

    async def carry(
        self,
        client: tuple[asyncio.StreamReader, asyncio.StreamWriter],
        server: tuple[asyncio.StreamReader, asyncio.StreamWriter],
    ) -> None:
        """Pass everything on until one side has closed."""
        async with asyncio.timeout(HELLO_TIME):
            rest = await self._hello(client[0], server[1])
        asking = _Ear(lambda body: self._keep("client", body))
        answering = _Ear(lambda body: self._keep("server", body))
        server[1].write(rest)
        asking.hear(rest)
        pumps = [
            asyncio.create_task(_pump(client[0], server[1], asking)),
            asyncio.create_task(_pump(server[0], client[1], answering)),
        ]
        try:
            await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for pump in pumps:
                pump.cancel()
            await asyncio.gather(*pumps, return_exceptions=True)

    async def _hello(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
        """Pass the hello on; returns the bytes that came after it."""
        frames = Frames(hello=True)
        bodies: list[bytes] = []
        while not bodies:
            chunk = await reader.read(CHUNK)
            if not chunk:
                raise FramingError("hello: the client has closed")
            bodies = frames.feed(chunk)
        lowest, highest = parse_hello(bodies[0])
        offered = (lowest, min(highest, MAX_VERSION))
        writer.write(client_hello(*offered))
        self._recorder.hello(self._number, offered)
        return frames.unread(bodies[1:])

    def _keep(self, side: Side, body: bytes) -> None:
        self._recorder.frame(self._number, side, body, self._version)
        if side == "server" and not self._version:
            first = body.split(b"\0", 1)[0]
            self._version = int(first) if first.isdigit() and len(first) < 7 else 0  # noqa: PLR2004


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, ear: _Ear) -> None:
    while chunk := await reader.read(CHUNK):
        writer.write(chunk)
        ear.hear(chunk)
        await writer.drain()


async def _serve(
    recorder: Recorder,
    upstream: tuple[str, int],
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
) -> None:
    far: asyncio.StreamWriter | None = None
    try:
        far_reader, far = await asyncio.open_connection(*upstream)
        await _Line(recorder).carry((reader, writer), (far_reader, far))
    except (OSError, FramingError) as fault:  # a TimeoutError is one, too
        log.warning("recording: %s", fault or "a client said no hello")
    finally:
        for one in (writer, far):
            if one is not None:
                one.close()
                with suppress(OSError):
                    await one.wait_closed()


async def record(
    path: Path, upstream: tuple[str, int], port: int, ready: Callable[[int], None]
) -> None:
    """Listen as a TWS and record what passes, until cancelled; `ready` is told the port.

    Raises FileExistsError for a file that is there already, OSError when the port is taken.
    """
    recorder = Recorder(path)
    lines: set[asyncio.Task[None]] = set()

    def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        line = asyncio.get_running_loop().create_task(_serve(recorder, upstream, reader, writer))
        lines.add(line)
        line.add_done_callback(lines.discard)

    try:
        server = await asyncio.start_server(connected, HOST, port)
        try:
            ready(server.sockets[0].getsockname()[1])
            await asyncio.get_running_loop().create_future()
        finally:
            server.close()
            for line in tuple(lines):
                line.cancel()
            await asyncio.gather(*lines, return_exceptions=True)
    finally:
        recorder.close()
