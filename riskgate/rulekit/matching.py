"""How lists of names match: exact words, `*` and `?`, and a leading `!` that excludes.

Rule 1: items of a list combine with OR, then any negated item that matches excludes.
Rule 2: a list of only negated items matches everything else.
Rule 3: names are compared in upper case, except those of strategies, accounts and tags.
"""

from __future__ import annotations

import re
from fnmatch import translate

import msgspec


class Names(msgspec.Struct, frozen=True):
    """A list of names, sorted out by how they match."""

    exact: frozenset[str] = frozenset()
    patterns: tuple[str, ...] = ()
    barred: frozenset[str] = frozenset()
    barred_patterns: tuple[str, ...] = ()

    def __contains__(self, name: object) -> bool:
        if not isinstance(name, str) or not (name in self.exact or self._takes(name)):
            return False
        return not (self.barred or self.barred_patterns) or not self._bars(name)

    def _takes(self, name: str) -> bool:
        """Whether a name is wanted that is not listed as it is."""
        return _any_matches(self.patterns, name) if self.patterns else not self.exact

    def _bars(self, name: str) -> bool:
        return name in self.barred or _any_matches(self.barred_patterns, name)

    def __str__(self) -> str:
        barred = (f"!{name}" for name in (*sorted(self.barred), *self.barred_patterns))
        return ", ".join((*sorted(self.exact), *self.patterns, *barred))


def names(items: tuple[str, ...]) -> Names:
    """Sort a list of items, `!` and wildcards included, into what they match."""
    wanted = [item for item in items if not item.startswith("!")]
    barred = [item[1:] for item in items if item.startswith("!")]
    return Names(
        frozenset(item for item in wanted if not is_pattern(item)),
        tuple(item for item in wanted if is_pattern(item)),
        frozenset(item for item in barred if not is_pattern(item)),
        tuple(item for item in barred if is_pattern(item)),
    )


def is_pattern(item: str) -> bool:
    """Whether an item holds `*` or `?`."""
    return "*" in item or "?" in item


def _any_matches(patterns: tuple[str, ...], name: str) -> bool:
    return any(_pattern(pattern).fullmatch(name) is not None for pattern in patterns)


_COMPILED: dict[str, re.Pattern[str]] = {}


def _pattern(text: str) -> re.Pattern[str]:
    """The compiled shell-style pattern; only `*` and `?` are special."""
    if text not in _COMPILED:
        _COMPILED[text] = re.compile(translate(text.replace("[", "[[]")))
    return _COMPILED[text]
