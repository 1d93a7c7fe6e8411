"""Every case of the policies that ship with riskgate, and that they reach every limit."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from riskgate.authoring import coverage, policy_files, policy_tests
from riskgate.authoring.linting import Beside, lint
from riskgate.authoring.playing import play
from riskgate.authoring.policy_tests import Run, Test
from riskgate.calendars import ExchangeCalendars
from riskgate.journal.memory import MemoryJournal
from riskgate.model.events import Decided
from riskgate.model.sound import SEC_TYPES
from riskgate.model.subject import Subject
from riskgate.reporters import text

ROOT = Path(__file__).parents[2]
CALENDARS = ExchangeCalendars()
CASES = policy_tests.find([ROOT / "policies"], CALENDARS)


def named(test: Test) -> str:
    return f"{Path(test.case.path).name.partition('.')[0]}: {test.case.name}"


@pytest.mark.parametrize("test", CASES, ids=named)
def test_the_case_comes_out_as_expected(test: Test) -> None:
    failures = play(test.case, test.policies, CALENDARS, MemoryJournal())
    assert [str(failure) for failure in failures] == []


def test_no_two_cases_of_a_file_share_a_name() -> None:
    names = [(test.case.path, test.case.name) for test in CASES]
    assert sorted(set(names)) == sorted(names)


@pytest.mark.parametrize("name", ["firm", "futures", "us-equities"])
def test_every_limit_of_a_shipped_policy_is_breached_by_some_case(name: str) -> None:
    tests = [test for test in CASES if Path(test.case.path).name == f"{name}.test.yaml"]
    breached = {item for test in tests for item in limits_breached(test)}
    limits = {
        (bound.name, check.name)
        for bound in policy_files.load([ROOT / "policies" / f"{name}.yaml"], CALENDARS).bounds
        for check in bound.checks
    }
    assert limits - breached == set()


def limits_breached(test: Test) -> set[tuple[str, str]]:
    """The rules and limits that breach somewhere in a case."""
    journal = MemoryJournal()
    play(test.case, test.policies, CALENDARS, journal)
    decisions = [e.payload.decision for e in journal.read() if isinstance(e.payload, Decided)]
    return {(f.rule, f.limit_name) for decision in decisions for f in decision.breaches}


def played(*paths: Path) -> Run:
    """All cases below the paths, played as `riskgate test` does it."""
    watched = coverage.watch(policy_tests.find(paths, CALENDARS), CALENDARS, MemoryJournal)
    return Run(cases=tuple(case.played for case in watched))


@pytest.mark.slow
def test_a_run_over_the_folder_says_how_many_passed() -> None:
    run = played(ROOT / "policies")
    files = len({test.case.path for test in CASES})
    told = f"{len(CASES)} cases in {files} files: {len(CASES)} passed, 0 failed\n"
    assert text.played(run) == told


@pytest.mark.slow
def test_no_limit_can_move_by_a_step_unnoticed_and_nothing_looks_suspicious() -> None:
    beside = Beside(now=datetime.now(UTC), journal=MemoryJournal)
    assert [str(item) for item in lint([ROOT / "policies"], CALENDARS, beside).problems] == []


@pytest.mark.slow
def test_every_limit_is_asked_passed_and_breached_by_some_case() -> None:
    survey = coverage.survey(coverage.watch(CASES, CALENDARS, MemoryJournal))
    assert [str(gap) for gap in survey.gaps] == []


def test_the_policy_of_the_firm_covers_nothing_that_no_desk_covers() -> None:
    desks, every = (
        policy_files.load([ROOT / "policies" / name for name in names], CALENDARS)
        for names in (("us-equities.yaml", "futures.yaml"), (".",))
    )
    for sec_type in SEC_TYPES:
        for currency in ("USD", "EUR"):
            subject = Subject(symbol="AAPL", sec_type=sec_type, currency=currency)
            assert every.for_(subject).covered == desks.for_(subject).covered


def test_the_example_of_a_waiver_does_what_its_test_says() -> None:
    run = played(ROOT / "examples" / "waiver")
    assert text.played(run) == "8 cases in 1 file: 8 passed, 0 failed\n"
