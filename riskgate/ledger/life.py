"""One order's record in the book: what was approved, what the broker said, what was filled.

Rule 1: what is reserved is what can still fill: the largest remainder of all versions that the
broker may hold, while the order is not proven dead.
Rule 2: fills are kept by the stem of their execution id; the highest revision is the fill.
Rule 3: every version of the terms has a number, and only the version that is named is forgotten.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Final

from riskgate.ledger.counters.news import Claim, Mention
from riskgate.model import lifecycle
from riskgate.model.decision import Decision
from riskgate.model.events import Decided
from riskgate.model.instrument import Instrument
from riskgate.model.lifecycle import Status
from riskgate.model.money import ZERO
from riskgate.model.order import Order
from riskgate.model.report import Fill, NeverSent, OrderEcho
from riskgate.model.subject import Subject, subject_of
from riskgate.model.view import OrderView

NOBODY: Final = Subject()
NOTHING_CLAIMED: Final = Claim()
ACKNOWLEDGING: Final = frozenset({Status.PRE_SUBMITTED, Status.SUBMITTED})


@dataclass(slots=True)
class Version:
    """One set of terms that the broker may hold, and what a unit was worth at its approval.

    The first terms have number 0, the modifies 1 and up, in the order of their approval. Terms open
    unless they were a reduction when they were approved; milder terms open if the old ones did.
    """

    order: Order
    unit_value: Decimal
    number: int = 0
    opens: bool = True


@dataclass(slots=True)
class Life:
    """Everything about one order. Changed only by `ledger.book`."""

    order_id: int
    ref: str
    text: str
    order: Order | None
    decision: Decision
    status: Status
    created_at: datetime
    stated: Order | None = None
    instrument: Instrument | None = None
    subject: Subject = NOBODY
    versions: list[Version] = field(default_factory=list)
    last_version: int = 0
    sent_version: int = 0
    acknowledged: bool = False
    fills: dict[str, Fill] = field(default_factory=dict)
    filled: Decimal = ZERO
    paid: Decimal = ZERO
    reserved: Decimal = ZERO
    reserved_value: Decimal = ZERO
    parent: int = 0
    committed: Decimal = ZERO
    committed_to_parent: Decimal = ZERO
    group: int = 0
    group_intent: Decimal | None = None
    bracket: int = 0
    claim: Claim = NOTHING_CLAIMED
    refusal_counted: bool = False
    updated_at: datetime | None = None
    cancelled_at: datetime | None = None
    filled_at: datetime | None = None
    cancel_counted: bool = False
    held_counted: bool = False
    without_cancel: Status = Status.UNKNOWN
    said_alive: bool = False
    sent_day: datetime | None = None
    actor: str = ""
    emergency: bool = False
    broker_order_id: int = 0
    client_id: int = 0
    perm_id: int = 0
    reason: str = ""

    def due(self) -> tuple[Decimal, Decimal]:
        """Quantity and value that must be reserved now."""
        if not self.status.working:
            return ZERO, ZERO
        remainders = [
            (max(ZERO, version.order.quantity - self.filled), version.unit_value)
            for version in self.versions
        ]
        quantity = max((remainder for remainder, _ in remainders), default=ZERO)
        value = max((remainder * unit for remainder, unit in remainders), default=ZERO)
        return quantity, value

    @property
    def opens(self) -> bool:
        """Whether any of the terms that the broker may hold opens a position; in doubt, yes."""
        return not self.versions or any(version.opens for version in self.versions)

    @property
    def is_exit(self) -> bool:
        """Whether it is an exit of a bracket."""
        return self.bracket not in (0, self.order_id)

    @property
    def mention(self) -> Mention | None:
        """The order as counters of messages see it."""
        if self.order is None:
            return None
        return Mention(self.subject, self.order, self.parent, self.bracket)

    def claims(self, due: tuple[Decimal, Decimal], *, alive: bool) -> Claim:
        """What the order holds of the book if this quantity and value are reserved for it."""
        rate = self.instrument.margin_rate if self.instrument else None
        return Claim(
            self.order_id,
            due[0],
            due[1],
            due[1] if rate is None else due[1] * rate,
            self.opens,
            self.filled > ZERO,
            tuple(version.order.limit_price for version in self.versions),
            self.sent_day,
            self.bracket,
            alive,
        )

    @property
    def complete(self) -> bool:
        """Whether all is filled that the broker may have been asked for."""
        if self.versions:
            return all(self.filled >= version.order.quantity for version in self.versions)
        return self.order is not None and self.filled >= self.order.quantity

    @property
    def overfilled(self) -> Decimal:
        """How much more is filled than any terms asked for that the broker may have held."""
        asked = [version.order.quantity for version in self.versions]
        return max(ZERO, self.filled - max(asked)) if asked else ZERO

    def count(self, stem: str, fill: Fill, known: Fill | None) -> None:
        """Count a fill, or the difference that a correction makes."""
        self.fills[stem] = fill
        self.filled += fill.quantity - (known.quantity if known else ZERO)
        self.paid += fill.quantity * fill.price
        if known is not None:
            self.paid -= known.quantity * known.price
        self.status = lifecycle.filled(self.status, complete=self.complete)
        self.without_cancel = lifecycle.filled(self.without_cancel, complete=self.complete)
        if self.complete and self.filled_at is None:
            self.filled_at = fill.timestamp

    def told(self, status: Status) -> None:
        """Move as the table says, and keep where the order would be without its cancel."""
        before = self.status
        self.status = lifecycle.moved(before, status)
        if status is Status.PENDING_CANCEL:
            self.said_alive = False
            if before is not self.status:
                self.without_cancel = before
        elif self.status is Status.PENDING_CANCEL:
            self.without_cancel = lifecycle.moved(self.without_cancel, status)
            self.said_alive = status in ACKNOWLEDGING

    def resume(self) -> None:
        """No cancel is on its way: the order is where it would be without one."""
        self.status = lifecycle.resumed(self.status, self.without_cancel)
        self.said_alive = False

    def amend(self, order: Order, unit_value: Decimal, *, reduction: bool) -> None:
        """New terms were approved; the broker may come to hold them."""
        self.last_version += 1
        opens = self.opens or not reduction
        self.versions.append(Version(order, unit_value, self.last_version, opens))
        self.order, self.text = order, str(order)

    def forget_unsent(self, event: NeverSent) -> None:
        """A modify did not leave, or was refused: all other terms may still hold.

        Nobody but the broker has numbers for codes, and it refuses what left last.
        """
        number = event.version or (self.sent_version if event.code.isdecimal() else 0)
        kept = [one for one in self.versions[1:] if one.number != number]
        if len(kept) + 1 < len(self.versions):
            self.let_stand([self.versions[0], *kept])

    def confirm(self, echo: OrderEcho) -> None:
        """The terms before the repeated ones are over; only what has left can be repeated."""
        left = [i for i, one in enumerate(self.versions) if self._may_have_left(one)]
        if left and repeats(echo, self.versions[left[-1]].order):
            self.versions = self.versions[left[-1] :]

    def _may_have_left(self, version: Version) -> bool:
        return not self.sent_version or version.number <= self.sent_version

    def let_stand(self, versions: list[Version]) -> None:
        """Only these terms may still hold, the newest last; without any, nothing changes."""
        if versions:
            self.versions = versions
            self.order = versions[-1].order
            self.text = str(self.order)

    def forget_larger(self) -> None:
        """The broker calls it filled, and all fills are here: larger terms never reached it."""
        if not self.complete:
            self.let_stand([one for one in self.versions if one.order.quantity <= self.filled])

    def all_filled(self, filled: Decimal, remaining: Decimal | None) -> bool:
        """Whether the broker may call it filled: by the terms, or by its count and ours."""
        return self.complete or (ZERO < filled == self.filled and not remaining)

    @property
    def commission(self) -> Decimal:
        """What the fills cost so far."""
        return sum((fill.commission or ZERO for fill in self.fills.values()), ZERO)

    def view(self) -> OrderView:
        """The order as everybody else sees it."""
        order = self.order
        return OrderView(
            order_id=self.order_id,
            ref=self.ref,
            order=order,
            text=self.text,
            status=self.status,
            action=self.decision.action,
            account_id=(order.account or "") if order else "",
            strategy=(order.strategy or "") if order else "",
            symbol=order.symbol if order else "",
            order_type=str(order.order_type) if order else "",
            side=str(order.side) if order else "",
            quantity=order.quantity if order else ZERO,
            limit_price=order.limit_price if order else None,
            stop_price=order.stop_price if order else None,
            time_in_force=str(order.tif) if order else "",
            filled_quantity=self.filled,
            avg_fill_price=self.paid / self.filled if self.filled else None,
            commission=self.commission,
            created_at=self.created_at,
            updated_at=self.updated_at or self.created_at,
            cancelled_at=self.cancelled_at,
            filled_at=self.filled_at,
            broker_order_id=self.broker_order_id,
            perm_id=self.perm_id,
            client_id=self.client_id,
            parent_id=self.parent,
            reason=self.reason,
        )


def repeats(echo: OrderEcho, order: Order) -> bool:
    """Whether the broker repeats these terms."""
    return (
        echo.quantity == order.quantity
        and order.limit_price in (None, echo.limit_price)
        and order.stop_price in (None, echo.stop_price)
    )


def _stated(order: Order | None) -> Subject:
    """As much as an order says itself where its instrument is not known."""
    if order is None:
        return NOBODY
    return Subject(
        account=order.account or "",
        strategy=order.strategy or "",
        symbol=order.symbol,
        sec_type=order.sec_type or "",
        exchange=order.exchange or "",
        currency=order.currency or "",
        side=order.side,
        order_type=order.order_type,
        tif=order.tif,
        tag=order.tag or "",
    )


def begun(event: Decided, status: Status, at: datetime, known: Instrument | None = None) -> Life:
    """A new order, as it was decided."""
    order = event.decision.order
    instrument = event.snapshot.instrument if event.snapshot else known
    group = event.snapshot.submission if event.snapshot else None
    return Life(
        order_id=event.order_id,
        ref=event.ref,
        text=event.text,
        order=order,
        decision=event.decision,
        stated=order,
        status=status,
        created_at=at,
        instrument=instrument,
        subject=subject_of(order, instrument) if order and instrument else _stated(order),
        parent=event.parent,
        group=event.group,
        group_intent=group.intent if group else None,
        bracket=event.bracket,
        actor=event.actor,
        emergency=event.emergency,
        reason="; ".join(event.decision.by),
    )
