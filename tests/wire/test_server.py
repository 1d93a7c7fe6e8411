"""Starting, stopping, and what concerns all clients at once."""

from __future__ import annotations

import asyncio
import socket
import threading
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import msgspec
import pytest

from riskgate.simulator import (
    Options,
    Running,
    Simulator,
    VirtualClock,
    quote,
    running,
    serve,
)
from riskgate.simulator import session as session_module
from riskgate.simulator.faults import Mute, Outage, Say
from riskgate.simulator.wire.codec import REQUEST_TABLE
from riskgate.simulator.wire.framing import client_hello, frame
from riskgate.simulator.wire.kinds import Record

if TYPE_CHECKING:
    from tests.wire.conftest import Connect, Library, Play, WireConnect

START = datetime(2025, 1, 6, 15, 0, tzinfo=UTC)
BUY: Record = {
    "symbol": "AAPL",
    "secType": "STK",
    "exchange": "SMART",
    "currency": "USD",
    "action": "BUY",
    "orderType": "MKT",
    "tif": "DAY",
    "totalQuantity": Decimal(10),
    "transmit": True,
}


def test_only_this_computer_can_connect(sim: Running) -> None:
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.2", sim.port), timeout=5)


def test_a_port_that_is_taken_is_an_error_and_leaves_no_thread(sim: Running) -> None:
    before = threading.active_count()
    with pytest.raises(OSError, match="in use"), running(options=Options(port=sim.port)):
        pass
    assert threading.active_count() == before


def test_serve_says_its_port_and_stops_when_it_is_cancelled() -> None:
    async def scenario() -> int:
        ready: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        server = asyncio.create_task(serve(0, ready.set_result))
        port = await ready
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        server.cancel()
        with pytest.raises(asyncio.CancelledError):
            await server
        writer.close()
        return port

    port = asyncio.run(scenario())
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), timeout=5)


def test_a_simulator_can_be_started_in_the_loop_of_its_user() -> None:
    async def scenario() -> None:
        simulator = Simulator()
        await simulator.stop()
        await simulator.start()
        simulator.set_prices({"AAPL": quote("1", "2")})
        await simulator.stop()

    asyncio.run(scenario())


def test_a_client_that_does_not_read_is_dropped(
    sim: Running, wire: WireConnect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session_module, "MAX_UNSENT", 10_000)
    client = wire(4)
    client.read_until("nextValidId")
    transport = sim._simulator.gateway.sessions[4]._transport
    assert transport is not None
    kept = transport.get_extra_info("socket")
    kept.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)  # or the system keeps megabytes
    request: Record = {"reqId": 1, "symbol": "ES", "secType": "FUT", "exchange": "CME"}
    body = frame(REQUEST_TABLE.encode("reqContractDetails", request, client.version))
    client.socket.sendall(body * 1_000)
    sim.wait_for(lambda: sim.clients() == frozenset(), timeout=30)
    assert len(sim.received()) < 1_000


def test_an_announcement_reaches_every_client(sim: Running, wire: WireConnect) -> None:
    clients = [wire(1), wire(2)]
    for client in clients:
        client.read_until("nextValidId")
    sim.announce(1100, "Connectivity between IB and Trader Workstation has been lost.")
    for client in clients:
        codes = [client.read().integer("code") for _ in range(4)]
        assert codes[-1] == 1100


def test_the_master_client_hears_of_the_orders_of_others(wire_to: WireConnect) -> None:
    with running(options=Options(master_client=9)) as sim:
        master, other = wire_to(sim, 9), wire_to(sim, 1)
        sim.wait_for(lambda: sim.clients() == {1, 9})
        other.send("placeOrder", {**BUY, "orderId": 1})
        told = master.read_until("commissionReport")
        assert [one.name for one in told if one.name == "execDetails"] == ["execDetails"]
        assert {one.integer("clientId") for one in told if one.name == "openOrder"} == {1}


def test_a_read_only_broker_refuses_orders(wire_to: WireConnect) -> None:
    with running(options=Options(read_only=True)) as sim:
        client = wire_to(sim)
        client.send("placeOrder", {**BUY, "orderId": 1})
        answer = client.read_until("error")[-1]
        while answer.integer("code") != 321:
            answer = client.read_until("error")[-1]
        assert "Read-Only" in answer.text("text")


def test_only_client_zero_may_bind_manual_orders(sim: Running, wire: WireConnect) -> None:
    client = wire(5)
    client.send("reqAutoOpenOrders", {"autoBind": True})
    answer = client.read_until("error")[-1]
    while answer.integer("code") != 327:
        answer = client.read_until("error")[-1]
    assert sim.clients() == {5}


def test_positions_and_values_can_be_asked_for_by_account(sim: Running, wire: WireConnect) -> None:
    client = wire()
    client.send("placeOrder", {**BUY, "orderId": 1})
    client.read_until("commissionReport")
    sim.wait_for(lambda: sim.positions() == {"AAPL": Decimal(10)})
    client.send("reqPositionsMulti", {"reqId": 7, "account": "DU1234567"})
    told = client.read_until("positionMultiEnd")
    assert [one.number("position") for one in told if one.name == "positionMulti"] == [10]
    client.send("reqAccountUpdatesMulti", {"reqId": 8, "account": "DU1234567"})
    told = client.read_until("accountUpdateMultiEnd")
    assert "NetLiquidation" in {one.text("key") for one in told}
    client.send("placeOrder", {**BUY, "orderId": 2, "action": "SELL"})
    told = client.read_until("accountUpdateMulti")
    assert [one.number("position") for one in told if one.name == "positionMulti"][-1:] != [None]
    for name in ("cancelPositionsMulti", "cancelAccountUpdatesMulti", "cancelAccountSummary"):
        client.send(name, {"reqId": 7})
    client.send("reqPositionsMulti", {"reqId": 7, "account": "U0"})
    answer = client.read_until("error")[-1]
    assert (answer.integer("reqId"), answer.integer("code")) == (7, 321)


def test_nothing_trades_while_a_market_is_halted(
    library: Library, sim: Running, play: Play, join: Connect
) -> None:
    open_market = quote("189.99", "190.01", "190.00")

    async def scenario() -> None:
        async with join(sim) as desk:
            sim.set_price("AAPL", msgspec.structs.replace(open_market, halted=True))
            stock = library.Stock("AAPL", "SMART", "USD")
            ticker = await desk.watch(stock)
            await desk.until(lambda: ticker.halted == 1)
            order = library.MarketOrder("BUY", 10, tif="DAY")
            trade = await desk.place(stock, order, "Submitted")
            sim.set_price("AAPL", open_market)
            await desk.until(lambda: trade.orderStatus.status == "Filled")
            assert ticker.halted == 0

    play(scenario)


def test_waiting_ends_with_an_error_when_nothing_happens(sim: Running) -> None:
    with pytest.raises(TimeoutError, match="not within"):
        sim.wait_for(lambda: bool(sim.orders()), timeout=0.05)


def test_a_virtual_clock_goes_forward_only_and_has_a_zone() -> None:
    clock = VirtualClock(START)
    with pytest.raises(ValueError, match="time does not go back"):
        clock.advance(timedelta(seconds=-1))
    with pytest.raises(ValueError, match="no time zone"):
        VirtualClock(START.replace(tzinfo=None))
    assert clock.advance(timedelta(seconds=1)) == clock.now() == START + timedelta(seconds=1)


def test_an_order_that_is_not_transmitted_waits(sim: Running, wire: WireConnect) -> None:
    client = wire()
    client.send("placeOrder", {**BUY, "orderId": 1, "transmit": False})
    client.read_until("orderStatus")
    assert [one.status for one in sim.orders()] == ["Inactive"]
    client.send("placeOrder", {**BUY, "orderId": 1})
    client.read_until("commissionReport")
    assert sim.positions() == {"AAPL": Decimal(10)}


def test_a_what_if_order_must_be_transmitted(sim: Running, wire: WireConnect) -> None:
    client = wire()
    client.send("placeOrder", {**BUY, "orderId": 1, "whatIf": True, "transmit": False})
    answer = client.read_until("error")[-1]
    while answer.integer("reqId") != 1:
        answer = client.read_until("error")[-1]
    assert answer.integer("code") == 413
    assert sim.orders() == ()


def test_client_zero_binds_the_orders_entered_by_hand(sim: Running, wire: WireConnect) -> None:
    sim.place_by_hand("AAPL", "BUY", Decimal(10), Decimal(150))
    client = wire(0)
    client.send("reqOpenOrders", {})
    told = client.read_until("openOrderEnd")
    bound = [one for one in told if one.name == "orderBound"]
    assert [(one.integer("clientId"), one.integer("orderId")) for one in bound] == [(0, -1)]
    client.send("reqAutoOpenOrders", {"autoBind": True})
    client.send("reqIds", {"numIds": 1})
    client.read_until("nextValidId")
    sim.place_by_hand("AAPL", "BUY", Decimal(20), Decimal(151))
    assert client.read_until("orderBound")[-1].integer("orderId") == -2
    client.send("cancelOrder", {"orderId": -1})
    sim.wait_for(lambda: sim.orders()[0].status == "Cancelled")
    assert [one.order_id for one in sim.orders()] == [-1, -2]


def test_a_read_only_broker_binds_nothing(wire_to: WireConnect) -> None:
    with running(options=Options(read_only=True)) as sim:
        client = wire_to(sim, 0)
        client.send("reqAutoOpenOrders", {"autoBind": True})
        answer = client.read_until("error")[-1]
        while answer.integer("code") != 321:
            answer = client.read_until("error")[-1]
        assert "Read-Only" in answer.text("text")


def test_a_mute_broker_reads_and_never_writes_not_even_hello(
    sim: Running, wire: WireConnect
) -> None:
    client = wire(1)
    client.read_until("nextValidId")
    sim.happen(Mute())
    client.send("placeOrder", {**BUY, "orderId": 1})
    sim.wait_for(lambda: len(sim.received("placeOrder")) == 1)
    with socket.create_connection((sim.host, sim.port), timeout=0.2) as half_open:
        half_open.sendall(client_hello(157, 176))
        with pytest.raises(TimeoutError):
            half_open.recv(1)
    assert sim.orders() == ()


@pytest.mark.parametrize("code", [2103, 2105, 2110, 1100, 1101, 1102])
def test_what_a_broker_says_about_its_links_has_the_known_text(
    sim: Running, wire: WireConnect, code: int
) -> None:
    client = wire(1)
    client.read_until("nextValidId")
    sim.happen(Say(code))
    answer = client.read_until("error")[-1]
    while answer.integer("code") != code:
        answer = client.read_until("error")[-1]
    assert "broken" in answer.text("text") or "onnectivity" in answer.text("text")
    assert answer.integer("reqId") == -1


def test_a_heartbeat_is_answered_while_the_link_is_lost(sim: Running, wire: WireConnect) -> None:
    client = wire(1)
    sim.happen(Outage(seconds=3600))
    client.send("reqCurrentTime", {})
    assert client.read_until("currentTime")[-1].integer("time") > 0
