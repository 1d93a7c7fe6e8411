"""The broker of a gate that works over somebody else's connection, in somebody else's loop.

Rule 1: nothing here waits for the broker in the loop's own thread.
Rule 2: a session lasts as long as the connection; who made the connection makes the next.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from concurrent.futures import CancelledError, Future
from contextlib import suppress
from typing import Any, Final, TypeVar

from riskgate.brokers.ib import raw
from riskgate.brokers.ib.board import Market
from riskgate.brokers.ib.broker import CLOSING, STOPPED, IbBroker
from riskgate.brokers.ib.client import in_use
from riskgate.brokers.ib.desk import Desk, World
from riskgate.brokers.ib.guarded_client import OwnClient, Told
from riskgate.brokers.ib.guarded_tap import Desired, SharedTap
from riskgate.brokers.ib.guarded_wire import Send, Theirs, Wire
from riskgate.brokers.ib.outbox import LAST
from riskgate.brokers.ib.owners import Owners
from riskgate.brokers.ib.settings import Settings
from riskgate.brokers.ib.tap import Callback, Tap
from riskgate.brokers.ib.thread import MARGIN
from riskgate.errors import InvariantError, NotConnected
from riskgate.ports import Clock, Listener

T = TypeVar("T")
TURNS: Final = 5  # of a loop, for tasks and sockets to close
OWN_THREAD: Final = (
    "the thread of the event loop must not wait for the broker; call this in another thread"
)


class BorrowedLoop:
    """An engine that somebody else turns; in between it stands still."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self._thread = threading.get_ident()
        self._waiting: set[Future[Any]] = set()
        self._tasks: set[asyncio.Task[object]] = set()
        self._stopped = False

    @property
    def is_ours(self) -> bool:
        """Whether this is the thread of the loop."""
        return threading.get_ident() == self._thread

    def run(self, coroutine: Coroutine[Any, Any, T], timeout: float) -> T:
        """Run a coroutine in the loop and wait for it, in another thread than the loop's."""
        if self.is_ours or self._stopped or self.loop.is_closed():
            coroutine.close()
            raise InvariantError(OWN_THREAD) if self.is_ours else NotConnected(STOPPED)
        waiting = asyncio.run_coroutine_threadsafe(coroutine, self.loop)
        self._waiting.add(waiting)
        try:
            return waiting.result(timeout + MARGIN)
        except TimeoutError:
            waiting.cancel()
            raise
        except CancelledError:
            raise NotConnected(STOPPED) from None
        finally:
            self._waiting.discard(waiting)

    def begin(self, coroutine: Coroutine[Any, Any, object]) -> None:
        """Run a coroutine in the loop without waiting."""
        if self._stopped or self.loop.is_closed():
            coroutine.close()
        elif self.is_ours:
            self._start(coroutine)
        else:
            self.loop.call_soon_threadsafe(self._start, coroutine)

    def soon(self, callback: Callable[[], object]) -> None:
        """Call in the loop, when it turns; not at all if it is closed."""
        with suppress(RuntimeError):  # it is closed
            self.loop.call_soon_threadsafe(callback)

    def settle(self) -> None:
        """Let what was ended end, where nobody turns the loop any more."""
        if self.is_ours and not (self.loop.is_running() or self.loop.is_closed()):
            for _ in range(TURNS):
                self.loop.run_until_complete(asyncio.sleep(0))

    def stop(self) -> None:
        """End; whoever waits is let go."""
        self._stopped = True
        for waiting in tuple(self._waiting):
            waiting.cancel()
        for task in tuple(self._tasks):
            task.cancel()

    def _start(self, coroutine: Coroutine[Any, Any, object]) -> None:
        task = self.loop.create_task(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


class BorrowedSession:
    """The library's object as a desk sees it."""

    TimezoneTWS: object = ""

    def __init__(self, client: OwnClient, wrapper: raw.Wrapper) -> None:
        self.client: Theirs = client
        self.wrapper = wrapper
        self.disconnect: Callable[[], object] = lambda: None  # it is not ours to end


class Connection:
    """A connection that is being made by somebody: over what, and how."""

    def __init__(
        self, session: Theirs, wire: Wire, user: Desired, connect: Callable[[], Awaitable[None]]
    ) -> None:
        self.session = session
        self.wire = wire
        self.user = user
        self.connect = connect
        self.failure: BaseException | None = None


class BorrowedWay:
    """A session over a connection that somebody else makes and ends."""

    def __init__(self, connection: Connection, settings: Settings, told: Told) -> None:
        self._from = connection
        wrapper = connection.session.wrapper
        self.client = OwnClient(connection.session.client, connection.wire, told)
        self.module = in_use(settings.library or "")
        self.session: raw.Session = BorrowedSession(self.client, wrapper)
        self._tap = SharedTap(wrapper, connection.wire.turns, connection.user)

    def listen(self, tap: Tap, table: Mapping[str, Callback], lost: Callable[[], None]) -> None:
        """Have ours called before the library's."""
        self._tap.attach(tap, table, lost)

    async def connect(self) -> None:
        """Have the connection made. Raise NotConnected; `failure` is what the library raised."""
        client = self._from.session.client
        client.MaxRequests = 0
        client.updateReqId(self._from.wire.following)
        try:
            await self._from.connect()
        except (OSError, TimeoutError) as error:
            self._from.failure = error
            raise NotConnected(f"no connection: {error!r}") from error

    def error(self, code: int, text: str) -> None:
        """Nothing: the library says so itself."""

    async def close(self) -> None:
        """Leave the connection to the library alone."""
        self.leave()

    def leave(self) -> None:
        """Leave the connection to the library alone; nothing of it is refused any less."""
        self._from.wire.queue = None
        self._from.wire.turns.give_up()
        self._tap.detach()


class GuardedBroker(IbBroker):
    """Interactive Brokers, over a connection that a script makes."""

    def __init__(self, settings: Settings, market: Market, clock: Clock) -> None:
        super().__init__(settings, market, clock)
        self.loop: BorrowedLoop | None = None
        self.left: BorrowedLoop | None = None  # the loop of the session that ended last
        self.way: BorrowedWay | None = None

    async def begin(self, connection: Connection, listener: Listener, told: Told) -> None:
        """Connect in the running loop. Raise what the desk raises; then nothing is left."""
        loop = self.loop = BorrowedLoop(asyncio.get_running_loop())
        self._listener, self._thread = listener, loop

        def way(settings: Settings) -> BorrowedWay:
            self.way = BorrowedWay(connection, settings, told)
            return self.way

        clock, owners = self._clock, self._owners
        world = World(self.settings, self._market, clock, listener, owners, way)
        connection.wire.queue = None
        desk = Desk(world)
        connection.wire.queue = self._queue_of(desk)
        try:
            await desk.open()
        except BaseException:
            connection.wire.queue = None
            loop.stop()
            raise
        self._desk = desk
        listener.session_changed(f"connected to {self.settings.address}")
        self.watch(tuple(self._watched))

    def _queue_of(self, desk: Desk) -> Callable[[Send], None]:
        """Where messages of others wait for their turn; in the loop's thread it comes at once."""

        def later(send: Send) -> None:
            desk.outbox.ask(send, desk.now(), rank=LAST)
            if self.loop is not None and self.loop.is_ours:
                desk.flush()

        return later

    @property
    def client(self) -> OwnClient:
        """The client that writes what the gate lets through. Raise NotConnected."""
        if self.way is None:
            raise NotConnected(STOPPED)
        return self.way.client

    @property
    def owners(self) -> Owners:
        """Whose orders are whose. For the loop's thread."""
        return self._owners

    @property
    def desk(self) -> Desk:
        """The session at work. Raise NotConnected if there is none."""
        return self._working_desk()

    def cancel(self, order_id: int) -> None:
        """Cancel one order, at once where this is the loop's thread. Raise NotConnected."""
        super().cancel(order_id)
        self.flush()

    def cancel_account(self) -> None:
        """Cancel everything on the account, at once as well. Raise NotConnected."""
        super().cancel_account()
        self.flush()

    def flush(self) -> None:
        """Write what may be written, if this is the loop's thread; else the loop does."""
        desk = self._desk
        if desk is not None and not desk.closed and self.loop is not None and self.loop.is_ours:
            desk.flush()

    def stop(self) -> None:
        """End the session; what has not left is reported. The connection stays as it is."""
        loop, self.loop, self._thread = self.loop, None, None
        self.left = loop or self.left
        desk, self._desk = self._desk, None
        if loop is None:
            return
        if desk is not None:
            self._end(loop, desk)
        loop.stop()

    def _end(self, loop: BorrowedLoop, desk: Desk) -> None:
        if loop.is_ours or not loop.loop.is_running():
            desk.end(STOPPED)
            if self.way is not None:
                self.way.leave()
            return
        loop.run(desk.close(STOPPED), CLOSING)
