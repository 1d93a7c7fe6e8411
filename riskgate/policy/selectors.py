"""Selectors: for whom a policy or a rule is; and an index that finds those that match an order.

Rule 1: keys combine with AND, items of a list as `rulekit.matching` has it.
Rule 2: finding is by hash: what it costs depends on how many match, not on how many exist.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from operator import attrgetter
from typing import Final, Generic, TypeVar

import msgspec

from riskgate.model.subject import HOLDING_KEYS, SELECTOR_KEYS, Subject
from riskgate.rulekit.matching import Names, names

T = TypeVar("T")
AS_WRITTEN: Final = frozenset({"account", "strategy", "tag"})
ANCHORS: Final = ("symbol", "underlying", "strategy", "account", "tag", "exchange", "sec_type")
MOST_REMEMBERED: Final = 65_536


class Selector(msgspec.Struct, frozen=True):
    """What must hold of an order: one list of names for each key. Empty matches everything."""

    keys: tuple[tuple[str, Names], ...] = ()

    def matches(self, subject: Subject) -> bool:
        """Whether every key's list has the subject's name."""
        return all(getattr(subject, key) in listed for key, listed in self.keys)

    def __and__(self, other: Selector) -> Selector:
        return Selector(self.keys + other.keys)

    def narrowed(self, to: Iterable[str]) -> Selector:
        """The part of the selector that asks about the given keys."""
        wanted = frozenset(to)
        return Selector(tuple((key, listed) for key, listed in self.keys if key in wanted))

    def of_holdings(self) -> Selector:
        """The part that narrows positions and working orders (semantics.md, section 4)."""
        return self.narrowed(HOLDING_KEYS)

    def __str__(self) -> str:
        return "; ".join(f"{key}: {listed}" for key, listed in self.keys) or "everything"


EVERYTHING: Final = Selector()


def selector(keys: Mapping[str, tuple[str, ...]]) -> Selector:
    """A selector from lists of items whose groups have been spread."""
    return Selector(
        tuple(
            (key, names(tuple(item if key in AS_WRITTEN else item.upper() for item in items)))
            for key, items in sorted(keys.items())
        )
    )


class Index(Generic[T]):
    """Finds the items whose selector matches a subject, in the order in which they were given."""

    def __init__(self, items: Iterable[tuple[Selector, T]]) -> None:
        self._loose: list[tuple[int, Selector, T]] = []
        self._anchored: dict[str, dict[str, list[tuple[int, Selector, T]]]] = {}
        self._memo: dict[object, tuple[T, ...]] = {}
        used: set[str] = set()
        for place, (chosen, item) in enumerate(items):
            self._put((place, chosen, item))
            used.update(key for key, _ in chosen.keys)
        self.keys = tuple(key for key in SELECTOR_KEYS if key in used)
        self._seen_of = reader(self.keys)

    def find(self, subject: Subject) -> tuple[T, ...]:
        """The matching items; the second time the same names are asked, from memory."""
        names_seen = self._seen_of(subject)
        found = self._memo.get(names_seen)
        if found is None:
            if len(self._memo) >= MOST_REMEMBERED:
                self._memo.clear()
            found = self._memo[names_seen] = self._search(subject)
        return found

    def _put(self, entry: tuple[int, Selector, T]) -> None:
        anchor = _anchor(entry[1])
        if anchor is None:
            self._loose.append(entry)
            return
        key, words = anchor
        rooms = self._anchored.setdefault(key, {})
        for word in words:
            rooms.setdefault(word, []).append(entry)

    def _search(self, subject: Subject) -> tuple[T, ...]:
        candidates = list(self._loose)
        for key, rooms in self._anchored.items():
            candidates += rooms.get(getattr(subject, key), [])
        matching = [entry for entry in candidates if entry[1].matches(subject)]
        return tuple(item for _, _, item in sorted(matching, key=lambda entry: entry[0]))


def _anchor(chosen: Selector) -> tuple[str, frozenset[str]] | None:
    """The key to file a selector under: one that lists nothing but exact names."""
    exact = {key: listed for key, listed in chosen.keys if listed.exact and not listed.patterns}
    for key in ANCHORS:
        if key in exact:
            return key, exact[key].exact
    return None


def reader(keys: Iterable[str]) -> attrgetter[object]:
    """Read these names of a subject; where there are none, something equal for all."""
    wanted = dict.fromkeys(keys)
    return attrgetter(*wanted) if wanted else attrgetter("__class__")
