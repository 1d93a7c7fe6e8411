"""Which rule before is which rule after: by name; a renamed one by what it does.

Rule 1: a rule of another kind is another rule, whatever its name.
Rule 2: a rename is one only if there is no other rule that it could be.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from riskgate.policy.diffing.phrases import shown
from riskgate.policy.diffing.sides import Armed, Covered
from riskgate.policy.selectors import Selector
from riskgate.rulekit.base import Limit

Key = Callable[[Armed], object]


class Paired(NamedTuple):
    """The rules of both sides, matched as far as they can be."""

    pairs: tuple[tuple[Armed, Armed], ...]
    gone: tuple[Armed, ...]
    came: tuple[Armed, ...]


def match(old: Mapping[str, Covered], new: Mapping[str, Covered]) -> Paired:
    """Rules of one name and kind; of the rest, those that are equal, then those for the same."""
    before, after = _all(old), _all(new)
    found = [
        (rule, after[name])
        for name, rule in before.items()
        if name in after and after[name].bound.kind == rule.bound.kind
    ]
    gone = [rule for name, rule in before.items() if _is_other(rule, after.get(name))]
    came = [rule for name, rule in after.items() if _is_other(rule, before.get(name))]
    for key in (_everything, _purpose):
        renamed = _alone(gone, came, key)
        found += renamed
        matched = {id(rule) for both in renamed for rule in both}
        gone, came = ([rule for rule in side if id(rule) not in matched] for side in (gone, came))
    return Paired(tuple(found), tuple(gone), tuple(came))


def _all(side: Mapping[str, Covered]) -> dict[str, Armed]:
    return {rule.bound.name: rule for each in side.values() for rule in each.rules.values()}


def _is_other(rule: Armed, counterpart: Armed | None) -> bool:
    return counterpart is None or counterpart.bound.kind != rule.bound.kind


def _alone(gone: Iterable[Armed], came: Iterable[Armed], key: Key) -> list[tuple[Armed, Armed]]:
    """Those that are alone with their key on either side."""
    before, after = _grouped(gone, key), _grouped(came, key)
    return [
        (rules[0], after[value][0])
        for value, rules in before.items()
        if len(rules) == 1 and len(after.get(value, ())) == 1
    ]


def _grouped(rules: Iterable[Armed], key: Key) -> dict[object, list[Armed]]:
    found: dict[object, list[Armed]] = {}
    for rule in rules:
        found.setdefault(key(rule), []).append(rule)
    return found


def _purpose(rule: Armed) -> object:
    """What a rule is for: its orders, its budget and what shapes its measurement."""
    return (rule.policy.name, _asked(rule, rule.match))


def _everything(rule: Armed) -> object:
    """All that a rule does, whatever it is called."""
    limits = tuple(f"{check.name} {check.value}" for check in rule.bound.checks)
    waivers = frozenset(
        (str(item.selector), str(item.until), *(f"{n} {c.value}" for n, c in item.checks.items()))
        for item in rule.bound.waivers
    )
    return (_asked(rule, rule.bound.selector), limits, waivers, rule.bound.rule.context)


def _asked(rule: Armed, selector: Selector) -> object:
    bound = rule.bound
    shaping = tuple(
        f"{name} {shown(vars(bound.rule)[name])}"
        for name, parameter in bound.rule.parameters.items()
        if not isinstance(parameter, Limit)
    )
    orders = frozenset((key, str(names)) for key, names in selector.keys)
    return (bound.kind, rule.level, orders, frozenset(bound.per), shaping)
