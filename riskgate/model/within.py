"""Contexts for the paths where `contextlib.contextmanager` is too slow.

Rule 1: what is raised inside goes on, whatever the second step does; it is never swallowed.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from types import TracebackType
from typing import Generic, TypeVar

T = TypeVar("T")


class Within(Generic[T]):
    """Enter by one step, and leave by another, which is told what was raised inside, if anything.

    A third of what a generator costs, for it makes none.
    """

    __slots__ = ("_enter", "_leave", "_what")

    def __init__(
        self, enter: Callable[[], T], leave: Callable[[T, BaseException | None], object]
    ) -> None:
        self._enter = enter
        self._leave = leave

    def __enter__(self) -> T:
        self._what = self._enter()
        return self._what

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._leave(self._what, error)


class Paused(Generic[T]):
    """A generator of one `yield` as a context, as `contextlib` makes one, in half its time.

    One that is lost while it is entered still ends its generator, which lets go of what it holds.
    """

    __slots__ = ("_steps",)

    def __init__(self, steps: Generator[T, None, None]) -> None:
        self._steps = steps

    def __enter__(self) -> T:
        return next(self._steps)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if error is None:
            next(self._steps, None)
            return
        try:
            self._steps.throw(error)
        except StopIteration:
            return
        except RuntimeError as raised:  # what a generator makes of a StopIteration
            if raised.__cause__ is not error:
                raise
