"""What CI services read: SARIF, the schemas, the hooks and the action, each judged from outside.

SARIF is judged by the schema that OASIS publishes, the policy schemas by a validator that shares
no code with ours, the hooks and the action by running their commands.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import jsonschema_rs
import pytest
from jsonschema import Draft7Validator

from riskgate.authoring import policy_files
from riskgate.calendars import ExchangeCalendars
from riskgate.policy import schema
from riskgate.policy.checked import MEANINGS, Checked
from riskgate.policy.source import Problem, parse
from riskgate.reporters import formats, sarif
from tests.contract.test_schemas import GOLDEN, as_editors_read, published, schema_for

ROOT: Final = Path(__file__).parents[2]
SARIF: Final = json.loads((ROOT / "tests/data/sarif-2.1.0-rtm.5.json").read_text(encoding="utf-8"))
SHIPPED: Final = sorted((ROOT / "policies").rglob("*.yaml"))
CONFORMANCE: Final = sorted((ROOT / "tests" / "conformance" / "policies").rglob("*.yaml"))
BAD: Final = sorted((ROOT / "tests" / "golden").glob("bad_*.yaml"))


def sarif_faults(text: str) -> list[str]:
    judge = Draft7Validator(SARIF, format_checker=Draft7Validator.FORMAT_CHECKER)
    return [error.message for error in judge.iter_errors(json.loads(text))]


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.name)
def test_the_sarif_of_every_bad_file_is_sarif(path: Path) -> None:
    checked = policy_files.check([path], ExchangeCalendars(), tests=True)
    written = sarif.problems(checked)
    assert sarif_faults(written) == []
    (run,) = json.loads(written)["runs"]
    assert len(run["results"]) == len(checked.problems) > 0


def test_the_sarif_of_every_code_and_of_odd_names_is_sarif() -> None:
    nasty = 'desk, "a":50%<x>/ü.yaml'
    problems = tuple(Problem(nasty, 3, 4, code, "text with `%` & <") for code in MEANINGS)
    assert sarif_faults(sarif.problems(Checked((nasty,), problems, None))) == []
    assert sarif_faults(sarif.problems(Checked((), (), None))) == []


def test_what_is_no_sarif_is_recognised() -> None:
    good = json.loads(sarif.problems(Checked(("a.yaml",), (), None)))
    assert sarif_faults(json.dumps({**good, "version": "2.0.0"})) != []
    good["runs"][0]["results"] = [{"ruleId": "RG101"}]
    assert sarif_faults(json.dumps(good)) != []


def independent(name: str) -> jsonschema_rs.Draft202012Validator:
    return jsonschema_rs.Draft202012Validator(published(name))


@pytest.mark.parametrize("path", [*SHIPPED, *CONFORMANCE], ids=lambda path: path.name)
def test_another_validator_accepts_every_policy_and_test(path: Path) -> None:
    judge = independent(schema_for(path))
    errors = judge.iter_errors(as_editors_read(path.read_text(encoding="utf-8")))
    assert [error.message for error in errors] == []


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.name)
def test_another_validator_refuses_what_has_the_wrong_shape(path: Path) -> None:
    document, _ = parse(path.read_bytes(), path.name)
    assert document is not None
    ours = schema.test_problems if ".test." in path.name else schema.problems
    value = as_editors_read(path.read_text(encoding="utf-8"))
    assert independent(schema_for(path)).is_valid(value) == (ours(document) == ())


@pytest.mark.parametrize(
    ("written", "accepted"),
    [
        ("10000", True),
        ("10_000", True),
        ("1_000_000.50", True),
        ("0.5", True),
        ('"10"', False),
        ("1e", False),
        ("ten", False),
        ("_10", False),
        ("-1", False),
    ],
)
def test_an_editor_takes_a_number_with_separators_for_a_number(
    written: str, *, accepted: bool
) -> None:
    policy = (ROOT / "tests" / "cli" / "conftest.py").read_text(encoding="utf-8")
    (text,) = re.findall(r'GOOD: Final = """\\\n(.*?)"""', policy, re.DOTALL)
    value = as_editors_read(text.replace("500", written))
    assert independent("policy.schema.json").is_valid(value) is accepted


def undescribed(node: Any, path: str, defs: dict[str, Any]) -> Iterator[str]:  # noqa: ANN401  # JSON
    """The keys that an editor could say nothing about."""
    if isinstance(node, list):
        for item in node:
            yield from undescribed(item, path, defs)
    if not isinstance(node, dict):
        return
    for key, item in node.get("properties", {}).items():
        target = defs.get(str(item.get("$ref", "")).rpartition("/")[2], {})
        if "description" not in {**target, **item}:
            yield f"{path}.{key}"
    for key, item in node.items():
        if key not in ("if", "then", "else"):  # these only choose
            yield from undescribed(item, f"{path}.{key}", defs)


@pytest.mark.parametrize(
    "made",
    [schema.policy_schema, schema.test_schema, schema.state_schema],
    ids=lambda made: made.__name__,
)
def test_every_key_has_a_description(made: Callable[[], dict[str, Any]]) -> None:
    content = made()
    assert list(undescribed(content, "", content["$defs"])) == []


def listed(path: Path) -> Any:  # noqa: ANN401  # YAML
    document, problems = parse(path.read_bytes(), path.name, mapping=False)
    assert document is not None, problems
    assert problems == ()
    return document.value


PATIENCE: Final = 200.0  # seconds; linting the shipped policies takes long on a busy machine


def typed(words: list[str], folder: Path, **more: str) -> subprocess.CompletedProcess[str]:
    """Run a command with `riskgate` on the path."""
    binaries = folder / ".bin"
    binaries.mkdir(exist_ok=True)
    program = binaries / "riskgate"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m riskgate "$@"\n')
    program.chmod(0o755)
    path = f"{binaries}{os.pathsep}{os.environ['PATH']}"
    env = {**os.environ, "PATH": path, "PYTHONPATH": str(ROOT), **more}
    return subprocess.run(
        words, cwd=folder, env=env, capture_output=True, text=True, timeout=PATIENCE, check=False
    )


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    """A repository with the shipped policies, committed."""
    shutil.copytree(ROOT / "policies", tmp_path / "policies")
    who = ("-c", "user.name=desk", "-c", "user.email=desk@firm.example")
    for words in (["init", "-q"], ["add", "policies"], [*who, "commit", "-qm", "limits"]):
        subprocess.run(["git", *words], cwd=tmp_path, check=True, timeout=30)
    return tmp_path


HOOKS: Final = listed(ROOT / ".pre-commit-hooks.yaml")
KEYS: Final = {"id", "name", "description", "entry", "args", "language", "types"}


def test_there_is_a_hook_for_what_a_commit_should_meet() -> None:
    ids = [hook["id"] for hook in HOOKS]
    assert ids == ["riskgate-validate", "riskgate-test", "riskgate-lint", "riskgate-fmt"]
    for hook in HOOKS:
        assert set(hook) == KEYS | {"pass_filenames", "require_serial"}
        assert (hook["language"], hook["types"]) == ("python", ["yaml"])
        assert hook["pass_filenames"] is False


@pytest.mark.slow
@pytest.mark.timeout(2 * PATIENCE)
@pytest.mark.parametrize("hook", HOOKS, ids=lambda hook: hook["id"])
def test_a_hook_passes_on_the_shipped_policies(hook: dict[str, Any], desk: Path) -> None:
    done = typed([*hook["entry"].split(), *hook["args"]], desk)
    assert done.returncode == 0, done.stdout + done.stderr
    assert subprocess.run(["git", "diff", "--quiet"], cwd=desk, check=False).returncode == 0


@pytest.mark.slow
@pytest.mark.timeout(2 * PATIENCE)
@pytest.mark.parametrize("hook", HOOKS, ids=lambda hook: hook["id"])
def test_a_hook_stops_a_commit_of_a_broken_policy(hook: dict[str, Any], desk: Path) -> None:
    policy = desk / "policies" / "us-equities.yaml"
    policy.write_text(policy.read_text(encoding="utf-8").replace("kind: position", "kind: positon"))
    assert typed([*hook["entry"].split(), *hook["args"]], desk).returncode != 0


ACTION: Final = listed(ROOT / ".github" / "actions" / "riskgate" / "action.yml")
STEPS: Final = {step["name"]: step for step in ACTION["runs"]["steps"]}
DEFAULTS: Final = {name: str(item["default"]) for name, item in ACTION["inputs"].items()}


def ran(name: str, desk: Path, **inputs: str) -> subprocess.CompletedProcess[str]:
    """Run one step of the action as the runner would."""
    given = {**DEFAULTS, **{key.replace("_", "-"): item for key, item in inputs.items()}}
    env = {
        key: re.sub(r"\$\{\{ inputs\.([\w-]+) \}\}", lambda found: given[found[1]], item)
        for key, item in STEPS[name]["env"].items()
    }
    summary = str(desk / "summary.md")
    bash = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", STEPS[name]["run"]]
    return typed(bash, desk, GITHUB_STEP_SUMMARY=summary, **env)


def test_the_action_is_composite_and_hands_inputs_over_as_variables() -> None:
    assert ACTION["runs"]["using"] == "composite"
    for step in STEPS.values():
        assert "${{" not in step.get("run", "")
        assert step.get("shell", "bash") == "bash"
    named = set(re.findall(r"inputs\.([\w-]+)", json.dumps(ACTION, default=str)))
    assert named == set(DEFAULTS)


@pytest.mark.slow
@pytest.mark.timeout(2 * PATIENCE)
@pytest.mark.parametrize("name", ["validate", "test", "lint"])
def test_a_step_of_the_action_passes_on_good_policies_and_fails_on_bad_ones(
    name: str, desk: Path
) -> None:
    done = ran(name, desk)
    assert done.returncode == 0, done.stdout + done.stderr
    policy = desk / "policies" / "us-equities.yaml"
    policy.write_text(policy.read_text(encoding="utf-8").replace("kind: position", "kind: positon"))
    assert ran(name, desk).returncode != 0


@pytest.mark.slow
def test_the_action_says_what_a_change_loosens(desk: Path) -> None:
    policy = desk / "policies" / "us-equities.yaml"
    text, count = re.subn(r"max_long: [\d_]+", "max_long: 999_999", policy.read_text())
    assert count
    policy.write_text(text)
    done = ran("diff", desk, against="HEAD", fail_on="loosened")
    assert done.returncode == 1, done.stdout + done.stderr
    assert "LOOSENED" in (desk / "summary.md").read_text()
    assert ran("diff", desk, against="HEAD").returncode == 0


@pytest.mark.slow
@pytest.mark.timeout(2 * PATIENCE)
def test_the_action_writes_sarif_whatever_lint_finds(desk: Path) -> None:
    done = ran("sarif", desk, sarif="found.sarif")
    assert done.returncode == 0, done.stdout + done.stderr
    assert sarif_faults((desk / "found.sarif").read_text()) == []


def test_the_formats_that_ci_services_read_are_there() -> None:
    assert {"text", "json", "github", "sarif", "junit"} <= set(formats("problems"))
