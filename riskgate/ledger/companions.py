"""The other orders of a submission, as an order of it is judged beside them.

Rule 1: a single order is a submission of one, without companions.
Rule 2: exits of a bracket are worth nothing here: the entry is.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

import msgspec

from riskgate.ledger.counters.amounts import Amounts
from riskgate.ledger.life import Life
from riskgate.model.order import Fault
from riskgate.model.readings import SubmissionReading
from riskgate.model.snapshot import Submission
from riskgate.model.subject import Subject, telling_apart
from riskgate.policy.policies import Bound


class Companion(msgspec.Struct, frozen=True):
    """Another order: its conservative value in its instrument's currency, None without a price."""

    subject: Subject
    value: Decimal | None = None


class Companions(msgspec.Struct, frozen=True, kw_only=True):
    """How an order is submitted: alone, as a slice, in a group, or again after somebody's approval.

    `number` is the order's own, 0 for the next; `parent` the order that it is a slice of; `group`
    the first order of its submission, and `bracket` the entry where that is a bracket. `soft`
    counts breaches that only warn or hold, by rule, once they are known. `held_at` is when it was
    held, `forgiven` are the rules whose hold a person approved, and `faults` what is wrong with
    the submission itself.
    """

    number: int = 0
    group: int = 0
    parent: int = 0
    submission: Submission | None = None
    others: tuple[Companion, ...] = ()
    bracket: int = 0
    soft: Mapping[str, int] | None = None
    held_at: datetime | None = None
    forgiven: tuple[str, ...] = ()
    faults: tuple[Fault, ...] = ()

    def reading(self, bound: Bound, subject: Subject) -> SubmissionReading:
        """The other orders that fall into the same budget of a rule."""
        budget_of = telling_apart(bound.per)
        mine = budget_of(subject)
        total, unvalued = Amounts(), []
        for other in self.others:
            if not bound.selector.matches(other.subject) or budget_of(other.subject) != mine:
                continue
            if other.value is None:
                unvalued.append(other.subject.instrument)
            else:
                total.add(other.subject.currency, other.value)
        return SubmissionReading(total.copy(), tuple(sorted(set(unvalued))), self.soft)


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
