"""Money: canonical text, exactness, and numbers nobody means."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskgate.model.money import canonical, countable, exact, grouped, text


@pytest.mark.parametrize(
    ("number", "plain"),
    [
        ("1E+2", "100"),
        ("190.00", "190"),
        ("-0", "0"),
        ("0E+9", "0"),
        ("-0.50", "-0.5"),
        ("1E+30", "1" + "0" * 30),
        ("12345678901234567890123456789.10", "12345678901234567890123456789.1"),
        ("NaN", "NaN"),
        ("Infinity", "Infinity"),
        ("1E+999999", "1E+999999"),
        ("1E-999999", "1E-999999"),
    ],
)
def test_canonical_text_has_no_exponent_and_no_trailing_zeros(number: str, plain: str) -> None:
    assert text(Decimal(number)) == plain


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**40), max_value=10**40))
def test_canonical_text_keeps_every_digit_and_equal_numbers_have_equal_text(
    number: Decimal,
) -> None:
    assert canonical(number) == number
    assert Decimal(text(number)) == number
    assert text(Decimal(f"{number:f}0" if "." in f"{number:f}" else f"{number:f}.0")) == text(
        number
    )


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_float_enters_as_the_number_that_a_person_would_read(number: float) -> None:
    assert exact(number) == Decimal(repr(number))


def test_decimals_and_whole_numbers_enter_as_they_are() -> None:
    assert exact(Decimal("1.10")).as_tuple() == Decimal("1.1").as_tuple()
    assert exact(5) == 5


@pytest.mark.parametrize(
    ("number", "counts"),
    [
        ("0", True),
        ("999999999999999.99", True),
        ("-999999999999999", True),
        ("1E+15", False),
        ("1E-30", True),
        ("1E-31", False),
        ("1E-999999", False),
        ("NaN", False),
        ("-Infinity", False),
    ],
)
def test_a_number_that_nobody_means_cannot_be_counted_with(number: str, *, counts: bool) -> None:
    assert countable(Decimal(number)) is counts


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("95000", "95,000"),
        ("95000.5", "95,000.50"),
        ("-0.5", "-0.50"),
        ("1234567.125", "1,234,567.125"),
        ("-1234", "-1,234"),
        ("NaN", "NaN"),
    ],
)
def test_people_read_thousands_and_at_least_two_decimals(number: str, shown: str) -> None:
    assert grouped(Decimal(number)) == shown
