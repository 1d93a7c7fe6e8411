"""What the legs of a combo trade at, and what they cost. Pure.

Rule 1: the legs' prices, each times its ratio, add up to the combo's price.
Rule 2: each leg trades at its own market; what is missing is put where it fits the ticks.
Rule 3: a commission has its minimum per order, whatever the legs and executions are.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

import msgspec

from riskgate.simulator.amounts import ZERO


class Leg(msgspec.Struct, frozen=True):
    """One leg: how much of it for one combo (negative is sold), its market price and its tick."""

    con_id: int
    ratio: Decimal
    price: Decimal
    tick: Decimal = Decimal("0.01")


def leg_prices(legs: Sequence[Leg], net: Decimal) -> list[Decimal]:
    """The legs' prices, so that they add up to the combo's.

    Where no price on the ticks does, the first leg's is off them, and rounded.
    """
    prices = [leg.price for leg in legs]
    missing = net - sum((leg.ratio * leg.price for leg in legs), ZERO)
    if not legs or not missing:
        return prices
    for leg, more in _moved(legs, missing):
        prices[leg] += more
    return prices


def _moved(legs: Sequence[Leg], missing: Decimal) -> list[tuple[int, Decimal]]:
    """How far each of at most two legs is moved: the fewest ticks of the second one."""
    for first, leg in enumerate(legs):
        if not missing % (leg.ratio * leg.tick):
            return [(first, missing / leg.ratio)]
    for first, second, ticks in _tries(legs):
        left = missing - legs[second].ratio * legs[second].tick * ticks
        if not left % (legs[first].ratio * legs[first].tick):
            return [(first, left / legs[first].ratio), (second, legs[second].tick * ticks)]
    return [(0, round(missing / legs[0].ratio, 8))]


def _tries(legs: Sequence[Leg]) -> Iterator[tuple[int, int, int]]:
    for first, one in enumerate(legs):
        for second in range(len(legs)):
            if second != first:
                for ticks in range(1, int(abs(one.ratio))):
                    yield first, second, ticks
                    yield first, second, -ticks


def charged(per_unit: Decimal, minimum: Decimal, before: Decimal) -> Decimal:
    """What is to be paid more of an order whose fills come to `per_unit`, `before` of it paid."""
    return max(per_unit, minimum, before) - before
