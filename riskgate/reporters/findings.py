"""Decisions and their findings as lines of at most eighty columns."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Final

from riskgate.model.decision import FORGIVEN, Action, Decision, Finding
from riskgate.reporters.lines import wrapped

WORDS: Final = {
    Action.ALLOW: "allowed",
    Action.WARN: "allowed with a warning",
    Action.HOLD: "held",
    Action.DENY: "denied",
}
SOFTER: Final = {Action.WARN: "  (warns only)", Action.HOLD: "  (holds for approval)"}
COLORS: Final = {Action.ALLOW: 32, Action.WARN: 33, Action.HOLD: 33, Action.DENY: 31}


def decision_lines(decision: Decision, asked: str = "", *, color: bool = False) -> list[str]:
    """What was decided of which order, then every breach; `asked` if it could not be read."""
    lines = [*decision_head(decision, asked, color=color), *finding_lines(decision.breaches)]
    return lines + [line for note in decision.notes for line in wrapped(f"note: {note}", 2)]


def decision_head(decision: Decision, asked: str = "", *, color: bool = False) -> list[str]:
    """What was decided of which order."""
    word = WORDS[decision.action]
    order = asked if decision.order is None else str(decision.order)
    first, *rest = wrapped(f"{word}  {order}", hang=len(word) + 2)
    shown = f"\x1b[1;{COLORS[decision.action]}m{word}\x1b[0m" if color else word
    return [shown + first.removeprefix(word), *rest]


def finding_lines(findings: Iterable[Finding]) -> list[str]:
    """Every finding under its rule: where the rule stands, each limit, and why it is there."""
    grouped = groupby(findings, key=lambda finding: (finding.name, finding.where))
    said = (dict.fromkeys(_rule_lines(list(of_rule))) for _, of_rule in grouped)
    return [line for lines in said for line in lines]


def _rule_lines(findings: list[Finding]) -> Iterator[str]:
    first = findings[0]
    aside = "  (shadow: not enforced)" if not first.enforced else SOFTER.get(first.action, "")
    if first.text == FORGIVEN:
        aside = f"  ({FORGIVEN})"
    if not first.rule:
        for finding in findings:
            yield from wrapped(f"{finding.name}  {finding.text}", 2)
        return
    yield from wrapped(f"{first.name}  {first.where}{aside}", 2)
    for finding in findings:
        yield from wrapped(finding.measured or f"{finding.code}: {finding.text}", 4)
        if finding.measured and finding.text not in ("", FORGIVEN, finding.measured):
            yield from wrapped(finding.text, 6)
    if first.waiver:
        yield from wrapped(f"waiver: {first.waiver}", 4)
    if first.because:
        yield from wrapped(f"because: {first.because}", 4)
