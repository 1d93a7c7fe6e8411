"""Orders of several strategies as one at the broker: each is judged by itself, and then the whole.

Rule 1: a member is an order like any other, with its own number, decision and reservation. One that
is denied or held stays out, and the others go on; what is approved later leaves by itself.
Rule 2: the block is asked sanity, states and the rules that look at one order. What adds up is
asked of the members, each counted as working when the next is judged, and never of the block.
Rule 3: if the block may not leave, no member leaves. A block is never held.
Rule 4: a block is made of two orders or more; a single one that is left is sent as it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from typing import Final

import msgspec

from riskgate.execution.aggregate import Aggregation, combined, differences
from riskgate.ledger.companions import Companions
from riskgate.ledger.world import World
from riskgate.line import grouping
from riskgate.line.judging import Judge, Moment
from riskgate.line.payload import Asked
from riskgate.model.codes import Code
from riskgate.model.decision import Action
from riskgate.model.events import Decided
from riskgate.model.order import Fault, Order
from riskgate.model.snapshot import Submission
from riskgate.policy.evaluate import evaluate
from riskgate.policy.policies import PolicySet

FORBIDDEN: Final = "blocks are not allowed here; settings allow them: `aggregation: {allow: true}`"
NO_NETTING: Final = "netting is not allowed here; settings allow it: `aggregation: {net: true}`"
Faults = tuple[Fault, ...]


class Desk(msgspec.Struct, frozen=True):
    """Who judges a block, in which world, and what the settings allow."""

    judge: Judge
    world: World
    allowed: Aggregation


def judged(desk: Desk, asked: Sequence[Asked], at: Moment, *, net: bool = False) -> list[Decided]:
    """The decisions on some orders, in their order, then that on their block if there is one."""
    members = _members(desk, asked, _faults(desk, asked, net=net), at)
    inside = [one for one in members if one.decision.allowed]
    orders = [one.decision.order for one in inside if one.decision.order is not None]
    if len(orders) < 2:  # noqa: PLR2004  # a single order is no block
        return [_alone(one) for one in members]
    late = _bad(differences(orders, net=net))  # as they were resolved, and without those left out
    if late:
        return [_alone(one) for one in _members(desk, asked, late, at)]
    block = _block(desk, combined(orders, desk.allowed.strategy), inside, at)
    if block.decision.allowed:
        return [*(one if one in inside else _alone(one) for one in members), block]
    policies = desk.world.policies
    denied = (_denied(policies, one) if one in inside else _alone(one) for one in members)
    return [*denied, _denied(policies, block)]


def _faults(desk: Desk, asked: Sequence[Asked], *, net: bool) -> Faults:
    """Why none of these orders may leave as one with the others."""
    if not desk.allowed.allow:
        return (Fault(Code.BAD_ORDER, FORBIDDEN),)
    if net and not desk.allowed.net:
        return (Fault(Code.BAD_ORDER, NO_NETTING),)
    stated = [desk.world.resolve(o.order, o.floats) for o in asked if o.order is not None]
    return _bad(differences(stated, net=net))


def _bad(texts: Iterator[str]) -> Faults:
    return tuple(Fault(Code.BAD_ORDER, text) for text in texts)


def _members(desk: Desk, asked: Sequence[Asked], faults: Faults, at: Moment) -> list[Decided]:
    """Each order judged by itself, those allowed before it counted as working."""
    book, policies = desk.world.book, desk.world.policies
    first = book.last_order_id + 1
    found: list[Decided] = []
    taken: set[str] = set()
    with ExitStack() as supposed:
        for place, one in enumerate(asked):
            beside = Companions(
                number=first + place,
                block=first + len(asked),
                faults=faults,
                taken=frozenset(taken),
            )
            made = grouping.settled(policies, [desk.judge.order(one, at, beside)])[0]
            found.append(made)
            if made.decision.allowed:
                supposed.enter_context(book.supposing(made, at.now))
            if one.order is not None and one.order.key is not None:
                taken.add(one.order.key)
    return found


def _block(desk: Desk, order: Order, inside: Sequence[Decided], at: Moment) -> Decided:
    """The decision on the one order for all."""
    beside = Companions(
        number=inside[0].block,
        members=tuple(one.order_id for one in inside),
    )
    return desk.judge.order(Asked(order=order, text=str(order)), at, beside)


def _alone(one: Decided) -> Decided:
    """An order that is of no block after all."""
    return msgspec.structs.replace(one, block=0)


def _denied(policies: PolicySet, one: Decided) -> Decided:
    """An order denied because its block is, or a block that would have been held."""
    order, snapshot = one.decision.order, one.snapshot
    if one.decision.action is Action.DENY or order is None or snapshot is None:
        return one
    floor = Submission(orders=1, place=1, floor=Action.DENY)
    seen = msgspec.structs.replace(snapshot, submission=floor)
    decision = evaluate(policies, order, seen)
    return msgspec.structs.replace(one, decision=decision, snapshot=seen, unit_value=None)
