"""One rule of a policy bound to its limits, and the waivers that put others in their place.

Rule 1: a waiver holds for the orders that it matches, until its moment and no longer.
Rule 2: where several waivers set one limit the tightest applies, in whatever order they come.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

import msgspec

from riskgate.model.decision import Action
from riskgate.model.order import Order
from riskgate.model.snapshot import Snapshot
from riskgate.model.subject import Subject
from riskgate.policy.selectors import Selector
from riskgate.rulekit.base import Rule
from riskgate.rulekit.bounds import Measured, binding
from riskgate.rulekit.tallies import Tally


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


def rules_at(bound: Bound, subject: Subject, now: datetime) -> tuple[Rule, ...]:
    """The bound's rule as the waivers that hold now make it; several where no value is tighter."""
    return _waived_rules(bound.rule, _waived_checks(bound, subject, now))


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


def _waived_rules(rule: Rule, checks: Iterable[tuple[Check, str]]) -> tuple[Rule, ...]:
    """The rule with the values that waivers set; one for each value where several hold."""
    waived = [(check.name, check.value) for check, waiver in checks if waiver]
    if not waived:
        return (rule,)
    given = {**rule.given, **dict(waived)}
    return tuple(
        type(rule)(rule.name, {**given, name: value}, rule.context) for name, value in waived
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
