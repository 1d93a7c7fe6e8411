"""Whoever touches an event is found out."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import datetime
from pathlib import Path

import pytest

from riskgate.errors import JournalError
from riskgate.journal.archive import open_for_reading
from riskgate.journal.coding import Row, row_of
from riskgate.journal.journal import SqliteJournal
from riskgate.journal.tables import INSERT_EVENT
from riskgate.model.events import Decided, Note

COUNT = 1203  # more than two batches

Write = Callable[..., None]
Build = Callable[..., Decided]


@pytest.fixture
def written(path: Path, write: Write, decided: Build) -> Path:
    with closing(SqliteJournal(path)) as journal:
        write(journal, *[decided(order_id) for order_id in range(1, COUNT + 1)])
    return path


def changed(path: Path, *statements: str) -> int | None:
    """What verifying says after somebody has changed the file."""
    with closing(sqlite3.connect(path)) as connection, connection:
        for statement in statements:
            connection.execute(statement)
    with open_for_reading(path) as archive:
        return archive.verify()


def test_an_untouched_journal_has_no_fault(written: Path) -> None:
    assert changed(written) is None


@pytest.mark.parametrize(
    "change",
    [
        "body = replace(body, '190', '191')",
        "body = CAST(body AS BLOB) || x'ff'",
        "body = x'ff'",
        "at_ns = at_ns + 1",
        "at_ns = 'noon'",
        "kind = 'note'",
        "kind = CAST(x'ff' AS TEXT)",
        "order_id = 9",
        "order_id = NULL",
        "hash = substr(hash, 2) || '!'",
        "previous = substr(previous, 2) || '!'",
    ],
)
@pytest.mark.parametrize("seq", [1, 700, COUNT])
def test_a_change_is_found_where_it_was_made(written: Path, change: str, seq: int) -> None:
    assert changed(written, f"UPDATE events SET {change} WHERE seq = {seq}") == seq


@pytest.mark.parametrize("seq", [1, 501, 700])
def test_a_removed_event_is_missed(written: Path, seq: int) -> None:
    assert changed(written, f"DELETE FROM events WHERE seq = {seq}") == seq


def test_events_that_closed_ranks_over_a_removed_one_are_found(written: Path) -> None:
    close_ranks = "UPDATE events SET seq = seq - 1 WHERE seq > 700"
    assert changed(written, "DELETE FROM events WHERE seq = 700", close_ranks) == 700


def test_two_swapped_events_are_found(written: Path) -> None:
    swap = [
        f"UPDATE events SET seq = {new} WHERE seq = {old}"
        for old, new in ((700, -1), (701, 700), (-1, 701))
    ]
    assert changed(written, *swap) == 700


@pytest.mark.parametrize(("seq", "found"), [(-5, -5), (0, 0), (COUNT + 1, COUNT + 1)])
def test_an_inserted_event_is_found(written: Path, seq: int, found: int) -> None:
    columns = "at_ns, kind, order_id, body, previous, hash"
    copy = f"INSERT INTO events SELECT {seq}, {columns} FROM events WHERE seq = 7"
    assert changed(written, copy) == found


def test_an_event_that_was_forged_with_a_right_hash_breaks_the_next(
    written: Path, noon: datetime
) -> None:
    with closing(sqlite3.connect(written)) as connection, connection:
        previous = Row(*connection.execute("SELECT * FROM events WHERE seq = 6").fetchone())
        forged = row_of(previous.place, Note(text="nothing to see"), noon)
        connection.execute("DELETE FROM events WHERE seq = 7")
        connection.execute(INSERT_EVENT, forged._replace(body=forged.body.decode()))  # type: ignore[arg-type]
    assert changed(written) == 8


def test_a_journal_that_was_cut_off_is_found_by_its_tables(path: Path, decided: Build) -> None:
    with closing(SqliteJournal(path)) as journal:
        for order_id in (1, 2):
            with journal.turn() as turn:
                turn.append(decided(order_id), decided().decision.as_of)
                turn.project((), ())
    assert changed(path, "DELETE FROM events WHERE seq = 2") == 2


def test_reading_stops_at_the_first_fault(written: Path) -> None:
    assert changed(written, "UPDATE events SET at_ns = 0 WHERE seq = 700") == 700
    seen: list[int] = []
    with open_for_reading(written) as archive, pytest.raises(JournalError, match="event 700 "):
        seen.extend(event.seq for event in archive.read())
    with open_for_reading(written) as archive:
        assert next(archive.read(after=1000)).seq == 1001
