"""Orders that are submitted together: judged one by one, answered as one.

Rule 1: orders are judged in turn, the earlier ones counted as working; nothing of that lasts.
Rule 2: the group's answer is its harshest: one denied denies all, one held holds all.
Rule 3: the exits of a bracket reduce their entry and are worth nothing beside it.
Rule 4: of a one-cancels-all group only the worst order of a side can fill: each is judged in the
place of the earlier ones.
Rule 5: brackets and one-cancels-all groups leave as one, or not at all.
(semantics.md, section 13; policy-language.md, section 11.11)
"""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, nullcontext
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final

import msgspec

from riskgate.ledger.book import Book
from riskgate.ledger.brackets import exits_of
from riskgate.ledger.companions import EVERYTHING_TOGETHER, Basket, Companions
from riskgate.ledger.oca import excludes
from riskgate.line import payload
from riskgate.line.judging import Judge, Moment, unit_value
from riskgate.line.payload import Asked
from riskgate.model.clauses import LASTING
from riskgate.model.codes import Code
from riskgate.model.decision import Action
from riskgate.model.events import Decided
from riskgate.model.instructions import PLAIN, Instructions, OcaType
from riskgate.model.lifecycle import Status
from riskgate.model.money import countable, exact
from riskgate.model.order import PRICE_FIELDS, Fault, Order, OrderType, Side, Tif
from riskgate.model.readings import SubmissionReading
from riskgate.model.snapshot import Snapshot, Submission
from riskgate.policy.evaluate import evaluate
from riskgate.policy.policies import PolicySet

STANDING: Final = frozenset({Status.PRE_SUBMITTED, Status.SUBMITTED, Status.INACTIVE})
ASK_AGAIN: Final = timedelta(seconds=5)
NO_EXIT: Final = frozenset({Status.REJECTED, Status.NEVER_SENT})
MOST_TOGETHER: Final = 50  # orders of a one-cancels-all group


class Terms(msgspec.Struct, frozen=True, kw_only=True):
    """What a submission of several says of itself; `intent` in the policy's currency."""

    bracket: bool = False
    oca: bool = False
    intent: Decimal | None = None
    faults: tuple[Fault, ...] = ()


class Exits(msgspec.Struct, frozen=True, kw_only=True):
    """The prices at which a bracket leaves its position: a limit, and a stop.

    `intent` is the notional declared for the whole, in the policy's currency.
    """

    take_profit: float | Decimal
    stop_loss: float | Decimal
    intent: float | Decimal | None = None


class Oca(msgspec.Struct, frozen=True, kw_only=True):
    """A one-cancels-all group: its name at the broker, and what a fill of one does to the others.

    A name is used once. Without one it is made from the first order's key, or is new.
    """

    group: str | None = None
    kind: str = OcaType.CANCEL_BLOCK


Plan = tuple[Asked, Companions]


def basket(intent: object) -> Terms:
    """The terms of a basket."""
    declared, faults = _intent(intent)
    return Terms(intent=declared, faults=faults)


def bracket(entry: Asked, exits: Exits, *, carried: bool) -> Terms:
    """The terms of a bracket, and what is wrong with it as a whole."""
    declared, faults = _intent(exits.intent)
    missing = () if carried else (Fault(Code.BAD_ORDER, "this broker carries no brackets"),)
    if entry.order and entry.order.instructions.cash_quantity is not None:
        text = "the entry of a bracket needs a quantity: its exits cannot be for an amount of cash"
        missing = (*missing, Fault(Code.BAD_QUANTITY, text))
    wrong = _misplaced(entry.order, exits) if entry.order and not entry.faults else ()
    return Terms(bracket=True, intent=declared, faults=(*faults, *missing, *wrong))


def legs(entry: Asked, exits: Exits) -> list[Asked]:
    """The entry and its exits: opposite orders of the same quantity, at the exits' prices."""
    order = entry.order
    if order is None:
        return [entry]
    side = Side.SELL if order.side is Side.BUY else Side.BUY
    tif = order.tif if order.tif in LASTING else Tif.GTC
    bare: dict[str, object] = dict.fromkeys((*PRICE_FIELDS, "key", "intent", "algo", "locate"))
    bare |= {"trigger_now": False, "instructions": _of_exits(order.instructions)}
    good_till = order.good_till if tif is Tif.GTD else None
    shared = {**bare, "side": side, "tif": tif, "good_till": good_till}
    profit = {**shared, "order_type": OrderType.LMT, "limit_price": _price(exits.take_profit)}
    loss = {**shared, "order_type": OrderType.STP, "stop_price": _price(exits.stop_loss)}
    made = (msgspec.structs.replace(order, **changes) for changes in (profit, loss))
    return [entry, *(payload.read(exit_) for exit_ in made)]


def _of_exits(entry: Instructions) -> Instructions:
    """What the exits take over of how their entry is to be worked: nothing but its priority."""
    return Instructions(priority=entry.priority) if entry.priority else PLAIN


def one_cancels_all(orders: Sequence[Asked], oca: Oca) -> tuple[list[Asked], Terms]:
    """The orders as members of a group, and what is wrong with it as a whole."""
    stated = [one.order for one in orders if one.order is not None]
    faults = tuple(_oca_faults(orders, stated, oca))
    if faults:
        return list(orders), Terms(oca=True, faults=faults)
    key = next((order.key for order in stated if order.key is not None), None)
    name = oca.group or (f"oca-{key}" if key is not None else f"rg-oca-{secrets.token_hex(8)}")
    return [_member(one, name, OcaType(oca.kind)) for one in orders], Terms(oca=True)


def _member(asked: Asked, group: str, kind: OcaType) -> Asked:
    """An order that says which group it is of."""
    if asked.order is None or asked.faults:
        return asked
    said = msgspec.structs.replace(asked.order.instructions, oca_group=group, oca_type=kind)
    made = payload.read(msgspec.structs.replace(asked.order, instructions=said))
    return msgspec.structs.replace(made, floats=asked.floats)


def _oca_faults(orders: Sequence[Asked], stated: Sequence[Order], oca: Oca) -> Iterator[Fault]:
    """What is wrong with a group as such."""
    if len(orders) < 2:  # noqa: PLR2004  # one order cancels nothing
        yield Fault(Code.BAD_ORDER, "a one-cancels-all group needs two orders or more")
    if len(orders) > MOST_TOGETHER:  # each is judged, and told of, beside all the others
        text = f"a one-cancels-all group has {MOST_TOGETHER} orders at most; found {len(orders)}"
        yield Fault(Code.BAD_ORDER, text)
    if oca.kind not in tuple(OcaType):
        known = ", ".join(OcaType)
        yield Fault(Code.BAD_ORDER, f"oca_type `{oca.kind}` is not one of {known}")
    if oca.group is not None and not (isinstance(oca.group, str) and oca.group.strip()):
        yield Fault(Code.BAD_ORDER, "an OCA group's name must be text that is not blank")
    if any(order.instructions.oca_group is not None for order in stated):
        yield Fault(Code.BAD_ORDER, "orders of an OCA group must not name another group")
    if len({order.account for order in stated}) > 1:
        yield Fault(Code.BAD_ORDER, "all orders of an OCA group must be of one account")


def _price(given: Any) -> Any:  # noqa: ANN401  # what is no number is left to be refused
    """A price as a decimal where it is a number."""
    if isinstance(given, int | float | Decimal) and not isinstance(given, bool):
        return exact(given)
    return given


def _intent(declared: object) -> tuple[Decimal | None, tuple[Fault, ...]]:
    """A declared notional as a number, or why it is none."""
    if declared is None:
        return None, ()
    if isinstance(declared, int | float | Decimal) and not isinstance(declared, bool):
        number = exact(declared)
        if countable(number):
            return number, ()
    return None, (Fault(Code.BAD_ORDER, f"`intent` must be a number; found `{declared!r}`"),)


def _misplaced(entry: Order, exits: Exits) -> tuple[Fault, ...]:
    """Exits on the wrong side of each other, or of the entry's own price."""
    sign = 1 if entry.side is Side.BUY else -1
    own = entry.limit_price if entry.limit_price is not None else entry.stop_price
    profit, loss = _price(exits.take_profit), _price(exits.stop_loss)
    if not all(isinstance(exit_, Decimal) and countable(exit_) for exit_ in (profit, loss)):
        return (Fault(Code.BAD_PRICE, "take_profit and stop_loss must be finite numbers"),)
    if sign * loss < sign * profit and (own is None or sign * loss < sign * own < sign * profit):
        return ()
    between = "the entry's price must lie between stop_loss and take_profit"
    return (Fault(Code.BAD_PRICE, f"a bracket to {entry.side}: {between}"),)


def plans(
    judge: Judge, orders: Sequence[Asked], terms: Terms, first: int, at: Moment
) -> list[Plan]:
    """Each order of a submission with what it is submitted with; they are numbered from `first`."""
    worth = [None if asked.faults else judge.companion(asked, at.now) for asked in orders]
    if terms.bracket:
        worth[1:] = [None] * len(worth[1:])
    shared = Basket(worth)
    found = []
    taken: set[str] = set()
    for place, asked in enumerate(orders):
        others = shared.but(place, EVERYTHING_TOGETHER)
        beside = Companions(
            number=first + place,
            group=first,
            bracket=first if terms.bracket else 0,
            oca=first if terms.oca else 0,
            submission=Submission(
                orders=len(orders),
                place=place + 1,
                exit=terms.bracket and place > 0,
                intent=terms.intent,
                others=others.others,
                unvalued=others.unvalued,
            ),
            basket=shared,
            faults=terms.faults,
            taken=frozenset(taken),
        )
        found.append((asked, beside))
        if asked.order is not None and asked.order.key is not None:
            taken.add(asked.order.key)
    return found


def together(judge: Judge, book: Book, planned: Sequence[Plan], at: Moment) -> list[Decided]:
    """Judge the orders in turn, each as if the earlier ones had been sent."""
    found: list[Decided] = []
    with ExitStack() as supposed:
        for asked, planned_beside in planned:
            beside = planned_beside
            if found and found[0].decision.reduction:
                beside = _no_exit(beside)
            alone = not (beside.oca and excludes(asked.order))
            with nullcontext() if alone else _in_place_of(judge, book, found, asked, at.now):
                one = judge.order(asked, at, beside)
            found.append(one)
            if one.decision.action is not Action.DENY:
                supposed.enter_context(book.supposing(one, at.now))
    return found


def _in_place_of(
    judge: Judge, book: Book, found: Sequence[Decided], asked: Asked, now: datetime
) -> AbstractContextManager[None]:
    """The book as an order of a one-cancels-all group meets it: in the place of earlier ones."""
    subject = judge.subject(asked, now)
    if subject is None:
        return nullcontext()
    numbers = [one.order_id for one in found if one.decision.action is not Action.DENY]
    return book.sharing.beside(numbers, subject)


def as_one(decided: Sequence[Decided]) -> bool:
    """Whether what was decided leaves as one, or not at all."""
    return len(decided) > 1 and bool(decided[0].bracket or decided[0].oca)


def maimed(book: Book, now: datetime) -> list[int]:
    """The entries that work without one of their exits, and of which nothing is filled.

    They were judged with both: one whose exit was refused, or never left, is to be cancelled. A
    cancel that did not help is asked for again after a while.
    """
    return [
        life.order_id
        for life in book.working()
        if life.bracket == life.order_id
        and not life.filled
        and not (life.cancel_counted and now - (life.updated_at or now) < ASK_AGAIN)
        and life.status in STANDING
        and any(one.status in NO_EXIT for one in exits_of(book.orders, life.order_id))
    ]


def _no_exit(beside: Companions) -> Companions:
    """What comes after an entry that reduces a position does not: it opens one."""
    if beside.submission is None or not beside.submission.exit:
        return beside
    submission = msgspec.structs.replace(beside.submission, exit=False)
    return msgspec.structs.replace(beside, submission=submission)


def settled(policies: PolicySet, judged: Sequence[Decided]) -> list[Decided]:
    """The answers once all are known: soft breaches are counted, and the harshest holds for all.

    Orders of no group are settled each by itself.
    """
    if len(judged) > 1 and not judged[0].group:
        return [settled(policies, [one])[0] for one in judged]
    if len(judged) == 1 and not _reads_others(policies, judged[0].snapshot):
        return list(judged)
    soft = _soft(judged)
    counted = [_again(policies, one, _with_soft(one.snapshot, soft)) for one in judged]
    floor = max(one.decision.action for one in counted)
    if floor < Action.HOLD:
        return counted
    return [
        one
        if one.decision.action >= floor
        else _again(policies, one, _with_floor(one.snapshot, floor))
        for one in counted
    ]


def _reads_others(policies: PolicySet, snapshot: Snapshot | None) -> bool:
    """Whether a rule that applies asks about the whole submission."""
    return snapshot is not None and bool(policies.for_(snapshot.subject).grouped)


def _soft(judged: Sequence[Decided]) -> Mapping[str, int]:
    """How often each enforced rule was breached that only warns or holds."""
    return Counter(
        finding.rule
        for one in judged
        for finding in one.decision.breaches
        if finding.enforced and finding.rule and finding.action in (Action.WARN, Action.HOLD)
    )


def _with_soft(snapshot: Snapshot | None, soft: Mapping[str, int]) -> Snapshot | None:
    """The snapshot with the count put in, where a rule reads it."""
    if snapshot is None:
        return None
    read = {
        name: msgspec.structs.replace(reading, soft=soft)
        for name, reading in snapshot.readings.items()
        if isinstance(reading, SubmissionReading)
    }
    if not read:
        return None
    return msgspec.structs.replace(snapshot, readings={**snapshot.readings, **read})


def _with_floor(snapshot: Snapshot | None, floor: Action) -> Snapshot | None:
    if snapshot is None or snapshot.submission is None:
        return None
    submission = msgspec.structs.replace(snapshot.submission, floor=floor)
    return msgspec.structs.replace(snapshot, submission=submission)


def _again(policies: PolicySet, judged: Decided, snapshot: Snapshot | None) -> Decided:
    """The order decided once more, on a snapshot that knows more; as it was without one."""
    order = judged.decision.order
    if snapshot is None or order is None:
        return judged
    decision = evaluate(policies, order, snapshot)
    worth = unit_value(decision, order, snapshot)
    return msgspec.structs.replace(judged, decision=decision, snapshot=snapshot, unit_value=worth)
