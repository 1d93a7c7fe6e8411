"""Scenario 34: a policy that does not load is never fewer rules in silence."""

from __future__ import annotations

from pathlib import Path

import pytest

import riskgate
from riskgate.authoring import policy_files
from riskgate.calendars import ExchangeCalendars
from riskgate.config import Config
from riskgate.errors import PolicyError

GOOD = """\
riskgate: 1
policy: {name}
timezone: UTC
currency: USD
rules:
  - {{id: size, kind: fat_finger, max_quantity: 100, because: test}}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("one", "two", "three"):
        (tmp_path / f"{name}.yaml").write_text(GOOD.format(name=name))
    return tmp_path


def test_34_the_good_files_load(folder: Path) -> None:
    assert len(policy_files.load([folder], ExchangeCalendars()).bounds) == 3


def test_34_one_bad_file_stops_all_and_every_problem_is_named(folder: Path) -> None:
    (folder / "two.yaml").write_text(GOOD.format(name="two").replace("quantity", "quantiy"))
    (folder / "three.yaml").write_text("rules: [\n")
    with pytest.raises(PolicyError) as error:
        policy_files.load([folder], ExchangeCalendars())
    named = {Path(problem.path).name for problem in error.value.problems}  # type: ignore[attr-defined]
    assert named == {"two.yaml", "three.yaml"}


@pytest.mark.parametrize("damage", ["gone", "empty", "unreadable", "a folder"])
def test_34_a_file_that_cannot_be_read_stops_all(folder: Path, damage: str) -> None:
    path = folder / "two.yaml"
    path.unlink()
    if damage == "empty":
        path.write_text("")
    elif damage == "unreadable":
        path.write_bytes(b"\xff\xfe")
    elif damage == "a folder":
        path.mkdir()
    paths = [folder / f"{name}.yaml" for name in ("one", "two", "three")]
    with pytest.raises(PolicyError) as error:
        policy_files.load(paths, ExchangeCalendars())
    assert any("two.yaml" in str(problem) for problem in error.value.problems)


def test_34_a_gate_refuses_to_start_and_leaves_nothing_behind(folder: Path) -> None:
    (folder / "two.yaml").write_text(GOOD.format(name="two").replace("quantity", "quantiy"))
    journal = folder / "journal.sqlite"
    config = Config(policies=(str(folder),), journal=str(journal), broker={"port": 1})
    with pytest.raises(PolicyError) as error:
        riskgate.connect(config)
    assert "did you mean `max_quantity`?" in str(error.value.problems[0])
    assert not journal.exists()
