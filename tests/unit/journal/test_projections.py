"""The tables `orders` and `executions` repeat the record, and know how far."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing, suppress
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from riskgate.errors import JournalError
from riskgate.journal.archive import open_for_reading
from riskgate.journal.journal import SqliteJournal
from riskgate.model.decision import Action
from riskgate.model.events import Decided, Note
from riskgate.model.lifecycle import Status
from riskgate.model.report import Fill
from riskgate.model.view import OrderView

View = Callable[..., OrderView]
MakeFill = Callable[..., Fill]


def project(journal: SqliteJournal, orders: list[OrderView], fills: list[Fill]) -> None:
    with journal.turn() as turn:
        turn.project(orders, fills)


def rows(path: Path, table: str) -> list[dict[str, Any]]:
    """What the `sqlite3` program would show."""
    with closing(sqlite3.connect(path)) as connection:
        connection.row_factory = sqlite3.Row
        return [dict(row) for row in connection.execute(f"SELECT * FROM {table} ORDER BY 1")]


MEASURED = {
    "sec_type": "STK",
    "venue": "",
    "currency": "",
    "multiplier": "50",
    "decided_at": None,
    "decision_price": "189.995",
    "bid": None,
    "ask": None,
    "sent_at": "2026-03-02T12:00:00.123456Z",
    "arrival_price": None,
    "queued": "0",
    "acknowledged_at": None,
    "first_filled_at": None,
    "done_at": None,
    "end_price": None,
    "block_id": 0,
    "is_block": 1,
    "is_parent": 0,
    "modifies": 2,
    "cancels": 0,
}


def test_an_order_is_stored_as_text_that_people_read(
    journal: SqliteJournal, path: Path, view: View, noon: datetime
) -> None:
    changes = {"avg_fill_price": Decimal("1E+2"), "filled_at": noon, "quantity": Decimal("100.50")}
    changes |= {"sec_type": "STK", "multiplier": Decimal(50), "decision_price": Decimal("189.9950")}
    changes |= {"sent_at": noon, "queued": Decimal("0.0"), "members": (8, 9), "modifies": 2}
    project(journal, [view(7, Status.FILLED, **changes)], [])
    assert rows(path, "orders") == [
        {
            "order_id": 7,
            "account_id": "DU1",
            "symbol": "AAPL",
            "order_type": "LMT",
            "side": "BUY",
            "quantity": "100.5",
            "limit_price": "190",
            "stop_price": None,
            "time_in_force": "DAY",
            "status": "Filled",
            "filled_quantity": "0",
            "avg_fill_price": "100",
            "commission": "0",
            "created_at": "2026-03-02T12:00:00.123456Z",
            "updated_at": "2026-03-02T12:00:00.123456Z",
            "cancelled_at": None,
            "filled_at": "2026-03-02T12:00:00.123456Z",
            "ref": "rg-7",
            "strategy": "momentum",
            "action": "allow",
            "reason": "",
            "broker_order_id": 0,
            "perm_id": 0,
            "client_id": 0,
            "parent_id": 0,
            "text": "BUY 100 AAPL LMT 190",
            **MEASURED,
        }
    ]


def test_an_execution_is_stored_as_text_that_people_read(
    journal: SqliteJournal, path: Path, view: View, fill: MakeFill
) -> None:
    project(journal, [view(1)], [fill("0001.01", 1), fill("0002.01", 0, commission=Decimal("1.0"))])
    known, foreign = rows(path, "executions")
    assert known == {
        "execution_id": "0001.01",
        "order_id": 1,
        "symbol": "AAPL",
        "side": "BUY",
        "quantity": "40",
        "price": "189.99",
        "commission": None,
        "timestamp": "2026-03-02T12:00:00.123456Z",
        "account": "DU1",
        "currency": "USD",
        "stem": "0001",
    }
    assert (foreign["order_id"], foreign["commission"]) == (None, "1")


def test_an_order_that_changed_is_written_over(
    journal: SqliteJournal, path: Path, view: View
) -> None:
    project(journal, [view(1), view(2)], [])
    project(journal, [view(1, Status.CANCELLED, action=Action.WARN)], [])
    found = [(row["order_id"], row["status"], row["action"]) for row in rows(path, "orders")]
    assert found == [(1, "Cancelled", "warn"), (2, "Submitted", "allow")]


def test_a_correction_takes_the_place_of_its_execution(
    journal: SqliteJournal, path: Path, fill: MakeFill
) -> None:
    project(journal, [], [fill("0001.01"), fill("0002.01")])
    project(journal, [], [fill("0001.02", quantity=Decimal(39))])
    found = [(row["execution_id"], row["quantity"]) for row in rows(path, "executions")]
    assert found == [("0001.02", "39"), ("0002.01", "40")]


def test_a_fill_is_kept_even_if_its_order_has_no_row(
    journal: SqliteJournal, path: Path, fill: MakeFill
) -> None:
    project(journal, [], [fill("0001.01", 99)])
    assert rows(path, "executions")[0]["order_id"] == 99


def test_a_number_that_is_none_is_stored_as_it_is(
    journal: SqliteJournal, path: Path, view: View
) -> None:
    project(journal, [view(1, Status.DENIED, quantity=Decimal("NaN"))], [])
    assert rows(path, "orders")[0]["quantity"] == "NaN"


def test_rows_go_with_the_turn_that_wrote_them(
    journal: SqliteJournal, path: Path, view: View
) -> None:
    with suppress(ZeroDivisionError), journal.turn() as turn:
        turn.project([view(1)], [])
        raise ZeroDivisionError
    assert rows(path, "orders") == []


def behind(journal: SqliteJournal) -> bool:
    with journal.turn() as turn:
        return turn.is_behind


def test_tables_that_are_projected_with_each_event_are_never_behind(
    journal: SqliteJournal, view: View, decided: Callable[..., Decided], noon: datetime
) -> None:
    for order_id in (1, 2):
        with journal.turn() as turn:
            turn.append(decided(order_id), noon)
            turn.project([view(order_id)], [])
        with journal.turn() as turn:
            turn.append(Note(text="nothing about an order"), noon)
        assert not behind(journal)


def test_tables_that_missed_an_event_stay_behind_until_they_are_rebuilt(
    journal: SqliteJournal,
    path: Path,
    view: View,
    fill: MakeFill,
    decided: Callable[..., Decided],
) -> None:
    noon = decided().decision.as_of
    project(journal, [view(9)], [fill("9.1", 9)])
    with journal.turn() as turn:
        turn.append(decided(1), noon)
    assert behind(journal)
    with journal.turn() as turn:
        turn.append(decided(2), noon)
        turn.project([view(2)], [])
    assert behind(journal)
    with journal.turn() as turn:
        turn.rebuild([view(1), view(2)], [fill("1.1", 1)])
    assert not behind(journal)
    assert [row["order_id"] for row in rows(path, "orders")] == [1, 2]
    assert [row["execution_id"] for row in rows(path, "executions")] == ["1.1"]


@pytest.mark.parametrize("step", ["project", "rebuild"])
def test_rows_that_cannot_be_stored_take_their_turn_with_them(
    journal: SqliteJournal, path: Path, view: View, noon: datetime, step: str
) -> None:
    def fail() -> None:
        with journal.turn() as turn:
            turn.append(Note(text="lost"), noon)
            getattr(turn, step)([view(1), view(2, reason="\ud800")], [])

    with pytest.raises(JournalError, match="not Unicode"):
        fail()
    assert rows(path, "orders") == []
    assert list(journal.read()) == []


def test_a_rebuild_that_fails_leaves_the_tables(
    journal: SqliteJournal, path: Path, view: View
) -> None:
    project(journal, [view(1)], [])
    with pytest.raises(AttributeError), journal.turn() as turn:
        turn.rebuild([None], [])  # type: ignore[list-item]
    assert len(rows(path, "orders")) == 1


def test_meta_tells_the_version_and_how_far_the_tables_go(
    journal: SqliteJournal, path: Path
) -> None:
    found = {row["key"]: row["value"] for row in rows(path, "meta")}
    assert found == {"schema": "2", "projected_seq": f"0 {'0' * 64}"}
    assert open_for_reading(journal.path).counts()["events"] == {}
