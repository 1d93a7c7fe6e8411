"""`riskgate fmt`: writes what is laid out, checks, shows, and refuses what is invalid."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.cli.conftest import Typed

MESSY = """\
policy: desk
riskgate: 1
currency: USD # dollars
timezone: UTC
rules:
    - kind: fat_finger
      id: size
      max_quantity: 1_000
      because: The test needs a limit.
"""
TIDY = """\
riskgate: 1
policy: desk
timezone: UTC
currency: USD # dollars
rules:
  - id: size
    kind: fat_finger
    max_quantity: 1_000
    because: The test needs a limit.
"""


@pytest.fixture
def messy(folder: Path) -> Path:
    path = folder / "messy.yaml"
    path.write_text(MESSY)
    path.chmod(0o640)
    return path


def test_a_file_is_laid_out_and_named(messy: Path, typed: Typed) -> None:
    done = typed("fmt", ".")
    assert (done.returncode, done.stdout) == (0, "messy.yaml\n")
    assert done.stderr == "1 of 2 files changed\n"
    assert messy.read_text() == TIDY
    assert messy.stat().st_mode & 0o777 == 0o640
    assert [path.name for path in messy.parent.glob(".*")] == []
    assert typed("fmt", ".").stdout == ""


def test_check_lists_and_writes_nothing(messy: Path, typed: Typed) -> None:
    done = typed("fmt", "--check", ".")
    assert (done.returncode, done.stdout) == (1, "messy.yaml\n")
    assert done.stderr == "1 of 2 files would change\n"
    assert messy.read_text() == MESSY
    assert typed("fmt", "--check", "good.yaml").returncode == 0


def test_diff_shows_the_lines(messy: Path, typed: Typed) -> None:
    shown = typed("fmt", "--check", "--diff", str(messy.name)).stdout
    assert "-    - kind: fat_finger\n" in shown
    assert "+  - id: size\n" in shown


def test_programs_get_json(messy: Path, typed: Typed) -> None:
    said = json.loads(typed("fmt", "--check", ".", "--format", "json").stdout)
    assert said == {
        "changed": [messy.name],
        "files": ["good.yaml", messy.name],
        "written": False,
    }


def test_an_invalid_file_is_refused_and_no_file_is_touched(messy: Path, typed: Typed) -> None:
    (messy.parent / "bad.yaml").write_text(MESSY.replace("max_quantity", "max_quantty"))
    done = typed("fmt", ".")
    assert done.returncode == 2
    assert "bad.yaml:8:7: error RG102 unknown key `max_quantty`" in done.stderr
    assert "nothing was laid out: correct these first" in done.stderr
    assert messy.read_text() == MESSY


def test_a_path_without_a_policy_is_an_error(folder: Path, typed: Typed) -> None:
    assert (folder / "empty").is_dir()
    assert typed("fmt", "empty").returncode == 2


def test_a_link_stays_a_link(messy: Path, typed: Typed) -> None:
    link = messy.parent / "empty" / "link.yaml"
    link.symlink_to(messy)
    assert typed("fmt", "empty").returncode == 0
    assert link.is_symlink()
    assert messy.read_text() == TIDY
