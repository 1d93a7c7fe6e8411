"""Which gates run: a lock beside the journal for each, which ends with its process."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from riskgate.errors import ConfigError, JournalError
from riskgate.journal.presence import Presence, running

HOLDER = """\
import sys
from riskgate.journal.presence import Presence
sign = Presence(sys.argv[1], int(sys.argv[2]))
sign.take()
print("taken", flush=True)
sys.stdin.read()
"""


def test_nobody_runs_where_there_is_nothing(tmp_path: Path) -> None:
    assert running(tmp_path / "x.sqlite") == ()
    assert running(tmp_path / "no" / "folder" / "x.sqlite") == ()


def test_those_who_run_are_named_in_order_until_they_leave(tmp_path: Path) -> None:
    journal = tmp_path / "x.sqlite"
    gates = [Presence(journal, number) for number in (12, 3)]
    for gate in gates:
        gate.take()
    assert running(journal) == (3, 12)
    assert running(f"sqlite:///{journal}") == (3, 12)
    assert running(tmp_path / "y.sqlite") == ()
    gates[0].leave()
    assert running(journal) == (3,)
    gates[1].leave()
    assert running(journal) == ()


@pytest.mark.slow
def test_a_client_id_is_taken_once(tmp_path: Path) -> None:
    journal = tmp_path / "x.sqlite"
    first = Presence(journal, 1)
    first.take()
    with pytest.raises(ConfigError, match="a gate with client id 1 runs on"):
        Presence(journal, 1).take()
    first.leave()
    again = Presence(journal, 1)
    again.take()
    again.leave()


def test_another_thread_may_leave(tmp_path: Path) -> None:
    journal = tmp_path / "x.sqlite"
    gate = Presence(journal, 1)
    gate.take()
    thread = threading.Thread(target=gate.leave)
    thread.start()
    thread.join()
    assert running(journal) == ()


def test_who_only_looks_never_keeps_a_gate_from_starting(tmp_path: Path) -> None:
    journal, over = tmp_path / "x.sqlite", threading.Event()
    Presence(journal, 1).take()

    def look() -> None:
        while not over.is_set():
            running(journal)

    looking = threading.Thread(target=look)
    looking.start()
    try:
        for number in range(2, 30):
            gate = Presence(journal, number)
            gate.take()
            gate.leave()
            gate.take()
            gate.leave()
    finally:
        over.set()
        looking.join()


def test_a_process_that_is_killed_runs_no_more(tmp_path: Path) -> None:
    journal = tmp_path / "x.sqlite"
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(journal), "7"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "taken\n"
        assert running(journal) == (7,)
        process.kill()
        process.wait(10)
        assert running(journal) == ()


def test_a_file_that_only_looks_like_a_sign_is_none(tmp_path: Path) -> None:
    for name in ("x.sqlite.gate-a.lock", "x.sqlite.gate-.lock", "other.lock", "x.sqlite.lock"):
        (tmp_path / name).touch()
    assert running(tmp_path / "x.sqlite") == ()


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(JournalError, match="no lock can be made beside it"):
        Presence(tmp_path / "file" / "x.sqlite", 1).take()
