"""Brackets at the broker: they leave as one, live as one, and are taken back as one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from riskgate.line.grouping import Exits
from riskgate.model.events import CancelRequested
from riskgate.model.lifecycle import Status
from riskgate.model.report import NeverSent, Sent
from riskgate.simulator import Delay, Drop, Fault, Reject, Silent, quote
from tests.contract.line.conftest import (
    PATIENCE,
    House,
    another_session,
    held,
    until,
    working,
)

if TYPE_CHECKING:
    from riskgate.ticket import Ticket
    from riskgate.wiring import ConnectedGate

ENTRY = "BUY 60 AAPL LMT 189 DAY"
EXITS = Exits(take_profit=195, stop_loss=180)
UP, DOWN, LOW = (
    quote("195.40", "195.45", "195.45"),
    quote("188.90", "188.95", "188.95"),
    quote("179.40", "179.45", "179.45"),
)


def bracket(gate: ConnectedGate, entry: str = ENTRY) -> tuple[Ticket, Ticket, Ticket]:
    first, profit, loss = gate.submit_bracket(entry, exits=EXITS)
    assert first.allowed, first.decision.breaches
    return first, profit, loss


def live(gate: ConnectedGate) -> tuple[Ticket, Ticket, Ticket]:
    """A bracket whose entry works at 189 and whose exits wait."""
    legs = bracket(gate)
    working(legs[0])
    for leg in legs[1:]:
        until(gate, lambda leg=leg: leg.status is Status.PRE_SUBMITTED)  # type: ignore[misc]
    return legs


def ended(gate: ConnectedGate, *tickets: Ticket) -> None:
    until(gate, lambda: not any(ticket.status.working for ticket in tickets))


def room(gate: ConnectedGate) -> tuple[object, ...]:
    """The working buys and sells that the book reserves."""
    holding = gate.ledger.holdings.of("DU1234567", gate.ledger.orders[1].subject.instrument)
    return holding.buys, holding.sells


def test_32_the_exits_name_their_entry_and_only_the_last_part_transmits(house: House) -> None:
    gate = house.open()
    live(gate)
    wire = [one.message for one in house.sim.received("placeOrder")]
    first = wire[0].integer("orderId")
    assert [one.integer("orderId") for one in wire] == [first, first + 1, first + 2]
    assert [one.integer("parentId") for one in wire] == [0, first, first]
    assert [one.flag("transmit") for one in wire] == [False, False, True]
    assert [one.text("action") for one in wire] == ["BUY", "SELL", "SELL"]


def test_one_exit_fills_and_the_broker_cancels_the_other(house: House) -> None:
    gate = house.open()
    entry, profit, loss = live(gate)
    assert room(gate) == (60, 0)
    house.sim.set_price("AAPL", DOWN)
    assert entry.wait(PATIENCE) is Status.FILLED
    until(gate, lambda: profit.status is Status.SUBMITTED)
    assert room(gate) == (0, 60)
    house.sim.set_price("AAPL", UP)
    assert profit.wait(PATIENCE) is Status.FILLED
    assert loss.wait(PATIENCE) is Status.CANCELLED
    assert room(gate) == (0, 0)
    assert held(gate) == 0


def test_what_is_filled_of_the_entry_is_all_that_the_exits_can_sell(house: House) -> None:
    gate = house.open()
    entry, *exits = live(gate)
    house.sim.set_price("AAPL", quote("188.90", "188.95", "188.95", liquidity=20))
    until(gate, lambda: held(gate) == 20)
    assert entry.status is Status.PARTIALLY_FILLED
    assert room(gate) == (40, 20)
    assert gate.submit("SELL 1 AAPL LMT 195 DAY").decision.reduction is False
    assert gate.cancel(entry.order_id)
    ended(gate, entry, *exits)
    assert room(gate) == (0, 1)
    assert held(gate) == 20


def test_the_exits_go_with_an_entry_that_is_cancelled(house: House) -> None:
    gate = house.open()
    legs = live(gate)
    assert gate.cancel(legs[0].order_id)
    ended(gate, *legs)
    assert [leg.status for leg in legs] == [Status.CANCELLED] * 3
    assert room(gate) == (0, 0)


def test_an_exit_that_is_cancelled_leaves_the_others(house: House) -> None:
    gate = house.open()
    entry, profit, loss = live(gate)
    assert gate.cancel(profit.order_id)
    ended(gate, profit)
    gate.follow()
    assert (entry.status, loss.status) == (Status.SUBMITTED, Status.PRE_SUBMITTED)


def test_the_exits_of_an_entry_that_the_broker_refuses_never_live(house: House) -> None:
    gate = house.open()
    house.sim.inject(Fault("placeOrder", Reject(201, "no margin"), nth=1))
    entry, *exits = bracket(gate)
    assert entry.wait(PATIENCE) is Status.REJECTED
    until(gate, lambda: all("10006" in gate.ledger.orders[leg.order_id].reason for leg in exits))
    assert room(gate) == (0, 0)
    assert {one.status for one in house.sim.orders()} == {"Inactive"}
    house.sim.advance(40)
    gate.reconcile()
    house.sim.advance(40)
    gate.reconcile()
    ended(gate, *exits)
    assert {leg.status for leg in exits} == {Status.NEVER_SENT}


@pytest.mark.parametrize("nth", [2, 3])
def test_an_entry_that_lost_an_exit_is_cancelled(house: House, nth: int) -> None:
    gate = house.open()
    house.sim.inject(Fault("placeOrder", Reject(201, "not today"), nth=nth))
    legs = bracket(gate)
    house.sim.wait_for(lambda: len(house.sim.orders()) == 3)
    house.sim.advance(1)  # what is not transmitted is told of after a moment
    ended(gate, *legs)
    assert [leg.status for leg in legs].count(Status.REJECTED) == 1
    assert legs[0].status is Status.CANCELLED
    asked = [one for one in house.recorded() if isinstance(one, CancelRequested)]
    assert [one.order_id for one in asked] == [legs[0].order_id]
    assert room(gate) == (0, 0)


def test_a_last_part_that_is_lost_leaves_an_entry_that_never_traded(house: House) -> None:
    gate = house.open()
    house.sim.inject(Fault("placeOrder", Silent(accepts=False), nth=3))
    entry, profit, loss = bracket(gate, "BUY 60 AAPL LMT 191 DAY")
    house.sim.wait_for(lambda: len(house.sim.orders()) == 2)
    assert room(gate) == (60, 0)
    for _ in range(3):
        house.sim.advance(40)
        gate.reconcile()
    until(gate, lambda: loss.status is Status.NEVER_SENT)
    ended(gate, entry, profit)
    assert held(gate) == 0
    assert room(gate) == (0, 0)


def test_an_exit_may_be_modified_also_after_a_restart(house: House) -> None:
    gate = house.open()
    entry, profit, loss = live(gate)
    assert gate.modify(profit.order_id, limit_price=196).allowed
    house.sim.wait_for(lambda: house.sim.orders()[1].limit == 196)
    gate.close()
    house.sim.set_price("AAPL", DOWN)
    house.sim.wait_for(lambda: house.sim.orders()[0].status == "Filled")
    again = house.open()
    until(again, lambda: again.reconciled)
    assert again.modify(loss.order_id, stop_price=181).allowed
    house.sim.wait_for(lambda: house.sim.orders()[2].stop == 181)
    wire = [one.message for one in house.sim.received("placeOrder")][3:]
    parent = again.ledger.orders[entry.order_id].broker_order_id
    assert [one.integer("parentId") for one in wire] == [parent, 0]
    assert all(one.flag("transmit") for one in wire)
    house.sim.set_price("AAPL", LOW)
    until(again, lambda: held(again) == 0)


def test_an_exit_is_modified_without_its_entry_once_that_is_filled(house: House) -> None:
    """ib_insync #647: 135, TWS cannot find the parent that the modify still named."""
    gate = house.open()
    entry, profit, loss = live(gate)
    house.sim.set_price("AAPL", DOWN)
    assert entry.wait(PATIENCE) is Status.FILLED
    until(gate, lambda: profit.status is Status.SUBMITTED)
    assert gate.modify(loss.order_id, stop_price=181).allowed
    assert gate.modify(profit.order_id, limit_price=196).allowed
    house.sim.wait_for(lambda: house.sim.orders()[2].stop == 181)
    house.sim.wait_for(lambda: house.sim.orders()[1].limit == 196)
    house.sim.set_price("AAPL", LOW)
    assert loss.wait(PATIENCE) is Status.FILLED
    assert profit.wait(PATIENCE) is Status.CANCELLED
    assert held(gate) == 0


def test_an_exit_is_modified_with_its_entry_after_a_restart(house: House) -> None:
    gate = house.open()
    entry, profit, _ = live(gate)
    gate.close()
    again = house.open()
    until(again, lambda: again.reconciled)
    assert again.modify(profit.order_id, limit_price=196).allowed
    house.sim.wait_for(lambda: house.sim.orders()[1].limit == 196)
    parent = again.ledger.orders[entry.order_id].broker_order_id
    assert house.sim.received("placeOrder")[-1].message.integer("parentId") == parent


def test_an_entry_may_be_modified(house: House) -> None:
    gate = house.open()
    entry, *exits = live(gate)
    denied = gate.modify(entry.order_id, quantity=50, limit_price=188)
    assert denied.decision.codes == ("NOT_MODIFIABLE",)
    for leg in exits:
        assert gate.modify(leg.order_id, quantity=50).allowed
    until(gate, lambda: all(len(gate.ledger.orders[e.order_id].versions) == 1 for e in exits))
    assert gate.modify(entry.order_id, quantity=50, limit_price=188).allowed
    until(gate, lambda: room(gate) == (50, 0))
    assert house.sim.orders()[0].quantity == 50
    assert house.sim.orders()[0].limit == 188


def test_a_kill_takes_a_bracket_that_works(house: House) -> None:
    gate = house.open()
    legs = live(gate)
    report = gate.kill(reason="drill", by="m.ruiz", timeout=PATIENCE)
    assert sorted(report.confirmed) == [leg.order_id for leg in legs]
    assert report.flat


def test_flatten_takes_the_exits_first_and_sells_what_is_held(house: House) -> None:
    gate = house.open()
    entry, profit, loss = live(gate)
    house.sim.set_price("AAPL", DOWN)
    assert entry.wait(PATIENCE) is Status.FILLED
    until(gate, lambda: profit.status is Status.SUBMITTED)
    (out,) = gate.flatten(by="m.ruiz", reason="end of day", timeout=PATIENCE)
    assert out.allowed
    assert {profit.status, loss.status} == {Status.CANCELLED}
    assert out.wait(PATIENCE) is Status.FILLED
    assert held(gate) == 0


def hold(gate: ConnectedGate) -> None:
    """Let nothing leave for a second."""
    desk = gate._broker._desk  # type: ignore[attr-defined]
    desk.outbox.pause(desk.now())


def test_a_kill_before_it_left_drops_it_as_a_whole(house: House) -> None:
    gate = house.open(max_queue_time=30.0)
    hold(gate)
    legs = bracket(gate)
    report = gate.kill(reason="drill", by="m.ruiz", timeout=PATIENCE)
    assert sorted(report.never_sent) == [leg.order_id for leg in legs]
    assert house.sim.received("placeOrder") == ()
    assert report.flat


@pytest.mark.parametrize("place", [0, 1, 2])
def test_the_cancel_of_any_leg_before_it_left_drops_the_bracket(house: House, place: int) -> None:
    gate = house.open(max_queue_time=30.0)
    hold(gate)
    legs = bracket(gate)
    assert gate.cancel(legs[place].order_id)
    ended(gate, *legs)
    assert {leg.status for leg in legs} == {Status.NEVER_SENT}
    assert house.sim.received("placeOrder") == ()
    assert room(gate) == (0, 0)


@pytest.mark.parametrize("nth", [1, 2, 3])
def test_a_socket_that_drops_between_the_legs_leaves_nothing_open(house: House, nth: int) -> None:
    """Nothing trades before the last part, which TWS never saw or transmitted as a whole."""
    gate = house.open()
    house.sim.inject(Fault("placeOrder", Drop(), nth=nth))
    with another_session(gate):
        legs = bracket(gate, "BUY 60 AAPL LMT 188 DAY")
    assert room(gate) == (60, 0), "what may have been sent stays reserved"
    for _ in range(3):
        house.sim.advance(40)
        gate.reconcile()
    until(gate, lambda: all(leg.status.finished for leg in legs))
    assert room(gate) == (0, 0)
    assert not [one for one in house.sim.orders() if one.status not in ("Cancelled", "Inactive")]


def test_a_transport_that_fails_after_the_entry_tells_each_leg_for_what_it_is(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = house.open()
    desk = gate._broker._desk  # type: ignore[attr-defined]
    place = desk._client.placeOrder
    placed: list[object] = []

    def failing(*given: object) -> None:
        place(*given)
        placed.append(given)
        desk._client.conn.transport.abort()

    monkeypatch.setattr(desk._client, "placeOrder", failing)
    with another_session(gate):
        entry, profit, loss = bracket(gate)
        until(gate, lambda: profit.status is Status.NEVER_SENT)
    assert len(placed) == 1
    told = house.recorded()
    assert [one.order_id for one in told if isinstance(one, Sent)] == [entry.order_id]
    never = [one.order_id for one in told if isinstance(one, NeverSent)]
    assert never[:2] == [profit.order_id, loss.order_id]
    assert room(gate) in ((60, 0), (0, 0))
    for _ in range(3):
        house.sim.advance(40)
        gate.reconcile()
    until(gate, lambda: entry.status.finished)
    assert room(gate) == (0, 0)


def test_a_bracket_that_is_told_of_late_is_not_sent_again(house: House) -> None:
    gate = house.open()
    house.sim.inject(Fault("placeOrder", Delay(5), nth=3))
    legs = bracket(gate)
    house.sim.wait_for(lambda: len(house.sim.received("placeOrder")) == 3)
    assert len(house.sim.orders()) == 2
    house.sim.advance(6)
    working(legs[0])
    assert len(house.sim.received("placeOrder")) == 3


@pytest.mark.slow
def test_every_leg_is_one_of_the_outboxs_messages(house: House) -> None:
    gate = house.open(messages_per_second=2)
    legs = bracket(gate)
    ended(gate, *legs)
    assert {gate.ledger.orders[leg.order_id].reason.split(":")[0] for leg in legs} == {"QUEUE_FULL"}
