"""The shipped policies stop the accidents; without the rules that do, the same orders pass.

The rules are those that shipped_accidents.test.yaml names. The copies are made of the shipped
files, so they cannot drift from them.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from riskgate.authoring import policy_tests
from riskgate.authoring.playing import play
from riskgate.authoring.policy_tests import Test
from riskgate.calendars import ExchangeCalendars
from riskgate.journal.memory import MemoryJournal
from riskgate.policy.policies import PolicySet

HERE = Path(__file__).parent
CALENDARS = ExchangeCalendars()
CASES = policy_tests.find([HERE / "shipped_accidents.test.yaml"], CALENDARS)


def stoppers(test: Test) -> frozenset[str]:
    """The rules and codes that a case says stop something."""
    return frozenset(name for step in test.case.steps for name in step.get("by", ()))


STOPPED = [test for test in CASES if stoppers(test)]


def named(test: Test) -> str:
    return test.case.name


def without(policies: PolicySet, names: frozenset[str]) -> PolicySet:
    """A copy of the policies without some rules."""
    left = [bound for bound in policies.bounds if bound.name not in names]
    return PolicySet(policies.policies, left, policies.digest, policies.off)


def passing(test: Test) -> Test:
    """The same orders, each of them expected to pass; slices stand alone."""

    def steps() -> Iterator[dict[str, Any]]:
        for step in test.case.steps:
            kept = {name: said for name, said in step.items() if name not in ("by", "parent")}
            yield {**kept, "expect": "allow"} if "expect" in step else kept

    case = msgspec.structs.replace(test.case, steps=tuple(steps()))
    return msgspec.structs.replace(test, case=case)


@pytest.mark.parametrize("test", STOPPED, ids=named)
def test_without_the_rules_that_stop_it_every_order_of_the_accident_passes(test: Test) -> None:
    free = passing(test)
    policies = without(test.policies, stoppers(test))
    failures = play(free.case, policies, CALENDARS, MemoryJournal())
    assert [str(failure) for failure in failures] == []


@pytest.mark.parametrize(
    ("test", "name"),
    [(test, name) for test in STOPPED for name in sorted(stoppers(test)) if "/" in name],
    ids=lambda value: value if isinstance(value, str) else named(value),
)
def test_each_of_the_rules_matters(test: Test, name: str) -> None:
    assert play(test.case, without(test.policies, frozenset({name})), CALENDARS, MemoryJournal())


@pytest.mark.parametrize("number", ["A1", "A2", "A3", "A4", "A5", "A6", "A7"])
def test_every_accident_is_stopped_by_a_rule_that_ships(number: str) -> None:
    named_by = [stoppers(test) for test in STOPPED if test.case.name.startswith(f"{number}:")]
    assert any("/" in name for names in named_by for name in names)
