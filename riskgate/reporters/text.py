"""Plain text for people: a line for each finding, a line that sums up."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any, Final

from riskgate.model.money import grouped
from riskgate.policy.checked import Checked
from riskgate.policy.source import Problem
from riskgate.policy.suggest import number
from riskgate.reporters.answer_lines import answer_lines
from riskgate.reporters.audit_lines import audit_lines
from riskgate.reporters.chronicle_lines import chronicle_lines
from riskgate.reporters.columns import Column, Sheet, fitted, table_lines
from riskgate.reporters.difference_lines import lines_of
from riskgate.reporters.inventory_tables import inventory_lines
from riskgate.reporters.lines import WIDTH, wrapped
from riskgate.reporters.operation_lines import (
    ended_lines,
    evidence_lines,
    held_lines,
    kill_lines,
    plan_lines,
    reconciled_lines,
    status_lines,
)
from riskgate.reporters.replay_lines import history_lines, replay_lines
from riskgate.reporters.rule_pages import page_lines

if TYPE_CHECKING:
    from riskgate.authoring.checking import Answer
    from riskgate.authoring.policy_tests import Run
    from riskgate.history.running import History
    from riskgate.line.killing import KillReport
    from riskgate.model.events import Answered, Reconciled
    from riskgate.policy.controls import Armed, Inventory
    from riskgate.policy.diffing.difference import Differences
    from riskgate.policy.pages import Entry, Page
    from riskgate.record.audited import Audit
    from riskgate.record.chronicle import Chronicle
    from riskgate.record.live_view import Frame
    from riskgate.record.status import Ended, Held, Prospect, State
    from riskgate.replay.replaying import Replay

MOST_WATCHED: Final = 10
COLORS: Final = {"error": 31, "warning": 33}


def problems(checked: Checked, *, color: bool = False) -> str:
    """`path:line:column: error CODE text`, sorted, and a summary."""
    lines = [_colored(item) if color else str(item) for item in checked.problems]
    return _text((*lines, checked.summary))


def _colored(item: Problem) -> str:
    where = f"\x1b[1m{item.where}:\x1b[0m"
    shade = COLORS.get(item.severity, 31)
    return f"{where} \x1b[{shade}m{item.severity} {item.code}\x1b[0m {item.text}"


def rows(found: Sequence[Mapping[str, Any]], columns: Mapping[str, str]) -> str:
    """A table under the columns' titles; numbers to the right."""
    every = tuple(Column(name, title) for name, title in columns.items())
    return "".join(records(found, Sheet(every, {})))


def records(
    found: Iterable[Mapping[str, Any]], sheet: Sheet, *, width: int = WIDTH, color: bool = False
) -> Iterator[str]:
    """A table as wide as there is room: what matters least gives way, and no number is cut.

    Without rows there is nothing, not even titles.
    """
    listed = list(found)
    if not listed:
        return
    table = fitted(listed, sheet.columns, width)
    if color:
        from riskgate.reporters.rich_tables import rich_lines  # noqa: PLC0415  # only on a terminal

        yield from rich_lines(table)
    else:
        yield from table_lines(table)


def played(run: Run, *, color: bool = False) -> str:  # noqa: ARG001  # one shape
    """A line for each failure with the findings it is about, one for each gap, and a summary."""
    lines: list[str] = []
    for played in run.cases:
        for _, failures in groupby(played.failures, key=lambda failure: failure.step):
            of_step = list(failures)
            lines += (str(failure) for failure in of_step)
            lines += (f"    {finding}" for finding in of_step[-1].told)
    lines += (str(gap) for survey in run.surveys for gap in survey.gaps)
    lines += (run.summary, *(survey.summary for survey in run.surveys))
    return _text(lines)


def answer(said: Answer, *, verbose: bool = False, color: bool = False) -> str:
    """The decision with every breach, the tightest limits, and the largest quantity that passes.

    With `verbose` every rule that applied, in a table.
    """
    lines = answer_lines(said, verbose=verbose, color=color)
    return _text(lines)


def chronicle(of: Chronicle, *, verbose: bool = False) -> str:
    """One order's decisions, each rule with its headroom, and what happened next."""
    return _text(chronicle_lines(of, verbose=verbose))


def kinds(entries: Sequence[Entry]) -> str:
    """A line for each rule kind."""
    width = max((len(entry.kind) for entry in entries), default=0)
    return "".join(f"{entry.kind:{width}}  {entry.title}\n" for entry in entries)


def page(of: Page) -> str:
    """The full page of one rule kind."""
    return _text(page_lines(of))


def differences(apart: Differences, *, color: bool = False) -> str:
    """Each difference with who it is for, where it stands and why, and a summary."""
    lines = [line for item in apart.found for line in lines_of(item, color=color)]
    return _text((*lines, *wrapped(apart.summary, hang=4)))


def replayed(found: Replay, name: str) -> str:
    """What came out otherwise, and a summary."""
    return _text(replay_lines(found, name))


def replayed_history(found: History) -> str:
    """What would not have left, and a summary."""
    return _text(history_lines(found))


def audited(found: Audit, name: str) -> str:
    """What is wrong with a journal, and a summary."""
    return _text(audit_lines(found, name))


def status(of: State) -> str:
    """What holds now, the worst first, in at most eighty columns."""
    return _text(status_lines(of))


def watched(of: Frame, *, width: int = WIDTH, most: int = MOST_WATCHED) -> str:
    """One frame of `watch`, plain: so many columns, and so many rows of each list."""
    from riskgate.reporters.watch_screen import screen  # noqa: PLC0415  # it brings the book

    return "".join(f"{line.text.rstrip()}\n" for line in screen(of, width, most=most))


def killed(report: KillReport) -> str:
    """What became of each order of a kill, and what is proven."""
    return _text(kill_lines(report))


def planned(of: Prospect) -> str:
    """What would be done."""
    return _text(plan_lines(of))


def cancelled(found: Ended) -> str:
    """What became of cancels."""
    return _text(ended_lines(found))


def held(found: Sequence[Held]) -> str:
    """The orders that wait for a person."""
    return _text(held_lines(found))


def reconciled(outcome: Reconciled) -> str:
    """Every difference, and a summary."""
    return _text(reconciled_lines(outcome))


def answered(said: Answered) -> str:
    """What came of a request: a line for each order."""
    return _text(said.text.splitlines())


def evidence(of: Chronicle) -> str:
    """What the record knows of an order whose outcome is vouched for."""
    return _text(evidence_lines(of))


def controls(found: Inventory) -> str:
    """A paragraph for each rule, and what no armed limit covers."""
    legible = found._replace(armed=_legible(found.armed), not_armed=_legible(found.not_armed))
    return _text(inventory_lines(legible))


def _legible(limits: Sequence[Armed]) -> tuple[Armed, ...]:
    """The limits with thousands set apart: 50,000."""
    return tuple(
        limit._replace(value=grouped(plain) if (plain := number(limit.value)) else limit.value)
        for limit in limits
    )


def _text(lines: Iterable[str]) -> str:
    return "".join(f"{line}\n" for line in lines)
