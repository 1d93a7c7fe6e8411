"""JUnit XML, which every CI service can show: a test case for each file."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from itertools import groupby
from typing import TYPE_CHECKING

from riskgate.policy.checked import Checked
from riskgate.policy.source import Problem

if TYPE_CHECKING:
    from riskgate.policy_tests import Played, Run


def problems(checked: Checked, *, color: bool = False) -> str:  # noqa: ARG001  # one shape
    """A failed case for each file with problems."""
    files = list(dict.fromkeys((*checked.files, *(item.path for item in checked.problems))))
    wrong = {name: [item for item in checked.problems if item.path == name] for name in files}
    failed = sum(1 for found in wrong.values() if found)
    counts = f'tests="{len(files)}" failures="{failed}" errors="0"'
    cases = "".join(_case(name, found) for name, found in wrong.items())
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<testsuites {counts}>\n<testsuite name="riskgate validate" {counts}>\n'
        f"{cases}</testsuite>\n</testsuites>\n"
    )


def _case(name: str, found: Iterable[Problem]) -> str:
    return _written("riskgate.validate", name, [str(item) for item in found])


def _written(of: str, name: str, texts: list[str]) -> str:
    """One test case; it failed if there are texts."""
    opening = f'<testcase classname="{escape(of)}" name="{escape(name)}"'
    if not texts:
        return f"{opening}/>\n"
    body = escape("\n".join(texts))
    return f'{opening}>\n<failure message="{escape(texts[0])}">{body}</failure>\n</testcase>\n'


def played(run: Run, *, color: bool = False) -> str:  # noqa: ARG001  # one shape
    """A test case for each case, in a suite for each file."""
    suites = groupby(run.cases, key=lambda played: played.case.path)
    body = "".join(_suite(path, list(played)) for path, played in suites)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f"<testsuites {_counts(run.cases)}>\n{body}</testsuites>\n"
    )


def _suite(path: str, cases: list[Played]) -> str:
    opening = f'<testsuite name="{escape(path)}" {_counts(cases)}>\n'
    return opening + "".join(_played(path, played) for played in cases) + "</testsuite>\n"


def _counts(cases: Sequence[Played]) -> str:
    failed = sum(not played.passed for played in cases)
    return f'tests="{len(cases)}" failures="{failed}" errors="0"'


def _played(path: str, played: Played) -> str:
    texts = [str(failure) for failure in played.failures]
    findings = dict.fromkeys(str(f) for failure in played.failures for f in failure.findings)
    return _written(path, played.case.name, [*texts, *findings])
