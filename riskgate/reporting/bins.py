"""Bars of a histogram, from values and how often each came."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import ROUND_FLOOR, Decimal
from typing import Final, NamedTuple

from riskgate.model.money import ZERO

MOST: Final = 24
NICE: Final = (Decimal(1), Decimal(2), Decimal(5), Decimal(10))
FINEST: Final = Decimal("0.1")
HALF: Final = Decimal("0.5")


class Bins(NamedTuple):
    """The middle of each bar and its count, how wide one is, and how many values lie outside.

    Bars go from the 1st to the 99th percentile; what lies beyond is counted in the outermost.
    """

    middles: tuple[Decimal, ...]
    counts: tuple[Decimal, ...]
    width: Decimal
    beyond: int


def ranks(found: Mapping[Decimal, int], percents: Sequence[int]) -> list[Decimal]:
    """The values at the nearest ranks of percentages that rise: at place ceil(n x p / 100)."""
    number = sum(found.values())
    places = [max(1, -(-number * percent // 100)) for percent in percents] if number else []
    at: list[Decimal] = []
    passed = 0
    for value in sorted(found):
        passed += found[value]
        while len(at) < len(places) and passed >= places[len(at)]:
            at.append(value)
    return at


def bins(found: Mapping[Decimal, int]) -> Bins | None:
    """The bars, each as wide and placed at a multiple of its width; None of no values."""
    if not found:
        return None
    low, high = ranks(found, (1, 99))
    width = _width(high - low)
    first, last = _place(low, width), _place(high, width)
    counts = [0] * (last - first + 1)
    beyond = 0
    for value, count in found.items():
        place = _place(value, width)
        beyond += count if not first <= place <= last else 0
        counts[min(max(place, first), last) - first] += count
    middles = tuple(width * (first + number) for number in range(len(counts)))
    return Bins(middles, tuple(map(Decimal, counts)), width, beyond)


def _width(span: Decimal) -> Decimal:
    """The narrowest of 1, 2, 5 times a power of ten that needs at most MOST bars."""
    step = FINEST
    while span > ZERO:
        for nice in NICE[:-1]:
            if span / (step * nice) <= MOST - 1:
                return step * nice
        step *= NICE[-1]
    return step


def _place(value: Decimal, width: Decimal) -> int:
    """Which bar a value is in: the one whose middle is the nearest multiple of its width."""
    return int((value / width + HALF).to_integral_value(ROUND_FLOOR))
