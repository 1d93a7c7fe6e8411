"""What commands share: a record is opened when it is read."""

from __future__ import annotations

import subprocess
import sys

import pytest


@pytest.mark.parametrize(
    "command", ["why", "explain", "orders", "fills", "positions", "stats", "tca", "lint"]
)
def test_help_about_a_record_brings_no_database(command: str) -> None:
    look = (
        "import sys; from riskgate.cli.app import run; "
        f"code = run(['{command}', '--help']); sys.exit(code or 'peewee' in sys.modules)"
    )
    done = subprocess.run(  # our own command line
        [sys.executable, "-c", look], capture_output=True, text=True, check=False, timeout=60
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert f"riskgate {command}" in done.stdout
