"""A new kind is one file: as a file beside the others, or as somebody's own package.

Both worlds get the same file, that of `examples/riskgate-rules-example`, and nothing else is
edited. Every command meets the kind in a process of its own.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "riskgate-rules-example"
FILE = EXAMPLE / "riskgate_rules_example" / "odd_lot.py"
POLICY = """\
riskgate: 1
policy: desk
timezone: America/New_York
currency: USD
rules:
  - id: whole-lots
    kind: odd_lot
    max_odd: 10
    because: Odd lots cost a ticket each.
"""
TESTS = """\
policies: [desk.yaml]
given:
  now: 2026-03-02T10:00:00-05:00
  prices: {AAPL: 189.99 x 190.01}
cases:
  - name: a whole lot passes
    order: BUY 310 AAPL LMT 190 DAY
    expect: allow
  - name: an odd lot does not
    order: BUY 311 AAPL LMT 190 DAY
    expect: deny
    by: [desk/whole-lots]
"""
STATE = "now: 2026-03-02T10:00:00-05:00\nprices: {AAPL: 189.99 x 190.01}\n"
Typed = Callable[..., subprocess.CompletedProcess[str]]


def as_a_file(folder: Path) -> str:
    """A copy of riskgate with one more file among its rules. Return what goes on the path."""
    skipped = shutil.ignore_patterns("__pycache__", "shipped")
    shutil.copytree(ROOT / "riskgate", folder / "riskgate", ignore=skipped)
    shutil.copy(FILE, folder / "riskgate" / "rules")
    return str(folder)


def as_a_package(folder: Path) -> str:
    """The example as pip would install it, from its own pyproject. Return what goes on the path."""
    project = tomllib.loads((EXAMPLE / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    for package in ("riskgate_rules_example",):
        shutil.copytree(EXAMPLE / package, folder / package)
    installed = folder / f"riskgate_rules_example-{project['version']}.dist-info"
    installed.mkdir()
    (installed / "METADATA").write_text(
        f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: {project['version']}\n"
    )
    lines = [f"[{group}]" for group in project["entry-points"]]
    lines += [f"{k} = {v}" for k, v in project["entry-points"]["riskgate.rules"].items()]
    (installed / "entry_points.txt").write_text("\n".join(lines) + "\n")
    return os.pathsep.join((str(folder), str(ROOT)))


@pytest.fixture(scope="module", params=[as_a_file, as_a_package], ids=lambda way: way.__name__)
def path(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    way: Callable[[Path], str] = request.param
    return way(tmp_path_factory.mktemp("installed"))


@pytest.fixture
def typed(path: str, tmp_path: Path) -> Typed:
    """Run a module in a process that finds the new kind, in a folder with a policy and tests."""
    (tmp_path / "desk.yaml").write_text(POLICY)
    (tmp_path / "desk.test.yaml").write_text(TESTS)
    (tmp_path / "state.yaml").write_text(STATE)
    (tmp_path / "old").mkdir()
    (tmp_path / "old" / "desk.yaml").write_text(POLICY.replace("max_odd: 10", "max_odd: 5"))

    def run(*words: str, module: str = "riskgate") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", module, *words],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": path},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    return run


def test_it_is_listed_and_has_a_page(typed: Typed) -> None:
    listed = typed("rules").stdout.splitlines()
    assert [line.split(maxsplit=1) for line in listed if line.startswith("odd_lot")] == [
        ["odd_lot", "Deny an order that leaves an odd lot behind."]
    ]
    assert len(listed) > 1
    page = typed("rules", "odd_lot").stdout
    assert "The most units outside whole lots." in page
    assert "default `100`" in page


def test_it_has_a_page_among_the_docs(typed: Typed, tmp_path: Path) -> None:
    assert typed("rules", "--write", "pages").returncode == 0
    assert (tmp_path / "pages" / "odd_lot.md").is_file()
    assert "(odd_lot.md)" in (tmp_path / "pages" / "index.md").read_text()


def test_it_is_in_the_schema(typed: Typed) -> None:
    schema = json.loads(typed("schema", "policy").stdout)
    branch = schema["$defs"]["odd_lot"]
    assert branch["properties"]["max_odd"]["description"] == "The most units outside whole lots."
    assert "odd_lot" in schema["$defs"]["rule"]["properties"]["kind"]["enum"]


@pytest.mark.slow
def test_its_policies_are_validated(typed: Typed, tmp_path: Path) -> None:
    assert typed("validate", "desk.yaml").returncode == 0
    (tmp_path / "bad.yaml").write_text(POLICY.replace("max_odd", "max_ood"))
    done = typed("validate", "bad.yaml")
    assert done.returncode == 2
    assert "unknown key `max_ood` (did you mean `max_odd`?)" in done.stdout


def test_its_policy_tests_are_played(typed: Typed) -> None:
    done = typed("test", ".")
    assert (done.returncode, done.stdout) == (0, "2 cases in 1 file: 2 passed, 0 failed\n")


def test_diff_knows_that_a_higher_limit_is_looser(typed: Typed) -> None:
    done = typed("diff", "old", "desk.yaml", "--fail-on", "loosened")
    assert done.returncode == 1, done.stderr
    assert "LOOSENED" in done.stdout
    assert "max_odd" in done.stdout


def test_check_explains_it(typed: Typed) -> None:
    done = typed(
        "check", "BUY 311 AAPL LMT 190", "--policies", "desk.yaml", "--state", "state.yaml"
    )
    assert done.returncode == 3, done.stderr
    assert "desk/whole-lots" in done.stdout
    assert "max_odd" in done.stdout


def test_it_is_in_the_inventory_of_controls(typed: Typed) -> None:
    rows = json.loads(typed("controls", "desk.yaml", "--format", "json").stdout)["armed"]
    assert [(row["rule"], row["limit"], row["value"]) for row in rows] == [
        ("desk/whole-lots", "max_odd", "10")
    ]


@pytest.mark.slow
def test_the_contract_test_plays_its_examples(typed: Typed, tmp_path: Path) -> None:
    contract = Path("tests") / "contract" / "test_rule_kinds.py"
    for name in (contract, Path("pyproject.toml")):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    words = ("-q", "-p", "no:cacheprovider", "-k", "odd_lot", str(contract))
    done = typed(*words, module="pytest")
    assert done.returncode == 0, done.stdout
    *_, last = done.stdout.splitlines()
    passed = int(last.split(" passed")[0].split()[-1])
    assert passed >= 10
    assert "failed" not in last
