"""The only comparisons: inclusive, and doubt fails them."""

from __future__ import annotations

from decimal import Decimal

import pytest

from riskgate.rulekit.bounds import Seen, at_least, at_most, holds, is_in, shown

ONE = Decimal(1)


def test_a_limit_is_inclusive() -> None:
    assert at_most(ONE, ONE)
    assert at_least(ONE, ONE)
    assert not at_most(Decimal("1.01"), ONE)
    assert not at_least(Decimal("0.99"), ONE)


@pytest.mark.parametrize("doubt", ["NaN", "Infinity", "-Infinity"])
def test_what_is_not_finite_never_passes(doubt: str) -> None:
    assert not at_most(Decimal(doubt), ONE)
    assert not at_least(Decimal(doubt), ONE)


def test_membership_and_conditions() -> None:
    assert is_in("a", {"a"})
    assert not is_in("b", {"a"})
    assert holds(Seen("x", passes=True), None)
    assert not holds(Seen("x", passes=1), None)  # type: ignore[arg-type]  # only true is true


def test_what_people_read_of_a_measurement() -> None:
    assert shown(ONE) == ONE
    assert shown("AAPL") == ("AAPL",)
    assert shown(Seen("regular", passes=False)) == ("regular",)
    assert shown(None) is None
