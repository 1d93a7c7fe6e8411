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

from riskgate.analytics.slippage import arrival_price
from riskgate.ledger import messages
from riskgate.ledger.beginnings import begun
from riskgate.ledger.blocks import Blocks
from riskgate.ledger.counters.news import Mention
from riskgate.ledger.counting import Counting
from riskgate.ledger.deeds import FIRST_STATUS, MESSAGE_OF, is_counted
from riskgate.ledger.executions import Executions
from riskgate.ledger.facts import Facts
from riskgate.ledger.holdings import Holdings
from riskgate.ledger.life import Life, Version
from riskgate.ledger.parents import Works
from riskgate.ledger.sharing import Sharing
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
    ForeignOrder,
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
        self.blocks = Blocks(self.orders, self.executions)
        self.facts = Facts(counting)
        self.works = Works(self.orders)
        self.last_order_id = 0
        self.last_reconcile: tuple[datetime, Reconciled] | None = None
        self.foreign: tuple[ForeignOrder, ...] = ()  # working orders of others, as last told
        self._alive: dict[int, Life] = {}
        self.sharing = Sharing(self.orders, self._post)
        self._touched: dict[int, Life] = {}

    @property
    def fills(self) -> dict[str, Fill]:
        """Every execution in its latest revision, by the stem of its id."""
        return self.executions.fills

    def apply(self, payload: Payload, at: datetime) -> None:
        """Fold one event."""
        for instrument in instruments_of(payload):
            self.holdings.know(instrument)
        fold = _FOLDS.get(type(payload))
        if fold is not None:
            fold(self, payload, at)
        else:
            self.facts.apply(payload)
        for life in self.works.apply(payload, at):
            self._touched[life.order_id] = life
        self.blocks.retell(payload, at, self.apply)

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

        Orders that share a claim reserve as one, so with one of them goes what the others hold.
        """
        with self.sharing.standing_aside(self.sharing.others(life)):
            kept = life.reserved, life.reserved_value
            self._post(life, (ZERO, ZERO), gone=True)
            try:
                yield
            finally:
                self._post(life, kept)

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
        self._post(life, self.sharing.suppose(life))
        try:
            yield
        finally:
            self._post(life, (ZERO, ZERO), gone=True)
            self.sharing.forget(life)
            self.counting.unsay("new", mention, at)
            self.counting.never_sent(life.subject, at)
            if known is None:
                del self.orders[life.order_id]
            else:
                self.orders[life.order_id] = known
                self.sharing.suppose(known)

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
        if event.members:
            life.members = tuple(self.orders[one] for one in event.members if one in self.orders)
        self.orders[life.order_id] = life
        self.by_ref.setdefault(life.ref, life.order_id)
        self._first(life, event, at)

    def _first(self, life: Life, event: Decided, at: datetime) -> None:
        """Count a decided order as what it is: sent, held, or denied for more than a state."""
        order, what = life.order, MESSAGE_OF.get(life.status, "")
        if order is not None and life.plan is None and life.status.working:
            opens = not event.decision.reduction
            life.versions.append(Version(order, event.unit_value or ZERO, 0, opens))
            if not life.members:
                life.sent_day = at
                self.counting.sent(life.subject, at)
        mention = life.mention
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
        life.decision, life.order = event.decision, event.decision.order or life.order
        quote = event.snapshot.quote if event.snapshot else None
        life.arrival = arrival_price(quote)
        life.timeline.decided(quote, at)
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
        if life.legs is not None and event.snapshot is not None:
            life.legs.worth(event.snapshot)
        self.counting.message("modify", Mention(life.subject, order, life.parent, life.bracket), at)
        self.settle(life, at)

    def _executed(self, event: ExecutionReport, at: datetime) -> None:
        life = self.orders.get(event.order_id)
        opens = life is None or life.opens
        subject = None if life is not None and life.members else self._subject_of(event)
        change = self.executions.take(event, subject, at, opens=opens)
        if change is not None and life is not None:
            if life.legs is not None:  # the leg is counted above, this is the combo
                self.counting.executed(life.subject, life.order_id, min(event.at, at))
            life.count(event, change.fill, change.known)
            life.timeline.filled(event.at, at)
            self.settle(life, at)

    def _subject_of(self, event: ExecutionReport) -> Subject:
        life = self.orders.get(event.order_id)
        known = life.subject_in(event.instrument) if life is not None else None
        if known is not None:
            return known
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
        self.foreign = event.orders

    def _reconciled(self, event: Reconciled, at: datetime) -> None:
        self.last_order_id = max(self.last_order_id, event.next_order_id - 1)
        self.last_reconcile = at, event
        for life in (one for alive in self.working() for one in (alive, *alive.members)):
            if life.said_alive:  # a whole story was told since, and its cancel is not in it
                life.resume()
                self.settle(life, at)

    def settle(self, life: Life, at: datetime) -> None:
        """Bring what is reserved to what is due, and tell everybody who counts."""
        self._touched[life.order_id] = life
        if life.status.working and life.complete:
            life.status = lifecycle.filled(life.status, complete=True)
            life.filled_at = life.filled_at or at
        if life.leaves:
            self._alive[life.order_id] = life
        else:
            self._alive.pop(life.order_id, None)
        life.updated_at = at
        life.timeline.settled(life.status, at)
        if not life.bracket and not life.oca:  # as nearly all: it shares with nobody
            self._post(life, life.due())
            return
        for one, due in self.sharing.touched_by(life):
            self._post(one, due)

    def _post(self, life: Life, due: tuple[Decimal, Decimal], *, gone: bool = False) -> None:
        """Reserve this quantity and value for the order, in place of what it reserved before."""
        more = due[0] - life.reserved
        life.reserved, life.reserved_value = due
        before, life.claim = life.claim, life.claims(due, alive=life.status.working and not gone)
        if life.legs is not None:
            asked = life.asked if due[0] else ()
            life.legs.post((self.holdings, self.counting), asked, life.claim)
        elif life.order is not None and life.instrument is not None and before != life.claim:
            if more:
                self.holdings.reserved(life.subject, life.instrument, life.order.side, more)
            self.counting.claim(life.subject, before, life.claim)
        parent = self.orders.get(life.parent) if life.parent else None
        if parent is not None:
            committed = life.filled + life.reserved
            parent.committed += committed - life.committed_to_parent
            life.committed_to_parent = committed


_FOLDS: Final[dict[type, Callable[[Book, Any, datetime], None]]] = {
    Decided: Book._decided,  # noqa: SLF001  # the table of this module's own folds
    Sent: messages.sent,
    NeverSent: messages.never_sent,
    StatusReport: messages.status,
    OrderEcho: messages.echo,
    ErrorReport: messages.error,
    CancelRequested: messages.cancel_requested,
    CancelNotSent: messages.cancel_not_sent,
    ExecutionReport: Book._executed,  # noqa: SLF001  # same
    CommissionReport: Book._commission,  # noqa: SLF001  # same
    PositionsReported: Book._positions,  # noqa: SLF001  # same
    ForeignReported: Book._foreign,  # noqa: SLF001  # same
    Reconciled: Book._reconciled,  # noqa: SLF001  # same
    ApprovalRefused: Book._refused,  # noqa: SLF001  # same
    Resolved: Book._resolved,  # noqa: SLF001  # same
}
