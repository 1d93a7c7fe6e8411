"""What applies to one order: the bounds found for it, and what asking them takes.

Rule 1: all that can be known before an order comes is worked out here, once for each selection.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any, NamedTuple

import msgspec

from riskgate.model.market import PriceTerms, tightest
from riskgate.model.order import Order
from riskgate.model.snapshot import Snapshot
from riskgate.model.subject import Subject
from riskgate.policy.bound import Bound, Check, rules_at
from riskgate.rulekit.base import Rule
from riskgate.rulekit.bounds import Measured
from riskgate.rulekit.tallies import SubmissionTally


class Question(NamedTuple):
    """One check as a decision asks it, taken apart so that asking looks nothing up."""

    measure: Callable[[Order, Snapshot], Measured]
    passes: Callable[[Any, Any], bool]
    value: Any
    bound: Bound
    check: Check


class Selection(msgspec.Struct, frozen=True, eq=False):
    """What applies to one order: its bounds, and what a snapshot must hold for them.

    `questions` are the checks of its bounds, and `on_reduction` those that a reduction is asked
    too. Waivers come and go with time: where there are any, ask `checks_at` instead. `counted` are
    the bounds that read counters, and `grouped` those that read the rest of a submission.
    """

    bounds: tuple[Bound, ...]
    covered: bool
    calendars: tuple[str, ...]
    price_terms: PriceTerms = PriceTerms()
    questions: tuple[Question, ...] = ()
    on_reduction: tuple[Question, ...] = ()
    has_waivers: bool = False
    counted: tuple[Bound, ...] = ()
    grouped: tuple[Bound, ...] = ()


def selection_of(bounds: tuple[Bound, ...], *, covered: bool) -> Selection:
    """What orders are asked to which these bounds apply, and no others."""
    calendars = (code for bound in bounds for code in bound.rule.calendars())
    kept = [bound for bound in bounds if not bound.rule.exempts_reductions]
    return Selection(
        bounds,
        covered,
        tuple(dict.fromkeys(calendars)),
        _tightest(bound.rule for bound in bounds if bound.enforced),
        questions=_questions(bounds),
        on_reduction=_questions(kept),
        has_waivers=any(bound.waivers for bound in bounds),
        counted=tuple(bound for bound in bounds if bound.tally is not None),
        grouped=tuple(bound for bound in bounds if isinstance(bound.tally, SubmissionTally)),
    )


def _questions(bounds: Iterable[Bound]) -> tuple[Question, ...]:
    return tuple(
        Question(check.measure, check.passes, check.value, bound, check)
        for bound in bounds
        for check in bound.checks
    )


def price_terms_at(selection: Selection, subject: Subject, now: datetime) -> PriceTerms:
    """What makes a price usable for an order: the tightest demands of the rules that apply.

    Shadow rules demand nothing. Waivers that hold now are counted in.
    """
    if not selection.has_waivers:
        return selection.price_terms
    return _tightest(
        rule
        for bound in selection.bounds
        if bound.enforced
        for rule in rules_at(bound, subject, now)
    )


def _tightest(rules: Iterable[Rule]) -> PriceTerms:
    """What all of the rules together demand of a price."""
    return tightest(demands for rule in rules if (demands := rule.price_terms()) is not None)
