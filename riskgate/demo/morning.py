"""The demo: a strategy's morning against the simulator, through the real IB client library.

Rule 1: nothing is faked. The orders go through the gate, the client library, a socket, and a TWS
on the wire; what is shown is what the journal holds.
Rule 2: gate and simulator share one clock, which begins on a trading morning, so the demo shows
the same at night and on Sundays. A journal that has seen a demo goes on with the next morning.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import msgspec

from riskgate.authoring import policy_files
from riskgate.calendars import ExchangeCalendars
from riskgate.config import Config
from riskgate.demo.scenes import PATIENCE, Scene, scenes
from riskgate.errors import BrokerError
from riskgate.journal.archive import open_for_reading
from riskgate.model.account import Account
from riskgate.model.hours import phase
from riskgate.simulator import Fills, Options, VirtualClock, quote, running
from riskgate.wiring import ConnectedGate, connect

NEW_YORK: Final = ZoneInfo("America/New_York")
FIRST_MORNING: Final = date(2026, 3, 2)
BELL: Final = time(10, 0)
OPTIONS: Final = Options(fills=Fills(chunks=3), cash=Decimal(5_000_000))
PRICES: Final = {
    "AAPL": quote("189.99", "190.01", "190.00", "188.50"),
    "SPY": quote("549.98", "550.02", "550.00", "548.10"),
}


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What the journal holds when all is done; `eventful` is the order most happened to."""

    journal: str
    policies: str
    events: dict[str, int]
    orders: dict[str, int]
    executions: int
    decisions: dict[str, int]
    account: Account | None = None
    eventful: int = 0


class Demo:
    """A morning's trading, one scene at a time."""

    def __init__(self, journal: Path, folder: Path) -> None:
        self.journal = journal
        self.morning = next_morning(journal)
        self.policies = _policies(folder)
        self._account: Account | None = None
        self._eventful = 0

    def play(self) -> Iterator[Scene]:
        """Connect, trade, and yield each scene when it is over."""
        clock = VirtualClock(self.morning)
        with (
            running(prices=PRICES, clock=clock, options=OPTIONS) as tws,
            self._gate(tws.port, clock) as gate,
        ):
            for scene in scenes(gate, clock):
                if scene.is_call or not self._eventful:
                    self._eventful = scene.view.order_id
                yield scene
            gate.reconcile()  # its answer comes behind the last account values
            self._account = next(iter(gate.world.market.accounts.values()))

    @contextmanager
    def _gate(self, port: int, clock: VirtualClock) -> Iterator[ConnectedGate]:
        config = Config(
            policies=tuple(str(path) for path in self.policies),
            journal=str(self.journal),
            watch=tuple(PRICES),
            actor="demo",
            broker={"port": port, "client_id": 1},
        )
        with connect(config, clock=clock) as gate:
            late = gate.prepare(*PRICES, timeout=PATIENCE)
            if late:
                raise BrokerError(f"no prices for {', '.join(late)} after {PATIENCE:.0f} s")
            yield gate

    def outcome(self) -> Outcome:
        """Count what is on record."""
        with open_for_reading(self.journal) as archive:
            counts = archive.counts()
            verdicts = [str(row["action"]).lower() for row in archive.decisions()]
        return Outcome(
            journal=str(self.journal),
            policies=" ".join(str(path) for path in self.policies),
            events=dict(counts["events"]),
            orders=dict(counts["orders"]),
            executions=counts["executions"],
            decisions={word: verdicts.count(word) for word in sorted(set(verdicts))},
            account=self._account,
            eventful=self._eventful,
        )


def next_morning(journal: Path) -> datetime:
    """10:00 in New York on the first trading day that the journal has not seen."""
    last = _last_day(journal)
    day = FIRST_MORNING if last is None else last + timedelta(days=1)
    calendars = ExchangeCalendars()
    for ahead in range(14):
        at = datetime.combine(day + timedelta(days=ahead), BELL, tzinfo=NEW_YORK)
        if phase(calendars.hours("XNYS", at), at) == "regular":
            return at
    return datetime.combine(day, BELL, tzinfo=NEW_YORK)


def _last_day(journal: Path) -> date | None:
    """The New York day of the last thing on record; None for a new journal."""
    if not journal.exists() or journal.stat().st_size == 0:
        return None
    with open_for_reading(journal) as archive:
        newest = archive.decisions(limit=1)
    if not newest:
        return None
    at: datetime = newest[0]["at"]
    return at.astimezone(NEW_YORK).date()


def _policies(folder: Path) -> tuple[Path, ...]:
    """The folder's own `policies/` if it holds any, else those that come with riskgate."""
    own = folder / "policies"
    return (
        (own,) if own.is_dir() and policy_files.find([own]) else (policy_files.shipped_policies(),)
    )
