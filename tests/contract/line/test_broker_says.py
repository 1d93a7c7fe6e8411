"""What the broker says of orders, and what our book makes of it: rows 42 to 48, 51, 52 and 54.

The scenario files of the simulator, each played before the whole gate.
"""

from __future__ import annotations

from decimal import Decimal

import pytest

from riskgate.model.lifecycle import Status
from riskgate.model.report import Fill
from riskgate.simulator import quote
from riskgate.wiring import ConnectedGate
from tests.contract.line.conftest import PATIENCE, House, held, until, working

DOWN = quote("184.90", "184.95", "184.95")


def test_42_an_order_that_waits_for_shares_keeps_its_room_and_comes_alive(house: House) -> None:
    gate = house.open()
    house.sim.play("42")
    ticket = gate.submit("SELL 60 AAPL LMT 195 DAY")
    until(gate, lambda: ticket.status is Status.INACTIVE)
    assert gate.submit("SELL 41 AAPL LMT 196 DAY").decision.by == ("desk/held",)
    house.sim.advance(61)
    working(ticket)
    house.sim.set_price("AAPL", quote("195.10", "195.15", "195.10"))
    assert ticket.wait(PATIENCE) is Status.FILLED
    assert held(gate) == -60


def test_43_a_modify_that_is_refused_leaves_the_old_order_and_its_room(house: House) -> None:
    gate = house.open()
    house.sim.play("43")
    ticket = gate.submit("BUY 60 AAPL LMT 185 DAY")
    working(ticket)
    for quantity in (70, 80, 90):
        assert gate.modify(ticket.order_id, quantity=quantity).allowed
        number = ticket.order_id
        until(gate, lambda n=number: gate.ledger.orders[n].reserved == 60)  # type: ignore[misc]
        assert ticket.status is Status.SUBMITTED
    house.sim.set_price("AAPL", DOWN)
    assert ticket.wait(PATIENCE) is Status.FILLED
    assert held(gate) == 60


@pytest.mark.slow
def test_44_a_cancel_that_is_refused_or_not_answered_keeps_the_order_and_its_room(
    house: House,
) -> None:
    gate = house.open()
    house.sim.play("44")
    ticket = gate.submit("BUY 60 AAPL LMT 185 DAY")
    working(ticket)
    for asked in range(1, 6):
        assert gate.cancel(ticket.order_id)
        house.sim.wait_for(lambda n=asked: len(house.sim.received("cancelOrder")) >= n)  # type: ignore[misc]
        gate.reconcile()
        until(gate, lambda: ticket.status is Status.SUBMITTED)
        assert gate.submit("BUY 41 AAPL LMT 140 DAY").decision.by == ("desk/held",)
    house.sim.set_price("AAPL", DOWN)
    assert ticket.wait(PATIENCE) is Status.FILLED
    assert held(gate) == 60


def test_45_a_corrected_execution_is_replaced_and_not_added(house: House) -> None:
    gate = house.open()
    house.sim.play("45")
    ticket = gate.submit("BUY 100 AAPL MKT DAY")
    until(gate, lambda: Decimal("189.50") in {fill.price for fill in ticket.fills})
    gate.reconcile()
    total = sum(fill.quantity for fill in ticket.fills)
    assert {"AAPL": total} == house.sim.positions()
    assert held(gate) == total


def test_46_a_commission_counts_once_whenever_it_comes_and_never_as_a_number_that_is_unset(
    house: House,
) -> None:
    gate = house.open()
    house.sim.play("46")
    tickets = [gate.submit(f"BUY {quantity} AAPL MKT DAY") for quantity in (10, 11, 12)]
    assert [ticket.wait(PATIENCE) for ticket in tickets] == [Status.FILLED] * 3
    until(gate, lambda: len(_unbilled(gate)) == 2)  # one came without amounts, one never
    gate.reconcile()
    assert sum(fill.quantity for fill in gate.fills()) == 33
    billed = [fill.commission for fill in gate.fills() if fill.commission is not None]
    assert all(0 <= cost <= 1 for cost in billed)


def _unbilled(gate: ConnectedGate) -> list[Fill]:
    return [fill for fill in gate.fills() if fill.commission is None]


def test_47_what_is_said_twice_and_too_late_changes_nothing(house: House) -> None:
    gate = house.open()
    house.sim.play("47")
    tickets = [gate.submit(f"BUY {quantity} AAPL MKT DAY") for quantity in (30, 31)]
    assert [ticket.wait(PATIENCE) for ticket in tickets] == [Status.FILLED] * 2
    gate.reconcile()
    assert [ticket.status for ticket in tickets] == [Status.FILLED] * 2
    assert held(gate) == 61


def test_48_a_fill_without_any_status_is_a_fill(house: House) -> None:
    gate = house.open()
    house.sim.play("48")
    tickets = [gate.submit(f"BUY {quantity} AAPL MKT DAY") for quantity in (30, 31)]
    assert [ticket.wait(PATIENCE) for ticket in tickets] == [Status.FILLED] * 2
    assert held(gate) == 61


def test_51_a_second_live_order_of_a_modify_counts_as_foreign(house: House) -> None:
    gate = house.open()
    ticket = gate.submit("BUY 30 AAPL LMT 185 DAY")
    working(ticket)
    house.sim.play("51")
    house.sim.advance(11)
    until(gate, lambda: not gate.reconciled)
    assert not gate.modify(ticket.order_id, quantity=40).allowed  # nothing leaves in the gap
    house.sim.advance(21)
    until(gate, lambda: gate.reconciled)
    assert gate.modify(ticket.order_id, quantity=40).allowed
    house.sim.wait_for(lambda: len(house.sim.received("placeOrder")) >= 2)
    assert gate.modify(ticket.order_id, limit_price=Decimal(184)).allowed
    house.sim.wait_for(lambda: len(house.sim.orders()) >= 2)
    outcome = gate.reconcile()
    assert [text for text in outcome.differences if text.startswith("foreign order")]
    assert gate.submit("BUY 31 AAPL LMT 140 DAY").decision.by == ("desk/held",)


@pytest.mark.slow
def test_52_a_kill_behind_a_burst_lets_nothing_leave_that_waits(house: House) -> None:
    many = 90
    gate = house.open(max_queue_time=30.0)
    live = gate.submit("BUY 1 AAPL LMT 150 DAY")
    working(live)
    for number in range(many):
        gate.submit(f"BUY 1 AAPL LMT {140 - number} DAY")
    report = gate.kill(by="m.ruiz", reason="runaway", timeout=PATIENCE)
    assert report.done
    assert len(report.never_sent) + len(report.confirmed) == many + 1
    assert len(house.sim.received("placeOrder")) == len(report.confirmed)
    assert len(report.never_sent) > many / 3
    assert {one.status for one in house.sim.orders()} == {"Cancelled"}


def test_54_orders_of_others_stand_beside_ours_and_count(house: House) -> None:
    gate = house.open()
    house.sim.play("54")
    house.sim.advance(30)
    house.sim.wait_for(lambda: house.sim.positions() == {"AAPL": Decimal(-5)})
    outcome = gate.reconcile()
    assert any(text.startswith("foreign order") for text in outcome.differences)
    assert held(gate) == -5
    assert gate.submit("BUY 76 AAPL LMT 140 DAY").decision.by == ("desk/held",)
    assert gate.submit("BUY 75 AAPL LMT 140 DAY").allowed
