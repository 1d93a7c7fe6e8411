"""How much of each limit is used, as a table of at most eighty columns and as cells."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import groupby
from typing import TYPE_CHECKING, Final

from riskgate.model.decision import Action, Verdict
from riskgate.model.money import HUNDRED, grouped
from riskgate.reporters.lines import WIDTH, wrapped

if TYPE_CHECKING:
    from riskgate.policy.explaining import Use

TITLES: Final = ("", "observed", "this order", "limit", "headroom", "used")
INDENT: Final = "    "
DECIMALS: Final = 4
MOST_DECIMALS: Final = 20
WORDS: Final = {Action.WARN: "warns only", Action.HOLD: "holds for approval"}


def use_lines(uses: Sequence[Use], *, because: bool = True) -> list[str]:
    """Each rule with its place, a row for each limit, and (if asked for) why it is there.

    Under a title row; nothing at all for no uses.
    """
    rows = [cells(use) for use in uses if is_number(use)]
    widths = [max(map(len, column)) for column in zip(TITLES, *rows, strict=True)]
    lines = [line for line in _wide(TITLES, widths) if line.strip()] if rows else []
    for (name, where), of_rule in groupby(uses, lambda use: (use.finding.name, use.finding.where)):
        lines += _rule_lines(name, where, list(of_rule), widths, because=because)
    return lines


def _rule_lines(
    name: str, where: str, uses: Sequence[Use], widths: Sequence[int], *, because: bool
) -> Iterator[str]:
    first = uses[0].finding
    if not first.rule:
        for use in uses:
            yield from wrapped(f"{name}  {use.finding.text}", 2)
        return
    yield from wrapped("  ".join(filter(None, (name, where, aside(uses[0])))), 2)
    for use in uses:
        if is_number(use):
            yield from _wide(cells(use), widths)
        if said := in_words(use):
            yield from wrapped(said, len(INDENT))
    for waiver in dict.fromkeys(use.finding.waiver for use in uses if use.finding.waiver):
        yield from wrapped(f"waiver: {waiver}", len(INDENT))
    if because and first.because:
        yield from wrapped(f"because: {first.because}", len(INDENT))


def is_number(use: Use) -> bool:
    """Whether what was observed can stand in a column beside its limit."""
    finding = use.finding
    return isinstance(finding.observed, Decimal) and isinstance(finding.limit, Decimal)


def aside(use: Use) -> str:
    """What is special about a rule's answer, in brackets; empty if nothing is."""
    finding = use.finding
    words = [] if finding.enforced else ["shadow: not enforced"]
    if not use.passed and finding.action in WORDS:
        words.append(WORDS[finding.action])
    if finding.verdict is Verdict.UNKNOWN:
        words.append("could not be judged")
    return f"({', '.join(words)})" if words else ""


def in_words(use: Use) -> str:
    """What no column says: words and their limit, or why there is no measurement."""
    finding = use.finding
    if is_number(use):
        return finding.text
    if finding.observed is None:
        return f"{finding.code}: {finding.text}"
    measured = finding.measured
    return f"{measured}; {finding.text}" if finding.text not in ("", measured) else measured


def cells(use: Use) -> tuple[str, ...]:
    """The limit with its unit, what was observed, the order's share, limit, headroom, percent."""
    finding = use.finding
    if not isinstance(finding.observed, Decimal) or not isinstance(finding.limit, Decimal):
        return (finding.limit_name, *("",) * (len(TITLES) - 1))
    name = f"{finding.limit_name} {finding.unit}".rstrip()
    return (
        name,
        brief(finding.observed, finding.limit),
        "" if use.own is None else brief(use.own),
        (">= " if use.floor else "") + grouped(finding.limit),
        "" if use.headroom is None else brief(use.headroom),
        share(use.percent),
    )


def brief(number: Decimal, limit: Decimal | None = None) -> str:
    """A number with few decimals, but never so few that it would look like its limit, or zero."""
    if not number.is_finite():
        return "no number"
    for decimals in range(DECIMALS, MOST_DECIMALS):
        rounded = round(number, decimals)
        if rounded == number or (rounded and rounded != limit):
            return grouped(rounded)
    return grouped(number)


def share(percent: Decimal | None) -> str:
    """Whole percent; `100 %` only for what is exactly at its limit."""
    if percent is None:
        return ""
    whole = round(percent)
    if whole == HUNDRED and percent != HUNDRED:
        return ">100 %" if percent > HUNDRED else "<100 %"
    return "<1 %" if not whole and percent else f"{whole} %"


def _wide(row: Sequence[str], widths: Sequence[int]) -> tuple[str, ...]:
    """The row on one line, closer where it must be; on two where it is too long for one."""
    numbers = [cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True)]
    named = [f"{INDENT}{row[0]:{widths[0]}}", *numbers]
    for gap in ("  ", " "):
        if len(gap.join(named)) <= WIDTH:
            return (gap.join(named).rstrip(),)
    below = "  ".join(numbers)
    room = f"{INDENT}{below}" if len(INDENT + below) <= WIDTH else f"{INDENT}{' '.join(numbers)}"
    return (f"{INDENT}{row[0]}", room.rstrip())
