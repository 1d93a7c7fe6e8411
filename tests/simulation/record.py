"""The record read naively: what the journal alone says of orders, fills and positions.

Rule 1: nothing of the package's book is used; this is written from semantics.md.
Rule 2: where the record leaves something open, what works is counted as little as it can be: what
is found beyond a limit all the same is beyond it whatever the truth was.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

from riskgate.model.events import (
    Decided,
    ForeignReported,
    PositionsReported,
    Recorded,
)
from riskgate.model.lifecycle import Status
from riskgate.model.order import Order
from riskgate.model.report import ExecutionReport, NeverSent, StatusReport
from tests.simulation.plans import Limits

ZERO = Decimal(0)
DEAD = frozenset({Status.CANCELLED, Status.REJECTED, Status.EXPIRED, Status.FILLED})
Place = tuple[str, str]


class Broken(AssertionError):  # noqa: N818  # it says what happened
    """A promise was not kept: which, and how it showed."""

    def __init__(self, invariant: str, text: str) -> None:
        super().__init__(f"{invariant}: {text}")
        self.invariant = invariant


@dataclass
class Entry:
    """One order as the record has it."""

    order_id: int
    ref: str
    versions: list[tuple[int, Order]] = field(default_factory=list)
    reductions: list[bool] = field(default_factory=list)
    filled: dict[str, tuple[int, Decimal]] = field(default_factory=dict)
    dead: bool = False
    never_sent: int = 0
    dropped: str = ""
    bracket: int = 0
    oca: int = 0

    @property
    def is_exit(self) -> bool:
        """Whether it is an exit of a bracket."""
        return self.bracket not in (0, self.order_id)

    @property
    def first(self) -> Order:
        """What was asked for first."""
        return self.versions[0][1]

    @property
    def at_least(self) -> Decimal:
        """What can still fill at the least."""
        if self.dead or self.never_sent:
            return ZERO
        least = min(order.quantity for _, order in self.versions)
        return max(ZERO, least - self.fills)

    @property
    def at_most(self) -> Decimal:
        """What can still fill at the most."""
        most = max(order.quantity for _, order in self.versions)
        return max(ZERO, most - self.fills)

    @property
    def fills(self) -> Decimal:
        """What was filled, in the latest revisions."""
        return sum((quantity for _, quantity in self.filled.values()), ZERO)


class Record:
    """Folds the record, and holds each decision against the limits."""

    def __init__(self, limits: Limits, *, steady: bool) -> None:
        self.entries: dict[int, Entry] = {}
        self.by_ref: dict[str, Entry] = {}
        self.positions: dict[Place, Decimal] = {}
        self._limits = limits
        self._steady = steady  # whether the gate's clock is never set
        self._fills: dict[str, tuple[int, Decimal]] = {}
        self._foreign: dict[Place, list[tuple[str, Decimal]]] = {}
        self._times: list[tuple[datetime, int]] = []
        self._read = 0

    def read(self, events: list[Recorded]) -> None:
        """Take in what was recorded since."""
        while self._read < len(events):
            recorded = events[self._read]
            self._read += 1
            self._take(recorded)

    def _take(self, recorded: Recorded) -> None:
        payload = recorded.payload
        match payload:
            case Decided():
                self._decided(payload, recorded)
            case ExecutionReport():
                self._executed(payload)
            case StatusReport(status=status) if status in DEAD and payload.order_id in self.entries:
                self.entries[payload.order_id].dead = True
            case NeverSent() if payload.order_id in self.entries:
                self._never_sent(payload, recorded.seq)
            case PositionsReported():
                self.positions |= {
                    (one.account, one.instrument.symbol): one.quantity for one in payload.positions
                }
            case ForeignReported():
                self._others(payload)

    def _others(self, report: ForeignReported) -> None:
        self._foreign = {}
        for one in report.orders:
            place = (one.order.account or "", one.instrument.symbol)
            self._foreign.setdefault(place, []).append((str(one.order.side), one.remaining))

    def _never_sent(self, report: NeverSent, seq: int) -> None:
        entry = self.entries[report.order_id]
        if not report.modify:
            entry.never_sent, entry.dropped = seq, report.code

    def _executed(self, report: ExecutionReport) -> None:
        stem, _, revision = report.execution_id.rpartition(".")
        known = self._fills.get(stem, (0, ZERO))
        if int(revision) <= known[0]:
            return
        signed = report.quantity if report.side == "BUY" else -report.quantity
        self._fills[stem] = (int(revision), signed)
        place = (report.account, report.instrument.symbol)
        self.positions[place] = self.positions.get(place, ZERO) + signed - known[1]
        if report.order_id in self.entries:
            self.entries[report.order_id].filled[stem] = (int(revision), report.quantity)

    # -- decisions against the limits -------------------------------------------------------------

    def _decided(self, event: Decided, recorded: Recorded) -> None:
        order = event.decision.order
        if order is None or not event.decision.allowed:
            return
        entry = self.entries.get(event.order_id)
        if event.replaces and entry is None:
            raise Broken("recorded", f"a modify of order {event.order_id}, which is not on record")
        if entry is None:
            entry = Entry(event.order_id, event.ref, bracket=event.bracket, oca=event.oca)
            self.entries[event.order_id] = self.by_ref[event.ref] = entry
        elif not event.replaces:
            raise Broken("sent once", f"order {event.order_id} was allowed twice")
        self._within_limits(event, order, entry, recorded)
        entry.versions.append((recorded.seq, order))
        entry.reductions.append(event.decision.reduction)
        self._times.append((recorded.at, event.order_id))

    def _within_limits(
        self, event: Decided, order: Order, entry: Entry, recorded: Recorded
    ) -> None:
        limits = self._limits
        if order.quantity > limits.size:
            raise Broken("limits", f"{order}: size {order.quantity} above {limits.size}")
        own = abs(order.limit_price or order.stop_price or ZERO)
        if own * order.quantity > limits.value:
            raise Broken("limits", f"{order}: value {own * order.quantity} above {limits.value}")
        self._within_rate(order, recorded)
        if not event.decision.reduction and not self._fits_its_entry(order, entry):
            self._within_position(order, entry)
            self._within_count(order, entry)

    def _fits_its_entry(self, order: Order, entry: Entry) -> bool:
        """Whether it is an exit that can only undo what its entry does."""
        whole = self.entries.get(entry.bracket)
        return entry.is_exit and whole is not None and order.quantity <= whole.first.quantity

    def _within_position(self, order: Order, entry: Entry) -> None:
        place = (order.account or "", order.symbol)
        working = _at_least_of(self._beside(order, entry))
        working += sum(
            (left for side, left in self._foreign.get(place, []) if side == order.side), ZERO
        )
        whole = self.entries.get(entry.bracket) if entry.is_exit else None
        before = whole.at_most if whole is not None else ZERO  # what must be undone first
        added = max(ZERO, order.quantity - entry.fills - before)
        position = self.positions.get(place, ZERO) * (1 if order.side == "BUY" else -1)
        worst = position + working + added
        if worst > self._limits.position:
            said = f"{position} held, {working} working, {added} added, limit"
            raise Broken(
                "limits", f"order {entry.order_id} {order}: {said} {self._limits.position}"
            )

    def _within_count(self, order: Order, entry: Entry) -> None:
        count = 1 + sum(one.at_least > 0 for one in self._beside(order, entry))
        if count > self._limits.resting:
            raise Broken("limits", f"{order}: {count} orders work, limit {self._limits.resting}")

    def _within_rate(self, order: Order, recorded: Recorded) -> None:
        if not self._steady:
            return
        since = recorded.at - timedelta(seconds=self._limits.window)
        recent = [
            number
            for at, number in self._times[-60:]
            if at > since and not self.entries[number].never_sent
        ]
        if len(recent) + 1 > self._limits.rate:
            raise Broken("limits", f"{order}: message {len(recent) + 1} in {self._limits.window} s")

    def _beside(self, order: Order, entry: Entry) -> list[Entry]:
        return [
            one
            for one in self.entries.values()
            if one is not entry
            and not one.is_exit
            and not (one.oca and one.oca == entry.oca)
            and one.first.side == order.side
            and one.first.symbol == order.symbol
            and one.first.account == order.account
        ]


def _at_least_of(entries: list[Entry]) -> Decimal:
    """What these can still fill at the least; of a one-cancels-all group one of them."""
    shared: dict[int, Decimal] = {}
    for one in entries:
        group = one.oca or -one.order_id
        shared[group] = max(shared.get(group, ZERO), one.at_least)
    return sum(shared.values(), ZERO)
