"""Calls back in a thread of its own, in order, and reports what a callback raises.

Rule 1: whoever asks for a call is never held up by it, and what waits to be called has no bound.
Rule 2: a callback that raises is reported, and the next one is called all the same.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any, Final

from riskgate.gate import Gate
from riskgate.line import payload
from riskgate.model.events import Note

LOG: Final = logging.getLogger("riskgate.orders")
ErrorHook = Callable[[BaseException], object]
_THREAD: Final = "riskgate-callbacks"


class Caller:
    """One thread that calls back about the orders of one gate."""

    def __init__(self, gate: Gate, on_error: ErrorHook | None) -> None:
        self._gate = gate
        self._on_error = on_error
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix=_THREAD)

    def call(self, callback: Callable[[Any], object], value: object, about: str) -> None:
        """Call once all that was asked for before has been called; `about` is for a report."""
        with suppress(RuntimeError):  # the interpreter is shutting down: nobody can be called
            self._pool.submit(self._call, callback, value, about)

    def close(self) -> None:
        """Call what still waits, and stop. A callback may call this, and is not waited for."""
        mine = threading.current_thread().name.startswith(_THREAD)
        self._pool.shutdown(wait=not mine)

    def _call(self, callback: Callable[[object], object], value: object, about: str) -> None:
        """Call; what it raises is reported and kept by the pool, whose thread goes on."""
        try:
            callback(value)
        except BaseException as error:
            self._report(error, callback, about)
            raise

    def _report(self, error: BaseException, callback: object, about: str) -> None:
        """Say in the log, on the record and to the hook that a callback failed."""
        name = getattr(callback, "__qualname__", type(callback).__name__)
        told = f"callback {name} for {about} raised {type(error).__name__}"
        LOG.warning("%s", told, exc_info=error)
        text = payload.printable(f"{told}: {error}")
        self._gate.take([Note(text=text, actor=self._gate.actor)])
        if self._on_error is not None:
            self._on_error(error)
