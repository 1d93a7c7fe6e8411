"""JSON for programs: one object on one line, sorted keys, stable names."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import msgspec

from riskgate.model.money import text
from riskgate.policy.checked import Checked

if TYPE_CHECKING:
    from riskgate.checking import Answer
    from riskgate.model.decision import Finding
    from riskgate.policy_tests import Run


def problems(checked: Checked, *, color: bool = False) -> str:  # noqa: ARG001  # one shape
    """The files, the problems, and the digest of the policies if there are none."""
    content = {
        "valid": checked.valid,
        "summary": checked.summary,
        "digest": checked.policies.digest if checked.policies else None,
        "files": list(checked.files),
        "problems": [msgspec.structs.asdict(item) for item in checked.problems],
    }
    return json.dumps(content, sort_keys=True) + "\n"


def rows(found: Sequence[Mapping[str, Any]], columns: Mapping[str, str]) -> str:  # noqa: ARG001  # one shape
    """A list of all columns of each row; amounts are text, so nothing is rounded."""
    return json.dumps([dict(row) for row in found], default=plain) + "\n"


def plain(value: object) -> str:
    """What JSON has no type for, as text."""
    if isinstance(value, Decimal):
        return text(value)
    return value.isoformat() if isinstance(value, datetime) else str(value)


def played(run: Run, *, color: bool = False) -> str:  # noqa: ARG001  # one shape
    """Every case with its failures, and what they found."""
    content = {
        "passed": run.passed,
        "summary": run.summary,
        "cases": [
            {
                "name": played.case.name,
                "path": played.case.path,
                "line": played.case.line,
                "passed": played.passed,
                "failures": [
                    {
                        "step": failure.step,
                        "what": failure.what,
                        "findings": [finding_of(finding) for finding in failure.findings],
                    }
                    for failure in played.failures
                ],
            }
            for played in run.cases
        ],
    }
    return json.dumps(content, sort_keys=True, default=plain) + "\n"


def answer(said: Answer, *, color: bool = False) -> str:  # noqa: ARG001  # one shape
    """The decision with every breach; amounts are text, so that no reader rounds them."""
    decision = said.decision
    content = {
        "action": decision.action.word,
        "order": said.asked,
        "by": list(decision.by),
        "shadow": list(decision.shadow),
        "breaches": [finding_of(finding) for finding in decision.breaches],
        "notes": list(decision.notes),
        "as_of": decision.as_of.isoformat(),
        "digest": decision.digest,
        "largest_quantity": None if said.largest is None else text(said.largest),
    }
    return json.dumps(content, sort_keys=True, default=plain) + "\n"


def finding_of(finding: Finding) -> dict[str, Any]:
    """One finding as plain values, with its headroom."""
    content = msgspec.structs.asdict(finding)
    return {**content, "action": finding.action.word, "headroom": finding.headroom}
