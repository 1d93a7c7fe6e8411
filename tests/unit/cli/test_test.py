"""`riskgate test`: policy tests, with their verdict in the exit code."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from click.testing import CliRunner

from riskgate.cli.test import command
from riskgate.errors import PolicyError

POLICY = """\
riskgate: 1
policy: size
timezone: UTC
currency: USD
rules:
  - id: order
    kind: fat_finger
    max_quantity: 100
    because: test
"""
CASES = """\
policies: [size.yaml]
given:
  now: 2026-03-02T12:00:00-05:00
cases:
  - name: at the limit
    order: BUY 100 AAPL LMT 190
    expect: allow
  - name: beyond & above
    order: BUY 101 AAPL LMT 190
    expect: deny
    by: [size/order]
"""


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("size.yaml").write_text(POLICY)
    Path("size.test.yaml").write_text(CASES)


def run(*words: str) -> tuple[int, str]:
    result = CliRunner().invoke(command, words, standalone_mode=False)
    if result.exception is not None:
        raise result.exception
    assert isinstance(result.return_value, int)
    return result.return_value, result.stdout


def fail() -> None:
    Path("size.yaml").write_text(POLICY.replace("100", "99"))


def test_tests_that_pass_are_exit_0() -> None:
    assert run(".") == (0, "2 cases in 1 file: 2 passed, 0 failed\n")


def test_a_failure_is_exit_1_and_says_what_each_rule_measured() -> None:
    fail()
    code, out = run(".")
    assert code == 1
    assert out.splitlines() == [
        "size.test.yaml:5: at the limit: expected allow, got deny",
        "    size/order  size.yaml:6  max_quantity 100 units > limit 99 units (101 %)",
        "2 cases in 1 file: 1 passed, 1 failed",
    ]


def test_json_has_every_case_and_its_findings() -> None:
    fail()
    code, out = run(".", "--format", "json")
    content = json.loads(out)
    assert code == 1
    assert [case["passed"] for case in content["cases"]] == [False, True]
    (failure,) = content["cases"][0]["failures"]
    (finding,) = failure["findings"]
    assert (finding["observed"], finding["limit"], finding["headroom"]) == ("100", "99", "-1")


def test_junit_has_a_suite_for_each_file() -> None:
    fail()
    code, out = run(".", "--format", "junit")
    root = ET.fromstring(out)
    assert code == 1
    assert [suite.get("name") for suite in root] == ["size.test.yaml"]
    assert [case.get("name") for case in root[0]] == ["at the limit", "beyond & above"]
    assert [len(case) for case in root[0]] == [1, 0]
    assert (root.get("tests"), root.get("failures")) == ("2", "1")


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (
            "size/order",
            "size/oder",
            "size.test.yaml:11:10: error RG402 `size/oder` is neither a rule",
        ),
        ("expect: deny", "expct: deny", "size.test.yaml:10:5: error RG102 unknown key `expct`"),
        ("[size.yaml]", "[seize.yaml]", "seize.yaml: error RG020"),
        ("12:00:00-05:00", "12:00:00", "size.test.yaml:3:8: error RG107"),
        ("2026-03-02T", "2026-13-02T", "size.test.yaml:5:5: error RG401"),
        ("cases:", "cases: []\nmore:", "size.test.yaml:4:8: error RG108"),
    ],
)
def test_what_is_wrong_with_a_file_stops_all_of_them(old: str, new: str, expected: str) -> None:
    Path("size.test.yaml").write_text(CASES.replace(old, new))
    with pytest.raises(PolicyError) as error:
        run(".")
    assert error.value.exit_code == 2
    assert any(str(problem).startswith(expected) for problem in error.value.problems)


def test_a_broken_policy_is_reported_and_no_case_is_played() -> None:
    Path("size.yaml").write_text(POLICY.replace("max_quantity", "max_quantiy"))
    with pytest.raises(PolicyError, match="none was played") as error:
        run(".")
    assert "did you mean `max_quantity`?" in str(error.value.problems[0])


@pytest.mark.parametrize("path", ["empty", "nowhere", "size.yaml"])
def test_a_path_without_tests_is_an_error_and_not_a_success(path: str) -> None:
    Path("empty").mkdir()
    with pytest.raises(PolicyError) as error:
        run(".", path)
    assert any(problem.code in ("RG020", "RG022") for problem in error.value.problems)  # type: ignore[attr-defined]


def test_policies_may_be_a_folder_relative_to_the_test() -> None:
    Path("tests").mkdir()
    Path("rules").mkdir()
    Path("size.yaml").rename("rules/size.yaml")
    Path("size.test.yaml").unlink()
    Path("tests/size.test.yaml").write_text(CASES.replace("size.yaml", "../rules"))
    assert run("tests")[0] == 0


@pytest.mark.parametrize(("format_", "shown"), [("text", str), ("json", json.loads)])
def test_no_limit_is_nudged_while_a_case_fails(
    format_: str, shown: Callable[[str], object]
) -> None:
    fail()
    code, out = run(".", "--mutate", "--format", format_)
    said = shown(out)
    assert code == 1
    assert "mutation: not run: 1 case fails" in str(said)
    assert "is not noticed" not in str(said)


def test_a_finding_of_a_group_names_the_order_that_it_is_about() -> None:
    Path("size.test.yaml").write_text(
        CASES + "  - name: two\n    basket: [BUY 1 AAPL LMT 190, BUY 101 AAPL LMT 190]\n"
        "    expect: allow\n"
    )
    _, out = run(".")
    found = [line.split("  max")[0] for line in out.splitlines() if line.startswith("    ")]
    assert found == ["    #1.2 size/order  size.yaml:6"]
