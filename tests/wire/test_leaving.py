"""How a client is left: it hears why, and what it does not read is not kept for ever."""

from __future__ import annotations

import socket
import tracemalloc
from contextlib import suppress
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from riskgate.simulator import Options, Outage, Running, VirtualClock, running
from riskgate.simulator import session as session_module
from riskgate.simulator import trouble as trouble_module
from riskgate.simulator.prices import quote
from riskgate.simulator.wire.codec import REQUEST_TABLE
from riskgate.simulator.wire.framing import frame
from tests.wire.conftest import AAPL, WireConnect
from tests.wire.test_held_orders import HELD, NOON

if TYPE_CHECKING:
    from riskgate.simulator.wire.kinds import Record
    from tests.wire.conftest import Wire

MEGABYTE = 1024 * 1024
LINES = 60


def codes_until_closed(client: Wire) -> list[int]:
    """The codes a client is told until the server has closed. Raises ConnectionResetError."""
    found: list[int] = []
    while True:
        try:
            said = client.read()
        except EOFError:
            return found
        if said.name == "error":
            found.append(said.integer("code"))


@pytest.mark.parametrize("burst", [60, 20_000])
def test_a_client_that_is_too_fast_hears_why_however_much_it_has_sent(
    wire_to: WireConnect, burst: int
) -> None:
    with running(options=Options(pace=50)) as sim:
        client = wire_to(sim)
        client.read_until("nextValidId")
        body = frame(REQUEST_TABLE.encode("reqCurrentTime", {}, client.version))
        client.socket.sendall(body * burst)
        assert codes_until_closed(client)[-1] == 100
        client.close()
        sim.wait_for(lambda: not sim._simulator.gateway.connections)


def test_a_client_id_is_free_as_soon_as_its_client_was_left(wire_to: WireConnect) -> None:
    with running(options=Options(pace=50)) as sim:
        first = wire_to(sim, 3)
        first.read_until("nextValidId")
        body = frame(REQUEST_TABLE.encode("reqCurrentTime", {}, first.version))
        first.socket.sendall(body * 60)
        assert codes_until_closed(first)[-1] == 100
        assert sim.clients() == frozenset()
        assert wire_to(sim, 3).read_until("nextValidId")


def test_a_client_that_never_closes_its_side_is_dropped_at_last(
    wire_to: WireConnect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session_module, "LINGER", 0.05)
    with running() as sim:
        wire_to(sim, 1).read_until("nextValidId")
        rival = wire_to(sim, 1)
        assert codes_until_closed(rival) == [326]
        sim.wait_for(lambda: len(sim._simulator.gateway.connections) == 1)


@pytest.mark.slow
def test_a_client_that_never_reads_costs_no_more_than_the_bound(
    sim: Running, wire: WireConnect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session_module, "MAX_UNSENT", MEGABYTE)
    reader, sleeper = wire(1), wire(2)
    for number in range(1, LINES + 1):
        request: Record = {"reqId": number, "symbol": "AAPL", "secType": "STK", "exchange": "SMART"}
        sleeper.send("reqMktData", request)
    sim.wait_for(lambda: len(sim.received("reqMktData")) == LINES)
    transport = sim._simulator.gateway.sessions[2]._transport
    assert transport is not None
    kept = transport.get_extra_info("socket")
    kept.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)  # or the system keeps megabytes
    tracemalloc.start()
    try:
        for turn in range(20_000):
            if sim.clients() == {1}:
                break
            sim.set_price("AAPL", quote(Decimal(turn + 1), Decimal(turn + 2), Decimal(turn + 1)))
        grown = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert sim.clients() == {1}
    assert grown < 6 * MEGABYTE
    reader.send("reqCurrentTime", {})
    assert reader.read_until("currentTime")


def test_what_is_held_back_in_a_gap_is_bounded_too(
    wire_to: WireConnect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trouble_module, "MOST_HELD", 10_000)
    with running({"AAPL": AAPL}, VirtualClock(NOON)) as sim:
        client = wire_to(sim)
        client.read_until("nextValidId")
        sim.happen(Outage(seconds=3600, reports="held"))
        with suppress(ConnectionError):  # it may be put out between two requests
            for number in range(1, 200):
                client.send("reqExecutions", {"reqId": number})
                client.send("reqContractDetails", {**HELD, "reqId": number})
        sim.wait_for(lambda: not sim.clients())
