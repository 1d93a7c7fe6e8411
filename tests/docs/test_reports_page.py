"""docs/reports.md: what is typed there exists, and every option of the report is told."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import click
import pytest

from riskgate.cli.app import riskgate
from riskgate.cli.report import command
from riskgate.reporting.notes import NOTES

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGE = (DOCS / "reports.md").read_text(encoding="utf-8")
TYPED = re.findall(r"^\$ riskgate report ?(.*)$", PAGE, re.MULTILINE)


@pytest.mark.parametrize("line", TYPED)
def test_what_is_typed_is_understood(
    line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with click.Context(riskgate) as context:
        command.make_context("report", shlex.split(line), parent=context)


def test_every_option_is_told() -> None:
    names = {name for one in command.params for name in one.opts}
    told = set(re.findall(r"^\| `(--?\w+)", PAGE, re.MULTILINE))
    assert names - told == {"--output"}, "which is `-o`"


def test_every_link_leads_to_a_page() -> None:
    for link in re.findall(r"\]\(([\w./-]+\.md)", PAGE):
        assert (DOCS / link).exists(), link


def test_every_note_of_a_report_has_a_formula_and_its_own_key() -> None:
    assert len({note.key for note in NOTES}) == len(NOTES)
    assert all(note.formula for note in NOTES)
