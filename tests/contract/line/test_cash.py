"""Orders for an amount of cash, and for parts of a share, on the wire."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from decimal import Decimal
from pathlib import Path

import pytest

from riskgate.model.lifecycle import Status
from riskgate.model.readings import Holding
from riskgate.simulator import Options, VirtualClock, quote, running
from riskgate.simulator.terms import Asked as Fields
from riskgate.wiring import ConnectedGate
from tests.contract.line.conftest import (
    AAPL,
    LIMITS,
    MORNING,
    PATIENCE,
    House,
    codes,
    until,
    working,
)

MARKET = "BUY 0 AAPL MKT DAY cash_quantity=1000"
RESTING = "BUY 0 AAPL LMT 180 DAY cash_quantity=1000"


@pytest.fixture(params=[False, True], ids=["whole shares", "fractions"])
def house(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[House]:
    (tmp_path / "limits.yaml").write_text(LIMITS, encoding="utf-8")
    clock = VirtualClock(MORNING)
    options = Options(fractional=request.param)
    with running({"AAPL": AAPL}, clock, options) as sim, ExitStack() as stack:
        yield House(sim, clock, tmp_path, stack)


def held(gate: ConnectedGate) -> Holding:
    return gate.ledger.holdings.of(next(iter(gate.world.market.accounts)), "AAPL")


def agrees(gate: ConnectedGate, house: House) -> bool:
    gate.reconcile()
    assert gate.ledger.last_reconcile is not None
    bought = house.sim.positions().get("AAPL", Decimal(0))
    return gate.ledger.last_reconcile[1].settled and held(gate).position == bought


def test_an_order_for_cash_reserves_the_most_units_and_ends_with_what_was_bought(
    house: House,
) -> None:
    gate = house.open()
    ticket = gate.submit(MARKET)
    order = ticket.decision.order
    assert order is not None
    assert order.quantity == 6
    assert ticket.wait(PATIENCE) is Status.FILLED
    (sent,) = house.sim.received("placeOrder")
    assert Fields(sent.message.fields).number("cashQty") == 1000
    assert not Fields(sent.message.fields).number("totalQuantity")
    position = held(gate).position
    assert Decimal(5) <= position < Decimal("5.27")
    assert held(gate) == Holding(position)
    assert gate.ledger.orders[ticket.order_id].overfilled == 0
    assert agrees(gate, house)


def test_a_resting_order_for_cash_is_modified_and_cancelled(house: House) -> None:
    gate = house.open()
    ticket = gate.submit(RESTING)
    working(ticket)
    assert held(gate) == Holding(buys=Decimal(6))
    assert gate.modify(ticket.order_id, limit_price=Decimal(100)).allowed
    assert held(gate) == Holding(buys=Decimal(10))
    until(gate, lambda: [one.limit for one in house.sim.orders()] == [Decimal(100)])
    assert gate.cancel(ticket.order_id)
    until(gate, lambda: ticket.status is Status.CANCELLED)
    assert held(gate) == Holding()
    assert agrees(gate, house)


def test_an_order_for_cash_survives_a_restart_and_fills_later(house: House) -> None:
    gate = house.open()
    number = gate.submit(RESTING).order_id
    until(gate, lambda: gate.ledger.orders[number].status is Status.SUBMITTED)
    gate.close()
    gate = house.open()
    assert held(gate) == Holding(buys=Decimal(6))
    assert agrees(gate, house)
    house.sim.set_price("AAPL", quote("179.90", "179.95", "179.93"))
    until(gate, lambda: gate.ledger.orders[number].status is Status.FILLED)
    assert held(gate).buys == 0
    assert agrees(gate, house)


def test_the_limits_of_units_hold_for_an_order_for_cash(house: House) -> None:
    gate = house.open()
    assert gate.submit("BUY 0 AAPL MKT DAY cash_quantity=19000").decision.by == ("desk/held",)
    stated = gate.submit("BUY 5 AAPL MKT DAY cash_quantity=19000")
    assert stated.decision.codes == ("BAD_QUANTITY",)
    assert house.sim.orders() == ()


def test_an_order_for_cash_without_a_price_is_denied(house: House) -> None:
    gate = house.open()
    assert codes(gate.submit("BUY 0 MSFT MKT DAY cash_quantity=1000")) & {
        "NO_PRICE",
        "UNKNOWN_INSTRUMENT",
    }


PART = "BUY 1.5 AAPL LMT 190.01 DAY"


def test_parts_of_a_share_are_traded_where_the_settings_say_so(tmp_path: Path) -> None:
    with _fractional(tmp_path) as house:
        gate = house.open(fractional=True)
        assert gate.submit(PART).wait(PATIENCE) is Status.FILLED
        assert held(gate) == Holding(Decimal("1.5"))
        assert gate.submit("SELL 0.25 AAPL MKT DAY").wait(PATIENCE) is Status.FILLED
        assert agrees(gate, house)
        ticket = gate.submit("BUY 0.00005 AAPL MKT DAY")
        assert codes(ticket) == {"BAD_QUANTITY"}
        cash = gate.submit(MARKET)
        assert cash.decision.order is not None
        assert cash.decision.order.quantity == Decimal("5.2911")  # at the close of 189
        assert cash.wait(PATIENCE) is Status.FILLED
        assert agrees(gate, house)
        gate.close()


def test_without_the_setting_a_share_is_the_smallest_part(tmp_path: Path) -> None:
    with _fractional(tmp_path) as house:
        gate = house.open()
        assert codes(gate.submit(PART)) == {"BAD_QUANTITY"}
        gate.close()


@contextmanager
def _fractional(folder: Path) -> Iterator[House]:
    """A broker that takes parts of a share."""
    (folder / "limits.yaml").write_text(LIMITS, encoding="utf-8")
    clock = VirtualClock(MORNING)
    with running({"AAPL": AAPL}, clock, Options(fractional=True)) as sim, ExitStack() as stack:
        yield House(sim, clock, folder, stack)
