"""What selectors can match, compared without an order: one inside another, apart, or meeting.

Rule 1: an answer of yes is certain. Where patterns make the truth hard to find, the answer is no.
Rule 2: sides, order types, times in force and security types are few, so there nothing is a guess.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

import msgspec

from riskgate.policy.listed import CLOSED, Lists, lists_of, only_names
from riskgate.policy.selectors import Selector
from riskgate.rulekit.matching import Names, names

NOTHING: Final = "\0"  # no name holds it, so it stands for whatever a `*` may stand for
WILD: Final = re.compile("[*?]")
ALL: Final = {key: frozenset(words) for key, words in CLOSED.items()}


class Scope(msgspec.Struct, frozen=True):
    """What a selector asks of an order, key by key.

    `words` are all the names that a key may have; under `loose` a name must be in every list.
    """

    words: Mapping[str, frozenset[str]] = {}
    loose: Mapping[str, Lists] = {}

    @property
    def identity(self) -> object:
        """Equal for scopes that ask the same in the same words."""
        return frozenset(self.words.items()), frozenset(self.loose.items())

    def differences(self, other: Scope) -> set[str]:
        """The keys of which the two do not ask the same."""
        keys = {*self.words, *self.loose, *other.words, *other.loose}
        return {
            key
            for key in keys
            if self.words.get(key) != other.words.get(key)
            or self.loose.get(key) != other.loose.get(key)
        }


def scope(*selectors: Selector) -> Scope:
    """What all of the selectors together ask."""
    words: dict[str, frozenset[str]] = {}
    loose: dict[str, Lists] = {}
    for key, lists in lists_of(*selectors).items():
        left = only_names(lists, key)
        if left is None:
            loose[key] = lists
        elif left != ALL.get(key):
            words[key] = left
    return Scope(words, loose)


def contradiction(of: Scope) -> str | None:
    """The key for which no order can have a name; None if there may be orders."""
    for key, words in of.words.items():
        if not words:
            return key
    return next((key for key, parts in of.loose.items() if _none_left(parts)), None)


def contains(outer: Scope, inner: Scope) -> bool:
    """Whether `outer` matches every order that `inner` matches."""
    for key, words in outer.words.items():
        if key not in inner.words or not inner.words[key] <= words:
            return False
    for key, parts in outer.loose.items():
        if key in inner.words:
            if not all(word in part for word in inner.words[key] for part in parts):
                return False
        elif not _all_within(parts, inner.loose.get(key, ())):
            return False
    return True


def apart(one: Scope, other: Scope) -> str | None:
    """The key for which no order can match both scopes; None if one may."""
    for key in one.words.keys() & other.words.keys():
        if one.words[key].isdisjoint(other.words[key]):
            return key
    for mine, theirs in ((one, other), (other, one)):
        for key in mine.words.keys() & theirs.loose.keys():
            if not any(_in_all(word, theirs.loose[key]) for word in mine.words[key]):
                return key
    both = one.loose.keys() & other.loose.keys()
    return next((key for key in both if _none_left((*one.loose[key], *other.loose[key]))), None)


def meet(one: Scope, other: Scope) -> bool:
    """Whether some order matches both scopes, if there are orders for each."""
    loose = one.loose.keys() & other.loose.keys()
    return apart(one, other) is None and all(
        _all_within(one.loose[key], other.loose[key])
        or _all_within(other.loose[key], one.loose[key])
        for key in loose
    )


def takes_all(wide: Names, narrow: Names) -> bool:
    """Whether `wide` takes every name that `narrow` takes."""
    return _wants_all(wide, narrow) and _bars_none(wide, narrow)


def stem(pattern: str) -> str:
    """What stands before the first wildcard of a pattern."""
    return WILD.split(pattern, maxsplit=1)[0]


def _in_all(word: str, parts: Iterable[Names]) -> bool:
    return all(word in part for part in parts)


def _all_within(outer: Iterable[Names], inner: Lists) -> bool:
    """Whether each list of `outer` takes all that some list of `inner` takes."""
    return all(any(takes_all(part, narrow) for narrow in inner) for part in outer)


def _wants_all(wide: Names, narrow: Names) -> bool:
    """The same of the items that are not negated alone; `narrow` may bar more."""
    if not (wide.exact or wide.patterns):
        return True
    if not (narrow.exact or narrow.patterns):
        return "*" in wide.patterns
    wanted = names((*wide.exact, *wide.patterns))
    return all(word in wanted for word in narrow.exact) and all(
        any(_wider(ours, theirs) for ours in wide.patterns) for theirs in narrow.patterns
    )


def _bars_none(wide: Names, narrow: Names) -> bool:
    """Whether nothing that `narrow` takes is barred by `wide`."""
    return not any(word in narrow for word in wide.barred) and all(
        _never_takes(narrow, pattern) for pattern in wide.barred_patterns
    )


def _never_takes(listed: Names, pattern: str) -> bool:
    """Whether the list takes nothing that matches the pattern."""
    if any(_wider(barred, pattern) for barred in listed.barred_patterns):
        return True
    if not (listed.exact or listed.patterns):
        return False
    matching = names((pattern,))
    return not any(word in matching for word in listed.exact) and all(
        _unlike(item, pattern) for item in listed.patterns
    )


def _wider(wide: str, narrow: str) -> bool:
    """Whether every name that matches `narrow` matches `wide`."""
    if wide == narrow:
        return True
    if "?" in wide and "*" in narrow:
        return False
    return narrow.replace("*", NOTHING).replace("?", NOTHING) in names((wide,))


def _unlike(one: str, other: str) -> bool:
    """Whether two patterns begin or end so differently that no name matches both."""
    return _differ(stem(one), stem(other)) or _differ(stem(one[::-1]), stem(other[::-1]))


def _differ(one: str, other: str) -> bool:
    """Whether no text begins with both."""
    return not (one.startswith(other) or other.startswith(one))


def _none_left(parts: Lists) -> bool:
    """Whether no name at all can be in every list. Lists without exact words alone are judged."""
    wanting = [part for part in parts if part.patterns and not part.exact]
    barring = [pattern for part in parts for pattern in part.barred_patterns]
    if any("*" in part.barred_patterns for part in parts):
        return True
    return any(
        all(any(_wider(barred, pattern) for barred in barring) for pattern in part.patterns)
        for part in wanting
    ) or any(
        all(_unlike(a, b) for a in one.patterns for b in other.patterns)
        for place, one in enumerate(wanting)
        for other in wanting[:place]
    )


def items(listed: Names) -> Iterator[str]:
    """The items of a list that are not negated."""
    yield from listed.exact
    yield from listed.patterns
