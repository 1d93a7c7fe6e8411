"""What `--fail-on` picks, and how differences are summed up."""

from __future__ import annotations

import pytest

from riskgate.policy.diffing.difference import Difference, Differences, Label, going
from riskgate.policy.diffing.values import Way

FOUND = Differences(
    tuple(
        going(way, Difference(label=label, subject=name, what="", who=""))
        for name, label, way in (
            ("up", Label.CHANGED, Way.ALLOWS),
            ("down", Label.CHANGED, Way.STOPS),
            ("gone", Label.REMOVED, Way.ALLOWS),
            ("both", Label.CHANGED, Way.BOTH),
            ("neither", Label.CHANGED, Way.NONE),
        )
    )
)


@pytest.mark.parametrize(
    ("wanted", "names"),
    [
        ((), ""),
        (("any",), "up down gone both neither"),
        (("loosened",), "up gone both"),
        (("tightened",), "down both"),
        (("changed",), "both neither"),
        (("removed", "tightened"), "down gone both"),
    ],
)
def test_a_difference_goes_by_its_label_and_by_what_it_may_do(
    wanted: tuple[str, ...], names: str
) -> None:
    assert " ".join(item.subject for item in FOUND.matching(wanted)) == names


def test_a_summary_counts_each_label() -> None:
    assert FOUND.summary == (
        "5 differences: 1 loosened, 1 removed, 2 changed, 1 tightened;"
        " 3 may let through what was stopped"
    )
    assert Differences(FOUND.found[1:2]).summary == (
        "1 difference: 1 tightened; none lets more through"
    )
    assert Differences(()).summary == "no difference in meaning"
