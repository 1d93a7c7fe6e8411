"""Policy tests on disk: all that stand below some paths, and what became of playing them.

Rule 1: nothing is passed over in silence. A path without a test, a file that cannot be used and a
case that names an unknown rule are problems, and then no case is played at all.
Rule 2: every case begins in a world of its own; only the policies are shared, and they are values.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Protocol

import msgspec

from riskgate.authoring import policy_files
from riskgate.authoring.playing import Failure
from riskgate.authoring.policy_files import CalendarCodes
from riskgate.errors import PolicyError
from riskgate.model.words import counted
from riskgate.policy.cases import Case, TestFile, read_tests, unknown_name, unknown_names
from riskgate.policy.checked import Checked
from riskgate.policy.policies import PolicySet
from riskgate.policy.source import Document, Location, Problem
from riskgate.ports import Calendars


class KnownCalendars(Calendars, CalendarCodes, Protocol):
    """Calendars that are asked both for hours and for their codes."""


class Test(msgspec.Struct, frozen=True, kw_only=True):
    """One case with the policies that it is played against."""

    __test__ = False
    case: Case
    policies: PolicySet


class Played(msgspec.Struct, frozen=True, kw_only=True):
    """One case, and in what it did not come out as expected."""

    case: Case
    failures: tuple[Failure, ...]

    @property
    def passed(self) -> bool:
        """Whether everything came out as expected."""
        return not self.failures


class Gap(msgspec.Struct, frozen=True, kw_only=True, order=True):
    """Something about a rule that no case shows. `limit` is empty where it is the whole rule."""

    path: str
    line: int
    rule: str
    limit: str = ""
    what: str

    def __str__(self) -> str:
        name = f"{self.rule} {self.limit}".rstrip()
        return f"{self.path}:{self.line}: {name}: {self.what}"


class Survey(msgspec.Struct, frozen=True, kw_only=True):
    """What all cases together do not show, as one way of looking finds it."""

    name: str
    gaps: tuple[Gap, ...]
    summary: str


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """All cases that were played, and what was found of them together, where it was asked for."""

    cases: tuple[Played, ...]
    surveys: tuple[Survey, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether every case came out as expected."""
        return all(played.passed for played in self.cases)

    @property
    def clean(self) -> bool:
        """Whether every case came out as expected and no survey found a gap."""
        return self.passed and not any(survey.gaps for survey in self.surveys)

    @property
    def summary(self) -> str:
        """`41 cases in 2 files: 40 passed, 1 failed`."""
        good = sum(played.passed for played in self.cases)
        cases = counted(len(self.cases), "case")
        files = counted(len({played.case.path for played in self.cases}), "file")
        return f"{cases} in {files}: {good} passed, {len(self.cases) - good} failed"


def find(paths: Sequence[Path | str], calendars: CalendarCodes) -> tuple[Test, ...]:
    """Every case below the paths, in order. Raise PolicyError with all that is wrong with any."""
    documents, problems = policy_files.tests(paths)
    found = list(problems)
    loaded: dict[tuple[str, ...], Checked] = {}
    tests: list[Test] = []
    for document in documents:
        file, wrong = read_tests(document)
        found += wrong
        if file is None:
            continue
        checked = _policies(file, calendars, loaded)
        found += checked.problems
        policies = checked.policies
        if policies is None:
            continue
        found += _unknown(document, policies)
        tests += (Test(case=case, policies=policies) for case in file.cases)
    if found:
        many = counted(len(set(found)), "problem")
        raise PolicyError(f"{many} in the policy tests; none was played", tuple(sorted(set(found))))
    return tuple(tests)


def _policies(
    file: TestFile, calendars: CalendarCodes, loaded: dict[tuple[str, ...], Checked]
) -> Checked:
    """The policies that a file names, relative to itself; each distinct set is read once."""
    folder = Path(file.path).parent
    paths = tuple(sorted(str(folder / name) for name in file.policies))
    if paths not in loaded:
        loaded[paths] = policy_files.check(paths, calendars)
    return loaded[paths]


def _unknown(document: Document, policies: PolicySet) -> Iterator[Problem]:
    """The names in `by` and `shadow` that nothing has."""
    rules = [bound.name for bound in policies.bounds]
    for location, asked in _answers(document.value):
        unknown = unknown_names(asked, rules)
        for at, name in _named(location, asked) if unknown else ():
            if name in unknown:
                mark = document.mark(at)
                text = unknown_name(name, rules)
                yield Problem(document.path, mark.line, mark.column, "RG402", text)


def _answers(value: Any) -> Iterator[tuple[Location, dict[str, Any]]]:  # noqa: ANN401  # YAML
    """Every case and step that may expect something, and where it stands."""
    for place, case in enumerate(value["cases"]):
        yield ("cases", place), case
        for number, step in enumerate(case.get("steps", ())):
            yield ("cases", place, "steps", number), step


def _named(location: Location, asked: dict[str, Any]) -> Iterator[tuple[Location, str]]:
    """Every name in the lists of a case or step, and where it stands."""
    for key in ("by", "shadow"):
        if isinstance(asked.get(key), list | tuple):
            yield from (((*location, key, i), name) for i, name in enumerate(asked[key]))
