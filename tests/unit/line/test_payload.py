"""Orders from outside: everything wrong is named at once, and nothing is coerced in silence."""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from decimal import Decimal

import msgspec
import numpy  # noqa: ICN001  # one number of it
import pytest

from riskgate.errors import OrderError
from riskgate.line import payload
from riskgate.model.instructions import PLAIN, Leg
from riskgate.model.order import Order, OrderType, Side, Tif

GOOD: dict[str, object] = {
    "side": "BUY",
    "quantity": 100,
    "symbol": "AAPL",
    "order_type": "LMT",
    "limit_price": Decimal(190),
}


def codes(source: object) -> list[str]:
    asked = payload.read(source)  # type: ignore[arg-type]
    assert asked.faults
    return sorted({fault.code for fault in asked.faults})


def texts(**changed: object) -> list[str]:
    asked = payload.read({**GOOD, **changed})
    assert asked.faults
    return [fault.text for fault in asked.faults]


def test_a_line_a_mapping_and_an_order_are_the_same_order() -> None:
    line = payload.read("BUY 100 AAPL LMT 190 DAY")
    mapping = payload.read(GOOD)
    assert line.order == mapping.order == payload.read(mapping.checked()).order
    assert line.text == mapping.text == "BUY 100 AAPL LMT 190 DAY"


def test_names_become_upper_case_and_nothing_else_is_coerced() -> None:
    order = payload.read(
        {**GOOD, "side": "sell", "symbol": "aapl", "order_type": "lmt", "time_in_force": "gtc"}
    ).checked()
    assert (order.side, order.symbol, order.order_type, order.tif) == (
        Side.SELL,
        "AAPL",
        OrderType.LMT,
        Tif.GTC,
    )


@pytest.mark.parametrize(
    "value", [True, "100", float("nan"), float("inf"), None, [1], 0, -6, 2**31]
)
def test_what_is_no_quantity_is_a_bad_quantity(value: object) -> None:
    assert codes({**GOOD, "quantity": value}) == ["BAD_QUANTITY"]


@pytest.mark.parametrize("value", [True, "190", float("nan"), Decimal("Infinity"), [190]])
def test_what_is_no_price_is_a_bad_price(value: object) -> None:
    assert codes({**GOOD, "limit_price": value}) == ["BAD_PRICE"]


def test_a_fault_shows_what_was_found() -> None:
    assert texts(quantity="100") == [
        "quantity must be a number (text is taken in an order line only); found `100`"
    ]
    assert texts(quantity="many") == ["quantity must be a number; found `many`"]
    assert texts(quantity=True) == ["quantity must be a number; found `True`"]
    assert texts(quantity=float("nan")) == ["quantity must be a finite number; found `nan`"]
    assert texts(side="SHORT") == ["side must be one of BUY, SELL; found `SHORT`"]
    assert texts(outside_rth=1) == ["outside_rth must be true or false; found `1`"]
    assert texts(strategy="") == ["strategy must be text; found ``"]


def test_an_unknown_field_is_refused_with_a_hint() -> None:
    assert texts(qantity=5) == ["unknown field `qantity` (did you mean `quantity`?)"]
    assert texts(colour="blue") == ["unknown field `colour`"]
    assert codes({**GOOD, "colour": "blue"}) == ["BAD_ORDER"]


def test_a_missing_field_is_named() -> None:
    assert sorted(fault.text for fault in payload.read({}).faults) == [
        f"`{name}` is missing" for name in ("order_type", "quantity", "side", "symbol")
    ]


def test_the_seldom_fields_are_flat_in_a_payload() -> None:
    order = payload.read({**GOOD, "display_size": 10, "oca_group": "g", "oca_type": "reduce"})
    assert str(order.checked()) == (
        "BUY 100 AAPL LMT 190 DAY display_size=10 oca_group=g oca_type=reduce"
    )
    assert texts(displaysize=5) == ["unknown field `displaysize` (did you mean `display_size`?)"]
    assert texts(oca_type="all") == [
        "oca_type must be one of cancel_block, reduce_block, reduce; found `all`"
    ]


def test_the_structured_fields_are_text_or_mappings() -> None:
    written = {
        "algo": {"name": "Vwap", "params": {"maxPctVol": 0.1}},
        "conditions": [{"kind": "margin", "level": 30, "rises": False}],
    }
    lined = {"algo": "Vwap maxPctVol=0.1", "conditions": "margin <= 30"}
    orders = [payload.read({**GOOD, **more}).checked() for more in (written, lined)]
    assert orders[0] == orders[1]
    assert payload.written(orders[0]) == {
        **GOOD,
        "algo": {"name": "Vwap", "params": {"maxPctVol": "0.1"}},
        "conditions": [{"kind": "margin", "level": 30, "rises": False}],
    }


def test_all_faults_of_the_parts_are_named() -> None:
    found = texts(legs=[{"side": "BUY", "ratio": 0.5}], conditions="rain")
    assert len(found) == 3
    assert "legs[0].ratio must be a whole number; found `0.5`" in found
    assert "legs[0].contract is missing" in found
    assert found[0].startswith("conditions: a condition is one of price, time, margin")


def test_an_order_made_by_hand_without_instructions_is_refused() -> None:
    order = payload.read(GOOD).checked()
    for wrong in (None, "be quick", {"hidden": True}, 0):
        by_hand = msgspec.structs.replace(order, instructions=wrong)
        assert codes(by_hand) == ["BAD_ORDER"]
    said = msgspec.structs.replace(PLAIN, hidden=0)
    assert codes(msgspec.structs.replace(order, instructions=said)) == ["BAD_ORDER"]


def test_an_order_made_by_hand_with_small_letters_is_the_order_that_is_meant() -> None:
    order = payload.read(GOOD).checked()
    legs = (Leg("buy", 1, "aapl"), Leg("SELL", 1, "#5"))
    combo = msgspec.structs.replace(order, sec_type="bag", legs=legs)
    read = payload.read(combo).checked()
    assert str(read) == 'BUY 100 AAPL.BAG LMT 190 DAY legs="BUY 1 AAPL, SELL 1 #5"'


def test_one_field_under_two_names_is_refused() -> None:
    assert texts(tif="DAY", time_in_force="GTC") == ["`tif` and `time_in_force` are one field"]
    assert codes({**GOOD, "tif": "DAY", "time_in_force": "DAY"}) == ["BAD_TIF"]


def test_all_faults_are_reported_together() -> None:
    wrong = {"side": "UP", "quantity": "x", "symbol": "AAPL", "tif": "NOW"}
    assert codes(wrong) == ["BAD_ORDER", "BAD_QUANTITY", "BAD_TIF"]


def test_a_price_that_the_type_does_not_take_is_refused() -> None:
    assert codes({**GOOD, "stop_price": 5}) == ["BAD_PRICE"]


def test_a_float_is_the_number_that_a_person_sees_and_is_remembered() -> None:
    asked = payload.read({**GOOD, "quantity": 100.0, "limit_price": 190.1})
    assert asked.checked().limit_price == Decimal("190.1")
    assert asked.checked().quantity == 100
    assert asked.floats == {"quantity", "limit_price"}
    assert payload.read(GOOD).floats == frozenset()


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2026-03-05T16:00:00-05:00", datetime(2026, 3, 5, 21, tzinfo=UTC)),
        (datetime(2026, 3, 5, 21, tzinfo=UTC), datetime(2026, 3, 5, 21, tzinfo=UTC)),
    ],
)
def test_a_moment_may_be_text_or_a_datetime(value: object, expected: datetime) -> None:
    assert payload.read({**GOOD, "tif": "GTD", "good_till": value}).checked().good_till == expected


@pytest.mark.parametrize("value", ["tomorrow", "2026-03-05T16:00:00", 5, datetime(2026, 3, 5)])  # noqa: DTZ001  # the naive one is the fault
def test_a_moment_without_an_offset_is_none(value: object) -> None:
    assert codes({**GOOD, "tif": "GTD", "good_till": value}) == ["BAD_TIF"]


@pytest.mark.parametrize("value", ["2026-06-19", date(2026, 6, 19)])
def test_a_day_may_be_text_or_a_date(value: object) -> None:
    order = payload.read({**GOOD, "sec_type": "fut", "expiry": value}).checked()
    assert (order.expiry, order.sec_type) == (date(2026, 6, 19), "FUT")


@pytest.mark.parametrize("value", ["June", 20260619, datetime(2026, 6, 19, tzinfo=UTC)])
def test_what_is_no_day_is_refused(value: object) -> None:
    assert codes({**GOOD, "expiry": value}) == ["BAD_ORDER"]


@pytest.mark.parametrize("source", [None, 42, ["BUY"], b"BUY 1 AAPL MKT"])
def test_what_is_neither_text_nor_a_mapping_is_no_order(source: object) -> None:
    assert codes(source) == ["BAD_ORDER"]


def test_defaults_fill_only_what_is_left_open() -> None:
    filled = payload.read("BUY 1 AAPL MKT", strategy="alpha", account="DU1").checked()
    assert (filled.strategy, filled.account) == ("alpha", "DU1")
    kept = payload.read("BUY 1 AAPL MKT strategy=beta", strategy="alpha", account=None).checked()
    assert (kept.strategy, kept.account) == ("beta", None)


def test_a_default_is_judged_too() -> None:
    asked = payload.read("BUY 1 AAPL MKT", strategy="al\x00pha")
    assert [fault.code for fault in asked.faults] == ["BAD_ORDER"]
    with pytest.raises(OrderError, match="printable"):
        asked.checked()


def test_an_order_made_by_hand_with_wrong_values_is_refused() -> None:
    order = Order(side=Side.BUY, quantity=True, symbol="AAPL", order_type=OrderType.MKT)  # type: ignore[arg-type]
    assert codes(order) == ["BAD_QUANTITY"]


def test_an_order_made_by_hand_is_judged_like_any_other() -> None:
    order = Order(side=Side.BUY, quantity=Decimal(-6), symbol="AAPL", order_type=OrderType.MKT)
    assert codes(order) == ["BAD_QUANTITY"]
    lower = Order(side=Side.BUY, quantity=Decimal(6), symbol="aapl", order_type=OrderType.MKT)
    assert payload.read(lower).checked().symbol == "AAPL"


def test_whoever_wants_the_order_gets_it_or_every_code() -> None:
    assert payload.read(GOOD).checked().quantity == 100
    with pytest.raises(OrderError) as error:
        payload.read({**GOOD, "quantity": 0, "tif": "NOW"}).checked()
    assert set(error.value.codes) >= {"BAD_TIF"}


def test_what_is_shown_is_short_and_printable() -> None:
    asked = payload.read({"note\n": "x" * 1000})
    assert len(asked.text) < 250
    assert asked.text.isprintable()
    assert asked.text.endswith("...")


def test_a_field_that_is_none_is_not_given() -> None:
    assert payload.read({**GOOD, "stop_price": None}).faults == ()
    assert texts(symbol=None) == ["`symbol` is missing"]


def test_a_number_of_numpy_is_the_number_that_a_person_reads() -> None:
    asked = payload.read({**GOOD, "limit_price": numpy.float64(190.25)})
    assert asked.checked().limit_price == Decimal("190.25")


def test_an_integer_with_thousands_of_digits_is_a_fault_and_no_exception() -> None:
    assert codes({**GOOD, "quantity": 10**5000}) == ["BAD_QUANTITY"]


def test_a_value_that_cannot_be_shown_is_a_fault_and_no_exception() -> None:
    class Mute:
        def __repr__(self) -> str:
            raise RuntimeError

    assert codes({**GOOD, "symbol": Mute()}) == ["BAD_ORDER"]


def test_payloads_that_threads_read_at_once_do_not_mix() -> None:
    """A cerberus validator keeps what it is at in itself, so each thread has its own."""
    sound = {"side": "BUY", "quantity": 10, "symbol": "AAPL", "order_type": "MKT"}
    payloads = [sound, {**sound, "quantity": "x"}, {**sound, "nonsense": 1}] * 2
    alone = [payload.read(one).faults for one in payloads]
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        with ThreadPoolExecutor(len(payloads)) as pool:
            runs = pool.map(lambda one: [payload.read(one).faults for _ in range(300)], payloads)
            assert all(set(run) == {wanted} for run, wanted in zip(runs, alone, strict=True))
    finally:
        sys.setswitchinterval(interval)
