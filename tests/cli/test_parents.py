"""Parent orders, listed and steered beside a gate that runs, and where none does."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from riskgate.line.parents import ParentTicket
from riskgate.model.lifecycle import Status
from riskgate.model.work import WorkState
from riskgate.simulator import Running
from riskgate.wiring import ConnectedGate
from tests.cli.desk import SAID, left_working

if TYPE_CHECKING:
    from tests.cli.conftest import Typed

PLAN = "iceberg display=10"


def at_work(gate: ConnectedGate) -> ParentTicket:
    """A parent whose first piece the broker has acknowledged, far from the market."""
    ticket = gate.work("BUY 30 AAPL LMT 150 DAY", PLAN)
    assert ticket.allowed, ticket.decision.breaches
    (piece,) = ticket.slices
    assert gate.wait_for(lambda: gate.ledger.orders[piece].acknowledged, 10)
    return ticket


def reaches(gate: ConnectedGate, ticket: ParentTicket, state: WorkState) -> None:
    def has() -> bool:
        progress = ticket.progress
        return progress is not None and progress.state is state

    assert gate.wait_for(has, 10)


def test_they_are_listed_with_their_progress(gate: ConnectedGate, typed: Typed) -> None:
    ticket = at_work(gate)
    done = typed("parents", "list", "--format", "json")
    (row,) = json.loads(done.stdout)
    assert (row["order_id"], row["state"], row["plan"]) == (ticket.order_id, "running", PLAN)
    assert [row[name] for name in ("filled", "working", "quantity", "slices")] == [
        *("0", "10", "30"),
        1,
    ]
    table = typed("parents", "list").stdout
    assert PLAN in table
    assert max(map(len, table.splitlines())) <= 80


@pytest.mark.slow
def test_one_is_paused_resumed_and_cancelled_in_the_gate_that_runs(
    gate: ConnectedGate, sim: Running, typed: Typed
) -> None:
    ticket = at_work(gate)
    number = str(ticket.order_id)
    said = typed("parents", "pause", number, *SAID)
    assert (said.returncode, said.stderr) == (0, "")
    assert said.stdout.startswith(f"parent order {number} was paused by ")
    reaches(gate, ticket, WorkState.PAUSED)
    assert typed("parents", "resume", number, *SAID).returncode == 0
    reaches(gate, ticket, WorkState.RUNNING)
    assert typed("parents", "cancel", number, *SAID).returncode == 0
    assert ticket.wait(10) is Status.CANCELLED
    assert left_working(sim) == []


def test_what_is_cancelled_while_no_gate_runs_stays_so(gate: ConnectedGate, typed: Typed) -> None:
    ticket = at_work(gate)
    gate.close()
    assert typed("parents", "cancel", str(ticket.order_id), *SAID).returncode == 0
    (row,) = json.loads(typed("parents", "list", "--format", "json").stdout)
    assert row["state"] == "stopped"


def test_one_that_is_over_is_shown_only_if_asked_for(gate: ConnectedGate, typed: Typed) -> None:
    ticket = at_work(gate)
    typed("parents", "cancel", str(ticket.order_id), *SAID)
    assert ticket.wait(10) is Status.CANCELLED
    done = typed("parents", "list")
    assert (done.returncode, done.stderr) == (0, "no parent order is at work\n")
    (row,) = json.loads(typed("parents", "list", "--all", "--format", "json").stdout)
    assert row["state"] == "stopped"


def test_what_is_no_parent_cannot_be_steered(gate: ConnectedGate, typed: Typed) -> None:
    ticket = at_work(gate)
    for number in (ticket.order_id + 1, 99):
        done = typed("parents", "pause", str(number), *SAID)
        assert done.returncode == 2
        assert f"order {number} is no parent order at work" in done.stderr
    done = typed("parents", "resume", str(ticket.order_id), *SAID)
    assert done.returncode == 2
    assert "is running already" in done.stderr


def test_a_parent_and_its_plan_are_told_by_why(gate: ConnectedGate, typed: Typed) -> None:
    ticket = at_work(gate)
    ticket.pause(by="ann", reason="lunch")
    done = typed("why", str(ticket.order_id))
    assert done.returncode == 0, done.stderr
    assert "the work on it is running" in done.stdout
    assert "the work on it is paused by ann: lunch" in done.stdout
