"""The journal in a file: what its disk, its file and other processes do to it."""

from __future__ import annotations

import os
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from riskgate.errors import ConfigError, JournalError, JournalLocked
from riskgate.journal.journal import SqliteJournal, SqliteTurn, open_journal
from riskgate.model.events import Note
from riskgate.ports import Journal

ROOT = Path(__file__).parents[3]
SHORT = timedelta(seconds=0.05)
NOBODY = 65534

WRITER = """
import sys
from datetime import UTC, datetime, timedelta
from riskgate.journal.journal import SqliteJournal
from riskgate.model.events import Note

path, name, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
journal = SqliteJournal(path, lock_wait=timedelta(seconds=60))
seen = [event.seq for event in journal.read()]
for number in range(count):
    with journal.turn() as turn:
        seen += [event.seq for event in turn.tail]
        seen.append(turn.append(Note(text=str(number), actor=name), datetime.now(UTC)).seq)
    print(seen[-1], flush=True)
print("gaps" if seen != list(range(1, len(seen) + 1)) else "none")
"""


def test_a_journal_keeps_the_protocol(journal: SqliteJournal) -> None:
    kept: Journal = journal
    assert kept.writable()


def test_a_path_and_a_url_open_the_same_file(path: Path, noon: datetime) -> None:
    with closing(open_journal(path)) as journal, journal.turn() as turn:
        turn.append(Note(text="a"), noon)
    with closing(open_journal(f"sqlite:///{path}", lock_wait=SHORT)) as journal:
        assert [event.seq for event in journal.read()] == [1]
        assert journal.path == path


@pytest.mark.parametrize(("durability", "number"), [("full", 2), ("os", 1)])
def test_each_commit_is_flushed_unless_that_is_left_to_the_system(
    path: Path, durability: str, number: int
) -> None:
    with closing(open_journal(path, durability=durability)) as journal:  # type: ignore[arg-type]
        connection = journal._store.connection
        assert connection.execute("PRAGMA synchronous").fetchone() == (number,)
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_another_durability_is_refused(path: Path) -> None:
    with pytest.raises(ConfigError, match="must be `full` or `os`; found `off`"):
        open_journal(path, durability="off")  # type: ignore[arg-type]
    assert not path.exists()


def test_the_log_is_long_before_the_first_event(journal: SqliteJournal, path: Path) -> None:
    log = Path(f"{path}-wal")
    size = log.stat().st_size
    assert size > 4_096_000
    with journal.turn() as turn:
        turn.append(Note(text="a"), datetime.fromisoformat("2026-03-02T12:00Z"))
    assert log.stat().st_size == size


def test_a_lock_that_is_not_had_in_time_is_an_error(journal: SqliteJournal, path: Path) -> None:
    with closing(SqliteJournal(path, lock_wait=SHORT)) as late, journal.turn():
        started = datetime.now().astimezone()
        with pytest.raises(JournalLocked, match=r"another process .* more than 0\.05 s;.* `lsof`"):
            late.turn().__enter__()
        waited = datetime.now().astimezone() - started
    assert SHORT * 0.9 <= waited < timedelta(seconds=5)
    with closing(SqliteJournal(path, lock_wait=SHORT)) as later, later.turn():
        pass


def test_opening_waits_for_the_lock_too(journal: SqliteJournal, path: Path) -> None:
    with journal.turn(), pytest.raises(JournalLocked):
        SqliteJournal(path, lock_wait=SHORT)


def test_a_full_disk_is_told_and_loses_nothing_that_was_recorded(
    journal: SqliteJournal, noon: datetime
) -> None:
    connection = journal._store.connection
    with journal.turn() as turn:
        turn.append(Note(text="kept"), noon)
    pages = connection.execute("PRAGMA page_count").fetchone()[0]
    connection.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(JournalError, match="the disk is full; make room"), journal.turn() as turn:
        turn.append(Note(text="x" * 100_000), noon)
    connection.execute("PRAGMA max_page_count = 1000000")
    with journal.turn() as turn:
        assert turn.append(Note(text="next"), noon).seq == 2
    assert [event.seq for event in journal.read()] == [1, 2]
    assert journal.verify() is None


def test_a_commit_that_fails_leaves_nothing_of_its_turn(
    journal: SqliteJournal, path: Path, noon: datetime
) -> None:
    note(journal, noon)
    with no_room_in_any_file(), pytest.raises(JournalError, match=r"journal `.*`: the disk"):
        note(journal, noon)
    assert note(journal, noon) == 2
    assert journal.verify() is None
    with closing(SqliteJournal(path)) as other:
        assert [event.seq for event in other.read()] == [1, 2]


@contextmanager
def no_room_in_any_file() -> Iterator[None]:
    """Let every write of this process beyond the first bytes of a file fail."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def note(journal: SqliteJournal, noon: datetime) -> int:
    with journal.turn() as turn:
        return turn.append(Note(text="a"), noon).seq


def test_a_turn_whose_append_failed_cannot_be_committed(
    journal: SqliteJournal, noon: datetime
) -> None:
    with pytest.raises(JournalError, match="read-only"):
        swallow(journal, noon)
    assert list(journal.read()) == []


def swallow(journal: SqliteJournal, noon: datetime) -> None:
    """Go on after a failure, as a careless caller would."""
    with journal.turn() as turn:
        turn.append(Note(text="before"), noon)
        journal._store.connection.execute("PRAGMA query_only = 1")
        with pytest.raises(JournalError):
            turn.append(Note(text="refused"), noon)
        journal._store.connection.execute("PRAGMA query_only = 0")
        with pytest.raises(JournalError):
            turn.append(Note(text="after"), noon)


def test_a_journal_that_is_taken_away_takes_no_more_events(
    journal: SqliteJournal, path: Path
) -> None:
    path.rename(path.with_suffix(".moved"))
    assert not journal.writable()
    with pytest.raises(JournalError, match="moved, deleted or replaced"), journal.turn():
        pytest.fail("a turn at a file that is gone")
    path.with_suffix(".moved").rename(path)
    assert journal.writable()
    with journal.turn():
        pass


def test_a_journal_that_is_replaced_takes_no_more_events(
    journal: SqliteJournal, path: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other.db"
    with closing(SqliteJournal(other)):
        pass
    other.replace(path)
    assert not journal.writable()
    with pytest.raises(JournalError, match="moved, deleted or replaced"), journal.turn():
        pytest.fail("a turn at another file")


def test_a_tail_that_was_tampered_with_is_not_handed_out(
    journal: SqliteJournal, path: Path, noon: datetime
) -> None:
    with closing(SqliteJournal(path)) as other, other.turn() as turn:
        turn.append(Note(text="a"), noon)
        turn.append(Note(text="b"), noon)
    tamper(path, "UPDATE events SET body = replace(body, 'b', 'c') WHERE seq = 2")
    for use in (lambda turn: turn.tail, lambda turn: turn.append(Note(text="c"), noon)):
        with pytest.raises(JournalError, match="event 2 is not as it was written"):
            used(journal, use)
    reading = journal.read()
    with pytest.raises(JournalError, match="event 2 is not as it was written"):
        list(reading)
    assert journal.verify() == 2


def used(journal: SqliteJournal, use: Callable[[SqliteTurn], object]) -> None:
    with journal.turn() as turn:
        use(turn)


def test_the_event_that_ours_would_follow_must_be_there(
    journal: SqliteJournal, path: Path, noon: datetime
) -> None:
    with journal.turn() as turn:
        turn.append(Note(text="a"), noon)
    tamper(path, "DELETE FROM events")
    with pytest.raises(JournalError, match="event 1 is not as it was written"), journal.turn():
        pytest.fail("a turn after nothing")


def test_an_event_of_a_kind_that_we_do_not_know_is_told(
    journal: SqliteJournal, path: Path, noon: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    with closing(SqliteJournal(path)) as newer:
        encoded = '{"type":"teleport","order_id":1}'.encode
        monkeypatch.setattr("riskgate.journal.coding.proven", lambda _: encoded())
        monkeypatch.setattr("riskgate.journal.coding.order_of", lambda _: 1)
        with newer.turn() as turn:
            turn.append(Note(text=""), noon)
        monkeypatch.undo()
    with pytest.raises(JournalError, match=r"event 1 cannot be read .*newer one"):
        list(journal.read())
    assert journal.verify() is None


@pytest.mark.parametrize(
    ("made", "why"),
    [
        (lambda path: path.write_bytes(b"what a journal is not" * 100), "it is not a journal"),
        (lambda path: path.mkdir(), "it is a folder"),
        (
            lambda path: sqlite3.connect(path).execute("CREATE TABLE t (x)").close(),
            "something else",
        ),
    ],
    ids=["text", "folder", "foreign database"],
)
def test_what_is_no_journal_is_left_alone(
    path: Path, made: Callable[[Path], object], why: str
) -> None:
    made(path)
    before = path.read_bytes() if path.is_file() else b""
    with pytest.raises(JournalError, match=why):
        SqliteJournal(path)
    if before.startswith(b"what"):
        assert path.read_bytes() == before


def test_a_folder_that_is_missing_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(JournalError, match=r"does not exist; create it"):
        SqliteJournal(tmp_path / "none" / "journal.db")
    assert not (tmp_path / "none").exists()


def test_a_folder_that_is_a_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(JournalError, match="is not a directory"):
        SqliteJournal(tmp_path / "file" / "journal.db")


@contextmanager
def open_to_all() -> Iterator[Path]:
    """A folder that also nobody can reach; pytest's own are closed to others."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


def as_nobody(program: str, path: Path) -> str:
    """What a program prints that runs without a superuser's rights; it finds `path` and `show`."""
    start = f"""
import os, sys, urllib.parse  # what is imported late may lie where nobody may read
from pathlib import Path
from riskgate.errors import JournalError
from riskgate.journal.archive import open_for_reading
from riskgate.journal.journal import SqliteJournal
if os.geteuid() == 0:
    os.setuid({NOBODY})
path = Path(sys.argv[1])
def show(question):
    try:
        print(question())
    except JournalError as error:
        print(error)
"""
    run = [sys.executable, "-W", "error", "-c", start + program, str(path)]
    env = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(run, env=env, capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_folder_that_we_may_not_write_to_is_told() -> None:
    with open_to_all() as folder:
        folder.chmod(0o555)
        said = as_nobody("show(lambda: SqliteJournal(path))", folder / "journal.db")
        folder.chmod(0o755)
    assert "access was refused; give this user write access" in said


def test_a_file_that_we_may_not_write_to_is_told_and_can_be_looked_at(noon: datetime) -> None:
    with open_to_all() as folder:
        path = folder / "journal.db"
        with closing(SqliteJournal(path)) as journal, journal.turn() as turn:
            turn.append(Note(text="a"), noon)
        path.chmod(0o444)
        folder.chmod(0o555)
        said = as_nobody(
            "show(lambda: SqliteJournal(path))\n"
            "show(lambda: [event.seq for event in open_for_reading(path).read()])",
            path,
        )
        folder.chmod(0o755)
    assert "read-only" in said.splitlines()[0]
    assert said.splitlines()[1] == "[1]"


def test_writable_says_no_where_we_have_no_right_to_write(path: Path) -> None:
    with open_to_all() as folder:
        path = folder / "journal.db"
        folder.chmod(0o777)
        program = (
            "j = SqliteJournal(path)\nprint(j.writable())\npath.chmod(0o444)\nprint(j.writable())"
        )
        said = as_nobody(program, path)
    assert said.split() == ["True", "False"]


def start(path: Path, name: str, count: int) -> subprocess.Popen[str]:
    run = [sys.executable, "-c", WRITER, str(path), name, str(count)]
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.Popen(run, env=env, stdout=subprocess.PIPE, text=True)


@pytest.mark.slow
def test_four_processes_share_a_journal_from_its_first_moment(path: Path) -> None:
    running = [start(path, str(number), 200) for number in range(4)]
    said = [process.communicate(timeout=100)[0].split() for process in running]
    assert [lines[-1] for lines in said] == ["none"] * 4
    with closing(SqliteJournal(path)) as journal:
        events = list(journal.read())
        assert journal.verify() is None
    assert [event.seq for event in events] == list(range(1, 801))
    by_name: dict[str, list[tuple[str, str]]] = {str(number): [] for number in range(4)}
    for event in events:
        assert isinstance(event.payload, Note)
        by_name[event.payload.actor].append((event.payload.text, str(event.seq)))
    for number, lines in enumerate(said):
        assert by_name[str(number)] == [(str(i), seq) for i, seq in enumerate(lines[:-1])]


def test_a_process_that_is_killed_loses_nothing_that_it_committed(path: Path) -> None:
    process = start(path, "victim", 100_000)
    assert process.stdout is not None
    guard = threading.Timer(60, process.kill)
    guard.start()
    told = [process.stdout.readline() for _ in range(50)]
    process.send_signal(signal.SIGKILL)
    told += process.stdout.readlines()
    process.wait(10)
    guard.cancel()
    with closing(SqliteJournal(path)) as journal:
        committed = [event.seq for event in journal.read()]
        assert journal.verify() is None
        with journal.turn() as turn:
            assert turn.append(Note(text="after"), datetime.now().astimezone()).seq == (
                len(committed) + 1
            )
    last = int([line for line in told if line.endswith("\n")][-1])
    assert last >= 50
    assert committed == list(range(1, len(committed) + 1))
    assert last <= len(committed) <= last + 1


def tamper(path: Path, statement: str) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(statement)
