"""From what was asked to a decision that can be recorded: resolve, look, evaluate.

Rule 1: judging changes nothing; the gate records what comes out, and only then acts on it.
Rule 2: whatever cannot be judged is a denial with its codes, never an exception.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Final

import msgspec

from riskgate.errors import JournalError, MissingData
from riskgate.ledger.book import Book
from riskgate.ledger.brackets import largest_exit
from riskgate.ledger.companions import ALONE, Companion, Companions, amending
from riskgate.ledger.counters.news import Mention, Question
from riskgate.ledger.life import Life
from riskgate.ledger.world import NOTHING_HELD, Conditions, World
from riskgate.line import payload
from riskgate.line.payload import Asked
from riskgate.model.account import Account
from riskgate.model.codes import Code
from riskgate.model.decision import Action, ApprovedOrder, Decision, Finding
from riskgate.model.events import AccountReported, Decided
from riskgate.model.instructions import PLAIN
from riskgate.model.instrument import key_of
from riskgate.model.lifecycle import Status
from riskgate.model.money import text
from riskgate.model.order import PRICE_FIELDS, Fault, Order, OrderType, Side
from riskgate.model.snapshot import Snapshot
from riskgate.model.subject import Subject, subject_of
from riskgate.model.trading import Scope, Standing
from riskgate.model.watching import watched
from riskgate.policy.evaluate import breaches_of, evaluate
from riskgate.policy.latches import Latch, latch
from riskgate.ports import Broker
from riskgate.version import VERSION

NO_ORDER: Final = Order(side=Side.BUY, quantity=Decimal(1), symbol="-", order_type=OrderType.MKT)
"""What a rule that watches accounts is asked about: it reads nothing of it."""
# Of an order that the broker may not have, a modify would be a new order there.
FIXED: Final = frozenset({Status.PENDING_CANCEL, Status.HELD, Status.UNKNOWN})
CHANGEABLE: Final = (
    *("quantity", *PRICE_FIELDS, "display_size", "discretionary_amount"),
    *("intent", "locate"),  # what a strategy says of it; nothing of this is sent
)


class Moment(msgspec.Struct, frozen=True, kw_only=True):
    """When something is judged, under which conditions, and who asks."""

    now: datetime
    sound: Conditions
    actor: str | None = None


class Passage:
    """One submission on its way through the line: what was asked, and what has come of it."""

    __slots__ = ("actor", "asked", "asked_for", "decided", "judged", "latched", "same")

    def __init__(
        self, asked: Sequence[Asked], judged: Callable[[Moment], list[Decided]], actor: str | None
    ) -> None:
        self.asked = asked
        self.judged = judged
        self.actor = actor
        self.same: Sequence[Life] = ()  # the earlier orders that this submission repeats
        self.decided: Sequence[Decided] = ()
        self.asked_for: Sequence[tuple[Decided, int]] = ()
        self.latched: Sequence[Standing] = ()


class Judge:
    """Judges orders in one world, as they meet it now."""

    def __init__(self, world: World, broker: Broker, actor: str) -> None:
        self._world = world
        self._broker = broker
        self._actor = actor
        self._session = secrets.token_hex(4)

    def order(self, asked: Asked, at: Moment, beside: Companions = ALONE) -> Decided:
        """Judge a new order, or one that was held again."""
        now = at.now
        number = beside.number or self._world.book.last_order_id + 1
        if asked.order is None:
            refused = self.refusal(asked, number, now)
            return msgspec.structs.replace(
                refused, group=beside.group, bracket=beside.bracket, oca=beside.oca
            )
        routed = self._world.route(self._world.resolve(asked.order, asked.floats), now)
        order = routed.order
        reused = () if order.key is None or beside.held_at else self._reused(order, beside)
        stated = () if beside.held_at else self._world.misstated(asked.order)
        unfit = (*reused, *stated, *beside.faults, *routed.faults, *_misplaced(order, beside))
        conditions = self._conditions(order, at.sound, unfit, routed.said)
        snapshot = self._world.snapshot(order, now, conditions, beside=beside)
        decision = evaluate(self._world.policies, order, snapshot)
        made = Decided(
            order_id=number,
            ref=order.key if order.key and not reused else self._new_ref(number),
            text=asked.text if order is asked.order or asked.faults else str(order),
            decision=decision,
            snapshot=snapshot,
            unit_value=unit_value(decision, order, snapshot),
            actor=at.actor or self._actor,
            engine=VERSION,
        )
        return made if beside is ALONE else _beside(made, beside)

    def subject(self, asked: Asked, now: datetime) -> Subject | None:
        """What an order is about, as the book knows it; None for none, or no known instrument."""
        if asked.order is None:
            return None
        order = self._world.route(self._world.resolve(asked.order, asked.floats), now).order
        instrument = self._world.market.resolve(order.terms)
        return None if instrument is None else subject_of(order, instrument)

    def companion(self, asked: Asked, now: datetime) -> Companion | None:
        """What an order is worth to those that it is submitted with; None for no order."""
        if asked.order is None:
            return None
        order = self._world.resolve(asked.order, asked.floats)
        snapshot = self._world.snapshot(order, now, Conditions())
        try:
            value = order.quantity * snapshot.unit_value(order)
        except MissingData:
            value = None
        return Companion(snapshot.subject, value)

    def modify(self, order_id: int, changes: Mapping[str, object], at: Moment) -> Decided:
        """Judge new terms of an order against what it replaces."""
        now = at.now
        life = self._world.book.orders.get(order_id)
        if life is None or life.order is None:
            fault = Fault(Code.UNKNOWN_ORDER, f"there is no order {order_id}")
            shown = f"modify {order_id}"
            asked = Asked(order=None, text=shown, faults=(fault,))
            return self.refusal(asked, self._world.book.last_order_id + 1, now)
        asked = _changed(life.order, changes)
        if asked.order is None or asked.faults:
            return self._as_modify(self.refusal(asked, order_id, now), life)
        order = self._world.resolve(asked.order, asked.floats)
        fixed = _not_modifiable(life, order, self._world.book)
        if fixed is not None:
            refused = msgspec.structs.replace(asked, faults=(fixed,))
            return self._as_modify(self.refusal(refused, order_id, now), life)
        conditions = self._conditions(order, at.sound)
        beside = amending(life, self._world.book.orders)
        snapshot = self._world.snapshot(order, now, conditions, replacing=life, beside=beside)
        decision = evaluate(self._world.policies, order, snapshot)
        made = Decided(
            order_id=order_id,
            ref=life.ref,
            text=str(order),
            decision=decision,
            snapshot=snapshot,
            unit_value=unit_value(decision, order, snapshot),
            actor=at.actor or self._actor,
            engine=VERSION,
        )
        return self._as_modify(made, life)

    def account(self, account: Account, now: datetime) -> Iterator[Latch | AccountReported]:
        """What a report of an account's values leads to: a new high, and rules that latch."""
        subject = Subject(account=account.id)
        question = Question(Mention(subject, NO_ORDER), NOTHING_HELD, NOTHING_HELD, now)
        watching = tuple(
            bound
            for bound in self._world.policies.bounds
            if bound.rule.watches_accounts
            and bound.selector.narrowed(("account",)).matches(subject)
        )
        readings = self._world.book.counting.readings(watching, question)
        snapshot = Snapshot(
            as_of=now,
            subject=subject,
            account=account,
            base=account.currency,
            fx=self._world.market.fx,
            readings=readings,
        )
        if self._world.book.facts.is_high(account):
            yield AccountReported(account=account)
        for bound in watching:
            for finding in breaches_of(bound, NO_ORDER, snapshot) if bound.enforced else ():
                yield from latch(bound, finding, Scope(account=account.id), now)

    def refusal(self, asked: Asked, number: int, now: datetime) -> Decided:
        """The denial of something that could not be read as an order."""
        findings = tuple(Finding(code=fault.code, text=fault.text) for fault in asked.faults)
        decision = Decision(
            order=None,
            action=Action.DENY,
            as_of=now,
            digest=self._world.policies.digest,
            breaches=findings or (Finding(code=Code.BAD_ORDER, text="not an order"),),
        )
        return Decided(
            order_id=number,
            ref=self._new_ref(number),
            text=asked.text,
            decision=decision,
            actor=self._actor,
            engine=VERSION,
        )

    def unrecorded(self, asked: Asked, error: JournalError, now: datetime) -> Decision:
        """The refusal of an order whose record failed; nothing was sent."""
        finding = Finding(code=Code.JOURNAL_UNAVAILABLE, text=str(error))
        return Decision(asked.order, Action.DENY, now, self._world.policies.digest, (finding,))

    def _as_modify(self, made: Decided, life: Life) -> Decided:
        return msgspec.structs.replace(
            made, order_id=life.order_id, replaces=life.order_id, ref=life.ref
        )

    def _conditions(
        self, order: Order, sound: Conditions, more: tuple[Fault, ...] = (), routed: str = ""
    ) -> Conditions:
        """What holds for every order, and what cannot be taken of this one."""
        legs = self._world.unknown_legs(order) if order.legs else ()
        unseen = self._unknown(order) if order.instructions is not PLAIN else ()
        unsupported = (*more, *legs, *unseen, *self._broker.supports(order))
        if not unsupported and not routed:
            return sound
        return msgspec.structs.replace(sound, unsupported=unsupported, routed=routed)

    def _unknown(self, order: Order) -> Iterator[Fault]:
        """Contracts that conditions look at and nobody knows."""
        for terms in watched(order) if order.instructions.conditions else ():
            if self._world.market.resolve(terms) is None:
                why = "a condition looks at it, and it is not a known instrument"
                yield Fault(Code.UNKNOWN_INSTRUMENT, f"`{key_of(terms)}`: {why}")

    def _reused(self, order: Order, beside: Companions) -> tuple[Fault, ...]:
        """The fault of a key that another order has used, of this submission or before."""
        used = order.key in self._world.book.by_ref or order.key in beside.taken
        if order.key is None or not used:
            return ()
        return (Fault(Code.KEY_REUSED, f"key `{order.key}` was used for another order"),)

    def _new_ref(self, number: int) -> str:
        return f"rg-{self._session}-{number}"


def approval_of(decided: Decided, book: Book) -> ApprovedOrder | None:
    """The one type that may leave, of a decision on record; None for what was never resolved.

    None also for an order that is worked off in slices: it never leaves itself.
    """
    order, snapshot = decided.decision.order, decided.snapshot
    if order is None or snapshot is None or snapshot.instrument is None:
        return None
    life = book.orders[decided.order_id]
    if life.plan is not None:
        return None
    return ApprovedOrder(
        order=order,
        decision=decided.decision,
        order_id=decided.order_id,
        ref=decided.ref,
        instrument=snapshot.instrument,
        replaces=bool(decided.replaces),
        version=life.last_version,
        bracket=life.bracket,
    )


def _beside(made: Decided, beside: Companions) -> Decided:
    """The decision of an order that is not alone, with what it was submitted as."""
    return msgspec.structs.replace(
        made,
        parent=beside.parent,
        group=beside.group,
        bracket=beside.bracket,
        oca=beside.oca,
        block=beside.block,
        members=beside.members,
        plan=beside.plan,
        approves=made.order_id if beside.held_at else 0,
        emergency=beside.emergency,
    )


def _misplaced(order: Order, beside: Companions) -> tuple[Fault, ...]:
    """Where a combo cannot be: nobody may enlarge, slice or end it leg by leg."""
    if not order.legs or not (beside.bracket or beside.plan or beside.parent):
        return ()
    what = "in a bracket" if beside.bracket else "worked off in slices, or a slice"
    return (Fault(Code.BAD_ORDER, f"a combo cannot be {what}"),)


def _not_modifiable(life: Life, order: Order, book: Book) -> Fault | None:
    """Why the order can no longer be changed like this, or None."""
    if life.block or life.members:
        why = f"is part of block {life.block}" if life.block else "is a block"
        return Fault(Code.NOT_MODIFIABLE, f"order {life.order_id} {why}; cancel it instead")
    if order.quantity < life.committed:
        why = f"its children have {text(life.committed)}, filled or working"
        return Fault(Code.PARENT_OVERFILL, f"order {life.order_id}: {why}")
    largest = largest_exit(book.orders, life)
    if order.quantity < largest:
        why = f"its exits are for {text(largest)}; make them smaller first"
        return Fault(Code.NOT_MODIFIABLE, f"order {life.order_id}: {why}")
    finished = life.status.finished or life.status in FIXED
    if not finished and order.quantity > life.filled:
        return None
    why = f"order {life.order_id} is {life.status.value} with {text(life.filled)} filled"
    return Fault(Code.NOT_MODIFIABLE, why)


def _changed(old: Order, changes: Mapping[str, object]) -> Asked:
    """The order with changed prices or quantity; other changes are faults."""
    fixed = [name for name in changes if name not in CHANGEABLE]
    if fixed:
        known = ", ".join(CHANGEABLE)
        faults = tuple(
            Fault(Code.BAD_ORDER, f"`{name}` cannot be modified; what can: {known}")
            for name in fixed
        )
        return Asked(order=None, text=f"modify {dict(changes)}", faults=faults)
    asked = payload.read({**payload.written(old), **changes})
    wrong = () if asked.order is None else tuple(_unchangeable(old, asked.order))
    return msgspec.structs.replace(asked, faults=(*asked.faults, *wrong)) if wrong else asked


def _unchangeable(old: Order, new: Order) -> Iterator[Fault]:
    """What the broker does not change, though the field is one that it does."""
    if old.instructions.cash_quantity is not None and old.quantity != new.quantity:
        yield Fault(Code.BAD_QUANTITY, "the quantity of an order for cash cannot be modified")


def unit_value(decision: Decision, order: Order, snapshot: Snapshot) -> Decimal | None:
    """What one unit is reserved at; None where nothing is reserved."""
    if not decision.allowed and decision.action is not Action.HOLD:
        return None
    return snapshot.reserve_value(order)
