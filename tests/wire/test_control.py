"""The control channel: another process steers the simulator, and nothing else can."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from riskgate.simulator import Running, VirtualClock, quote, running
from riskgate.simulator.control import LONGEST_LINE
from riskgate.simulator.remote import Remote
from tests.wire.conftest import client_library

if TYPE_CHECKING:
    from tests.wire.conftest import Connect, Play

ib = client_library()
START = datetime(2025, 1, 6, 15, 0, tzinfo=UTC)


@pytest.fixture
def sim() -> Iterator[Running]:
    with running({"AAPL": quote("189.99", "190.01", "190")}, VirtualClock(START)) as simulator:
        yield simulator


@pytest.fixture
def remote(sim: Running) -> Iterator[Remote]:
    with Remote(sim.open_control()) as opened:
        yield opened


def test_prices_faults_and_orders_go_through_the_channel(
    sim: Running, remote: Remote, play: Play, join: Connect
) -> None:
    async def scenario() -> None:
        async with join(sim) as desk:
            stock = ib.Stock("AAPL", "SMART", "USD")
            remote.fault("placeOrder", "reject", nth=2, code=460, text="no permission")
            await desk.place(stock, ib.LimitOrder("BUY", 10, 180.25, tif="DAY"), "Submitted")
            lost = desk.ib.placeOrder(stock, ib.MarketOrder("BUY", 10, tif="DAY"))
            await desk.until(lambda: desk.codes(lost.order.orderId) == [460])
            remote.price("AAPL", bid="180.19", ask="180.20", last=180.2)
            await desk.until(lambda: desk.ib.positions() != [])
            assert remote.status()["clients"] == [1]

    play(scenario)
    (order,) = remote.orders()
    assert (order["status"], order["limit"], order["average"]) == ("Filled", "180.25", "180.2")
    assert [one["price"] for one in remote.executions()] == ["180.2", "180.2"]
    assert remote.positions() == {"DU1234567": {"AAPL": "10"}}


def test_halts_time_and_restarts_go_through_the_channel(
    sim: Running, remote: Remote, play: Play, join: Connect
) -> None:
    async def scenario() -> None:
        async with join(sim) as desk:
            remote.halt("AAPL")
            order = ib.MarketOrder("BUY", 10, tif="DAY")
            trade = await desk.place(ib.Stock("AAPL", "SMART", "USD"), order, "Submitted")
            remote.resume("AAPL")
            await desk.until(lambda: trade.orderStatus.status == "Filled")
            remote.advance(90.5)
            assert remote.status()["time"] == "2025-01-06T15:01:30.500000+00:00"
            remote.do("say", code=2103)
            await desk.until(lambda: 2103 in desk.codes(-1))
            remote.do("by_hand", symbol="AAPL", action="SELL", quantity=4)
            await desk.until(lambda: [one.position for one in desk.ib.positions()] == [6])

    play(scenario)
    remote.restart(roll_back=3)
    remote.disconnect()
    assert sim.clients() == frozenset()


@pytest.mark.parametrize(
    ("request_", "told"),
    [
        ({"do": "prise", "symbol": "AAPL"}, "do: `prise`: did you mean `price`?"),
        (
            {"do": "price", "symbol": "NOPE"},
            "price: symbol: `NOPE` is not in the simulator's catalogue: there is: AAPL",
        ),
        ({"do": "price", "symbol": "AAPL", "bit": 1}, "price: `bit`: did you mean `bid`?"),
        ({"do": "price", "symbol": "AAPL", "bid": "x"}, "price: bid: `x` is not a number"),
        ({"do": "reject"}, "do: `reject`: there is"),
        ({"do": "advance", "seconds": -1}, "advance: seconds: `-1` is outside 0..1000000000"),
        ({"fault": {"at": "execution", "do": "warn"}}, "cannot happen on `execution`"),
        ({"fault": 3}, "is no mapping of keys to values"),
        ({"ask": "oders"}, "`oders`: did you mean `orders`?"),
        ({}, "request: it has neither `do` nor `fault` nor `ask`"),
        ({"fautl": {}}, "`fautl`: did you mean `fault`?"),
        ({"ask": "orders", "symbol": "AAPL"}, "request: `symbol`: does not go with `ask`"),
        ({"ask": ["orders"]}, "ask: ``: there is: executions, orders"),
        (
            {"fault": {"at": "placeOrder", "do": "reject"}, "nth": 2},
            "request: `nth`: does not go with `fault`",
        ),
        ({"fault": {"at": "plceOrder", "do": "reject"}}, "at: `plceOrder`: did you mean"),
        ({"do": "halt", "symbol": "AAPL", "fault": {}}, "halt: `fault`: there is: symbol"),
        ({"do": "release", "symbol": "AAPL"}, "release: `symbol`: it takes nothing"),
        ({"do": "by_hand", "symbol": "AAPL", "action": "BUY", "quantity": -1}, "outside 0.."),
        ({"do": "restart", "roll_back": -4}, "roll_back: `-4` is outside 0..1000000000"),
        ({"do": "restart", "roll_back": True}, "roll_back: `true` is not a whole number"),
        ({"do": "outage", "seconds": float("nan")}, "seconds: `NaN` is not a number"),
        ({"do": "outage", "seconds": float("inf")}, "seconds: `Infinity` is not a number"),
        ({"do": "outage", "seconds": 1e30}, "is not a number"),
        ({"do": "outage", "seconds": [1]}, "outage: seconds: is no single value"),
        ({"do": "price", "symbol": "AAPL"}, "price: AAPL: nothing is given beside the symbol"),
        ({"do": "price", "symbol": "ESH1"}, "price: symbol: `ESH1` is not listed on 2025-01-06"),
        (
            {"fault": {"at": "placeOrder", "do": "halt", "symbol": "ZZZZ"}},
            "halt: symbol: `ZZZZ` is not in",
        ),
        (
            {"do": "by_hand", "symbol": "AAPL", "action": "BUY", "quantity": 1, "account": "DU9"},
            "by_hand: account: `DU9` is no account of this simulator",
        ),
    ],
)
def test_what_cannot_be_done_is_refused_with_the_reason(
    remote: Remote, request_: dict[str, object], told: str
) -> None:
    with pytest.raises(ValueError, match=r".") as caught:
        remote.request(**request_)
    assert told in str(caught.value)
    assert remote.status()["clients"] == []  # and the channel is still open


@pytest.mark.parametrize(
    "line",
    [b"POST / HTTP/1.1\r\n", b"[1]\n", b"\xff\n", b'{"ask": 1, "ask": 2}\n'],
)
def test_what_is_no_request_ends_the_connection(sim: Running, line: bytes) -> None:
    port = sim.open_control()
    with socket.create_connection((sim.host, port), timeout=5) as raw:
        raw.sendall(line + b'\n{"do": "halt", "symbol": "AAPL"}\n')
        said = b""
        try:
            while chunk := raw.recv(65536):
                said += chunk
        except ConnectionError:
            pass
    answers = [json.loads(one) for one in said.splitlines()]
    assert [one["ok"] for one in answers] in ([], [False])
    prices = sim._simulator.gateway.exchange.world.prices
    assert not prices.of(265598).halted


def test_a_simulator_that_stops_hangs_up() -> None:
    with running() as sim:
        remote = Remote(sim.open_control())
        assert remote.status()["clients"] == []
    with pytest.raises(ConnectionError):
        remote.status()
    remote.close()


def test_numbers_keep_their_digits(sim: Running, remote: Remote) -> None:
    remote.price("ES", bid=Decimal("0.1000000000000000055"))
    world = sim._simulator.gateway.exchange.world
    assert world.prices.of(world.catalogue.by_symbol("ES").con_id).bid == Decimal(
        "0.1000000000000000055"
    )


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (b"[" * 60_000, "the line is nested too deep"),
        (b'{"ask": ' * 8_000, "the line is nested too deep"),
        (b"[" * 100_000, f"the line is longer than {LONGEST_LINE}"),
        (b"x" * 5_000_000, f"the line is longer than {LONGEST_LINE}"),
    ],
)
def test_a_line_beyond_reason_is_answered_and_the_next_one_is_read(
    sim: Running, line: bytes, why: str
) -> None:
    with socket.create_connection(("127.0.0.1", sim.open_control()), timeout=10) as client:
        client.sendall(line + b'\n{"ask": "positions"}\n')
        with client.makefile("rb") as answers:
            assert json.loads(answers.readline()) == {"ok": False, "why": why}
            assert json.loads(answers.readline())["ok"] is True
