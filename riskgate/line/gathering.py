"""Group commit: what is asked while the record is being flushed shares the next flush.

Rule 1: whoever finds nobody at it leads: all that wait go through the line together, in the order
in which they came, and who comes before the flush is taken along. Nobody waits for company; who
comes alone goes alone.
Rule 2: the line's lock is held while a batch goes through; leading is only who takes it for whom,
so a leader that is lost costs a moment, and never an order.
Rule 3: each gets its own outcome. What breaks before anything is on record breaks alone: the others
of its batch go again, each by itself.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Final, Generic, TypeVar

from riskgate.errors import OutcomeUnknown

T = TypeVar("T")
A = TypeVar("A")
MOST_TOGETHER: Final = 64  # what one turn may hold up everybody else for
SOON: Final = 1.0  # seconds after which a lost leader is noticed
LOST: Final = "interrupted after it was recorded; reconcile before you ask again"


class Asking(Generic[A, T]):
    """One who goes through the line, with what came of it."""

    __slots__ = ("_error", "_result", "alone", "is_done", "is_recorded", "wake", "what")

    def __init__(self, what: A) -> None:
        self.what = what
        self.alone = False
        self.is_done = False
        self.is_recorded = False
        self.wake: threading.Lock | None = None
        self._result: T | None = None
        self._error: BaseException | None = None

    def answer(self, result: T) -> None:
        """This came of it."""
        self._result = result
        self.is_done = True

    def attempt(self, do: Callable[[A], T]) -> None:
        """Do the rest for it; whatever that raises is its outcome, and nobody else's."""
        try:
            self._result = do(self.what)
            self.is_done = True
        except Exception as error:  # noqa: BLE001  # it is raised to who asked
            self.fail(error)

    def fail(self, error: BaseException) -> None:
        """This went wrong."""
        self._error = error
        self.is_done = True

    def outcome(self) -> T:
        """What came of it. Raise what went wrong."""
        if self._error is not None:
            raise self._error
        return self._result  # type: ignore[return-value]  # it is done, and has one


class Gathering(Generic[A, T]):
    """Those who want to go through a line, and the one of them who takes them through.

    `run` takes a batch through and gives each its outcome; it marks what is on record. What it
    raises before that is nobody's outcome yet. `lock` is held meanwhile, and may be by the caller.
    """

    def __init__(
        self, lock: threading.RLock, run: Callable[[Sequence[Asking[A, T]]], None]
    ) -> None:
        self._lock = lock
        self._run = run
        self._batch: list[Asking[A, T]] | None = None  # the one that others may still join
        self._door = threading.Lock()
        self._waiting: deque[Asking[A, T]] = deque()
        self._is_led = False

    @property
    def waiting(self) -> int:
        """How many will go with the next batches."""
        return len(self._waiting)

    def through(self, what: A) -> T:
        """Go through the line, with others or for them. Raise what went wrong."""
        own: Asking[A, T] = Asking(what)
        if self._lock._is_owned():  # type: ignore[attr-defined]  # noqa: SLF001  # as Condition asks
            self._run([own])  # whoever has the lock cannot wait for somebody who needs it
            return own.outcome()
        leads = True
        try:
            self._join(own)
            leads = not own.is_done
            while not own.is_done:
                self._lead(own)
        finally:
            if leads:
                self._leave(own)
        return own.outcome()

    def _join(self, own: Asking[A, T]) -> None:
        """Wait until it is done, or until it is our turn to lead."""
        with self._door:
            self._waiting.append(own)
            if not self._is_led:
                self._is_led = True
                return
            own.wake = wake = threading.Lock()
            wake.acquire()
        wake.acquire(timeout=SOON)

    def _lead(self, own: Asking[A, T]) -> None:
        """Take those who wait through the line."""
        batch: list[Asking[A, T]] = []
        try:
            with self._lock:
                if not own.is_done:
                    self._go(own, batch)
        finally:
            for one in batch:
                if one is not own and one.is_done:
                    _nudge(one)

    def _go(self, own: Asking[A, T], batch: list[Asking[A, T]]) -> None:
        """Take the next batch through; whoever is not done with it waits again."""
        try:
            self._take(own, batch)
            self._batch = batch
            self._run(batch)
        except Exception as error:  # noqa: BLE001  # it is raised where it belongs
            for one in batch:
                _broke(one, error, last=len(batch) == 1)
        finally:
            self._batch = None
            left = [one for one in batch if not one.is_done]
            if left:
                self._put_back(left)

    def _take(self, own: Asking[A, T], batch: list[Asking[A, T]]) -> None:
        """The next batch; who has to go alone is one."""
        with self._door:
            if own not in self._waiting:
                self._waiting.append(own)
            if len(self._waiting) == 1:  # as nearly always: nobody else is here
                batch.append(self._waiting.popleft())
                return
            self._fill(batch)

    def take_along(self, batch: Sequence[Asking[A, T]]) -> None:
        """Whoever has come meanwhile joins the batch, of which nothing is on record yet."""
        if self._waiting and batch is self._batch:
            with self._door:
                self._fill(self._batch)

    def _fill(self, batch: list[Asking[A, T]]) -> None:
        while self._waiting and len(batch) < MOST_TOGETHER:
            if batch and (batch[0].alone or self._waiting[0].alone):
                break
            batch.append(self._waiting.popleft())

    def _put_back(self, left: Sequence[Asking[A, T]]) -> None:
        """Who is not done goes again; of what is on record nobody knows what the broker has."""
        for one in left:
            if one.is_recorded:
                one.fail(OutcomeUnknown(LOST))
        with self._door:
            self._waiting.extendleft(one for one in reversed(left) if not one.is_done)

    def _leave(self, own: Asking[A, T]) -> None:
        """Have the next one lead."""
        with self._door:
            if not self._waiting:
                self._is_led = False
                return
            if own in self._waiting:  # it was interrupted
                self._waiting.remove(own)
            self._is_led = bool(self._waiting)
            following = self._waiting[0] if self._waiting else None
        if following is not None:
            _nudge(following)


def _broke(one: Asking[A, T], error: Exception, *, last: bool) -> None:
    """It is this one's error, or this one goes again by itself."""
    if not one.is_done and (last or one.is_recorded):
        one.fail(error)
    one.alone = True


def _nudge(one: Asking[A, T]) -> None:
    """Wake somebody, who may be awake already."""
    if one.wake is not None:
        with suppress(RuntimeError):
            one.wake.release()
