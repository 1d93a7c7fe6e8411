"""The threads beside a gate: one for the kill file and the signal, one for what other processes do.

Rule 1: a kill by file or signal needs neither the journal nor a policy that can be read, and waits
behind nothing: whoever looks for it does nothing else.
Rule 2: what cannot be done now, for the journal or the broker, is tried again in a moment.
Rule 3: if one of the threads itself breaks, nothing is approved any more.
"""

from __future__ import annotations

import os
import queue
import stat
import threading
from collections.abc import Callable, Container
from contextlib import suppress
from pathlib import Path
from typing import Final

from riskgate.errors import RiskgateError
from riskgate.gate import Gate
from riskgate.model.events import Deed
from riskgate.running import errands

ROUND: Final = 0.2  # seconds between two looks
LOOK: Final = 0.05  # seconds between two looks for the kill file
WAIT: Final = 5.0  # seconds that a kill waits for the broker's word
READ: Final = 500  # characters of a kill file that become the reason


class Watchman:
    """Goes his rounds in threads of his own, or where he is told to attend.

    Of the errands of others he runs those that his gate `may` do.
    """

    def __init__(
        self, gate: Gate, kill_file: Path | None = None, *, may: Container[Deed] = errands.ALL
    ) -> None:
        self._gate = gate
        self._may = may
        self._file = kill_file
        self._file_seen = False
        # put() of this queue may be called in a signal handler, also in one that interrupts itself
        self._alarms: queue.SimpleQueue[tuple[str, str]] = queue.SimpleQueue()
        self._closing = threading.Event()
        duties = {"lookout": self._look_out, "watchman": self._listen, "errands": self._run_errands}
        self._threads = [
            threading.Thread(target=self._on_duty, args=(duty,), name=f"riskgate-{name}")
            for name, duty in duties.items()
        ]

    def look_out(self) -> None:
        """Look for the kill file and for alarms only, while the rest is not there yet."""
        self._begin(self._threads[:1])

    def start(self) -> None:
        """Go the rounds in threads of his own, until closed."""
        self._begin(self._threads)

    def _begin(self, threads: list[threading.Thread]) -> None:
        for thread in threads:
            if thread.ident is None:  # he may be on the lookout already
                thread.daemon = True
                thread.start()

    def close(self, timeout: float = 10.0) -> None:
        """Stop."""
        self._closing.set()
        for thread in self._threads:
            if thread.is_alive():
                thread.join(timeout)

    def alarm(self, by: str, reason: str) -> None:
        """Kill everything, as soon as can be. Safe in a signal handler; waits for nothing."""
        self._alarms.put((by, reason))

    def attend(self) -> None:
        """One round of everything."""
        self._look(0.0)
        self._tried(self._gate.follow)
        self._tried(self._errands)

    def _errands(self) -> None:
        errands.run(self._gate, self._may)

    def _look_out(self) -> None:
        while not self._closing.is_set():
            self._look(LOOK)

    def _listen(self) -> None:
        while not self._closing.wait(ROUND):
            self._tried(self._gate.follow)

    def _run_errands(self) -> None:
        while not self._closing.wait(ROUND):
            self._tried(self._errands)

    def _look(self, seconds: float) -> None:
        """Look for the file and, for so long, for an alarm; and kill."""
        self._look_for_file()
        with suppress(queue.Empty):
            by, reason = self._alarms.get(seconds > 0, seconds)
            self._tried(lambda: self._gate.kill(by=by, reason=reason, timeout=WAIT))

    def _look_for_file(self) -> None:
        """A kill file kills once; as long as it is there, each new start kills again."""
        if self._file is None:
            return
        is_there = os.path.lexists(self._file)  # a link to nowhere is there; and it never raises
        if is_there and not self._file_seen:
            self.alarm("kill file", _reason(self._file))
        self._file_seen = is_there

    def _tried(self, deed: Callable[[], object]) -> None:
        with suppress(RiskgateError):
            deed()

    def _on_duty(self, duty: Callable[[], None]) -> None:
        try:
            duty()
        except BaseException as error:
            self._gate.journal_writable = False  # no reconcile makes good what nobody watches
            self._gate.distrust(f"the watchman broke: {type(error).__name__}: {error}")
            raise


def _reason(path: Path) -> str:
    """What the file says, else that it is there. A pipe is not read: who knows who writes."""
    words = ""
    with suppress(OSError):
        if stat.S_ISREG(path.stat().st_mode):
            with path.open(encoding="utf-8", errors="replace") as file:
                words = " ".join(file.read(READ).split())
    return words or f"the file `{path}` is there"
