"""The book: orders, executions and positions, folded from events one at a time.

Rule 1: the same events in the same order give the same book; nothing else changes it.
Rule 2: fills come only from execution reports; statuses move an order by the one table.
Rule 3: each change of an order ends in `_settle`, the only place where reservations change.
Rule 4: an event that says nothing new changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from riskgate.ledger.counting import Counting
from riskgate.ledger.executions import Executions
from riskgate.ledger.holdings import Holdings
from riskgate.ledger.life import ACKNOWLEDGING, Life, Version
from riskgate.model import lifecycle
from riskgate.model.decision import Action, Decision
from riskgate.model.events import (
    CancelRequested,
    Decided,
    ForeignReported,
    Payload,
    PolicyActivated,
    PositionsReported,
    Reconciled,
    StateChanged,
    instruments_of,
)
from riskgate.model.instrument import Instrument
from riskgate.model.lifecycle import Status
from riskgate.model.money import ZERO
from riskgate.model.order import Order
from riskgate.model.report import (
    CancelNotSent,
    CommissionReport,
    ErrorReport,
    ExecutionReport,
    Fill,
    NeverSent,
    OrderEcho,
    Sent,
    StatusReport,
)
from riskgate.model.subject import Subject, holding_subject, subject_of
from riskgate.model.trading import Scope, Standing, TradingState

FIRST_STATUS: Final = {
    Action.ALLOW: Status.PENDING_SUBMIT,
    Action.WARN: Status.PENDING_SUBMIT,
    Action.HOLD: Status.HELD,
    Action.DENY: Status.DENIED,
}


class Book:
    """All that is known of our orders and positions."""

    def __init__(self, counting: Counting, mark: Callable[[str], Decimal | None]) -> None:
        self.counting = counting
        self.holdings = Holdings(counting, mark)
        self.orders: dict[int, Life] = {}
        self.by_ref: dict[str, int] = {}
        self.executions = Executions(counting, self.holdings)
        self.standings: dict[tuple[Scope, bool], Standing] = {}
        self.last_order_id = 0
        self.digest = ""
        self._alive: dict[int, Life] = {}
        self._touched: dict[int, Life] = {}

    @property
    def fills(self) -> dict[str, Fill]:
        """Every execution in its latest revision, by the stem of its id."""
        return self.executions.fills

    def apply(self, payload: Payload, at: datetime) -> None:
        """Fold one event."""
        for instrument in instruments_of(payload):
            self.holdings.know(instrument)
        fold: Any = _FOLDS.get(type(payload))
        if fold is not None:
            fold(self, payload, at)

    def take_touched(self) -> tuple[Iterable[Life], Iterable[Fill]]:
        """The orders and fills that changed since this was asked last."""
        orders, self._touched = self._touched, {}
        return orders.values(), self.executions.take_touched()

    @property
    def has_touched(self) -> bool:
        """Whether an order or fill changed since they were taken last."""
        return bool(self._touched or self.executions.touched)

    def state_for(self, subject: Subject) -> TradingState:
        """The strictest trading state whose scope covers the subject."""
        named = (subject.account, subject.strategy, subject.symbol)
        states = [s.state for s in self.standings.values() if s.scope.covers(*named)]
        return max(states, key=lambda state: state.strictness, default=TradingState.ACTIVE)

    @contextmanager
    def without(self, life: Life | None) -> Iterator[None]:
        """The book as if this order reserved nothing: what a modify of it is judged against."""
        if life is None:
            yield
            return
        kept = life.reserved, life.reserved_value
        self._post(life, (ZERO, ZERO))
        try:
            yield
        finally:
            self._post(life, kept)

    def working(self) -> tuple[Life, ...]:
        """Our orders that are not proven dead."""
        return tuple(self._alive.values())

    def adopt(self, order: Order, instrument: Instrument, unit_value: Decimal, at: datetime) -> int:
        """Take over an acknowledged order from before the story begins; return its number.

        It counts as sent on that trading day and before every window.
        """
        self.last_order_id += 1
        number = self.last_order_id
        life = Life(
            order_id=number,
            ref=f"given-{number}",
            text=str(order),
            order=order,
            stated=order,
            decision=Decision(order=order, action=Action.ALLOW, as_of=at, digest=self.digest),
            status=Status.SUBMITTED,
            created_at=at,
            instrument=instrument,
            subject=subject_of(order, instrument),
            acknowledged=True,
            versions=[Version(order, unit_value)],
        )
        self.orders[number] = life
        self.by_ref[life.ref] = number
        self.holdings.know(instrument)
        self.counting.sent(life.subject, at)
        self._settle(life, at)
        return number

    def _decided(self, event: Decided, at: datetime) -> None:
        self.last_order_id = max(self.last_order_id, event.order_id)
        if event.replaces:
            self._modified(event, at)
            return
        order = event.decision.order
        snapshot = event.snapshot
        instrument = snapshot.instrument if snapshot else None
        life = Life(
            order_id=event.order_id,
            ref=event.ref,
            text=event.text,
            order=order,
            decision=event.decision,
            stated=order,
            status=FIRST_STATUS[event.decision.action],
            created_at=at,
            instrument=instrument,
            subject=subject_of(order, instrument) if order and instrument else Subject(),
            parent=event.parent,
            reason="; ".join(event.decision.by),
        )
        self.orders[life.order_id] = life
        self.by_ref.setdefault(life.ref, life.order_id)
        if order is not None and life.status is Status.PENDING_SUBMIT:
            life.versions.append(Version(order, event.unit_value or ZERO))
            life.sent_day = at
            self.counting.sent(life.subject, at)
        if order is not None and life.status in (Status.PENDING_SUBMIT, Status.HELD):
            what = "held" if life.status is Status.HELD else "new"
            self.counting.message(what, (life.subject, order, life.parent), at)
        self._settle(life, at)

    def _modified(self, event: Decided, at: datetime) -> None:
        life = self.orders.get(event.replaces)
        order = event.decision.order
        if life is None or order is None or not event.decision.allowed:
            return
        life.amend(order, event.unit_value or ZERO)
        life.text = event.text
        self.counting.message("modify", (life.subject, order, life.parent), at)
        self._settle(life, at)

    def _sent(self, event: Sent, at: datetime) -> None:
        life = self.orders.get(event.order_id)
        if life is not None:
            life.broker_order_id, life.client_id = event.broker_order_id, event.client_id
            life.sent_version = max(life.sent_version, event.version)
            self._settle(life, at)

    def _never_sent(self, event: NeverSent, at: datetime) -> None:
        life = self.orders.get(event.order_id)
        if life is None:
            return
        if event.modify:
            life.forget_unsent(event)
        elif lifecycle.may_move(life.status, Status.NEVER_SENT) and not life.filled:
            life.status = Status.NEVER_SENT
            life.reason = f"{event.code}: {event.text}"
            if life.sent_day is not None:
                self.counting.never_sent(life.subject, life.sent_day)
        self._settle(life, at)

    def _status(self, event: StatusReport, at: datetime) -> None:
        life = self.orders.get(event.order_id)
        if life is None:
            return
        before = life.status
        life.perm_id = event.perm_id or life.perm_id
        life.broker_order_id = event.broker_order_id or life.broker_order_id
        life.acknowledged = life.acknowledged or event.status in ACKNOWLEDGING
        if event.status is Status.FILLED and ZERO < event.filled <= life.filled:
            life.forget_larger()
        if event.status is not Status.FILLED or life.all_filled(event.filled, event.remaining):
            life.told(event.status)
        if life.status is not before and event.reason:
            life.reason = event.reason
        if life.status is Status.CANCELLED and before is not Status.CANCELLED:
            life.cancelled_at = at
        self._settle(life, at)

    def _echo(self, event: OrderEcho, at: datetime) -> None:
        life = self.orders.get(event.order_id)
        if life is None:
            return
        life.perm_id = event.perm_id or life.perm_id
        life.acknowledged = True
        life.confirm(event)
        self._settle(life, at)

    def _error(self, event: ErrorReport, at: datetime) -> None:
        life = self.orders.get(event.order_id)
        if life is not None:
            life.reason = f"{event.code}: {event.text}"
            self._settle(life, at)

    def _cancel_requested(self, event: CancelRequested, at: datetime) -> None:
        life = self.orders.get(event.order_id)
        if life is None or life.order is None:
            return
        life.told(Status.PENDING_CANCEL)
        if not life.cancel_counted:
            life.cancel_counted = True
            self.counting.message("cancel", (life.subject, life.order, life.parent), at)
        self._settle(life, at)

    def _cancel_not_sent(self, event: CancelNotSent, at: datetime) -> None:
        life = self.orders.get(event.order_id)
        if life is not None:
            life.resume()
            life.reason = f"its cancel did not leave: {event.text}"
            self._settle(life, at)

    def _executed(self, event: ExecutionReport, at: datetime) -> None:
        change = self.executions.take(event, self._subject_of(event), at)
        life = self.orders.get(event.order_id)
        if change is not None and life is not None:
            life.count(event.stem, change.fill, change.known)
            self._settle(life, at)

    def _subject_of(self, event: ExecutionReport) -> Subject:
        life = self.orders.get(event.order_id)
        if life is not None and life.subject.instrument:
            return life.subject
        return holding_subject(event.account, event.instrument)._replace(side=str(event.side))

    def _commission(self, event: CommissionReport, at: datetime) -> None:
        fill = self.executions.bill(event)
        life = self.orders.get(fill.order_id) if fill else None
        if fill is not None and life is not None:
            life.fills[fill.stem] = fill
            self._settle(life, at)

    def _positions(self, event: PositionsReported, at: datetime) -> None:  # noqa: ARG002  # a fold
        for position in event.positions:
            self.holdings.taken_over(position.account, position.instrument, position.quantity)

    def _foreign(self, event: ForeignReported, at: datetime) -> None:  # noqa: ARG002  # a fold
        self.holdings.foreign(event.orders)

    def _policy(self, event: PolicyActivated, at: datetime) -> None:  # noqa: ARG002  # a fold
        self.digest = event.digest

    def _reconciled(self, event: Reconciled, at: datetime) -> None:
        self.last_order_id = max(self.last_order_id, event.next_order_id - 1)
        for life in self.working():
            if life.said_alive:  # a whole story was told since, and its cancel is not in it
                life.resume()
                self._settle(life, at)

    def _state(self, event: StateChanged, at: datetime) -> None:  # noqa: ARG002  # a fold
        standing = event.standing
        key = (standing.scope, standing.latch)
        if standing.state is TradingState.ACTIVE:
            self.standings.pop(key, None)
        else:
            self.standings[key] = standing

    def _settle(self, life: Life, at: datetime) -> None:
        """Bring what is reserved to what is due, and tell everybody who counts."""
        self._touched[life.order_id] = life
        if life.complete and life.status.working:
            life.status = lifecycle.filled(life.status, complete=True)
            life.filled_at = life.filled_at or at
        if life.status.working:
            self._alive[life.order_id] = life
        else:
            self._alive.pop(life.order_id, None)
        life.updated_at = at
        self._post(life, life.due())

    def _post(self, life: Life, due: tuple[Decimal, Decimal]) -> None:
        """Reserve this quantity and value for the order, in place of what it reserved before."""
        more, worth = due[0] - life.reserved, due[1] - life.reserved_value
        life.reserved, life.reserved_value = due
        if life.order is not None and life.instrument is not None and (more or worth):
            self.holdings.reserved(life.subject, life.instrument, life.order.side, more)
            self.counting.working(life.subject, more, worth)
        parent = self.orders.get(life.parent)
        if parent is not None:
            committed = life.filled + life.reserved
            parent.committed += committed - life.committed_to_parent
            life.committed_to_parent = committed


_FOLDS: Final[dict[type, object]] = {
    Decided: Book._decided,  # noqa: SLF001  # the table of this module's own folds
    Sent: Book._sent,  # noqa: SLF001  # same
    NeverSent: Book._never_sent,  # noqa: SLF001  # same
    StatusReport: Book._status,  # noqa: SLF001  # same
    OrderEcho: Book._echo,  # noqa: SLF001  # same
    ErrorReport: Book._error,  # noqa: SLF001  # same
    CancelRequested: Book._cancel_requested,  # noqa: SLF001  # same
    CancelNotSent: Book._cancel_not_sent,  # noqa: SLF001  # same
    ExecutionReport: Book._executed,  # noqa: SLF001  # same
    CommissionReport: Book._commission,  # noqa: SLF001  # same
    PositionsReported: Book._positions,  # noqa: SLF001  # same
    ForeignReported: Book._foreign,  # noqa: SLF001  # same
    PolicyActivated: Book._policy,  # noqa: SLF001  # same
    Reconciled: Book._reconciled,  # noqa: SLF001  # same
    StateChanged: Book._state,  # noqa: SLF001  # same
}
