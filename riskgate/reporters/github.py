"""Workflow commands, which GitHub shows beside the changed lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskgate.policy.checked import Checked
from riskgate.policy.source import Problem
from riskgate.reporters.difference_lines import sentence

if TYPE_CHECKING:
    from riskgate.authoring.policy_tests import Run
    from riskgate.policy.diffing.difference import Difference, Differences


def problems(checked: Checked, *, color: bool = False) -> str:  # noqa: ARG001  # one shape
    """One `::error` or `::warning` for each problem, and a summary."""
    lines = (_command(item) for item in checked.problems)
    return "".join(f"{line}\n" for line in (*lines, checked.summary))


def played(run: Run, *, color: bool = False) -> str:  # noqa: ARG001  # one shape
    """One `::error` for each failure of a case, a `::warning` for each gap, and a summary."""
    failures = (failure for case in run.cases for failure in case.failures)
    lines = [
        _beside("error", f.case.path, f.case.line, f"{f.case.name}: {f.what}") for f in failures
    ]
    for survey in run.surveys:
        for gap in survey.gaps:
            text = f"{gap.rule} {gap.limit}".rstrip() + f": {gap.what}"
            lines.append(_beside("warning", gap.path, gap.line, text))
    summaries = (run.summary, *(survey.summary for survey in run.surveys))
    return "".join(f"{line}\n" for line in (*lines, *summaries))


def _beside(level: str, path: str, line: int, text: str) -> str:
    return f"::{level} file={_property(path)},line={line}::{_message(text)}"


def differences(apart: Differences, *, color: bool = False) -> str:  # noqa: ARG001  # one shape
    """A `::warning` for what may let more through, a `::notice` for the rest, and a summary."""
    lines = (_difference(item) for item in apart.found)
    return "".join(f"{line}\n" for line in (*lines, apart.summary))


def _difference(item: Difference) -> str:
    """One command; what is no longer in the new files has no line to stand beside."""
    level = "warning" if item.may_allow_more else "notice"
    if item.new_where is None:
        return f"::{level}::{_message(sentence(item))}"
    path = item.new_where.path.rpartition(":")[2]  # of a file in a revision, the file
    return _beside(level, path, item.new_where.line, sentence(item))


def _command(item: Problem) -> str:
    where = f"file={_property(item.path)}"
    if item.line:
        where += f",line={item.line},col={item.column}"
    return f"::{item.severity} {where},title={item.code}::{_message(item.text)}"


def _message(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _message(text).replace(":", "%3A").replace(",", "%2C")
