"""docs/operations.md: what is typed there exists, and every operator's command is typed there."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import click
import pytest

from riskgate.cli.app import riskgate
from riskgate.config import Config

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "operations.md").read_text(encoding="utf-8")
TYPED = re.findall(r"^\$ riskgate (.*)$", PAGE, re.MULTILINE)
COMMANDS = (
    *(
        "status",
        "limits",
        "watch",
        "denials",
        "halt",
        "resume",
        "kill",
        "cancel-all",
        "exit",
        "flatten",
        "reconcile",
        "resolve",
    ),
    *("approvals list", "approvals approve", "approvals deny", "orders --unknown"),
)


@pytest.mark.parametrize("line", TYPED)
def test_what_is_typed_is_understood(
    line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "riskgate.yaml").write_text("mode: paper\n")
    monkeypatch.chdir(tmp_path)
    words, group = shlex.split(line), riskgate
    with click.Context(riskgate) as context:
        found: click.Command | None = group
        while isinstance(found, click.Group):
            found = found.get_command(context, words.pop(0))
        assert found is not None
        found.make_context(line, words, parent=context)  # raises for what it does not know


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_is_shown(command: str) -> None:
    assert any(line.startswith(command) for line in TYPED)


def test_the_names_of_the_settings_are_right() -> None:
    assert f"touch {Config().kill_file}" in PAGE
    assert f"kill -{Config().kill_signal.removeprefix('SIG')} " in PAGE


def test_every_link_has_its_heading() -> None:
    headings = re.findall(r"^##+ (.*)$", PAGE, re.MULTILINE)
    anchors = {re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-") for heading in headings}
    assert set(re.findall(r"\(#([\w-]+)\)", PAGE)) <= anchors
