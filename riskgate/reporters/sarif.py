"""SARIF 2.1.0, the format of code-scanning services."""

from __future__ import annotations

import json
from typing import Any, Final
from urllib.parse import quote

from riskgate.policy.checked import Checked, meanings
from riskgate.policy.source import Problem
from riskgate.version import VERSION

SCHEMA: Final = "https://json.schemastore.org/sarif-2.1.0.json"


def problems(checked: Checked, *, color: bool = False) -> str:  # noqa: ARG001  # one shape
    """One run with a result for each problem."""
    used = sorted({item.code for item in checked.problems})
    rules = [{"id": code, "shortDescription": {"text": meanings()[code]}} for code in used]
    driver = {"name": "riskgate", "version": VERSION, "rules": rules}
    results = [_result(item) for item in checked.problems]
    run = {"tool": {"driver": driver}, "results": results, "columnKind": "unicodeCodePoints"}
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2) + "\n"


def _result(item: Problem) -> dict[str, Any]:
    place: dict[str, Any] = {"artifactLocation": {"uri": quote(item.path)}}
    if item.line:
        place["region"] = {"startLine": item.line, "startColumn": item.column}
    return {
        "ruleId": item.code,
        "level": item.severity,
        "message": {"text": item.text},
        "locations": [{"physicalLocation": place}],
    }
