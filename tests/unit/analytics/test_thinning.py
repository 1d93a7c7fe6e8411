"""A long series kept in a few points."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from hypothesis import given
from hypothesis import strategies as st

from riskgate.analytics.thinning import Thinned

NOON = datetime(2026, 3, 2, 17, 0, tzinfo=UTC)


class Point(NamedTuple):
    at: datetime
    height: Decimal


def point(seconds: int, height: int) -> Point:
    return Point(NOON + timedelta(seconds=seconds), Decimal(height))


def thinned(points: list[Point], most: int) -> tuple[Point, ...]:
    found: Thinned[Point] = Thinned(most, lambda p: p.at, lambda p: p.height)
    for one in points:
        found.add(one)
    return found.points()


POINTS = st.lists(st.builds(point, st.integers(-(10**9), 10**9), st.integers(-5, 5)), max_size=60)


def test_few_points_are_all_kept() -> None:
    points = [point(0, 1), point(1, 3), point(2, 2)]
    assert thinned(points, 3) == tuple(points)


def test_of_each_stretch_the_highest_is_kept_and_of_equals_the_earliest() -> None:
    # noon is an even second since the beginning of time, so that 0 and 1 share a stretch of two
    points = [point(0, 1), point(1, 3), point(2, 2), point(3, 2)]
    assert thinned(points, 2) == (points[1], points[2])


@given(POINTS, st.integers(1, 8), st.randoms())
def test_it_is_bounded_keeps_the_peak_and_does_not_depend_on_the_order(
    points: list[Point], most: int, chance: random.Random
) -> None:
    kept = thinned(points, most)
    assert len(kept) <= most
    assert set(kept) <= set(points)
    if points:
        peak = max(points, key=lambda one: (one.height, NOON - one.at))
        assert peak in kept
    shuffled = list(points)
    chance.shuffle(shuffled)
    assert thinned(shuffled, most) == kept
