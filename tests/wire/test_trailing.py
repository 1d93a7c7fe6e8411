"""A trailing order is told with its stop price from the first word on."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from riskgate.simulator import Running, quote
from riskgate.simulator.wire.kinds import Record

if TYPE_CHECKING:
    from tests.wire.conftest import Wire, WireConnect

SELL: Record = {
    "symbol": "AAPL",
    "secType": "STK",
    "exchange": "SMART",
    "currency": "USD",
    "action": "SELL",
    "totalQuantity": Decimal(10),
    "orderType": "TRAIL",
    "tif": "DAY",
    "transmit": True,
}


def stops(client: Wire, sim: Running, **terms: object) -> list[Decimal | None]:
    """The stop price in every openOrder of an order."""
    client.send("placeOrder", {**SELL, "orderId": 1, **terms})  # type: ignore[dict-item]
    sim.wait_for(lambda: len(sim.orders()) > 0)
    sim.settle()
    client.send("reqCurrentTime", {})
    told = client.read_until("currentTime")
    return [one.number("trailStopPrice") for one in told if one.name == "openOrder"]


@pytest.mark.parametrize(
    ("terms", "stop"),
    [
        ({"auxPrice": Decimal(2)}, 188),
        ({"trailingPercent": Decimal(1)}, Decimal("188.1")),
        ({"auxPrice": Decimal(2), "action": "BUY"}, 192),
        ({"auxPrice": Decimal(2), "trailStopPrice": Decimal(180)}, 180),
        ({"auxPrice": Decimal(2), "orderType": "TRAIL LIMIT", "lmtPriceOffset": Decimal(1)}, 188),
    ],
)
def test_the_first_word_of_a_trailing_order_has_its_stop_price(
    sim: Running, wire: WireConnect, terms: dict[str, object], stop: Decimal
) -> None:
    told = stops(wire(), sim, **terms)
    assert told
    assert told[0] == stop


def test_a_changed_distance_is_told_with_the_new_stop_price(
    sim: Running, wire: WireConnect
) -> None:
    client = wire()
    stops(client, sim, auxPrice=Decimal(2))
    assert stops(client, sim, auxPrice=Decimal(3)) == [187]


def test_a_trailing_child_trails_from_when_its_parent_is_filled(
    sim: Running, wire: WireConnect
) -> None:
    client = wire()
    parent: Record = {**SELL, "action": "BUY", "orderType": "LMT", "lmtPrice": Decimal(180)}
    client.send("placeOrder", {**parent, "orderId": 1, "transmit": False})
    client.send("placeOrder", {**SELL, "orderId": 2, "parentId": 1, "auxPrice": Decimal(2)})
    sim.wait_for(lambda: len(sim.orders()) == 2)
    sim.set_price("AAPL", quote("179.99", "180", "180"))
    sim.wait_for(lambda: sim.orders()[0].status == "Filled")
    sim.settle()
    assert sim.orders()[1].status == "PreSubmitted"  # not sold at the stop of long ago
