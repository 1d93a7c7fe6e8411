"""Numbers at the library's edge: `Decimal` to float and back, exactly or not at all.

Rule 1: a float stands for the decimal that `repr` shows; what does not come back is refused.
Rule 2: IB's unset values are None, never numbers.
"""

from __future__ import annotations

import math
from decimal import Decimal, InvalidOperation
from typing import Final

from riskgate.errors import OrderError
from riskgate.model.money import canonical, exact

UNSET: Final = frozenset({1.7976931348623157e308, 2147483647.0, 9223372036854775807.0})


def carries(number: Decimal) -> bool:
    """Whether the library's float shows the number as it is, without an exponent."""
    shown = repr(float(number))
    return "e" not in shown and Decimal(shown) == number


def outgoing(number: Decimal) -> float:
    """A number for the library: a whole one as int, so that it is written as people do.

    Raise OrderError if the library cannot carry it.
    """
    if not number.is_finite() or not carries(number):
        text = f"`{number}` cannot be written exactly to the broker"
        raise OrderError(text, (("BAD_PRICE", text),))
    return int(number) if number == number.to_integral_value() else float(number)


def incoming(number: float | Decimal | str | None) -> Decimal | None:
    """A number of the broker's, or None if it is unset or none at all."""
    if number is None or number == "":
        return None
    if isinstance(number, float):
        return None if not math.isfinite(number) or number in UNSET else exact(number)
    try:
        value = canonical(Decimal(number))
    except InvalidOperation:
        return None
    return value if value.is_finite() and float(value) not in UNSET else None
