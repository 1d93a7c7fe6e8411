"""Lint: reads policy files, the policy tests beside them and, if there is one, a record of use.

Rule 1: policies that are invalid are not linted: what is wrong with them is said instead.
Rule 2: what is looked at beside the policies only adds findings; a check that lacks it is not made.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path

import msgspec

from riskgate.authoring import mutation, policy_files, policy_tests
from riskgate.authoring.policy_tests import KnownCalendars, Test
from riskgate.errors import PolicyError
from riskgate.model.events import Decided, Recorded
from riskgate.policy.checked import Checked
from riskgate.policy.lint.desk import Evidence, Tested, desk
from riskgate.policy.lint.findings import findings
from riskgate.policy.lint.known import history
from riskgate.policy.policies import PolicySet
from riskgate.policy.remarks import Remark, remarks
from riskgate.policy.source import Document, Problem, parse
from riskgate.ports import Journal

LINT = "lint"


class Beside(msgspec.Struct, frozen=True, kw_only=True):
    """What to look at beside the policies.

    `journal` makes one to play policy tests with; None leaves tests out. `recorded` are the events
    of a record, if one was given.
    """

    now: datetime
    journal: Callable[[], Journal] | None = None
    recorded: Iterable[Recorded] | None = None


def lint(paths: Sequence[Path | str], calendars: KnownCalendars, beside: Beside) -> Checked:
    """Everything suspicious below the paths; what makes policies or their tests invalid if any is.

    The result has no `policies` if anything is invalid.
    """
    checked = policy_files.check(paths, calendars)
    policies = checked.policies
    if policies is None:
        return checked._replace(command=LINT)
    files = policy_files.find(paths)
    tests = _tests(paths, files) if beside.journal else []
    try:
        documents = tuple(_read(*named) for named in zip(files, checked.files, strict=True))
        evidence = _evidence(tests, calendars, policies, beside)
    except PolicyError as error:
        wrong = tuple(sorted(item for item in error.problems if isinstance(item, Problem)))
        return Checked(checked.files, wrong, None, LINT)
    found = findings(desk(documents, policies, evidence))
    return Checked(checked.files, found, policies, LINT)


def _read(path: Path, name: str) -> tuple[Document, tuple[Remark, ...]]:
    """A file that was valid a moment ago, with its remarks. Raise PolicyError if it changed."""
    raw = path.read_bytes()
    document, problems = parse(raw, name)
    if document is None or problems:
        raise PolicyError(f"`{name}` changed while it was read", problems)
    return document, remarks(raw.decode("utf-8"), document)


def _evidence(
    tests: list[Path], calendars: KnownCalendars, policies: PolicySet, beside: Beside
) -> Evidence:
    """What is known beside the policies. Raise PolicyError if a policy test is invalid."""
    used = None if beside.recorded is None else history(policies, _decided(beside.recorded))
    if not tests or beside.journal is None:
        return Evidence(now=beside.now, history=used)
    names = {policy.name for policy in policies.policies}
    found = [test for test in policy_tests.find(tests, calendars) if names & _policies(test)]
    about = sorted({test.case.path for test in found})
    gaps = mutation.unnoticed(about, calendars, beside.journal) if about else ()
    return Evidence(
        now=beside.now,
        tests=tuple(Tested(case=test.case, policies=_policies(test)) for test in found),
        unnoticed=frozenset((gap.rule, gap.limit) for gap in gaps),
        history=used,
    )


def _decided(recorded: Iterable[Recorded]) -> Iterator[Decided]:
    events = (event.payload for event in recorded)
    return (event for event in events if isinstance(event, Decided))


def _policies(test: Test) -> frozenset[str]:
    return frozenset(policy.name for policy in test.policies.policies)


def _tests(paths: Sequence[Path | str], files: Sequence[Path]) -> list[Path]:
    """The policy tests below the paths, and those beside a file that is named itself."""
    folders = [Path(path) for path in paths if Path(path).is_dir()]
    named = {path.parent for path in files if not any(path.is_relative_to(f) for f in folders)}
    found = {path for folder in folders for path in _below(folder, "**/*")}
    return sorted(found.union(path for folder in named for path in _below(folder, "*")))


def _below(folder: Path, pattern: str) -> Iterator[Path]:
    names = (path for path in folder.glob(pattern) if path.is_file())
    return (path for path in names if path.name.lower().endswith(policy_files.TEST_SUFFIXES))
