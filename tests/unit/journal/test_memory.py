"""The journal without a file: its tables, and what it does not import."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from decimal import Decimal

from riskgate.journal.memory import MemoryJournal
from riskgate.model.lifecycle import Status
from riskgate.model.report import Fill
from riskgate.model.view import OrderView

View = Callable[..., OrderView]
MakeFill = Callable[..., Fill]


def test_the_newest_rows_are_kept(view: View, fill: MakeFill) -> None:
    journal = MemoryJournal()
    with journal.turn() as turn:
        turn.project([view(1), view(2)], [fill("1.1")])
    with journal.another().turn() as turn:
        turn.project([view(1, Status.FILLED)], [fill("1.2", quantity=Decimal(39))])
    assert {key: order.status for key, order in journal.orders.items()} == {
        1: Status.FILLED,
        2: Status.SUBMITTED,
    }
    assert [(key, found.execution_id) for key, found in journal.fills.items()] == [("1", "1.2")]


def test_rows_go_with_the_turn_that_wrote_them(view: View) -> None:
    journal = MemoryJournal()
    with suppress(ZeroDivisionError), journal.turn() as turn:
        turn.project([view(1)], [])
        raise ZeroDivisionError
    assert journal.orders == {}


def test_a_rebuild_replaces_the_tables(view: View, fill: MakeFill) -> None:
    journal = MemoryJournal()
    with journal.turn() as turn:
        turn.project([view(1)], [fill("1.1")])
        assert not turn.is_behind
    with journal.turn() as turn:
        turn.rebuild([view(2)], [])
    assert list(journal.orders) == [2]
    assert journal.fills == {}


def test_a_check_of_a_policy_loads_no_store() -> None:
    program = "import sys, riskgate.journal.memory; print({'peewee', 'sqlite3'} & set(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=30
    )
    assert done.stdout.strip() == "set()"
