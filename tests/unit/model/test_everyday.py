from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskgate.model import order_line
from riskgate.model.everyday import is_upper_case, line_of
from riskgate.model.instructions import Algo, Instructions, Leg
from riskgate.model.order import Order, OrderType, Side, Tif
from riskgate.model.sound import LONGEST_TEXT, MOST_UNITS, plainly_sound

EVERYDAY = Order(
    side=Side.BUY,
    quantity=Decimal(100),
    symbol="AAPL",
    order_type=OrderType.LMT,
    limit_price=Decimal("190.00"),
    strategy="momo",
    account="DU1",
)


class Word(str):
    """Text that equals its own, and is none of a plain order."""

    __slots__ = ()


ODD: list[Any] = [
    *(None, "", "a", "A", "a b", 'a"b', "A.B", "é", "A" * (LONGEST_TEXT + 1), Word("AAPL")),
    *(0, 1, 1.5, True, False, [], {}, "BUY", "LMT", "DAY", "STK", "stk", "BAG", "OVERNIGHT"),
    *(Side.SELL, OrderType.MKT, OrderType.STP, OrderType.STP_LMT, OrderType.TRAIL, OrderType.MOC),
    *(Tif.GTD, Tif.IOC, Tif.GTC, Tif.OPG, Algo("Vwap"), (Leg("BUY", 1, "AAPL"),), ()),
    *(Decimal(0), Decimal(1), Decimal(-1), Decimal("190.50"), Decimal("1E+2"), Decimal("1E-7")),
    *(Decimal("0.00"), Decimal("NaN"), Decimal("sNaN"), Decimal("Infinity"), Decimal("1E+400")),
    *(MOST_UNITS, MOST_UNITS + 1, Decimal("1." + "0" * 60), Decimal("123456789012345.5")),
    *(
        Instructions(hidden=True),
        Instructions(),
        date(2026, 6, 19),
        datetime(2026, 6, 19, tzinfo=UTC),
    ),
]


def agrees(order: Order) -> bool:
    """Whether the line at a glance, if there is one, is that of a closer look."""
    line = line_of(order)
    if line is None:
        return True
    return plainly_sound(order) and is_upper_case(order) and line == order_line.write(order)


@pytest.mark.parametrize("field", EVERYDAY.__struct_fields__)
def test_whatever_a_field_holds_a_line_at_a_glance_is_that_of_a_closer_look(field: str) -> None:
    for value in ODD:
        assert agrees(msgspec.structs.replace(EVERYDAY, **{field: value})), value


@settings(max_examples=300)
@given(
    st.lists(
        st.dictionaries(
            st.sampled_from(EVERYDAY.__struct_fields__), st.sampled_from(ODD), max_size=4
        ),
        max_size=4,
    )
)
def test_what_was_met_before_changes_no_line(met: list[dict[str, Any]]) -> None:
    for changes in met:
        assert agrees(msgspec.structs.replace(EVERYDAY, **changes))


@pytest.mark.parametrize(
    "line",
    [
        "BUY 100 AAPL LMT 190.05 DAY strategy=momo account=DU1",
        "SELL 5 AAPL MKT IOC",
        "SELL 1 AAPL.STK@SMART STP 180.5 GTC currency=USD tag=t",
        'BUY 2 "BRK.B" STP_LMT 400 401.5 DAY account=DU1',
        "BUY 1 ES.FUT@CME LMT 0 DAY expiry=2026-06-19",
    ],
)
def test_an_everyday_order_is_written_at_a_glance(line: str) -> None:
    assert line_of(Order.parse(line)) == line


def test_what_only_equals_a_word_is_not_taken_for_it() -> None:
    assert line_of(EVERYDAY) is not None
    for changes in (
        {"symbol": Word("AAPL")},
        {"side": "BUY"},
        {"order_type": "LMT"},
        {"tif": "DAY"},
    ):
        assert line_of(msgspec.structs.replace(EVERYDAY, **changes)) is None


def test_names_in_small_letters_are_looked_at_closely() -> None:
    assert line_of(msgspec.structs.replace(EVERYDAY, symbol="aapl")) is None


class Rude(str):
    """Text that can be no key."""

    __slots__ = ()

    def __hash__(self) -> int:
        raise ValueError("no hash")

    def __eq__(self, other: object) -> bool:
        return True


@pytest.mark.parametrize("name", ["symbol", "strategy", "account", "exchange", "tag", "sec_type"])
def test_what_hashes_as_it_likes_is_no_everyday_word(name: str) -> None:
    assert line_of(msgspec.structs.replace(EVERYDAY, **{name: Rude("STK")})) is None


@pytest.mark.parametrize("kind", [Word("STK"), Rude("STK")])
def test_a_kind_of_contract_is_plain_text(kind: str) -> None:
    assert not plainly_sound(msgspec.structs.replace(EVERYDAY, sec_type=kind))
