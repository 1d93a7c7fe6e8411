"""A file that several make at the same moment is made once, and opened by all of them."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from datetime import timedelta
from pathlib import Path

import pytest

from riskgate.errors import JournalLocked
from riskgate.journal.auditing import audit
from riskgate.journal.journal import SqliteJournal

ROOT = Path(__file__).parents[3]
SHORT = timedelta(seconds=0.05)
PROCESSES = 6
FILES = 20
OPENER = """
import sys
from pathlib import Path
from riskgate.journal.journal import SqliteJournal

print("ready", flush=True)
for path in sys.stdin:
    SqliteJournal(Path(path.strip())).close()
    print("made", flush=True)
"""


@pytest.fixture
def made_by_another(path: Path) -> Iterator[sqlite3.Connection]:
    """The first moment of a file: somebody writes to it, and has no log yet."""
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield other


def test_who_makes_a_file_waits_for_another_who_does(
    path: Path, made_by_another: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits: list[float] = []

    def ends(seconds: float) -> None:
        waits.append(seconds)
        if len(waits) == 3:
            made_by_another.execute("ROLLBACK")

    monkeypatch.setattr(time, "sleep", ends)
    with closing(SqliteJournal(path)) as journal:
        assert list(journal.read()) == []
    assert len(waits) == 3


@pytest.mark.usefixtures("made_by_another")
def test_who_makes_a_file_waits_no_longer_than_it_was_told(path: Path) -> None:
    began = time.monotonic()
    with pytest.raises(JournalLocked, match=r"another process .* more than 0\.05 s;.* `lsof`"):
        SqliteJournal(path, lock_wait=SHORT)
    assert time.monotonic() - began >= SHORT.total_seconds()


@pytest.mark.slow
def test_many_processes_make_the_same_journals_at_the_same_moments(tmp_path: Path) -> None:
    with ExitStack() as stack:
        openers = [stack.enter_context(opener()) for _ in range(PROCESSES)]
        for each in openers:
            stack.callback(each.kill)
        assert [line(each) for each in openers] == ["ready\n"] * PROCESSES
        for number in range(FILES):
            for each in openers:
                assert each.stdin is not None
                each.stdin.write(f"{tmp_path / str(number)}.db\n")
            for each in openers:
                assert each.stdin is not None
                each.stdin.flush()
            assert [line(each) for each in openers] == ["made\n"] * PROCESSES
        assert [each.communicate(timeout=30) for each in openers] == [("", "")] * PROCESSES
    assert [audit(file).faults for file in sorted(tmp_path.glob("*.db"))] == [()] * FILES


def opener() -> subprocess.Popen[str]:
    pipe = subprocess.PIPE
    run = [sys.executable, "-c", OPENER]
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.Popen(run, env=env, stdin=pipe, stdout=pipe, stderr=pipe, text=True)


def line(process: subprocess.Popen[str]) -> str:
    """What it says next; nothing once it has ended."""
    assert process.stdout is not None
    return process.stdout.readline()
