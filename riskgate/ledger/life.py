"""One order's record in the book: what was approved, what the broker said, what was filled.

Rule 1: what is reserved is what can still fill: the largest remainder of all versions that the
broker may hold, while the order is not proven dead.
Rule 2: fills are kept by the stem of their execution id; the highest revision is the fill.
Rule 3: every version of the terms has a number, and only the version that is named is forgotten.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Final

import msgspec

from riskgate.ledger.counters.news import Claim, Mention
from riskgate.ledger.echoes import repeats
from riskgate.ledger.legs import NOTHING_CLAIMED, Legs
from riskgate.ledger.timeline import Timeline
from riskgate.model import lifecycle
from riskgate.model.decision import Decision
from riskgate.model.instructions import OcaType
from riskgate.model.instrument import Instrument
from riskgate.model.lifecycle import Status
from riskgate.model.money import ZERO
from riskgate.model.order import Order
from riskgate.model.report import ExecutionReport, Fill, NeverSent, OrderEcho
from riskgate.model.subject import Subject
from riskgate.model.view import OrderView
from riskgate.model.work import Plan

NOBODY: Final = Subject()
SHRINKING: Final = frozenset({OcaType.REDUCE_BLOCK, OcaType.REDUCE})
ACKNOWLEDGING: Final = frozenset({Status.PRE_SUBMITTED, Status.SUBMITTED})


class Version(msgspec.Struct, gc=False):
    """One set of terms that the broker may hold, and what a unit was worth at its approval.

    The first terms have number 0, the modifies 1 and up, in the order of their approval. Terms open
    unless they were a reduction when they were approved; milder terms open if the old ones did.
    """

    order: Order
    unit_value: Decimal
    number: int = 0
    opens: bool = True


class Life(msgspec.Struct, gc=False, kw_only=True, eq=False):
    """Everything about one order. Changed only by `ledger.book`.

    There is one for every order of the day: the garbage collector need not walk them all, for
    nothing that one holds leads back to it.
    """

    order_id: int
    ref: str
    text: str
    order: Order | None
    decision: Decision
    status: Status
    created_at: datetime
    timeline: Timeline
    stated: Order | None = None
    arrival: Decimal | None = None  # the market's price at the decision that sent it
    instrument: Instrument | None = None
    subject: Subject = NOBODY
    legs: Legs | None = None
    versions: list[Version] = []
    last_version: int = 0
    sent_version: int = 0
    acknowledged: bool = False
    fills: dict[str, Fill] = {}
    filled: Decimal = ZERO
    told_filled: Decimal = ZERO
    paid: Decimal = ZERO
    reserved: Decimal = ZERO
    reserved_value: Decimal = ZERO
    parent: int = 0
    plan: Plan | None = None
    worked: Decimal = ZERO  # filled by the slices of its plan
    worked_paid: Decimal = ZERO
    committed: Decimal = ZERO
    committed_to_parent: Decimal = ZERO
    group: int = 0
    group_intent: Decimal | None = None
    bracket: int = 0
    oca: int = 0
    block: int = 0
    members: tuple[Life, ...] = ()
    shrunk: Decimal | None = None
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
        """Quantity and value that must be reserved now; for a block its members hold it."""
        if not self.status.working or self.members:
            return ZERO, ZERO
        if len(self.versions) == 1:  # as of nearly every order
            left = max(ZERO, self._asked(self.versions[0]) - self.filled)
            return left, left * self.versions[0].unit_value
        remainders = [
            (max(ZERO, self._asked(version) - self.filled), version.unit_value)
            for version in self.versions
        ]
        quantity = max((remainder for remainder, _ in remainders), default=ZERO)
        value = max((remainder * unit for remainder, unit in remainders), default=ZERO)
        return quantity, value

    def _asked(self, version: Version) -> Decimal:
        """The quantity that the broker works of some terms: less than they say, if it said so."""
        whole = version.order.quantity
        return whole if self.shrunk is None else min(whole, self.shrunk)

    @property
    def opens(self) -> bool:
        """Whether any of the terms that the broker may hold opens a position; in doubt, yes."""
        for version in self.versions:
            if version.opens:
                return True
        return not self.versions

    @property
    def subjects(self) -> tuple[Subject, ...]:
        """What it is about: itself, the legs of a combo, and a block's members that work."""
        legs = (leg.subject for leg in self.legs.all) if self.legs is not None else ()
        working = (one.subject for one in self.members if one.status.working)
        return (self.subject, *legs, *working)

    def subject_in(self, instrument: Instrument) -> Subject | None:
        """Whose a fill in this contract is: the leg's of a combo; None where nobody knows."""
        if self.legs is not None:
            return self.legs.subject_in(instrument)
        return self.subject if self.subject.instrument else None

    @property
    def asked(self) -> tuple[Decimal, ...]:
        """The quantities that the broker may be working, filled ones included."""
        return tuple(self._asked(version) for version in self.versions)

    @property
    def leaves(self) -> bool:
        """Whether it works, or is about to, at the broker itself."""
        return self.plan is None and not self.block and self.status.working

    @property
    def quantity(self) -> Decimal:
        """The quantity of its newest terms."""
        return self.order.quantity if self.order is not None else ZERO

    @property
    def spent(self) -> Decimal:
        """What of it can be asked for no more: filled, or of its slices filled or working."""
        return self.filled if self.plan is None else self.committed

    @property
    def is_exit(self) -> bool:
        """Whether it is an exit of a bracket."""
        return self.bracket not in (0, self.order_id)

    @property
    def mention(self) -> Mention | None:
        """The order as counters of messages see it; one that is worked off sends none itself."""
        if self.order is None or self.members or (self.plan is not None and self.status.working):
            return None
        return Mention(self.subject, self.order, self.parent, self.bracket)

    def claims(self, due: tuple[Decimal, Decimal], *, alive: bool) -> Claim:
        """What the order holds of the book if this quantity and value are reserved for it."""
        if self.plan is not None or self.members:
            return NOTHING_CLAIMED
        versions = self.versions
        return Claim(
            self.order_id,
            due[0],
            due[1],
            self.instrument.margin_of(due[1]) if self.instrument else due[1],
            self.opens,
            self.filled > ZERO,
            (versions[0].order.reach,)
            if len(versions) == 1
            else tuple([version.order.reach for version in versions]),
            self.sent_day,
            self.bracket or self.block,
            alive,
        )

    @property
    def complete(self) -> bool:
        """Whether all is filled that the broker may have been asked for; of cash, as it says."""
        if self.order is not None and self.order.for_cash:
            return ZERO < self.told_filled <= self.filled
        if len(self.versions) == 1:
            return self.filled >= self.versions[0].order.quantity
        if self.versions:
            return all(self.filled >= version.order.quantity for version in self.versions)
        return self.order is not None and self.filled >= self.order.quantity

    @property
    def overfilled(self) -> Decimal:
        """How much more is filled than any terms asked for that the broker may have held."""
        asked = [one.order.quantity for one in self.versions if not one.order.for_cash]
        if self.legs is not None and asked:
            return max(ZERO, self.legs.overfilled(max(asked)))
        return max(ZERO, self.filled - max(asked)) if asked else ZERO

    def count(self, event: ExecutionReport, fill: Fill, known: Fill | None) -> None:
        """Count a fill, or the difference that a correction makes."""
        self.fills[event.stem] = fill
        if self.legs is not None and self.order is not None:
            self.legs.count(event.instrument, fill, known)
            self.filled, self.paid = self.legs.filled, self.legs.paid(self.order)
        else:
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
        if self.plan is not None:
            self.order, self.text = order, str(order)
            return
        self.shrunk = None
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
        elif self._is_shrunk(echo):
            self.shrunk = min(echo.quantity, echo.quantity if self.shrunk is None else self.shrunk)

    def _is_shrunk(self, echo: OrderEcho) -> bool:
        """Whether the broker made it smaller, for another of its group was filled.

        Of an order that was ever modified an echo may be an old one; then nothing is believed.
        """
        order = self.order
        if order is None or self.last_version or order.instructions.oca_type not in SHRINKING:
            return False
        smaller = msgspec.structs.replace(order, quantity=echo.quantity)
        return ZERO < echo.quantity < order.quantity and repeats(echo, smaller)

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
        order, filled = self.order, self.filled + self.worked
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
            filled_quantity=filled,
            avg_fill_price=(self.paid + self.worked_paid) / filled if filled else None,
            commission=self.commission,
            created_at=self.created_at,
            updated_at=self.updated_at or self.created_at,
            cancelled_at=self.cancelled_at,
            filled_at=self.filled_at,
            broker_order_id=self.broker_order_id,
            perm_id=self.perm_id,
            client_id=self.client_id,
            parent_id=self.parent,
            block_id=self.block,
            members=tuple(one.order_id for one in self.members),
            reason=self.reason,
            sec_type=self.subject.sec_type,
            venue=(order.exchange if order else None) or self.subject.exchange,
            currency=self.subject.currency,
            multiplier=self.instrument.multiplier if self.instrument else None,
            decision_price=self.arrival,
            **self.timeline.told(),
            is_parent=self.plan is not None,
            modifies=self.last_version,
            cancels=int(self.cancel_counted),
        )
