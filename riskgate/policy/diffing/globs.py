"""Which combinations of patterns some name can match: names stand for all that patterns say.

Rule 1: what is left of a pattern after each letter is followed for all patterns together, so two
lists that mean the same are found equal however they are written.
Rule 2: a search that grows too large ends with `TooTangledError`; whoever asked has to doubt.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from typing import Final

MOST_STATES: Final = 4_000
# A letter that nobody writes stands for every letter that no pattern names.
UNWRITTEN: Final = "\ue000"
Rest = frozenset[str]


class TooTangledError(Exception):
    """There is more to compare than is reasonable to try."""


def witnesses(patterns: Iterable[str]) -> Iterator[str]:
    """Names of which one matches as any name does; where it can be, one that nobody has written."""
    listed = tuple(sorted(set(patterns)))
    letters = sorted({letter for pattern in listed for letter in pattern} - {"*", "?"})
    start = tuple(_open(frozenset({pattern})) for pattern in listed)
    waiting = deque([("", start)])
    seen = {(False, start)}
    told: set[tuple[bool, tuple[bool, ...]]] = set()
    while waiting:
        name, rests = waiting.popleft()
        verdict = (UNWRITTEN in name, tuple("" in rest for rest in rests))
        if verdict not in told:
            told.add(verdict)
            yield name
        for letter in (*letters, UNWRITTEN):
            state = tuple(_after(rest, letter) for rest in rests)
            mark = (UNWRITTEN in name or letter == UNWRITTEN, state)
            if mark not in seen:
                seen.add(mark)
                waiting.append((name + letter, state))
        if len(seen) > MOST_STATES:
            raise TooTangledError


def _after(rest: Rest, letter: str) -> Rest:
    """What is left of a pattern to match once a letter has been read."""
    left = {
        item if item[0] == "*" else item[1:]
        for item in rest
        if item and item[0] in ("*", "?", letter)
    }
    return _open(frozenset(left))


def _open(rest: Rest) -> Rest:
    """A `*` may also stand for nothing."""
    found = set(rest)
    for item in rest:
        shorter = item
        while shorter.startswith("*"):
            shorter = shorter[1:]
            found.add(shorter)
    return frozenset(found)
