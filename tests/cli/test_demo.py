"""`riskgate demo` as a process: again and again, interrupted, without a reader, without a lock."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from riskgate.authoring import policy_files
from riskgate.journal.archive import open_for_reading

if TYPE_CHECKING:
    from tests.cli.conftest import Held, Typed

ROOT: Final = Path(__file__).parents[2]
COMMAND: Final = (sys.executable, "-m", "riskgate")
PATIENCE: Final = 60.0
SELDOM: Final = ("1.", "3.", "4.", "6.", "7.", "8.", "9.", "10.")
SCENES: Final = ["5.", *(pytest.param(scene, marks=pytest.mark.slow) for scene in SELDOM)]


@pytest.mark.slow
def test_a_journal_that_another_process_holds_ends_the_demo_after_five_seconds(
    folder: Path, apart: Typed, held: Held
) -> None:
    assert apart("demo", "--journal", "x.sqlite").returncode == 0
    with held(folder / "x.sqlite"):
        began = time.monotonic()
        done = apart("demo", "--journal", "x.sqlite")
        assert 5 <= time.monotonic() - began < 60
    assert done.returncode == 7
    assert len(done.stderr.splitlines()) == 1
    assert "another process has held it for more than 5 s" in done.stderr
    assert "lsof" in done.stderr
    assert apart("demo", "--journal", "x.sqlite").returncode == 0


# -- Ctrl-C and closed pipes ----------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("scene", SCENES)
def test_ctrl_c_in_the_demo_is_one_line_and_leaves_a_whole_journal(
    folder: Path, apart: Typed, scene: str
) -> None:
    with subprocess.Popen(
        [*COMMAND, "demo", "--journal", "x.sqlite"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    ) as demo:
        assert demo.stdout is not None
        while not demo.stdout.readline().startswith(scene):
            assert demo.poll() is None
        demo.send_signal(signal.SIGINT)
        _, complaints = demo.communicate(timeout=PATIENCE)
    ends = [(130, "interrupted\n")]
    if scene == "10.":
        ends.append((0, ""))  # it may have come to its end in the same moment
    assert (demo.returncode, complaints) in ends
    with open_for_reading(folder / "x.sqlite") as archive:
        assert archive.verify() is None
    again = apart("demo", "--journal", "x.sqlite")
    assert (again.returncode, again.stderr) == (0, "")


@pytest.mark.slow
def test_a_reader_that_goes_away_ends_the_demo_quietly(folder: Path) -> None:
    with subprocess.Popen(
        [*COMMAND, "demo", "--journal", "x.sqlite"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as demo:
        assert demo.stdout is not None
        assert demo.stderr is not None
        demo.stdout.readline()
        demo.stdout.close()
        assert demo.stderr.read() == ""
        assert demo.wait(PATIENCE) == 141
    with open_for_reading(folder / "x.sqlite") as archive:
        assert archive.verify() is None


# -- the demo, again and again --------------------------------------------------------------------


@pytest.mark.slow
def test_the_demo_runs_again_on_its_journal_and_on_another(folder: Path, apart: Typed) -> None:
    for journal, mornings in ("x.sqlite", 1), ("x.sqlite", 2), ("y.sqlite", 1):
        done = apart("demo", "--journal", journal)
        assert (done.returncode, done.stderr) == (0, "")
        with closing(sqlite3.connect(folder / journal)) as opened:
            count = {
                table: opened.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
                for table in ("orders", "executions", "decisions")
            }
            rows = opened.execute("SELECT status FROM orders ORDER BY order_id").fetchall()
        assert count["executions"] == 24 * mornings
        assert count["decisions"] >= count["orders"] == len(rows) > 0
        assert rows[: len(rows) // mornings] * mornings == rows


def test_the_demo_shows_the_whole_life_of_orders_within_eighty_columns(
    folder: Path, typed: Typed
) -> None:
    shutil.copytree(ROOT / "policies", folder / "policies")
    done = typed("demo", "--journal", "x.sqlite")
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert [line for line in lines if len(line) > 80] == []
    became = [line.removeprefix("   -> ").split(",")[0] for line in lines if "   -> " in line]
    filled, resting = "Filled 100 of 100", ["Held", "Submitted", "Submitted", "Cancelled"]
    assert became == [filled, "Denied", "Denied", *resting, "Denied", filled, "Filled 50 of 50"]
    assert "never sent" not in done.stdout
    assert "HALTED  the trading state is HALTED for all" in done.stdout


def test_the_demo_under_the_shipped_policies_is_as_narrow_and_leaves_a_journal_only(
    tmp_path: Path, typed: Typed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    said = typed("demo", "--journal", "x.sqlite").stdout
    shipped = str(policy_files.shipped_policies())
    wide = [line for line in said.splitlines() if len(line) > 80 and shipped not in line]
    assert wide == []
    assert said.count(shipped) == 2  # told once, and in the command that copies them
    assert "  us-equities/double-click  shipped/us-equities.yaml:" in said
    # the empty lock stays: taken away, two gates could hold it
    assert sorted(path.name for path in tmp_path.iterdir()) == ["x.sqlite", "x.sqlite.gate-1.lock"]
    why = typed("why", "3", "--journal", "x.sqlite").stdout
    assert "shipped/us-equities.yaml:" in why
    assert [line for line in why.splitlines() if len(line) > 80] == []


def test_the_demo_ends_with_the_account_as_the_simulator_reports_it(
    folder: Path, typed: Typed
) -> None:
    done = typed("demo", "--journal", str(folder / "x.sqlite"), "--format", "json")
    account = json.loads(done.stdout.splitlines()[-1])["account"]
    # two cents lost on each of 150 AAPL, four on each of 75 SPY, a dollar for each of 8 orders
    assert (account["net_liquidation"], account["day_pnl"]) == ("4999986", "-14")


def test_what_the_demo_says_to_type_next_can_be_typed(folder: Path, typed: Typed) -> None:
    shutil.copytree(ROOT / "policies", folder / "policies")
    said = typed("demo", "--journal", "x.sqlite").stdout.partition("\nnext\n")[2]
    asked = re.findall(r"^  riskgate ((?:orders|why|fills) .*)$", said, flags=re.MULTILINE)
    assert [words.split()[0] for words in asked] == ["orders", "why", "fills"]
    for words in asked:
        done = typed(*words.split())
        assert (done.returncode, done.stderr) == (0, "")


def test_the_demo_leaves_no_thread_and_no_port(folder: Path, typed: Typed) -> None:
    before = threading.active_count()
    assert typed("demo", "--journal", str(folder / "x.sqlite")).returncode == 0
    assert threading.active_count() == before
    listening = Path("/proc/self/net/tcp")
    if listening.exists():
        inodes = {line.split()[9] for line in listening.read_text().splitlines()[1:]}
        ours = {
            str(link.readlink()) for link in Path("/proc/self/fd").iterdir() if link.is_symlink()
        }
        assert not any(f"socket:[{inode}]" in ours for inode in inodes)


def test_a_folder_s_own_policies_may_answer_otherwise_and_the_morning_still_ends_flat(
    tmp_path: Path, typed: Typed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "policies").mkdir()
    policy = (ROOT / "riskgate" / "templates" / "policy.yaml").read_text(encoding="utf-8")
    for name, limit in (("strict", "1"), ("loose", "1_000_000")):
        text = policy.replace("@NAME@", name).replace("max_quantity: 500", f"max_quantity: {limit}")
        (tmp_path / "policies" / "desk.yaml").write_text(text, encoding="utf-8")
        done = typed("demo")
        assert (done.returncode, done.stderr) == (0, "")
        assert "a large order, which these policies do not hold" in done.stdout
        assert "riskgate why 0" not in done.stdout
        shown = typed("status", "--format", "json")
        assert '"working":0' in shown.stdout.replace(" ", "") or shown.returncode
