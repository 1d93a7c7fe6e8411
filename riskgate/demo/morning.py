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

from riskgate import policy_files
from riskgate.analytics.slippage import arrival_slippage, total_commission
from riskgate.calendars import ExchangeCalendars
from riskgate.config import Config
from riskgate.errors import BrokerError, JournalError, RiskgateError
from riskgate.journal.archive import open_for_reading
from riskgate.model.codes import Code
from riskgate.model.decision import Decision
from riskgate.model.hours import phase
from riskgate.model.lifecycle import Status
from riskgate.model.report import Fill
from riskgate.model.view import OrderView
from riskgate.simulator import Fills, Options, VirtualClock, quote, running
from riskgate.ticket import Ticket
from riskgate.wiring import ConnectedGate, connect

NEW_YORK: Final = ZoneInfo("America/New_York")
FIRST_MORNING: Final = date(2026, 3, 2)
BELL: Final = time(10, 0)
PATIENCE: Final = 10.0
PRICES: Final = {
    "AAPL": quote("189.99", "190.01", "190.00", "188.50"),
    "MSFT": quote("402.10", "402.14", "402.12", "400.00"),
}


class Scene(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that happened: what was asked, what was answered, what became of it."""

    title: str
    asked: str
    decision: Decision
    view: OrderView
    fills: tuple[Fill, ...] = ()
    slippage_bps: Decimal | None = None
    commission: Decimal | None = None


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What the journal holds when all is done."""

    journal: str
    policies: str
    events: dict[str, int]
    orders: dict[str, int]
    executions: int
    decisions: dict[str, int]


class Demo:
    """A morning's trading, one scene at a time."""

    def __init__(self, journal: Path, folder: Path) -> None:
        self.journal = journal
        self.morning = next_morning(journal)
        self.policies = _policies(folder)

    def play(self) -> Iterator[Scene]:
        """Connect, trade, and yield each scene when it is over."""
        clock = VirtualClock(self.morning)
        with (
            running(prices=PRICES, clock=clock, options=Options(fills=Fills(chunks=3))) as tws,
            self._gate(tws.port, clock) as gate,
        ):
            yield from _scenes(gate, clock)

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
        )


def _scenes(gate: ConnectedGate, clock: VirtualClock) -> Iterator[Scene]:
    """The morning itself."""
    buy = "BUY 100 AAPL LMT 190.01 DAY"
    yield _filled(gate, "an ordinary order passes and fills in parts", buy)
    clock.advance(timedelta(seconds=1))
    yield _answered(gate, "the same order again, one second later", buy)
    clock.advance(timedelta(seconds=10))
    slip = "BUY 60000 AAPL LMT 250.00 DAY"
    yield _answered(gate, "a slipped zero, and a price for another day", slip)
    clock.advance(timedelta(seconds=10))
    yield _cancelled(gate, "an order that rests, and is cancelled", "BUY 50 MSFT LMT 400.00 GTC")
    clock.advance(timedelta(seconds=10))
    yield _filled(gate, "what reduces the position always passes", "SELL 100 AAPL MKT DAY")


def _answered(gate: ConnectedGate, title: str, line: str) -> Scene:
    return _scene(title, line, _submitted(gate, line))


def _submitted(gate: ConnectedGate, line: str) -> Ticket:
    ticket = gate.submit(line, strategy="demo")
    if Code.JOURNAL_UNAVAILABLE in ticket.decision.codes:
        raise JournalError(ticket.decision.breaches[0].text)
    return ticket


def _filled(gate: ConnectedGate, title: str, line: str) -> Scene:
    ticket = _submitted(gate, line)
    ticket.wait(PATIENCE, until=_settled)
    arrival = gate.world.market.quote("AAPL")
    mid = arrival.mid if arrival else None
    return _scene(title, line, ticket, mid)


def _settled(view: OrderView) -> bool:
    return view.status.finished and (view.status is not Status.FILLED or view.commission > 0)


def _cancelled(gate: ConnectedGate, title: str, line: str) -> Scene:
    ticket = _submitted(gate, line)
    ticket.wait(PATIENCE, until=lambda view: view.status in (Status.SUBMITTED, Status.REJECTED))
    gate.cancel(ticket.order_id, actor="demo")
    ticket.wait(PATIENCE)
    return _scene(title, line, ticket)


def _scene(title: str, line: str, ticket: Ticket, arrival: Decimal | None = None) -> Scene:
    view, order = ticket.view, ticket.decision.order
    if view is None:
        raise RiskgateError(f"`{line}` is not on record")
    fills = ticket.fills
    cost = arrival_slippage(order.side, fills, arrival) if order and arrival else None
    return Scene(
        title=title,
        asked=line,
        decision=ticket.decision,
        view=view,
        fills=fills,
        slippage_bps=cost,
        commission=total_commission(fills) if fills else None,
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
