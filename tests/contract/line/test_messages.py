"""What messages of the line do to prices and orders, on the wire; with row 41 of the scenarios."""

from __future__ import annotations

from riskgate.model.lifecycle import Status
from riskgate.model.report import ErrorReport
from riskgate.simulator import (
    Fault,
    VirtualClock,
    Warn,
    quote,
)
from riskgate.wiring import ConnectedGate
from tests.contract.line.conftest import (
    PATIENCE,
    House,
    codes,
    held,
    session_of,
    until,
    working,
)


def test_a_broken_farm_makes_prices_stale_and_a_working_one_restores_them(house: House) -> None:
    gate = house.open(heartbeat=0.05)
    for broken, well in ((2103, 2104), (2105, 2106)):
        house.sim.announce(broken, "A data farm connection is broken:usfarm")
        until(gate, lambda: not _priced(gate))
        house.sim.advance(120)
        beats = len(house.sim.received("reqCurrentTime"))
        house.sim.wait_for(lambda n=beats: len(house.sim.received("reqCurrentTime")) > n + 1)  # type: ignore[misc]
        assert "STALE_PRICE" in codes(gate.submit("BUY 1 AAPL MKT DAY"))
        house.sim.announce(well, "A data farm connection is OK:usfarm")
        until(gate, lambda: _fresh(gate, house.clock))
        assert gate.submit("BUY 1 AAPL MKT DAY").wait(PATIENCE) is Status.FILLED


def _priced(gate: ConnectedGate) -> bool:
    session = session_of(gate)
    return session is not None and session.link.priced


def _fresh(gate: ConnectedGate, clock: VirtualClock) -> bool:
    found = gate.world.market.quote("AAPL")
    return found is not None and found.at == clock.now()


def test_41_an_order_that_a_warning_made_cancelled_for_others_is_working_here(house: House) -> None:
    gate = house.open()
    house.sim.inject(Fault("placeOrder", Warn(10349)))
    ticket = gate.submit("BUY 60 AAPL LMT 185 DAY")
    working(ticket)
    until(gate, lambda: any(isinstance(one, ErrorReport) for one in house.recorded()))
    assert ticket.status is Status.SUBMITTED
    house.sim.set_price("AAPL", quote("184.90", "184.95", "184.95"))
    assert ticket.wait(PATIENCE) is Status.FILLED
    assert held(gate) == 60


def test_an_unknown_code_about_an_order_is_on_record_and_asked_about(house: House) -> None:
    gate = house.open()
    house.sim.inject(Fault("placeOrder", Warn(77777, "something new")))
    before = len(house.sim.received("reqAllOpenOrders"))
    ticket = gate.submit("BUY 60 AAPL LMT 150 DAY")
    working(ticket)
    house.sim.wait_for(lambda: len(house.sim.received("reqAllOpenOrders")) > before, PATIENCE)
    [alarm] = [one for one in house.recorded() if isinstance(one, ErrorReport)]
    assert (alarm.order_id, alarm.code, alarm.ambiguous) == (1, 77777, True)
    assert gate.submit("BUY 41 AAPL LMT 140 DAY").decision.by == ("desk/held",)


def test_a_code_that_settings_know_is_only_on_record(house: House) -> None:
    gate = house.open()
    house.sim.inject(Fault("placeOrder", Warn(77778, "as ever")))
    ticket = gate.submit("BUY 60 AAPL LMT 150 DAY")
    working(ticket)
    until(gate, lambda: any(isinstance(one, ErrorReport) for one in house.recorded()))
    [told] = [one for one in house.recorded() if isinstance(one, ErrorReport)]
    assert not told.ambiguous
    assert ticket.status is Status.SUBMITTED


def test_an_unknown_code_about_nothing_is_on_record_and_everything_is_asked(house: House) -> None:
    gate = house.open()
    before = len(house.sim.received("reqAllOpenOrders"))
    house.sim.announce(77777, "something new")
    house.sim.wait_for(lambda: len(house.sim.received("reqAllOpenOrders")) > before, PATIENCE)
    until(gate, lambda: gate.reconciled)
    [alarm] = [one for one in house.recorded() if isinstance(one, ErrorReport)]
    assert (alarm.order_id, alarm.code, alarm.text) == (0, 77777, "something new")
    house.sim.announce(77778, "as ever")
    assert gate.submit("BUY 1 AAPL MKT DAY").wait(PATIENCE) is Status.FILLED
    assert len([one for one in house.recorded() if isinstance(one, ErrorReport)]) == 1
