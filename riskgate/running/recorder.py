"""The ear of the gate: takes the broker's reports off its thread and has them recorded.

Rule 1: hearing returns at once; the broker's thread never waits for the journal.
Rule 2: reports are recorded in the order in which they were heard, and none is dropped: what
cannot be recorded now is tried again until the recorder is closed.
Rule 3: whatever goes wrong here stops approvals; it is never only a line in a log.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterable
from contextlib import suppress
from typing import Final

from riskgate.errors import JournalError, RiskgateError
from riskgate.gate import Gate
from riskgate.model.report import Report

AGAIN_SECONDS: Final = 1.0
MOST_AT_ONCE: Final = 500


class Recorder:
    """A `Listener` that works in a thread of its own, or where it is told to attend."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate
        gate.shows_later = True  # the tables are brought up to date by this thread's turns
        self._heard: queue.SimpleQueue[Report | str | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="riskgate-recorder", daemon=True)

    def start(self) -> None:
        """Work in a thread of its own, until closed."""
        self._thread.start()

    def hear(self, reports: Iterable[Report]) -> None:
        """Take reports over, in order."""
        for report in reports:
            self._heard.put(report)

    def session_changed(self, reason: str) -> None:
        """Stop approvals at once; reconcile when what was heard before is recorded."""
        self._gate.distrust(reason)
        self._heard.put(reason)

    def close(self, timeout: float = 5.0) -> None:
        """Record what has been heard, and stop."""
        self._heard.put(None)
        if self._thread.is_alive():
            self._thread.join(timeout)

    def attend(self, wait: float = 0.0) -> bool:
        """Record what was heard, or is heard within `wait` seconds, and do what is due.

        False when the recorder is closed.
        """
        return self._record(self._next(wait))

    def _run(self) -> None:
        """Record until closed. If that itself breaks, nothing is approved any more."""
        try:
            while self.attend(AGAIN_SECONDS):
                pass
        except BaseException as error:
            self._gate.journal_writable = False  # no reconcile makes good what nobody hears
            self._gate.distrust(f"the recorder broke: {type(error).__name__}: {error}")
            raise

    def _record(self, batch: list[Report | str | None]) -> bool:
        """Record a batch and reconcile where that is wanted. False when the recorder is closed."""
        reports = [item for item in batch if not isinstance(item, str | None)]
        if reports or self._gate.behind:
            self._gate.take(reports)
        if None in batch:
            self._gate.shows_later = False
            return False
        self._judge_accounts()
        if self._gate.wants_reconcile:
            self._reconcile()
        return True

    def _next(self, wait: float) -> list[Report | str | None]:
        """What has been heard; empty when it is time to try again."""
        batch: list[Report | str | None] = []
        try:
            batch.append(self._heard.get(wait > 0, wait))
            while batch[-1] is not None and len(batch) < MOST_AT_ONCE:
                batch.append(self._heard.get_nowait())
        except queue.Empty:
            pass
        return batch

    def _judge_accounts(self) -> None:
        """Hold the latest account values against the rules that watch accounts (Rule 2)."""
        with suppress(JournalError):  # the gate keeps them, and is asked again in a moment
            self._gate.judge_accounts()

    def _reconcile(self) -> None:
        """Prove the book again; while that fails nothing is approved, and it is tried again."""
        try:
            self._gate.reconcile()
        except RiskgateError as error:
            self._gate.distrust(str(error))
