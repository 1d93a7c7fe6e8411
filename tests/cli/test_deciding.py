"""Held orders, reconciles and unknown orders, decided on from another process."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from riskgate.model.lifecycle import Status
from riskgate.model.report import StatusReport
from riskgate.simulator import Running
from riskgate.wiring import ConnectedGate
from tests.cli.desk import (
    SAID,
    learns,
    works,
)

if TYPE_CHECKING:
    from tests.cli.conftest import Typed


# -- approvals ------------------------------------------------------------------------------------


def test_a_held_order_is_listed_with_why_by_whom_and_until_when(
    gate: ConnectedGate, typed: Typed
) -> None:
    number = gate.submit("BUY 200 AAPL LMT 150", actor="bot").order_id
    (held,) = json.loads(typed("approvals", "list", "--format", "json").stdout)
    assert (held["order_id"], held["submitted_by"]) == (number, "bot")
    assert held["why"] == ["house/large: max_quantity 200 units > limit 100 units (200 %)"]
    assert held["since"] < held["expires"]
    assert "1 order held" in typed("approvals", "list").stdout


@pytest.mark.slow
def test_an_approval_is_decided_by_the_gate_that_runs(gate: ConnectedGate, typed: Typed) -> None:
    ticket = gate.submit("BUY 200 AAPL LMT 150", actor="bot")
    own = typed("approvals", "approve", str(ticket.order_id), "--by", "bot", "--reason", "mine")
    assert (own.returncode, own.stdout) == (2, "")
    assert "another person must approve it" in own.stderr
    done = typed("approvals", "approve", str(ticket.order_id), *SAID)
    assert (done.returncode, done.stderr) == (0, "")
    assert "warn by house/large" in done.stdout
    assert ticket.status.working
    assert typed("approvals", "approve", str(ticket.order_id), *SAID).returncode == 2


def test_an_approval_that_is_denied_after_all_ends_with_3(
    gate: ConnectedGate, typed: Typed
) -> None:
    ticket = gate.submit("BUY 200 AAPL LMT 150", actor="bot")
    gate.halt(by="m.ruiz", reason="news")
    done = typed("approvals", "approve", str(ticket.order_id), *SAID)
    assert done.returncode == 3
    assert "HALTED" in done.stdout


def test_a_refusal_reaches_the_gate_that_runs(gate: ConnectedGate, typed: Typed) -> None:
    ticket = gate.submit("BUY 200 AAPL LMT 150", actor="bot")
    assert typed("approvals", "deny", str(ticket.order_id), *SAID).returncode == 0
    assert learns(gate, lambda: ticket.status is Status.DENIED)
    again = typed("approvals", "deny", str(ticket.order_id), *SAID)
    assert again.returncode == 2
    assert "is Denied; only a held order can be refused" in again.stderr


# -- reconcile and resolve ------------------------------------------------------------------------


@pytest.mark.parametrize("runs", [True, False])
def test_reconcile_shows_every_difference(
    gate: ConnectedGate, sim: Running, typed: Typed, *, runs: bool
) -> None:
    sim.place_by_hand("AAPL", "BUY", Decimal(5), Decimal(100))
    if not runs:
        gate.close()
    shown = typed("reconcile")
    assert shown.returncode == 0
    assert "foreign order" in shown.stdout
    assert "clean: 1 difference" in shown.stdout


def test_an_unknown_order_is_shown_and_resolved_with_its_evidence(
    gate: ConnectedGate, typed: Typed
) -> None:
    number = works(gate).order_id
    gate.take([StatusReport(order_id=number, status=Status.UNKNOWN, reason="not in the story")])
    gate.close()
    rows: list[dict[str, Any]] = json.loads(typed("orders", "--unknown", "--format", "json").stdout)
    assert [row["order_id"] for row in rows] == [number]
    assert "1 working, 1 of them unknown to the broker" in typed("status").stdout
    done = typed("resolve", str(number), "--as", "dead", *SAID)
    assert done.returncode == 0
    assert "left for the broker as its order" in done.stdout
    assert "not in the story" in done.stdout
    assert "Cancelled" in done.stdout.splitlines()[0]
    again = typed("resolve", str(number), "--as", "dead", *SAID)
    assert again.returncode == 2
    assert "only one whose outcome is unknown can be resolved" in again.stderr
