"""The thread that brings sessions back: how it ends, and what is told when it breaks."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass, field

import pytest

from riskgate.brokers.ib.broker import IbBroker, RealClock
from riskgate.brokers.ib.keeper import Keeper
from riskgate.brokers.ib.reconnect import Told
from riskgate.brokers.ib.settings import Settings
from riskgate.errors import NotConnected
from riskgate.ledger.market import Market
from riskgate.model.report import Report
from riskgate.ports import Listener

PATIENCE = 30.0


@dataclass
class Ear:
    """A listener that remembers."""

    changes: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    noted: threading.Event = field(default_factory=threading.Event)

    def hear(self, reports: Iterable[Report]) -> None:
        raise AssertionError(reports)

    def session_changed(self, reason: str) -> None:
        self.changes.append(reason)

    def note(self, text: str) -> None:
        self.notes.append(text)
        self.noted.set()


class Unreachable(IbBroker):
    """A broker that cannot be reached, for a reason."""

    def __init__(self, reason: Exception) -> None:
        super().__init__(Settings(reconnect_wait=60.0, reconnect_max=60.0), Market())
        self.reason = reason
        self.asked = threading.Event()

    def start(self, listener: Listener) -> None:
        del listener
        self.asked.set()
        raise self.reason


def kept(broker: IbBroker, ear: Ear) -> Keeper:
    return Keeper(broker, Told(ear, ear.note), RealClock(), time.monotonic)


def test_closing_ends_the_thread_in_the_middle_of_a_wait() -> None:
    broker, ear = Unreachable(NotConnected("connection refused")), Ear()
    keeper = kept(broker, ear)
    assert broker.asked.wait(PATIENCE)
    keeper.close()
    assert not any(thread.name == "riskgate-keeper" for thread in threading.enumerate())
    assert len(ear.notes) == 1
    keeper.close()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_when_reconnecting_itself_breaks_that_is_told_and_on_record() -> None:
    broker, ear = Unreachable(ZeroDivisionError("a bug")), Ear()
    keeper = kept(broker, ear)
    keeper._thread.join(PATIENCE)
    broken = "alarm: reconnecting broke: ZeroDivisionError: a bug"
    assert ear.notes[-1] == ear.changes[-1] == broken
    keeper.close()
