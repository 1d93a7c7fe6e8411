"""Orders of every type: what is written reads back as the same, as a line and as a payload."""

from __future__ import annotations

from decimal import Decimal

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskgate.line import payload
from riskgate.model.instructions import PLAIN, Instructions
from riskgate.model.order import Order, OrderType, Side
from riskgate.model.terms import TIFS, listed
from tests.unit.model.order_strategies import LINES, orders


@pytest.mark.parametrize("kind", OrderType)
@settings(max_examples=30, derandomize=True, deadline=None)
@given(data=st.data())
def test_an_order_of_every_type_reads_back_as_itself(kind: OrderType, data: st.DataObject) -> None:
    order = data.draw(orders(kind))
    assert listed(order) == ()
    assert Order.parse(str(order)) == order
    assert payload.read(payload.written(order)).checked() == order
    assert payload.read(order).checked() == order
    assert msgspec.json.decode(msgspec.json.encode(order), type=Order) == order


def test_every_type_and_time_in_force_is_among_the_lines() -> None:
    read = [Order.parse(line) for line in LINES]
    assert {order.order_type for order in read} == set(OrderType)
    assert {order.tif for order in read} == {tif for tifs in TIFS.values() for tif in tifs} - {
        "IOC"
    }


def test_every_instruction_is_among_the_lines() -> None:
    said = [Order.parse(line).instructions for line in LINES]
    for name in Instructions.__struct_fields__:
        assert any(getattr(one, name) != getattr(PLAIN, name) for one in said), name


def test_an_order_that_is_read_back_says_nothing_seldom_by_sharing() -> None:
    order = Order.parse("BUY 100 AAPL MKT DAY")
    kept = msgspec.json.decode(msgspec.json.encode(order), type=Order)
    assert kept.instructions is PLAIN


@pytest.mark.parametrize(
    ("line", "reach"),
    [
        ("BUY 100 AAPL LMT 190 DAY discretionary_amount=0.1", Decimal("190.1")),
        ("SELL 100 AAPL LMT 190 DAY discretionary_amount=0.1", Decimal("189.9")),
        ("SELL 100 AAPL LMT 190 DAY", Decimal(190)),
        ("SELL 100 AAPL MKT DAY", None),
    ],
)
def test_an_order_reaches_as_far_as_its_limit_and_what_is_discretionary(
    line: str, reach: Decimal | None
) -> None:
    assert Order.parse(line).reach == reach
    assert Order.parse(line).side in Side
