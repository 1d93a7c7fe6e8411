"""Policy tests on disk: which are found, what is wrong with them, what a run comes to."""

from __future__ import annotations

from pathlib import Path

import pytest

from riskgate.authoring import coverage, policy_tests
from riskgate.authoring.policy_tests import Gap, Run, Survey
from riskgate.calendars import ExchangeCalendars
from riskgate.errors import PolicyError
from riskgate.journal.memory import MemoryJournal

CALENDARS = ExchangeCalendars()
POLICY = """\
riskgate: 1
policy: desk
timezone: America/New_York
currency: USD
rules:
  - {id: size, kind: fat_finger, max_quantity: 100, because: test}
"""
CASES = """\
policies: [desk.yaml]
given: {now: 2026-03-02T10:00:00-05:00, prices: {AAPL: 100 x 100}}
cases:
  - {name: at, order: BUY 100 AAPL LMT 100, expect: allow}
  - {name: beyond, order: BUY 101 AAPL LMT 100, expect: deny}
"""
GAP = Gap(path="desk.yaml", line=6, rule="desk/size", limit="max_quantity", what="never passed")


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("desk.yaml").write_text(POLICY)
    Path("desk.test.yaml").write_text(CASES)


def run() -> Run:
    watched = coverage.watch(policy_tests.find(["."], CALENDARS), CALENDARS, MemoryJournal)
    return Run(cases=tuple(case.played for case in watched))


def problems() -> list[str]:
    with pytest.raises(PolicyError) as error:
        run()
    return [str(problem) for problem in error.value.problems]


def test_every_case_is_played_against_the_policies_of_its_file() -> None:
    played = run()
    assert played.passed
    assert played.summary == "2 cases in 1 file: 2 passed, 0 failed"


def test_files_that_name_the_same_policies_share_them() -> None:
    Path("more.test.yaml").write_text(CASES)
    tests = policy_tests.find(["."], CALENDARS)
    assert len({id(test.policies) for test in tests}) == 1
    assert run().summary == "4 cases in 2 files: 4 passed, 0 failed"


def test_a_run_with_a_gap_has_passed_and_is_not_clean() -> None:
    played = run()
    found = Survey(name="coverage", gaps=(GAP,), summary="1 gap")
    nothing = Survey(name="coverage", gaps=(), summary="no gap")
    assert Run(cases=played.cases, surveys=(nothing,)).clean
    with_a_gap = Run(cases=played.cases, surveys=(nothing, found))
    assert (with_a_gap.passed, with_a_gap.clean) == (True, False)


def test_a_run_with_a_failure_is_not_clean() -> None:
    Path("desk.test.yaml").write_text(CASES.replace("expect: deny", "expect: allow"))
    played = run()
    assert (played.passed, played.clean) == (False, False)
    assert played.summary == "2 cases in 1 file: 1 passed, 1 failed"


def test_a_gap_names_its_place_its_rule_and_its_limit() -> None:
    assert str(GAP) == "desk.yaml:6: desk/size max_quantity: never passed"
    of_rule = Gap(path="desk.yaml", line=6, rule="desk/size", what="never asked")
    assert str(of_rule) == "desk.yaml:6: desk/size: never asked"


def test_a_name_that_no_rule_has_is_a_problem_in_cases_and_in_steps() -> None:
    Path("desk.test.yaml").write_text(
        CASES.replace("expect: deny", "expect: deny, by: [desk/sice]")
        + "  - name: a story\n"
        + "    steps:\n"
        + "      - {submit: BUY 1 AAPL LMT 100, expect: allow, shadow: [desk/nothing]}\n"
    )
    said = "is neither a rule of these policies nor a code"
    assert problems() == [
        f"desk.test.yaml:5:68: error RG402 `desk/sice` {said} (did you mean `desk/size`?)",
        f"desk.test.yaml:8:62: error RG402 `desk/nothing` {said}",
    ]


def test_who_halts_is_no_name_of_a_rule() -> None:
    story = """\
  - name: a drill
    steps:
      - {halt: {}, by: m.ruiz, reason: drill}
      - {submit: BUY 1 AAPL LMT 100, expect: deny, by: [HALTED]}
"""
    Path("desk.test.yaml").write_text(CASES + story)
    assert run().passed


def test_all_problems_of_all_files_are_told_at_once() -> None:
    Path("desk.yaml").write_text(POLICY.replace("max_quantity", "max_quantiy"))
    Path("more.test.yaml").write_text(CASES.replace("[desk.yaml]", "[nowhere.yaml]"))
    Path("empty.test.yaml").write_text("policies: [desk.yaml]\ncases: []\n")
    assert [line.partition(":")[0] for line in problems()] == [
        "desk.yaml",
        "empty.test.yaml",
        "nowhere.yaml",
    ]


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("desk/siz", " (did you mean `desk/size`?)"),
        ("size", " (did you mean `desk/size`?)"),
        ("siez", " (did you mean `desk/size`?)"),
        ("OFF_TIK", " (did you mean `OFF_TICK`?)"),
        ("elsewhere", ""),
    ],
)
def test_a_name_that_is_near_another_is_met_with_that_name(name: str, hint: str) -> None:
    Path("desk.test.yaml").write_text(
        CASES.replace("expect: deny", f"expect: deny, by: [desk/size, {name}]")
    )
    said = f"`{name}` is neither a rule of these policies nor a code{hint}"
    assert problems() == [f"desk.test.yaml:5:79: error RG402 {said}"]


def test_two_cases_of_one_file_cannot_have_one_name() -> None:
    Path("desk.test.yaml").write_text(CASES.replace("name: beyond", "name: at"))
    said = "the case in line 4 is named `at` too; rename one"
    assert problems() == [f"desk.test.yaml:5:12: error RG403 {said}"]
    Path("more.test.yaml").write_text(CASES)
    Path("desk.test.yaml").write_text(CASES)
    assert run().passed
