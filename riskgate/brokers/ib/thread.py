"""An event loop in a thread of its own.

Rule 1: the loop is set for its thread before anything of the library is made: the library finds
it by asking for the thread's loop.
Rule 2: after `stop` there is no thread, no pending task and no open loop.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import CancelledError, Future
from typing import Any, Final, Protocol, TypeVar

from riskgate.errors import InvariantError, NotConnected

T = TypeVar("T")
STOPPED: Final = "the session with the broker has been stopped"
STARTING: Final = 10.0  # seconds for a thread to come up or go away
MARGIN: Final = 5.0  # seconds beyond a coroutine's own limit


class Engine(Protocol):
    """What turns a loop: a thread of its own, or whoever simulates one."""

    def run(self, coroutine: Coroutine[Any, Any, T], timeout: float) -> T:
        """Run a coroutine in the loop and wait for it."""
        ...

    def begin(self, coroutine: Coroutine[Any, Any, object]) -> None:
        """Run a coroutine in the loop without waiting."""
        ...

    def stop(self) -> None:
        """End; what still runs is cancelled."""
        ...


class LoopThread:
    """A running loop. `alarm` hears of exceptions that nobody caught."""

    def __init__(self, name: str, alarm: Callable[[str], None]) -> None:
        self._alarm = alarm
        self._running = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._closing: asyncio.Event | None = None
        self._tasks: set[asyncio.Future[object]] = set()
        self._given: dict[Future[Any], tuple[Coroutine[Any, Any, Any], ...]] = {}
        self._thread = threading.Thread(target=self._main, name=name, daemon=True)
        self._thread.start()
        if not self._running.wait(STARTING):
            raise InvariantError(f"thread `{name}` did not start within {STARTING:g} s")

    def run(self, coroutine: Coroutine[Any, Any, T], timeout: float) -> T:
        """Run a coroutine in the loop and wait for it. Must be called from another thread."""
        if threading.current_thread() is self._thread:
            coroutine.close()
            raise InvariantError("a callback of the broker must not wait for the broker")
        waiting = self._submit(coroutine)
        try:
            return waiting.result(timeout + MARGIN)
        except TimeoutError:
            waiting.cancel()
            raise
        except CancelledError:
            raise NotConnected(STOPPED) from None

    def begin(self, coroutine: Coroutine[Any, Any, object]) -> None:
        """Run a coroutine in the loop, if it is open, without waiting; a fault in it is told."""

        async def told() -> None:
            task = asyncio.ensure_future(coroutine)
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

        try:
            self._submit(told(), coroutine)
        except NotConnected:
            coroutine.close()

    def soon(self, callback: Callable[[], None]) -> bool:
        """Call in the loop, soon; False if it is closed."""
        try:
            if self._loop is not None:
                self._loop.call_soon_threadsafe(callback)
        except RuntimeError:
            return False
        return self._loop is not None

    def stop(self) -> None:
        """End the loop; what still runs in it is cancelled."""
        if self._closing is not None:
            self.soon(self._closing.set)
        self._thread.join(STARTING)
        if self._thread.is_alive():
            raise InvariantError(f"thread `{self._thread.name}` did not end in {STARTING:g} s")
        self._let_go()

    def _let_go(self) -> None:
        """Take back what was given too late to begin."""
        for future, coroutines in tuple(self._given.items()):
            future.cancel()
            for coroutine in coroutines:
                coroutine.close()

    def _submit(
        self, coroutine: Coroutine[Any, Any, T], *inner: Coroutine[Any, Any, Any]
    ) -> Future[T]:
        try:
            if self._loop is not None and not self._loop.is_closed():
                future = asyncio.run_coroutine_threadsafe(coroutine, self._loop)
                self._given[future] = (coroutine, *inner)
                future.add_done_callback(lambda done: self._given.pop(done, None))
                return future
        except RuntimeError:
            pass  # closed in between; said below
        except BaseException:  # interrupted: it will not begin
            coroutine.close()
            raise
        coroutine.close()
        raise NotConnected(STOPPED)

    def _main(self) -> None:
        with asyncio.Runner() as runner:
            asyncio.set_event_loop(runner.get_loop())
            runner.run(self._serve())
        asyncio.set_event_loop(None)
        self._let_go()

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._loop.set_exception_handler(self._unexpected)
        self._closing = asyncio.Event()
        self._running.set()
        await self._closing.wait()

    def _unexpected(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        del loop
        error = context.get("exception")
        self._alarm(f"{context.get('message')}: {error!r}" if error else str(context["message"]))
