"""An event loop without a clock, and a network without sockets.

Rule 1: time stands still while anything can be done; then it jumps to the next timer.
Rule 2: what is written arrives in its order, after the latency that the network has then.
Rule 3: nothing is random here: whoever drives the network says what breaks, and when.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine
from contextvars import Context
from typing import Any, TypeVar, TypeVarTuple, Unpack

T = TypeVar("T")
Given = TypeVarTuple("Given")
Factory = Callable[[], asyncio.BaseProtocol]
TICK = 1e-6  # seconds
MOST_TURNS = 100_000
MARGIN = 5.0  # seconds beyond a coroutine's own limit, as the loop's own thread gives it


class Stalled(RuntimeError):  # noqa: N818  # it says what happened
    """Nothing is ready and nothing is planned: whoever waits here waits for ever."""


class Endless(RuntimeError):  # noqa: N818  # it says what happened
    """It goes on and on without coming to an end."""


class VirtualLoop(asyncio.BaseEventLoop):
    """The loop. `faults` are the exceptions that nobody caught."""

    def __init__(self) -> None:
        super().__init__()
        self._now = 0.0
        self.turns = 0
        self._selector = self
        self._scheduled: list[asyncio.TimerHandle]
        self.network = Network(self)
        self.faults: list[str] = []
        self.set_exception_handler(self._unexpected)

    def time(self) -> float:
        """Virtual seconds since the start."""
        return self._now

    def select(self, timeout: float | None) -> tuple[()]:
        """Wait as a selector does, which takes no time."""
        self.turns += 1
        if timeout is None:
            raise Stalled
        if self.turns > MOST_TURNS:
            raise Endless
        if timeout > 0:
            self._now = max(self._now, self._scheduled[0].when())
        return ()

    def call_later(
        self,
        delay: float,
        callback: Callable[[Unpack[Given]], object],
        *args: *Given,
        context: Context | None = None,
    ) -> asyncio.TimerHandle:
        """Call after so many seconds, of which the least is a tick: time must move to pass."""
        seconds = max(delay, TICK) if delay > 0 else delay
        return super().call_later(seconds, callback, *args, context=context)

    def run_for(self, seconds: float) -> None:
        """Let virtual time pass."""
        end = self.call_later(seconds, self.stop)
        try:
            self.run_forever()
        finally:
            end.cancel()

    def during(self, todo: Callable[[], T]) -> T:
        """Call what expects to be called by the loop."""
        asyncio._set_running_loop(self)
        try:
            return todo()
        finally:
            asyncio._set_running_loop(None)

    async def create_connection(  # type: ignore[override]
        self, protocol_factory: Factory, host: str, port: int
    ) -> tuple[asyncio.Transport, asyncio.BaseProtocol]:
        """Connect to whoever listens there."""
        del host
        return self.network.connected(protocol_factory, port)

    async def create_server(  # type: ignore[override]
        self, protocol_factory: Factory, host: str, port: int
    ) -> Server:
        """Listen."""
        del host
        return Server(self.network, protocol_factory, port or 7497)

    def _process_events(self, event_list: object) -> None:
        pass

    def _write_to_self(self) -> None:
        pass

    def _unexpected(self, loop: object, context: dict[str, Any]) -> None:
        del loop
        self.faults.append(f"{context.get('message')}: {context.get('exception')!r}")


class Network:
    """Who listens, and every connection that was made."""

    def __init__(self, loop: VirtualLoop) -> None:
        self.loop = loop
        self.listening: dict[int, Factory] = {}
        self.wires: list[Wire] = []
        self.latency = 0.0
        self.writes = 0  # how often anything was written so far
        self.stamp = 0  # the write that is arriving now

    def connected(
        self, factory: Factory, port: int
    ) -> tuple[asyncio.Transport, asyncio.BaseProtocol]:
        """A new connection, seen from the side that asked for it."""
        if port not in self.listening:
            raise ConnectionRefusedError(111, "connection refused")
        near, far = factory(), self.listening[port]()
        wire = Wire(self, near, far)
        self.wires = [one for one in self.wires if not one.is_over] + [wire]
        far.connection_made(wire.far)
        near.connection_made(wire.near)
        return wire.near, near


class Wire:
    """One connection. `cut_after` octets, either way, it breaks; `frozen`, it carries nothing."""

    def __init__(
        self, network: Network, near: asyncio.BaseProtocol, far: asyncio.BaseProtocol
    ) -> None:
        self.network = network
        self.cut_after: int | None = None
        self.frozen = False
        self.near, self.far = End(self, near), End(self, far)
        self.near.peer, self.far.peer = self.far, self.near

    @property
    def is_over(self) -> bool:
        """Whether both ends know that it is gone."""
        return self.near.is_closing() and self.far.is_closing()

    def allowed(self, data: bytes) -> bytes:
        """As much of it as still leaves."""
        if self.cut_after is None:
            return data
        data = data[: self.cut_after]
        self.cut_after -= len(data)
        return data

    def drop(self) -> None:
        """Break it: what is under way arrives, then both sides hear of it."""
        self.frozen = False
        self.near.abort()
        self.far.abort()


class End(asyncio.Transport):
    """One end of a wire."""

    peer: End

    def __init__(self, wire: Wire, protocol: Any) -> None:  # noqa: ANN401  # any protocol
        super().__init__()
        self._wire = wire
        self._protocol = protocol
        self._closing = False
        self._lost = False
        self._coming: deque[tuple[int, bytes]] = deque()
        self._free_at = 0.0

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Send; where the wire has a fault, it happens here."""
        network, wire = self._wire.network, self._wire
        network.writes += 1
        if self._closing or wire.frozen:
            return
        leaves = wire.allowed(bytes(data))
        if leaves:
            self.peer.carry((network.writes, leaves))
        if wire.cut_after == 0:
            wire.cut_after = None
            network.loop.call_soon(wire.drop)

    def carry(self, chunk: tuple[int, bytes]) -> None:
        """Have something arrive here; nothing is the end of the stream."""
        loop = self._wire.network.loop
        now = loop.time()
        self._free_at = max(self._free_at, now + self._wire.network.latency)
        self._coming.append(chunk)
        if self._free_at <= now:
            loop.call_soon(self._arrive)
        else:
            loop.call_at(self._free_at, self._arrive)

    def _arrive(self) -> None:
        stamp, data = self._coming.popleft()
        if self._lost or self._wire.frozen:
            return
        if data:
            self._wire.network.stamp = stamp
            self._protocol.data_received(data)
        else:
            self._closing = True
            self._lose()

    def _lose(self) -> None:
        if not self._lost:
            self._lost = True
            self._protocol.connection_lost(None)

    def close(self) -> None:
        """Say that nothing more comes, and be gone soon."""
        if self._closing:
            return
        self._closing = True
        if not self._wire.frozen:
            self.peer.carry((0, b""))
        self._wire.network.loop.call_soon(self._lose)

    def abort(self) -> None:
        """The same; what was written leaves all the same, as from a system's buffer."""
        self.close()

    def is_closing(self) -> bool:
        """Whether nothing can be sent any more."""
        return self._closing

    def write_eof(self) -> None:
        """Nothing is buffered here."""

    def get_write_buffer_size(self) -> int:
        """Nothing is buffered here."""
        return 0


class Server:
    """What listens on a port."""

    def __init__(self, network: Network, factory: Factory, port: int) -> None:
        self._network = network
        self._port = port
        network.listening[port] = factory

    @property
    def sockets(self) -> tuple[Server, ...]:
        """One, that knows its port."""
        return (self,)

    def getsockname(self) -> tuple[str, int]:
        """Where it listens."""
        return ("127.0.0.1", self._port)

    def close(self) -> None:
        """Listen no more."""
        self._network.listening.pop(self._port, None)

    async def wait_closed(self) -> None:
        """It is closed at once."""


class Turning:
    """An engine of the adapter: runs coroutines in the loop whenever the gate waits for one."""

    def __init__(self, loop: VirtualLoop, alarm: Callable[[str], None]) -> None:
        self._loop = loop
        self._alarm = alarm
        self._tasks: set[asyncio.Task[object]] = set()

    def run(self, coroutine: Coroutine[Any, Any, T], timeout: float) -> T:
        """Run it to its end, or for so many virtual seconds."""
        return self._loop.run_until_complete(asyncio.wait_for(coroutine, timeout + MARGIN))

    def begin(self, coroutine: Coroutine[Any, Any, object]) -> None:
        """Begin it; the loop goes on with it whenever it is turned."""
        task = self._loop.create_task(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def stop(self) -> None:
        """Cancel what still runs."""
        for task in tuple(self._tasks):
            task.cancel()
        self._loop.run_for(0.0)

    def _ended(self, task: asyncio.Task[object]) -> None:
        self._tasks.discard(task)
        error = None if task.cancelled() else task.exception()
        if error is not None:
            self._alarm(f"a task broke: {error!r}")
