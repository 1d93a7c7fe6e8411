from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskgate.model.instructions import Algo, Instructions, Leg
from riskgate.model.order import Order, OrderType, Side, Tif
from riskgate.model.sound import LONGEST_TEXT, MOST_UNITS, fits_plainly, plainly_sound
from riskgate.model.terms import listed

PLAIN = Order(
    side=Side.BUY,
    quantity=Decimal(100),
    symbol="AAPL",
    order_type=OrderType.LMT,
    limit_price=Decimal("190.00"),
    strategy="momo",
    account="DU1",
)
ODD: list[Any] = [
    *(None, "", " ", "A", "a b", 'a"b', "é", "a\n", "A" * LONGEST_TEXT, "A" * (LONGEST_TEXT + 1)),
    *(0, 1, -1, 1.5, True, False, b"A", [], {}, object(), "BUY", "LMT", "DAY", "STK", "FUT", "XXX"),
    *(Side.SELL, OrderType.MKT, OrderType.STP, OrderType.TRAIL, Tif.GTD, Tif.IOC),
    *(Decimal(0), Decimal(1), Decimal(-1), Decimal("0.005"), Decimal("1E+2"), Decimal("1E-40")),
    *(Decimal("NaN"), Decimal("sNaN"), Decimal("Infinity"), Decimal("1E+400"), MOST_UNITS),
    *(MOST_UNITS + 1, Decimal("0E-50"), Decimal("1." + "0" * 60), Decimal("0." + "1" * 31)),
    *(Algo("Vwap"), (Leg("BUY", 1, "AAPL"),), (), Instructions(hidden=True), "BAG", "OVERNIGHT"),
    *(Instructions(hidden=0), Tif.OPG, Tif.OVERNIGHT, Tif.GTC, OrderType.MOC),  # type: ignore[arg-type]  # wrong types are the point
    *(OrderType.REL, OrderType.MTL, OrderType.PEG_BEST, OrderType.MKT_PRT),
    *(date(2026, 6, 19), datetime(2026, 6, 19, tzinfo=UTC), datetime(2026, 6, 19)),  # noqa: DTZ001
]


@pytest.mark.slow
@settings(max_examples=1000)
@given(st.dictionaries(st.sampled_from(PLAIN.__struct_fields__), st.sampled_from(ODD), max_size=3))
def test_what_is_plainly_sound_has_no_fault(changes: dict[str, Any]) -> None:
    order = msgspec.structs.replace(PLAIN, **changes)
    assert not (plainly_sound(order) and listed(order))


@pytest.mark.parametrize("field", PLAIN.__struct_fields__)
def test_no_odd_value_of_a_field_is_taken_for_a_sound_one(field: str) -> None:
    for value in ODD:
        order = msgspec.structs.replace(PLAIN, **{field: value})
        assert not (plainly_sound(order) and listed(order)), value


@pytest.mark.parametrize(
    "line",
    [
        "BUY 100 AAPL LMT 190 DAY",
        "SELL 100 AAPL MKT IOC strategy=momo account=DU1",
        "SELL 1 AAPL STP 180.5 GTC key=a1 tag=t",
        "BUY 1.5 BTC@PAXOS STP_LMT 180 181 GTC",
        "BUY 1 AAPL LOC 190 DAY",
        "BUY 1 AAPL MOC DAY",
        "BUY 2 ES.FUT LMT 6000.25 DAY expiry=2026-06-19",
        "BUY 1000 SAP LMT 190 DAY currency=EUR",
    ],
)
def test_an_everyday_order_needs_no_closer_look(line: str) -> None:
    assert plainly_sound(Order.parse(line))


@pytest.mark.parametrize(
    "line",
    [
        "SELL 1 AAPL TRAIL 1.5 DAY",
        "BUY 1 AAPL LMT 190 GTD 2026-06-19T16:00:00+00:00",
        "BUY 1 AAPL LMT 190 DAY outside_rth=true",
        "BUY 10 AAPL LMT 190 DAY display_size=5",
        "BUY 1 AAPL LMT 190 OVERNIGHT",
        "BUY 1 AAPL MKT OPG",
        "BUY 1 AAPL REL 0.01",
        "BUY 1 AAPL LMT 190 DAY algo=Vwap",
    ],
)
def test_an_order_with_seldom_terms_is_looked_at_closely(line: str) -> None:
    order = Order.parse(line)
    assert not plainly_sound(order)
    assert not listed(order)


@pytest.mark.parametrize(
    ("price", "step", "fits"),
    [
        (None, "0.01", True),
        ("190.25", "0.25", True),
        ("190.30", "0.25", False),
        ("0", "0.01", False),
        ("-1", "0.01", False),
        ("1", "0", False),
    ],
)
def test_a_price_fits_plainly_if_it_is_above_zero_and_on_the_step(
    price: str | None, step: str, *, fits: bool
) -> None:
    assert fits_plainly(None if price is None else Decimal(price), Decimal(step)) is fits
