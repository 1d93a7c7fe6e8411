"""Values from outside: what each means, and what is said of those that mean nothing."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from riskgate.model.fields import FLAT
from riskgate.model.given import Wrong, meant, plain, unknown
from riskgate.model.instructions import (
    Adjustment,
    Algo,
    Condition,
    ConditionKind,
    Leg,
    OcaType,
    TriggerMethod,
)
from riskgate.model.order import OrderType

AT = datetime(2026, 3, 5, 20, tzinfo=UTC)
TWO = Decimal(2)
TYPES = ", ".join(OrderType)


def texts(name: str, value: object) -> list[str]:
    with pytest.raises(Wrong) as caught:
        meant(FLAT[name], value)
    return [fault.text for fault in caught.value.faults]


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("quantity", 5, Decimal(5)),
        ("quantity", 0.1, Decimal("0.1")),
        ("priority", 5, 5),
        ("hidden", True, True),
        ("good_after", AT, AT),
        ("good_after", "2026-03-05T15:00:00-05:00", AT),
        ("expiry", "2026-06-19", date(2026, 6, 19)),
        ("oca_type", "reduce", OcaType.REDUCE),
        ("oca_type", "REDUCE", OcaType.REDUCE),
        ("trigger_method", TriggerMethod.LAST, TriggerMethod.LAST),
        ("oca_group", "g", "g"),
        ("exchange", "smart", "SMART"),
        ("algo", "Vwap maxPctVol=0.1", Algo("Vwap", (("maxPctVol", "0.1"),))),
        ("algo", {"name": "Vwap"}, Algo("Vwap")),
        (
            "algo",
            {"name": "Vwap", "params": {"maxPctVol": 0.1, "noTakeLiq": "1"}},
            Algo("Vwap", (("maxPctVol", "0.1"), ("noTakeLiq", "1"))),
        ),
        ("algo", Algo("Vwap", (("a", "1"),)), Algo("Vwap", (("a", "1"),))),
        ("legs", "BUY 1 AAPL", (Leg("BUY", 1, "AAPL"),)),
        ("legs", [{"side": "buy", "ratio": 1, "contract": "aapl"}], (Leg("BUY", 1, "AAPL"),)),
        ("legs", [Leg("BUY", 1, "AAPL")], (Leg("BUY", 1, "AAPL"),)),
        ("legs", [], ()),
        (
            "adjusts",
            {"trigger_price": 195, "order_type": "trail", "trail_percent": 2, "stop_price": None},
            Adjustment(Decimal(195), "TRAIL", trail_percent=TWO),
        ),
        (
            "conditions",
            [{"kind": "price", "contract": "AAPL", "level": 2, "rises": False, "method": "last"}],
            (Condition(ConditionKind.PRICE, "AAPL", TWO, rises=False, method=TriggerMethod.LAST),),
        ),
        (
            "conditions",
            (Condition(ConditionKind.TIME, at=AT),),
            (Condition(ConditionKind.TIME, at=AT),),
        ),
    ],
)
def test_a_value_means_what_a_person_would_say(name: str, value: object, expected: object) -> None:
    found = meant(FLAT[name], value)
    assert found == expected
    assert type(found) is type(expected)


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("display_size", True, "display_size must be a number; found `True`"),
        (
            "display_size",
            "5",
            "display_size must be a number (text is taken in an order line only); found `5`",
        ),
        ("display_size", float("nan"), "display_size must be a finite number; found `nan`"),
        ("display_size", 10**28, "display_size must be a finite number; found `1000"),
        ("priority", True, "priority must be a whole number; found `True`"),
        ("priority", 1.0, "priority must be a whole number; found `1.0`"),
        ("hidden", 1, "hidden must be true or false; found `1`"),
        ("good_after", "noon", "good_after must be a time with an offset; found `noon`"),
        ("good_after", AT.replace(tzinfo=None), "good_after must be a time with an offset"),
        ("expiry", AT, "expiry must be a date such as 2026-06-19"),
        ("expiry", 5, "expiry must be a date such as 2026-06-19; found `5`"),
        ("oca_type", 1, "oca_type must be one of cancel_block, reduce_block, reduce; found `1`"),
        ("oca_type", "all", "oca_type must be one of"),
        ("order_type", "moo", f"order_type must be one of {TYPES} (`moo` is written as MKT OPG)"),
        ("oca_group", "", "oca_group must be text; found ``"),
        ("exchange", "\u00df", "exchange must be printable ASCII; found"),
        ("algo", 5, "algo must be a mapping of Algo fields; found `5`"),
        ("algo", "Vwap 5", "algo: algo takes parameter=value after its name; found `5`"),
        ("algo", {"params": {}}, "algo.name is missing"),
        ("algo", {"name": "Vwap", "params": 5}, "algo.params must be names with their values"),
        ("algo", {"name": "Vwap", "params": (("a",),)}, "algo.params must be names with their"),
        ("algo", {"name": "Vwap", "params": {"a": True}}, "algo.params must be names with their"),
        ("algo", {"name": "Vwap", "params": {1: "a"}}, "algo.params must be names with their"),
        ("algo", {"name": "Vwap", "params": {"a": float("inf")}}, "algo.params must be a finite"),
        (
            "algo",
            {"name": "Vwap", "parms": {}},
            "unknown field `algo.parms` (did you mean `params`",
        ),
        ("legs", 5, "legs must be a list of Legs; found `5`"),
        ("legs", ["BUY"], "legs[0] must be a mapping of Leg fields; found `BUY`"),
        ("legs", "HOLD", "legs: write a leg as"),
        ("adjusts", {"trigger_price": "x", "order_type": "STP"}, "adjusts.trigger_price must be a"),
        ("conditions", [{"kind": "rain"}], "conditions[0].kind must be one of price, time, margin"),
        ("conditions", [{}], "conditions[0].kind is missing"),
    ],
)
def test_a_value_that_means_nothing_is_refused(name: str, value: object, expected: str) -> None:
    (found,) = texts(name, value)
    assert found.startswith(expected)


def test_all_that_is_wrong_with_the_parts_is_named_together() -> None:
    found = texts(
        "legs",
        [{"side": 5, "ratio": "1", "contract": "A", "colour": "red"}, {"side": "BUY"}],
    )
    assert found == [
        "unknown field `legs[0].colour`",
        "legs[0].side must be text; found `5`",
        "legs[0].ratio must be a whole number; found `1`",
        "legs[1].ratio is missing",
        "legs[1].contract is missing",
    ]


def test_an_unknown_field_gets_a_hint() -> None:
    assert unknown("displaysize", FLAT) == (
        "unknown field `displaysize` (did you mean `display_size`?)"
    )
    assert unknown("zzz\n", FLAT) == "unknown field `zzz\\n`"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (TWO, TWO),
        (True, True),
        (OcaType.REDUCE, "reduce"),
        (AT, "2026-03-05T20:00:00+00:00"),
        (date(2026, 6, 19), "2026-06-19"),
        (Algo("Vwap"), {"name": "Vwap"}),
        (Algo("Vwap", (("a", "1"),)), {"name": "Vwap", "params": {"a": "1"}}),
        ((Leg("BUY", 1, "A"),), [{"side": "BUY", "ratio": 1, "contract": "A"}]),
        (Condition(ConditionKind.MARGIN, level=TWO), {"kind": "margin", "level": TWO}),
    ],
)
def test_a_value_is_written_with_what_payloads_have(value: object, expected: Any) -> None:  # noqa: ANN401  # what YAML has
    found = plain(value)
    assert found == expected
    assert type(found) is type(expected)
