"""Orders that wait for what happens elsewhere: their contracts are found before they leave."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskgate.model.lifecycle import Status
from riskgate.model.order import Order
from riskgate.simulator import quote
from riskgate.simulator.terms import Asked
from tests.contract.line.conftest import codes, until

if TYPE_CHECKING:
    from tests.contract.line.conftest import House

LINE = 'BUY 10 AAPL MKT DAY conditions="price MSFT >= 430"'
MSFT = 272093


def test_a_contract_that_a_condition_names_is_found_and_then_watched_by_its_number(
    house: House,
) -> None:
    gate = house.open()
    denied = gate.submit(LINE)
    assert codes(denied) == {"UNKNOWN_INSTRUMENT"}
    until(gate, lambda: gate.submit(LINE).decision.allowed)
    until(gate, lambda: bool(house.ids_on_the_wire()))
    (sent,) = house.sim.received("placeOrder")
    (condition,) = Asked(sent.message.fields).rows("conditions")
    assert (condition["conId"], condition["exch"]) == (MSFT, "SMART")


def test_preparing_an_order_prepares_what_its_conditions_look_at(house: House) -> None:
    gate = house.open()
    assert gate.prepare(Order.parse(LINE), timeout=5) == ()
    ticket = gate.submit(LINE)
    assert ticket.wait(5, lambda view: view.status is Status.PRE_SUBMITTED)
    house.sim.set_price("MSFT", quote("431", "431.1", "431.05", "420"))
    assert ticket.wait(5) is Status.FILLED
