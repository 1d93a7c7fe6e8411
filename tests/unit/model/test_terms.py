"""Faults of an order object that nobody has read from a line."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskgate.model.order import Order, OrderType, Side, Tif
from riskgate.model.sound import fits_plainly, plainly_sound
from riskgate.model.terms import faults_of, well_typed

GOOD: dict[str, Any] = {
    "side": Side.BUY,
    "quantity": Decimal(100),
    "symbol": "AAPL",
    "order_type": OrderType.LMT,
    "limit_price": Decimal(190),
}
ODD: dict[str, list[Any]] = {
    "quantity": [*map(Decimal, ("0", "-6", "NaN", "Infinity", "2147483648", "0.5", "1E+300"))],
    "limit_price": [None, True, 190, *map(Decimal, ("NaN", "-Infinity", "1E+20", "-1"))],
    "stop_price": [Decimal(1), "1"],
    "trail_amount": [Decimal(1), Decimal(0)],
    "limit_offset": [Decimal(-1)],
    "order_type": [*OrderType, "LMT"],
    "tif": [*Tif, "DAY", None],
    "good_till": [datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 1), "soon"],  # noqa: DTZ001
    "symbol": ["", "a b", "\u00df", "X" * 129, 5, " A"],
    "strategy": ["", "x", "x y", 'x"y', b"x"],
    "sec_type": ["STK", "XXX", "FUT"],
    "expiry": [date(2026, 1, 1), datetime(2026, 1, 1, tzinfo=UTC), "2026-01-01"],
    "strike": [Decimal(1), Decimal(-1), 1],
    "right": ["C", "X"],
    "outside_rth": [True, "yes", 1],
    "intent": [Decimal(1), Decimal(-1), Decimal("NaN")],
    "tag": ["t", []],
}


def an_order(**changes: Any) -> Order:  # noqa: ANN401  # wrong types are the point
    return Order(**{**GOOD, **changes})


@pytest.mark.parametrize(
    ("changes", "codes"),
    [
        ({}, []),
        ({"quantity": 100}, ["BAD_QUANTITY"]),
        ({"quantity": True}, ["BAD_QUANTITY"]),
        ({"quantity": "100"}, ["BAD_QUANTITY"]),
        ({"quantity": Decimal("NaN")}, ["BAD_QUANTITY"]),
        ({"quantity": Decimal("Infinity")}, ["BAD_QUANTITY"]),
        ({"quantity": Decimal(-6)}, ["BAD_QUANTITY"]),
        ({"quantity": Decimal(2**31)}, ["BAD_QUANTITY"]),
        ({"quantity": Decimal(2**31 - 1)}, []),
        ({"quantity": Decimal("0." + "1" * 31)}, ["BAD_QUANTITY"]),
        ({"side": "LONG"}, ["BAD_ORDER"]),
        ({"order_type": "PEG"}, ["BAD_ORDER"]),
        ({"tif": "NOW"}, ["BAD_TIF"]),
        ({"limit_price": 190.0}, ["BAD_PRICE"]),
        ({"limit_price": Decimal("NaN")}, ["BAD_PRICE"]),
        ({"limit_price": Decimal("1E+16")}, ["BAD_PRICE"]),
        ({"trail_amount": Decimal(1)}, ["BAD_PRICE"]),
        ({"good_till": datetime(2026, 1, 1, tzinfo=UTC)}, ["BAD_TIF"]),
        ({"tif": Tif.GTD, "good_till": datetime(2026, 1, 1)}, ["BAD_TIF"]),  # noqa: DTZ001
        ({"tif": Tif.GTD, "good_till": "soon"}, ["BAD_TIF"]),
        ({"expiry": datetime(2026, 1, 1, tzinfo=UTC)}, ["BAD_ORDER"]),
        ({"outside_rth": 1}, ["BAD_ORDER"]),
        ({"symbol": ""}, ["BAD_ORDER"]),
        ({"symbol": 5}, ["BAD_ORDER"]),
        ({"tag": "caf\u00e9"}, ["BAD_ORDER"]),
        ({"strategy": ""}, ["BAD_ORDER"]),
        ({"multiplier": Decimal(0)}, ["BAD_ORDER"]),
        ({"quantity": Decimal(0), "limit_price": None}, ["BAD_QUANTITY", "BAD_PRICE"]),
        (
            {"order_type": OrderType.TRAIL, "limit_price": None, "trail_amount": Decimal(1)},
            [],
        ),
        (
            {
                "order_type": OrderType.TRAIL,
                "limit_price": None,
                "trail_amount": Decimal(1),
                "trail_percent": Decimal(1),
            },
            ["BAD_PRICE"],
        ),
    ],
)
def test_every_fault_of_an_order_has_its_code(changes: dict[str, Any], codes: list[str]) -> None:
    assert [fault.code for fault in faults_of(an_order(**changes))] == codes


def test_an_order_with_a_value_of_a_wrong_type_cannot_be_judged_further() -> None:
    assert not well_typed(an_order(quantity=100))
    assert well_typed(an_order(quantity=Decimal(-100)))


@settings(max_examples=500, derandomize=True)
@given(st.fixed_dictionaries({}, optional={n: st.sampled_from(v) for n, v in ODD.items()}))
def test_what_looks_sound_at_a_glance_has_no_fault(changes: dict[str, Any]) -> None:
    order = an_order(**changes)
    if plainly_sound(order):
        assert faults_of(order) == ()


def test_most_orders_look_sound_at_a_glance() -> None:
    assert plainly_sound(an_order())
    assert plainly_sound(an_order(order_type=OrderType.MKT, limit_price=None, account="DU1"))


def test_a_price_fits_plainly_on_its_step_and_above_zero() -> None:
    step = Decimal("0.05")
    assert fits_plainly(None, step)
    assert fits_plainly(Decimal("190.05"), step)
    assert not any(fits_plainly(Decimal(p), step) for p in ("190.01", "0", "-0.05"))
    assert not fits_plainly(Decimal(1), Decimal(0))


def test_a_time_whose_offset_has_seconds_cannot_be_recorded_and_is_refused() -> None:
    odd = datetime(2026, 3, 5, 16, tzinfo=timezone(timedelta(hours=5, minutes=30, seconds=15)))
    order = msgspec.structs.replace(
        Order.parse("BUY 1 AAPL LMT 190 GTD 2026-03-05T16:00:00-05:00"), good_till=odd
    )
    assert [fault.code for fault in faults_of(order)] == ["BAD_TIF"]
