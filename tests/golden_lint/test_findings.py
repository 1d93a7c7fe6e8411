"""Every finding a risk officer can meet: a small odd file, and the exact text about it.

`odd_<what>.yaml` is legal and suspicious; `odd_<what>.txt` is what `lint` says of it. A policy test
of the same name beside it is played. The moment is NOW.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from riskgate.authoring import linting
from riskgate.authoring.linting import Beside
from riskgate.calendars import ExchangeCalendars
from riskgate.journal.memory import MemoryJournal
from riskgate.policy.lint.catalog import JOURNAL, checks
from riskgate.reporters import text

HERE = Path(__file__).parent
NOW = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
FILES = sorted(path for path in HERE.glob("*.yaml") if ".test." not in path.name)


@pytest.fixture(scope="module")
def calendars(tmp_path_factory: pytest.TempPathFactory) -> ExchangeCalendars:
    return ExchangeCalendars(tmp_path_factory.mktemp("calendars"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_the_findings_are_as_written(
    path: Path, calendars: ExchangeCalendars, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(HERE)
    checked = linting.lint([path.name], calendars, Beside(now=NOW, journal=MemoryJournal))
    assert text.problems(checked) == path.with_suffix(".txt").read_text(encoding="utf-8")


def test_every_expected_text_has_its_file() -> None:
    assert {path.stem for path in HERE.glob("*.txt")} == {path.stem for path in FILES}


@pytest.mark.parametrize("code", [code for code, it in checks().items() if it.needs != JOURNAL])
def test_every_finding_is_met(code: str) -> None:
    said = "".join(path.read_text(encoding="utf-8") for path in HERE.glob("*.txt"))
    assert f" {code} " in said
