"""The only comparisons a rule may make. Each states what must hold, so doubt fails it.

Rule 1: a limit is inclusive: exactly at the limit passes.
Rule 2: NaN and infinity never pass.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Sequence
from decimal import Decimal
from typing import Any, Final

import msgspec

from riskgate.model.decision import Amount, amount


class Seen(msgspec.Struct, frozen=True):
    """A measurement that a number alone does not say: what was observed, and whether that is right.

    `text` is what people need beside it.
    """

    observed: str | Decimal
    passes: bool
    text: str = ""


Measured = Decimal | str | Seen | None
Bound = Callable[[object, object], bool]


BEYOND: Final = Decimal("Infinity")  # a share of nothing: by rule 2 it is within no limit


def at_most(observed: Decimal, limit: Decimal) -> bool:
    """Pass if `observed <= limit`; a NaN is not."""
    return observed.is_finite() and observed <= limit


def at_least(observed: Decimal, limit: Decimal) -> bool:
    """Pass if `observed >= limit`; a NaN is not."""
    return observed.is_finite() and observed >= limit


def within(observed: Seen, limit: Decimal) -> bool:
    """Pass if a number is at most the limit, and nothing beside it speaks against it."""
    number = observed.observed
    return isinstance(number, Decimal) and observed.passes is True and at_most(number, limit)


def is_in(observed: str, allowed: Container[str]) -> bool:
    """Pass if `observed` is one of `allowed`."""
    return observed in allowed


def holds(observed: Seen, limit: object) -> bool:  # noqa: ARG001  # one shape for all bounds
    """Pass if the measurement itself says so."""
    return observed.passes is True


def shown(observed: Measured) -> Amount:
    """The part of a measurement that people read."""
    return amount(observed.observed if isinstance(observed, Seen) else observed)


def said(observed: object) -> str:
    """What people need beside a measurement."""
    return observed.text if isinstance(observed, Seen) else ""


# Which way a value is tighter: a number, a time or a flag by its size, a list by what it holds.
HIGHER: Final = "higher"
LOWER: Final = "lower"
MORE: Final = "more"
FEWER: Final = "fewer"


def binding(values: Sequence[Any], tighter: str | None) -> tuple[int, ...]:
    """Which of several values of one limit bind: the tightest, or all where none is tighter.

    A value of several parts has no size of its own, and of two lists neither is tighter.
    """
    sized = tighter in (HIGHER, LOWER) and not any(isinstance(item, tuple) for item in values)
    if not sized:
        return tuple(range(len(values)))
    return (values.index(max(values) if tighter == HIGHER else min(values)),)
