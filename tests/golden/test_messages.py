"""Every message a risk officer can meet: a small bad file, and the exact text about it.

`bad_<what>.yaml` has one mistake, or several of one sort; `bad_<what>.txt` is what `validate` says.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from riskgate.authoring import policy_files
from riskgate.calendars import ExchangeCalendars
from riskgate.policy.checked import MEANINGS
from riskgate.reporters import text

HERE = Path(__file__).parent
FILES = sorted(HERE.glob("bad_*.yaml"))


@pytest.fixture(scope="module")
def calendars(tmp_path_factory: pytest.TempPathFactory) -> ExchangeCalendars:
    return ExchangeCalendars(tmp_path_factory.mktemp("calendars"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_the_message_is_as_written(
    path: Path, calendars: ExchangeCalendars, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(HERE)
    checked = policy_files.check([path.name], calendars, tests=True)
    assert text.problems(checked) == path.with_suffix(".txt").read_text(encoding="utf-8")


def test_every_expected_text_has_its_file() -> None:
    texts = {path.stem for path in HERE.glob("bad_*.txt")}
    assert texts == {path.stem for path in FILES}
    assert len(texts) >= 60


@pytest.mark.parametrize("code", [code for code in MEANINGS if code.startswith(("RG1", "RG2"))])
def test_every_code_about_a_policys_content_is_met(code: str) -> None:
    said = "".join(path.read_text(encoding="utf-8") for path in HERE.glob("bad_*.txt"))
    assert f" {code} " in said or code in SEVERAL_FILES


SEVERAL_FILES = {"RG202"}  # two policies of one name need two files: see test_policy_files.py
