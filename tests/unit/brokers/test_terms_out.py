from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from riskgate.brokers.ib.client import load
from riskgate.brokers.ib.places import Place
from riskgate.brokers.ib.terms_out import Placing, faults_of, order_of, venue_of
from riskgate.errors import OrderError
from riskgate.model.instructions import Adjustment, Condition, ConditionKind, Instructions
from riskgate.model.instrument import Terms
from riskgate.model.order import SHAPES, Order, OrderType, Side, Tif
from tests.unit.brokers.order_samples import SAMPLES, said

LIBRARY: Any = load()
PRICES = {
    "limit_price": Decimal("190.5"),
    "stop_price": Decimal(180),
    "trigger_price": Decimal(181),
    "peg_offset": Decimal("0.02"),
    "limit_offset": Decimal("0.25"),
    "trail_percent": Decimal(2),
}
NOON = datetime(2026, 3, 5, 14, 30, tzinfo=UTC)


def made(line: str) -> Any:  # noqa: ANN401  # the library's order
    return order_of(LIBRARY, Order.parse(line), "rg-1", "DU1")


def plain(order_type: OrderType, tif: Tif = Tif.DAY, **said: Any) -> Order:  # noqa: ANN401  # any field
    """An order with the prices that its type needs."""
    shape = SHAPES[order_type]
    names = (*shape.prices, *(("trail_percent",) if shape.trails else ()))
    stated = {name: PRICES[name] for name in names}
    return Order(
        **{"side": Side.BUY, "quantity": Decimal(100), "symbol": "AAPL", **stated, **said},
        order_type=order_type,
        tif=tif,
    )


@pytest.mark.parametrize("line", SAMPLES)
def test_an_order_becomes_what_ibs_own_sample_of_its_type_is(line: str) -> None:
    assert said(made(line)) == SAMPLES[line]


def test_account_reference_and_flags_are_always_stated() -> None:
    order = made("BUY 5 AAPL MKT DAY")
    assert (order.account, order.orderRef, order.transmit) == ("DU1", "rg-1", True)
    assert (order.eTradeOnly, order.firmQuoteOnly, order.outsideRth) == (False, False, False)


def test_a_part_of_a_group_names_its_parent_and_waits_for_the_next() -> None:
    order: Any = order_of(
        LIBRARY,
        Order.parse("BUY 5 AAPL MKT DAY"),
        "rg-1",
        "DU1",
        Placing(parent=41, transmit=False),
    )
    assert (order.parentId, order.transmit) == (41, False)


@pytest.mark.parametrize("tif", Tif)
@pytest.mark.parametrize("order_type", OrderType)
def test_every_type_and_time_in_force_is_carried(order_type: OrderType, tif: Tif) -> None:
    good_till = NOON if tif is Tif.GTD else None
    assert faults_of(plain(order_type, tif, good_till=good_till)) == ()


@pytest.mark.parametrize("exchange", [None, "ARCA"])
def test_an_order_goes_to_the_venue_that_it_states(exchange: str | None) -> None:
    assert venue_of(plain(OrderType.LMT, exchange=exchange)) == exchange


def test_an_order_for_the_night_goes_to_the_venue_of_the_night() -> None:
    assert venue_of(Order.parse("BUY 5 AAPL LMT 190 OVERNIGHT")) == "OVERNIGHT"


def test_of_a_group_without_a_type_two_never_fill() -> None:
    assert made("BUY 5 AAPL LMT 190 DAY oca_group=g").ocaType == 1


REFUSED: dict[str, tuple[Order, str, str]] = {
    "a contract that is not carried": (
        plain(OrderType.LMT, sec_type="BOND"),
        "BAD_ORDER",
        "security type `BOND`",
    ),
    "a quantity of too many digits": (
        plain(OrderType.MKT, quantity=Decimal("0.12345678901234567891")),
        "BAD_QUANTITY",
        "quantity `0.12345678901234567891` cannot be written exactly",
    ),
    "a price of too many digits": (
        plain(OrderType.LMT, limit_price=Decimal("190.0000000000000001")),
        "BAD_PRICE",
        "limit_price `190.0000000000000001` cannot be written exactly",
    ),
    "a price that is none": (
        plain(OrderType.LMT, limit_price=Decimal("NaN")),
        "BAD_PRICE",
        "limit_price `NaN`",
    ),
    "a time of too many digits": (
        plain(OrderType.LMT, Tif.GTD, good_till=NOON.replace(microsecond=1)),
        "BAD_TIF",
        "parts of a second",
    ),
    "a time without a zone": (
        plain(OrderType.LMT, Tif.GTD, good_till=NOON.replace(tzinfo=None)),
        "BAD_TIF",
        "has no zone",
    ),
    "another exchange in the night": (
        plain(OrderType.LMT, Tif.OVERNIGHT, exchange="ARCA"),
        "BAD_TIF",
        "found exchange `ARCA`",
    ),
    "the exchange of the night by day": (
        plain(OrderType.LMT, exchange="OVERNIGHT"),
        "BAD_TIF",
        "use tif OVERNIGHT",
    ),
}
UNSAID: dict[str, tuple[Instructions, str]] = {
    "a text that is not ASCII": (
        Instructions(oca_group="caf\u00e9"),
        "oca_group `caf\u00e9` is not",
    ),
    "parts of a unit": (Instructions(display_size=Decimal("1.5")), "must be a whole number"),
    "what only another type carries": (
        Instructions(compete_offset=Decimal(0)),
        "compete_offset `0` cannot be sent to IB with LMT",
    ),
    "the start of a trail without one": (
        Instructions(trail_stop_price=Decimal(180)),
        "trail_stop_price `180` cannot be sent to IB with LMT",
    ),
    "a size that only one venue takes": (
        Instructions(min_trade_quantity=Decimal(5)),
        "state exchange=IBKRATS",
    ),
    "an adjustment to what IB has not": (
        Instructions(adjusts=Adjustment(Decimal(1), "MKT")),
        "adjusts `MKT` cannot be sent",
    ),
    "a condition without a level": (
        Instructions(conditions=(Condition(ConditionKind.PRICE, "AAPL"),)),
        "has no level",
    ),
    "a condition without a time": (
        Instructions(conditions=(Condition(ConditionKind.TIME),)),
        "has no time",
    ),
    "a condition without a contract": (
        Instructions(conditions=(Condition(ConditionKind.VOLUME, level=Decimal(5)),)),
        "names no contract",
    ),
    "a condition on what names no contract": (
        Instructions(conditions=(Condition(ConditionKind.EXECUTION, "#x"),)),
        "write `#`, the broker's number",
    ),
    "an execution in a contract by its number": (
        Instructions(conditions=(Condition(ConditionKind.EXECUTION, "#272093@SMART"),)),
        "names its contract by a number",
    ),
    "parts of a percent of the cushion": (
        Instructions(conditions=(Condition(ConditionKind.MARGIN, level=Decimal("30.5")),)),
        "must be a whole number for IB",
    ),
}
REFUSED |= {
    name: (plain(OrderType.LMT, instructions=words), "BAD_ORDER", why)
    for name, (words, why) in UNSAID.items()
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_carried_is_refused_by_name(name: str) -> None:
    order, code, why = REFUSED[name]
    (fault,) = faults_of(order)
    assert fault.code == code
    assert why in fault.text
    with pytest.raises(OrderError) as caught:
        order_of(LIBRARY, order, "rg-1", "DU1")
    assert caught.value.codes == (code,)


def test_all_faults_are_told_together() -> None:
    wrong = Decimal("190.0000000000000001")
    order = plain(OrderType.STP_LMT, limit_price=wrong, stop_price=wrong, sec_type="BOND")
    assert len(faults_of(order)) == 3


@pytest.mark.parametrize("ref", ["rg-\u00e9", "rg-\x00", "a\tb"])
def test_a_text_that_is_not_printable_ascii_does_not_go_out(ref: str) -> None:
    with pytest.raises(OrderError, match="not printable ASCII"):
        order_of(LIBRARY, Order.parse("BUY 5 AAPL MKT DAY"), ref, "DU1")


@pytest.mark.parametrize(
    ("version", "carried"), [(169, False), (170, True), (176, True), (178, True)]
)
@pytest.mark.parametrize(
    "line",
    [line for line in SAMPLES if "min_trade_quantity" in line],
)
def test_what_a_version_of_ibs_messages_has_no_field_for_is_refused(
    line: str, version: int, *, carried: bool
) -> None:
    faults = faults_of(Order.parse(line), version)
    assert (faults == ()) is carried
    assert all(one.text.endswith("it needs 170") for one in faults)


def test_conditions_name_contracts_by_the_numbers_that_the_finder_knows() -> None:
    def find(terms: Terms, number: int) -> Place:
        assert (terms.symbol, number) == ("MSFT", 0)
        return Place(272093, "NASDAQ")

    order = Order.parse('BUY 5 AAPL MKT DAY conditions="price MSFT >= 400 | change MSFT@ARCA >= 1"')
    theirs: Any = order_of(LIBRARY, order, "rg-1", "DU1", Placing(finder=find))
    assert [(one.conId, one.exch) for one in theirs.conditions] == [
        (272093, "NASDAQ"),
        (272093, "ARCA"),
    ]


def test_a_condition_on_a_name_that_nobody_knows_cannot_be_sent() -> None:
    order = Order.parse('BUY 5 AAPL MKT DAY conditions="price MSFT >= 400"')
    assert faults_of(order) == ()
    with pytest.raises(OrderError, match="prepare it first") as caught:
        order_of(LIBRARY, order, "rg-1", "DU1")
    assert caught.value.codes == ("UNKNOWN_INSTRUMENT",)


def test_what_is_usual_is_not_looked_at_twice() -> None:
    order = msgspec.structs.replace(plain(OrderType.LMT), instructions=Instructions())
    assert said(order_of(LIBRARY, order, "rg-1", "DU1")) == said(
        order_of(LIBRARY, plain(OrderType.LMT), "rg-1", "DU1")
    )
