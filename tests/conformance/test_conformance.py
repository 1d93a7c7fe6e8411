"""The scenarios in the notation of policy tests: what must hold, whatever the policies.

A case's name begins with the number of its scenario or accident.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from riskgate.authoring import policy_tests
from riskgate.authoring.playing import play
from riskgate.authoring.policy_tests import Test
from riskgate.calendars import ExchangeCalendars
from riskgate.journal.memory import MemoryJournal

HERE = Path(__file__).parent
CALENDARS = ExchangeCalendars()
CASES = policy_tests.find([HERE], CALENDARS)
# Scenarios that a policy test can show; the others stand in tests/contract and tests/unit.
SHOWN_HERE = (
    *("1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12", "13", "14", "15", "16", "17"),
    *("18", "20", "21", "22", "23", "24", "25", "26", "27", "29", "30", "31", "32", "35", "38"),
    *("40", "47", "A1", "A2", "A3", "A4", "A5", "A6", "A7"),
)


def named(test: Test) -> str:
    return f"{Path(test.case.path).name.partition('.')[0]}: {test.case.name}"


@pytest.mark.parametrize("test", CASES, ids=named)
def test_the_case_comes_out_as_expected(test: Test) -> None:
    failures = play(test.case, test.policies, CALENDARS, MemoryJournal())
    assert [str(failure) for failure in failures] == []


def test_no_two_cases_of_a_file_share_a_name() -> None:
    names = [(test.case.path, test.case.name) for test in CASES]
    assert sorted(set(names)) == sorted(names)


@pytest.mark.parametrize("number", SHOWN_HERE)
def test_every_scenario_that_a_policy_test_can_show_has_a_case(number: str) -> None:
    shown = {match[1] for test in CASES if (match := re.match(r"(A?\d+):", test.case.name))}
    assert number in shown
