"""Differences as lines: colours by what they may do, and no line too wide."""

from __future__ import annotations

import pytest

from riskgate.policy.diffing.difference import Difference, Differences, going
from riskgate.policy.diffing.values import Way
from riskgate.reporters import formats, reporter
from riskgate.reporters.difference_lines import lines_of

BARE = Difference(subject="p/r", what="max", who="every order", old="1", new="2")


@pytest.mark.parametrize(
    ("way", "first"),
    [
        (Way.ALLOWS, "\x1b[1;31mLOOSENED\x1b[0m  p/r: max 1 -> 2"),
        (Way.STOPS, "\x1b[1;32mTIGHTENED\x1b[0m  p/r: max 1 -> 2"),
        (Way.BOTH, "\x1b[1;31mCHANGED\x1b[0m  p/r: max 1 -> 2"),
        (Way.NONE, "\x1b[1;33mCHANGED\x1b[0m  p/r: max 1 -> 2"),
    ],
)
def test_the_colour_is_by_what_it_may_do(way: Way, first: str) -> None:
    assert lines_of(going(way, BARE), color=True)[0] == first


def test_what_is_not_known_is_left_out() -> None:
    assert lines_of(going(Way.STOPS, BARE)) == [
        "TIGHTENED  p/r: max 1 -> 2",
        "    for: every order",
    ]


@pytest.mark.parametrize("name", formats("differences"))
def test_every_format_says_that_nothing_differs(name: str) -> None:
    assert "no difference in meaning" in reporter(name).differences(Differences(()))


def test_these_formats_write_differences() -> None:
    assert formats("differences") == ["text", "github", "json", "markdown"]


def test_the_summary_counts_labels_and_what_may_let_through() -> None:
    found = tuple(going(way, BARE) for way in (Way.ALLOWS, Way.BOTH, Way.STOPS, Way.STOPS))
    assert Differences(found).summary == (
        "4 differences: 1 loosened, 1 changed, 2 tightened; 2 may let through what was stopped"
    )
    assert Differences(found[2:3]).summary == "1 difference: 1 tightened; none lets more through"
