"""What an order states in several words: each part is judged, and all faults are named."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest

from riskgate.model.clauses import contract_fault
from riskgate.model.fields import assembled, stated
from riskgate.model.instructions import (
    Adjustment,
    Algo,
    Condition,
    ConditionKind,
    Leg,
    TriggerMethod,
)
from riskgate.model.order import Order
from riskgate.model.terms import faults_of

AT = datetime(2026, 3, 5, 20, tzinfo=UTC)
ODD_TIME = AT.replace(microsecond=5)
LIMIT = "BUY 100 AAPL LMT 190 DAY"
TWO, NAN = Decimal(2), Decimal("NaN")
LEGS = (Leg("BUY", 1, "AAPL"), Leg("SELL", 1, "#5"))


def wrong(line: str, **changes: Any) -> list[str]:  # noqa: ANN401  # wrong values are the point
    order = assembled({**stated(Order.parse(line)), **changes})
    return [fault.text for fault in faults_of(order)]


def of_condition(**fields: Any) -> list[str]:  # noqa: ANN401  # wrong values are the point
    return wrong(LIMIT, conditions=(Condition(**fields),))


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"kind": "price", "contract": "AAPL", "level": TWO}, []),
        ({"kind": "price", "level": TWO}, ["a condition on price needs contract"]),
        ({"kind": "price", "contract": "AAPL"}, ["a condition on price needs level"]),
        (
            {"kind": "price", "contract": "AAPL", "level": TWO, "at": AT},
            ["a condition on price takes no at"],
        ),
        (
            {"kind": "price", "contract": "AAPL", "level": NAN},
            ["the level of a condition must be a number; found `NaN`"],
        ),
        ({"kind": "time", "at": AT}, []),
        ({"kind": "time"}, ["a condition on time needs at"]),
        (
            {"kind": "time", "at": AT.replace(tzinfo=None)},
            ["the time of a condition needs a time with an offset; found `2026-03-05 20:00:00`"],
        ),
        (
            {"kind": "time", "at": ODD_TIME},
            [f"the time of a condition needs a time of whole seconds; found `{ODD_TIME}`"],
        ),
        ({"kind": "margin", "level": Decimal(100)}, []),
        (
            {"kind": "margin", "level": Decimal(101)},
            ["a condition on margin takes a whole number of 0 to 100; found 101"],
        ),
        (
            {"kind": "margin", "level": Decimal("0.5")},
            ["a condition on margin takes a whole number of 0 to 100; found 0.5"],
        ),
        ({"kind": "execution", "contract": "AAPL.STK@SMART"}, []),
        ({"kind": "execution", "contract": "aapl"}, ["contract `aapl` must be upper case"]),
        (
            {"kind": "execution", "contract": "#5"},
            ["a condition on execution names a symbol, not a number"],
        ),
        (
            {"kind": "execution", "contract": "AAPL", "rises": False},
            ["a condition on execution neither rises nor falls"],
        ),
        ({"kind": "volume", "contract": "#5", "level": TWO}, []),
        (
            {"kind": "volume", "contract": "#5", "level": Decimal(-1)},
            ["a condition on volume takes a whole number of 0 to 2147483647; found -1"],
        ),
        ({"kind": "change", "contract": "AAPL", "level": Decimal("-5.5")}, []),
        (
            {
                "kind": "change",
                "contract": "AAPL",
                "level": TWO,
                "method": TriggerMethod.LAST,
            },
            ["a condition on change takes no method; a price does"],
        ),
    ],
)
def test_a_condition_states_what_its_kind_needs(
    fields: dict[str, Any], expected: list[str]
) -> None:
    assert of_condition(**{**fields, "kind": ConditionKind(fields["kind"])}) == expected


def test_nothing_can_follow_the_last_condition() -> None:
    found = of_condition(kind=ConditionKind.MARGIN, level=TWO, also=False)
    assert found == ["nothing follows the last condition; leave its `also` true"]


def test_there_is_a_most_of_conditions() -> None:
    many = (Condition(ConditionKind.MARGIN, level=TWO),) * 33
    assert wrong(LIMIT, conditions=many) == ["an order has 32 conditions at most"]
    assert wrong(LIMIT, conditions=many[1:]) == []


@pytest.mark.parametrize("name", ["conditions_cancel", "conditions_ignore_rth"])
def test_what_conditions_do_needs_conditions(name: str) -> None:
    assert wrong(LIMIT, **{name: True}) == [f"{name} needs conditions"]


def an_adjustment(order_type: str, **prices: Decimal) -> Adjustment:
    return Adjustment(trigger_price=Decimal(195), order_type=order_type, **prices)


@pytest.mark.parametrize(
    ("adjusts", "expected"),
    [
        (an_adjustment("STP", stop_price=TWO), []),
        (an_adjustment("STP"), ["an adjustment to STP needs stop_price"]),
        (
            an_adjustment("STP", stop_price=TWO, limit_price=TWO),
            ["an adjustment to STP takes no limit_price"],
        ),
        (
            an_adjustment("STP", stop_price=TWO, trail_amount=TWO),
            ["an adjustment to STP does not trail"],
        ),
        (
            an_adjustment("STP_LMT", stop_price=TWO),
            ["an adjustment to STP_LMT needs limit_price"],
        ),
        (
            an_adjustment("TRAIL"),
            ["an adjustment to TRAIL needs a trailing amount or a percent, and not both"],
        ),
        (
            an_adjustment("TRAIL", trail_amount=TWO, trail_percent=TWO),
            ["an adjustment to TRAIL needs a trailing amount or a percent, and not both"],
        ),
        (
            an_adjustment("TRAIL", trail_amount=Decimal(0)),
            ["adjusts trail_amount must be above zero; found 0"],
        ),
        (
            an_adjustment("STP", stop_price=NAN),
            ["adjusts stop_price must be a number; found `NaN`"],
        ),
        (an_adjustment("TRAIL_LMT", trail_amount=TWO, limit_price=TWO, stop_price=TWO), []),
        (
            an_adjustment("MKT"),
            ["a stop is adjusted to one of STP, STP_LMT, TRAIL, TRAIL_LMT; found `MKT`"],
        ),
    ],
)
def test_a_stop_becomes_what_has_its_prices(adjusts: Adjustment, expected: list[str]) -> None:
    assert wrong("SELL 100 AAPL STP 180 GTC", adjusts=adjusts) == expected


def test_only_a_stop_is_adjusted() -> None:
    found = wrong(LIMIT, adjusts=an_adjustment("STP", stop_price=TWO))
    assert found == ["LMT takes no adjustment; only STP does"]


@pytest.mark.parametrize(
    ("line", "changes", "expected"),
    [
        ("BUY 1 AAPL LMT 1 DAY", {"sec_type": "BAG", "legs": LEGS}, []),
        ("BUY 1 AAPL LMT 1 DAY", {"legs": LEGS}, ["legs are of a combo; write its symbol as"]),
        ("BUY 1 AAPL LMT 1 DAY", {"sec_type": "BAG"}, ["a combo needs 2 legs or more"]),
        (
            "BUY 1 AAPL STP 1 DAY",
            {"sec_type": "BAG", "legs": LEGS},
            ["a combo is MKT or LMT, not STP"],
        ),
        (
            "BUY 1 AAPL MKT DAY",
            {"sec_type": "BAG", "legs": (*LEGS, Leg("HOLD", 0, "A B"))},
            [
                "the side of a leg must be BUY or SELL; found `HOLD`",
                "the ratio of a leg must be one or more; found `0`",
                "`A B` is no contract; write AAPL, ES.FUT@CME or #265598@SMART",
            ],
        ),
        (
            "BUY 1 AAPL MKT DAY",
            {"sec_type": "BAG", "legs": LEGS, "cash_quantity": TWO, "quantity": Decimal(0)},
            ["quantity must be above zero; found `0`", "a combo takes no cash_quantity"],
        ),
    ],
)
def test_a_combo_has_legs_and_nothing_else_has(
    line: str, changes: dict[str, Any], expected: list[str]
) -> None:
    found = wrong(line, **changes)
    assert len(found) == len(expected)
    assert all(text.startswith(start) for text, start in zip(found, expected, strict=True))


@pytest.mark.parametrize(
    ("contract", "fault"),
    [
        ("AAPL", None),
        ("ES.FUT@CME", None),
        ("#265598@SMART", None),
        ("#2147483647", None),
        ("#2147483648", "is no contract"),
        ("#0", "is no contract"),
        ("", "is no contract"),
        ("A,B", "is no contract"),
        ("BRK.B", "security type `B`"),
        ("aapl", "must be upper case"),
        ("AAPL.BAG", "security type `BAG`"),
        ("caf\u00e9", "is no contract"),
        ("A\x00", "is no contract"),
        ("A" * 129, "is no contract"),
    ],
)
def test_a_contract_is_a_symbol_or_a_number(contract: str, fault: str | None) -> None:
    found = contract_fault(contract)
    assert found is None if fault is None else fault in (found or "")


def test_an_algo_is_judged_with_its_order() -> None:
    assert wrong(LIMIT, algo=Algo("Twap")) == []
    assert wrong("BUY 1 AAPL LMT 1 IOC", algo=Algo("Twap")) == [
        "an algo takes DAY, GTC or GTD, not IOC"
    ]
    (found,) = wrong("BUY 1 AAPL STP 1 DAY", algo=Algo("X\n"))
    assert found.startswith("algo `X\\n` is not supported; use Adaptive, Twap")


def test_an_offset_of_seconds_cannot_be_recorded() -> None:
    odd = AT.astimezone(timezone(timedelta(seconds=15)))
    assert wrong(LIMIT, good_after=odd) == [
        f"good_after needs an offset of whole minutes; found `{odd}`"
    ]
