"""Hello, client ids, pacing and strictness, by a bare wire client and by the library's."""

from __future__ import annotations

import logging
import random
import socket
import threading
from contextlib import suppress
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from riskgate.simulator import Options, Running, VirtualClock, running
from riskgate.simulator import session as session_module
from riskgate.simulator.wire.codec import MAX_VERSION, MIN_VERSION, REQUEST_TABLE, split
from riskgate.simulator.wire.framing import client_hello, frame
from riskgate.simulator.wire.kinds import Record
from tests.wire.conftest import habits

if TYPE_CHECKING:
    from tests.wire.conftest import Connect, Library, Play, Wire, WireConnect

BUY: Record = {
    "symbol": "AAPL",
    "secType": "STK",
    "exchange": "SMART",
    "currency": "USD",
    "action": "BUY",
    "orderType": "MKT",
    "tif": "DAY",
    "totalQuantity": Decimal(10),
}
START = datetime(2025, 1, 6, 15, 0, tzinfo=UTC)


def test_the_lower_of_the_two_highest_versions_is_chosen(wire: WireConnect) -> None:
    assert wire(1, 160).version == 160
    assert wire(2, 300).version == 200


def test_accounts_and_next_id_come_before_the_farm_messages(wire: WireConnect) -> None:
    client = wire()
    names = [client.read() for _ in range(5)]
    assert [one.name for one in names] == ["managedAccounts", "nextValidId", *["error"] * 3]
    assert [one.integer("code") for one in names[2:]] == [2104, 2106, 2158]


@pytest.mark.parametrize("version", [157, 158, 160, 163, 166, 170, 176, 177, 178, 187, 200])
def test_a_client_connects_and_trades_at_every_version(
    library: Library, play: Play, join: Connect, version: int
) -> None:
    with running(options=Options(max_version=version)) as sim:

        async def scenario() -> None:
            async with join(sim) as desk:
                assert desk.ib.client.serverVersion() == min(version, habits().highest)
                order = library.MarketOrder("BUY", 10, tif="DAY")
                stock = library.Stock("AAPL", "SMART", "USD")
                trade = await desk.place(stock, order, "Filled")
                assert trade.orderStatus.filled == 10
                assert len(await desk.ib.reqCompletedOrdersAsync(False)) == 1

        play(scenario)


@pytest.mark.slow
def test_a_raw_client_trades_at_each_version_it_can_negotiate(wire: WireConnect) -> None:
    for version in range(MIN_VERSION, MAX_VERSION + 1):
        client = wire(version, version)
        assert client.version == version
        client.send("placeOrder", {**BUY, "orderId": 1})
        told = client.read_until("commissionReport")
        filled = [one.text("status") for one in told if one.name == "orderStatus"][-1:]
        assert filled in (["Filled"], ["Submitted"])
        client.send("reqCompletedOrders", {"apiOnly": True})
        client.send("reqExecutions", {"reqId": 5})
        assert "completedOrder" in {one.name for one in client.read_until("execDetailsEnd")}
        client.close()


def test_a_version_below_the_lowest_is_refused(sim: Running) -> None:
    with socket.create_connection((sim.host, sim.port), timeout=5) as peer:
        peer.sendall(client_hello(100, MIN_VERSION - 1))
        with suppress(ConnectionResetError):
            assert peer.recv(10) == b""


def test_an_error_carries_its_time_for_the_clients_that_know_of_it(wire_to: WireConnect) -> None:
    with running(clock=VirtualClock(START)) as sim:
        client = wire_to(sim, 1, 194)
        error = client.read_until("error")[-1]
        assert error.integer("errorTime") == int(START.timestamp() * 1000)


def test_the_time_is_told_in_seconds_and_in_milliseconds(wire_to: WireConnect) -> None:
    with running(clock=VirtualClock(START)) as sim:
        client = wire_to(sim)
        client.send("reqCurrentTime", {})
        assert client.read_until("currentTime")[-1].integer("time") == START.timestamp()
        client.send("reqCurrentTimeInMillis", {})
        told = client.read_until("currentTimeInMillis")[-1]
        assert told.integer("time") == START.timestamp() * 1000


def test_a_client_id_in_use_is_refused_with_326_and_a_closed_socket(
    sim: Running, wire: WireConnect
) -> None:
    wire(7).read_until("nextValidId")
    second = wire(7)
    assert second.read().integer("code") == 326
    with pytest.raises(EOFError):
        second.read()
    assert sim.clients() == {7}


def test_a_client_id_is_free_once_its_client_is_gone(sim: Running, wire: WireConnect) -> None:
    for _ in range(20):
        client = wire(7)
        client.read_until("nextValidId")
        client.close()
        sim.wait_for(lambda: sim.clients() == set())


@pytest.mark.parametrize(
    "noise", [b"GET / HTTP/1.1\r\n\r\n", b"API\0\0\0\0\x02v1", b"API\0\xff\xff\xff\xff"]
)
def test_a_stream_that_is_no_hello_costs_the_connection_only(
    sim: Running, wire: WireConnect, noise: bytes
) -> None:
    with socket.create_connection((sim.host, sim.port), timeout=5) as peer:
        peer.sendall(noise)
        with suppress(ConnectionResetError):
            assert peer.recv(10) == b""
    assert wire(1).version == 200


def test_a_request_before_start_is_not_answered(sim: Running) -> None:
    with socket.create_connection((sim.host, sim.port), timeout=5) as peer:
        peer.sendall(client_hello(157, 176) + frame(b"49\x001\0"))
        assert peer.recv(100).startswith(b"\0\0\0")
    sim.wait_for(lambda: sim.received() == ())


def test_a_request_with_a_field_too_many_gets_320_and_its_table_is_logged(
    sim: Running,
    wire: WireConnect,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(session_module.log, "disabled", False)  # import-linter disables all loggers
    client = wire()
    client.read_until("nextValidId")
    with caplog.at_level(logging.WARNING, logger="riskgate.simulator"):
        body = REQUEST_TABLE.encode(
            "placeOrder", {"orderId": 5, "orderRef": "rg-7"}, client.version
        )
        client.send_body(body + b"1\0")
        answers = client.read_until("error")
        while answers[-1].integer("code") != 320:
            answers = client.read_until("error")
    assert answers[-1].integer("reqId") == 5
    assert "1 more fields than the table has at version 200" in answers[-1].text("text")
    assert "orderRef=`rg-7` (text)" in caplog.text
    assert sim.orders() == ()


def test_thousands_of_damaged_orders_neither_crash_nor_trade_nonsense(
    sim: Running, wire: WireConnect
) -> None:
    client = wire()
    client.read_until("nextValidId")
    lot = random.Random(20250106)
    noise = ["", "x", "nan", "-1", "1e400", "9" * 25, "\u0664", "BAG", "PEG BENCH", "Infinite"]
    plain = {"symbol": "AAPL", "secType": "STK", "exchange": "SMART", "currency": "USD"}
    parts = split(REQUEST_TABLE.encode("placeOrder", {"orderId": 1, **plain}, client.version))
    reader = threading.Thread(target=_drain, args=(client,), daemon=True)
    reader.start()
    for _ in range(2000):
        client.send_body(_damage(lot, parts, noise))
    client.send("reqCurrentTime", {})
    reader.join(60)
    assert not reader.is_alive()
    assert sim.executions() == ()


def _drain(client: Wire) -> None:
    client.read_until("currentTime")


def _damage(lot: random.Random, parts: list[str], noise: list[str]) -> bytes:
    damaged = list(parts)
    at = lot.randrange(1, len(parts))
    match lot.randrange(4):
        case 0:
            damaged[at] = lot.choice(noise)
        case 1:
            del damaged[at]
        case 2:
            damaged.insert(at, lot.choice(noise))
        case _:
            return "".join(f"{part}\0" for part in damaged).encode()[: lot.randrange(1, 200)]
    return "".join(f"{part}\0" for part in damaged).encode()


def test_a_client_that_is_too_fast_gets_100_and_is_cut_off(wire_to: WireConnect) -> None:
    clock = VirtualClock(START)
    with running(clock=clock, options=Options(pace=50)) as sim:
        client = wire_to(sim)
        client.socket.sendall(frame(REQUEST_TABLE.encode("reqCurrentTime", {}, 176)) * 60)
        answer = client.read_until("error")[-1]
        while answer.integer("code") != 100:
            answer = client.read_until("error")[-1]
        with pytest.raises((EOFError, ConnectionResetError)):
            client.read_until("never")
        assert len(sim.received()) < 51


def test_every_request_is_remembered_with_its_time_and_client(
    wire: WireConnect, sim: Running
) -> None:
    client = wire(3)
    client.send("reqIds", {"numIds": 1})
    sim.wait_for(lambda: len(sim.received("reqIds")) == 1)
    (found,) = sim.received("reqIds")
    assert (found.client_id, found.name, found.at.tzinfo) == (3, "reqIds", UTC)


def test_what_the_simulator_does_not_do_is_answered_politely(wire: WireConnect) -> None:
    client = wire()
    client.send("reqHistogramData", {"reqId": 9, "symbol": "AAPL"})
    answer = client.read_until("error")[-1]
    while answer.integer("reqId") != 9:
        answer = client.read_until("error")[-1]
    assert "not supported by the simulator" in answer.text("text")


def test_nothing_is_left_when_the_simulator_stops() -> None:
    before = threading.active_count()
    with running() as sim:
        assert threading.active_count() == before + 1
        port = sim.port
    assert threading.active_count() == before
    with running(options=Options(port=port)) as again:
        assert again.port == port


def test_a_client_is_told_326_when_its_client_id_is_in_use(
    library: Library, sim: Running, play: Play, join: Connect
) -> None:
    async def scenario() -> None:
        async with join(sim, 7):
            second, told = library.IB(), list[int]()
            second.errorEvent += lambda _about, code, _text, _contract: told.append(code)
            with pytest.raises(TimeoutError):
                await second.connectAsync(sim.host, sim.port, clientId=7, timeout=0.5)
            assert told == [326]

    play(scenario)
