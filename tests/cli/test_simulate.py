"""`riskgate simulate`: what it says, what it takes, and how it is steered while it runs."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import termios
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from riskgate.simulator.remote import Remote
from riskgate.simulator.wire.framing import Frames, client_hello, frame


@contextmanager
def simulate(*words: str) -> Iterator[dict[str, Any]]:
    """The command in a process of its own; yields where it listens."""
    command = [sys.executable, "-m", "riskgate", "simulate", "--port", "0", "--format", "json"]
    with subprocess.Popen(
        [*command, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            yield json.loads(process.stdout.readline())
            process.send_signal(signal.SIGINT)
            assert process.wait(10) == 0
        finally:
            process.kill()


def refused(*words: str, code: int = 2) -> str:
    command = [sys.executable, "-m", "riskgate", "simulate", "--port", "0", *words]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == code
    return done.stderr


def test_it_says_where_it_listens_and_is_steered(tmp_path: Path) -> None:
    prices = tmp_path / "prices.csv"
    prices.write_text("symbol,bid,ask,last\nAAPL,99.99,100.01,100\n")
    with simulate("--scenario", "54", "--prices", str(prices), "--speed", "10") as where:
        assert where["scenario"] == "54-foreign-orders"
        with Remote(where["control"]) as tws:
            tws.do("by_hand", symbol="AAPL", action="BUY", quantity=10)
            tws.advance(3600)  # and with it the two orders of the scenario
            assert tws.status()["time"] > "2025-01-06T16:00:00"
            assert {one["average"] for one in tws.orders()} >= {"100.01"}
            assert where["port"] != where["control"]


def test_prices_walk_when_they_are_told_to() -> None:
    with simulate("--walk", "--speed", "1000") as where, Remote(where["control"]) as tws:
        tws.do("by_hand", symbol="AAPL", action="BUY", quantity=10)
        tws.advance(600)
        tws.do("by_hand", symbol="AAPL", action="BUY", quantity=10)
        tws.advance(1)
        assert len({one["price"] for one in tws.executions()}) > 1


def test_on_a_terminal_there_is_a_table() -> None:
    master, slave = os.openpty()
    termios.tcsetwinsize(slave, (24, 80))
    command = [sys.executable, "-m", "riskgate", "simulate", "--port", "0", "--scenario", "54"]
    plain = {key: value for key, value in os.environ.items() if key not in {"COLUMNS", "LINES"}}
    surroundings = {**plain, "TERM": "xterm"}
    with subprocess.Popen(command, stdout=slave, stderr=slave, env=surroundings) as process:
        try:
            said = b""
            while b"0 orders, 0 working" not in said:  # the test's own time-out bounds it
                said += os.read(master, 65536)
            process.send_signal(signal.SIGINT)
            assert process.wait(10) == 0
        finally:
            process.kill()
            os.close(slave)
            os.close(master)
    assert b"clients none" in said
    assert b"54-foreign-orders" in said


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--scenario", "locat"), "did you mean"),
        (("--scenario", "gone.yaml"), "cannot read gone.yaml (No such file or directory)"),
        (("--prices", "gone.csv"), "cannot read gone.csv (No such file or directory)"),
        (("--speed", "0"), "`--speed`: `0` is no number from 0.001 to 100000; write one"),
        (("--speed", "nan"), "`--speed`: `nan` is no number from 0.001 to 100000; write one"),
        (("--speed", "inf"), "`--speed`: `inf` is no number from 0.001 to 100000; write one"),
        (("--speed", "-1"), "`--speed`: `-1` is no number from 0.001 to 100000; write one"),
        (("--speed", "fast"), "`--speed`: `fast` is no number from 0.001 to 100000"),
        (
            ("--pace", "0"),
            "`--pace`: `0` is no whole number from 1 to 1000000; write one such as 1",
        ),
        (("--pace", "nan"), "`--pace`: `nan` is no whole number from 1"),
        (("--control", "-1"), "`--control`: `-1` is no whole number from 0 to 65535"),
        (("--port", "7", "--control", "7"), "--control: `7` is where clients connect"),
        (("--bars", "gone.csv"), "cannot read gone.csv (No such file or directory)"),
        (("--master-client", "-1"), "`--master-client`: `-1` is no whole number from 0"),
        (
            ("--record", "/nowhere/q.jsonl", "--upstream", "127.0.0.1:1"),
            "--record: cannot write /nowhere/q.jsonl: /nowhere is no folder to write to",
        ),
    ],
)
def test_what_cannot_be_played_is_refused(words: tuple[str, ...], told: str) -> None:
    assert told in refused(*words)


def test_a_price_of_an_unknown_symbol_is_refused(tmp_path: Path) -> None:
    prices = tmp_path / "prices.yaml"
    prices.write_text("NOPE: {bid: 1}\n")
    said = refused("--prices", str(prices))
    assert f"{prices}:1: prices: symbol: `NOPE` is not in the simulator's catalogue" in said
    prices.write_text("AAPL: {bit: 1}\n")
    assert f"{prices}:1: prices: `bit`: did you mean `bid`?" in refused("--prices", str(prices))


@pytest.mark.parametrize("option", ["--port", "--control"])
def test_a_port_in_use_is_told_with_its_option(option: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        said = refused(option, str(port), code=7)
    assert f"cannot listen on 127.0.0.1:{port} (address already in use)" in said
    assert f"try another {option}" in said


def test_clients_are_held_to_a_pace() -> None:
    with (
        simulate("--pace", "5") as tws,
        socket.create_connection(("127.0.0.1", tws["port"]), timeout=10) as client,
    ):
        client.sendall(client_hello(157, 176) + frame(b"71\0002\0001\0\0"))
        client.sendall(frame(b"49\0001\0") * 10)
        said = b""
        while chunk := client.recv(65536):  # until it is dropped
            said += chunk
    assert b"\x00100\x00Max rate of messages per second has been exceeded" in said


def test_it_ends_as_well_when_it_is_terminated() -> None:
    command = [sys.executable, "-m", "riskgate", "simulate", "--port", "0"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            assert process.stderr is not None
            assert "listening" in process.stdout.readline()
            process.terminate()
            assert process.wait(10) == 0
            assert process.stderr.read() == "stopped\n"
        finally:
            process.kill()


@pytest.mark.slow
def test_a_replay_does_not_take_what_it_would_not_heed(tmp_path: Path) -> None:
    tape = str(tmp_path / "session.jsonl")
    with (
        simulate() as tws,
        simulate("--record", tape, "--upstream", f"127.0.0.1:{tws['port']}") as proxy,
    ):
        _next_id(proxy["port"])
    for words in (("--walk",), ("--scenario", "42"), ("--speed", "2"), ("--pace", "5")):
        assert f"--replay: does not go with {words[0]}" in refused("--replay", tape, *words)
    for words in (("--master-client", "0"),):
        assert f"--replay: does not go with {words[0]}" in refused("--replay", tape, *words)


@pytest.mark.slow
def test_a_session_is_recorded_and_played_back(tmp_path: Path) -> None:
    tape = str(tmp_path / "session.jsonl")
    with (
        simulate() as tws,
        simulate("--record", tape, "--upstream", f"127.0.0.1:{tws['port']}") as proxy,
    ):
        assert _next_id(proxy["port"]) == b"1"
    with simulate("--replay", tape) as played:
        assert _next_id(played["port"]) == b"1"
    assert "is there already" in refused("--record", tape, "--upstream", "127.0.0.1:1")


def _next_id(port: int) -> bytes:
    with socket.create_connection(("127.0.0.1", port), timeout=10) as client:
        client.sendall(client_hello(157, 176) + frame(b"71\0002\0001\0\0"))
        frames, found = Frames(hello=False), list[bytes]()
        while not any(body.startswith(b"9\0") for body in found):
            chunk = client.recv(65536)
            assert chunk
            found += frames.feed(chunk)
    return next(body.split(b"\0")[2] for body in found if body.startswith(b"9\0"))


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("--record", "x.jsonl"), "needs --upstream"),
        (("--record", "x.jsonl", "--upstream", "nowhere"), "expected HOST:PORT"),
        (("--record", "x.jsonl", "--upstream", "a:1", "--strict"), "does not go with"),
        (("--upstream", "127.0.0.1:1"), "goes with --record"),
        (("--strict",), "goes with --replay"),
        (("--replay", "not-there.jsonl"), "cannot read"),
    ],
)
def test_what_does_not_go_together_is_said(words: tuple[str, ...], why: str) -> None:
    assert why in refused(*words)


def test_a_master_client_hears_of_the_orders_of_all() -> None:
    with (
        simulate("--master-client", "9") as tws,
        Remote(tws["control"]) as remote,
        socket.create_connection(("127.0.0.1", tws["port"]), timeout=10) as client,
    ):
        client.sendall(client_hello(157, 176) + frame(b"71\0002\0009\0\0"))
        frames, found = Frames(hello=False), list[bytes]()
        while not any(body.startswith(b"9\0") for body in found):
            found += frames.feed(client.recv(65536))
        remote.do("by_hand", symbol="AAPL", action="BUY", quantity=10)
        while not any(body.startswith(b"11\0") for body in found):  # execDetails
            chunk = client.recv(65536)
            assert chunk
            found += frames.feed(chunk)
