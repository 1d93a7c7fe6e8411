"""Kill and flatten, typed beside a gate that runs, and where none does."""

from __future__ import annotations

import json
import signal
from decimal import Decimal
from functools import partialmethod
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from riskgate import wiring
from riskgate.brokers.ib.broker import IbBroker
from riskgate.gate import Gate
from riskgate.line import clearing
from riskgate.model.lifecycle import Status
from riskgate.model.trading import Scope, TradingState
from riskgate.ports import Listener
from riskgate.simulator import Fault, Faults, Running, Silent, quote, running
from riskgate.wiring import ConnectedGate, connect
from tests.cli.desk import (
    FAR,
    SAID,
    SETTINGS,
    holds,
    left_working,
    nobody_listens,
    works,
)

if TYPE_CHECKING:
    from tests.cli.conftest import Typed

PATIENCE = 0.5  # seconds for what never comes


# -- kill -----------------------------------------------------------------------------------------


def test_a_kill_is_carried_out_by_the_gate_that_runs_and_proven(
    gate: ConnectedGate, sim: Running, typed: Typed
) -> None:
    numbers = [works(gate, f"BUY {n} AAPL LMT 150").order_id for n in (10, 20, 30)]
    done = typed("kill", "--format", "json", *SAID)
    said = json.loads(done.stdout)
    assert (done.returncode, sorted(said["confirmed"]), said["pending"]) == (0, numbers, [])
    assert (said["proven"], said["flat"], said["recorded"]) == (True, True, True)
    assert left_working(sim) == []
    assert gate.submit(FAR).decision.codes == ("KILLED",)
    assert typed("status").returncode == 5


def test_a_kill_without_a_gate_connects_and_cancels(
    gate: ConnectedGate, sim: Running, typed: Typed
) -> None:
    works(gate)
    gate.close()
    done = typed("kill", *SAID)
    assert done.returncode == 0
    assert "confirmed cancelled or done: order 1" in done.stdout
    assert done.stdout.endswith("flat: proven by a reconcile\n")
    assert left_working(sim) == []


@pytest.mark.slow
def test_a_kill_of_a_symbol_leaves_the_others(
    gate: ConnectedGate, sim: Running, typed: Typed
) -> None:
    works(gate)
    other = works(gate, "BUY 10 MSFT LMT 300")
    assert typed("kill", "--symbol", "AAPL", *SAID).returncode == 0
    assert left_working(sim) == [other.order_id]
    assert gate.submit("BUY 11 MSFT LMT 300").allowed


def test_a_kill_that_leaves_a_position_does_not_say_flat(gate: ConnectedGate, typed: Typed) -> None:
    holds(gate)
    done = typed("kill", *SAID)
    assert done.returncode == 0
    assert "position: DU1234567 AAPL 30" in done.stdout
    assert "not flat" in done.stdout


@pytest.mark.slow
def test_a_cancel_that_gets_lost_ends_with_8_and_is_repeated(desk: Path, typed: Typed) -> None:
    faults = Faults(plan=[Fault("cancelOrder", Silent(), nth=1)])
    with running(faults=faults) as deaf:
        (desk / "riskgate.yaml").write_text(SETTINGS.format(port=deaf.port))
        with connect(desk / "riskgate.yaml") as gate:
            gate.prepare("AAPL", timeout=5)
            ticket = works(gate)
            done = typed("kill", "--timeout", "1", *SAID)
            assert done.returncode == 8
            assert f"could not be cancelled: order {ticket.order_id}" in done.stdout
            assert "flat" not in done.stdout
            assert ticket.wait(10) is Status.CANCELLED


@pytest.mark.slow
def test_a_kill_reaches_the_orders_of_others_only_when_it_is_global(
    gate: ConnectedGate, sim: Running, typed: Typed
) -> None:
    works(gate)
    sim.place_by_hand("AAPL", "BUY", Decimal(5), Decimal(100))
    ours = typed("kill", *SAID)
    assert ours.returncode == 0
    assert "1 order of others: left alone" in ours.stdout
    assert "not flat" in ours.stdout
    assert len(left_working(sim)) == 1
    done = typed("kill", "--global", *SAID)
    assert done.returncode == 0
    assert left_working(sim) == []


def test_a_global_kill_without_a_gate_cancels_everything(
    gate: ConnectedGate, sim: Running, typed: Typed
) -> None:
    works(gate)
    gate.close()
    sim.place_by_hand("AAPL", "BUY", Decimal(5), Decimal(100))
    done = typed("kill", "--global", *SAID)
    assert (done.returncode, left_working(sim)) == (0, [])
    assert done.stdout.endswith("flat: proven by a reconcile\n")


def test_a_dry_run_says_what_a_kill_would_cancel_and_does_nothing(
    gate: ConnectedGate, sim: Running, typed: Typed
) -> None:
    number = works(gate).order_id
    said = typed("kill", "--dry-run", *SAID)
    assert said.returncode == 0
    assert f"would cancel {number} BUY 10 AAPL LMT 150" in said.stdout
    assert said.stdout.endswith("nothing was done\n")
    assert left_working(sim) == [number]
    assert gate.ledger.facts.standings == {}


def test_a_kill_is_on_record_although_the_broker_is_away(
    gate: ConnectedGate, desk: Path, typed: Typed
) -> None:
    works(gate)
    gate.close()
    nobody_listens(desk)
    said = typed("kill", *SAID)
    assert (said.returncode, said.stdout) == (7, "")
    assert "KILLED is on record, and the next gate that starts cancels" in said.stderr
    assert typed("status").returncode == 5
    with running() as later:
        (desk / "riskgate.yaml").write_text(SETTINGS.format(port=later.port))
        with connect(desk / "riskgate.yaml") as again:
            assert again.submit(FAR).decision.codes[-1] == "KILLED"


def test_a_kill_never_reads_the_policies(
    gate: ConnectedGate, desk: Path, sim: Running, typed: Typed
) -> None:
    works(gate)
    gate.close()
    (desk / "house.yaml").write_text("rules: [[[")
    assert typed("kill", *SAID).returncode == 0
    assert left_working(sim) == []


# -- flatten --------------------------------------------------------------------------------------


@pytest.mark.slow
def test_19_after_a_kill_and_a_flatten_no_resting_order_is_left_that_could_refill(
    gate: ConnectedGate, sim: Running, typed: Typed
) -> None:
    holds(gate)
    works(gate)
    works(gate, "SELL 5 AAPL LMT 250")
    gate.submit("BUY 200 AAPL LMT 180", actor="bot")
    assert typed("kill", *SAID).returncode == 0
    done = typed("flatten", *SAID)
    assert (done.returncode, done.stderr) == (0, "")
    assert "`SELL 30 AAPL" in done.stdout
    assert left_working(sim) == []
    assert gate.ledger.held() == ()
    assert gate.ledger.working() == ()
    sim.set_price("AAPL", quote("140", "140.02", "140"))
    sim.settle()
    assert typed("reconcile").returncode == 0
    assert sim.positions() == {}
    assert gate.ledger.holdings.positions() == {}


def test_a_flatten_cancels_before_it_closes(
    gate: ConnectedGate, sim: Running, typed: Typed
) -> None:
    holds(gate)
    resting = works(gate)
    done = typed("flatten", *SAID)
    assert done.returncode == 0
    names = [one.name for one in sim.received() if one.name in {"placeOrder", "cancelOrder"}]
    assert names[-2:] == ["cancelOrder", "placeOrder"]
    assert resting.status is Status.CANCELLED
    assert gate.ledger.facts.standings[Scope(), ""].state is TradingState.HALTED


@pytest.mark.slow
def test_a_flatten_sends_nothing_while_an_order_works(
    desk: Path, typed: Typed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Gate, "flatten", partialmethod(Gate.flatten, timeout=PATIENCE))
    faults = Faults(plan=[Fault("cancelOrder", Silent())])
    with running(faults=faults) as mute:
        (desk / "riskgate.yaml").write_text(SETTINGS.format(port=mute.port))
        with connect(desk / "riskgate.yaml") as gate:
            gate.prepare("AAPL", timeout=5)
            holds(gate)
            works(gate)
            sent = len(mute.received("placeOrder"))
            done = typed("flatten", "--timeout", "20", *SAID)
            assert done.returncode == 8
            assert "still work: nothing was sent" in done.stdout
            assert len(mute.received("placeOrder")) == sent


def test_a_flatten_without_a_gate_has_its_orders_filled_before_it_ends(
    gate: ConnectedGate, sim: Running, typed: Typed
) -> None:
    holds(gate)
    gate.close()
    done = typed("flatten", *SAID)
    assert done.returncode == 0
    assert "Filled" in done.stdout
    assert sim.positions() == {}


def test_a_dry_run_says_which_orders_would_close_what_is_held(
    gate: ConnectedGate, typed: Typed
) -> None:
    holds(gate)
    works(gate)
    said = typed("flatten", "--dry-run", "--format", "json", *SAID)
    plan = json.loads(said.stdout)
    assert (said.returncode, plan["state"]) == (0, "HALTED")
    assert [one.split()[1] for one in plan["cancels"]] == ["BUY"]
    assert [one.split()[:2] for one in plan["sends"]] == [["SELL", "30"]]


@pytest.mark.slow
def test_a_kill_without_a_gate_cancels_although_the_story_is_not_whole(
    gate: ConnectedGate, sim: Running, typed: Typed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wiring, "PROMPTLY", PATIENCE)
    monkeypatch.setattr(clearing, "STORY", PATIENCE)
    works(gate)
    gate.close()
    sim.inject(Fault("reqPositions", Silent(), times=1000))
    done = typed("kill", *SAID, "--timeout", str(PATIENCE))
    assert (done.returncode, "NOT PROVEN" in done.stdout) == (8, True)
    assert left_working(sim) == []


@pytest.mark.slow
def test_a_kill_of_a_name_that_nobody_has_says_so(
    gate: ConnectedGate, sim: Running, typed: Typed
) -> None:
    works(gate)
    done = typed("kill", "--strategy", "S", *SAID)
    assert "nothing of ours matched: no order or position of strategy `S`" in done.stdout
    assert len(left_working(sim)) == 1
    done = typed("kill", "--strategy", "s", *SAID)
    assert "nothing of ours matched" not in done.stdout
    assert left_working(sim) == []


def test_a_signal_during_the_start_kills_instead_of_ending_the_process(
    desk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Interrupted(IbBroker):
        def start(self, listener: Listener) -> None:
            signal.raise_signal(signal.SIGUSR1)
            super().start(listener)

    monkeypatch.setattr(wiring, "IbBroker", Interrupted)
    with connect(desk / "riskgate.yaml") as found:
        assert found.prepare("AAPL", timeout=10) == ()  # what is unknown is denied for that first
        assert found.wait_for(lambda: bool(found.ledger.facts.standings), 5)
        assert found.submit(FAR).decision.codes == ("KILLED",)
    assert signal.getsignal(signal.SIGUSR1) is signal.SIG_DFL
