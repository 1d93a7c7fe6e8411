"""The book: orders, executions and positions, folded from events one at a time.

Rule 1: the same events in the same order give the same book; nothing else changes it.
Rule 2: fills come only from execution reports; statuses move an order by the one table.
Rule 3: each change of an order ends in `settle`, the only place where reservations change.
Rule 4: an event that says nothing new changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from riskgate.ledger.brackets import Brackets
from riskgate.ledger.counters.news import Mention
from riskgate.ledger.counting import Counting
from riskgate.ledger.deeds import FIRST_STATUS, MESSAGE_OF, REFUSED, is_counted
from riskgate.ledger.executions import Executions
from riskgate.ledger.facts import Facts
from riskgate.ledger.holdings import Holdings
from riskgate.ledger.life import ACKNOWLEDGING, Life, Version, begun
from riskgate.model import lifecycle
from riskgate.model.events import (
    ApprovalRefused,
    CancelRequested,
    Decided,
    ForeignReported,
    Outcome,
    Payload,
    PositionsReported,
    Reconciled,
    Resolved,
    instruments_of,
)
from riskgate.model.lifecycle import Status
from riskgate.model.money import ZERO
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
from riskgate.model.subject import Subject, holding_subject
from riskgate.model.trading import Standing


class Book:
    """All that is known of our orders and positions."""

    def __init__(self, counting: Counting, mark: Callable[[str], Decimal | None]) -> None:
        self.counting = counting
        self.holdings = Holdings(counting, mark)
        self.orders: dict[int, Life] = {}
        self.by_ref: dict[str, int] = {}
        self.executions = Executions(counting, self.holdings)
        self.facts = Facts(counting)
        self.last_order_id = 0
        self.last_reconcile: tuple[datetime, Reconciled] | None = None
        self._alive: dict[int, Life] = {}
        self._brackets = Brackets(self.orders)
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
        else:
            self.facts.apply(payload)

    def take_touched(self) -> tuple[Iterable[Life], Iterable[Fill]]:
        """The orders and fills that changed since this was asked last."""
        orders, self._touched = self._touched, {}
        return orders.values(), self.executions.take_touched()

    @property
    def has_touched(self) -> bool:
        """Whether an order or fill changed since they were taken last."""
        return bool(self._touched or self.executions.touched)

    def state_for(self, subject: Subject) -> Standing | None:
        """The strictest trading state whose scope covers the subject; None if nobody set any."""
        return self.facts.strictest(subject)

    @property
    def digest(self) -> str:
        """The policies in force, by their digest; empty before the first."""
        return self.facts.digest

    @contextmanager
    def without(self, life: Life) -> Iterator[None]:
        """The book as if this order reserved nothing: what a modify of it is judged against.

        The exits of a bracket reserve as one, so with one of them goes what the other one holds.
        """
        sharing = [one for one in self._brackets.exits_with(life) if one is not life]
        kept = [(one, (one.reserved, one.reserved_value)) for one in (life, *sharing)]
        self._post(life, (ZERO, ZERO), gone=True)
        for one in sharing:
            self._post(one, (ZERO, ZERO))
        try:
            yield
        finally:
            for one, due in kept:
                self._post(one, due)

    @contextmanager
    def supposing(self, event: Decided, at: datetime) -> Iterator[None]:
        """The book as if this order had been sent: what the next order of a group is judged in."""
        order = event.decision.order
        if order is None or event.unit_value is None:
            yield
            return
        life = begun(event, Status.PENDING_SUBMIT, at)
        mention = Mention(life.subject, order, life.parent, life.bracket)
        known = self.orders.get(life.order_id)
        self.orders[life.order_id] = life
        life.versions.append(Version(order, event.unit_value, opens=not event.decision.reduction))
        life.sent_day = at
        self.counting.sent(life.subject, at)
        self.counting.message("new", mention, at)
        self._brackets.touched_by(life)
        self._post(life, self._brackets.due(life))
        try:
            yield
        finally:
            self._post(life, (ZERO, ZERO), gone=True)
            self._brackets.forget(life)
            self.counting.unsay("new", mention, at)
            self.counting.never_sent(life.subject, at)
            if known is None:
                del self.orders[life.order_id]
            else:
                self.orders[life.order_id] = known
                self._brackets.touched_by(known)

    def working(self) -> tuple[Life, ...]:
        """Our orders that are not proven dead."""
        return tuple(self._alive.values())

    def held(self) -> tuple[Life, ...]:
        """Our orders that wait for a person."""
        return tuple(life for life in self.orders.values() if life.status is Status.HELD)

    def _decided(self, event: Decided, at: datetime) -> None:
        self.last_order_id = max(self.last_order_id, event.order_id)
        snapshot = event.snapshot
        if snapshot is not None and snapshot.account is not None:
            self.facts.account(snapshot.account)
        if event.replaces:
            self._modified(event, at)
            return
        if event.approves:
            self._approved(event, at)
            return
        life = begun(event, FIRST_STATUS[event.decision.action], at)
        self.orders[life.order_id] = life
        self.by_ref.setdefault(life.ref, life.order_id)
        self._first(life, event, at)

    def _first(self, life: Life, event: Decided, at: datetime) -> None:
        """Count a decided order as what it is: sent, held, or denied for more than a state."""
        if life.order is not None and life.status is Status.PENDING_SUBMIT:
            opens = not event.decision.reduction
            life.versions.append(Version(life.order, event.unit_value or ZERO, opens=opens))
            life.sent_day = at
            self.counting.sent(life.subject, at)
        what, mention = MESSAGE_OF.get(life.status, ""), life.mention
        if mention is not None and (what != "denied" or is_counted(event.decision)):
            self.counting.message(what, mention, at)
        life.held_counted = what == "held"
        self.settle(life, at)

    def let_go(self, life: Life) -> None:
        """A held order is decided again: it counts as held no more."""
        if life.held_counted and life.mention is not None:
            self.counting.unsay("held", life.mention, life.created_at)
        life.held_counted = False

    def _approved(self, event: Decided, at: datetime) -> None:
        """A held order was decided again: it is sent, or denied; never held a second time."""
        life = self.orders.get(event.approves)
        if life is None or life.status is not Status.HELD:
            return
        self.let_go(life)
        life.decision = event.decision
        life.status = Status.PENDING_SUBMIT if event.decision.allowed else Status.DENIED
        life.reason = "; ".join(event.decision.by)
        self._first(life, event, at)

    def _modified(self, event: Decided, at: datetime) -> None:
        life = self.orders.get(event.replaces)
        order = event.decision.order
        if life is None:
            return
        if order is None or not event.decision.allowed:
            if life.mention is not None and is_counted(event.decision):
                self.counting.message("denied", life.mention, at)
            return
        life.amend(order, event.unit_value or ZERO, reduction=event.decision.reduction)
        life.text = event.text
        self.counting.message("modify", Mention(life.subject, order, life.parent, life.bracket), at)
        self.settle(life, at)

    def _sent(self, event: Sent, at: datetime) -> None:
        life = self.orders.get(event.order_id)
        if life is not None:
            life.broker_order_id, life.client_id = event.broker_order_id, event.client_id
            life.sent_version = max(life.sent_version, event.version)
            self.settle(life, at)

    def _never_sent(self, event: NeverSent, at: datetime) -> None:
        life = self.orders.get(event.order_id)
        if life is None:
            return
        if event.modify:
            life.forget_unsent(event)
        elif lifecycle.may_move(life.status, Status.NEVER_SENT) and not life.filled:
            self.let_go(life)
            life.status = Status.NEVER_SENT
            life.reason = f"{event.code}: {event.text}"
            if life.sent_day is not None:
                self.counting.never_sent(life.subject, life.sent_day)
        self.settle(life, at)

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
        if life.status in REFUSED and not life.refusal_counted and life.mention is not None:
            life.refusal_counted = True
            self.counting.message("rejected", life.mention, at)
        self.settle(life, at)

    def _echo(self, event: OrderEcho, at: datetime) -> None:
        life = self.orders.get(event.order_id)
        if life is None:
            return
        life.perm_id = event.perm_id or life.perm_id
        life.acknowledged = True
        life.confirm(event)
        self.settle(life, at)

    def _error(self, event: ErrorReport, at: datetime) -> None:
        life = self.orders.get(event.order_id)
        if life is not None:
            life.reason = f"{event.code}: {event.text}"
            self.settle(life, at)

    def _cancel_requested(self, event: CancelRequested, at: datetime) -> None:
        life = self.orders.get(event.order_id)
        if life is None or life.mention is None:
            return
        life.told(Status.PENDING_CANCEL)
        if not life.cancel_counted:
            life.cancel_counted = True
            self.counting.message("cancel", life.mention, at)
        self.settle(life, at)

    def _cancel_not_sent(self, event: CancelNotSent, at: datetime) -> None:
        life = self.orders.get(event.order_id)
        if life is not None:
            life.resume()
            life.reason = f"its cancel did not leave: {event.text}"
            self.settle(life, at)

    def _executed(self, event: ExecutionReport, at: datetime) -> None:
        life = self.orders.get(event.order_id)
        opens = life is None or life.opens
        change = self.executions.take(event, self._subject_of(event), at, opens=opens)
        if change is not None and life is not None:
            life.count(event.stem, change.fill, change.known)
            self.settle(life, at)

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
            self.settle(life, at)

    def _refused(self, event: ApprovalRefused, at: datetime) -> None:
        life = self.orders.get(event.order_id)
        if life is not None and life.status is Status.HELD:
            self.let_go(life)
            life.status = Status.DENIED
            life.reason = f"{event.code or 'refused'} by {event.by}: {event.reason}"
            self.settle(life, at)

    def _resolved(self, event: Resolved, at: datetime) -> None:
        life = self.orders.get(event.order_id)
        if life is not None and life.status is Status.UNKNOWN:
            life.told(Status.FILLED if event.outcome is Outcome.FILLED else Status.CANCELLED)
            life.reason = f"resolved as {event.outcome} by {event.by}: {event.reason}"
            self.settle(life, at)

    def _positions(self, event: PositionsReported, at: datetime) -> None:  # noqa: ARG002  # a fold
        for position in event.positions:
            self.holdings.taken_over(position.account, position.instrument, position.quantity)

    def _foreign(self, event: ForeignReported, at: datetime) -> None:  # noqa: ARG002  # a fold
        self.holdings.foreign(event.orders)

    def _reconciled(self, event: Reconciled, at: datetime) -> None:
        self.last_order_id = max(self.last_order_id, event.next_order_id - 1)
        self.last_reconcile = at, event
        for life in self.working():
            if life.said_alive:  # a whole story was told since, and its cancel is not in it
                life.resume()
                self.settle(life, at)

    def settle(self, life: Life, at: datetime) -> None:
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
        for one in self._brackets.touched_by(life):
            self._post(one, self._brackets.due(one))

    def _post(self, life: Life, due: tuple[Decimal, Decimal], *, gone: bool = False) -> None:
        """Reserve this quantity and value for the order, in place of what it reserved before."""
        more = due[0] - life.reserved
        life.reserved, life.reserved_value = due
        before, life.claim = life.claim, life.claims(due, alive=life.status.working and not gone)
        if life.order is not None and life.instrument is not None and before != life.claim:
            if more:
                self.holdings.reserved(life.subject, life.instrument, life.order.side, more)
            self.counting.claim(life.subject, before, life.claim)
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
    Reconciled: Book._reconciled,  # noqa: SLF001  # same
    ApprovalRefused: Book._refused,  # noqa: SLF001  # same
    Resolved: Book._resolved,  # noqa: SLF001  # same
}
