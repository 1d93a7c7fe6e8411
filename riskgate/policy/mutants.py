"""A compiled rule with one thing changed: its nudges, as rules that can take its place.

Rule 1: a nudged rule is made of the compiled one; no file is read again.
Rule 2: how far a value is nudged, `rulekit.nudges` says; nothing here knows a kind of rule.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final, NamedTuple

import msgspec

from riskgate.model.decision import Action
from riskgate.policy.bound import Bound, Check
from riskgate.rulekit.base import Limit, Rule
from riskgate.rulekit.nudges import DOWN, UP, Evidence, nudges

ON_BREACH: Final = "on_breach"
EvidenceOf = Callable[[str], Evidence]
"""What the cases show of a limit, by its name."""


class Mutant(NamedTuple):
    """A rule and one nudge of it: the rule with each of the nudge's values."""

    bound: Bound
    limit: str
    direction: str
    value: str
    made: tuple[Bound, ...]


def mutants(bound: Bound, evidence: EvidenceOf) -> Iterator[Mutant]:
    """Every nudge of one rule: parameters, limits of waivers, `mode` and `on_breach`."""
    for name, parameter in bound.rule.parameters.items():
        value = vars(bound.rule)[name]
        if value is None or not (name in bound.rule.given or isinstance(parameter, Limit)):
            continue
        for nudge in nudges(parameter.type, value, evidence(name)):
            made = _valid(bound, (_with(bound, {name: other}) for other in nudge.values))
            if made:
                yield Mutant(bound, name, nudge.how, nudge.shown, made)
    yield from _of_waivers(bound, evidence)
    yield from _softened(bound)


def _of_waivers(bound: Bound, evidence: EvidenceOf) -> Iterator[Mutant]:
    for place, waiver in enumerate(bound.waivers):
        for name, check in waiver.checks.items():
            seen = evidence(name)
            for nudge in nudges(bound.rule.parameters[name].type, check.value, seen):
                made = tuple(_waived(bound, place, {name: other}) for other in nudge.values)
                limit = f"{name} (waiver {place + 1})"
                yield Mutant(bound, limit, nudge.how, nudge.shown, made)


def _softened(bound: Bound) -> Iterator[Mutant]:
    """The same rule in the other mode, and with a softer and a harsher `on_breach`."""
    mode = "shadow" if bound.enforced else "enforce"
    other = msgspec.structs.replace(bound, enforced=not bound.enforced)
    yield Mutant(bound, "mode", "changed", mode, (other,))
    for how, step in ((DOWN, -1), (UP, 1)) if bound.enforced else ():
        if Action.ALLOW < bound.action + step <= Action.DENY:
            action = Action(bound.action + step)
            softer = msgspec.structs.replace(bound, action=action)
            yield Mutant(bound, ON_BREACH, how, action.word, (softer,))


def _with(bound: Bound, changes: Mapping[str, object]) -> Bound:
    """The rule with other parameters; one that is None is left out."""
    given = {**bound.rule.given, **changes}
    rule = _rule({name: item for name, item in given.items() if item is not None}, bound.rule)
    waivers = tuple(
        msgspec.structs.replace(
            waiver,
            checks=_checks(
                waiver.checks.values(), _rule({**rule.given, **_values(waiver.checks)}, rule)
            ),
        )
        for waiver in bound.waivers
    )
    checks = tuple(_checks(bound.checks, rule).values())
    return msgspec.structs.replace(
        bound, rule=rule, checks=checks, tally=rule.tally(), waivers=waivers
    )


def _waived(bound: Bound, place: int, changes: Mapping[str, object]) -> Bound:
    """The rule with other limits in one of its waivers."""
    waiver = bound.waivers[place]
    given = {**_values(waiver.checks), **changes}
    rule = _rule({**bound.rule.given, **given}, bound.rule)
    other = msgspec.structs.replace(waiver, checks=_checks(waiver.checks.values(), rule))
    waivers = (*bound.waivers[:place], other, *bound.waivers[place + 1 :])
    return msgspec.structs.replace(bound, waivers=waivers)


def _rule(given: Mapping[str, object], like: Rule) -> Rule:
    return type(like)(like.name, given, like.context)


def _values(checks: Mapping[str, Check]) -> dict[str, object]:
    return {name: check.value for name, check in checks.items()}


def _checks(checks: Iterable[Check], rule: Rule) -> dict[str, Check]:
    """The same checks, asked of another rule; without what that rule does not limit."""
    return {
        check.name: check._replace(
            measure=rule.limits()[check.name].measure.__get__(rule), value=vars(rule)[check.name]
        )
        for check in checks
        if vars(rule)[check.name] is not None
    }


def _valid(bound: Bound, made: Iterable[Bound]) -> tuple[Bound, ...]:
    """Those that a policy could hold: no new fault, and still a limit to ask for."""
    known = set(bound.rule.faults())
    return tuple(other for other in made if other.checks and set(other.rule.faults()) <= known)
