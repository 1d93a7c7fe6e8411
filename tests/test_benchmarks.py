"""That the benchmarks run and print ratios; what the ratios are is not for a test to say."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize("name", ["commands", "counters", "decision", "simulator", "submit"])
def test_a_benchmark_prints_its_table_and_writes_the_same_as_json(
    name: str, tmp_path: Path
) -> None:
    script = ROOT / "benchmarks" / f"{name}.py"
    command = [sys.executable, str(script), "--brief", "--json", "table.json"]
    done = subprocess.run(
        command, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    table = json.loads((tmp_path / "table.json").read_bytes())
    assert table["title"] == name
    for line in table["lines"]:
        assert line["what"] in done.stdout
        assert line["ratio"] is None or f"{line['ratio']:,.2f} x" in done.stdout
    assert any(line["ratio"] for line in table["lines"])
    assert all(table[fact] in done.stdout for fact in ("machine", "python", "versions", "noise"))
    assert [path.name for path in tmp_path.iterdir()] == ["table.json"]
