"""Orders through the real client library to a simulated TWS and back."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import msgspec
import pytest

from riskgate.brokers.ib.client import load
from riskgate.errors import NotConnected
from riskgate.model.lifecycle import Status
from riskgate.model.order import Side
from riskgate.model.report import (
    CancelNotSent,
    CommissionReport,
    ErrorReport,
    ExecutionReport,
    NeverSent,
    OrderEcho,
    Sent,
    StatusReport,
)
from riskgate.ports import Broker, Listener
from riskgate.simulator import Correct, Delay, Fault, FillAfterCancel, Options, Reject, Repeat

if TYPE_CHECKING:
    from tests.contract.ib_broker.conftest import Heard, House, OpenHouse


def statuses(heard: Heard, order_id: int) -> list[Status]:
    return [one.status for one in heard.of(StatusReport) if one.order_id == order_id]


def has_status(house: House, order_id: int, status: Status) -> None:
    house.wait_for(lambda: status in statuses(house.heard, order_id))


def test_the_broker_is_one_and_the_listener_is_one(house: House) -> None:
    broker: Broker = house.broker
    listener: Listener = house.heard
    assert broker.connected
    assert broker.mode_fault is None
    assert listener is house.heard


def test_an_order_is_sent_under_the_number_of_the_gate(house: House) -> None:
    house.place("BUY 100 AAPL LMT 180 DAY", 41)
    has_status(house, 41, Status.SUBMITTED)
    [sent] = house.heard.of(Sent)
    assert (sent.order_id, sent.broker_order_id, sent.client_id) == (41, 41, 1)
    [order] = house.sim.orders()
    assert (order.order_id, order.order_ref, order.quantity) == (41, "rg-41", Decimal(100))


def test_everything_that_presets_could_decide_is_stated(house: House) -> None:
    house.place("SELL 100 AAPL STP_LMT 180.5 180 GTC outside_rth=true", 1)
    house.wait_for(lambda: bool(house.heard.of(OrderEcho)))
    [request] = house.sim.received("placeOrder")
    wire = request.message
    assert wire.text("account") == "DU1234567"
    assert (wire.text("orderType"), wire.text("tif")) == ("STP LMT", "GTC")
    assert (wire.number("lmtPrice"), wire.number("auxPrice")) == (Decimal(180), Decimal("180.5"))
    assert wire.flag("transmit")
    assert wire.flag("outsideRth")
    assert not wire.flag("eTradeOnly")
    assert not wire.flag("firmQuoteOnly")
    assert wire.integer("conId") == 265598


def test_two_partial_fills_and_their_commissions_are_heard(house: House) -> None:
    house.place("BUY 100 AAPL LMT 190.05 DAY", 1)
    house.wait_for(lambda: len(house.heard.of(CommissionReport)) == 2)
    fills = house.heard.of(ExecutionReport)
    assert [fill.quantity for fill in fills] == [Decimal(50), Decimal(50)]
    assert {fill.price for fill in fills} == {Decimal("190.01")}
    assert {(fill.order_id, fill.side, fill.account) for fill in fills} == {
        (1, Side.BUY, "DU1234567")
    }
    assert all(fill.at.utcoffset() is not None for fill in fills)
    costs = house.heard.of(CommissionReport)
    assert [cost.execution_id for cost in costs] == [fill.execution_id for fill in fills]
    assert statuses(house.heard, 1)[-1] is Status.FILLED
    assert house.heard.of(StatusReport)[-1].filled == Decimal(100)


def test_an_echo_repeats_the_terms_without_the_brokers_defaults(house: House) -> None:
    house.place("BUY 7 AAPL LMT 180.25 DAY", 1)
    house.place("BUY 3 AAPL MKT DAY", 2)
    house.wait_for(lambda: len(house.heard.of(OrderEcho)) == 2)
    limit, market = house.heard.of(OrderEcho)
    assert (limit.quantity, limit.limit_price) == (Decimal(7), Decimal("180.25"))
    assert limit.stop_price is None
    assert market.quantity == Decimal(3)
    assert market.limit_price is None


def test_a_correction_is_passed_on_as_a_higher_revision(open_house: OpenHouse) -> None:
    house = open_house(Fault("execution", Correct(price=Decimal("190.00"))))
    house.place("BUY 10 AAPL LMT 190.05 DAY", 1)
    house.wait_for(lambda: len(house.heard.of(ExecutionReport)) == 3)
    stems = [fill.stem for fill in house.heard.of(ExecutionReport)]
    assert len(stems) == 3
    assert len(set(stems)) == 2


def test_what_the_broker_says_three_times_is_passed_on_once(open_house: OpenHouse) -> None:
    house = open_house(Fault("placeOrder", Repeat(3)))
    house.place("BUY 10 AAPL LMT 180 DAY", 1)
    has_status(house, 1, Status.SUBMITTED)
    house.broker.beat()
    assert statuses(house.heard, 1) == [Status.PRE_SUBMITTED, Status.SUBMITTED]
    assert len(house.heard.of(OrderEcho)) == 1


# -- cancels --------------------------------------------------------------------------------------


def test_a_cancel_is_confirmed_by_the_brokers_own_status(house: House) -> None:
    house.place("BUY 10 AAPL LMT 180 DAY", 1)
    has_status(house, 1, Status.SUBMITTED)
    house.broker.cancel(1)
    has_status(house, 1, Status.CANCELLED)
    house.wait_for(lambda: bool(house.heard.of(ErrorReport)))
    assert house.heard.of(ErrorReport)[0].code == 202
    assert house.heard.of(NeverSent) == []


def test_a_fill_after_a_cancel_is_heard(open_house: OpenHouse) -> None:
    house = open_house(Fault("cancelOrder", FillAfterCancel(Decimal(4))))
    house.place("BUY 10 AAPL LMT 180 DAY", 1)
    has_status(house, 1, Status.SUBMITTED)
    house.broker.cancel(1)
    house.wait_for(lambda: bool(house.heard.of(ExecutionReport)))
    assert house.heard.of(ExecutionReport)[0].quantity == Decimal(4)
    assert Status.CANCELLED in statuses(house.heard, 1)


def test_the_cancel_of_an_unknown_order_is_only_an_error(house: House) -> None:
    house.broker.story({}, 5)
    house.broker.cancel(77)
    house.wait_for(lambda: bool(house.heard.of(ErrorReport)))
    assert [type(report) for report in house.heard.reports] == [ErrorReport]
    assert house.heard.of(ErrorReport)[0].code == 10147


def test_the_cancel_of_everything_takes_foreign_orders_too(open_house: OpenHouse) -> None:
    house = open_house()
    house.place("BUY 10 AAPL LMT 180 DAY", 1)
    house.place("BUY 10 AAPL LMT 181 DAY", 2)
    has_status(house, 2, Status.SUBMITTED)
    house.broker.cancel_account()
    has_status(house, 1, Status.CANCELLED)
    has_status(house, 2, Status.CANCELLED)
    assert len(house.sim.received("reqGlobalCancel")) == 1


# -- rejections -----------------------------------------------------------------------------------


def test_inactive_with_a_reject_code_is_a_rejection_with_the_brokers_reason(
    open_house: OpenHouse,
) -> None:
    house = open_house(Fault("placeOrder", Reject(201, "Order rejected - reason:no margin")))
    house.place("BUY 10 AAPL LMT 180 DAY", 1)
    has_status(house, 1, Status.REJECTED)
    [error] = house.heard.of(ErrorReport)
    assert (error.order_id, error.code) == (1, 201)
    assert house.heard.of(StatusReport)[-1].reason == "201: Order rejected - reason:no margin"
    assert Status.INACTIVE not in statuses(house.heard, 1)


def test_an_error_alone_rejects_nothing(house: House) -> None:
    house.place("BUY 10 AAPL LMT 180.001 DAY", 1)
    house.wait_for(lambda: bool(house.heard.of(ErrorReport)))
    house.broker.beat()
    assert house.heard.of(ErrorReport)[0].code == 110
    assert statuses(house.heard, 1) == []
    assert house.heard.of(NeverSent) == []


# -- modifies -------------------------------------------------------------------------------------


def test_a_modify_is_the_same_order_with_other_terms(house: House) -> None:
    house.place("BUY 10 AAPL LMT 180 DAY", 1)
    has_status(house, 1, Status.SUBMITTED)
    house.modify("BUY 12 AAPL LMT 181 DAY", 1)
    house.wait_for(lambda: len(house.heard.of(OrderEcho)) == 2)
    echo = house.heard.of(OrderEcho)[-1]
    assert (echo.quantity, echo.limit_price) == (Decimal(12), Decimal(181))
    assert len(house.sim.orders()) == 1


def test_a_modify_waits_for_the_echo_and_only_the_newest_is_sent(open_house: OpenHouse) -> None:
    house = open_house(Fault("placeOrder", Delay(0.3)), max_queue_time=10.0)
    house.place("BUY 10 AAPL LMT 180 DAY", 1)
    house.wait_for(lambda: bool(house.heard.of(Sent)))
    house.modify("BUY 11 AAPL LMT 180 DAY", 1)
    house.modify("BUY 12 AAPL LMT 180 DAY", 1)
    assert len(house.sent()) == 1
    house.wait_for(lambda: len(house.heard.of(OrderEcho)) == 2)
    assert house.heard.of(OrderEcho)[-1].quantity == Decimal(12)
    assert len(house.sent()) == 2


@pytest.mark.slow
def test_an_order_that_the_library_holds_back_is_told_as_sent_before_the_alarm(
    house: House,
) -> None:
    """It may leave at any time, so it must not look as if it had not."""
    desk = house.broker._desk
    assert desk is not None
    desk._client.MaxRequests = 1
    house.broker.beat()
    house.place("BUY 10 AAPL LMT 180 DAY", 1)
    house.wait_for(lambda: any("holds messages back" in one for one in house.heard.changes))
    house.wait_for(lambda: bool(house.heard.of(Sent)))
    assert [one.order_id for one in house.heard.of(Sent)] == [1]
    assert house.heard.of(NeverSent) == []


def test_what_leaves_says_which_version_it_was(house: House) -> None:
    house.place("BUY 10 AAPL LMT 180 DAY", 1)
    has_status(house, 1, Status.SUBMITTED)
    modify = house.approve("BUY 11 AAPL LMT 180 DAY", 1, modify=True)
    house.broker.place(msgspec.structs.replace(modify, version=3))
    house.wait_for(lambda: len(house.heard.of(Sent)) == 2)
    assert [one.version for one in house.heard.of(Sent)] == [0, 3]


def test_a_modify_that_is_never_echoed_is_not_sent(open_house: OpenHouse) -> None:
    house = open_house(Fault("placeOrder", Delay(60)), max_queue_time=0.2)
    house.place("BUY 10 AAPL LMT 180 DAY", 1)
    house.wait_for(lambda: bool(house.heard.of(Sent)))
    house.modify("BUY 11 AAPL LMT 180 DAY", 1)
    house.wait_for(lambda: bool(house.heard.of(NeverSent)))
    [never] = house.heard.of(NeverSent)
    assert (never.order_id, never.code, never.modify) == (1, "QUEUE_EXPIRED", True)
    assert len(house.sent()) == 1


def test_a_refused_modify_leaves_the_order_and_says_so(house: House) -> None:
    house.place("BUY 10 AAPL LMT 180 DAY", 1)
    has_status(house, 1, Status.SUBMITTED)
    house.modify("BUY 10 AAPL LMT 180.001 DAY", 1)
    house.wait_for(lambda: bool(house.heard.of(NeverSent)))
    [never] = house.heard.of(NeverSent)
    assert (never.order_id, never.code, never.modify) == (1, "110", True)
    assert house.heard.of(ErrorReport)[0].code == 110
    assert statuses(house.heard, 1)[-1] is Status.SUBMITTED
    house.modify("BUY 10 AAPL LMT 181 DAY", 1)
    house.wait_for(lambda: house.heard.of(OrderEcho)[-1].limit_price == Decimal(181))


@pytest.mark.slow
def test_a_modify_never_follows_an_order_that_was_rejected(open_house: OpenHouse) -> None:
    """TWS would take it for a new order."""
    late = Fault("placeOrder", Reject(201, "Order rejected - reason:no"))
    house = open_house(late, max_queue_time=10.0)
    house.hold()  # both wait together, and the order leaves alone
    house.place("BUY 10 AAPL LMT 180 DAY", 1)
    house.modify("BUY 11 AAPL LMT 180 DAY", 1)
    has_status(house, 1, Status.REJECTED)
    house.wait_for(lambda: bool(house.heard.of(NeverSent)))
    [never] = house.heard.of(NeverSent)
    assert (never.code, never.modify) == ("NOT_MODIFIABLE", True)
    house.broker.beat()
    assert len(house.sent()) == 1


# -- waiting --------------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_broker_that_counts_messages_does_not_complain(open_house: OpenHouse) -> None:
    house = open_house(options=Options(pace=50), messages_per_second=20, max_queue_time=10.0)
    for order_id in range(1, 41):
        house.place("BUY 1 AAPL LMT 180 DAY", order_id)
    house.wait_for(lambda: len(house.heard.of(Sent)) == 40)
    house.broker.beat()
    assert house.broker.connected
    assert len(house.sent()) == 40


@pytest.mark.slow
def test_two_hundred_orders_are_paced_in_their_order(open_house: OpenHouse) -> None:
    house = open_house(max_queue_time=30.0)
    for order_id in range(1, 201):
        house.place("BUY 1 AAPL LMT 180 DAY", order_id)
    house.heard.wait_for(lambda: len(house.heard.of(Sent)) == 200, timeout=15)
    house.broker.beat()
    stamps = [one.at.timestamp() for one in house.sim.received("placeOrder")]
    assert house.sent() == [f"rg-{order_id}" for order_id in range(1, 201)]
    assert stamps[-1] - stamps[0] >= 4.0


@pytest.mark.slow
def test_an_order_whose_turn_comes_too_late_is_never_sent(open_house: OpenHouse) -> None:
    house = open_house(messages_per_second=5, max_queue_time=0.3)
    for order_id in range(1, 31):
        house.place("BUY 1 AAPL LMT 180 DAY", order_id)
    told = Sent | NeverSent
    house.wait_for(lambda: len(house.heard.of(Sent)) + len(house.heard.of(NeverSent)) == 30)
    house.broker.beat()
    late = [one for one in house.heard.of(NeverSent) if one.code == "QUEUE_EXPIRED"]
    assert len(late) == 30 - len(house.sent()) > 0
    numbers = [one.order_id for one in house.heard.reports if isinstance(one, told)]
    assert sorted(numbers) == list(range(1, 31))


@pytest.mark.slow
def test_a_full_queue_takes_no_more_orders_but_every_cancel(open_house: OpenHouse) -> None:
    house = open_house(queue_bound=3)
    house.hold()
    for order_id in range(1, 11):
        house.place("BUY 1 AAPL LMT 180 DAY", order_id)
    assert [one.order_id for one in house.heard.of(NeverSent)] == [4, 5, 6, 7, 8, 9, 10]
    assert {one.code for one in house.heard.of(NeverSent)} == {"QUEUE_FULL"}
    house.broker.cancel(99)
    house.wait_for(lambda: bool(house.heard.of(CancelNotSent)))


@pytest.mark.slow
def test_what_is_withdrawn_cannot_leave_and_the_rest_does(open_house: OpenHouse) -> None:
    house = open_house(messages_per_second=20)
    house.hold()
    for order_id in range(1, 21):
        house.place("BUY 1 AAPL LMT 180 DAY", order_id)
    house.broker.withdraw(lambda order_id: order_id % 2 == 0, "HALTED")
    gone = [one.order_id for one in house.heard.of(NeverSent)]
    assert gone == list(range(2, 21, 2))
    assert {one.code for one in house.heard.of(NeverSent)} == {"HALTED"}
    house.wait_for(lambda: len(house.heard.of(Sent)) == 10)
    house.broker.beat()
    assert house.sent() == [f"rg-{order_id}" for order_id in range(1, 21, 2)]


@pytest.mark.slow
def test_the_cancel_of_an_order_that_waits_drops_it(open_house: OpenHouse) -> None:
    house = open_house()
    house.hold()
    for order_id in range(1, 6):
        house.place("BUY 1 AAPL LMT 180 DAY", order_id)
    house.broker.cancel(5)
    [never] = house.heard.of(NeverSent)
    assert (never.order_id, never.code, never.modify) == (5, "CANCELLED", False)
    house.wait_for(lambda: len(house.heard.of(Sent)) == 4)
    house.broker.beat()
    assert house.sim.received("cancelOrder") == ()


@pytest.mark.slow
def test_a_cancel_overtakes_the_orders_that_wait(house: House) -> None:
    house.place("BUY 1 AAPL LMT 180 DAY", 1)
    has_status(house, 1, Status.SUBMITTED)
    house.hold()
    for order_id in range(2, 40):
        house.place("BUY 1 AAPL LMT 180 DAY", order_id)
    house.broker.cancel(1)
    has_status(house, 1, Status.CANCELLED)
    names = [one.name for one in house.sim.received() if one.name in {"placeOrder", "cancelOrder"}]
    assert names[:2] == ["placeOrder", "cancelOrder"]


@pytest.mark.slow
def test_orders_that_reduce_go_before_orders_that_open(house: House) -> None:
    house.hold()
    for order_id in range(1, 11):
        house.place("BUY 1 AAPL LMT 180 DAY", order_id)
    house.broker.place(house.approve("SELL 1 AAPL LMT 195 DAY", 11, reduction=True))
    house.wait_for(lambda: len(house.heard.of(Sent)) == 11)
    numbers = [one.order_id for one in house.heard.of(Sent)]
    assert numbers == [11, *range(1, 11)]


def test_nothing_can_be_placed_without_a_session(open_house: OpenHouse) -> None:
    house = open_house()
    approved = house.approve("BUY 1 AAPL LMT 180 DAY", 1)
    house.broker.stop()
    with pytest.raises(NotConnected):
        house.broker.place(approved)
    with pytest.raises(NotConnected):
        house.broker.cancel(1)
    assert not house.broker.connected


def test_the_library_keeps_no_orders_of_its_own(house: House) -> None:
    house.place("BUY 10 AAPL LMT 190.05 DAY", 1)
    has_status(house, 1, Status.FILLED)
    desk = house.broker._desk
    assert desk is not None
    library = desk._session
    assert type(library).__module__.startswith(load().__name__)  # type: ignore[attr-defined]
    assert vars(library.wrapper)["trades"] == {}
    assert vars(library.wrapper)["fills"] == {}
