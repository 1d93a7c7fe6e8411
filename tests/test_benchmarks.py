"""That the benchmarks run and print ratios; what the ratios are is not for a test to say.

All but one: instructions can be counted, so what the hot paths may take is held here.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
BENCHMARKS = ROOT / "benchmarks"
SHARED = {"__main__", "desk", "handover", "measuring"}
NAMES = sorted({path.stem for path in BENCHMARKS.glob("*.py")} - SHARED)
FACTS = ("machine", "python", "versions", "noise")


def run(folder: Path, *command: str) -> tuple[str, dict[str, Any]]:
    """What a benchmark printed, and what it wrote as JSON."""
    done = subprocess.run(
        [sys.executable, *command, "--json", "table.json"],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert [path.name for path in folder.iterdir()] == ["table.json"]
    return done.stdout, json.loads((folder / "table.json").read_bytes())


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_a_benchmark_prints_its_table_and_writes_the_same_as_json(
    name: str, tmp_path: Path
) -> None:
    printed, table = run(tmp_path, str(BENCHMARKS / f"{name}.py"), "--brief")
    assert table["title"] == name
    for line in table["lines"]:
        assert line["what"] in printed
        assert line["ratio"] is None or f"{line['ratio']:,.2f} x" in printed
    # Other engines are installed by hand; without them the table says so.
    assert name == "peers" or any(line["ratio"] for line in table["lines"])
    assert all(table[fact] in printed for fact in FACTS)


def test_no_hot_path_takes_more_instructions_than_its_budget_or_more_as_rules_and_orders_grow(
    tmp_path: Path,
) -> None:
    _, table = run(tmp_path, str(BENCHMARKS / "instructions.py"))
    over = [line for line in table["lines"] if line["verdict"] != "met"]
    assert over == []


@pytest.mark.slow
def test_one_command_prints_one_table_of_several_benchmarks(tmp_path: Path) -> None:
    command = (str(BENCHMARKS), "--brief", "--only", "instructions", "decision")
    printed, whole = run(tmp_path, *command)
    assert [table["title"] for table in whole["tables"]] == ["instructions", "decision"]
    for table in whole["tables"]:
        for line in table["lines"]:
            assert f"{table['title']}: {line['what']}" in printed
    assert all(whole[fact] in printed for fact in FACTS)
