"""All differences in meaning between two policy sets.

Rule 1: text is not meaning: reasons, owners, references, order and file names make no difference.
Rule 2: a milder answer for any order is told, for every cause that can be seen in the policies;
where nobody can say which way a change goes, it is told as if it let more through.
Rule 3: two rules are not weighed against each other: a limit that was raised is loosened even
where another rule still stops all that it lets through.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from riskgate.policy.diffing.budgets import budgets
from riskgate.policy.diffing.coverage import Coverage, coverage, policies_apart
from riskgate.policy.diffing.difference import Difference, Differences
from riskgate.policy.diffing.pairing import match
from riskgate.policy.diffing.rules import Pair, added, answers, orders, paired, parameters, removed
from riskgate.policy.diffing.sides import Armed, Covered, Side, by_policy
from riskgate.policy.diffing.waivers import waivers


def compare(old: Side, new: Side) -> Differences:
    """Every difference, those that may let more through first, then by the name of the rule."""
    before, after = by_policy(old), by_policy(new)
    found = [*policies_apart(before, after), *_of_rules(before, after)]
    ordered = sorted(found, key=lambda item: (not item.may_allow_more, item.subject))
    return Differences(tuple(ordered))


def _of_rules(before: Mapping[str, Covered], after: Mapping[str, Covered]) -> Iterator[Difference]:
    """Differences of the rules, policy by policy."""
    matched, covers = match(before, after), coverage(before, after)
    for old, new in matched.pairs:
        if not _is_same(old, new):
            yield from _of_pair(paired(old, new), covers)
    for rule in matched.gone:
        yield from removed(rule, covers.still(rule.policy))
    for rule in matched.came:
        yield from added(rule)


def _is_same(old: Armed, new: Armed) -> bool:
    """Whether two rules are equal as they were read, as most are; in doubt, not."""
    one, other = old.bound, new.bound
    return (
        one.name == other.name
        and old.mode == new.mode
        and not (one.waivers or other.waivers)
        and (one.selector, one.per, one.action) == (other.selector, other.per, other.action)
        and (one.rule.given, one.rule.context) == (other.rule.given, other.rule.context)
    )


def _of_pair(pair: Pair, covers: Coverage) -> Iterator[Difference]:
    """Differences of one rule. Where only its policy's orders changed, the policy tells it."""
    yield from answers(pair)
    if pair.old.bound.selector != pair.new.bound.selector and not _is_told_by_policy(pair):
        still, already = covers.still(pair.old.policy), covers.already(pair.new.policy)
        yield from orders(pair, still, already)
    yield from budgets(pair)
    yield from parameters(pair)
    yield from waivers(pair)


def _is_told_by_policy(pair: Pair) -> bool:
    return pair.old.policy.name == pair.new.policy.name and pair.old.match == pair.new.match
