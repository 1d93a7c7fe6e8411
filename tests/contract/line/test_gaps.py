"""What happens while nobody listens: rows 36, 49 and 55 of the scenarios, on the wire."""

from __future__ import annotations

from decimal import Decimal

import pytest

from riskgate.brokers.ib import desk
from riskgate.model.events import Reconciled
from riskgate.model.lifecycle import Status
from riskgate.simulator import (
    Drop,
    Fault,
    Mute,
    Outage,
    quote,
)
from tests.contract.line.conftest import (
    PATIENCE,
    House,
    another_session,
    back,
    codes,
    held,
    lost,
    until,
    working,
)


def test_36_a_fill_while_the_gate_was_down_moves_the_book_once(house: House) -> None:
    gate = house.open()
    ticket = gate.submit("BUY 60 AAPL LMT 150 GTC")
    working(ticket)
    gate.close()
    house.sim.set_price("AAPL", quote("149.90", "149.95", "149.95"))
    house.sim.wait_for(lambda: house.sim.positions() == {"AAPL": Decimal(60)})
    for _ in range(3):
        gate = house.open()
        assert held(gate) == 60
        assert gate.orders()[0].status is Status.FILLED
        gate.reconcile()
        assert held(gate) == 60
        assert gate.submit("BUY 41 AAPL LMT 140 DAY").decision.by == ("desk/held",)
        gate.close()


def test_36_a_foreign_fill_and_a_forced_liquidation_move_the_book_once_each(house: House) -> None:
    gate = house.open()
    assert gate.submit("BUY 50 AAPL MKT DAY").wait(PATIENCE) is Status.FILLED
    house.sim.place_by_hand("AAPL", "BUY", Decimal(30))
    house.sim.wait_for(lambda: house.sim.positions() == {"AAPL": Decimal(80)})
    for _ in range(2):
        gate.reconcile()
        assert held(gate) == 80
    assert gate.submit("BUY 21 AAPL LMT 140 DAY").decision.by == ("desk/held",)
    house.sim.place_by_hand("AAPL", "SELL", Decimal(80))
    house.sim.wait_for(lambda: house.sim.positions() == {})
    for _ in range(2):
        gate.reconcile()
        assert held(gate) == 0
    gate.close()
    gate = house.open()
    assert held(gate) == 0
    assert gate.submit("BUY 100 AAPL LMT 140 DAY").allowed


@pytest.mark.parametrize("reports", ["held", "lost"])
@pytest.mark.parametrize("data_lost", [False, True], ids=["1102", "1101"])
def test_49_fills_inside_the_gap_are_counted_once_when_the_link_is_back(
    house: House, reports: str, *, data_lost: bool
) -> None:
    gate = house.open()
    ticket = gate.submit("BUY 60 AAPL LMT 185 DAY")
    working(ticket)
    house.sim.happen(Outage(20, reports, data_lost))  # type: ignore[arg-type]
    lost(gate)
    assert gate.distrusted_because.startswith("1100: ")
    denied = gate.submit("BUY 10 AAPL LMT 180 DAY")
    assert codes(denied) == {"NOT_CONNECTED", "NOT_RECONCILED"}
    house.sim.set_price("AAPL", quote("184.90", "184.95", "184.95"))
    house.sim.wait_for(lambda: house.sim.positions() == {"AAPL": Decimal(60)})
    until(gate, lambda: len(house.notes()) == 1)
    house.sim.advance(21)
    back(gate)
    assert ticket.wait(PATIENCE) is Status.FILLED
    assert held(gate) == 60
    assert sum((fill.quantity for fill in ticket.fills), Decimal(0)) == 60
    assert gate.submit("BUY 41 AAPL LMT 140 DAY").decision.by == ("desk/held",)
    assert house.notes()[0].startswith("alarm: orders do not reach the broker since 15:00:00")
    until(gate, lambda: house.notes()[-1] == "connected again after 21 s")
    subscriptions = len(house.sim.received("reqMktData"))
    assert subscriptions == (2 if data_lost else 1)


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_49_a_socket_dropped_in_mid_order_leaves_it_working_or_unknown_until_proven(
    house: House, *, after: bool
) -> None:
    gate = house.open()
    house.sim.inject(Fault("placeOrder", Drop(after=after)))
    with another_session(gate):
        ticket = gate.submit("BUY 60 AAPL LMT 150 DAY")
    expected = Status.SUBMITTED if after else Status.UNKNOWN
    assert ticket.wait(PATIENCE, lambda view: view.status is expected) is expected
    assert gate.submit("BUY 41 AAPL LMT 140 DAY").decision.by == ("desk/held",)
    assert len(house.ids_on_the_wire()) == 1
    house.sim.advance(31)
    gate.reconcile()
    left = Status.SUBMITTED if after else Status.NEVER_SENT
    assert ticket.status is left
    assert gate.submit("BUY 41 AAPL LMT 140 DAY").allowed is not after


@pytest.mark.slow
def test_49_an_order_into_a_half_open_socket_keeps_its_room_until_it_is_proven_lost(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desk, "ANSWER", 0.3)
    gate = house.open(heartbeat=0.2, connect_timeout=0.3, max_silence=0.2)
    house.sim.happen(Mute(60))
    ticket = gate.submit("BUY 60 AAPL LMT 150 DAY")
    assert ticket.allowed
    lost(gate)
    second = gate.submit("BUY 10 AAPL LMT 150 DAY")
    assert "NOT_CONNECTED" in codes(second)
    until(gate, lambda: "no answer from 127.0.0.1" in gate.distrusted_because)
    view = ticket.view
    assert view is not None
    assert view.status.working
    house.sim.advance(60)
    back(gate)
    assert ticket.wait(PATIENCE, lambda v: v.status is Status.UNKNOWN) is Status.UNKNOWN
    assert gate.submit("BUY 41 AAPL LMT 140 DAY").decision.by == ("desk/held",)
    house.sim.advance(31)
    gate.reconcile()
    assert ticket.status is Status.NEVER_SENT
    assert house.sim.orders() == ()
    assert gate.submit("BUY 100 AAPL LMT 140 DAY").allowed


@pytest.mark.slow
def test_55_fills_of_a_night_are_found_through_positions(house: House) -> None:
    gate = house.open()
    ticket = gate.submit("BUY 60 AAPL LMT 150 GTC")
    working(ticket)
    gate.close()
    house.sim.set_price("AAPL", quote("149.90", "149.95", "149.95"))
    house.sim.wait_for(lambda: house.sim.positions() == {"AAPL": Decimal(60)})
    house.sim.advance(24 * 3600)
    for _ in range(2):
        gate = house.open()
        assert held(gate) == 60
        assert gate.submit("BUY 101 AAPL LMT 140 DAY").decision.by == ("desk/held",)
        gate.reconcile()
        assert held(gate) == 60
        gate.close()
    found = [one.differences for one in house.recorded() if isinstance(one, Reconciled)]
    assert any("position DU1234567 AAPL is 60" in told for told in found)
