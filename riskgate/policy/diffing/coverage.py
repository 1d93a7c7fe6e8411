"""Differences between policies as wholes: which orders they cover, and what all their rules share.

Rule 1: an order that no policy covers is denied, so covering it may let it through, and ceasing
to cover it lets nothing through.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

import msgspec

from riskgate.policy.diffing.difference import Difference, Label, going
from riskgate.policy.diffing.phrases import who, who_but
from riskgate.policy.diffing.regions import changed_keys, meets, reaches_outside
from riskgate.policy.diffing.rules import IsCovered
from riskgate.policy.diffing.sides import Covered
from riskgate.policy.diffing.values import Way
from riskgate.policy.policies import Policy
from riskgate.policy.selectors import Selector

NEW_GROUND: Final = "no policy covered these orders, or some of them, so they were denied"
NO_GROUND: Final = "no policy covers these orders, or some of them, now; they are denied"
EVERY_RULE: Final = "whether this lets more through is not known; it counts as loosened"


class Coverage(NamedTuple):
    """Which orders the policies of either side cover."""

    before: tuple[Selector, ...]
    after: tuple[Selector, ...]

    def still(self, policy: Policy) -> IsCovered:
        """Whether orders that a rule of this policy was asked about are covered now."""
        return _covered(policy, self.after)

    def already(self, policy: Policy) -> IsCovered:
        """Whether orders that a rule of this policy is asked about were covered before."""
        return _covered(policy, self.before)


def _covered(policy: Policy, covering: tuple[Selector, ...]) -> IsCovered:
    """What is asked of all policies, or of that policy alone if it covers the same there."""
    chosen = (policy.selector,) if policy.selector in covering else covering
    return lambda selector, without: meets(selector, chosen, without)


def coverage(before: Mapping[str, Covered], after: Mapping[str, Covered]) -> Coverage:
    """What the policies cover."""
    old, new = (tuple(item.policy.selector for item in side.values()) for side in (before, after))
    return Coverage(old, new)


def policies_apart(
    before: Mapping[str, Covered], after: Mapping[str, Covered]
) -> Iterator[Difference]:
    """Policies that came, went, or cover other orders; and terms that all their rules share."""
    covers = coverage(before, after)
    for name in sorted(before.keys() | after.keys()):
        old, new = before.get(name), after.get(name)
        if old and new:
            yield from _covering(old, new, covers)
            yield from _terms(old, new)
        elif new and reaches_outside(new.policy.selector, covers.before):
            item = Difference(subject=name, what="policy", who=who(new.policy.selector))
            yield going(
                Way.ALLOWS, _noted(item, NEW_GROUND, new=name, new_where=new.spot("policy"))
            )
        elif old and reaches_outside(old.policy.selector, covers.after):
            item = Difference(subject=name, what="policy", who=who(old.policy.selector))
            yield going(Way.STOPS, _noted(item, NO_GROUND, old=name, old_where=old.spot("policy")))


def _noted(item: Difference, note: str, **content: object) -> Difference:
    return msgspec.structs.replace(item, note=note, **content)


def _covering(old: Covered, new: Covered, covers: Coverage) -> Iterator[Difference]:
    """Which orders a policy no longer covers, and which it covers now."""
    before, after = old.policy.selector, new.policy.selector
    if before == after:
        return
    gone, came = changed_keys(before, after)
    item = Difference(
        subject=new.policy.name,
        what="applies_to",
        who="",
        old=who(before),
        new=who(after),
        old_where=old.spot("applies_to"),
        new_where=new.spot("applies_to"),
    )
    if gone:
        yield _left(msgspec.structs.replace(item, who=who_but(before, after)), old, new, covers)
    if came:
        yield _joined(msgspec.structs.replace(item, who=who_but(after, before)), old, new, covers)


def _left(item: Difference, old: Covered, new: Covered, covers: Coverage) -> Difference:
    """Orders that the policy's rules are no longer asked about."""
    without = new.policy.selector
    towards, note = Way.NONE, "the policy's rules no longer ask about them"
    if meets(old.policy.selector, covers.after, without) and any(
        rule.level and meets(rule.bound.selector, covers.after, without)
        for rule in old.rules.values()
    ):
        towards |= Way.ALLOWS
    if reaches_outside(old.policy.selector, covers.after):
        towards, note = towards | Way.STOPS, NO_GROUND
    return going(towards, _noted(item, note))


def _joined(item: Difference, old: Covered, new: Covered, covers: Coverage) -> Difference:
    """Orders that the policy's rules are asked about from now on."""
    towards, note = Way.NONE, "the policy's rules are asked about them from now on"
    if reaches_outside(new.policy.selector, covers.before):
        towards, note = towards | Way.ALLOWS, NEW_GROUND
    if any(rule.level for rule in new.rules.values()) and meets(
        new.policy.selector, covers.before, old.policy.selector
    ):
        towards |= Way.STOPS
    return going(towards, _noted(item, note))


def _terms(old: Covered, new: Covered) -> Iterator[Difference]:
    """Time zone, day and currency, which every rule may measure by."""
    before, after = (_shared(item) for item in (old, new))
    armed = any(
        rule.level and new.rules[i].level for i, rule in old.rules.items() if i in new.rules
    )
    for key in before:
        if before[key] != after[key]:
            item = Difference(
                subject=new.policy.name,
                what=key,
                who=who(new.policy.selector),
                label=Label.CHANGED,
                old=before[key],
                new=after[key],
                note=EVERY_RULE if armed else "no rule of the policy stops anything",
                old_where=old.spot(key),
                new_where=new.spot(key),
            )
            yield going(Way.BOTH if armed else Way.NONE, item)


def _shared(item: Covered) -> dict[str, str]:
    context = next(iter(item.rules.values())).bound.rule.context
    return {
        "timezone": context.zone,
        "day_starts": context.day_starts.isoformat("auto"),
        "currency": context.currency,
    }
