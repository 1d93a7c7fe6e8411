"""Bars of a histogram: where they stand, that they hold everything, and ranks by hand."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskgate.reporting.bins import MOST, bins, ranks

VALUES = st.dictionaries(
    st.decimals(-100_000, 100_000, places=1), st.integers(1, 50), min_size=1, max_size=60
)


def counted(*values: str) -> dict[Decimal, int]:
    found: dict[Decimal, int] = {}
    for value in values:
        found[Decimal(value)] = found.get(Decimal(value), 0) + 1
    return found


@pytest.mark.parametrize(
    ("percent", "expected"),
    # Five values in order: 1 1 2 3 9. Places: ceil(5 x p / 100), the first at least.
    [(0, "1"), (20, "1"), (40, "1"), (41, "2"), (50, "2"), (80, "3"), (81, "9"), (100, "9")],
)
def test_a_rank_is_the_value_at_its_place(percent: int, expected: str) -> None:
    assert ranks(counted("3", "1", "9", "1", "2"), (percent,)) == [Decimal(expected)]


def test_of_nothing_there_are_no_ranks_and_no_bars() -> None:
    assert ranks({}, (50, 99)) == []
    assert bins({}) is None


def test_one_value_has_one_bar_in_its_middle() -> None:
    found = bins(counted("0.5", "0.5"))
    assert found is not None
    assert found.middles == (Decimal("0.5"),)
    assert list(map(int, found.counts)) == [2]
    assert found.width == Decimal("0.1")
    assert found.beyond == 0


def test_bars_are_as_wide_as_a_round_number() -> None:
    # From -10 to 30 are 40: in 24 bars at most, so each 2 wide; -10, -8, ... 30 are 21 bars.
    found = bins(counted("-10", "0", "0.9", "1", "30"))
    assert found is not None
    assert found.width == 2
    assert found.middles == tuple(Decimal(n) for n in range(-10, 31, 2))
    # The bar of 0 goes from -1 to just below 1.
    counts = dict(zip(found.middles, found.counts, strict=True))
    assert [int(counts[Decimal(n)]) for n in (0, 2)] == [2, 1]


def test_what_lies_far_out_is_counted_in_the_outermost_bar_and_told() -> None:
    found = bins({Decimal(0): 500, Decimal(1): 500, Decimal(10_000): 1, Decimal(-9_000): 1})
    assert found is not None
    assert found.beyond == 2
    assert [int(found.counts[n]) for n in (0, -1)] == [501, 501]


@given(VALUES)
def test_bars_hold_every_value_once_and_are_few(values: dict[Decimal, int]) -> None:
    found = bins(values)
    assert found is not None
    assert sum(found.counts) == sum(values.values())
    assert len(found.middles) <= MOST + 1


@given(VALUES, st.integers(1, 100))
def test_a_rank_has_as_many_at_or_below_it_as_it_says(
    values: dict[Decimal, int], percent: int
) -> None:
    (found,) = ranks(values, (percent,))
    number = sum(values.values())
    assert sum(count for value, count in values.items() if value <= found) * 100 >= number * percent
    assert sum(count for value, count in values.items() if value < found) * 100 < number * percent
