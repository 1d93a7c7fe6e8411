"""The only comparisons: inclusive, and doubt fails them."""

from __future__ import annotations

from decimal import Decimal

import pytest

from riskgate.rulekit.bounds import (
    Seen,
    at_least,
    at_most,
    binding,
    holds,
    is_in,
    said,
    shown,
    within,
)

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


def test_a_number_within_its_limit_may_still_be_spoken_against() -> None:
    assert within(Seen(ONE, passes=True), ONE)
    assert not within(Seen(ONE, passes=False), ONE)
    assert not within(Seen(Decimal("1.01"), passes=True), ONE)
    assert not within(Seen(Decimal("NaN"), passes=True), ONE)
    assert not within(Seen("one", passes=True), ONE)
    assert shown(Seen(ONE, passes=True, text="remark")) == ONE
    assert (said(Seen(ONE, passes=True, text="remark")), said(ONE)) == ("remark", "")


def test_what_people_read_of_a_measurement() -> None:
    assert shown(ONE) == ONE
    assert shown("AAPL") == ("AAPL",)
    assert shown(Seen("regular", passes=False)) == ("regular",)
    assert shown(None) is None


@pytest.mark.parametrize(
    ("tighter", "values", "places"),
    [
        ("lower", [3, 1, 2], (1,)),
        ("higher", [3, 1, 3], (0,)),
        ("fewer", ["a", "b"], (0, 1)),
        (None, [3, 1], (0, 1)),
        ("higher", [(1, 10), (2, 0)], (0, 1)),
    ],
)
def test_the_tightest_of_several_values_binds_and_else_all(
    tighter: str | None, values: list[object], places: tuple[int, ...]
) -> None:
    assert binding(values, tighter) == places
