"""JUnit XML, which every CI service can show: a test case for each file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from itertools import groupby
from typing import TYPE_CHECKING

from riskgate.policy.checked import Checked

if TYPE_CHECKING:
    from riskgate.authoring.policy_tests import Played, Run, Survey

Shown = tuple[str, str, list[str]]
"""A test case: its suite, its name, and why it failed, if it did."""


def problems(checked: Checked, *, color: bool = False) -> str:  # noqa: ARG001  # one shape
    """A failed case for each file with problems."""
    files = list(dict.fromkeys((*checked.files, *(item.path for item in checked.problems))))
    wrong = {name: [item for item in checked.problems if item.path == name] for name in files}
    failed = sum(1 for found in wrong.values() if found)
    counts = f'tests="{len(files)}" failures="{failed}" errors="0"'
    of = f"riskgate.{checked.command}"
    cases = "".join(_written(of, name, [*map(str, found)]) for name, found in wrong.items())
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<testsuites {counts}>\n<testsuite name="riskgate {checked.command}" {counts}>\n'
        f"{cases}</testsuite>\n</testsuites>\n"
    )


def _written(of: str, name: str, texts: list[str]) -> str:
    """One test case; it failed if there are texts."""
    opening = f'<testcase classname="{escape(of)}" name="{escape(name)}"'
    if not texts:
        return f"{opening}/>\n"
    body = escape("\n".join(texts))
    return f'{opening}>\n<failure message="{escape(texts[0])}">{body}</failure>\n</testcase>\n'


def played(run: Run, *, color: bool = False) -> str:  # noqa: ARG001  # one shape
    """A test case for each case, in a suite for each file; a suite for each survey."""
    surveys = (case for survey in run.surveys for case in _of_survey(survey))
    cases = [*map(_of_case, run.cases), *surveys]
    suites = groupby(cases, key=lambda case: case[0])
    body = "".join(_suite(name, list(shown)) for name, shown in suites)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f"<testsuites {_counts(cases)}>\n{body}</testsuites>\n"
    )


def _of_case(played: Played) -> Shown:
    texts = [str(failure) for failure in played.failures]
    findings = dict.fromkeys(str(f) for failure in played.failures for f in failure.findings)
    return played.case.path, played.case.name, [*texts, *findings]


def _of_survey(survey: Survey) -> Iterator[Shown]:
    """A failed case for each gap, or a passed one that sums up."""
    if not survey.gaps:
        yield survey.name, survey.summary, []
    for gap in survey.gaps:
        name = f"{gap.rule} {gap.limit}".rstrip()
        yield survey.name, f"{name}: {gap.what}", [str(gap)]


def _suite(name: str, cases: Sequence[Shown]) -> str:
    opening = f'<testsuite name="{escape(name)}" {_counts(cases)}>\n'
    return opening + "".join(_written(*case) for case in cases) + "</testsuite>\n"


def _counts(cases: Sequence[Shown]) -> str:
    failed = sum(bool(texts) for _, _, texts in cases)
    return f'tests="{len(cases)}" failures="{failed}" errors="0"'
