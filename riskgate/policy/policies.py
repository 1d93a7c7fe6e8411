"""Compiled policies: every rule bound to its limits, and the ones that apply found at once.

Rule 1: bounds stand in the order of their names, so files and rules may come in any order.
Rule 2: `for_` answers from memory the second time; a decision never searches.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any, Final, NamedTuple, NoReturn

import msgspec

from riskgate.model.decision import Action
from riskgate.model.market import PriceTerms, tightest
from riskgate.model.order import Order
from riskgate.model.snapshot import Snapshot
from riskgate.model.subject import Subject
from riskgate.policy.ready import Readiness
from riskgate.policy.selectors import MOST_REMEMBERED, Index, Selector, reader
from riskgate.rulekit.base import Rule
from riskgate.rulekit.bounds import Measured, binding
from riskgate.rulekit.tallies import SubmissionTally, Tally


class Check(NamedTuple):
    """One limit of one rule, ready to be asked."""

    name: str
    measure: Callable[[Order, Snapshot], Measured]
    passes: Callable[[Any, Any], bool]
    value: Any
    unit: str


class Waiver(msgspec.Struct, frozen=True, kw_only=True):
    """A temporary, named exception: other limits for some orders, until a moment."""

    name: str
    selector: Selector
    checks: Mapping[str, Check]
    tighter: Mapping[str, str]
    until: datetime
    approved_by: str
    because: str


class Bound(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """One rule of one policy with everything that asking it needs."""

    name: str
    rule: Rule
    selector: Selector
    per: tuple[str, ...]
    action: Action
    enforced: bool
    because: str
    where: str
    checks: tuple[Check, ...]
    tally: Tally | None
    waivers: tuple[Waiver, ...] = ()
    controls: tuple[str, ...] = ()

    @property
    def kind(self) -> str:
        """The rule's kind."""
        return self.rule.kind


class Policy(msgspec.Struct, frozen=True, kw_only=True):
    """One policy file as its owner means it, and the text of it."""

    name: str
    description: str
    owner: str
    selector: Selector
    currency: str
    zone: str
    path: str
    text: str = ""


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


class PolicySet:
    """All policies of a gate, compiled. `digest` names their meaning, not their files.

    `off` are the rules whose mode is off: no decision asks them.
    """

    def __init__(
        self,
        policies: Iterable[Policy],
        bounds: Iterable[Bound],
        digest: str,
        off: Iterable[Bound] = (),
    ) -> None:
        self.policies = tuple(sorted(policies, key=lambda policy: policy.name))
        self.bounds = tuple(sorted(bounds, key=lambda bound: bound.name))
        self.off = tuple(sorted(off, key=lambda bound: bound.name))
        self.digest = digest
        self._covering = Index((policy.selector, policy) for policy in self.policies)
        self._applying = Index((bound.selector, bound) for bound in self.bounds)
        self._names_of = reader((*self._covering.keys, *self._applying.keys))
        self._remembered: dict[object, Selection] = {}
        self._made: dict[tuple[bool, tuple[Bound, ...]], Selection] = {}
        readiness = Readiness(self)
        self.looks, self.unlooked = readiness.looks, readiness.meet

    def __reduce__(self) -> NoReturn:
        """Refuse to be pickled: a method that measures would come back as the limit's value."""
        raise TypeError("a policy set cannot be pickled; hand on the texts, and compile them there")

    @property
    def texts(self) -> dict[str, str]:
        """What was read, by file, so that a record can hold it."""
        return {policy.path: policy.text for policy in self.policies if policy.text}

    def for_(self, subject: Subject) -> Selection:
        """The bounds that apply to an order, and whether any policy covers it."""
        names = self._names_of(subject)
        selection = self._remembered.get(names)
        if selection is None:
            if len(self._remembered) >= MOST_REMEMBERED:
                self._remembered.clear()
            selection = self._remembered[names] = self._found(subject)
        return selection

    def _found(self, subject: Subject) -> Selection:
        """The selection of a subject; equal ones are made once."""
        bounds = self._applying.find(subject)
        covered = bool(self._covering.find(subject))
        selection = self._made.get((covered, bounds))
        if selection is None:
            selection = self._made[covered, bounds] = _selection(bounds, covered=covered)
        return selection


NO_POLICIES: Final = PolicySet((), (), digest="")  # for whoever judges nothing


def _selection(bounds: tuple[Bound, ...], *, covered: bool) -> Selection:
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
        for rule in _waived_rules(bound.rule, _waived_checks(bound, subject, now))
    )


def _waived_rules(rule: Rule, checks: Iterable[tuple[Check, str]]) -> tuple[Rule, ...]:
    """The rule with the values that waivers set; one for each value where several hold."""
    waived = [(check.name, check.value) for check, waiver in checks if waiver]
    if not waived:
        return (rule,)
    given = {**rule.given, **dict(waived)}
    return tuple(
        type(rule)(rule.name, {**given, name: value}, rule.context) for name, value in waived
    )


def _tightest(rules: Iterable[Rule]) -> PriceTerms:
    """What all of the rules together demand of a price."""
    return tightest(demands for rule in rules if (demands := rule.price_terms()) is not None)


def checks_at(bound: Bound, subject: Subject, now: datetime) -> tuple[tuple[Check, str], ...]:
    """The bound's checks with the waivers that hold now put in, each with the waiver's name.

    What measures one limit may read another one: all are measured by the rule as it is waived.
    """
    checks = _waived_checks(bound, subject, now)
    if not any(waiver for _, waiver in checks):
        return checks
    rule = _waived_rules(bound.rule, checks)[-1]
    return tuple(
        (check if waiver else _measured_by(rule, check), waiver) for check, waiver in checks
    )


def _measured_by(rule: Rule, check: Check) -> Check:
    """The check as another rule of the same kind measures it."""
    limit = rule.limits().get(check.name)
    return check if limit is None else check._replace(measure=limit.measure.__get__(rule))


def _waived_checks(bound: Bound, subject: Subject, now: datetime) -> tuple[tuple[Check, str], ...]:
    """Each check, or what waivers put in its place."""
    holding = [w for w in bound.waivers if now < w.until and w.selector.matches(subject)]
    return tuple(pair for check in bound.checks for pair in _waived(check, holding))


def _waived(check: Check, waivers: list[Waiver]) -> tuple[tuple[Check, str], ...]:
    """The check as waived. Where several waivers set it, the tightest applies.

    Where no value is tighter than another, as with lists, all of them apply.
    """
    setting = sorted((w for w in waivers if check.name in w.checks), key=lambda w: w.name)
    if not setting:
        return ((check, ""),)
    values = [waiver.checks[check.name].value for waiver in setting]
    bound_by = [setting[place] for place in binding(values, setting[0].tighter[check.name])]
    return tuple((waiver.checks[check.name], waiver.name) for waiver in bound_by)
