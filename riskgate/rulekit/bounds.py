"""The only comparisons a rule may make. Each states what must hold, so doubt fails it.

Rule 1: a limit is inclusive: exactly at the limit passes.
Rule 2: NaN and infinity never pass.
"""

from __future__ import annotations

from collections.abc import Callable, Container
from decimal import Decimal
from typing import Final

import msgspec

from riskgate.model.decision import Amount, amount


class Seen(msgspec.Struct, frozen=True):
    """A measurement that is not a number: what was observed, and whether that is as it must be."""

    observed: str
    passes: bool


Measured = Decimal | str | Seen | None
Bound = Callable[[object, object], bool]


def at_most(observed: Decimal, limit: Decimal) -> bool:
    """Pass if `observed <= limit`; a NaN is not."""
    return observed.is_finite() and observed <= limit


def at_least(observed: Decimal, limit: Decimal) -> bool:
    """Pass if `observed >= limit`; a NaN is not."""
    return observed.is_finite() and observed >= limit


def is_in(observed: str, allowed: Container[str]) -> bool:
    """Pass if `observed` is one of `allowed`."""
    return observed in allowed


def holds(observed: Seen, limit: object) -> bool:  # noqa: ARG001  # one shape for all bounds
    """Pass if the measurement itself says so."""
    return observed.passes is True


def shown(observed: Measured) -> Amount:
    """The part of a measurement that people read."""
    return amount(observed.observed if isinstance(observed, Seen) else observed)


HIGHER: Final = "higher"
LOWER: Final = "lower"
