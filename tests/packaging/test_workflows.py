"""The workflows name what there is: versions, extras, folders, scripts and jobs."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from riskgate.cli.app import riskgate
from riskgate.version import VERSION

ROOT = Path(__file__).parents[2]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
TEMPLATE = ROOT / "riskgate" / "templates" / "workflow.yml"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
SAID_IN_CLASSIFIERS = {
    found[1] for one in PROJECT["classifiers"] if (found := re.search(r":: (3\.\d+)$", one))
}
FILES = re.compile(r"(?<![\w/.-])(\.?[a-z]+(?:/[\w.-]+)+|[A-Z]+\.md|pyproject\.toml)(?![\w/-])")
MADE = {"dist/"}
"""What a step makes itself."""


def read(path: Path) -> dict[Any, Any]:
    made: dict[Any, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return made


def jobs(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = read(path)["jobs"]
    return found


def steps(path: Path) -> list[dict[str, Any]]:
    return [step for job in jobs(path).values() for step in job["steps"]]


everywhere = pytest.mark.parametrize("path", [*WORKFLOWS, TEMPLATE], ids=lambda path: path.name)
ours = pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)


@everywhere
def test_a_workflow_has_when_what_and_the_least_rights(path: Path) -> None:
    whole = read(path)
    assert whole["permissions"] == {"contents": "read"}
    assert whole[True]  # YAML 1.1 reads the key `on` so
    for name, job in jobs(path).items():
        assert set(job.get("needs", "").split()) <= set(jobs(path)), name
        assert job["runs-on"] == "ubuntu-latest"


@ours
def test_no_job_of_ours_can_hang(path: Path) -> None:
    assert [name for name, job in jobs(path).items() if "timeout-minutes" not in job] == []


@everywhere
def test_a_step_uses_a_named_version_or_runs_bash(path: Path) -> None:
    for step in steps(path):
        used, script = str(step.get("uses", "")), str(step.get("run", ""))
        assert bool(used) != bool(script), step
        if used and used.startswith("./"):
            assert (ROOT / used / "action.yml").is_file()
        elif used:
            assert re.fullmatch(r"[\w-]+/[\w-]+@(v\d+|release/v\d+)", used), used
        else:
            assert "${{" not in script, (
                "hand it over as a variable; a branch's name may be a script"
            )
            checked = subprocess.run(
                ["bash", "-n", "-c", script],
                capture_output=True,
                text=True,
                timeout=30,
                check=False,
            )
            assert checked.returncode == 0, checked.stderr


@ours
def test_every_file_that_a_workflow_names_is_there(path: Path) -> None:
    for step in steps(path):
        named = set(FILES.findall(step.get("run", "")))
        named |= {str(item) for key, item in step.get("with", {}).items() if "path" in key}
        missing = [name for name in named - MADE if not (ROOT / name).exists()]
        assert missing == [], step


@ours
def test_every_input_of_our_action_is_one_that_it_has(path: Path) -> None:
    for step in steps(path):
        if step.get("uses", "").startswith("./"):
            action = read(ROOT / step["uses"] / "action.yml")
            assert set(step["with"]) <= set(action["inputs"])


def test_every_python_that_we_claim_is_tested_with_both_clients() -> None:
    matrix = jobs(ROOT / ".github" / "workflows" / "ci.yml")["tests"]["strategy"]["matrix"]
    assert set(matrix["python"]) == SAID_IN_CLASSIFIERS
    assert set(matrix["client"]) <= set(PROJECT["optional-dependencies"])
    assert len(matrix["client"]) == 2
    assert min(SAID_IN_CLASSIFIERS) == PROJECT["requires-python"].removeprefix(">=")


def test_what_is_published_was_built_and_tried_before() -> None:
    build, publish = jobs(ROOT / ".github" / "workflows" / "release.yml").values()
    assert publish["needs"] == "build"
    assert publish["permissions"] == {"id-token": "write"}  # trusted publishing: no secret
    scripts = [step.get("run", "") for step in build["steps"]]
    tried = scripts.index('python -m pytest tests/packaging -m ""')
    assert tried < scripts.index("python -m build")
    assert "secrets." not in (ROOT / ".github/workflows/release.yml").read_text(encoding="utf-8")


@pytest.mark.parametrize(("tag", "passes"), [("v{}", True), ("{}", False), ("v9.9.9", False)])
def test_a_tag_that_is_not_the_version_stops_a_release(
    tag: str, *, passes: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    step = next(
        one
        for one in steps(ROOT / ".github/workflows/release.yml")
        if "version" in one.get("name", "")
    )
    monkeypatch.setenv("TAG", tag.format(VERSION))
    if shutil.which("python") is None:
        pytest.skip("no `python` on the path")
    words = ["bash", "-c", step["run"]]
    assert (subprocess.run(words, cwd=ROOT, timeout=30, check=False).returncode == 0) is passes


def test_dependabot_looks_at_folders_that_there_are() -> None:
    updates = read(ROOT / ".github" / "dependabot.yml")["updates"]
    assert {one["package-ecosystem"] for one in updates} == {"pip", "github-actions"}
    assert all((ROOT / one["directory"].strip("/")).is_dir() for one in updates)


@everywhere
def test_every_command_of_ours_in_a_workflow_exists(path: Path) -> None:
    for step in steps(path):
        for line in step.get("run", "").splitlines():
            words = shlex.split(line)
            if words[:1] == ["riskgate"]:
                assert riskgate.get_command(None, words[1]), line  # type: ignore[arg-type]
