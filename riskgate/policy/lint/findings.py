"""What the checks find, less what remarks in the files say is as it should be.

Rule 1: a remark without a reason ignores nothing, and is itself a finding.
Rule 2: a remark that ignores nothing any more is a finding too, if its check was made.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from riskgate.policy.lint.catalog import JOURNAL, TESTS, Check, checks
from riskgate.policy.lint.checks import remark_that_ignores_nothing as remark_check
from riskgate.policy.lint.desk import WARNING, Desk, Evidence, PolicyFile
from riskgate.policy.remarks import Remark
from riskgate.policy.source import Problem

REMARKS: Final = remark_check.CODE


def findings(desk: Desk) -> tuple[Problem, ...]:
    """All that looks wrong and is not ignored, sorted by place."""
    made = {code: check for code, check in checks().items() if _possible(check, desk.evidence)}
    found = {
        Problem(item.path, item.line, item.column, code, item.text, item.severity)
        for code, check in made.items()
        for item in check.find(desk)
    }
    ignored: set[Problem] = set()
    useless: set[Problem] = set()
    for file in desk.files:
        mine = [problem for problem in found if problem.path == file.document.path]
        for remark in file.remarks:
            if not remark.reason:
                continue
            hits = [
                item for item in mine if item.line == remark.about and item.code in remark.codes
            ]
            ignored.update(hits)
            useless.update(_useless(file, remark, {item.code for item in hits}, made))
    return tuple(sorted((found - ignored) | useless))


def _possible(check: Check, evidence: Evidence) -> bool:
    """Whether there is what the check needs."""
    there = {TESTS: evidence.tests is not None, JOURNAL: evidence.history is not None, "": True}
    return there[check.needs]


def _useless(
    file: PolicyFile, remark: Remark, hit: set[str], made: Mapping[str, Check]
) -> Iterator[Problem]:
    """The codes of a remark that found nothing to ignore, though their checks were made."""
    for code in remark.codes:
        if code in made and code not in hit and code != REMARKS:
            text = f"`ignore[{code}]` ignores nothing here; remove it"
            place = (file.document.path, remark.line, remark.column)
            yield Problem(*place, REMARKS, text, WARNING)
