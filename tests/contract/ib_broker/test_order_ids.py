"""Which id an order has at the broker, and which of two orders under one reference is ours."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import msgspec
import pytest

from riskgate.brokers.ib.broker import IbBroker
from riskgate.model.lifecycle import Status
from riskgate.model.report import (
    CancelNotSent,
    ErrorReport,
    ExecutionReport,
    NeverSent,
    OrderEcho,
    Sent,
    StatusReport,
)
from riskgate.simulator import Fault, SecondPermId
from tests.contract.ib_broker.conftest import Heard

if TYPE_CHECKING:
    from tests.contract.ib_broker.conftest import House


def statuses(heard: Heard, order_id: int) -> list[Status]:
    return [one.status for one in heard.of(StatusReport) if one.order_id == order_id]


def has_status(house: House, order_id: int, status: Status) -> None:
    house.wait_for(lambda: status in statuses(house.heard, order_id))


def test_no_order_is_cancelled_by_a_guess_of_its_id(house: House) -> None:
    house.broker.cancel(77)
    house.wait_for(lambda: bool(house.heard.of(CancelNotSent)))
    assert house.heard.of(CancelNotSent)[0].order_id == 77
    house.broker.beat()
    assert house.sim.received("cancelOrder") == ()


def overtaken(house: House) -> None:
    """Order 3 leaves before orders 1 and 2."""
    house.hold()
    house.place("BUY 1 AAPL LMT 180 DAY", 1)
    house.place("BUY 2 AAPL LMT 180 DAY", 2)
    house.broker.place(house.approve("SELL 3 AAPL LMT 195 DAY", 3, reduction=True))
    for order_id in (1, 2, 3):
        has_status(house, order_id, Status.SUBMITTED)


@pytest.mark.slow
def test_the_ids_on_the_wire_grow_whatever_overtakes_what(house: House) -> None:
    overtaken(house)
    house.place("BUY 4 AAPL LMT 180 DAY", 4)
    has_status(house, 4, Status.SUBMITTED)
    sent = [(one.order_id, one.broker_order_id) for one in house.heard.of(Sent)]
    assert sent == [(3, 3), (1, 4), (2, 5), (4, 6)]
    assert [one.message.integer("orderId") for one in house.sim.received("placeOrder")] == [
        *(3, 4, 5, 6)
    ]
    assert house.heard.of(ErrorReport) == []
    echoes = {one.order_id: one.quantity for one in house.heard.of(OrderEcho)}
    assert echoes == {number: Decimal(number) for number in (1, 2, 3, 4)}
    said = {one.order_id: one.broker_order_id for one in house.heard.of(StatusReport)}
    assert said == dict(sent)


@pytest.mark.slow
def test_an_order_that_was_overtaken_is_changed_cancelled_and_filled_as_itself(
    house: House,
) -> None:
    overtaken(house)
    house.place("BUY 4 AAPL LMT 180 DAY", 4)
    has_status(house, 4, Status.SUBMITTED)
    house.modify("BUY 7 AAPL LMT 180 DAY", 1)
    house.wait_for(lambda: house.heard.of(OrderEcho)[-1].quantity == Decimal(7))
    assert house.heard.of(OrderEcho)[-1].order_id == 1
    house.modify("BUY 7 AAPL LMT 180.001 DAY", 1)
    house.wait_for(lambda: bool(house.heard.of(NeverSent)))
    assert {one.order_id for one in house.heard.of(ErrorReport)} == {1}
    house.broker.cancel(2)
    has_status(house, 2, Status.CANCELLED)
    house.modify("BUY 7 AAPL LMT 195 DAY", 1)
    has_status(house, 1, Status.FILLED)
    assert {one.order_id for one in house.heard.of(ExecutionReport)} == {1}
    became = {one.order_ref: one.status for one in house.sim.orders()}
    assert (became["rg-1"], became["rg-2"]) == ("Filled", "Cancelled")
    assert (became["rg-3"], became["rg-4"]) == ("Submitted", "Submitted")


@pytest.mark.slow
def test_after_a_restart_an_overtaken_order_is_known_by_its_reference(house: House) -> None:
    overtaken(house)
    house.broker.stop()
    house.broker = IbBroker(house.broker.settings, house.market)
    house.heard.reports.clear()
    house.broker.start(house.heard)
    try:
        story = house.broker.story(house.refs(1, 2, 3), 5)
        assert {one.order_id: one.broker_order_id for one in story.statuses} == {1: 4, 2: 5, 3: 3}
        assert story.next_order_id == 6
        house.broker.cancel(1)
        has_status(house, 1, Status.CANCELLED)
        assert [one.order_id for one in house.heard.of(ErrorReport)] == [1]
        house.place("BUY 4 AAPL LMT 180 DAY", 4)
        has_status(house, 4, Status.SUBMITTED)
        assert house.heard.of(Sent)[-1].broker_order_id == 6
    finally:
        house.broker.stop()


def test_an_order_whose_number_is_below_what_has_left_gets_a_higher_id(house: House) -> None:
    """One that was held is approved with the number that it was held under."""
    house.place("BUY 1 AAPL LMT 180 DAY", 41)
    has_status(house, 41, Status.SUBMITTED)
    house.place("BUY 2 AAPL LMT 180 DAY", 7)
    has_status(house, 7, Status.SUBMITTED)
    assert [one.broker_order_id for one in house.heard.of(Sent)] == [41, 42]


def test_an_order_of_another_client_is_not_changed_under_ours(house: House) -> None:
    other = IbBroker(msgspec.structs.replace(house.broker.settings, client_id=5), house.market)
    house.place("BUY 1 AAPL LMT 180 DAY", 1)
    has_status(house, 1, Status.SUBMITTED)
    heard = Heard()
    other.start(heard)
    try:
        other.story(house.refs(1), 5)
        other.place(house.approve("BUY 5 AAPL LMT 180 DAY", 1, modify=True))
        heard.wait_for(lambda: bool(heard.of(NeverSent)))
        assert heard.of(NeverSent)[0].code == "NOT_MODIFIABLE"
        assert len(house.sent()) == 1
    finally:
        other.stop()


# -- two orders under one reference ---------------------------------------------------------------


def test_a_second_order_under_our_reference_is_foreign_and_ends_nothing_of_ours(
    house: House,
) -> None:
    house.place("BUY 10 AAPL LMT 180 DAY", 1)
    has_status(house, 1, Status.SUBMITTED)
    house.sim.inject(Fault("placeOrder", SecondPermId()))
    house.modify("BUY 15 AAPL LMT 180 DAY", 1)
    house.wait_for(lambda: bool(house.heard.of(ErrorReport)))
    [alarm] = house.heard.of(ErrorReport)
    assert (alarm.order_id, alarm.ambiguous) == (1, True)
    story = house.broker.story(house.refs(1), 5)
    [ours] = story.statuses
    [twin] = story.foreign
    assert ours.perm_id != twin.perm_id
    assert (twin.remaining, twin.broker_order_id) == (Decimal(15), 1)
    assert [(one.order_id, one.quantity) for one in story.echoes] == [(1, Decimal(10))]
    house.broker.cancel(1)  # TWS takes it for the newest under this id
    house.wait_for(lambda: len(house.heard.of(ErrorReport)) == 2)
    house.broker.beat()
    assert Status.CANCELLED not in statuses(house.heard, 1)
    [ours] = house.broker.story(house.refs(1), 5).statuses
    assert ours.status is Status.SUBMITTED
    assert [one.code for one in house.heard.of(ErrorReport)] == [0, 202]
