"""A file of another version is refused, never guessed at."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from riskgate.errors import JournalError
from riskgate.journal.archive import open_for_reading
from riskgate.journal.journal import SqliteJournal


@pytest.mark.parametrize("version", ["2", "99", "0", "new"])
def test_a_file_of_another_version_is_left_alone(
    journal: SqliteJournal, path: Path, version: str
) -> None:
    journal.close()
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE meta SET value = ? WHERE key = 'schema'", (version,))
    before = path.read_bytes()
    for opener in (SqliteJournal, open_for_reading):
        with pytest.raises(JournalError, match=f"version {version} .* knows version 1; use"):
            opener(path)
    assert path.read_bytes() == before
