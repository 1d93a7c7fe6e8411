"""`status` and `watch` look at any journal: that of the settings, the demo's, or a named one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.cli.conftest import Typed

LOOKS = (("status",), ("watch", "--once"))


@pytest.fixture
def demo(tmp_path: Path, typed: Typed, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the demo's journal and nothing else."""
    monkeypatch.chdir(tmp_path)
    assert typed("demo").returncode == 0
    return tmp_path


def test_without_settings_the_demo_s_journal_is_looked_at(demo: Path, typed: Typed) -> None:
    for words in LOOKS:
        done = typed(*words)
        assert (done.returncode, done.stderr) == (0, "")
        assert "ACTIVE for all" in done.stdout
        shown = json.loads(typed(*words, "--format", "json").stdout)
        assert "riskgate-demo.sqlite" in json.dumps(shown)
    assert (demo / "riskgate-demo.sqlite").exists()


def test_a_journal_that_is_named_goes_before_that_of_the_settings(
    demo: Path, typed: Typed, monkeypatch: pytest.MonkeyPatch
) -> None:
    away = demo / "away"
    away.mkdir()
    monkeypatch.chdir(away)
    (away / "riskgate.yaml").write_text("mode: paper\njournal: none.sqlite\n", encoding="utf-8")
    for words in LOOKS:
        assert typed(*words).returncode == 7
        done = typed(*words, "--journal", "../riskgate-demo.sqlite")
        assert (done.returncode, done.stderr) == (0, "")


def test_where_there_is_nothing_to_look_at_the_next_step_is_said(
    tmp_path: Path, typed: Typed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for words in LOOKS:
        done = typed(*words)
        assert (done.returncode, done.stdout) == (2, "")
        assert "no settings: write `riskgate.yaml` here" in done.stderr
        missing = typed(*words, "--journal", "none.sqlite")
        assert (missing.returncode, missing.stdout) == (7, "")
        assert "no journal at `none.sqlite`" in missing.stderr
