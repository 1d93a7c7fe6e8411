"""Every field of every order the real library sends, as the simulator reads it."""

from __future__ import annotations

import dataclasses
from decimal import Decimal
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from riskgate.simulator.wire.codec import MIN_VERSION, REQUEST_TABLE
from riskgate.simulator.wire.kinds import Record, Value
from riskgate.simulator.wire.orders import PLACE_ORDER
from tests.wire.conftest import client_library, habits
from tests.wire.heard import PATHS, Hearing, Thing

ib = client_library()
VERSIONS = range(MIN_VERSION, habits().highest + 1)
DRAWING = Hearing(
    letters="abcXYZ019 .-_/\u00e9\u2713",
    unescapes=True,
    unheard=frozenset(),
    unheard_messages=frozenset(),
)
LISTS = {
    "comboLegs": ("ComboLeg", "Contract"),
    "orderComboLegs": ("OrderComboLeg", "Order"),
    "smartComboRoutingParams": ("TagValue", "Order"),
    "algoParams": ("TagValue", "Order"),
}
CONDITIONS = {
    1: "PriceCondition",
    3: "TimeCondition",
    4: "MarginCondition",
    5: "ExecutionCondition",
    6: "VolumeCondition",
    7: "PercentChangeCondition",
}


def plain(value: Thing) -> Thing:
    """A value as a caller of the library would write it."""
    return float(value) if isinstance(value, Decimal) else value


def given_to_the_library(record: Record) -> tuple[Thing, Thing]:
    """A contract and an order of the library with the values of the record."""
    contract, order = ib.Contract(), ib.Order()
    for name, value in record.items():
        if name == "deltaNeutralContract":
            if value:
                contract.deltaNeutralContract = ib.DeltaNeutralContract()
        elif name == "conditions":
            order.conditions = [condition(one) for one in listed(value)]
        elif name in LISTS:
            kind, where = LISTS[name]
            made = [getattr(ib, kind)(**fields(one)) for one in listed(value)]
            setattr(contract if where == "Contract" else order, name, made)
        elif value is not None:
            put(contract, order, name, plain(value))
    return contract, order


def listed(value: Thing) -> list[Record]:
    assert isinstance(value, list)
    return value


def fields(record: Record) -> dict[str, Any]:
    return {name: plain(value) for name, value in record.items() if value is not None}


def condition(record: Record) -> Thing:
    kind = record["condType"]
    assert isinstance(kind, int)
    return getattr(ib, CONDITIONS[kind])(**fields(record))


def put(contract: Thing, order: Thing, name: str, value: Thing) -> None:
    """Set an attribute, wherever the library has it."""
    for path in PATHS.get(name, (name,)):
        holder, _, last = path.rpartition(".")
        for one in (contract, order):
            if holder and hasattr(getattr(one, holder, None), last):
                changed = dataclasses.replace(getattr(one, holder), **{last: value})
                setattr(one, holder, changed)
                return
            if not holder and hasattr(one, last):
                setattr(one, last, value)
                return
    raise AssertionError(f"`{name}` belongs to nothing in the library")


def written(order_id: int, contract: Thing, order: Thing, version: int) -> bytes:
    """What the library puts on the wire."""
    client = ib.client.Client(None)
    client.connState = client.CONNECTED
    client._serverVersion = version
    sent: list[str] = []
    client.sendMsg = sent.append
    client.placeOrder(order_id, contract, order)
    return sent[-1].encode()


def rounded(value: Value) -> object:
    """A value after a library made a binary number of it."""
    if isinstance(value, list):
        return [{name: rounded(one) for name, one in item.items()} for item in value]
    return Decimal(str(float(value))) if isinstance(value, Decimal) else value


def check(version: int, seed: int) -> None:
    record = DRAWING.draw(Random(seed), "placeOrder", PLACE_ORDER, version)
    del record["orderMiscOptions"]  # a list in the library, one text on the wire
    number = record["orderId"]
    assert isinstance(number, int)
    contract, order = given_to_the_library(record)
    found = REQUEST_TABLE.decode(written(number, contract, order, version), version).fields
    assert found.pop("orderMiscOptions") == ""
    if habits().clears_volatility:
        record["volatility"] = None  # of an order that is none by volatility
    assert {name: rounded(one) for name, one in record.items()} == found


@settings(
    max_examples=150,
    deadline=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@given(st.integers(0, 2**32), st.sampled_from(VERSIONS))
def test_an_order_is_read_as_the_library_has_it(seed: int, version: int) -> None:
    check(version, seed)


@pytest.mark.parametrize("version", VERSIONS)
def test_orders_are_read_alike_at_every_version(version: int) -> None:
    for seed in range(5):
        check(version, seed)
