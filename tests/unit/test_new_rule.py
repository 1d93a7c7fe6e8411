"""`riskgate new rule`: what is written works as it is, and nothing is ever overwritten."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from riskgate.authoring.scaffold import scaffold_rule
from riskgate.errors import ConfigError

ROOT = Path(__file__).parents[2]


def test_in_a_checkout_the_files_go_where_kinds_and_their_tests_are(tmp_path: Path) -> None:
    (tmp_path / "riskgate" / "rules").mkdir(parents=True)
    written = scaffold_rule(tmp_path, "max_spread")
    assert written == (
        tmp_path / "riskgate/rules/max_spread.py",
        tmp_path / "tests/unit/rules/test_max_spread.py",
    )
    assert "class MaxSpread(Rule):" in written[0].read_text(encoding="utf-8")
    assert not any("@" + "KIND" in path.read_text(encoding="utf-8") for path in written)


def test_a_kind_of_one_s_own_passes_its_own_test_as_it_is(tmp_path: Path) -> None:
    scaffold_rule(tmp_path, "max_spread")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_max_spread.py"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={"PYTHONPATH": str(ROOT), "PATH": ""},
    )
    assert "3 passed" in done.stdout, done.stdout + done.stderr


def test_a_kind_in_a_checkout_passes_every_test_that_kinds_owe(tmp_path: Path) -> None:
    copy = tmp_path / "checkout"
    _copy(copy)
    written, test = scaffold_rule(copy, "max_spread")
    done = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-x"),
            *("tests/contract/test_rule_kinds.py", "-k", "max_spread"),
            str(test.relative_to(copy)),
        ],
        cwd=copy,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
        env={"PYTHONPATH": str(copy), "PATH": ""},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert written.exists()


def _copy(to: Path) -> None:
    """The checkout as it is, without what is made and what is not tracked."""
    for name in ("riskgate", "tests", "docs", "schemas", "policies"):
        left_out = shutil.ignore_patterns("__pycache__", "shipped")
        shutil.copytree(ROOT / name, to / name, ignore=left_out)
    shutil.copytree(ROOT / "riskgate" / "shipped", to / "riskgate" / "shipped", symlinks=True)
    shutil.copy(ROOT / "pyproject.toml", to)


@pytest.mark.parametrize(
    ("kind", "says"),
    [
        ("MaxSpread", "kind `MaxSpread` is not snake_case"),
        ("max-spread", "is not snake_case"),
        ("../x", "is not snake_case"),
        ("class", "is not snake_case"),
        ("position", "there is a kind `position`"),
    ],
)
def test_a_name_that_will_not_do_is_refused(tmp_path: Path, kind: str, says: str) -> None:
    with pytest.raises(ConfigError, match=says):
        scaffold_rule(tmp_path, kind)
    assert not list(tmp_path.iterdir())


def test_what_is_there_is_left_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "test_max_spread.py").write_text("mine", encoding="utf-8")
    with pytest.raises(ConfigError, match="exists; it is left as it is"):
        scaffold_rule(tmp_path, "max_spread")
    assert [path.name for path in tmp_path.iterdir()] == ["test_max_spread.py"]


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(ConfigError, match="cannot write"):
        scaffold_rule(tmp_path / "file" / "x", "max_spread")
