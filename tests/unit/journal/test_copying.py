"""A copy of a journal verifies like the journal, also of one in use; nothing is written over."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from riskgate.errors import ConfigError, JournalError
from riskgate.journal.auditing import audit
from riskgate.journal.copying import copy
from riskgate.journal.journal import SqliteJournal
from riskgate.model.events import Note

NOON = datetime(2026, 3, 2, 17, 0, tzinfo=UTC)


def write(path: Path, notes: int) -> SqliteJournal:
    journal = SqliteJournal(path)
    for number in range(notes):
        with journal.turn() as turn:
            turn.append(Note(text=f"note {number}"), NOON)
    return journal


def test_a_copy_verifies_and_has_the_head_of_the_journal(tmp_path: Path) -> None:
    write(tmp_path / "j.sqlite", 20).close()
    copy(tmp_path / "j.sqlite", tmp_path / "backup.sqlite")
    before, after = audit(tmp_path / "j.sqlite"), audit(tmp_path / "backup.sqlite")
    assert (after.faults, after.head) == ((), before.head)
    assert not [path for path in tmp_path.iterdir() if path.name.endswith(".part")]


def test_a_copy_of_a_copy_verifies_and_can_be_written_to(tmp_path: Path) -> None:
    write(tmp_path / "j.sqlite", 3).close()
    copy(tmp_path / "j.sqlite", tmp_path / "a.sqlite")
    copy(tmp_path / "a.sqlite", tmp_path / "b.sqlite")
    write(tmp_path / "b.sqlite", 2).close()
    assert audit(tmp_path / "b.sqlite").faults == ()
    assert audit(tmp_path / "b.sqlite").events == 5


def test_what_is_in_use_is_copied_whole(tmp_path: Path) -> None:
    journal = write(tmp_path / "j.sqlite", 1)
    stop = threading.Event()

    def go_on() -> None:
        while not stop.is_set():
            with journal.turn() as turn:
                turn.append(Note(text="more"), NOON)

    writer = threading.Thread(target=go_on)
    writer.start()
    try:
        for number in range(10):
            copy(tmp_path / "j.sqlite", tmp_path / f"{number}.sqlite")
    finally:
        stop.set()
        writer.join()
        journal.close()
    copies = [audit(tmp_path / f"{number}.sqlite") for number in range(10)]
    assert [found.faults for found in copies] == [()] * 10
    assert [found.events for found in copies] == sorted(found.events for found in copies)


def test_a_copy_that_sqlite_made_says_what_to_do_instead(tmp_path: Path) -> None:
    write(tmp_path / "j.sqlite", 3).close()
    with (
        closing(sqlite3.connect(tmp_path / "j.sqlite")) as source,
        closing(sqlite3.connect(tmp_path / "own.sqlite")) as target,
    ):
        source.backup(target)
    (fault,) = audit(tmp_path / "own.sqlite").faults
    assert "make copies with `riskgate audit copy`" in fault.text
    copy(tmp_path / "own.sqlite", tmp_path / "copy.sqlite")  # what it holds is whole


def test_nothing_is_written_over_and_what_cannot_be_is_named(tmp_path: Path) -> None:
    write(tmp_path / "j.sqlite", 1).close()
    (tmp_path / "there").write_text("mine", encoding="utf-8")
    with pytest.raises(ConfigError, match="exists; it is left as it is"):
        copy(tmp_path / "j.sqlite", tmp_path / "there")
    assert (tmp_path / "there").read_text(encoding="utf-8") == "mine"
    with pytest.raises(ConfigError, match="cannot write"):
        copy(tmp_path / "j.sqlite", tmp_path / "none" / "copy.sqlite")
    with pytest.raises(JournalError, match="no journal at"):
        copy(tmp_path / "none.sqlite", tmp_path / "copy.sqlite")
    (tmp_path / "odd.sqlite").write_bytes(b"no journal" * 100)
    with pytest.raises(JournalError):
        copy(tmp_path / "odd.sqlite", tmp_path / "copy.sqlite")
    assert sorted(path.name for path in tmp_path.glob("*copy*")) == []
