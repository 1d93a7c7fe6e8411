"""The other orders of a submission, as an order of it is judged beside them.

Rule 1: a single order is a submission of one, without companions.
Rule 2: exits of a bracket are worth nothing here: the entry is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Final, NamedTuple

import msgspec

from riskgate.ledger.counters.amounts import Amounts
from riskgate.ledger.life import Life
from riskgate.model.money import ZERO
from riskgate.model.order import Fault
from riskgate.model.readings import SubmissionReading
from riskgate.model.snapshot import Submission
from riskgate.model.subject import Subject, telling_apart
from riskgate.model.work import Plan
from riskgate.policy.bound import Bound


class Companion(msgspec.Struct, frozen=True):
    """Another order: its conservative value in its instrument's currency, None without a price."""

    subject: Subject
    value: Decimal | None = None


class Sums(NamedTuple):
    """What the orders of one budget come to."""

    values: Amounts
    unvalued: Counter[str]


class Basket:
    """All orders of a submission; None for those that are worth nothing here, as exits are.

    Sums are made once for each rule: a long basket is judged in one pass.
    """

    def __init__(self, orders: Sequence[Companion | None]) -> None:
        self._orders = tuple(orders)
        self._sums: dict[str, dict[object, Sums]] = {}

    def but(self, place: int, budget: Budget) -> SubmissionReading:
        """What the others come to in the budget of the order at a place."""
        mine = self._orders[place]
        key = budget.key(mine.subject) if mine is not None else budget.key(Subject())
        sums = self._of(budget).get(key)
        if sums is None:
            return SubmissionReading()
        own = mine if mine is not None and budget.takes(mine.subject) else None
        currency, value = ("", ZERO) if own is None else (own.subject.currency, own.value or ZERO)
        unvalued = sums.unvalued.copy()
        if own is not None and own.value is None:
            unvalued[own.subject.instrument] -= 1
        return SubmissionReading(sums.values.less(currency, value), tuple(sorted(+unvalued)))

    def _of(self, budget: Budget) -> dict[object, Sums]:
        """The sums of a rule's budgets."""
        known = self._sums.get(budget.name)
        if known is not None:
            return known
        made: dict[object, Sums] = {}
        for one in self._orders:
            if one is None or not budget.takes(one.subject):
                continue
            sums = made.setdefault(budget.key(one.subject), Sums(Amounts(), Counter()))
            if one.value is None:
                sums.unvalued[one.subject.instrument] += 1
            else:
                sums.values.add(one.subject.currency, one.value)
        self._sums[budget.name] = made
        return made


class Budget(NamedTuple):
    """Which orders a rule adds up, and which of them together."""

    name: str
    takes: Callable[[Subject], bool]
    key: Callable[[Subject], object]


EVERYTHING_TOGETHER: Final = Budget("", lambda _: True, lambda _: None)


class Companions(msgspec.Struct, frozen=True, kw_only=True):
    """How an order is submitted: alone, as a slice, in a group, or again after somebody's approval.

    `number` is the order's own, 0 for the next; `parent` the order that it is a slice of; `group`
    the first order of its submission, `bracket` the entry where that is a bracket, and `oca` the
    first where one cancels the others. `soft` counts breaches that only warn or hold, by rule, once
    they are known. `held_at` is when it was held, `forgiven` are the rules whose hold a person
    approved, `faults` what is wrong with the submission itself, and `taken` the keys of its earlier
    orders. `emergency` says that it uses the emergency exit: HALTED is forgiven it, if it is a
    reduction. With a `plan` it is worked off in slices, and does not leave itself. `block` is the
    order in which it is to leave with others, `members` are those that it is the block of.
    """

    number: int = 0
    group: int = 0
    parent: int = 0
    submission: Submission | None = None
    basket: Basket | None = None
    bracket: int = 0
    oca: int = 0
    block: int = 0
    members: tuple[int, ...] = ()
    plan: Plan | None = None
    soft: Mapping[str, int] | None = None
    held_at: datetime | None = None
    forgiven: tuple[str, ...] = ()
    faults: tuple[Fault, ...] = ()
    taken: frozenset[str] = frozenset()
    emergency: bool = False

    def reading(self, bound: Bound) -> SubmissionReading:
        """The other orders that fall into the same budget of a rule."""
        if self.basket is None or self.submission is None:
            return SubmissionReading(soft=self.soft)
        budget = Budget(bound.name, bound.selector.matches, telling_apart(bound.per))
        read = self.basket.but(self.submission.place - 1, budget)
        return msgspec.structs.replace(read, soft=self.soft)


ALONE = Companions()


def amending(life: Life, orders: Mapping[int, Life]) -> Companions:
    """What a modify of an order is judged beside: the group it came with, if that has an intent.

    The other orders count at what they were worth when they were approved.
    """
    if life.group_intent is None:
        return ALONE
    total, number = Amounts(), life.group
    while (one := orders.get(number)) is not None and one.group == life.group:
        if one is not life and not one.is_exit and one.order is not None and one.versions:
            worth = one.order.quantity * one.versions[-1].unit_value
            total.add(one.subject.currency, worth)
        number += 1
    submission = Submission(
        orders=number - life.group,
        place=life.order_id - life.group + 1,
        intent=life.group_intent,
        others=total.copy(),
    )
    return Companions(submission=submission)
