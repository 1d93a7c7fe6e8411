"""Payloads with one wrong value each: every one is refused, and nothing but OrderError is raised.

`RISKGATE_PAYLOADS=100000` asks that many; the seed is fixed, so that a failure comes again.
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from riskgate.errors import OrderError
from riskgate.line import payload
from riskgate.model.fields import FLAT, Field, Kind, fields_of
from riskgate.model.order import PRICE_FIELDS, SHAPES, Order, OrderType
from riskgate.model.terms import TIFS
from tests.unit.model.order_strategies import LINES

MANY = int(os.environ.get("RISKGATE_PAYLOADS", "1000"))
pytestmark = [pytest.mark.counted, pytest.mark.timeout(1200)]
SOUND = [payload.written(Order.parse(line)) for line in LINES]
NO_NUMBERS: list[object] = [
    *(True, False, "5", "", "nan", b"5", [], [5], {}, object(), float("nan"), float("inf")),
    *(Decimal("NaN"), Decimal("sNaN"), Decimal("-Infinity"), 10**30, -(10**5000), 1 + 1j),
    *(Decimal("1E+20"), Decimal("1E-40")),
]
NO_TEXTS: list[object] = ["", 5, True, b"A", [], {}, object(), "caf\u00e9", "a\x00b", 'a"b', " a"]
WRONG: dict[Kind, list[object]] = {
    Kind.NUMBER: NO_NUMBERS,
    Kind.WHOLE: [True, "1", 1.5, 10**30, float("nan"), [], Decimal(1)],
    Kind.FLAG: [0, 1, "true", "", [], 1.0],
    Kind.MOMENT: ["noon", 5, True, datetime(2026, 3, 5), date(2026, 3, 5), ""],  # noqa: DTZ001  # the fault
    Kind.DAY: ["June", 20260619, True, datetime(2026, 3, 5), ""],  # noqa: DTZ001  # the fault
    Kind.WORD: ["", "NONE", 1, True, [], "BUYS", object()],
    Kind.NAME: NO_TEXTS,
    Kind.TEXT: NO_TEXTS,
    Kind.PAIRS: ["", 5, [], {"a": True}, {"colour": "red"}, {1: "1"}],
    Kind.PART: ["", 5, [], {}, {"colour": 1}, "what ever"],
    Kind.PARTS: ["", 5, {}, [5], [{}], "what ever", [{"colour": 1}]],
}
"""For each kind of field, values that it never takes."""

Payload = dict[str, Any]
Dice = random.Random


def of_a_wrong_type(dice: Dice, given: Payload) -> str:
    """Any field, stated or not, gets a value that it never takes."""
    field = dice.choice(list(FLAT.values()))
    given[field.name] = dice.choice(WRONG[field.kind])
    return field.name


def within_a_part(dice: Dice, given: Payload) -> str:
    """A field of a condition, a leg, an adjustment or an algo gets one."""
    name = dice.choice(
        [name for name in ("algo", "legs", "adjusts", "conditions") if name in given]
    )
    part = given[name] if isinstance(given[name], dict) else dice.choice(given[name])
    struct = FLAT[name].part
    assert struct is not None
    inner = dice.choice([each for each in fields_of(struct) if wrong_within(each)])
    part[inner.name] = dice.choice(wrong_within(inner))
    return f"{name}.{inner.name}"


def wrong_within(field: Field) -> list[object]:
    """What a part's field never takes; an empty text there means that nothing is stated."""
    return [value for value in WRONG[field.kind] if value != "" or field.required]


def unknown(dice: Dice, given: Payload) -> str:
    name = dice.choice(
        ["qty", "limitprice", "what_if", "percent_offset", "scale", "", "Side", "\x00"]
    )
    given[name] = 5
    return name


def missing(dice: Dice, given: Payload) -> str:
    shape = SHAPES[OrderType(given["order_type"])]
    name = dice.choice(["side", "quantity", "symbol", "order_type", *shape.prices])
    given[name] = None
    return name


def a_price_too_many(dice: Dice, given: Payload) -> str:
    shape = SHAPES[OrderType(given["order_type"])]
    trails = ("trail_amount", "trail_percent") if shape.trails else ()
    known = (*shape.prices, *shape.optional, *(name for name in trails if name not in given))
    spare = [name for name in PRICE_FIELDS if name not in known]
    name = dice.choice([name for name in spare if name not in given] or ["side"])
    given[name] = 5
    if name in trails:
        given.update(dict.fromkeys(trails, 5))
    return name


def a_time_in_force_that_it_does_not_take(dice: Dice, given: Payload) -> str:
    taken = TIFS[OrderType(given["order_type"])]
    given["tif"] = dice.choice(
        [tif for tif in ("OPG", "OVERNIGHT", "GTX", "DTC") if tif not in taken]
    )
    return "tif"


def out_of_range(dice: Dice, given: Payload) -> str:
    ranges: list[tuple[str, list[object]]] = [
        ("quantity", [-1, -0.5, 2**31, Decimal("0." + "1" * 31)]),
        ("display_size", [0, -1, 1.5, given["quantity"] or 1]),
        ("min_quantity", [0, 10**10, 0.5]),
        ("cash_quantity", [0, -5]),
        ("discretionary_amount", [0, -1]),
        ("priority", [1001, -5000]),
        ("oca_type", ["all"] if "oca_group" in given else ["all", "reduce"]),
        ("conditions", ["margin <= 101", "volume AAPL >= 0.5", "execution #5", "rain >= 1"]),
        ("algo", ["Foo", "Vwap maxPctVol=0.6", "Twap colour=1", "DarkIce", "AD"]),
        ("legs", ["BUY 1 AAPL", "BUY 0 A, SELL 1 B", "BUY 1 A B, SELL 1 C"]),
        ("adjusts", ["at 195 to MKT", "at 195 to STP", "at x to STP 5", "to STP 5"]),
        ("exchange", ["OVERNIGHT"]),
        ("sec_type", ["XXX"] if "legs" in given else ["BAG"]),
        ("right", ["X", "CALL"]),
    ]
    name, values = dice.choice(ranges)
    given[name] = dice.choice(values)
    return name


PLANTS: list[Callable[[Dice, Payload], str]] = [
    *(of_a_wrong_type, within_a_part, unknown, missing, a_price_too_many),
    *(a_time_in_force_that_it_does_not_take, out_of_range),
]
PARTED = [given for given in SOUND if {"algo", "legs", "adjusts", "conditions"} & set(given)]


def a_copy(value: Any) -> Any:  # noqa: ANN401  # lists and mappings, as deep as they are
    if isinstance(value, dict):
        return {name: a_copy(item) for name, item in value.items()}
    return [a_copy(item) for item in value] if isinstance(value, list) else value


def test_the_payloads_are_sound_before_anything_is_planted() -> None:
    for given, line in zip(SOUND, LINES, strict=True):
        assert payload.read(given).checked() == Order.parse(line)


def refusal(source: payload.Source) -> OrderError | None:
    """The error that a bad order raises; whatever else is raised is a failure."""
    try:
        payload.read(source).checked()
    except OrderError as error:
        return error
    return None


def test_a_planted_wrong_value_is_refused_and_raises_nothing_else() -> None:
    dice = random.Random(20260305)
    met: set[str] = set()
    for number in range(MANY):
        plant = dice.choice(PLANTS)
        given = a_copy(dice.choice(PARTED if plant is within_a_part else SOUND))
        met.add(planted := plant(dice, given))
        error = refusal(given)
        assert error is not None, f"{number}: {plant.__name__} {planted} passes in {given}"
        assert error.codes, (number, planted)
        assert str(error).isprintable(), (number, planted)
    assert met >= set(FLAT)


def test_a_payload_of_anything_at_all_raises_nothing_else() -> None:
    dice = random.Random(20260307)
    names = [*FLAT, *("instructions", "time_in_force", "", "x" * 5000, 5, None, (), b"side")]
    values = [value for several in WRONG.values() for value in several]
    values += [value for given in SOUND for value in given.values()]
    for number in range(MANY):
        given = a_copy(dice.choice(SOUND)) if number % 2 else {}
        given.update({dice.choice(names): dice.choice(values) for _ in range(dice.randrange(9))})
        error = refusal(given)
        assert error is None or error.codes, number


def test_an_order_made_by_hand_with_a_wrong_value_is_refused_and_raises_nothing_else() -> None:
    dice = random.Random(20260306)
    for number in range(MANY // 10):
        order = Order.parse(dice.choice(LINES))
        field = dice.choice(list(FLAT.values()))
        wrong = dice.choice([5j, object(), [object()], {1: 2}, b"x"])
        error = refusal(by_hand(order, field.name, wrong))
        assert error is not None, f"{number}: {field.name}={wrong!r} passes in `{order}`"
        assert error.codes, (number, field.name)


def by_hand(order: Order, name: str, value: object) -> Order:
    """An order with one value that its field cannot hold."""
    if name in Order.__struct_fields__:
        return msgspec.structs.replace(order, **{name: value})
    said = msgspec.structs.replace(order.instructions, **{name: value})
    return msgspec.structs.replace(order, instructions=said)
