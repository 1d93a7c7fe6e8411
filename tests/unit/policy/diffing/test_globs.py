"""Patterns: for every combination that some name matches there is a witness."""

from __future__ import annotations

from collections.abc import Iterable
from fnmatch import fnmatchcase
from itertools import product

import pytest

from riskgate.policy.diffing.globs import TooTangledError, witnesses


def combinations(patterns: list[str], names: Iterable[str]) -> set[tuple[bool, ...]]:
    return {tuple(fnmatchcase(name, pattern) for pattern in patterns) for name in names}


@pytest.mark.parametrize(
    "patterns",
    [
        [],
        ["*"],
        ["?"],
        ["A*"],
        ["A*", "*B"],
        ["A*", "A?*"],
        ["A?", "?B", "AB*"],
        ["*A*", "*B*"],
        ["A**", "A*"],
        ["?*", "*?", "??"],
    ],
)
def test_the_witnesses_match_in_every_combination_that_any_short_name_does(
    patterns: list[str],
) -> None:
    short = ("".join(letters) for size in range(6) for letters in product("ABx", repeat=size))
    assert combinations(patterns, witnesses(patterns)) == combinations(patterns, short)


@pytest.mark.slow
def test_patterns_without_end_are_refused_and_do_not_hang() -> None:
    patterns = [f"*{letter}?????{letter}*" for letter in "ABCDEFGHIJ"]
    with pytest.raises(TooTangledError):
        list(witnesses(patterns))
