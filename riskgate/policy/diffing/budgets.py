"""What a rule's budget counts: how it is split (`per`), and over which orders it adds up.

Rule 1: more shares mean more room, unless the kind says that its sums do not only add up.
Rule 2: splitting what cannot differ is no change: an instrument has one underlying, and orders of
one account are not split by account.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import msgspec

from riskgate.model.subject import HOLDING_KEYS
from riskgate.policy.diffing.difference import Difference
from riskgate.policy.diffing.phrases import who
from riskgate.policy.diffing.regions import BOTH, changed_keys
from riskgate.policy.diffing.rules import Pair
from riskgate.policy.diffing.sides import Armed
from riskgate.policy.diffing.values import Way
from riskgate.policy.listed import lists_of, only_names
from riskgate.rulekit.tallies import Tally

OF_AN_INSTRUMENT: Final = frozenset({"underlying", "sec_type", "currency"})
WHOLE: Final = "one budget"


def budgets(pair: Pair) -> Iterator[Difference]:
    """Differences in what is counted together, for the orders that the rule had and still has."""
    old, new = pair.old.bound.tally, pair.new.bound.tally
    if old is None or new is None or BOTH not in pair.found:
        return
    before, after = _split(pair.old, old), _split(pair.new, new)
    asked = _with_instrument({*pair.old.bound.per, *pair.new.bound.per})
    came = (after - before - _one_name(pair.old, old)) & asked
    gone = (before - after - _one_name(pair.new, new)) & asked
    yield from _per(pair, came, gone)
    yield from _counted(pair, before | after, sums_holdings=old.sums_holdings)


def _split(rule: Armed, tally: Tally) -> frozenset[str]:
    """The keys by which no two orders of one budget differ."""
    keys = {*rule.bound.per, *tally.apart, *getattr(tally, "same", ())}
    return _with_instrument(keys)


def _with_instrument(keys: set[str]) -> frozenset[str]:
    """The keys, and all that an instrument has but one of if they tell instruments apart."""
    return frozenset(keys | OF_AN_INSTRUMENT if "symbol" in keys else keys)


def _one_name(rule: Armed, tally: Tally) -> frozenset[str]:
    """The keys for which all that is counted has one name; `symbol` means the instrument here."""
    keys = {key for key, _ in rule.bound.selector.keys} - {"symbol"}
    if tally.sums_holdings:
        keys &= set(HOLDING_KEYS)
    lists = lists_of(rule.bound.selector)
    return frozenset(key for key in keys if len(only_names(lists.get(key, ()), key) or ()) == 1)


def _per(pair: Pair, came: frozenset[str], gone: frozenset[str]) -> Iterator[Difference]:
    if not (came or gone):
        return
    notes = [f"each {key} now has a budget of its own" for key in sorted(came)]
    notes += [f"one budget now for all of {key}" for key in sorted(gone)]
    old, new = (", ".join(side.bound.per) or WHOLE for side in (pair.old, pair.new))
    item = msgspec.structs.replace(pair.said("per", old, new), note="; ".join(notes))
    yield pair.limited(_way(pair, loosens=bool(came), tightens=bool(gone)), item)


def _counted(pair: Pair, split: frozenset[str], *, sums_holdings: bool) -> Iterator[Difference]:
    """The sum itself, where other orders than before are in it."""
    if pair.old.bound.selector == pair.new.bound.selector:
        return
    changed = changed_keys(pair.old.bound.selector, pair.new.bound.selector)
    counted = HOLDING_KEYS if sums_holdings else ()
    gone, came = (
        {key for key in keys - split if not sums_holdings or key in counted} for keys in changed
    )
    if not (gone or came):
        return
    old, new = who(pair.old.bound.selector), who(pair.new.bound.selector)
    item = pair.said("budget", old, new)
    note = f"the budget counts other orders than before ({', '.join(sorted(gone | came))})"
    towards = _way(pair, loosens=bool(gone), tightens=bool(came))
    yield pair.limited(towards, msgspec.structs.replace(item, note=note))


def _way(pair: Pair, *, loosens: bool, tightens: bool) -> Way:
    if not pair.new.bound.rule.adds_up:
        return Way.BOTH
    return (Way.ALLOWS if loosens else Way.NONE) | (Way.STOPS if tightens else Way.NONE)
