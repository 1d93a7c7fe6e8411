"""What a selector asks of each key: its lists, and the names that pass them all, where few do.

Rule 1: selectors are compared in two ways, and both begin here. `lint.scopes` holds thousands of
pairs together, so it looks at how patterns are written and says yes only where that is enough.
`diffing.regions` holds few together and may not miss a thing, so it follows every pattern letter
by letter, which takes a thousand times as long where there are many.
"""

from __future__ import annotations

from typing import Final

from riskgate.policy import compiler
from riskgate.policy.selectors import Selector
from riskgate.rulekit.matching import Names

CLOSED: Final = compiler.CLOSED
Lists = tuple[Names, ...]


def lists_of(*selectors: Selector) -> dict[str, Lists]:
    """The lists that selectors together hold an order's names against, by key, each once."""
    found: dict[str, Lists] = {}
    for selector in selectors:
        for key, listed in selector.keys:
            if listed not in found.get(key, ()):
                found[key] = (*found.get(key, ()), listed)
    return found


def only_names(lists: Lists, key: str) -> frozenset[str] | None:
    """The names of a key that all its lists admit; None where there is no end of them."""
    if key in CLOSED:
        return frozenset(word for word in CLOSED[key] if all(word in names for names in lists))
    finite = [names.exact for names in lists if names.exact and not names.patterns]
    if not finite:
        return None
    return frozenset(name for name in finite[0] if all(name in names for names in lists))
