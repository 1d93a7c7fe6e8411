"""A hundred thousand damaged frames against a client that behaves; a tenth of them by default.

`RISKGATE_FUZZ=100000 pytest tests/wire/test_fuzz.py` throws them all.
"""

from __future__ import annotations

import logging
import os
import random
import resource
import socket
import struct
from contextlib import suppress
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from riskgate.simulator import Running
from riskgate.simulator.wire.codec import MAX_VERSION, MIN_VERSION, REQUEST_TABLE, split
from riskgate.simulator.wire.framing import API_SIGN, MAX_REQUEST, client_hello, frame
from riskgate.simulator.wire.kinds import Record
from tests.wire.conftest import PATIENCE
from tests.wire.heard import Hearing

if TYPE_CHECKING:
    from tests.wire.conftest import Wire, WireConnect

FRAMES = int(os.environ.get("RISKGATE_FUZZ", "2000"))
BATCH = 50  # frames on one connection
MEGABYTES = 300  # how much the process may grow
HEARING = Hearing(
    "ab Z9.-\\\u00e9", unescapes=False, unheard=frozenset(), unheard_messages=frozenset()
)
NOISE = (
    b"",
    b"x",
    b"-1",
    b"nan",
    b"1e999",
    b"9" * 40,
    b"BAG",
    b"PEG BENCH",
    b"\xff\xfe",
    b"Infinite",
)
LENGTHS = (0, 1, 3, 2**16, MAX_REQUEST, MAX_REQUEST + 1, 2**31, 2**32 - 1)
NAMES = tuple(sorted(REQUEST_TABLE.by_name))
RESTING: Record = {
    "symbol": "AAPL",
    "secType": "STK",
    "exchange": "SMART",
    "currency": "USD",
    "action": "BUY",
    "totalQuantity": Decimal(1),
    "orderType": "LMT",
    "lmtPrice": Decimal(1),
    "tif": "DAY",
}


def good(lot: random.Random, version: int) -> bytes:
    """A whole request of any kind, with values of the right sort."""
    name = lot.choice(NAMES)
    if name == "placeOrder" and lot.random() < 0.5:
        return REQUEST_TABLE.encode(name, {**RESTING, "orderId": lot.randint(1, 9)}, version)
    record = HEARING.draw(lot, name, REQUEST_TABLE.by_name[name].rows, version)
    return REQUEST_TABLE.encode(name, record, version)


def damaged(lot: random.Random, version: int) -> bytes:
    """A frame whose body is wrong in one of the ways bodies go wrong; sometimes in none."""
    body = good(lot, version)
    spoilt = {
        0: lot.randbytes(lot.randrange(200)),
        1: body + lot.choice(NOISE) + b"\0",
        2: body[:-1],
        3: _flipped(lot, body),
        4: body,
    }
    return frame(spoilt.get(lot.randrange(8)) or _with_noise(lot, body))


def unframed(lot: random.Random, version: int) -> bytes:
    """A frame whose length is wrong, which nobody can read beyond."""
    body = good(lot, version)
    if lot.random() < 0.5:
        return struct.pack(">I", lot.choice(LENGTHS)) + body
    return frame(body)[: lot.randrange(1, len(body) + 4)]


def _flipped(lot: random.Random, body: bytes) -> bytes:
    spoilt = bytearray(body)
    for _ in range(lot.randint(1, 4)):
        spoilt[lot.randrange(len(spoilt))] = lot.randrange(256)
    return bytes(spoilt)


def _with_noise(lot: random.Random, body: bytes) -> bytes:
    parts = body.split(b"\0")[:-1]
    at = lot.randrange(len(parts))
    match lot.randrange(3):
        case 0:
            parts[at] = lot.choice(NOISE)
        case 1:
            del parts[at]
        case _:
            parts.insert(at, lot.choice(NOISE))
    return b"".join(part + b"\0" for part in parts)


def pieces(lot: random.Random, stream: bytes) -> list[bytes]:
    """The stream as it comes out of a network: whole, or cut anywhere."""
    if lot.random() < 0.7:
        return [stream]
    cuts = sorted(lot.randrange(len(stream)) for _ in range(20))
    return [stream[a:b] for a, b in zip([0, *cuts], [*cuts, len(stream)], strict=True)]


def greeting(lot: random.Random) -> bytes:
    """A hello, now and then one that is none."""
    if lot.random() < 0.05:
        return lot.choice(
            [b"GET / HTTP/1.1\r\n", API_SIGN + b"\xff" * 8, b"API", lot.randbytes(30)]
        )
    highest = lot.randint(MIN_VERSION - 1, MAX_VERSION + 30)
    return client_hello(100, highest)


def _address(sim: Running) -> tuple[str, int]:
    return (sim.host, sim.port)


def attack(sim: Running, lot: random.Random) -> None:
    """One connection that misbehaves, and is read until the server is through with it."""
    version = lot.randint(MIN_VERSION, MAX_VERSION)
    hello = client_hello(100, version) if lot.random() < 0.9 else greeting(lot)
    start = frame(REQUEST_TABLE.encode("startApi", {"clientId": lot.randint(1, 40)}, version))
    stream = hello + start + b"".join(damaged(lot, version) for _ in range(BATCH))
    with (
        suppress(ConnectionError),
        socket.create_connection(_address(sim), PATIENCE) as peer,
    ):
        for piece in pieces(lot, stream):
            peer.sendall(piece)
        peer.shutdown(socket.SHUT_WR)
        while peer.recv(65536):
            pass


def round_trip(client: Wire, number: int) -> None:
    """The client that behaves asks, and places an order, and is answered about both."""
    client.send("reqIds", {"numIds": 1})
    client.send("placeOrder", {**RESTING, "orderId": number})
    client.send("reqCurrentTime", {})
    told = client.read_until("currentTime")
    assert number in {one.integer("orderId") for one in told if one.name == "openOrder"}
    client.send("cancelOrder", {"orderId": number})


@pytest.mark.counted
@pytest.mark.timeout(1200)
def test_damaged_frames_neither_stop_the_server_nor_a_client_that_behaves(
    sim: Running, wire: WireConnect, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.CRITICAL, logger="riskgate.simulator")  # a line for each frame
    lot = random.Random(20250106)
    client = wire(1000)
    client.read_until("nextValidId")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for number in range(1, FRAMES // BATCH + 1):
        attack(sim, lot)
        round_trip(client, number)
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown < MEGABYTES * 1024
    assert 1000 in sim.clients()


def test_connections_that_only_begin_a_frame_cost_next_to_nothing(
    sim: Running, wire: WireConnect
) -> None:
    opened = []
    try:
        for length in LENGTHS * 5:
            peer = socket.create_connection(_address(sim), PATIENCE)
            peer.sendall(client_hello(157, 176) + struct.pack(">I", length))
            opened.append(peer)
        client = wire(1000)
        round_trip(client, 1)
    finally:
        for peer in opened:
            peer.close()


def test_a_request_longer_than_any_is_refused_before_it_is_stored(
    sim: Running, wire: WireConnect
) -> None:
    client = wire(1)
    client.read_until("nextValidId")
    client.socket.sendall(struct.pack(">I", MAX_REQUEST + 1))
    with pytest.raises((EOFError, ConnectionResetError)):
        client.read_until("never")
    assert sim.clients() == frozenset()


def test_the_requests_that_are_damaged_are_whole_before() -> None:
    lot = random.Random(1)
    for version in range(MIN_VERSION, MAX_VERSION + 1):
        for _ in range(20):
            body = good(lot, version)
            found = REQUEST_TABLE.decode(body, version)
            assert REQUEST_TABLE.encode(found.name, found.fields, version).count(b"\0") == len(
                split(body)
            )
