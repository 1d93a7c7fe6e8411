"""Plain text for people: a line for each finding, a line that sums up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from itertools import groupby
from typing import TYPE_CHECKING, Any

from riskgate.model.money import grouped, text
from riskgate.policy.checked import Checked
from riskgate.policy.source import Problem
from riskgate.reporters.findings import decision_lines

if TYPE_CHECKING:
    from riskgate.checking import Answer
    from riskgate.policy_tests import Run


def problems(checked: Checked, *, color: bool = False) -> str:
    """`path:line:column: error CODE text`, sorted, and a summary."""
    lines = [_colored(item) if color else str(item) for item in checked.problems]
    return "".join(f"{line}\n" for line in (*lines, checked.summary))


def _colored(item: Problem) -> str:
    where = f"\x1b[1m{item.path}:{item.line}:{item.column}:\x1b[0m"
    return f"{where} \x1b[31m{item.severity} {item.code}\x1b[0m {item.text}"


def rows(found: Sequence[Mapping[str, Any]], columns: Mapping[str, str]) -> str:
    """A table under the columns' titles; numbers to the right."""
    cells = [[cell(row.get(name)) for name in columns] for row in found]
    titles = list(columns.values())
    widths = [max(len(line[i]) for line in [titles, *cells]) for i in range(len(titles))]
    right = [all(isinstance(row.get(n), Decimal | int | None) for row in found) for n in columns]
    return "".join(_line(line, widths, right) + "\n" for line in [titles, *cells])


def cell(value: object) -> str:
    """One value as people read it; times in UTC."""
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return text(value)
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S")
    return str(value)


def _line(line: Sequence[str], widths: Sequence[int], right: Sequence[bool]) -> str:
    padded = [
        word.rjust(width) if to_the_right else word.ljust(width)
        for word, width, to_the_right in zip(line, widths, right, strict=True)
    ]
    return "  ".join(padded).rstrip()


def played(run: Run, *, color: bool = False) -> str:  # noqa: ARG001  # one shape
    """A line for each failure, the findings it is about, and a summary."""
    lines: list[str] = []
    for played in run.cases:
        for _, failures in groupby(played.failures, key=lambda failure: failure.step):
            of_step = list(failures)
            lines += (str(failure) for failure in of_step)
            lines += (f"    {finding}" for finding in of_step[-1].findings)
    return "".join(f"{line}\n" for line in (*lines, run.summary))


def answer(said: Answer, *, color: bool = False) -> str:
    """The decision with every breach, and the largest quantity that would pass."""
    lines = decision_lines(said.decision, said.asked, color=color)
    if said.largest is not None:
        most = grouped(said.largest) if said.largest else "none"
        lines.append(f"  largest quantity that would pass now: {most}")
    return "".join(f"{line}\n" for line in lines)
