"""Changing one byte anywhere in a journal is found, or changes nothing that the journal says.

Flips in the file are judged by a dump of all tables: where an audit finds nothing, an opened copy
must say the very same, value by value and type by type.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path
from random import Random
from typing import Any, Final

import pytest

from riskgate.errors import JournalError
from riskgate.journal.auditing import audit
from riskgate.journal.header import LENGTH
from riskgate.journal.journal import open_journal
from riskgate.reporters import text
from tests.contract.busy_desk import Desk

SEED: Final = 11
DECISIONS: Final = 25
FLIPS: Final = int(os.environ.get("RISKGATE_FLIPS", "200"))
TABLES: Final = ("events", "orders", "executions", "meta", "decisions")
COLUMNS: Final = ("seq", "at_ns", "kind", "order_id", "body", "previous", "hash")


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A small journal of all sorts of events, closed, so that all of it is in one file."""
    folder = tmp_path_factory.mktemp("desk")
    path = folder / "journal.db"
    with closing(open_journal(path, durability="os")) as journal:
        list(Desk(journal, folder, SEED).trade(DECISIONS))
    assert [file.name for file in folder.glob("journal.db*")] == ["journal.db"]
    assert audit(path).faults == ()
    return path.read_bytes()


def is_found(path: Path) -> bool:
    try:
        found = audit(path)
        assert text.audited(found, "journal.db").encode()  # whatever it is, it can be told
        return bool(found.faults)
    except JournalError:  # tables of a version that is not ours
        return True


def said(path: Path) -> Any:  # noqa: ANN401  # rows of any kind
    """All that an opened copy says."""
    with closing(sqlite3.connect(path)) as connection:
        connection.text_factory = bytes
        dump = []
        for table in TABLES:
            found = connection.execute(f"PRAGMA table_info({table})")
            names = [row[1].decode() for row in found]
            typed = ", ".join(f"{name}, typeof({name})" for name in names)
            dump.append(connection.execute(f"SELECT {typed} FROM {table}").fetchall())
        return dump


def written(path: Path, content: bytes) -> Path:
    for suffix in ("-wal", "-shm"):
        Path(f"{path}{suffix}").unlink(missing_ok=True)
    path.write_bytes(content)
    return path


def flipped(content: bytes, offset: int, random: Random) -> bytes:
    """One bit, or the whole byte, is another."""
    change = 1 << random.randrange(8) if random.random() < 0.5 else random.randrange(1, 256)
    return content[:offset] + bytes([content[offset] ^ change]) + content[offset + 1 :]


@pytest.mark.slow
@pytest.mark.counted
@pytest.mark.timeout(300)
def test_a_byte_flipped_anywhere_in_the_file_is_found_or_says_nothing(
    whole: bytes, tmp_path: Path
) -> None:
    random = Random(SEED)
    path = written(tmp_path / "journal.db", whole)
    before, unseen = said(path), []
    for _ in range(FLIPS):
        offset = random.randrange(len(whole))
        if is_found(written(path, flipped(whole, offset, random))):
            continue
        assert said(path) == before, f"byte {offset} of seed {SEED}"
        unseen.append(offset)
    print(f"{FLIPS} flips: {FLIPS - len(unseen)} found, {len(unseen)} say nothing")  # noqa: T201  # the result
    assert len(unseen) < FLIPS // 3


@pytest.mark.slow
def test_each_byte_of_the_head_is_found_or_says_nothing(whole: bytes, tmp_path: Path) -> None:
    random = Random(SEED)
    path = written(tmp_path / "journal.db", whole)
    before, unseen = said(path), []
    for offset in range(LENGTH):
        if not is_found(written(path, flipped(whole, offset, random))):
            assert said(path) == before, offset
            unseen.append(offset)
    assert set(unseen) <= {96, 97, 98, 99}  # the version of SQLite that wrote last


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_each_byte_of_each_column_of_an_event_is_found_as_that_event(
    whole: bytes, tmp_path: Path
) -> None:
    random = Random(SEED)
    path = written(tmp_path / "journal.db", whole)
    with closing(sqlite3.connect(path)) as connection:
        rows = connection.execute(f"SELECT {', '.join(COLUMNS)} FROM events").fetchall()
    kinds = {row[2]: row for row in reversed(rows)}  # the first event of each kind
    count = 0
    for row in kinds.values():
        for column, value in zip(COLUMNS, row, strict=True):
            for other in others(value, random):
                if column == "seq" and other <= len(rows):
                    continue  # two events cannot have one number
                written(path, whole)
                with closing(sqlite3.connect(path)) as connection, connection:
                    change = f"UPDATE events SET {column} = ? WHERE seq = ?"
                    connection.execute(change, (other, row[0]))
                first = audit(path).faults[0]
                named = {row[0], row[0] + 1, other} if column == "seq" else {row[0]}
                assert first.seq in named, (row[0], column, other)
                count += 1
    print(f"{count} changed values of {len(kinds)} kinds of events, all found")  # noqa: T201  # same
    assert count > 1_000


def others(value: Any, random: Random) -> list[Any]:  # noqa: ANN401  # of any column
    """The value with each of its bytes changed in turn; of long texts some of them."""
    if value is None:
        return [0, 1, ""]
    if isinstance(value, int):
        return [value ^ (1 << bit) for bit in range(63)]
    raw = value.encode()
    places = range(len(raw)) if len(raw) < 150 else random.sample(range(len(raw)), 50)
    changed = (raw[:n] + bytes([raw[n] ^ 1 << random.randrange(7)]) + raw[n + 1 :] for n in places)
    return [each.decode() for each in changed]
