"""The audit's page says what there is: its script verifies an export, and finds a change in it."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from riskgate.cli.app import run
from riskgate.journal.auditing import audit
from riskgate.journal.exporting import COLUMNS
from riskgate.journal.journal import open_journal
from riskgate.model.events import Note

PAGE = (Path(__file__).parents[2] / "docs" / "audit.md").read_text()
(SCRIPT,) = re.findall(r"^```python\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
TEXTS = ("plain", "line\nbreak", "caf\u00e9 \u2028 \U0001f600", "\x00 nothing")


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    path = tmp_path / "journal.db"
    with closing(open_journal(path)) as opened, opened.turn() as turn:
        for text in TEXTS:
            turn.append(Note(text=text), datetime(2026, 3, 2, tzinfo=UTC))
    return path


def exported(journal: Path) -> str:
    to = journal.with_suffix(".jsonl")
    assert run(["audit", "export", str(journal), "-o", str(to)]) == 0
    return to.read_text(encoding="utf-8")


def verified(export: str) -> tuple[int, str]:
    """What the script says, in a Python that knows nothing of riskgate."""
    done = subprocess.run(
        [sys.executable, "-I", "-c", SCRIPT],
        input=export.encode(),
        capture_output=True,
        timeout=60,
        check=False,
    )
    return done.returncode, (done.stdout or done.stderr).decode().strip()


def test_the_script_verifies_an_export_and_finds_the_same_head(journal: Path) -> None:
    head = audit(journal).head
    assert verified(exported(journal)) == (0, f"4 events, chain whole, head {head}")
    assert len(SCRIPT.strip().splitlines()) <= 12


@pytest.mark.parametrize(
    ("field", "value"),
    [("body", '{"type":"note"}'), ("at_ns", 5), ("kind", "fill"), ("previous", "0"), ("seq", 9)],
)
def test_the_script_finds_a_change(journal: Path, field: str, value: object) -> None:
    lines = [f"{line}\n" for line in exported(journal).split("\n")[:-1]]
    event = json.loads(lines[2])
    lines[2] = json.dumps({**event, field: value}) + "\n"
    assert verified("".join(lines)) == (1, "event 3 is not as it was written")
    assert verified("".join([*lines[:1], *lines[3:]]))[1] == "event 2 is not as it was written"


def test_the_page_names_every_field_and_every_command() -> None:
    for name in (*COLUMNS, "riskgate replay", "riskgate audit export", "--expect", "--after"):
        assert f"`{name}" in PAGE or name in PAGE
