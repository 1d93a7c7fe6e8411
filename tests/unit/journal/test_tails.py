"""What others wrote is read once, by whoever needs it, and never passed over."""

from __future__ import annotations

from contextlib import closing
from datetime import datetime
from pathlib import Path

import pytest

from riskgate.journal import chain
from riskgate.journal.coding import Place
from riskgate.journal.journal import SqliteJournal
from riskgate.journal.store import Store
from riskgate.model.events import Note, Recorded


def test_who_reads_by_other_means_need_not_read_the_tail(
    journal: SqliteJournal, path: Path, noon: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A gate that starts reads every event once, and not a second time as its tail."""
    with closing(SqliteJournal(path)) as other, other.turn() as turn:
        for text in "abc":
            turn.append(Note(text=text), noon)
    with journal.turn():
        pass  # nothing was read: what others wrote is still to be told
    read: list[int] = []
    batch = chain.batch

    def counted(store: Store, place: Place) -> list[tuple[Recorded, Place]]:
        found = batch(store, place)
        read.extend(event.seq for event, _ in found)
        return found

    monkeypatch.setattr(chain, "batch", counted)
    with journal.turn() as turn:
        assert [event.seq for event in journal.read()] == [1, 2, 3]
        assert turn.append(Note(text="d"), noon).seq == 4
    assert read == [1, 2, 3]
    with journal.turn() as turn:
        assert turn.tail == ()
    with closing(SqliteJournal(path)) as third, third.turn() as turn:
        assert turn.append(Note(text="e"), noon).seq == 5
        assert [event.seq for event in turn.tail] == [1, 2, 3, 4]
    assert journal.verify() is None
