"""What the broker tells for a reconcile."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING

import pytest

from riskgate.brokers.ib.broker import IbBroker
from riskgate.brokers.ib.settings import Settings
from riskgate.errors import BrokerError
from riskgate.ledger.market import Market
from riskgate.model.instrument import Terms
from riskgate.model.lifecycle import Status
from riskgate.model.order import OrderType, Side
from riskgate.model.report import CommissionReport, ExecutionReport, StatusReport
from riskgate.simulator import Fault, Reject, Silent, quote

if TYPE_CHECKING:
    from tests.contract.ib_broker.conftest import House, OpenHouse


def is_known(house: House, order_id: int) -> bool:
    return any(one.order_id == order_id for one in house.sim.orders())


@contextmanager
def stranger(house: House, *lines: str) -> Iterator[None]:
    """Another client of the same TWS with orders of its own, under numbers 101 and up."""
    market = Market()
    other = IbBroker(Settings(port=house.sim.port, client_id=99), market)
    other.start(house.heard)
    try:
        assert other.prepare([Terms(symbol="AAPL")], 5) == ()
        for order_id, line in enumerate(lines, start=101):
            other.place(house.approve(line, order_id))
            house.sim.wait_for(partial(is_known, house, order_id))
        yield
    finally:
        other.stop()


def test_an_empty_account_has_an_empty_story(house: House) -> None:
    story = house.broker.story({}, 5)
    assert story.complete
    assert story.accounts == ("DU1234567",)
    assert story.next_order_id == 1
    assert (story.statuses, story.executions, story.positions, story.foreign) == ((), (), (), ())


def test_a_story_after_a_reconnect_has_orders_fills_costs_and_positions(
    open_house: OpenHouse,
) -> None:
    house = open_house()
    house.place("BUY 100 AAPL LMT 190.05 DAY", 1)
    house.wait_for(lambda: len(house.heard.of(CommissionReport)) == 2)
    house.place("BUY 10 AAPL LMT 180 GTC", 2)
    house.place("BUY 10 AAPL LMT 181 DAY", 3)
    house.wait_for(lambda: house.heard.of(StatusReport)[-1].order_id == 3)
    house.broker.cancel(3)
    house.wait_for(lambda: house.heard.of(StatusReport)[-1].status is Status.CANCELLED)
    house.sim.disconnect_all()
    house.wait_for(lambda: any("was lost" in reason for reason in house.heard.changes))
    house.broker.start(house.heard)
    story = house.broker.story(house.refs(1, 2, 3), 5)
    assert story.complete
    assert {one.order_id: one.status for one in story.statuses} == {
        1: Status.FILLED,
        2: Status.SUBMITTED,
        3: Status.CANCELLED,
    }
    assert {one.order_id: one.filled for one in story.statuses}[1] == Decimal(100)
    assert [one.order_id for one in story.executions] == [1, 1]
    assert {one.quantity for one in story.executions} == {Decimal(50)}
    assert len(story.commissions) == 2
    [position] = story.positions
    assert (position.instrument.key, position.quantity) == ("AAPL", Decimal(100))
    assert story.foreign == ()
    assert story.next_order_id == 4


def test_an_order_that_filled_while_we_were_away_is_in_the_story(open_house: OpenHouse) -> None:
    house = open_house()
    house.place("BUY 10 AAPL LMT 180 DAY", 1)
    house.wait_for(lambda: len(house.heard.of(StatusReport)) == 2)
    house.broker.stop()
    house.sim.set_price("AAPL", quote("179.90", "179.95", "179.90"))
    house.sim.wait_for(lambda: len(house.sim.executions()) == 2)
    house.broker.start(house.heard)
    story = house.broker.story(house.refs(1), 5)
    assert [one.status for one in story.statuses] == [Status.FILLED]
    assert sum(one.quantity for one in story.executions) == Decimal(10)
    assert house.heard.of(ExecutionReport) == []


def test_orders_of_others_are_foreign_and_count_no_number_twice(house: House) -> None:
    house.place("BUY 10 AAPL LMT 180 DAY", 1)
    with stranger(house, "SELL 30 AAPL LMT 200 GTC"):
        story = house.broker.story(house.refs(1), 5)
    [foreign] = story.foreign
    assert foreign.perm_id > 0
    assert (foreign.order.side, foreign.order.order_type) == (Side.SELL, OrderType.LMT)
    assert (foreign.remaining, foreign.order.limit_price) == (Decimal(30), Decimal(200))
    assert foreign.instrument.key == "AAPL"
    assert foreign.status.working
    assert [one.order_id for one in story.statuses] == [1]
    assert story.next_order_id == 102


def test_fills_of_others_are_told_without_a_number_of_ours(house: House) -> None:
    with stranger(house, "BUY 30 AAPL LMT 195 GTC"):
        house.sim.wait_for(lambda: len(house.sim.executions()) == 2)
        story = house.broker.story(house.refs(1), 5)
    assert {one.order_id for one in story.executions} == {0}
    assert sum(one.quantity for one in story.executions) == Decimal(30)


def test_our_orders_of_another_client_id_are_ours(house: House) -> None:
    with stranger(house, "BUY 30 AAPL LMT 180 GTC"):
        story = house.broker.story(house.refs(101), 5)
    assert [(one.order_id, one.status) for one in story.statuses] == [(101, Status.SUBMITTED)]
    assert story.foreign == ()


def test_a_position_in_something_new_is_described_and_watched(open_house: OpenHouse) -> None:
    house = open_house()
    house.place("BUY 10 AAPL MKT DAY", 1)
    house.wait_for(lambda: len(house.heard.of(CommissionReport)) == 2)
    fresh = Market()
    other = IbBroker(Settings(port=house.sim.port, client_id=5), fresh)
    other.start(house.heard)
    try:
        [position] = other.story({}, 5).positions
        assert position.instrument.con_id == 265598
        assert position.instrument.hours
        assert other.prepare([Terms(symbol="AAPL", sec_type="STK")], 5) == ()
        assert len(house.sim.received("reqMktData")) == 2
    finally:
        other.stop()


def test_a_rejected_order_is_over_in_the_story(open_house: OpenHouse) -> None:
    house = open_house(Fault("placeOrder", Reject(201, "Order rejected - reason:no margin")))
    house.place("BUY 10 AAPL LMT 180 DAY", 1)
    house.wait_for(lambda: bool(house.heard.of(StatusReport)))
    house.broker.stop()
    house.broker.start(house.heard)
    [status] = house.broker.story(house.refs(1), 5).statuses
    assert status.status is Status.REJECTED
    assert "no margin" in status.reason


def test_a_story_without_an_end_is_not_complete(open_house: OpenHouse) -> None:
    house = open_house(Fault("reqCompletedOrders", Silent()))
    assert not house.broker.story({}, 0.5).complete
    assert house.broker.story({}, 5).complete


def test_a_story_without_any_answer_is_an_error(open_house: OpenHouse) -> None:
    names = ("reqAllOpenOrders", "reqCompletedOrders", "reqExecutions", "reqPositions")
    house = open_house(*(Fault(name, Silent()) for name in names))
    with pytest.raises(BrokerError, match="no answer from the broker"):
        house.broker.story({}, 0.5)


def test_an_execution_of_an_unknown_order_waits_for_the_story(open_house: OpenHouse) -> None:
    house = open_house()
    house.place("BUY 10 AAPL LMT 180 DAY", 1)
    house.wait_for(lambda: len(house.heard.of(StatusReport)) == 2)
    house.broker.stop()
    house.broker = IbBroker(house.broker.settings, Market())
    house.broker.start(house.heard)
    try:
        house.sim.set_price("AAPL", quote("179.90", "179.95", "179.90"))
        house.sim.wait_for(lambda: len(house.sim.executions()) == 2)
        house.broker.beat()
        assert house.heard.of(ExecutionReport) == []
        assert {one.order_id for one in house.broker.story(house.refs(1), 5).executions} == {1}
    finally:
        house.broker.stop()
