"""`riskgate init`: what it writes works as written, and what exists stays."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from riskgate import config
from riskgate.policy.source import parse

if TYPE_CHECKING:
    from tests.cli.conftest import Typed

ROOT: Final = Path(__file__).parents[2]
WRITTEN: Final = [
    ".github/workflows/riskgate.yml",
    ".pre-commit-config.yaml",
    "policies/desk.test.yaml",
    "policies/desk.yaml",
    "riskgate.yaml",
    "schemas/policy-test.schema.json",
    "schemas/policy.schema.json",
    "schemas/settings.schema.json",
    "state.yaml",
]


@pytest.fixture
def desk(tmp_path: Path, typed: Typed, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that `riskgate init` has just filled."""
    monkeypatch.chdir(tmp_path)
    done = typed("init")
    assert (done.returncode, done.stderr) == (0, "")
    return tmp_path


def test_everything_is_written_and_named(desk: Path) -> None:
    found = [path.relative_to(desk).as_posix() for path in desk.rglob("*") if path.is_file()]
    assert sorted(found) == WRITTEN


@pytest.mark.parametrize(
    "words",
    [
        ("validate", "policies"),
        ("test", "policies", "--coverage", "--mutate"),
        ("lint", "policies"),
        ("fmt", "policies", "--check"),
        ("controls", "policies"),
    ],
    ids=lambda words: words[0],
)
def test_the_scaffold_passes_every_tool(desk: Path, typed: Typed, words: tuple[str, ...]) -> None:
    assert (desk / "policies").is_dir()
    done = typed(*words)
    assert done.returncode == 0, done.stdout + done.stderr


def test_what_is_printed_can_be_typed(
    tmp_path: Path, typed: Typed, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = typed("init", str(tmp_path / "new")).stdout
    commands = re.findall(r"^  (cd|riskgate) (.+)$", said, re.MULTILINE)
    assert [words.split()[0] for verb, words in commands if verb == "riskgate"] == [
        "validate",
        "test",
        "lint",
        "check",
    ]
    (folder,) = (words for verb, words in commands if verb == "cd")
    monkeypatch.chdir(folder)
    done = typed(
        "check", "BUY 5000 AAPL LMT 100", "--policies", "policies", "--state", "state.yaml"
    )
    assert done.returncode == 3
    assert "desk/order-size" in done.stdout


def test_the_settings_are_read(desk: Path) -> None:
    settings = config.load(desk / "riskgate.yaml")
    assert settings.mode == "paper"
    assert [Path(path).resolve() for path in settings.policies] == [desk / "policies"]


@pytest.mark.parametrize("name", [name for name in WRITTEN if name.endswith((".yml", ".yaml"))])
def test_every_yaml_file_is_yaml(desk: Path, name: str) -> None:
    document, problems = parse((desk / name).read_bytes(), name)
    assert problems == ()
    assert document is not None


def test_the_hooks_run_what_there_is(desk: Path, typed: Typed) -> None:
    text = (desk / ".pre-commit-config.yaml").read_text()
    entries = re.findall(r"entry: riskgate (.+)", text)
    assert len(entries) == 3
    for entry in entries:
        assert typed(*entry.split()).returncode == 0


def test_the_first_line_of_a_policy_leads_to_its_schema(desk: Path) -> None:
    for path in (desk / "policies").iterdir():
        first, _, _ = path.read_text().partition("\n")
        name = first.removeprefix("# yaml-language-server: $schema=")
        assert json.loads((path.parent / name).read_text())["title"].startswith("riskgate policy")


def test_what_exists_is_left_as_it_is_and_told(desk: Path, typed: Typed) -> None:
    (desk / "policies" / "desk.yaml").write_text("mine")
    (desk / "riskgate.yaml").unlink()
    done = typed("init")
    assert done.returncode == 1
    assert done.stdout.startswith("wrote   riskgate.yaml\nnext:\n")
    assert "exists  policies/desk.yaml, left as it is\n" in done.stderr
    assert (desk / "policies" / "desk.yaml").read_text() == "mine"
    assert (desk / "riskgate.yaml").is_file()


def test_the_policy_gets_the_name_that_is_asked_for(tmp_path: Path, typed: Typed) -> None:
    done = typed("init", str(tmp_path), "--policy", "us-equities", "--format", "json")
    written = json.loads(done.stdout)["written"]
    assert str(tmp_path / "policies" / "us-equities.test.yaml") in written
    assert typed("test", str(tmp_path)).returncode == 0


@pytest.mark.parametrize("name", ["US", "a b", "../up", ""])
def test_a_name_that_is_no_name_is_refused(tmp_path: Path, typed: Typed, name: str) -> None:
    done = typed("init", str(tmp_path), "--policy", name)
    assert done.returncode == 2
    assert "is not kebab-case" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path, typed: Typed) -> None:
    (tmp_path / "policies").write_text("a file where a folder should be")
    done = typed("init", str(tmp_path))
    assert done.returncode == 2
    assert "cannot write" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_templates_are_part_of_the_distribution() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert "templates/*" in project["tool"]["setuptools"]["package-data"]["riskgate"]
