"""The flat row of fields: read off the structs, whole, and robust against whatever is in them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec
import pytest

from riskgate.model.fields import FLAT, KEYS, Kind, assembled, misfits, shown, stated, texts
from riskgate.model.instructions import (
    PLAIN,
    Adjustment,
    Algo,
    Condition,
    ConditionKind,
    Instructions,
    Leg,
    OcaType,
)
from riskgate.model.order import Order

ORDER = Order.parse("BUY 100 AAPL LMT 190 DAY")


def with_(**changes: Any) -> Order:  # noqa: ANN401  # wrong types are the point
    said = {name: changes.pop(name) for name in Instructions.__struct_fields__ if name in changes}
    return msgspec.structs.replace(
        ORDER, **changes, instructions=msgspec.structs.replace(PLAIN, **said)
    )


def test_every_field_of_an_order_and_of_its_instructions_is_in_the_row_once() -> None:
    nested = (*Order.__struct_fields__, *Instructions.__struct_fields__)
    assert sorted(FLAT) == sorted(set(nested) - {"instructions"})
    assert set(KEYS) < set(FLAT)
    assert {field.kind for field in FLAT.values()} == set(Kind) - {Kind.PAIRS}


def test_only_what_is_stated_is_in_the_row_of_an_order() -> None:
    row = stated(with_(hidden=True, priority=0, tag="t"))
    assert row == {
        "side": "BUY",
        "quantity": 100,
        "symbol": "AAPL",
        "order_type": "LMT",
        "limit_price": 190,
        "tag": "t",
        "hidden": True,
    }
    assert assembled(row) == with_(hidden=True, tag="t")
    assert assembled(stated(ORDER)).instructions is PLAIN
    assert assembled({**stated(ORDER), "hidden": False}).instructions is PLAIN


def test_a_zero_is_no_false() -> None:
    assert stated(with_(hidden=0))["hidden"] == 0


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, ""),
        ({"quantity": None}, "quantity must be a number; found `None`"),
        ({"side": "BUY"}, "side must be one of BUY, SELL; found `BUY`"),
        ({"hidden": 0}, "hidden must be true or false; found `0`"),
        ({"priority": True}, "priority must be a whole number; found `True`"),
        ({"display_size": 10}, "display_size must be a number; found `10`"),
        ({"good_after": "noon"}, "good_after must be a time with an offset; found `noon`"),
        ({"oca_type": "reduce"}, "oca_type must be one of cancel_block, reduce_block, reduce"),
        ({"oca_type": OcaType.REDUCE}, ""),
        ({"oca_group": 5}, "oca_group must be text; found `5`"),
        ({"legs": [Leg("BUY", 1, "A")]}, "legs must be a list of Legs; found"),
        ({"legs": ("BUY",)}, "legs must be a list of Legs; found"),
        ({"legs": (Leg("BUY", 1.5, "A"),)}, "legs[0].ratio must be a whole number; found `1.5`"),  # type: ignore[arg-type]  # the fault
        ({"algo": "Vwap"}, "algo must be one Algo; found `Vwap`"),
        ({"algo": Algo("Vwap", (("a",),))}, "algo.params must be names with their values"),  # type: ignore[arg-type]  # the fault
        ({"algo": Algo("Vwap", (("a", 1),))}, "algo.params must be names with their values"),  # type: ignore[arg-type]  # the fault
        ({"algo": Algo("Vwap", {"a": "1"})}, "algo.params must be names with their values"),  # type: ignore[arg-type]  # the fault
        (
            {"adjusts": Adjustment(Decimal(1), 5)},  # type: ignore[arg-type]  # the fault
            "adjusts.order_type must be text; found `5`",
        ),
        (
            {"conditions": (Condition(ConditionKind.MARGIN, level=5),)},  # type: ignore[arg-type]  # the fault
            "conditions[0].level must be a number; found `5`",
        ),
        ({"conditions": (5,)}, "conditions must be a list of Conditions"),
        ({"conditions": None}, "conditions must be a list of Conditions"),
    ],
)
def test_a_value_of_a_wrong_type_is_named(changes: dict[str, Any], expected: str) -> None:
    found = [fault.text for fault in misfits(with_(**changes))]
    assert len(found) == bool(expected)
    assert expected in "".join(found)


def test_instructions_are_instructions() -> None:
    order = msgspec.structs.replace(ORDER, instructions="be quick")
    assert [fault.text for fault in misfits(order)] == [
        "instructions must be Instructions; found `be quick`"
    ]


def test_every_text_of_an_order_is_found_however_deep() -> None:
    order = with_(
        algo=Algo("Vwap", (("a", "1"),)),
        legs=(Leg("BUY", 1, "C"),),
        oca_group="g",
        conditions=(Condition(ConditionKind.PRICE, "D"),),
    )
    assert {"AAPL", "Vwap", "a", "1", "C", "g", "D"} <= set(texts(order))


def test_what_is_shown_is_one_short_line() -> None:
    assert shown("a\n\x00") == "a\\n\\x00"
    assert shown("x" * 500) == "x" * 200 + "..."
    assert shown(10**5000) == "a number with thousands of digits"
