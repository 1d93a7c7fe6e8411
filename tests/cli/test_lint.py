"""`riskgate lint` as it is typed: exit codes, formats, pages, and what it looks at beside."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest

from riskgate.authoring.playing import play
from riskgate.authoring.policy_tests import find
from riskgate.calendars import ExchangeCalendars
from riskgate.journal.journal import open_journal

if TYPE_CHECKING:
    from tests.cli.conftest import Typed

ODD = """riskgate: 1
policy: odd
timezone: America/New_York
currency: USD
groups: {unused: [A]}
rules:
  - id: size
    kind: fat_finger
    max_quantity: 500
    because: The test needs a limit.
  - id: sleeping
    kind: fat_finger
    max_quantity: 400
    mode: off
    because: The test needs a rule that is off.
"""
TEST = """policies: [good.yaml]
given: {prices: {AAPL: 189.99 x 190.01}}
cases:
  - name: small orders pass
    steps: [{submit: BUY 1 AAPL LMT 190 DAY, repeat: 25, expect: {allow: 25}}]
"""
LATER = ("--now", "2026-03-02T10:00:00-05:00")


def test_good_policies_are_not_suspicious(folder: Path, typed: Typed) -> None:
    done = typed("lint", str(folder))
    assert (done.returncode, done.stdout) == (0, "1 file, nothing suspicious\n")


def test_findings_are_sorted_and_counted(folder: Path, typed: Typed) -> None:
    (folder / "odd.yaml").write_text(ODD)
    done = typed("lint", ".")
    assert done.returncode == 1
    *lines, summary = done.stdout.splitlines()
    assert [line.split(" ")[:3:2] for line in lines] == [
        ["odd.yaml:5:10:", "RG315"],
        ["odd.yaml:9:5:", "RG302"],
        ["odd.yaml:14:11:", "RG310"],
    ]
    assert summary == "3 warnings in 1 of 2 files"


def test_an_invalid_file_is_no_finding(folder: Path, typed: Typed) -> None:
    (folder / "good.yaml").write_text(ODD.replace("rules", "rulse"))
    done = typed("lint", ".")
    assert done.returncode == 2
    assert "error RG102" in done.stdout


def test_a_path_without_policies_is_invalid(folder: Path, typed: Typed) -> None:
    done = typed("lint", str(folder / "empty"))
    assert (done.returncode, "RG021" in done.stdout) == (2, True)


@pytest.mark.parametrize("format_", ["json", "github", "sarif", "junit"])
def test_a_finding_is_a_warning_in_every_format(format_: str, folder: Path, typed: Typed) -> None:
    (folder / "good.yaml").write_text(ODD)
    done = typed("lint", ".", "--format", format_)
    assert done.returncode == 1
    match format_:
        case "json":
            content = json.loads(done.stdout)
            assert content["valid"] is True
            assert {problem["severity"] for problem in content["problems"]} == {"warning"}
        case "github":
            assert "::warning file=good.yaml,line=14,col=11,title=RG310::rule" in done.stdout
        case "sarif":
            (run,) = json.loads(done.stdout)["runs"]
            assert {result["level"] for result in run["results"]} == {"warning"}
            titles = [rule["shortDescription"]["text"] for rule in run["tool"]["driver"]["rules"]]
            assert "A rule that is off" in titles
        case "junit":
            (suite,) = ET.fromstring(done.stdout.encode())
            assert (suite.get("name"), suite.get("failures")) == ("riskgate lint", "1")


def test_a_page_is_printed_without_any_path(typed: Typed) -> None:
    done = typed("lint", "--explain", "rg312")
    assert done.returncode == 0
    assert done.stdout.startswith("# RG312: A limit that no test notices\n\n## Why\n")


def test_a_code_that_is_no_finding_is_refused(typed: Typed) -> None:
    done = typed("lint", "--explain", "RG3120")
    assert done.returncode == 2
    assert "no finding `RG3120`; lint has RG301, RG302," in done.stderr


def test_the_moment_must_have_an_offset(folder: Path, typed: Typed) -> None:
    done = typed("lint", str(folder), "--now", "2026-03-02T10:00:00")
    assert done.returncode == 2
    assert "is no time with an offset" in done.stderr


def test_a_waiver_is_judged_by_the_moment_that_is_given(folder: Path, typed: Typed) -> None:
    waiver = """waivers:
  - rule: size
    match: {symbol: AAPL}
    set: {max_quantity: 800}
    until: 2026-03-03T00:00:00Z
    approved_by: m.ruiz
    because: The test needs a waiver.
"""
    good = folder / "good.yaml"
    good.write_text(good.read_text() + waiver)
    assert "RG308" in typed("lint", ".", *LATER).stdout
    assert "RG307" in typed("lint", ".", "--now", "2026-04-01T00:00:00Z").stdout


def test_policy_tests_can_be_left_out(folder: Path, typed: Typed) -> None:
    (folder / "good.test.yaml").write_text(TEST)
    assert "RG312" in typed("lint", ".").stdout
    assert typed("lint", ".", "--no-tests").returncode == 0


def test_a_journal_shows_limits_far_above_use(folder: Path, typed: Typed) -> None:
    (folder / "good.test.yaml").write_text(TEST)
    (test,) = find(["good.test.yaml"], calendars := ExchangeCalendars())
    journal = open_journal("use.sqlite")
    assert play(test.case, test.policies, calendars, journal) == ()
    journal.close()
    done = typed("lint", "good.yaml", "--no-tests", "--journal", "use.sqlite")
    assert done.returncode == 1
    assert "RG314 of `max_quantity` 500 at most 0.2 % was used by 25" in done.stdout


def test_a_journal_that_is_not_there_is_said(folder: Path, typed: Typed) -> None:
    done = typed("lint", str(folder), "--journal", "none.sqlite")
    assert (done.returncode, done.stdout) == (7, "")
    assert "none.sqlite" in done.stderr
