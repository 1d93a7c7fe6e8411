"""Processes of this machine that do the work, and end with this one, however it ends.

Rule 1: Ctrl-C is this process's to answer; a worker goes when its line to this process is cut.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import AbstractContextManager
from multiprocessing import get_context
from multiprocessing.connection import Connection
from types import TracebackType
from typing import ParamSpec, TypeVar

from riskgate.errors import WorkersLost

P = ParamSpec("P")
R = TypeVar("R")


class Processes(AbstractContextManager["Processes"]):
    """So many of them. What is left to do when the context is left by an exception is not done."""

    def __init__(self, number: int) -> None:
        self.workers = number
        spawn = get_context("spawn")
        # Nothing is ever sent: whoever holds the other end hears when this end is gone.
        self._heard, self._line = spawn.Pipe(duplex=False)
        self._pool = ProcessPoolExecutor(
            number, mp_context=spawn, initializer=_end_with_line, initargs=(self._heard,)
        )

    def submit(self, call: Callable[P, R], *given: P.args, **named: P.kwargs) -> Future[R]:
        """Have one of them do it; `result()` of what is given waits for it."""
        return self._pool.submit(call, *given, **named)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if error is not None:
            self._line.close()
        self._pool.shutdown(cancel_futures=True)
        self._line.close()
        self._heard.close()
        if isinstance(error, BrokenProcessPool):
            raise WorkersLost(
                "a worker process was ended from outside (is there too little memory?) and nothing"
                " was counted; run it again, perhaps with fewer --jobs"
            ) from None


def _end_with_line(heard: Connection) -> None:
    """Do not hear Ctrl-C, and end at once when the process that began this one is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)

    def wait() -> None:
        heard.poll(None)
        os._exit(1)

    threading.Thread(target=wait, daemon=True).start()
