"""Workflow commands, which GitHub shows beside the changed lines."""

from __future__ import annotations

from riskgate.policy.checked import Checked
from riskgate.policy.source import Problem


def problems(checked: Checked, *, color: bool = False) -> str:  # noqa: ARG001  # one shape
    """One `::error` for each problem, and a summary."""
    lines = (_command(item) for item in checked.problems)
    return "".join(f"{line}\n" for line in (*lines, checked.summary))


def _command(item: Problem) -> str:
    where = f"file={_property(item.path)},line={item.line},col={item.column}"
    return f"::{item.severity} {where},title={item.code}::{_message(item.text)}"


def _message(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _message(text).replace(":", "%3A").replace(",", "%2C")
