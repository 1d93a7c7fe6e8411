"""Surroundings that a gate cannot work in: it says why, sends nothing, and leaves nothing."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec
import pytest

from riskgate import connect
from riskgate.errors import ConfigError, JournalError, NotConnected, PolicyError, RiskgateError
from riskgate.journal.archive import open_for_reading
from riskgate.model.codes import Code
from riskgate.simulator import Options, Running, running
from riskgate.wiring import ConnectedGate

if TYPE_CHECKING:
    from tests.cli.conftest import Held, Settings

PATIENCE: Final = 60.0


# -- the broker -----------------------------------------------------------------------------------


@contextmanager
def refused(kind: type[RiskgateError]) -> Iterator[pytest.ExceptionInfo[RiskgateError]]:
    """An error of this kind in one line, after which no thread is left."""
    before = threading.active_count()
    with pytest.raises(kind) as caught:
        yield caught
    assert len(str(caught.value).splitlines()) == 1
    assert threading.active_count() == before


def test_no_tws_on_the_port_says_which_ports_there_are(settings: Settings) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        port = free.getsockname()[1]
    with refused(NotConnected) as caught:
        connect(settings(port))
    assert f"cannot connect to 127.0.0.1:{port} (connection refused)" in str(caught.value)
    assert "run `riskgate simulate`" in str(caught.value)
    assert caught.value.exit_code == 7


def test_something_that_is_no_tws_is_given_up(settings: Settings) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as mute:
        port = mute.getsockname()[1]
        with refused(NotConnected) as caught:
            connect(settings(port, connect_timeout=0.5))
    assert "does not answer as TWS does" in str(caught.value)


def test_a_client_id_in_use_is_named(settings: Settings, sim: Running) -> None:
    mine = settings(sim.port)
    others = msgspec.structs.replace(mine, journal=f"{mine.journal}-of-another-gate")
    with connect(others), refused(NotConnected) as caught:
        connect(mine)
    assert "client id 1 is in use" in str(caught.value)
    assert "choose another" in str(caught.value)
    assert sim.received("placeOrder") == ()


@pytest.mark.slow
def test_a_second_gate_with_the_same_client_id_is_refused(settings: Settings, sim: Running) -> None:
    with connect(settings(sim.port)), refused(ConfigError) as caught:
        connect(settings(sim.port))
    assert "a gate with client id 1 runs on" in str(caught.value)
    assert "another client id" in str(caught.value)


@pytest.mark.parametrize(
    ("options", "mode", "words"),
    [
        (Options(accounts=("U7654321",)), {}, "account U7654321 is a live account"),
        (Options(), {"mode": "live", "allow_live": True}, "account DU1234567 is a paper account"),
        (Options(), {"mode": "live"}, "`allow_live: true` is not set"),
    ],
    ids=("live account", "paper account", "live not allowed"),
)
def test_paper_and_live_that_disagree_deny_every_order(
    settings: Settings, options: Options, mode: dict[str, object], words: str
) -> None:
    with running(options=options) as sim:
        with connect(msgspec.structs.replace(settings(sim.port), **mode)) as gate:
            gate.prepare("AAPL")
            ticket = gate.submit("BUY 1 AAPL MKT DAY")
            assert Code.MODE_MISMATCH in ticket.decision.codes
            assert words in " ".join(breach.text for breach in ticket.decision.breaches)
        assert sim.received("placeOrder") == ()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("journl: x.sqlite", "unknown key `journl` (did you mean `journal`?)"),
        ("broker: {prt: 7497}", "unknown key `prt` (did you mean `port`?)"),
        ("broker: {port: many}", "expected `int`, got `str`"),
        ("mode: papre", "invalid enum value 'papre'"),
        ("policies: [", "RG001"),
    ],
)
def test_bad_settings_are_named(folder: Path, text: str, words: str) -> None:
    (folder / "riskgate.yaml").write_text(text)
    with refused(ConfigError) as caught:
        connect("riskgate.yaml")
    assert words in str(caught.value)
    assert caught.value.exit_code == 2


def test_bad_policies_stop_the_gate_and_a_traceback_names_the_place(
    folder: Path, settings: Settings
) -> None:
    good = folder / "good.yaml"
    good.write_text(good.read_text().replace("max_quantity", "max_quantty"))
    with refused(PolicyError) as caught:
        connect(settings(7497))
    assert "did you mean `max_quantity`?" in " ".join(caught.value.__notes__)
    assert not (folder / "x.sqlite").exists()


# -- a gate whose journal is held -----------------------------------------------------------------


@pytest.fixture
def gate(settings: Settings, sim: Running) -> Iterator[ConnectedGate]:
    with connect(settings(sim.port)) as opened:
        assert opened.prepare("AAPL") == ()
        yield opened


@pytest.mark.slow
def test_an_order_that_cannot_be_recorded_is_denied_and_not_sent_and_the_gate_goes_on(
    folder: Path, sim: Running, gate: ConnectedGate, held: Held
) -> None:
    with held(folder / "x.sqlite"):
        ticket = gate.submit("BUY 1 AAPL MKT DAY")
    assert ticket.decision.codes == (Code.JOURNAL_UNAVAILABLE,)
    assert "another process has held it" in ticket.decision.breaches[0].text
    assert sim.received("placeOrder") == ()
    assert gate.submit("BUY 2 AAPL MKT DAY").wait(PATIENCE).finished
    assert [one.quantity for one in sim.orders()] == [2]
    with open_for_reading(folder / "x.sqlite") as archive:
        assert archive.verify() is None


@pytest.mark.slow
def test_what_the_broker_says_while_the_journal_is_held_is_recorded_afterwards(
    folder: Path, sim: Running, gate: ConnectedGate, held: Held
) -> None:
    ticket = gate.submit("BUY 2 AAPL LMT 100 GTC")
    sim.wait_for(lambda: len(sim.orders()) == 1, PATIENCE)
    with held(folder / "x.sqlite"):
        gate.cancel(ticket.order_id)
        sim.wait_for(lambda: sim.orders()[0].status == "Cancelled", PATIENCE)
    assert ticket.wait(PATIENCE).value == "Cancelled"
    with open_for_reading(folder / "x.sqlite") as archive:
        assert archive.orders()[0]["status"] == "Cancelled"
        assert archive.verify() is None


def test_a_journal_that_was_moved_away_stops_the_orders(
    folder: Path, sim: Running, gate: ConnectedGate
) -> None:
    (folder / "x.sqlite").rename(folder / "y.sqlite")
    ticket = gate.submit("BUY 1 AAPL MKT DAY")
    assert ticket.decision.codes == (Code.JOURNAL_UNAVAILABLE,)
    (folder / "y.sqlite").rename(folder / "x.sqlite")
    assert gate.submit("BUY 2 AAPL MKT DAY").wait(PATIENCE).finished
    assert [one.quantity for one in sim.orders()] == [2]


def test_a_journal_that_cannot_be_opened_leaves_nothing_connected(
    folder: Path, settings: Settings, sim: Running
) -> None:
    (folder / "x.sqlite").mkdir()
    with refused(JournalError):
        connect(settings(sim.port))
    sim.wait_for(lambda: sim.clients() == frozenset())
