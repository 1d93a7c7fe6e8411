"""A limit that can never be the one that binds, because another rule always stops the order first.

Why
    Whoever raises or lowers such a limit believes that something has changed, and nothing has. Two
    rules that say the same drift apart, and then nobody knows which one was meant.
Finds
    A limit for which another enforced rule of the same kind, the same `per` and the same other
    parameters always applies too, denies, and is at least as tight; also exact repetitions, of
    which the later one is named. Rules that count or sum are compared only where both count the
    same. A limit that a waiver changes is left alone while the waiver holds.
For example
    - id: order-size
      kind: fat_finger
      max_quantity: 500
      because: Desk mandate.
    - id: apple-size
      kind: fat_finger
      match: {symbol: AAPL}
      max_quantity: 800
      because: Apple is liquid.
What to do
    Delete the looser limit. If it was meant as an exception, a rule cannot make one: exclude these
    orders from the tighter rule with `match: {symbol: "!AAPL"}`, or write a waiver.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from riskgate.model.decision import Action
from riskgate.model.subject import HOLDING_KEYS, SELECTOR_KEYS
from riskgate.policy.bound import Bound, Check
from riskgate.policy.lint.desk import Desk, Suspicion, Written
from riskgate.policy.lint.nearby import Nearby
from riskgate.policy.lint.scopes import Scope, contains, contradiction, takes_all
from riskgate.rulekit.base import Limit
from riskgate.rulekit.bounds import HIGHER, LOWER, MORE
from riskgate.rulekit.matching import Names

CODE = "RG302"
# An instrument has one of each, so a budget per instrument holds nothing else.
OF_INSTRUMENT = frozenset({"symbol", "sec_type", "currency", "underlying"})
ORDERED = frozenset({HIGHER, LOWER})
MOST_LISTS = 32  # so many different lists of one limit are compared with each other
Rules = list[tuple[Written, Bound]]


class Stop(NamedTuple):
    """A limit that denies, in the rule that has it."""

    value: Any
    rule: Written
    bound: Bound


class Group(NamedTuple):
    """The limits that deny in one scope, by name: the tightest of each, or each that differs."""

    scope: Scope
    stops: Mapping[str, list[Stop]]


def find(desk: Desk) -> Iterator[Suspicion]:
    """Limits behind a limit that is at least as tight."""
    alike: dict[object, Rules] = {}
    for rule, bound in desk.bound:
        if contradiction(rule.scope) is None and not _changing(bound, desk.evidence.now):
            alike.setdefault(_manner(bound), []).append((rule, bound))
    for rules in alike.values():
        if len(rules) > 1:
            yield from _among(rules)


def _changing(bound: Bound, now: datetime) -> bool:
    """Whether waivers change the rule's limits for some time yet."""
    return any(now < waiver.until for waiver in bound.waivers)


def _manner(bound: Bound) -> object:
    """Equal for rules that measure in the same way, but for whom they measure."""
    rule = bound.rule
    limits = rule.limits()
    shaping = tuple((name, vars(rule)[name]) for name in rule.parameters if name not in limits)
    return bound.kind, frozenset(bound.per), rule.context, shaping


def _among(rules: Rules) -> Iterator[Suspicion]:
    """The idle limits among rules that measure alike."""
    by_scope: dict[object, tuple[Scope, Rules]] = {}
    for rule, bound in rules:
        by_scope.setdefault(rule.scope.identity, (rule.scope, []))[1].append((rule, bound))
    groups = [Group(of, _stops(inside)) for of, inside in by_scope.values()]
    nearby = Nearby((group.scope, group) for group in groups if group.stops)
    for of, inside in by_scope.values():
        wider = [group for group in nearby.containing(of) if contains(group.scope, of)]
        for rule, bound in inside:
            if bound.enforced:
                yield from _idle(rule, bound, wider)


def _stops(rules: Rules) -> dict[str, list[Stop]]:
    """Every limit that denies, by name; of those that can be compared, only the tightest."""
    found: dict[str, list[Stop]] = {}
    for rule, bound in sorted(rules, key=lambda pair: pair[0].order):
        if not (bound.enforced and bound.action is Action.DENY):
            continue
        for check in bound.checks:
            stops = found.setdefault(check.name, [])
            limit = bound.rule.limits()[check.name]
            if not any(_as_tight(limit, stop.value, check.value) for stop in stops):
                if limit.tighter in ORDERED:
                    stops.clear()
                if len(stops) < MOST_LISTS:
                    stops.append(Stop(check.value, rule, bound))
    return found


def _idle(rule: Written, bound: Bound, wider: Iterable[Group]) -> Iterator[Suspicion]:
    """The limits of a rule that one of the wider groups makes idle."""
    counting = [group for group in wider if _counts_alike(group.scope, rule.scope, bound)]
    for check in _written(rule, bound):
        limit = bound.rule.limits()[check.name]
        stops = (stop for group in counting for stop in group.stops.get(check.name, ()))
        for stop in sorted(stops, key=lambda stop: stop.rule.order):
            if stop.rule is not rule and _beats(limit, stop, (rule, bound, check)):
                named = check.name if check.name in rule.value else "kind"
                yield rule.at_key(_said(check, bound, stop), named)
                break


def _written(rule: Written, bound: Bound) -> list[Check]:
    """The limits that the rule gives; where it gives none, those that its kind has of itself."""
    given = [check for check in bound.checks if check.name in rule.value]
    return given or list(bound.checks)


def _beats(limit: Limit, stop: Stop, idle: tuple[Written, Bound, Check]) -> bool:
    """Whether the stop always comes first; of two that say the same, the earlier one does."""
    rule, bound, check = idle
    if not _as_tight(limit, stop.value, check.value):
        return False
    same = _as_tight(limit, check.value, stop.value) and bound.action is Action.DENY
    return not (same and contains(rule.scope, stop.rule.scope)) or stop.rule.order < rule.order


def _as_tight(limit: Limit, one: Any, other: Any) -> bool:  # noqa: ANN401  # the limit's own type
    """Whether a value denies all that the other denies."""
    if limit.tighter in ORDERED:
        return bool(one >= other if limit.tighter == HIGHER else one <= other)
    if limit.tighter and isinstance(one, Names) and isinstance(other, Names):
        return takes_all(one, other) if limit.tighter == MORE else takes_all(other, one)
    return bool(one == other)


def _counts_alike(wide: Scope, narrow: Scope, bound: Bound) -> bool:
    """Whether two rules of one `per` have the same sums for the orders that both match.

    What differs in their selectors must be one and the same within a budget, or must not narrow
    what is summed.
    """
    rule = bound.rule
    if bound.tally is None and not (rule.has_budget or rule.narrows_holdings):
        return True
    fixed: set[str] = set()
    for key in (*bound.per, *getattr(bound.tally, "same", ())):
        fixed |= OF_INSTRUMENT if key == "symbol" else {key}
    if rule.narrows_holdings:
        fixed |= set(SELECTOR_KEYS) - set(HOLDING_KEYS)
    return wide.differences(narrow) <= fixed


def _said(check: Check, bound: Bound, stop: Stop) -> str:
    there = f"`{stop.bound.name}` ({stop.bound.where})"
    if stop.value == check.value and bound.action is Action.DENY:
        return f"`{check.name}` says again what {there} says; delete one of them"
    first = f"{there} denies first wherever this rule is asked"
    return f"`{check.name}` can never bind: {first}"
