"""The kill signal: heard at once, also while the main thread waits in the store or in the library.

Rule 1: Python runs a signal's handler only in the main thread, and only when that comes back from
what it waits in. So the byte that the interpreter writes for each signal is read by another thread.
Rule 2: a handler, or a reader of those bytes, that somebody else has set is left alone.
Rule 3: a signal may be heard twice; a kill that is asked for twice is one kill.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable
from typing import Final

END: Final = b"\0"  # no signal has this number
NOBODY: Final = -1


class Siren:
    """Listens for one signal until it is closed. Make and close it in the main thread."""

    def __init__(self, name: str, alarm: Callable[[str, str], None]) -> None:
        self._number: int = getattr(signal, name)
        self._alarm = alarm
        self._why = f"the process got {name}"
        self._read, self._write = os.pipe()
        os.set_blocking(self._write, False)
        self._thread = threading.Thread(target=self._listen, name="riskgate-siren", daemon=True)
        before = signal.set_wakeup_fd(self._write, warn_on_full_buffer=False)
        if before != NOBODY:
            signal.set_wakeup_fd(before)
        signal.signal(self._number, self._handle)
        self._thread.start()

    @classmethod
    def can_listen(cls, name: str) -> bool:
        """Whether this is the main thread, and nobody else listens for the signal."""
        number = getattr(signal, name, None)
        is_main = threading.current_thread() is threading.main_thread()
        return number is not None and is_main and signal.getsignal(number) is signal.SIG_DFL

    def close(self) -> None:
        """Listen no more. From another thread it can only be made deaf: that is Python's rule."""
        if threading.current_thread() is not threading.main_thread():
            self._alarm = _deaf
            return
        signal.signal(self._number, signal.SIG_DFL)
        before = signal.set_wakeup_fd(NOBODY)
        if before != self._write:
            signal.set_wakeup_fd(before)
        os.write(self._write, END)
        self._thread.join()
        os.close(self._read)
        os.close(self._write)

    def _handle(self, *_: object) -> None:
        """In the main thread: for where somebody else reads the bytes."""
        before = signal.set_wakeup_fd(NOBODY)
        signal.set_wakeup_fd(before, warn_on_full_buffer=False)
        if before != self._write:
            self._alarm("signal", self._why)

    def _listen(self) -> None:
        while (heard := os.read(self._read, 1)) != END:
            if heard[0] == self._number:
                self._alarm("signal", self._why)


def _deaf(by: str, reason: str) -> None:
    """Nobody is told any more."""
