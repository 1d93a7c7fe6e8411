"""The thread that does in time what the plans of our own algorithms and strategies want.

Rule 1: it decides nothing: whoever calls `Gate.step` does the same.
Rule 2: what cannot be done now, for the journal or the broker, is tried again in a moment.
Rule 3: if the thread itself breaks, nothing is approved any more.
"""

from __future__ import annotations

import threading
from typing import Final

from riskgate.errors import RiskgateError
from riskgate.gate import Gate

ROUND: Final = 0.2  # seconds between two looks
REST: Final = 1.0  # seconds after something failed


class Stepper:
    """Steps a gate's plans in a thread of its own."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="riskgate-stepper", daemon=True)

    def start(self) -> None:
        """Work until closed."""
        self._thread.start()

    def close(self, timeout: float = 10.0) -> None:
        """Stop. What is at work goes on with the next gate of this client id."""
        self._closing.set()
        if self._thread.is_alive():
            self._thread.join(timeout)

    def _run(self) -> None:
        wait = ROUND
        try:
            while not self._closing.wait(wait):
                wait = ROUND if self._stepped() else REST
        except BaseException as error:
            self._gate.journal_writable = False  # no reconcile makes good what nobody does
            self._gate.distrust(f"the stepper broke: {type(error).__name__}: {error}")
            raise

    def _stepped(self) -> bool:
        try:
            self._gate.step()
        except RiskgateError:
            return False
        return True
