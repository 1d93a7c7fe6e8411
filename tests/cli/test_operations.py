"""The operator's commands, typed beside a gate that runs, and where none does: states."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from riskgate.errors import JournalError
from riskgate.journal.journal import open_journal
from riskgate.model.events import Reconciled
from riskgate.model.lifecycle import Status
from riskgate.model.trading import Scope
from riskgate.wiring import ConnectedGate, connect
from tests.cli.desk import (
    FAR,
    SAID,
    holds,
    learns,
    nobody_listens,
    works,
)

if TYPE_CHECKING:
    from tests.cli.conftest import Typed


# -- status ---------------------------------------------------------------------------------------


def test_status_names_the_gate_that_runs_what_works_and_what_is_held(
    gate: ConnectedGate, typed: Typed
) -> None:
    works(gate)
    holds(gate)
    gate.submit("BUY 200 AAPL LMT 180", actor="bot")
    shown = typed("status")
    assert shown.returncode == 0
    assert "ACTIVE for all" in shown.stdout
    assert "runs, client id 1" in shown.stdout
    assert "1 working, 1 held" in shown.stdout
    assert "DU1234567 AAPL 30" in shown.stdout
    assert "house (" in shown.stdout
    assert max(map(len, shown.stdout.splitlines())) <= 80


def test_status_without_a_gate_is_what_the_record_says(gate: ConnectedGate, typed: Typed) -> None:
    gate.halt(by="m.ruiz", reason="feed is wrong", scope=Scope(symbol="AAPL"))
    gate.close()
    shown = typed("status", "--format", "json")
    said = json.loads(shown.stdout)
    assert (shown.returncode, said["exit_code"], said["trading"]) == (5, 5, "HALTED")
    assert said["around"]["running"] == []
    (standing,) = said["standings"]
    assert (standing["by"], standing["reason"]) == ("m.ruiz", "feed is wrong")


def test_status_says_that_a_kill_file_is_there(
    gate: ConnectedGate, desk: Path, typed: Typed
) -> None:
    gate.close()
    (desk / "stop").touch()
    assert "`stop` is there" in typed("status").stdout


def test_status_before_the_first_reconcile_ends_with_6(desk: Path, typed: Typed) -> None:
    open_journal(desk / "desk.sqlite").close()
    shown = typed("status")
    assert shown.returncode == 6
    assert "never: nothing is approved before the first one" in shown.stdout


@pytest.mark.parametrize("command", ["status", "approvals list"])
def test_where_there_is_no_journal_they_say_so(desk: Path, typed: Typed, command: str) -> None:
    del desk
    shown = typed(*command.split())
    assert (shown.returncode, shown.stdout) == (7, "")
    assert "no journal at `desk.sqlite`" in shown.stderr


# -- halt and resume ------------------------------------------------------------------------------


def test_16_a_halt_of_another_process_denies_lets_cancels_pass_and_an_exit_is_on_record(
    gate: ConnectedGate, typed: Typed
) -> None:
    resting = works(gate)
    holds(gate)
    assert typed("halt", *SAID).returncode == 0
    denied = gate.submit("BUY 1 AAPL LMT 150")
    assert denied.decision.codes == ("HALTED",)
    assert gate.modify(resting.order_id, limit_price=Decimal(149)).decision.codes == ("HALTED",)
    assert typed("cancel-all", "--by", "m.ruiz").returncode == 0
    assert resting.status is Status.CANCELLED
    out = typed("exit", "AAPL", *SAID)
    assert (out.returncode, out.stderr) == (0, "")
    assert "`SELL 30 AAPL" in out.stdout
    assert "Filled" in out.stdout
    life = gate.ledger.orders[gate.ledger.last_order_id]
    assert (life.emergency, life.actor, gate.ledger.holdings.positions()) == (True, "m.ruiz", {})


def test_17_reduce_only_lets_only_reductions_through(gate: ConnectedGate, typed: Typed) -> None:
    holds(gate)
    assert "REDUCE_ONLY for all" in typed("halt", "--reduce-only", *SAID).stdout
    assert gate.submit("BUY 1 AAPL LMT 150").decision.codes == ("REDUCE_ONLY",)
    assert gate.submit("SELL 31 AAPL LMT 250").decision.codes == ("REDUCE_ONLY",)
    assert gate.submit("SELL 30 AAPL LMT 250").allowed
    assert typed("status").returncode == 0


@pytest.mark.slow
def test_15_an_exit_is_at_most_the_position(gate: ConnectedGate, typed: Typed) -> None:
    holds(gate)
    over = typed("exit", "AAPL", "--quantity", "31", *SAID)
    assert (over.returncode, over.stdout) == (2, "")
    assert "more than the 30 held" in over.stderr
    assert typed("exit", "AAPL", "--quantity", "30", *SAID).returncode == 0
    gone = typed("exit", "AAPL", *SAID)
    assert gone.returncode == 2
    assert "there is no position in `AAPL`" in gone.stderr


def test_18_a_halt_survives_a_restart_and_is_recorded_once(
    gate: ConnectedGate, desk: Path, typed: Typed
) -> None:
    for _ in range(2):
        assert typed("halt", *SAID).returncode == 0
    gate.close()
    with connect(desk / "riskgate.yaml") as again:
        again.prepare("AAPL", timeout=5)
        assert again.submit(FAR).decision.codes == ("HALTED",)
        events = [one for one in again._journal.read() if "StateChanged" in repr(one.payload)]
    assert len(events) == 1


def test_resume_has_the_running_gate_reconcile_first(gate: ConnectedGate, typed: Typed) -> None:
    typed("halt", "--symbol", "aapl", *SAID)
    before = gate.ledger.last_reconcile
    done = typed("resume", "--symbol", "AAPL", *SAID)
    assert (done.returncode, done.stdout) == (0, "resumed\n")
    assert gate.ledger.last_reconcile != before
    assert gate.submit(FAR).allowed


def test_resume_without_a_gate_connects_by_itself(gate: ConnectedGate, typed: Typed) -> None:
    typed("halt", *SAID)
    gate.close()
    assert typed("resume", *SAID).stdout == "resumed\n"
    assert typed("status").returncode == 0


def test_resume_with_override_needs_no_broker(
    gate: ConnectedGate, desk: Path, typed: Typed
) -> None:
    typed("halt", *SAID)
    gate.close()
    nobody_listens(desk)
    assert typed("resume", *SAID).returncode == 7
    assert typed("resume", "--override", *SAID).returncode == 0


def test_resume_of_what_nobody_halted_says_what_holds(gate: ConnectedGate, typed: Typed) -> None:
    gate.halt(by="m.ruiz", reason="news", scope=Scope(symbol="AAPL"))
    said = typed("resume", *SAID)
    assert said.returncode == 2
    assert "nobody has halted `all`; what holds is: HALTED for symbol=AAPL" in said.stderr
    assert "no rule has latched" in typed("resume", "--latch", *SAID).stderr


def test_resume_refuses_while_the_kill_file_is_there(
    gate: ConnectedGate, desk: Path, typed: Typed
) -> None:
    (desk / "stop").write_text("smoke in the room")
    assert learns(gate, lambda: bool(gate.ledger.facts.standings))
    said = typed("resume", "--override", *SAID)
    assert said.returncode == 2
    assert "the kill file `stop` is there; remove it" in said.stderr
    (desk / "stop").unlink()
    assert typed("resume", *SAID).returncode == 0


# -- what is wrong ---------------------------------------------------------------------------------


COMMANDS = {
    "halt": SAID,
    "resume": SAID,
    "kill": SAID,
    "flatten": SAID,
    "cancel-all": ("--by", "m.ruiz"),
    "exit AAPL": SAID,
    "approvals approve 1": SAID,
    "approvals deny 1": SAID,
    "resolve 1 --as dead": SAID,
    "reconcile": (),
    "status": (),
}


@pytest.mark.parametrize("command", COMMANDS)
def test_without_settings_each_says_how_to_name_them(
    folder: Path, typed: Typed, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    monkeypatch.delenv("RISKGATE_CONFIG", raising=False)
    said = typed(*command.split(), *COMMANDS[command])
    assert (said.returncode, said.stdout) == (2, "")
    assert said.stderr.count("\n") == 1
    assert "no settings: write `riskgate.yaml` here" in said.stderr
    missing = typed(*command.split(), *COMMANDS[command], "--config", str(folder / "no.yaml"))
    assert (missing.returncode, missing.stderr.count("\n")) == (2, 1)
    assert "no such file" in missing.stderr


@pytest.mark.parametrize(
    "command",
    ["halt", "resume", "kill", "flatten", "exit AAPL", "approvals deny 1", "approvals approve 1"],
)
def test_a_blank_reason_is_refused_by_each(gate: ConnectedGate, typed: Typed, command: str) -> None:
    holds(gate)
    gate.submit("BUY 200 AAPL LMT 150", actor="bot")
    gate.halt(by="m.ruiz", reason="news") if command == "resume" else None
    said = typed(*command.split(), "--by", "m.ruiz", "--reason", "  ")
    assert (said.returncode, said.stdout) == (2, "")
    assert "both not blank" in said.stderr


@pytest.mark.parametrize("command", ["halt", "kill", "flatten"])
def test_an_account_that_is_not_ours_is_refused(
    gate: ConnectedGate, typed: Typed, command: str
) -> None:
    said = typed(command, "--account", "DU0000001", *SAID)
    assert (said.returncode, said.stdout) == (2, "")
    assert "account `DU0000001` is not one of DU1234567" in said.stderr
    assert gate.ledger.facts.standings == {}


@pytest.mark.parametrize("command", ["reconcile", "cancel-all", "exit AAPL", "resume"])
def test_where_nobody_listens_each_ends_with_7(
    gate: ConnectedGate, desk: Path, typed: Typed, command: str
) -> None:
    gate.halt(by="m.ruiz", reason="news")
    gate.close()
    nobody_listens(desk)
    said = typed(*command.split(), *COMMANDS[command])
    assert (said.returncode, said.stdout) == (7, "")
    assert "connection refused" in said.stderr
    assert said.stderr.count("\n") == 1


@pytest.mark.slow
def test_a_gate_that_runs_and_does_not_answer_is_named(
    gate: ConnectedGate, typed: Typed, monkeypatch: pytest.MonkeyPatch
) -> None:
    reconcile = gate.reconcile

    def slowly() -> Reconciled:
        gate.wait_for(lambda: False, 3)
        return reconcile()

    monkeypatch.setattr(gate, "reconcile", slowly)
    said = typed("reconcile", "--timeout", "1")
    assert (said.returncode, said.stdout) == (7, "")
    assert "a gate runs (client id 1) and took this on, but was not done within 1 s" in said.stderr


def test_what_cannot_be_recorded_was_not_done(
    gate: ConnectedGate, typed: Typed, monkeypatch: pytest.MonkeyPatch
) -> None:
    del gate

    def locked(*_: object) -> None:
        raise JournalError("journal `desk.sqlite`: the disk is full")

    monkeypatch.setattr("riskgate.journal.journal.SqliteTurn.append", locked)
    said = typed("halt", *SAID)
    assert (said.returncode, said.stdout) == (7, "")
    assert "the disk is full" in said.stderr


@pytest.mark.parametrize("number", ["0", "-1", "many", "nan"])
def test_a_quantity_that_is_no_number_above_zero_is_usage(
    desk: Path, typed: Typed, number: str
) -> None:
    del desk
    said = typed("exit", "AAPL", "--quantity", number, *SAID)
    assert said.returncode == 2
    assert "no number above zero" in said.stderr
