"""Selectors, regions and values as a risk officer reads them.

Rule 1: lists are shown sorted, and long ones by their first names and how many more there are.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from decimal import Decimal
from functools import singledispatch
from typing import Final

import msgspec

from riskgate.model.money import grouped
from riskgate.model.spans import written
from riskgate.model.subject import SELECTOR_KEYS
from riskgate.policy.diffing.globs import TooTangledError
from riskgate.policy.diffing.regions import ONLY_OLD, admitted
from riskgate.policy.listed import CLOSED, Lists, lists_of, only_names
from riskgate.policy.selectors import Selector
from riskgate.rulekit.matching import Names

MOST_NAMES: Final = 8
EVERYBODY: Final = "every order"


def who(selector: Selector) -> str:
    """`account DU1, DU2; symbol AAPL`."""
    parts = [_condition(selector, key) for key in _ordered(lists_of(selector))]
    return "; ".join(part for part in parts if part) or EVERYBODY


def who_but(selector: Selector, other: Selector) -> str:
    """The orders of a selector that are not of the other: `symbol other than AAPL`."""
    mine, others = lists_of(selector), lists_of(other)
    differing = {
        key: _left(selector, key, others[key])
        for key in _ordered(others)
        if _differs(mine.get(key, ()), others[key], key)
    }
    rest = [_condition(selector, key) for key in _ordered(mine) if key not in differing]
    return "; ".join(part for part in (" or ".join(differing.values()), *rest) if part) or who(
        selector
    )


def _ordered(keys: Iterable[str]) -> list[str]:
    return sorted(keys, key=SELECTOR_KEYS.index)


def _differs(mine: Lists, others: Lists, key: str) -> bool:
    try:
        return ONLY_OLD in admitted((mine, others), key)
    except TooTangledError:
        return True


def _condition(selector: Selector, key: str) -> str:
    """One key's names; nothing where every name will do."""
    lists = lists_of(selector)[key]
    finite = only_names(lists, key)
    if finite is not None:
        everything = key in CLOSED and finite == frozenset(CLOSED[key])
        return "" if everything else f"{key} {several(sorted(finite)) or 'of no name'}"
    return f"{key} {' and '.join(_listed(names) for names in lists)}"


def _left(selector: Selector, key: str, others: Lists) -> str:
    """The names of a key that the others do not admit."""
    lists = lists_of(selector).get(key, ())
    finite = only_names(lists, key)
    if finite is not None:
        left = [name for name in finite if not all(name in names for names in others)]
        return f"{key} {several(sorted(left))}"
    but = " and ".join(_listed(names) for names in others)
    if not lists:
        only_barred = len(others) == 1 and not (others[0].exact or others[0].patterns)
        if only_barred:
            return f"{key} {several(_items(others[0], barred=True))}"
        return f"{key} other than {but}"
    return f"{key} {' and '.join(_listed(names) for names in lists)} (other than {but})"


def _listed(names: Names) -> str:
    wanted, barred = _items(names), _items(names, barred=True)
    if not barred:
        return several(wanted)
    return f"{several(wanted) or 'any'} but not {several(barred)}"


def _items(names: Names, *, barred: bool = False) -> list[str]:
    if barred:
        return [*sorted(names.barred), *sorted(names.barred_patterns)]
    return [*sorted(names.exact), *sorted(names.patterns)]


def several(names: Iterable[str]) -> str:
    """The names; of many, the first and how many more."""
    listed = list(names)
    if len(listed) <= MOST_NAMES:
        return ", ".join(listed)
    return f"{', '.join(listed[:MOST_NAMES])} and {len(listed) - MOST_NAMES} more"


@singledispatch
def shown(value: object) -> str:
    """A parameter's value as people write it; nothing for none."""
    return "" if value is None else str(value)


@shown.register
def _flag(value: bool) -> str:  # noqa: FBT001  # the value itself
    return str(value).lower()


@shown.register
def _number(value: Decimal) -> str:
    return grouped(value)


@shown.register
def _length(value: timedelta) -> str:
    return written(value)


@shown.register
def _names(value: Names) -> str:
    return several((*_items(value), *(f"!{name}" for name in _items(value, barred=True))))


@shown.register
def _parts(value: msgspec.Struct) -> str:
    fields = msgspec.structs.asdict(value)
    return " ".join(f"{name} {shown(item)}" for name, item in fields.items() if item is not None)


@shown.register
def _items_of(value: tuple) -> str:  # type: ignore[type-arg]  # of anything
    if "__str__" in vars(type(value)):
        return str(value)
    names = getattr(value, "_fields", None)
    if names is None:
        return several(shown(item) for item in value)
    return ", ".join(f"{name} {shown(item)}" for name, item in zip(names, value, strict=True))
