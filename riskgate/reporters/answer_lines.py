"""What the gate would say of an order, as lines of at most eighty columns."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from riskgate.model.money import grouped
from riskgate.reporters.findings import decision_head, decision_lines
from riskgate.reporters.lines import wrapped
from riskgate.reporters.use_tables import cells, use_lines

if TYPE_CHECKING:
    from riskgate.authoring.checking import Answer
    from riskgate.policy.explaining import Use

CLOSEST: Final = 3


def answer_lines(said: Answer, *, verbose: bool, color: bool) -> list[str]:
    """The decision, what limits it, and the largest quantity that would pass."""
    decision = said.decision
    if verbose:
        lines = [*decision_head(decision, said.asked, color=color), *use_lines(said.uses)]
        lines += [line for note in decision.notes for line in wrapped(f"note: {note}", 2)]
    else:
        lines = decision_lines(decision, said.asked, color=color)
        if not decision.breaches:
            lines += _closest([use for use in said.uses if use.percent is not None][:CLOSEST])
    return [*lines, *_largest(said)]


def _closest(uses: list[Use]) -> Iterator[str]:
    """The limits with the least headroom, one line each."""
    for use in uses:
        name, observed, _, limit, _, percent = cells(use)
        of = "with" if use.floor else "of"
        what, _, unit = name.partition(" ")
        said = " ".join(filter(None, (what, observed, of, limit, unit, f"({percent})")))
        yield from wrapped(f"{use.finding.rule}  {said}", 2)


def _largest(said: Answer) -> Iterator[str]:
    if said.decision.breaches and len(said.by_rule) > 1:
        each = (
            f"{rule} {grouped(most)}"
            for rule, most in sorted(said.by_rule.items(), key=lambda item: (item[1], item[0]))
        )
        yield from wrapped(f"largest quantity by rule: {'; '.join(each)}", 2)
    if said.largest is not None:
        most = grouped(said.largest) if said.largest else "none"
        yield f"  largest quantity that would pass now: {most}"
