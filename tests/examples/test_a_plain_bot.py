"""The example of the simulator's page runs as it is, in a project of its own."""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLE = Path(__file__).parents[2] / "examples" / "test_a_plain_bot.py"


def test_the_example_has_twenty_lines() -> None:
    assert len(EXAMPLE.read_text().splitlines()) <= 20


@pytest.mark.slow
@pytest.mark.skipif(not importlib.util.find_spec("ib_insync"), reason="is written for ib_insync")
def test_the_example_passes(tmp_path: Path) -> None:
    shutil.copy(EXAMPLE, tmp_path)
    (tmp_path / "test_marked.py").write_text(
        "import pytest\n"
        "@pytest.mark.tws(scenario='53')\n"
        "def test_a_marker_starts_the_fixture(tws):\n"
        "    assert tws.port > 0\n"
        "    assert tws.clients() == frozenset()\n"
    )
    plugin = ("-p", "riskgate.pytest_plugin", "-p", "no:cacheprovider", "--strict-markers")
    command = [sys.executable, "-m", "pytest", "-q", *plugin, str(tmp_path)]
    done = subprocess.run(
        command, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "2 passed" in done.stdout
