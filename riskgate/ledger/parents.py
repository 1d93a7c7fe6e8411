"""Orders that are worked off in slices, and orders that a replacement strategy tends.

Rule 1: folded from the same events as the rest of the book; nothing else changes it.
Rule 2: a parent is never sent and reserves nothing; what is filled of it is what its slices filled.
Rule 3: STOPPED and ENDED are for good: no event brings such a parent back to work.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from itertools import islice, takewhile
from typing import Final

from riskgate.ledger.life import Life
from riskgate.model import lifecycle
from riskgate.model.decision import Action
from riskgate.model.events import (
    CancelRequested,
    Decided,
    Payload,
    StateChanged,
    Tended,
    WorkChanged,
)
from riskgate.model.lifecycle import Status
from riskgate.model.money import ZERO
from riskgate.model.trading import Scope, TradingState
from riskgate.model.work import Plan, WorkState

CONVERTS: Final = "riskgate: converts it"  # who cancels what is to be sent anew
LAST: Final[dict[WorkState, Status]] = {
    WorkState.STOPPED: Status.CANCELLED,
    WorkState.ENDED: Status.EXPIRED,
}


@dataclass(slots=True)
class Work:
    """A parent at work. `refused` counts the slices denied one after the other, now.

    `pardoned` is how many slices there were when a person resumed it.
    """

    life: Life
    plan: Plan
    state: WorkState = WorkState.NEW
    by: str = ""
    reason: str = ""
    client_id: int | None = None
    began: datetime | None = None
    arrival: Decimal | None = None
    volume: Decimal | None = None
    slices: list[Life] = field(default_factory=list)
    sent_at: datetime | None = None
    refused: int = 0
    refused_at: datetime | None = None
    pardoned: int = 0

    @property
    def rejected(self) -> tuple[Life, ...]:
        """Its newest slices that the broker has refused one after the other, the newest first."""
        since = islice(reversed(self.slices), len(self.slices) - self.pardoned)
        sent = (one for one in since if one.status is not Status.DENIED)
        return tuple(takewhile(lambda one: one.status is Status.REJECTED, sent))

    @property
    def filled(self) -> Decimal:
        """What its slices have filled."""
        return sum((one.filled for one in self.slices), ZERO)

    @property
    def waiting(self) -> tuple[Life, ...]:
        """The slices that can still fill, held ones included."""
        return tuple(one for one in self.slices if one.status.working or one.status is Status.HELD)

    @property
    def working(self) -> Decimal:
        """What its slices can still fill; of a held one all of it."""
        held = (one.order for one in self.slices if one.status is Status.HELD)
        asked = sum((order.quantity for order in held if order is not None), ZERO)
        return asked + sum((one.reserved for one in self.slices), ZERO)


@dataclass(slots=True)
class Tending:
    """An order that a replacement strategy tends, and what it has done to it so far."""

    life: Life
    plan: Plan
    since: datetime
    client_id: int | None = None
    actor: str = ""
    first_price: Decimal | None = None
    changes: int = 0
    changed_at: datetime | None = None
    refused: int = 0
    converting: bool = False


class Works:
    """All parents that are not over, and all orders that are tended."""

    def __init__(self, orders: dict[int, Life]) -> None:
        self._orders = orders
        self._all: dict[int, Work] = {}
        self.open: dict[int, Work] = {}
        self.tended: dict[int, Tending] = {}

    def of(self, order_id: int) -> Work | None:
        """The work on a parent, also when it is over; None for what is no parent that began."""
        return self._all.get(order_id)

    def all(self) -> tuple[Work, ...]:
        """The work on every parent there was."""
        return tuple(self._all.values())

    def leaves_nothing(self, order_id: int) -> bool:
        """Whether a parent of ours sends no slice now: it is paused, over, or not begun."""
        life = self._orders.get(order_id)
        if life is None or life.plan is None:
            return False
        work = self._all.get(order_id)
        return work is None or work.state is not WorkState.RUNNING

    def converts(self, order_id: int) -> bool:
        """Whether what is left of an order is to be sent anew, now that the broker cancelled it."""
        tending = self.tended.get(order_id)
        return tending is not None and tending.converting and _was_cancelled(tending.life)

    def apply(self, payload: Payload, at: datetime) -> Iterable[Life]:
        """Fold an event that the book has folded; the parents that it changed."""
        if not (self._all or self.tended) and not _begins(payload):
            return ()
        return tuple(self._applied(payload, at))

    def _applied(self, payload: Payload, at: datetime) -> Iterator[Life]:
        if isinstance(payload, StateChanged):
            yield from self._state(payload, at)
            return
        number = getattr(payload, "order_id", 0)
        life = self._orders.get(number) if number else None
        if life is None:
            return
        if isinstance(payload, WorkChanged):
            self._changed(payload, at)
        elif isinstance(payload, Tended):
            self._tended(payload, life, at)
        elif isinstance(payload, Decided):
            self._decided(payload, life, at)
        elif isinstance(payload, CancelRequested):
            self._cancelled(payload, at)
        elif number in self.tended and _is_over(self.tended[number]):
            del self.tended[number]
        work = self._all.get(life.parent) or self._all.get(number)
        if work is not None:
            self._settle(work, at)
            yield work.life

    def _cancelled(self, event: CancelRequested, at: datetime) -> None:
        """Somebody's cancel is for good: of a parent, and of what was to be sent anew."""
        if event.order_id in self.open:
            self._stop(self.open[event.order_id], event.actor, "cancelled", at)
        tending = self.tended.get(event.order_id)
        if tending is not None and tending.converting and event.actor != CONVERTS:
            del self.tended[event.order_id]

    def _decided(self, event: Decided, life: Life, at: datetime) -> None:
        if event.replaces:
            tending = self.tended.get(life.order_id)
            if tending is not None and event.decision.allowed:
                tending.changes, tending.changed_at, tending.refused = tending.changes + 1, at, 0
            elif tending is not None:
                tending.refused, tending.changed_at = tending.refused + 1, at
            return
        if life.plan is not None and life.status is Status.PENDING_SUBMIT:
            work = Work(life, life.plan)
            self._all[life.order_id] = self.open[life.order_id] = work
        parent = self._all.get(life.parent)
        if parent is None:
            return
        if not event.approves:
            parent.slices.append(life)
        if event.decision.action is not Action.DENY:
            parent.sent_at = at  # one that is held is not asked for again meanwhile
        if event.decision.allowed:
            parent.refused = 0
        elif life.status is Status.DENIED:
            parent.refused, parent.refused_at = parent.refused + 1, at

    def _changed(self, event: WorkChanged, at: datetime) -> None:
        work = self.open.get(event.order_id)
        if work is None:
            return
        if event.state.over:
            self._stop(work, event.by, event.reason, at, event.state)
            return
        if event.state is WorkState.RUNNING:
            resumed = work.state is WorkState.PAUSED
            work.arrival = event.arrival if resumed else work.arrival or event.arrival
            work.refused, work.pardoned = 0, len(work.slices)
        if event.client_id is not None:
            work.client_id = event.client_id
            work.began = work.began or at
            work.volume = event.volume if work.volume is None else work.volume
            work.life.told(Status.SUBMITTED)
        work.state, work.by, work.reason = event.state, event.by, event.reason
        work.life.reason = event.reason

    def _stop(
        self,
        work: Work,
        by: str,
        reason: str,
        at: datetime,
        state: WorkState = WorkState.STOPPED,
    ) -> None:
        work.state, work.by, work.reason = state, by, reason
        work.life.reason = f"{reason} by {by}" if by else reason
        work.life.told(Status.PENDING_CANCEL)
        self._settle(work, at)

    def _settle(self, work: Work, at: datetime) -> None:
        """Bring a parent to where its slices are."""
        life = work.life
        before, life.worked = life.worked, work.filled
        life.worked_paid = sum((one.paid for one in work.slices), ZERO)
        life.updated_at = at
        whole = life.order.quantity if life.order is not None else ZERO
        complete = life.worked >= whole
        if life.worked != before:
            life.status = lifecycle.filled(life.status, complete=complete)
        if complete and not work.state.over:
            work.state, work.reason = WorkState.ENDED, "all of it is filled"
        if life.status is Status.FILLED:
            life.filled_at = life.filled_at or at
        if life.status is Status.NEVER_SENT:
            work.state = WorkState.STOPPED
        if work.state.over and not work.waiting:
            self.open.pop(life.order_id, None)
            life.told(LAST[work.state])
            if life.status is Status.CANCELLED:
                life.cancelled_at = life.cancelled_at or at
        life.timeline.settled(life.status, at)

    def _state(self, event: StateChanged, at: datetime) -> Iterator[Life]:
        """A kill is for good: what it covers never works again, whoever resumes."""
        state = event.standing
        if state.state is not TradingState.KILLED:
            return
        for number, tending in tuple(self.tended.items()):
            if _covers(state.scope, tending.life):
                del self.tended[number]
        for work in tuple(self.open.values()):
            if _covers(state.scope, work.life) and not work.state.over:
                self._stop(work, state.by, f"killed: {state.reason}", at)
                yield work.life

    def _tended(self, event: Tended, life: Life, at: datetime) -> None:
        if event.plan is None:
            self.tended.pop(event.order_id, None)
            return
        known = self.tended.get(event.order_id)
        if known is not None and known.plan == event.plan:
            known.converting = event.converting
            return
        self.tended[event.order_id] = Tending(
            life,
            event.plan,
            at,
            client_id=event.client_id,
            actor=event.by,
            first_price=life.order.limit_price if life.order else None,
            converting=event.converting,
        )


def _begins(payload: Payload) -> bool:
    """Whether an event may be the first of a parent, or of what is tended."""
    if isinstance(payload, Decided):  # of one that is approved, only its life has the plan
        return payload.plan is not None or bool(payload.approves)
    return isinstance(payload, Tended)


def _covers(scope: Scope, life: Life) -> bool:
    named = life.subject
    return scope.covers(named.account, named.strategy, named.symbol, named.underlying)


def _was_cancelled(life: Life) -> bool:
    return life.status is Status.CANCELLED and life.order is not None and not life.complete


def _is_over(tending: Tending) -> bool:
    """Whether there is nothing to tend any more; a conversion still has what is left to send."""
    if not tending.life.status.finished:
        return False
    return not (tending.converting and _was_cancelled(tending.life))
