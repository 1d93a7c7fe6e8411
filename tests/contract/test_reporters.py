"""One suite, many formats: every reporter says the same of the same problems."""

from __future__ import annotations

import json
from urllib.parse import unquote
from xml.etree import ElementTree as ET

import pytest

from riskgate.policy.checked import MEANINGS, Checked, meanings
from riskgate.policy.compiler import compile_policies
from riskgate.policy.source import Problem
from riskgate.reporters import formats, reporter

NASTY = 'desk, "a":50%<x>.yaml'
PROBLEMS = (
    Problem("a.yaml", 1, 2, "RG101", "missing key `because`: why the limit exists"),
    Problem(NASTY, 3, 4, "RG105", '`max` must be a number; `"5%"` is text, & not <one>'),
    Problem(NASTY, 9, 1, "RG101", "missing key `id`"),
)
BAD = Checked(("a.yaml", "b.yaml", NASTY), PROBLEMS, None)
GOOD = Checked(("a.yaml",), (), compile_policies([], lambda _: None)[0])
FORMATS = formats("problems")


def report(name: str, checked: Checked, *, color: bool = False) -> str:
    written = reporter(name).problems(checked, color=color)
    assert isinstance(written, str)
    return written


def test_these_formats_write_problems_text_first() -> None:
    assert FORMATS == ["text", "github", "json", "junit", "sarif"]


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("checked", [BAD, GOOD], ids=["bad", "good"])
def test_a_report_ends_with_a_line_break_and_is_the_same_twice(name: str, checked: Checked) -> None:
    assert report(name, checked).endswith("\n")
    assert report(name, checked) == report(name, checked)


@pytest.mark.parametrize("name", FORMATS)
def test_every_problem_and_every_code_is_in_the_report(name: str) -> None:
    written = report(name, BAD)
    for problem in PROBLEMS:
        assert problem.code in written
        assert problem.text.partition(" ")[0] in written


@pytest.mark.parametrize("name", [name for name in FORMATS if name != "text"])
def test_only_text_is_coloured(name: str) -> None:
    assert "\x1b" not in report(name, BAD, color=True)


def test_text_is_one_line_for_each_problem_and_a_summary() -> None:
    assert report("text", BAD).splitlines() == [
        *(str(problem) for problem in PROBLEMS),
        "3 errors in 2 of 3 files",
    ]
    assert report("text", GOOD) == "1 file, no problems\n"


def test_coloured_text_says_the_same() -> None:
    coloured = report("text", BAD, color=True)
    plain = coloured.replace("\x1b[1m", "").replace("\x1b[31m", "").replace("\x1b[0m", "")
    assert coloured != plain == report("text", BAD)


def test_json_has_every_field_of_every_problem() -> None:
    content = json.loads(report("json", BAD))
    assert content["valid"] is False
    assert content["digest"] is None
    assert content["files"] == ["a.yaml", "b.yaml", NASTY]
    assert [Problem(**problem) for problem in content["problems"]] == list(PROBLEMS)


def test_json_of_good_policies_has_their_digest() -> None:
    content = json.loads(report("json", GOOD))
    assert GOOD.policies is not None
    assert (content["valid"], content["digest"]) == (True, GOOD.policies.digest)


def test_github_gets_one_command_for_each_problem_that_nothing_in_it_can_break() -> None:
    first, second, *_ = report("github", BAD).splitlines()
    assert first == (
        "::error file=a.yaml,line=1,col=2,title=RG101::missing key `because`: why the limit exists"
    )
    assert second.startswith(
        '::error file=desk%2C "a"%3A50%25<x>.yaml,line=3,col=4,title=RG105::`max` must be'
    )
    assert "5%25" in second


def test_sarif_names_its_rules_and_places() -> None:
    run = json.loads(report("sarif", BAD))["runs"][0]
    rules = run["tool"]["driver"]["rules"]
    assert [(rule["id"], rule["shortDescription"]["text"]) for rule in rules] == [
        (code, meanings()[code]) for code in ("RG101", "RG105")
    ]
    places = [result["locations"][0]["physicalLocation"] for result in run["results"]]
    assert [unquote(place["artifactLocation"]["uri"]) for place in places] == [
        "a.yaml",
        NASTY,
        NASTY,
    ]
    assert places[1]["region"] == {"startLine": 3, "startColumn": 4}
    assert {result["level"] for result in run["results"]} == {"error"}


def test_junit_has_a_case_for_each_file() -> None:
    suite = ET.fromstring(report("junit", BAD).encode())[0]
    assert (suite.get("tests"), suite.get("failures")) == ("3", "2")
    failures = {case.get("name"): case.findtext("failure") for case in suite}
    assert failures == {
        "a.yaml": str(PROBLEMS[0]),
        "b.yaml": None,
        NASTY: f"{PROBLEMS[1]}\n{PROBLEMS[2]}",
    }


def test_every_code_has_a_meaning_that_is_its_own() -> None:
    assert len(set(meanings().values())) == len(meanings())
    assert list(MEANINGS) == sorted(MEANINGS)
