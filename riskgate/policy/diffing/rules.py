"""The differences between one rule before and after: answer, orders, parameters, limits.

Rule 1: what a rule measures is its own affair; only its parameters' types and directions are used.
Rule 2: a rule that stops nothing, before or after, can neither let through more nor less by its
limits; that it began or ceased to stop is one difference, its mode's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any, Final, NamedTuple

import msgspec

from riskgate.model.market import PriceDemands, tightest
from riskgate.policy.diffing.difference import Difference, Label, going
from riskgate.policy.diffing.globs import TooTangledError
from riskgate.policy.diffing.phrases import several, shown, who, who_but
from riskgate.policy.diffing.regions import BOTH, ONLY_NEW, ONLY_OLD, cells, is_of_somebody
from riskgate.policy.diffing.sides import Armed
from riskgate.policy.diffing.values import Way, way
from riskgate.policy.selectors import Selector
from riskgate.rulekit.base import Limit, Parameter, Rule
from riskgate.rulekit.matching import Names

DOUBT: Final = "which way this goes is not known; it counts as loosened"
TRUSTS: Final = (
    "it takes prices that are older or of other types than the default, for every rule of its"
    " orders"
)
RENAMED: Final = "renamed; this alone changes no answer"
IsCovered = Callable[[Selector, Selector | None], bool]


class Pair(NamedTuple):
    """One rule before and after, and which orders it is and was asked about."""

    old: Armed
    new: Armed
    found: frozenset[int]

    @property
    def may(self) -> Way:
        """What a change of its limits can do at all."""
        stops = self.old.level and self.new.level and BOTH in self.found
        return Way.BOTH if stops else Way.NONE

    @property
    def note(self) -> str:
        """Why a change of its limits can do nothing."""
        if BOTH not in self.found:
            return "no order is under this rule both before and after"
        if not self.new.level:
            return f"the rule stops nothing: its mode is {self.new.mode}"
        return f"the rule stopped nothing before: its mode was {self.old.mode}"

    def said(self, what: str, old: object = None, new: object = None) -> Difference:
        """A difference in one part of the rule."""
        return Difference(
            subject=self.new.bound.name,
            kind=self.new.bound.kind,
            what=what,
            who=self.who,
            old=shown(old),
            new=shown(new),
            because=self.new.bound.because,
            old_where=self.old.spot(what),
            new_where=self.new.spot(what),
        )

    @property
    def who(self) -> str:
        """The orders that the rule is asked about before and after."""
        before, after = self.old.bound.selector, self.new.bound.selector
        return who(after if before == after else before & after)

    def limited(self, towards: Way, item: Difference) -> Difference:
        """The difference as what it can do at all, with why it can do no more."""
        if self.may is Way.NONE:
            return going(Way.NONE, msgspec.structs.replace(item, note=self.note))
        note = item.note or (DOUBT if towards is Way.BOTH else "")
        return going(towards, msgspec.structs.replace(item, note=note))


def paired(old: Armed, new: Armed) -> Pair:
    """The two with the orders that either is asked about; in doubt, all combinations."""
    before, after = old.bound.selector, new.bound.selector
    try:
        return Pair(old, new, cells((before, after)))
    except TooTangledError:
        return Pair(old, new, frozenset({ONLY_OLD, ONLY_NEW, BOTH}))


def added(rule: Armed) -> Iterator[Difference]:
    """Every limit of a rule that is new."""
    towards = _arriving(rule)
    note = {"note": TRUSTS} if Way.ALLOWS in towards else {}
    for item in _limits(rule):
        where = rule.spot(item.what)
        came = msgspec.structs.replace(item, label=Label.ADDED, new_where=where, **note)
        yield going(towards, came)


def _arriving(rule: Armed) -> Way:
    """What a rule does to orders that were not under it: it stops, unless it widens trust.

    Without a rule that says which prices are good enough, the gate takes no old ones.
    """
    if not (rule.level and is_of_somebody(rule.bound.selector)):
        return Way.NONE
    return Way.BOTH if _trusts_more(rule.bound.rule, than=None) else Way.STOPS


def _trusts_more(rule: Rule, than: Rule | None) -> bool:
    """Whether a rule takes prices, for all rules of its orders, that another one does not."""
    terms, others = (tightest(_demands(one)) for one in (rule, than))
    return terms.max_age > others.max_age or not set(terms.types) <= set(others.types)


def _demands(rule: Rule | None) -> tuple[PriceDemands, ...]:
    demands = rule.price_terms() if rule else None
    return () if demands is None else (demands,)


def removed(rule: Armed, is_covered: IsCovered) -> Iterator[Difference]:
    """Every limit of a rule that is gone; it lets more through where a policy still covers."""
    frees = rule.level and is_covered(rule.bound.selector, None)
    note = "" if frees or not rule.level else "no policy covers its orders now, so all are denied"
    for item in _limits(rule):
        gone = msgspec.structs.replace(
            item,
            label=Label.REMOVED,
            old=item.new,
            new="",
            note=item.note or note,
            old_where=rule.spot(item.what),
        )
        yield going(Way.ALLOWS if frees else Way.NONE, gone)


def _limits(rule: Armed) -> Iterator[Difference]:
    """Each limit of a rule, its value as the new one."""
    bound = rule.bound
    note = "" if rule.level else f"it stops nothing: mode {rule.mode}"
    for check in bound.checks:
        yield Difference(
            subject=bound.name,
            kind=bound.kind,
            what=check.name,
            who=who(bound.selector),
            new=shown(check.value),
            unit=_unit(check.value, check.unit),
            note=note,
            because=bound.because,
        )


def _unit(value: object, unit: str) -> str:
    """The unit of a number; other values show their own."""
    return unit if isinstance(value, Decimal) else ""


def answers(pair: Pair) -> Iterator[Difference]:
    """What a breach does: mode and `on_breach`."""
    old, new = pair.old, pair.new
    towards = _towards(old.level, new.level) if BOTH in pair.found else Way.NONE
    if old.bound.name != new.bound.name:
        yield msgspec.structs.replace(pair.said("id", old.bound.name, new.bound.name), note=RENAMED)
    if old.mode != new.mode:
        item = pair.said("mode", old.mode, new.mode)
        trusts = towards is Way.STOPS and not old.level and Way.ALLOWS in _arriving(new)
        note = TRUSTS if trusts else ""
        yield going(Way.BOTH if trusts else towards, msgspec.structs.replace(item, note=note))
    if old.bound.action is not new.bound.action:
        item = pair.said("on_breach", old.bound.action.word, new.bound.action.word)
        both = old.mode == new.mode == "enforce"
        note = "" if both else pair.note
        yield going(towards if both else Way.NONE, msgspec.structs.replace(item, note=note))


def _towards(old: int, new: int) -> Way:
    if old == new:
        return Way.NONE
    return Way.ALLOWS if new < old else Way.STOPS


def orders(pair: Pair, is_covered: IsCovered, was_covered: IsCovered) -> Iterator[Difference]:
    """For whom the rule is no longer, and for whom it is now."""
    before, after = pair.old.bound.selector, pair.new.bound.selector
    item = pair.said("match", who(pair.old.match), who(pair.new.match))
    if ONLY_OLD in pair.found:
        lost = msgspec.structs.replace(item, who=who_but(before, after), note="no longer asked")
        frees = pair.old.level and is_covered(before, after)
        yield going(Way.ALLOWS if frees else Way.NONE, lost)
    if ONLY_NEW in pair.found:
        towards = _arriving(pair.new) if was_covered(after, before) else Way.NONE
        note = TRUSTS if Way.ALLOWS in towards else "asked from now on"
        came = msgspec.structs.replace(item, who=who_but(after, before), note=note)
        yield going(towards, came)


def parameters(pair: Pair) -> Iterator[Difference]:
    """Limits and what shapes them, in the order in which the kind declares them."""
    for name, parameter in pair.new.bound.rule.parameters.items():
        old, new = (vars(side.bound.rule)[name] for side in (pair.old, pair.new))
        if old is None and new is None:
            continue
        if isinstance(parameter, Limit):
            yield from _limit(pair, parameter, old, new)
        else:
            yield from _shape(pair, parameter, old, new)


def _shape(pair: Pair, parameter: Parameter, old: Any, new: Any) -> Iterator[Difference]:  # noqa: ANN401  # the type knows
    """What shapes a limit; what is given for the first time, or no longer, is doubt."""
    towards = Way.BOTH if old is None or new is None else way(parameter, old, new)
    if towards:
        unit = _unit(old if new is None else new, _unit_of(pair.new, parameter))
        item = _shaped(pair.said(parameter.name, old, new), old, new)
        yield pair.limited(towards, msgspec.structs.replace(item, unit=unit))


def _limit(pair: Pair, limit: Limit, old: Any, new: Any) -> Iterator[Difference]:  # noqa: ANN401  # the type knows
    units = [_unit_of(side, limit) for side in (pair.old, pair.new)]
    item = _shaped(pair.said(limit.name, old, new), old, new)
    if old is None or new is None:
        unit = _unit(new if old is None else old, units[old is None])
        label = Label.ADDED if old is None else Label.REMOVED
        item = msgspec.structs.replace(item, label=label, unit=unit)
        towards = Way.STOPS if old is None else Way.ALLOWS
        if old is None and _trusts_more(pair.new.bound.rule, than=pair.old.bound.rule):
            towards, item = Way.BOTH, msgspec.structs.replace(item, note=TRUSTS)
        yield pair.limited(towards, item)
    elif units[0] != units[1]:
        values = {"old": f"{item.old} {units[0]}", "new": f"{item.new} {units[1]}"}
        yield pair.limited(Way.BOTH, msgspec.structs.replace(item, **values))
    elif towards := way(limit, old, new):
        yield pair.limited(towards, msgspec.structs.replace(item, unit=_unit(new, units[1])))


def _unit_of(rule: Armed, parameter: Parameter) -> str:
    unit = str(parameter.type.unit)
    return rule.bound.rule.context.currency if unit == "money" else unit


def _shaped(item: Difference, old: object, new: object) -> Difference:
    """With what came to a list and what went, which a long list does not show."""
    if not (isinstance(old, Names) and isinstance(new, Names)):
        return item
    parts = [
        f"{word} {several(names)}"
        for word, names in (
            ("now also", [*_words(new) - _words(old)]),
            ("no longer", [*_words(old) - _words(new)]),
        )
        if names
    ]
    return msgspec.structs.replace(item, note="; ".join(parts))


def _words(names: Names) -> set[str]:
    barred = {f"!{item}" for item in (*names.barred, *names.barred_patterns)}
    return {*names.exact, *names.patterns, *barred}
