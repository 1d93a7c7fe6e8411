"""Money, prices and quantities: `Decimal` in, canonical decimal text out, never binary float.

Rule 1: a float enters only through `exact`, as the number a person would read (`repr`).
Rule 2: canonical text has no exponent, no trailing zero and no negative zero, so equal numbers
have equal text, and hashes over text agree.
"""

from __future__ import annotations

from decimal import (
    ROUND_HALF_EVEN,
    Context,
    Decimal,
    DivisionByZero,
    InvalidOperation,
    Overflow,
)
from typing import Final

# What a gate counts with, whatever the program around it has set for its own threads.
COUNTED: Final = Context(
    prec=28,
    rounding=ROUND_HALF_EVEN,
    Emin=-999_999,
    Emax=999_999,
    capitals=1,
    clamp=0,
    traps=[DivisionByZero, InvalidOperation, Overflow],
)
ZERO: Final = Decimal(0)
ONE: Final = Decimal(1)
HUNDRED: Final = Decimal(100)
BASIS_POINTS: Final = Decimal(10_000)  # of the whole
MOST_WHOLE_DIGITS: Final = 15  # leaves room for decimals in the 28 digits `Decimal` counts with
MOST_DECIMALS: Final = 30  # a float that means a price has fewer
LONGEST: Final = 400  # more digits than any float has before or after its point


def canonical(number: Decimal) -> Decimal:
    """The same number with no exponent and no trailing zeros, to the last digit.

    What is not finite, or far beyond anything that is `countable`, is left alone.
    """
    if not number.is_finite():
        return number
    if not number:
        return ZERO
    if abs(number.adjusted()) > LONGEST:
        return number
    plain = format(number, "f")
    return Decimal(plain.rstrip("0").rstrip(".") if "." in plain else plain)


def countable(number: Decimal) -> bool:
    """Whether a number is finite, and of a size that can be counted with."""
    if not number.is_finite():
        return False
    whole = number.adjusted()
    if whole < MOST_WHOLE_DIGITS and len(str(number)) - whole <= MOST_DECIMALS:
        return True  # fewer digits are written than there may be decimals
    places = canonical(number).as_tuple().exponent
    return (
        number.adjusted() < MOST_WHOLE_DIGITS
        and isinstance(places, int)
        and -places <= MOST_DECIMALS
    )


def text(number: Decimal) -> str:
    """Canonical decimal text: `1E+2` is `100`, `190.00` is `190`."""
    written = str(number)
    if written.replace(".", "", 1).isdigit():  # as nearly every amount is: no sign, no exponent
        return written.rstrip("0").rstrip(".") if "." in written else written
    plain = canonical(number)
    return str(plain) if abs(plain.adjusted()) > LONGEST else format(plain, "f")


def exact(number: float | Decimal) -> Decimal:
    """A number from outside as `Decimal`; a float becomes the decimal that `repr` shows."""
    if isinstance(number, Decimal):
        return canonical(number)
    return canonical(Decimal(repr(float(number)) if isinstance(number, float) else number))


def grouped(number: Decimal) -> str:
    """Text for people: thousands separators, at least two decimals if there are any."""
    if not number.is_finite():
        return str(number)
    whole, _, fraction = text(number).partition(".")
    return _with_fraction(whole, fraction) if fraction else f"{int(whole):,}"


def _with_fraction(whole: str, fraction: str) -> str:
    sign = "-" if whole.startswith("-") else ""
    return f"{sign}{abs(int(whole)):,}.{fraction.ljust(2, '0')}"
