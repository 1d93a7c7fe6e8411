"""Sessions with a simulated TWS: how they start, fail, break and end."""

from __future__ import annotations

import socket
import threading
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from riskgate.brokers.ib import desk
from riskgate.brokers.ib.broker import IbBroker
from riskgate.brokers.ib.client import CHOICE, load
from riskgate.brokers.ib.settings import Settings
from riskgate.brokers.ib.thread import LoopThread
from riskgate.errors import BrokerError, ConfigError, InvariantError, NotConnected
from riskgate.ledger.market import Market
from riskgate.model.lifecycle import Status
from riskgate.model.report import ErrorReport, NeverSent, Sent, StatusReport
from riskgate.simulator import Drop, Fault, Options, Reject, Silent

if TYPE_CHECKING:
    from tests.contract.ib_broker.conftest import House, OpenHouse


def free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        port: int = listening.getsockname()[1]
        return port


def test_a_refused_connection_says_where_tws_listens_and_how_to_do_without(
    open_house: OpenHouse,
) -> None:
    port = free_port()
    house = open_house(start=False, port=port)
    with pytest.raises(NotConnected) as caught:
        house.broker.start(house.heard)
    assert str(caught.value) == (
        f"cannot connect to 127.0.0.1:{port} (connection refused). "
        "TWS paper listens on 7497, Gateway paper on 4002. No TWS? run `riskgate simulate`"
    )
    assert not house.broker.connected
    assert caught.value.may_have_been_sent is False


def test_a_port_that_does_not_answer_gives_up_after_the_timeout(open_house: OpenHouse) -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        port = mute.getsockname()[1]
        house = open_house(start=False, port=port, connect_timeout=0.3)
        with pytest.raises(NotConnected, match=r"no answer from 127\.0\.0\.1:\d+ within 0\.3 s"):
            house.broker.start(house.heard)


def test_a_server_that_closes_before_the_session_is_ready_is_said(
    open_house: OpenHouse,
) -> None:
    house = open_house(start=False)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        hello = threading.Thread(target=greet_and_close, args=(listening,))
        hello.start()
        port = listening.getsockname()[1]
        broker = IbBroker(Settings(port=port, connect_timeout=30.0), Market())
        with pytest.raises(NotConnected, match=r"127\.0\.0\.1:\d+ closed the connection"):
            broker.start(house.heard)
        hello.join(5)


def greet_and_close(listening: socket.socket) -> None:
    """A TWS that greets, hears the client's start, and hangs up."""
    connection, _ = listening.accept()
    with connection:
        connection.recv(100)
        body = b"176\x0020250106 10:00:00 EST\x00"
        connection.sendall(len(body).to_bytes(4, "big") + body)
        connection.recv(100)


def test_a_client_id_in_use_is_said_at_once(open_house: OpenHouse) -> None:
    house = open_house(client_id=7)
    other = IbBroker(Settings(port=house.sim.port, client_id=7, connect_timeout=30.0), Market())
    with pytest.raises(NotConnected, match=r"client id 7 is in use at 127\.0\.0\.1:\d+; choose"):
        other.start(house.heard)
    assert house.broker.connected


def test_an_account_that_is_not_there_is_a_wrong_setting(open_house: OpenHouse) -> None:
    house = open_house(start=False, account="DU999")
    with pytest.raises(ConfigError, match="`DU999`: not in this session; found DU1234567"):
        house.broker.start(house.heard)
    house.sim.wait_for(lambda: house.sim.clients() == frozenset())


def test_order_ids_among_those_of_requests_are_a_wrong_setting(open_house: OpenHouse) -> None:
    house = open_house(start=False, options=Options(first_order_id=1_700_000_001))
    with pytest.raises(ConfigError, match="its next order id is 1700000001, but ids from 10000000"):
        house.broker.start(house.heard)
    house.sim.wait_for(lambda: house.sim.clients() == frozenset())


def test_an_unknown_client_library_is_a_wrong_setting(
    open_house: OpenHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = open_house(start=False)
    monkeypatch.setenv(CHOICE, "ib_other")
    with pytest.raises(ConfigError, match="`ib_other`: not a client library"):
        house.broker.start(house.heard)


def test_a_live_account_in_paper_mode_is_a_fault_and_nothing_is_sent(
    open_house: OpenHouse,
) -> None:
    house = open_house(options=Options(accounts=("U7654321",)))
    assert house.broker.mode_fault is not None
    assert "U7654321" in house.broker.mode_fault
    house.place("BUY 1 AAPL LMT 180 DAY", 1)
    [never] = house.heard.of(NeverSent)
    assert never.code == "MODE_MISMATCH"
    house.broker.beat()
    assert house.sent() == []


def test_live_needs_two_settings(open_house: OpenHouse) -> None:
    options = Options(accounts=("U7654321",))
    one = open_house(options=options, mode="live")
    both = open_house(options=options, mode="live", allow_live=True)
    assert one.broker.mode_fault is not None
    assert both.broker.mode_fault is None


def test_a_read_only_session_does_not_count_as_connected(open_house: OpenHouse) -> None:
    house = open_house(options=Options(read_only=True))
    house.place("BUY 1 AAPL LMT 180 DAY", 1)
    house.wait_for(lambda: bool(house.heard.of(ErrorReport)))
    assert not house.broker.connected
    assert any("read-only" in reason for reason in house.heard.changes)


# -- breaking -------------------------------------------------------------------------------------


def test_a_dropped_connection_is_told_and_what_waits_is_never_sent(house: House) -> None:
    house.hold()
    for order_id in range(1, 6):
        house.place("BUY 1 AAPL LMT 180 DAY", order_id)
    house.sim.disconnect_all()
    house.wait_for(lambda: len(house.heard.of(NeverSent)) == 5)
    assert {one.code for one in house.heard.of(NeverSent)} == {"NOT_CONNECTED"}
    house.wait_for(lambda: any("was lost" in reason for reason in house.heard.changes))
    assert not house.broker.connected
    with pytest.raises(NotConnected, match="was lost"):
        house.place("BUY 1 AAPL LMT 180 DAY", 6)


@pytest.mark.parametrize("after", [False, True])
def test_an_order_under_way_when_the_connection_drops_was_sent(
    open_house: OpenHouse, *, after: bool
) -> None:
    house = open_house(Fault("placeOrder", Drop(after=after)))
    house.place("BUY 1 AAPL LMT 180 DAY", 1)
    house.wait_for(lambda: any("was lost" in reason for reason in house.heard.changes))
    assert len(house.heard.of(Sent)) == 1
    assert house.heard.of(NeverSent) == []
    house.broker.start(house.heard)
    story = house.broker.story(house.refs(1), 5)
    assert [one.status.working for one in story.statuses] == ([True] if after else [])


def test_a_question_fails_when_the_connection_drops(open_house: OpenHouse) -> None:
    house = open_house(Fault("reqAllOpenOrders", Drop()))
    with pytest.raises(BrokerError):
        house.broker.story({}, 5)


def test_a_callback_that_cannot_be_read_is_told(open_house: OpenHouse) -> None:
    house = open_house()
    session = house.broker._desk
    assert session is not None
    wrapper = session._session.wrapper
    with pytest.raises(ValueError, match="unpack"):
        wrapper.orderStatus(1, "Submitted")  # type: ignore[attr-defined]
    assert any("orderStatus" in reason for reason in house.heard.changes)


def test_a_broker_that_falls_silent_is_not_connected_until_it_answers(
    open_house: OpenHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desk, "ANSWER", 0.2)
    house = open_house(Fault("reqCurrentTime", Silent()))
    house.broker.beat()
    assert not house.broker.connected
    assert "did not answer" in house.heard.changes[-1]
    house.place("BUY 1 AAPL LMT 180 DAY", 1)
    house.wait_for(lambda: bool(house.heard.of(NeverSent)))
    house.broker.beat()
    assert house.broker.connected
    assert house.heard.changes[-1] == "the broker answers again"


def test_the_heart_beats_by_itself(open_house: OpenHouse) -> None:
    house = open_house(heartbeat=0.05, account_refresh=0.05)
    house.sim.wait_for(lambda: len(house.sim.received("reqCurrentTime")) >= 2)
    house.sim.wait_for(lambda: len(house.sim.received("reqAccountUpdatesMulti")) >= 3)
    house.sim.wait_for(lambda: len(house.sim.received("cancelAccountUpdatesMulti")) >= 2)


@pytest.mark.slow
def test_a_pacing_complaint_is_told_and_stops_all_sending(house: House) -> None:
    session = house.broker._desk
    assert session is not None
    session._session_error(100, "Max rate of messages per second has been exceeded")
    assert house.heard.changes[-1].startswith("100: ")
    house.place("BUY 1 AAPL LMT 180 DAY", 1)
    house.broker.beat()
    assert house.sent() == []
    house.wait_for(lambda: bool(house.heard.of(Sent)))


def test_a_thread_of_the_broker_never_waits_for_the_broker(house: House) -> None:
    thread = house.broker._thread
    assert isinstance(thread, LoopThread)
    caught: list[BaseException] = []

    def ask() -> None:
        try:
            house.broker.story({}, 1)
        except InvariantError as error:
            caught.append(error)

    assert thread.soon(ask)
    house.broker.beat()
    assert len(caught) == 1


def test_when_tws_loses_ib_nothing_more_is_sent_until_it_is_back(house: House) -> None:
    session = house.broker._desk
    assert session is not None
    house.hold()
    house.place("BUY 1 AAPL LMT 180 DAY", 1)
    session._session_error(1100, "Connectivity between IB and TWS has been lost.")
    [never] = house.heard.of(NeverSent)
    assert (never.order_id, never.code) == (1, "NOT_CONNECTED")
    assert not house.broker.connected
    session._session_error(1102, "Connectivity has been restored - data maintained.")
    assert house.broker.connected
    assert [reason[:4] for reason in house.heard.changes[-2:]] == ["1100", "1102"]


# -- ending ---------------------------------------------------------------------------------------


def test_a_session_leaves_no_thread_and_no_client(house: House) -> None:
    assert any(thread.name == "riskgate-ib" for thread in threading.enumerate())
    house.broker.stop()
    assert not any(thread.name == "riskgate-ib" for thread in threading.enumerate())
    house.sim.wait_for(lambda: not house.sim.clients())
    house.broker.stop()


def test_what_waits_when_a_session_ends_is_never_sent(house: House) -> None:
    house.hold()
    house.place("BUY 1 AAPL LMT 180 DAY", 1)
    house.broker.stop()
    assert [one.code for one in house.heard.of(NeverSent)] == ["NOT_CONNECTED"]
    assert house.sent() == []


def test_a_session_can_be_started_again_under_the_same_client_id(house: House) -> None:
    house.place("BUY 1 AAPL LMT 180 DAY", 1)
    house.wait_for(lambda: len(house.heard.of(StatusReport)) == 2)
    house.broker.stop()
    house.sim.wait_for(lambda: not house.sim.clients())
    house.broker.start(house.heard)
    assert house.broker.connected
    house.broker.cancel(1)
    assert house.broker.story(house.refs(1), 5).next_order_id == 2
    house.wait_for(lambda: house.heard.of(StatusReport)[-1].status is Status.CANCELLED)


def test_a_broker_that_was_never_started_is_not_connected() -> None:
    broker = IbBroker(Settings(), Market())
    assert not broker.connected
    assert broker.mode_fault is None
    broker.withdraw(lambda _: True, "HALTED")
    broker.stop()
    with pytest.raises(NotConnected):
        broker.story({}, 1)


def test_the_library_is_one_of_two() -> None:
    assert load().__name__ in {"ib_insync", "ib_async"}  # type: ignore[attr-defined]


def test_a_refused_question_is_answered_in_part(open_house: OpenHouse) -> None:
    house = open_house(Fault("reqExecutions", Reject(321, "Error validating request")))
    before = datetime.now(UTC)
    story = house.broker.story({}, 5)
    assert not story.complete
    assert (datetime.now(UTC) - before).total_seconds() < 4
