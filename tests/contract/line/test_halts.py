"""Halted instruments (tick 49) are not tradable, from the halt to its end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskgate.model.instrument import Terms
from riskgate.model.lifecycle import Status
from riskgate.simulator import Halt, Resume
from tests.contract.line.conftest import another_session, codes, until, working

if TYPE_CHECKING:
    from riskgate.wiring import ConnectedGate
    from tests.contract.line.conftest import House

AAPL = Terms(symbol="AAPL")


def is_halted(gate: ConnectedGate) -> bool:
    known = gate.world.market.resolve(AAPL)
    assert known is not None
    return known.halted


def test_nothing_is_sent_in_a_halt_and_all_goes_on_when_it_ends(house: House) -> None:
    gate = house.open()
    house.sim.happen(Halt("AAPL"))
    until(gate, lambda: is_halted(gate))
    denied = gate.submit("BUY 10 AAPL LMT 180 DAY")
    assert codes(denied) == {"NOT_TRADABLE"}
    assert house.ids_on_the_wire() == []
    house.sim.happen(Resume("AAPL"))
    until(gate, lambda: not is_halted(gate))
    working(gate.submit("BUY 10 AAPL LMT 180 DAY"))


def test_an_order_that_works_can_be_cancelled_in_a_halt(house: House) -> None:
    gate = house.open()
    ticket = gate.submit("BUY 10 AAPL LMT 180 DAY")
    working(ticket)
    house.sim.happen(Halt("AAPL"))
    until(gate, lambda: is_halted(gate))
    gate.cancel(ticket.order_id)
    assert ticket.wait(10) is Status.CANCELLED


def test_a_halt_before_the_session_is_known_with_the_first_prices(house: House) -> None:
    house.sim.happen(Halt("AAPL"))
    gate = house.open()
    until(gate, lambda: is_halted(gate))
    assert codes(gate.submit("BUY 10 AAPL LMT 180 DAY")) == {"NOT_TRADABLE"}


def test_a_halt_that_ended_while_the_line_was_down_is_over(house: House) -> None:
    gate = house.open()
    house.sim.happen(Halt("AAPL"))
    until(gate, lambda: is_halted(gate))
    with another_session(gate):
        house.sim.happen(Resume("AAPL"))
        house.sim.disconnect_all()
    until(gate, lambda: not is_halted(gate))
    working(gate.submit("BUY 10 AAPL LMT 180 DAY"))


def test_a_halt_that_began_while_the_line_was_down_is_known(house: House) -> None:
    gate = house.open()
    with another_session(gate):
        house.sim.happen(Halt("AAPL"))
        house.sim.disconnect_all()
    until(gate, lambda: is_halted(gate))
    assert codes(gate.submit("BUY 10 AAPL LMT 180 DAY")) == {"NOT_TRADABLE"}
