from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskgate.brokers.ib.numbers import carries, incoming, outgoing
from riskgate.errors import OrderError

PRICES = st.decimals(min_value=-1_000_000, max_value=1_000_000, places=5)


@given(PRICES)
def test_what_goes_out_comes_back_as_the_same_number(number: Decimal) -> None:
    if carries(number):
        assert incoming(float(outgoing(number))) == number


@given(st.decimals(min_value="0.01", max_value=100_000, places=2))
def test_every_price_in_cents_can_go_out(price: Decimal) -> None:
    assert carries(price)


@pytest.mark.parametrize(
    "number",
    ["0.1234567890123456789", "1E+17", "0.00000000001", "Infinity", "NaN"],
)
def test_what_a_float_cannot_show_is_refused(number: str) -> None:
    with pytest.raises(OrderError, match="cannot be written exactly"):
        outgoing(Decimal(number))


def test_a_whole_number_goes_out_as_people_write_it() -> None:
    assert str(outgoing(Decimal("100.00"))) == "100"
    assert str(outgoing(Decimal("190.10"))) == "190.1"


@pytest.mark.parametrize(
    "unset",
    [
        1.7976931348623157e308,
        "1.7976931348623157E308",
        2147483647.0,
        "2147483647",
        "9223372036854775807",
        float("nan"),
        float("inf"),
        "",
        "abc",
        None,
    ],
)
def test_an_unset_value_is_no_number(unset: float | str | None) -> None:
    assert incoming(unset) is None


def test_zero_and_minus_one_are_numbers() -> None:
    assert incoming(0.0) == Decimal(0)
    assert incoming("-1.0") == Decimal(-1)
