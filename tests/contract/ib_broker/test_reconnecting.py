"""A broker whose sessions are lost, and what is made anew with the next one."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from riskgate.brokers.ib import desk
from riskgate.brokers.ib.broker import IbBroker
from riskgate.brokers.ib.reconnect import Reconnect, Told
from riskgate.brokers.ib.settings import Settings
from riskgate.errors import NotConnected
from riskgate.ledger.market import Market
from riskgate.model.instrument import Terms
from riskgate.model.lifecycle import Status
from riskgate.model.report import ErrorReport, ExecutionReport, NeverSent, Sent, StatusReport
from riskgate.simulator import Mute, Options, Running, VirtualClock, quote, running

if TYPE_CHECKING:
    from tests.contract.ib_broker.conftest import House, OpenHouse

MORNING = datetime(2025, 1, 6, 15, 0, tzinfo=UTC)


class Watched:
    """What reconnects a house, with its notes and seconds of its own."""

    def __init__(self, house: House) -> None:
        self.notes: list[str] = []
        self.now = 0.0
        clock = VirtualClock(MORNING)
        told = Told(house.heard, self.notes.append)
        self.reconnect = Reconnect(house.broker, told, clock)

    def attempt(self, broker: IbBroker) -> bool:
        """Go on until one more attempt was made; whether it brought a session."""
        before = broker._thread, len(self.notes)
        for _ in range(20):
            if self.reconnect.step(self.now) == 0:
                return broker.in_session
            self.now += 60
        raise AssertionError(before)


def lose(house: House) -> None:
    house.sim.disconnect_all()
    house.wait_for(lambda: any("was lost" in reason for reason in house.heard.changes))
    house.sim.wait_for(lambda: not house.sim.clients())


@contextmanager
def another_tws(house: House, options: Options) -> Iterator[Running]:
    """The house's TWS goes; another listens where it did."""
    port = house.sim.port
    house.sim.stop = lambda: None  # type: ignore[method-assign]  # it is stopped here
    Running.stop(house.sim)
    house.wait_for(lambda: any("was lost" in reason for reason in house.heard.changes))
    given = {"port": port, "accounts": options.accounts, "read_only": options.read_only}
    with running(options=Options(**given)) as sim:  # type: ignore[arg-type]
        yield sim


def test_each_session_has_a_fresh_object_of_the_library(house: House) -> None:
    first = house.broker._desk
    assert first is not None
    lose(house)
    watched = Watched(house)
    assert watched.attempt(house.broker)
    second = house.broker._desk
    assert second is not None
    assert second._session is not first._session
    assert house.broker.connected
    watched.reconnect.step(watched.now)
    assert [note.partition(" ")[0] for note in watched.notes] == ["alarm:", "connected"]


def test_53_a_client_id_in_use_is_the_reason_until_it_is_free(open_house: OpenHouse) -> None:
    house = open_house(client_id=7)
    lose(house)
    watched = Watched(house)
    other = IbBroker(Settings(port=house.sim.port, client_id=7), Market())
    other.start(house.heard)
    try:
        for number in (1, 2):
            assert not watched.attempt(house.broker)
            assert house.heard.changes[-1].startswith("client id 7 is in use at 127.0.0.1:")
            assert f"(attempt {number} to connect again" in house.heard.changes[-1]
            with pytest.raises(NotConnected):
                house.place("BUY 1 AAPL LMT 180 DAY", 1)
    finally:
        other.stop()
    house.sim.wait_for(lambda: not house.sim.clients())
    assert watched.attempt(house.broker)
    assert house.sent() == []


def test_53_a_live_account_after_a_reconnect_takes_no_order(house: House) -> None:
    with another_tws(house, Options(accounts=("U7654321",))) as sim:
        watched = Watched(house)
        assert watched.attempt(house.broker)
        assert house.broker.mode_fault == "mode is paper, but account U7654321 is a live account"
        house.place("BUY 1 AAPL LMT 180 DAY", 1)
        assert [one.code for one in house.heard.of(NeverSent)] == ["MODE_MISMATCH"]
        house.broker.beat()
        assert sim.received("placeOrder") == ()
        watched.reconnect.step(watched.now)
        assert "nothing is approved: mode is paper" in watched.notes[-1]
        house.broker.stop()


def test_53_a_tws_that_is_read_only_after_a_reconnect_is_not_connected(house: House) -> None:
    with another_tws(house, Options(read_only=True)) as sim:
        assert Watched(house).attempt(house.broker)
        assert house.broker.prepare([Terms(symbol="AAPL")], 5) == ()
        house.place("BUY 1 AAPL LMT 180 DAY", 1)
        house.wait_for(lambda: not house.broker.connected)
        assert "untick `Read-Only API`" in house.broker.trouble
        house.place("BUY 1 AAPL LMT 180 DAY", 2)
        house.wait_for(lambda: bool(house.heard.of(NeverSent)))
        assert len(sim.received("placeOrder")) == 1
        assert sim.orders() == ()
        house.broker.stop()


def test_what_was_watched_is_watched_again_in_the_next_session(house: House) -> None:
    lose(house)
    house.broker.start(house.heard)
    house.sim.wait_for(lambda: len(house.sim.received("reqMktData")) == 2)
    house.sim.set_price("AAPL", quote("199.99", "200.01", "200.00"))
    assert house.broker.prepare([Terms(symbol="AAPL")], 5) == ()
    shown = house.market.quote("AAPL")
    assert shown is not None
    assert shown.bid == Decimal("199.99")


@pytest.mark.slow
def test_a_start_that_waits_ends_when_the_broker_is_stopped(open_house: OpenHouse) -> None:
    clock = VirtualClock(MORNING)
    house = open_house(clock=clock, start=False, connect_timeout=60.0)
    house.sim.happen(Mute())
    said: list[str] = []

    def start() -> None:
        try:
            house.broker.start(house.heard)
        except NotConnected as error:
            said.append(str(error))

    starting = threading.Thread(target=start)
    starting.start()
    house.sim.wait_for(lambda: house.broker._thread is not None)
    before = datetime.now(UTC)
    house.broker.stop()
    starting.join(10)
    assert not starting.is_alive()
    assert datetime.now(UTC) - before < timedelta(seconds=10)
    assert said == ["the session with the broker has been stopped"]
    assert not house.broker.in_session


@pytest.mark.slow
def test_49_a_half_open_socket_is_noticed_by_its_heartbeat_and_given_up(
    open_house: OpenHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desk, "ANSWER", 0.2)
    clock = VirtualClock(MORNING)
    house = open_house(clock=clock, heartbeat=0.1, connect_timeout=0.3, max_silence=50.0)
    house.sim.happen(Mute(3600.0))
    house.place("BUY 1 AAPL LMT 180 DAY", 1)  # into a socket that carries nothing
    house.wait_for(lambda: house.broker.silent)
    assert house.broker.in_session
    assert not house.broker.connected
    assert house.broker.trouble == "the broker does not answer"
    house.place("BUY 1 AAPL LMT 180 DAY", 2)
    house.wait_for(lambda: bool(house.heard.of(NeverSent)))
    assert [one.order_id for one in house.heard.of(NeverSent)] == [2]
    assert [one.order_id for one in house.heard.of(Sent)] == [1]
    watched = Watched(house)
    assert not watched.attempt(house.broker)
    assert "no answer from 127.0.0.1" in house.heard.changes[-1]
    house.sim.advance(3600)
    assert watched.attempt(house.broker)
    story = house.broker.story(house.refs(1, 2), 5)
    assert (story.complete, story.statuses) == (True, ())
    assert house.heard.of(StatusReport) == []


def test_the_heartbeat_is_due_in_five_seconds_and_waits_for_ten() -> None:
    assert (Settings().heartbeat, desk.ANSWER) == (5.0, 10.0)


def test_a_heartbeat_that_breaks_is_silence_and_told(open_house: OpenHouse) -> None:
    house = open_house(heartbeat=0.05)
    session = house.broker._desk
    assert session is not None

    def broken() -> None:
        raise ZeroDivisionError("a bug")

    session._client.reqCurrentTime = broken
    house.wait_for(lambda: not house.broker.connected)
    assert any("heartbeat: ZeroDivisionError" in reason for reason in house.heard.changes)


# -- what a session knows -------------------------------------------------------------------------


def test_a_cancel_that_was_asked_for_is_known_in_its_session(house: House) -> None:
    assert not house.broker.cancelling(1)
    house.place("BUY 1 AAPL LMT 180 DAY", 1)
    house.wait_for(lambda: len(house.heard.of(StatusReport)) == 2)
    assert not house.broker.cancelling(1)
    house.broker.cancel(1)
    assert house.broker.cancelling(1)
    assert not house.broker.cancelling(2)
    house.wait_for(lambda: house.heard.of(StatusReport)[-1].status is Status.CANCELLED)
    house.broker.stop()
    assert not house.broker.cancelling(1)


def test_a_cancel_that_dropped_what_waited_is_not_under_way(house: House) -> None:
    house.hold()
    house.place("BUY 1 AAPL LMT 180 DAY", 1)
    house.broker.cancel(1)
    assert not house.broker.cancelling(1)


@pytest.mark.parametrize("number", [0, 1, 31])
def test_the_client_id_is_that_of_the_settings(number: int) -> None:
    assert IbBroker(Settings(client_id=number), Market()).client_id == number


def test_a_broker_without_a_session_says_so() -> None:
    broker = IbBroker(Settings(), Market())
    assert (broker.in_session, broker.silent) == (False, False)
    assert broker.trouble == "there is no session with the broker"


# -- the library's own opinion --------------------------------------------------------------------


def test_41_a_trade_that_the_library_calls_cancelled_is_working_and_fills(house: House) -> None:
    house.place("BUY 10 AAPL LMT 180 DAY", 1)
    house.wait_for(lambda: len(house.heard.of(StatusReport)) == 2)
    session = house.broker._desk
    assert session is not None
    library = session._session
    module = session._requests.module
    lie = module.Trade(  # type: ignore[attr-defined]
        order=module.Order(),
        orderStatus=module.OrderStatus(orderId=1, status="Cancelled"),  # type: ignore[attr-defined]
    )
    library.wrapper.trades[1, 1] = lie  # type: ignore[attr-defined]
    assert [one.isDone() for one in library.trades()] == [True]  # type: ignore[attr-defined]
    house.sim.announce(10349, "Order TIF was set to DAY based on order preset.")
    story = house.broker.story(house.refs(1), 5)
    assert [one.status for one in story.statuses] == [Status.SUBMITTED]
    house.sim.set_price("AAPL", quote("179.90", "179.95", "179.90"))
    house.wait_for(lambda: house.heard.of(StatusReport)[-1].status is Status.FILLED)
    assert sum(one.quantity for one in house.heard.of(ExecutionReport)) == 10
    assert lie.orderStatus.status == "Cancelled"


# -- codes ----------------------------------------------------------------------------------------


def test_a_code_that_nobody_knows_is_an_alarm_on_record_and_a_question(house: House) -> None:
    house.sim.announce(77777, "something new")
    house.wait_for(lambda: bool(house.heard.of(ErrorReport)))
    [alarm] = house.heard.of(ErrorReport)
    assert (alarm.order_id, alarm.code, alarm.ambiguous) == (0, 77777, True)
    assert house.heard.changes[-1] == "77777: something new"


@pytest.mark.parametrize("code", [2104, 2158, 399])
def test_a_code_of_the_table_is_no_alarm(house: House, code: int) -> None:
    house.sim.announce(code, "as ever:usfarm")
    house.broker.beat()
    assert house.heard.of(ErrorReport) == []
