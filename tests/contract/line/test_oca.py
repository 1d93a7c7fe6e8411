"""One-cancels-all groups at the broker, through the whole gate."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from riskgate.model.lifecycle import Status
from riskgate.simulator import Drop, Fault, Reject, quote
from tests.contract.line.conftest import PATIENCE, House, another_session, held, until, working

if TYPE_CHECKING:
    from riskgate.ticket import Ticket
    from riskgate.wiring import ConnectedGate

PAIR = ("BUY 60 AAPL LMT 189 DAY", "BUY 100 AAPL LMT 185 DAY")
EACH_FITS = ("BUY 60 AAPL LMT 189 DAY", "BUY 40 AAPL LMT 185 DAY")  # without a block all may fill
DOWN = quote("188.90", "188.95", "188.95")
SOME = quote("188.90", "188.95", "188.95", liquidity=30)


def pair(gate: ConnectedGate, oca_type: str = "cancel_block") -> tuple[Ticket, Ticket]:
    lines = EACH_FITS if oca_type == "reduce" else PAIR
    near, far = gate.submit_oca(lines, oca_type=oca_type)
    assert near.allowed, near.decision.breaches
    working(near)
    working(far)
    return near, far


def buys(gate: ConnectedGate) -> Decimal:
    instrument = gate.ledger.orders[1].subject.instrument
    return gate.ledger.holdings.of("DU1234567", instrument).buys


@pytest.mark.parametrize(
    ("oca_type", "number"), [("cancel_block", 1), ("reduce_block", 2), ("reduce", 3)]
)
def test_every_order_names_the_group_and_its_type(house: House, oca_type: str, number: int) -> None:
    gate = house.open()
    pair(gate, oca_type)
    wire = [one.message for one in house.sim.received("placeOrder")]
    assert len({one.text("ocaGroup") for one in wire}) == 1
    assert wire[0].text("ocaGroup")
    assert [one.integer("ocaType") for one in wire] == [number] * 2
    assert all(one.flag("transmit") and not one.integer("parentId") for one in wire)


def test_a_fill_of_one_cancels_the_other_and_its_room_is_free(house: House) -> None:
    gate = house.open()
    near, far = pair(gate)
    assert buys(gate) == Decimal(100)
    assert not gate.submit("BUY 1 AAPL LMT 189 DAY").allowed
    house.sim.set_price("AAPL", DOWN)
    assert near.wait(PATIENCE) is Status.FILLED
    assert far.wait(PATIENCE) is Status.CANCELLED
    assert buys(gate) == Decimal(0)
    assert held(gate) == 60
    assert gate.submit("BUY 40 AAPL LMT 180 DAY").allowed


@pytest.mark.parametrize("oca_type", ["reduce_block", "reduce"])
def test_a_part_of_one_makes_the_other_smaller_and_so_its_room(house: House, oca_type: str) -> None:
    gate = house.open()
    near, far = pair(gate, oca_type)
    house.sim.set_price("AAPL", SOME)
    until(gate, lambda: held(gate) == 30)
    until(gate, lambda: buys(gate) == Decimal(50))
    assert (near.status, far.status) == (Status.PARTIALLY_FILLED, Status.SUBMITTED)
    house.sim.set_price("AAPL", quote("184.90", "184.95", "184.95"))
    until(gate, lambda: not near.status.working and not far.status.working)
    assert buys(gate) == Decimal(0)


def test_an_order_of_a_group_is_modified_as_a_member_of_it(house: House) -> None:
    gate = house.open()
    near, far = pair(gate)
    assert gate.modify(near.order_id, quantity=100, limit_price=188).allowed
    house.sim.wait_for(lambda: house.sim.orders()[0].quantity == 100)
    groups = {one.message.text("ocaGroup") for one in house.sim.received("placeOrder")}
    assert len(groups) == 1
    assert buys(gate) == Decimal(100)
    house.sim.set_price("AAPL", quote("184.90", "184.95", "184.95"))
    until(gate, lambda: not near.status.working and not far.status.working)
    assert held(gate) == 100


def test_one_that_the_broker_refuses_leaves_the_other(house: House) -> None:
    gate = house.open()
    house.sim.inject(Fault("placeOrder", Reject(201, "no margin"), nth=2))
    near, far = gate.submit_oca(PAIR)
    assert far.wait(PATIENCE) is Status.REJECTED
    working(near)
    assert buys(gate) == Decimal(60)


def test_a_group_survives_a_restart_of_the_gate(house: House) -> None:
    gate = house.open()
    pair(gate)
    gate.close()
    again = house.open()
    until(again, lambda: again.reconciled)
    assert buys(again) == Decimal(100)
    house.sim.set_price("AAPL", DOWN)
    until(again, lambda: not any(one.status.working for one in again.orders()))
    assert held(again) == 60
    assert [view.status for view in again.orders()] == [Status.FILLED, Status.CANCELLED]


@pytest.mark.slow
def test_a_kill_drops_a_group_that_waits_and_cancels_one_that_works(house: House) -> None:
    gate = house.open(max_queue_time=30.0)
    first = pair(gate)
    desk = gate._broker._desk  # type: ignore[attr-defined]
    desk.outbox.pause(desk.now())
    waiting = gate.submit_oca(["SELL 1 AAPL LMT 195 DAY", "SELL 2 AAPL LMT 196 DAY"])
    report = gate.kill(reason="drill", by="m.ruiz", timeout=PATIENCE)
    assert sorted(report.never_sent) == [one.order_id for one in waiting]
    assert sorted(report.confirmed) == [one.order_id for one in first]
    assert len(house.sim.received("placeOrder")) == 2


def test_a_socket_that_drops_between_two_of_a_group_is_reconciled(house: House) -> None:
    gate = house.open()
    house.sim.inject(Fault("placeOrder", Drop(), nth=2))
    with another_session(gate):
        near, far = gate.submit_oca(PAIR)
    assert buys(gate) == Decimal(100)
    for _ in range(3):
        house.sim.advance(40)
        gate.reconcile()
    until(gate, lambda: far.status is Status.NEVER_SENT)
    assert near.status is Status.SUBMITTED
    assert buys(gate) == Decimal(60)
