"""A position limit over several instruments without `per`.

Why
    Without `per` a rule has one budget for all that it matches: 10,000 shares of one name and
    2 contracts of another count as 10,002, over all accounts. Whoever wrote `max_long: 10000`
    nearly always meant 10,000 of each.
Finds
    A rule that sums positions, has a limit in units, matches more than one symbol, and keeps no
    budget by `symbol` or `underlying`; and one that has no `per` at all.
For example
    - id: position
      kind: position
      match: {symbol: [AAPL, MSFT]}
      max_long: 10000
      max_short: 0
      because: Desk mandate.
What to do
    Write `per: [account, symbol]`. If one budget is meant, give it in money
    (`max_long_notional`, `exposure`) and say for whom with `per: [account]`.
"""

from __future__ import annotations

from collections.abc import Iterator

from riskgate.policy.bound import Bound
from riskgate.policy.lint.desk import Desk, Suspicion, Written
from riskgate.rulekit.base import Rule
from riskgate.rulekit.parameters import quantity
from riskgate.rulekit.tallies import HoldingsTally

CODE = "RG304"
APART = frozenset({"symbol", "underlying"})
UNITS = quantity().unit


def find(desk: Desk) -> Iterator[Suspicion]:
    """Budgets that add up what is not alike."""
    for rule, bound in desk.bound:
        if _sums_units(bound.rule) and not APART & {*bound.per} and not _one_symbol(rule):
            yield from _suspect(rule, bound)


def _sums_units(rule: Rule) -> bool:
    """Whether the kind sums positions and may limit them in units."""
    sums = rule.has_budget and rule.narrows_holdings and isinstance(rule.tally(), HoldingsTally)
    return sums and any(limit.type.unit == UNITS for limit in rule.limits().values())


def _one_symbol(rule: Written) -> bool:
    words = rule.scope.words
    return any(len(words.get(key, ())) == 1 for key in APART)


def _suspect(rule: Written, bound: Bound) -> Iterator[Suspicion]:
    limits = bound.rule.limits()
    in_units = [check.name for check in bound.checks if limits[check.name].type.unit == UNITS]
    if in_units:
        text = f"`{in_units[0]}` adds up units of different instruments; add `symbol` to `per`"
        yield rule.at_key(text, in_units[0])
    elif not bound.per:
        text = "one budget for all accounts and instruments together; say for whom with `per`"
        yield rule.at(text, "id")
