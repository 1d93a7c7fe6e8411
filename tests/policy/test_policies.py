"""Every case of the policies that ship with riskgate, and that they reach every limit."""

from __future__ import annotations

from pathlib import Path

import pytest

from riskgate import policy_files, policy_tests
from riskgate.calendars import ExchangeCalendars
from riskgate.journal.memory import MemoryJournal
from riskgate.model.events import Decided
from riskgate.playing import play
from riskgate.policy_tests import Test
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


@pytest.mark.parametrize("name", ["us-equities", "futures"])
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


def test_a_run_over_the_folder_says_how_many_passed() -> None:
    run = policy_tests.run([ROOT / "policies"], CALENDARS, MemoryJournal)
    assert text.played(run) == f"{len(CASES)} cases in 2 files: {len(CASES)} passed, 0 failed\n"
