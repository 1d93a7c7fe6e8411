"""`riskgate test --coverage --mutate`: what is listed, in which format, with which exit code."""

from __future__ import annotations

import json
import pty
import subprocess
import sys
from collections.abc import Callable
from os import close, read
from pathlib import Path
from typing import Final
from xml.etree import ElementTree as ET

import pytest

ROOT: Final = Path(__file__).parents[2]
CASES: Final = """\
policies: [good.yaml]
given: {now: 2026-03-02T10:00:00-05:00, prices: {AAPL: 10 x 10}}
cases:
  - {name: at, order: BUY 500 AAPL LMT 10, expect: allow}
"""
BEYOND: Final = "  - {name: beyond, order: BUY 501 AAPL LMT 10, expect: deny}\n"
UNREACHED: Final = "good.yaml:6: house/size max_quantity: never breached"
UNNOTICED: Final = [
    "good.yaml:6: house/size max_quantity: 501 is not noticed (nudged up)",
    "good.yaml:6: house/size mode: shadow is not noticed (changed)",
    "good.yaml:6: house/size on_breach: hold is not noticed (nudged down)",
]
Typed = Callable[..., subprocess.CompletedProcess[str]]
both: Final = ("test", ".", "--coverage", "--mutate")


@pytest.fixture(autouse=True)
def _cases(folder: Path) -> None:
    (folder / "good.test.yaml").write_text(CASES)


def test_tests_that_pin_every_limit_are_clean(typed: Typed) -> None:
    Path("good.test.yaml").write_text(CASES + BEYOND)
    done = typed(*both)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [
        "2 cases in 1 file: 2 passed, 0 failed",
        "coverage: every limit of 1 rule is asked, passed and breached",
        "mutation: 4 nudges, all noticed",
    ]


def test_a_gap_is_a_line_with_its_place_and_exit_code_1(typed: Typed) -> None:
    done = typed(*both)
    assert done.returncode == 1
    assert done.stdout.splitlines() == [
        UNREACHED,
        *UNNOTICED,
        "1 case in 1 file: 1 passed, 0 failed",
        "coverage: 1 gap in 1 rule",
        "mutation: 4 nudges, 3 not noticed",
    ]


@pytest.mark.parametrize(("flag", "first"), [("--coverage", UNREACHED), ("--mutate", UNNOTICED[0])])
def test_each_is_asked_for_by_itself(typed: Typed, flag: str, first: str) -> None:
    done = typed("test", ".", flag)
    assert (done.returncode, done.stdout.splitlines()[0]) == (1, first)
    assert len(done.stdout.splitlines()) == (3 if flag == "--coverage" else 5)


def test_without_either_only_the_cases_count(typed: Typed) -> None:
    done = typed("test", ".")
    assert (done.returncode, done.stdout) == (0, "1 case in 1 file: 1 passed, 0 failed\n")


def test_json_has_every_gap_with_its_fields(typed: Typed) -> None:
    content = json.loads(typed(*both, "--format", "json").stdout)
    coverage, mutation = content["surveys"]
    assert (content["passed"], content["clean"]) == (True, False)
    assert (coverage["name"], mutation["name"]) == ("coverage", "mutation")
    assert coverage["gaps"] == [
        {
            "path": "good.yaml",
            "line": 6,
            "rule": "house/size",
            "limit": "max_quantity",
            "what": "never breached",
        }
    ]
    assert [(gap["value"], gap["direction"]) for gap in mutation["gaps"]] == [
        ("501", "nudged up"),
        ("shadow", "changed"),
        ("hold", "nudged down"),
    ]


def test_junit_has_a_suite_for_each_survey(typed: Typed) -> None:
    root = ET.fromstring(typed(*both, "--format", "junit").stdout)
    assert (root.get("tests"), root.get("failures")) == ("5", "4")
    assert [suite.get("name") for suite in root] == ["good.test.yaml", "coverage", "mutation"]
    (gap,) = root[1]
    assert gap.get("name") == "house/size max_quantity: never breached"
    assert gap.findtext("failure") == UNREACHED
    Path("good.test.yaml").write_text(CASES + BEYOND)
    clean = ET.fromstring(typed(*both, "--format", "junit").stdout)
    assert (clean.get("tests"), clean.get("failures")) == ("4", "0")


def test_github_gets_a_warning_beside_the_rule_and_an_error_beside_the_case(typed: Typed) -> None:
    lines = typed("test", ".", "--mutate", "--format", "github").stdout.splitlines()
    assert lines[0] == (
        "::warning file=good.yaml,line=6::house/size max_quantity: 501 is not noticed (nudged up)"
    )
    wrong = "  - {name: wrong, order: BUY 501 AAPL LMT 10, expect: allow}\n"
    Path("good.test.yaml").write_text(CASES + wrong)
    lines = typed("test", ".", "--mutate", "--format", "github").stdout.splitlines()
    assert lines[0] == "::error file=good.test.yaml,line=5::wrong: expected allow, got deny"
    assert lines[-1] == "mutation: not run: 1 case fails"


@pytest.mark.parametrize("format_", ["text", "json", "junit"])
def test_files_that_are_wrong_are_exit_code_2_before_anything_is_played(
    typed: Typed, format_: str
) -> None:
    Path("good.test.yaml").write_text(CASES.replace("expect", "expct"))
    done = typed(*both, "--format", format_)
    assert done.returncode == 2
    assert "did you mean `expect`?" in done.stderr


def test_a_terminal_shows_progress_and_leaves_nothing_of_it(folder: Path) -> None:
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "riskgate", "test", ".", "--mutate"]
    done = subprocess.run(
        command, stdout=subprocess.PIPE, stderr=theirs, timeout=60, check=False, cwd=folder
    )
    close(theirs)
    shown = read(ours, 65536).decode()
    close(ours)
    assert "0 of 4 nudges" in shown
    assert shown.endswith("\r\x1b[K")
    assert b"nudges, 3 not noticed" in done.stdout
    assert b"\x1b[K" not in done.stdout


@pytest.mark.slow
def test_the_policies_that_ship_with_riskgate_are_pinned_in_every_limit(typed: Typed) -> None:
    done = typed("test", str(ROOT / "policies"), "--coverage", "--mutate")
    assert done.returncode == 0, done.stdout
    assert done.stdout.splitlines()[-1].endswith(" nudges, all noticed")
