"""Selectors as sets of orders: which of several cover the same orders, and which do not.

Rule 1: a selector is a conjunction of keys, so what names are possible is asked key by key.
Rule 2: a key of few possible words (side, type, TIF) is compared by those words alone.
Rule 3: keys are taken as independent. Orders that no exchange would take are thought possible,
which can only make a difference look larger.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Final

from riskgate.policy.diffing.globs import UNWRITTEN, TooTangledError, witnesses
from riskgate.policy.listed import CLOSED, Lists, lists_of
from riskgate.policy.selectors import Selector

NEVER_EMPTY: Final = frozenset({"symbol", "exchange", "currency", "underlying", "account"})
# Of two selectors, or lists: what only one has, only the other, and both.
ONLY_OLD: Final = 0b01
ONLY_NEW: Final = 0b10
BOTH: Final = 0b11
MOST_CELLS: Final = 4_096


def cells(selectors: Sequence[Selector], *, needing: int = 0) -> frozenset[int]:
    """Which combinations of the selectors some order matches, one bit for each selector.

    With `needing`, only combinations that have all of those bits. Raise TooTangledError.
    """
    by_key = [lists_of(selector) for selector in selectors]
    found = {(1 << len(selectors)) - 1}
    for key in sorted({key for lists in by_key for key in lists}):
        masks = admitted(tuple(lists.get(key, ()) for lists in by_key), key)
        found = {cell & mask for cell in found for mask in masks}
        found = {cell for cell in found if cell & needing == needing}
        if len(found) > MOST_CELLS:
            raise TooTangledError
    return frozenset(found)


def admitted(
    sides: tuple[Lists, ...], key: str = "", words: Iterable[str] | None = None
) -> frozenset[int]:
    """Which combinations of the sides admit some name; all lists of a side must admit it.

    `words` are all the names there are, where they are few. Raise TooTangledError.
    """
    few = tuple(words) if words is not None else CLOSED.get(key)
    return _admitted(sides, few, key in NEVER_EMPTY)


@lru_cache(maxsize=4_096)
def _admitted(
    sides: tuple[Lists, ...],
    words: tuple[str, ...] | None,
    never_empty: bool,  # noqa: FBT001
) -> frozenset[int]:
    names = _names(sides) if words is None else words
    return frozenset(_mask(sides, name) for name in names if name or not never_empty)


def _names(sides: tuple[Lists, ...]) -> Iterable[str]:
    """Names of which one is admitted as any name is."""
    listed = {names for lists in sides for names in lists}
    patterns = {item for names in listed for item in (*names.patterns, *names.barred_patterns)}
    written = frozenset().union(*(names.exact | names.barred for names in listed))
    return (*written, *witnesses(patterns), UNWRITTEN)


def _mask(sides: tuple[Lists, ...], name: str) -> int:
    bits = (all(name in names for names in lists) << i for i, lists in enumerate(sides))
    return sum(bits)


def is_of_somebody(selector: Selector) -> bool:
    """Whether a selector has any order at all. In doubt, it has."""
    try:
        return bool(cells((selector,), needing=1))
    except TooTangledError:
        return True


def is_within(inner: Selector, outer: Selector) -> bool:
    """Whether every order of one selector is one of the other. Raise TooTangledError."""
    return inner == outer or ONLY_OLD not in cells((inner, outer), needing=ONLY_OLD)


def are_equal(one: Selector, other: Selector) -> bool:
    """Whether two selectors are of the same orders. Raise TooTangledError."""
    return one == other or not cells((one, other)) & {ONLY_OLD, ONLY_NEW}


def reaches_outside(inner: Selector, others: Sequence[Selector]) -> bool:
    """Whether some order of a selector is in none of the others. In doubt, it is."""
    try:
        if any(is_within(inner, other) for other in others):
            return False
        return ONLY_OLD in cells((inner, *others), needing=ONLY_OLD)
    except TooTangledError:
        return True


def meets(inner: Selector, others: Sequence[Selector], without: Selector | None = None) -> bool:
    """Whether some order of a selector, `without` those of another, is in any of the others.

    In doubt, it is.
    """
    apart = () if without is None else (without,)
    for other in others:
        try:
            found = cells((inner, other, *apart), needing=BOTH)
        except TooTangledError:
            return True
        if BOTH in found:
            return True
    return False


def changed_keys(old: Selector, new: Selector) -> tuple[frozenset[str], frozenset[str]]:
    """The keys for which names went, and those for which names came. In doubt, both."""
    before, after = lists_of(old), lists_of(new)
    gone, came = set(), set()
    for key in before.keys() | after.keys():
        try:
            masks = admitted((before.get(key, ()), after.get(key, ())), key)
        except TooTangledError:
            masks = frozenset({ONLY_OLD, ONLY_NEW})
        gone |= {key} if ONLY_OLD in masks else set()
        came |= {key} if ONLY_NEW in masks else set()
    return frozenset(gone), frozenset(came)
