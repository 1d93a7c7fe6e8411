"""Who reads the file of a journal beside an open one lets go of none of its locks."""

from __future__ import annotations

import gc
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import closing, suppress
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from riskgate.errors import JournalError
from riskgate.journal import raw
from riskgate.journal.auditing import audit
from riskgate.journal.copying import copy
from riskgate.journal.journal import SqliteJournal
from riskgate.journal.store import open_to_read
from riskgate.model.events import Note

# Whether a process of its own is refused the lock that SQLite takes before it takes a log away:
# https://www.sqlite.org/src/file/src/os_unix.c, SHARED_FIRST and SHARED_SIZE
LOCKER = """
import fcntl, sys
with open(sys.argv[1], "rb+") as file:
    try:
        fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB, 510, 0x40000002)
    except BlockingIOError:
        print("held")
    else:
        print("free")
"""
VISITOR = """
import sqlite3, sys
visitor = sqlite3.connect(sys.argv[1])
print(visitor.execute("SELECT COUNT(*) FROM events").fetchone()[0])
visitor.close()
"""


def elsewhere(program: str, path: Path) -> str:
    """What a program says in a process of its own."""
    run = [sys.executable, "-c", program, str(path)]
    done = subprocess.run(run, capture_output=True, text=True, timeout=30, check=True)
    return done.stdout.strip()


def note(journal: SqliteJournal, at: datetime) -> None:
    with journal.turn() as turn:
        turn.append(Note(text="written"), at)


def sound(path: Path) -> None:
    assert audit(path).faults == ()


def copied(path: Path) -> None:
    to = path.with_name("copy.db")
    copy(path, to)
    to.unlink()


@pytest.mark.parametrize("look", [sound, copied])
def test_looking_at_a_journal_in_the_process_of_a_gate_keeps_its_locks(
    look: Callable[[Path], None], path: Path, noon: datetime
) -> None:
    SqliteJournal(path).close()  # so that its log is empty, and its head is read
    with closing(SqliteJournal(path)) as journal:
        assert list(journal.read()) == []
        assert elsewhere(LOCKER, path) == "held"
        look(path)
        assert elsewhere(LOCKER, path) == "held"
        note(journal, noon)
        look(path)
        assert elsewhere(LOCKER, path) == "held"
    assert elsewhere(LOCKER, path) == "free"


def test_who_comes_and_goes_after_an_audit_takes_no_log_away_that_is_written_to(
    path: Path, noon: datetime
) -> None:
    with closing(SqliteJournal(path)) as journal:
        note(journal, noon)
        sound(path)
        assert elsewhere(VISITOR, path) == "1"
        note(journal, noon)
        assert Path(f"{path}-wal").exists()
        assert elsewhere(VISITOR, path) == "2"
    assert audit(path).events == 2


def test_a_journal_that_is_opened_while_its_file_is_read_keeps_its_locks(path: Path) -> None:
    SqliteJournal(path).close()
    with raw.reading(path):
        journal = SqliteJournal(path)
        assert list(journal.read()) == []
    assert elsewhere(LOCKER, path) == "held"
    journal.close()
    assert elsewhere(LOCKER, path) == "free"


def test_one_journal_that_is_closed_keeps_the_locks_of_another(path: Path, tmp_path: Path) -> None:
    SqliteJournal(path).close()
    (tmp_path / "again.db").symlink_to(path)
    with closing(SqliteJournal(path)) as journal:
        with closing(SqliteJournal(tmp_path / "again.db")):
            sound(path)
        sound(tmp_path / "again.db")
        assert list(journal.read()) == []
        assert elsewhere(LOCKER, path) == "held"


def test_a_descriptor_is_used_again_and_closed_with_the_last_journal(path: Path) -> None:
    def descriptors() -> int:
        mine = list(Path("/dev/fd").iterdir())
        return sum(1 for entry in mine if entry.exists() and entry.samefile(path))

    SqliteJournal(path).close()
    sound(path)
    assert descriptors() == 0
    with closing(SqliteJournal(path)):
        alone = descriptors()
        readers = [threading.Thread(target=sound, args=(path,)) for _ in range(8)]
        for reader in readers:
            reader.start()
        for reader in readers:
            reader.join()
        most = descriptors()
        for _ in range(20):
            sound(path)
        assert alone < descriptors() <= most <= alone + 8 * 3
    assert descriptors() == 0


def test_what_is_no_journal_leaves_no_descriptor(path: Path) -> None:
    path.write_bytes(b"this is no journal" * 400)
    before, connected = len(list(Path("/dev/fd").iterdir())), raw._connected.copy()
    for _ in range(10):
        with suppress(JournalError):
            audit(path)
        with pytest.raises(JournalError):
            open_to_read(path, timedelta(0))
    assert len(list(Path("/dev/fd").iterdir())) == before
    assert raw._connected == connected


def test_a_journal_that_nobody_closes_leaves_no_descriptor(path: Path) -> None:
    SqliteJournal(path).close()
    connected = raw._connected.copy()
    journal = SqliteJournal(path)
    sound(path)
    assert raw._connected != connected
    del journal
    gc.collect()
    assert raw._connected == connected


@pytest.mark.skipif(not hasattr(os, "fork"), reason="processes are made by spawning here")
@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_a_forked_process_does_not_wait_for_a_thread_that_it_has_not(path: Path) -> None:
    """The guard is held by another thread at nearly every moment when the process is forked."""
    SqliteJournal(path).close()
    over = threading.Event()

    def read_on() -> None:
        while not over.is_set():
            with raw.reading(path):
                pass

    threads = [threading.Thread(target=read_on) for _ in range(3)]
    for thread in threads:
        thread.start()
    try:
        with closing(SqliteJournal(path)):
            for _ in range(20):
                child = os.fork()
                if not child:
                    signal.alarm(20)
                    with raw.reading(path):
                        os._exit(len(raw._connected))
                assert os.waitpid(child, 0)[1] == 0
    finally:
        over.set()
        for thread in threads:
            thread.join()
