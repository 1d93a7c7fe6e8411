"""A proxy that writes a session down, masked, and a server that plays it back."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from riskgate.simulator import Options, Running, running
from riskgate.simulator.recording import RecordingError, record, replay
from riskgate.simulator.recording.masking import Mask
from riskgate.simulator.recording.player import scripts
from riskgate.simulator.recording.tape import Entry, Tape, entries
from riskgate.simulator.wire.codec import MESSAGE_TABLE, REQUEST_TABLE, split
from riskgate.simulator.wire.framing import client_hello, frame
from riskgate.simulator.wire.kinds import Record
from tests.wire.conftest import AAPL, PATIENCE, Wire

if TYPE_CHECKING:
    from tests.wire.conftest import Connect, Library, Play

Serve = Callable[[Callable[[int], None]], Awaitable[None]]
SECRET_ACCOUNT, SECRET_REF = "DU7654321", "momentum-v7"  # a name, no password
BUY: Record = {
    "orderId": 1,
    "symbol": "AAPL",
    "secType": "STK",
    "exchange": "SMART",
    "currency": "USD",
    "action": "BUY",
    "totalQuantity": Decimal(10),
    "orderType": "MKT",
    "tif": "DAY",
    "account": SECRET_ACCOUNT,
    "orderRef": SECRET_REF,
}


@dataclass
class Somewhere:
    """What a raw client needs to know of a server."""

    port: int
    host: str = "127.0.0.1"


@contextmanager
def served(serve: Serve) -> Iterator[Somewhere]:
    """A server coroutine in a thread of its own, cancelled at the end."""
    loop, port = asyncio.new_event_loop(), list[int]()
    ready = threading.Event()

    def told(taken: int) -> None:
        port.append(taken)
        ready.set()

    async def until_cancelled() -> None:
        try:
            await serve(told)
        finally:
            ready.set()

    task = loop.create_task(until_cancelled())
    thread = threading.Thread(target=_run, args=(loop, task))
    thread.start()
    try:
        assert ready.wait(PATIENCE)
        yield Somewhere(port[0])
    finally:
        loop.call_soon_threadsafe(task.cancel)
        thread.join(PATIENCE)
        loop.close()
    assert not thread.is_alive()


def _run(loop: asyncio.AbstractEventLoop, task: asyncio.Task[None]) -> None:
    loop.run_until_complete(asyncio.wait([task]))


@contextmanager
def recorder(tape: Path, upstream: int) -> Iterator[Somewhere]:
    serve = partial(_record, tape, upstream)
    with served(serve) as place:
        yield place


async def _record(tape: Path, upstream: int, ready: Callable[[int], None]) -> None:
    await record(tape, ("127.0.0.1", upstream), 0, ready)


@contextmanager
def player(tape: Path, *, strict: bool = False, speed: float | None = None) -> Iterator[Somewhere]:
    async def play(ready: Callable[[int], None]) -> None:
        await replay(tape, 0, ready, strict=strict, speed=speed)

    with served(play) as place:
        yield place


def trade(place: Somewhere | Running, order: Record) -> list[str]:
    """One raw client's session; the names of what it was told about its order."""
    client = Wire(place, 1)
    try:
        client.read_until("nextValidId")
        client.send("reqPositions", {})
        client.read_until("positionEnd")
        client.send("placeOrder", order)
        told = client.read_until("commissionReport")
        return [one.name for one in told if one.name != "error"]
    finally:
        client.close()


@pytest.fixture
def tape(tmp_path: Path) -> Path:
    """A recording of one trade."""
    path = tmp_path / "session.jsonl"
    options = Options(accounts=(SECRET_ACCOUNT,))
    with running(prices={"AAPL": AAPL}, options=options) as sim:
        with recorder(path, sim.port) as place:
            told = trade(place, BUY)
        assert "execDetails" in told
        assert [one.order_ref for one in sim.orders()] == [SECRET_REF]
    return path


def test_what_is_recorded_names_no_account_and_no_order_text(tape: Path) -> None:
    text = tape.read_text()
    assert SECRET_ACCOUNT not in text
    assert SECRET_REF not in text
    found = entries(tape)
    version = scripts(tape)[0].version
    sent = [one for one in found if one.side == "client" and one.fields]
    order = REQUEST_TABLE.decode(_body(sent[-1]), version)
    assert order.text("orderRef") == "text-1"
    assert order.text("account") == "DU0000001"
    told = [MESSAGE_TABLE.decode(_body(one), version) for one in found if _is_message(one)]
    echoed = next(one for one in told if one.name == "openOrder")
    assert (echoed.text("orderRef"), echoed.text("account")) == ("text-1", "DU0000001")
    assert [one.at for one in found] == sorted(one.at for one in found)


def _body(entry: Entry) -> bytes:
    return "".join(f"{text}\0" for text in entry.fields or ()).encode()


def _is_message(entry: Entry) -> bool:
    return entry.side == "server" and len(entry.fields or ()) > 2  # the hello has two


@pytest.mark.parametrize("strict", [True, False])
def test_a_recording_plays_to_the_client_that_does_the_same_again(
    tape: Path, *, strict: bool
) -> None:
    again = {**BUY, "account": "DU0000001", "orderRef": "another name"}
    with player(tape, strict=strict) as place:
        first, second = trade(place, again), trade(place, again)
    assert first == second
    assert "execDetails" in first


def test_the_answers_carry_the_clients_own_numbers_and_texts(tape: Path) -> None:
    with player(tape) as place:
        client = Wire(place, 1)
        client.read_until("nextValidId")
        client.send("placeOrder", {**BUY, "orderId": 77, "orderRef": "mine"})
        told = client.read_until("execDetails")
        client.close()
    assert {one.integer("orderId") for one in told if one.name == "openOrder"} == {77}
    assert told[-1].text("orderRef") == "mine"
    assert told[-1].integer("orderId") == 77


def test_strictly_another_request_than_the_recorded_one_ends_the_session(tape: Path) -> None:
    with player(tape, strict=True) as place:
        client = Wire(place, 1)
        client.read_until("nextValidId")
        client.send("reqIds", {"numIds": 1})
        told = client.read_until("error")[-1]
        while told.integer("code") != 320:
            told = client.read_until("error")[-1]
        assert "got reqIds" in told.text("text")
        assert "the recording has reqPositions" in told.text("text")
        with pytest.raises((EOFError, ConnectionResetError)):
            client.read_until("never")
        client.close()


def test_leniently_a_request_that_was_not_recorded_is_left_unanswered(tape: Path) -> None:
    with player(tape) as place:
        client = Wire(place, 1)
        client.read_until("nextValidId")
        client.send("reqCurrentTime", {})
        client.send("reqPositions", {})
        assert client.read_until("positionEnd")[-1].name == "positionEnd"
        client.close()


def test_a_replay_may_keep_the_pauses(tmp_path: Path) -> None:
    path = tmp_path / "slow.jsonl"
    tape = Tape(path)
    for at, fields in ((0.0, ("176", "now")), (0.25, ("9", "1", "7"))):
        tape.add(Entry(at, 1, "server", fields))
    tape.close()
    with player(path, speed=1.0) as place:
        client = Wire(place, 1)
        assert client.read().integer("orderId") == 7
        client.close()


def test_the_library_connects_to_a_replay(
    library: Library, play: Play, join: Connect, tmp_path: Path
) -> None:
    path = tmp_path / "library.jsonl"
    stock = library.Stock("AAPL", "SMART", "USD")

    async def scenario(place: Somewhere) -> list[str]:
        async with join(place, 5) as desk:
            order = library.MarketOrder("BUY", 10, tif="DAY", orderRef="secret-ref")
            trade = await desk.place(stock, order, "Filled")
            assert trade.order.orderRef == "secret-ref"
            return [one.execution.side for one in trade.fills]

    seen: list[list[str]] = []

    def played(place: Somewhere) -> Callable[[], Awaitable[None]]:
        async def once() -> None:
            seen.append(await scenario(place))

        return once

    with running(prices={"AAPL": AAPL}) as sim, recorder(path, sim.port) as place:
        play(played(place))
    assert "secret-ref" not in path.read_text()
    with player(path) as place:
        play(played(place))
    assert seen[0] == seen[1]
    assert seen[0] != []


def test_a_client_that_offers_protobuf_is_recorded_as_text(tmp_path: Path) -> None:
    path = tmp_path / "new.jsonl"
    with running() as sim, recorder(path, sim.port) as place:
        client = Wire(place, 1, 226)
        client.read_until("nextValidId")
        client.close()
        assert client.version == 200
    assert entries(path)[0].hello == (157, 200)


def test_what_is_no_protocol_costs_the_connection_only(tmp_path: Path) -> None:
    path = tmp_path / "noise.jsonl"
    with running() as sim, recorder(path, sim.port) as place:
        with socket.create_connection((place.host, place.port), timeout=PATIENCE) as peer:
            peer.sendall(b"GET / HTTP/1.1\r\n\r\n")
            assert peer.recv(10) == b""
        client = Wire(place, 1)
        client.send_body(b"5\xff\xfe\0")
        client.send_body(b"999\0DU1112223 is mine\0")
        client.read_until("nextValidId")
        sim.wait_for(lambda: sim.clients() == {1})
        client.send("reqCurrentTime", {})
        client.read_until("currentTime")
        client.close()
    found = entries(path)
    assert [one.side for one in found if one.fields is None and one.hello is None] == ["client"]
    assert "DU1112223" not in path.read_text()


def test_a_tws_that_is_not_there_costs_the_connection_only(tmp_path: Path) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    with (
        recorder(tmp_path / "none.jsonl", port) as place,
        socket.create_connection((place.host, place.port), timeout=PATIENCE) as peer,
    ):
        peer.sendall(client_hello(157, 176))
        assert _end_of(peer)


def _end_of(peer: socket.socket) -> bool:
    try:
        return peer.recv(10) == b""
    except ConnectionResetError:
        return True


def test_a_recording_is_never_overwritten(tape: Path) -> None:
    with pytest.raises(FileExistsError):
        Tape(tape)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "empty"),
        ("{}x\n", "not a recording"),
        ('{"recording":"riskgate simulator","format":9}\n', "format 9"),
        ('{"recording":"riskgate simulator","format":1}\n{"at":1}\n', ":2: "),
        ('{"recording":"riskgate simulator","format":1}\n', "no connection"),
    ],
)
def test_a_file_that_is_no_recording_says_why(tmp_path: Path, text: str, why: str) -> None:
    path = tmp_path / "bad.jsonl"
    path.write_text(text)
    with pytest.raises(RecordingError, match=why):
        scripts(path)


def test_a_version_the_client_does_not_offer_is_refused(tape: Path) -> None:
    with (
        player(tape) as place,
        socket.create_connection((place.host, place.port), timeout=PATIENCE) as peer,
    ):
        peer.sendall(client_hello(157, 160))
        assert _end_of(peer)


def test_masks_are_the_same_wherever_a_name_turns_up() -> None:
    mask = Mask()
    accounts = split(MESSAGE_TABLE.encode("managedAccounts", {"accounts": "DU11,U22222"}, 176))
    assert mask.frame("server", accounts, 176)[-1] == "DU0000001,U0000002"
    mask.frame("client", split(REQUEST_TABLE.encode("placeOrder", BUY, 176)), 176)
    record_: Record = {"reqId": 1, "code": 201, "text": f"U22222 may not ({SECRET_REF}) 1000"}
    told = mask.frame("server", split(MESSAGE_TABLE.encode("error", record_, 176)), 176)
    assert "U0000002 may not (text-1) 1000" in told


def test_xml_of_advisors_is_not_kept() -> None:
    fields = split(MESSAGE_TABLE.encode("receiveFA", {"faDataType": 1, "xml": "<a/>"}, 176))
    assert Mask().frame("server", fields, 176)[-1] == "masked"


def test_a_frame_goes_on_unchanged(tmp_path: Path) -> None:
    """Bytes that were cut in any way arrive as they were."""
    path = tmp_path / "cut.jsonl"
    with running(prices={"AAPL": AAPL}) as sim, recorder(path, sim.port) as place:
        client = Wire(place, 1)
        body = frame(REQUEST_TABLE.encode("reqCurrentTime", {}, client.version))
        for byte in body:
            client.socket.sendall(bytes([byte]))
        client.read_until("currentTime")
        client.close()
