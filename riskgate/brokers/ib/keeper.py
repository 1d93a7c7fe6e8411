"""The thread that brings a lost session back; all that it does is in `reconnect`.

Rule 1: after `close` the thread is gone and begins no session; one that stands is left as it is.
Rule 2: if reconnecting itself breaks, nothing is approved and that is on record.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Final

from riskgate.brokers.ib.broker import IbBroker
from riskgate.brokers.ib.reconnect import Reconnect, Told
from riskgate.ports import Clock

TURN: Final = 0.2  # seconds for the thread to end, given so often:
TURNS: Final = 100


class Keeper:
    """Keeps one broker connected until it is closed. `seconds` is a clock that only grows."""

    def __init__(
        self, broker: IbBroker, told: Told, clock: Clock, seconds: Callable[[], float]
    ) -> None:
        self._broker = broker
        self._told = told
        self._seconds = seconds
        self._reconnect = Reconnect(broker, told, clock)
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="riskgate-keeper", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """End. An attempt that is under way is ended by stopping the broker."""
        self._closing.set()
        for _ in range(TURNS):
            self._thread.join(TURN)
            if not self._thread.is_alive():
                return
            self._broker.stop()

    def _run(self) -> None:
        pause = 0.0
        try:
            while not self._closing.wait(pause):
                pause = self._reconnect.step(self._seconds())
        except BaseException as error:
            broken = f"alarm: reconnecting broke: {type(error).__name__}: {error}"
            self._told.listener.session_changed(broken)
            self._told.note(broken)
            raise
