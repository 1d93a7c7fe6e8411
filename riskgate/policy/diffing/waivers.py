"""Differences in a rule's waivers: who has other limits than before, and until when.

Rule 1: what counts is the limit that holds for an order at a moment, with every waiver that holds
then; so a waiver that changes nothing for anybody is not called loosened.
Rule 2: no clock is read. A waiver that has ended differs like any other.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from riskgate.policy.bound import Check, Waiver
from riskgate.policy.diffing.difference import Difference, going
from riskgate.policy.diffing.globs import TooTangledError
from riskgate.policy.diffing.phrases import shown, who
from riskgate.policy.diffing.regions import BOTH, are_equal, cells
from riskgate.policy.diffing.rules import DOUBT, Pair
from riskgate.policy.diffing.sides import Armed
from riskgate.policy.diffing.values import Way, way
from riskgate.rulekit.base import Rule
from riskgate.rulekit.bounds import binding


class Held(NamedTuple):
    """A waiver, its number among its rule's, and the bit that stands for it in a cell."""

    waiver: Waiver
    number: int
    bit: int


def waivers(pair: Pair) -> Iterator[Difference]:
    """A difference for every waiver that is not on both sides."""
    before = _held(pair.old, 2)
    after = _held(pair.new, 2 + len(before))
    gone = [item for item in before if not any(_is_same(item, other) for other in after)]
    came = [item for item in after if not any(_is_same(item, other) for other in before)]
    if not (gone or came):
        return
    ways = _ways(pair, before, after)
    for old, new in _matched(gone, came):
        yield _difference(pair, old, new, ways)


def _held(rule: Armed, first: int) -> list[Held]:
    numbered = enumerate(rule.bound.waivers)
    return [Held(waiver, number, 1 << (first + number)) for number, waiver in numbered]


def _is_same(one: Held, other: Held) -> bool:
    """Whether two waivers set the same for the same orders until the same moment."""
    first, second = (
        {name: check.value for name, check in item.waiver.checks.items()} for item in (one, other)
    )
    return one.waiver.until == other.waiver.until and first == second and _same_orders(one, other)


def _same_orders(one: Held, other: Held) -> bool:
    try:
        return are_equal(one.waiver.selector, other.waiver.selector)
    except TooTangledError:
        return False


def _matched(gone: list[Held], came: list[Held]) -> Iterator[tuple[Held | None, Held | None]]:
    """A waiver for the same orders is the same waiver, changed."""
    left = list(gone)
    for new in came:
        old = next((item for item in left if _same_orders(item, new)), None)
        if old is not None:
            left.remove(old)
        yield old, new
    yield from ((old, None) for old in left)


def _ways(pair: Pair, before: Sequence[Held], after: Sequence[Held]) -> dict[int, Way] | None:
    """What each waiver's orders meet, by its bit; None where there is too much to compare."""
    selectors = [pair.old.bound.selector, pair.new.bound.selector]
    selectors += [item.waiver.selector for item in (*before, *after)]
    try:
        found = cells(selectors, needing=BOTH)
    except TooTangledError:
        return None
    ways: dict[int, Way] = {}
    for moment in sorted({item.waiver.until for item in (*before, *after)}):
        for cell in found:
            old = [item for item in before if _holds(item, cell, moment)]
            new = [item for item in after if _holds(item, cell, moment)]
            towards = _change(pair, old, new)
            for item in (*old, *new):
                ways[item.bit] = ways.get(item.bit, Way.NONE) | towards
    return ways


def _holds(item: Held, cell: int, moment: datetime) -> bool:
    """Whether a waiver holds for the cell's orders just before the moment."""
    return bool(item.bit & cell) and item.waiver.until >= moment


def _change(pair: Pair, old: Sequence[Held], new: Sequence[Held]) -> Way:
    """What becomes of orders for which these waivers held, and hold."""
    names = {name for item in (*old, *new) for name in item.waiver.checks}
    found = Way.NONE
    for name in names:
        before, after = (
            _in_force(side.bound.rule, name, held)
            for side, held in ((pair.old, old), (pair.new, new))
        )
        found |= _between(pair.new.bound.rule, name, before, after)
    return found


def _in_force(rule: Rule, name: str, held: Sequence[Held]) -> tuple[object, ...]:
    """The values that a limit has under these waivers, or without one."""
    values: list[Any] = [
        item.waiver.checks[name].value for item in held if name in item.waiver.checks
    ]
    own = vars(rule)[name]
    if not values:
        return () if own is None else (own,)
    return tuple(values[place] for place in binding(values, rule.parameters[name].tighter))


def _between(rule: Rule, name: str, before: tuple[object, ...], after: tuple[object, ...]) -> Way:
    if set(before) == set(after):
        return Way.NONE
    if not (before and after):
        return Way.ALLOWS if before else Way.STOPS
    if len(before) == len(after) == 1:
        return way(rule.parameters[name], before[0], after[0])
    return Way.BOTH


def _difference(
    pair: Pair, old: Held | None, new: Held | None, ways: dict[int, Way] | None
) -> Difference:
    present = [item for item in (old, new) if item is not None]
    shows = present[-1].waiver
    towards = Way.BOTH
    if ways is not None:
        towards = Way.NONE
        for held in present:
            towards |= ways.get(held.bit, Way.NONE)
    item = Difference(
        subject=pair.new.bound.name,
        kind=pair.new.bound.kind,
        what="waiver",
        who=who(pair.new.bound.selector & shows.selector),
        old=_limits_of(pair.old, old, new),
        new=_limits_of(pair.new, new, old),
        until=shows.until.isoformat() if new else "",
        note=_note(old, new, towards),
        because=shows.because,
        old_where=pair.old.waiver_spot(old.number) if old else None,
        new_where=pair.new.waiver_spot(new.number) if new else None,
    )
    return pair.limited(towards, item) if not pair.may else going(towards, item)


def _note(old: Held | None, new: Held | None, towards: Way) -> str:
    if towards is Way.NONE:
        return "no order gets another answer"
    if towards is Way.BOTH:
        return DOUBT
    if old and new:
        return "changed waiver"
    return "new waiver" if new else "waiver withdrawn"


def _limits_of(rule: Armed, item: Held | None, other: Held | None) -> str:
    """`max_long 15,000 units`; where only the other side has the waiver, the rule's own limits."""
    if item is not None:
        until = f" until {item.waiver.until.isoformat()}" if other else ""
        return _text(item.waiver.checks.values()) + until
    names = other.waiver.checks if other else ()
    return _text(check for check in rule.bound.checks if check.name in names)


def _text(checks: Iterable[Check]) -> str:
    return ", ".join(f"{check.name} {shown(check.value)} {check.unit}".strip() for check in checks)
