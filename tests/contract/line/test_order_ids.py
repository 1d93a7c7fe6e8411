"""Order ids only grow: row 50 of the scenarios, on the wire."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

import pytest

from riskgate.model.lifecycle import Status
from riskgate.simulator import (
    Options,
    VirtualClock,
    running,
)
from riskgate.ticket import Ticket
from riskgate.wiring import ConnectedGate
from tests.contract.line.conftest import (
    AAPL,
    LIMITS,
    MORNING,
    PATIENCE,
    House,
    another_session,
    session_of,
    until,
    working,
)


@pytest.mark.slow
def test_50_ids_grow_through_two_restarts_that_roll_them_back(house: House) -> None:
    gate = house.open()
    placed: list[Ticket] = []
    for _ in range(3):
        for _ in range(4):
            placed.append(gate.submit("BUY 5 AAPL LMT 150 DAY"))
            working(placed[-1])
        with another_session(gate):
            house.sim.restart(roll_back_ids=4)
    assert gate.submit("SELL 5 AAPL MKT DAY").wait(PATIENCE) is Status.FILLED
    ids = house.ids_on_the_wire()
    assert ids == sorted(set(ids))
    assert len(ids) == 13
    orders = house.sim.orders()
    assert len({one.order_ref for one in orders}) == len({one.perm_id for one in orders}) == 13
    assert {ticket.status for ticket in placed} == {Status.SUBMITTED}


def test_50_a_new_gate_on_the_journal_begins_above_what_was_sent(house: House) -> None:
    gate = house.open()
    for _ in range(5):
        assert gate.submit("BUY 1 AAPL MKT DAY").wait(PATIENCE) is Status.FILLED
    gate.close()
    house.sim.restart(roll_back_ids=5)
    gate = house.open()
    assert gate.submit("BUY 1 AAPL MKT DAY").wait(PATIENCE) is Status.FILLED
    assert house.ids_on_the_wire() == [1, 2, 3, 4, 5, 6]


@pytest.mark.slow
def test_50_gates_of_several_clients_share_one_growing_sequence(house: House) -> None:
    one, two = house.open(1), house.open(2)
    for _ in range(3):
        for gate in (one, two):
            assert gate.submit("BUY 1 AAPL MKT DAY").wait(PATIENCE) is Status.FILLED
        with another_session(one, two):
            house.sim.restart(roll_back_ids=2)
    ids = house.ids_on_the_wire()
    assert ids == sorted(set(ids))
    assert len(ids) == 6
    asked = {one.message.integer("reqId") for one in house.sim.received("reqMktData")}
    assert min(asked) >= 1_000_000_000


def overtaken(gate: ConnectedGate) -> list[Ticket]:
    """Of three orders the last one, a reduction, leaves first."""
    assert gate.submit("BUY 20 AAPL MKT DAY").wait(PATIENCE) is Status.FILLED
    at_work = session_of(gate)
    assert at_work is not None
    at_work.outbox.pause(at_work.now())
    lines = ("BUY 1 AAPL LMT 150 DAY", "BUY 2 AAPL LMT 150 DAY", "SELL 3 AAPL LMT 250 DAY")
    tickets = [gate.submit(line) for line in lines]
    for ticket in tickets:
        working(ticket)
    return tickets


@pytest.mark.slow
def test_ids_grow_through_restarts_where_one_order_overtakes_another(house: House) -> None:
    gate = house.open(max_queue_time=10.0)
    tickets = overtaken(gate)
    assert house.ids_on_the_wire() == [1, 4, 5, 6]
    gate.close()
    house.sim.restart(roll_back_ids=6)
    gate = house.open()
    working(gate.submit("BUY 4 AAPL LMT 150 DAY"))
    assert house.ids_on_the_wire() == [1, 4, 5, 6, 7]
    assert gate.cancel(tickets[0].order_id)
    until(gate, lambda: gate.ledger.orders[tickets[0].order_id].status is Status.CANCELLED)
    left = {one.order_ref for one in house.sim.orders() if one.status == "Submitted"}
    assert tickets[0].ref not in left
    assert {tickets[1].ref, tickets[2].ref} < left


@pytest.mark.slow
def test_a_kill_cancels_orders_that_were_overtaken_before_a_restart(house: House) -> None:
    gate = house.open(max_queue_time=10.0)
    tickets = overtaken(gate)
    gate.close()
    gate = house.open()
    report = gate.kill(reason="a test", by="ann", timeout=PATIENCE)
    assert sorted(report.confirmed) == [ticket.order_id for ticket in tickets]
    assert report.done


def test_50_an_id_that_the_broker_raises_is_taken_up(tmp_path: Path) -> None:
    (tmp_path / "limits.yaml").write_text(LIMITS, encoding="utf-8")
    clock = VirtualClock(MORNING)
    options = Options(first_order_id=500)
    with running({"AAPL": AAPL}, clock, options) as sim, ExitStack() as stack:
        house = House(sim, clock, tmp_path, stack)
        gate = house.open()
        assert gate.submit("BUY 1 AAPL MKT DAY").wait(PATIENCE) is Status.FILLED
        with another_session(gate):
            sim.restart(roll_back_ids=1)
        assert gate.submit("BUY 1 AAPL MKT DAY").wait(PATIENCE) is Status.FILLED
        assert house.ids_on_the_wire() == [500, 501]
        gate.close()
