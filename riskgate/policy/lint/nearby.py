"""Finds, among many scopes, the few that may contain one, or that may meet one.

Rule 1: what is found must still be asked; what is not found need not be.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Generic, TypeVar

from riskgate.policy.lint.scopes import Scope, items, stem
from riskgate.policy.selectors import ANCHORS
from riskgate.rulekit.matching import Names, is_pattern

T = TypeVar("T")
Rooms = dict[str, dict[str, list[T]]]


class Nearby(Generic[T]):
    """Items filed by the names that their scopes ask for.

    An item stands under every exact name, and under what its patterns begin with, of one key: the
    one under which the fewest others stand.
    """

    def __init__(self, filed: Iterable[tuple[Scope, T]]) -> None:
        self._anywhere: list[T] = []
        self._exact: Rooms[T] = {}
        self._begins: Rooms[T] = {}
        self._all: dict[str, list[T]] = {}
        wanting = [(_wanted(of), item) for of, item in filed]
        crowd = Counter(place for wanted, _ in wanting for place in _places(wanted))
        for wanted, item in wanting:
            if wanted:
                key = min(wanted, key=lambda k: sum(crowd[k, word] for word in wanted[k]))
                self._file(key, wanted[key], item)
            else:
                self._anywhere.append(item)

    def containing(self, of: Scope) -> Iterator[T]:
        """Everything whose scope may contain this one."""
        yield from self._anywhere
        for key in self._all:
            if key in of.words:
                yield from self._under(key, min(of.words[key], default=""))
            for part in of.loose.get(key, ()):
                for first in list(items(part))[:1]:
                    yield from self._under(key, first)

    def meeting(self, of: Scope) -> Iterator[T]:
        """Everything whose scope may have an order in common with this one."""
        yield from self._anywhere
        for key, everything in self._all.items():
            if key not in of.words:
                yield from everything
                continue
            for word in of.words[key]:
                yield from self._under(key, word)

    def _under(self, key: str, item: str) -> Iterator[T]:
        """What is filed under a name, or under the beginning of a pattern."""
        if not is_pattern(item):
            yield from self._exact.get(key, {}).get(item, ())
        begins = self._begins.get(key, {})
        text = stem(item)
        for length in range(len(text) + 1):
            yield from begins.get(text[:length], ())

    def _file(self, key: str, wanted: Mapping[str, bool], item: T) -> None:
        self._all.setdefault(key, []).append(item)
        for word, exact in wanted.items():
            rooms = self._exact if exact else self._begins
            rooms.setdefault(key, {}).setdefault(word, []).append(item)


def _wanted(of: Scope) -> dict[str, dict[str, bool]]:
    """By key, the names to file a scope under, and what patterns begin with; True for names."""
    found: dict[str, dict[str, bool]] = {}
    for key in ANCHORS:
        words = of.words.get(key) or _first(of.loose.get(key, ()))
        if words and "*" not in words:
            exact = {word: True for word in words if not is_pattern(word)}
            found[key] = {**{stem(word): False for word in words if word not in exact}, **exact}
    return found


def _places(wanted: Mapping[str, Iterable[str]]) -> Iterator[tuple[str, str]]:
    return ((key, word) for key, words in wanted.items() for word in words)


def _first(parts: Iterable[Names]) -> tuple[str, ...]:
    """The items of the first list that has any which is not negated."""
    return next((found for part in parts if (found := tuple(items(part)))), ())
