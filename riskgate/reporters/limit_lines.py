"""The limits in force now, in lines of so many columns: numbers first, then whose and where.

Rule 1: a number is shown whole or on a line of its own, and never cut.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

from riskgate.model.money import ZERO, grouped
from riskgate.model.rows import Kind
from riskgate.model.words import counted
from riskgate.record.limits_now import LimitNow
from riskgate.reporters.lines import WIDTH, wrapped
from riskgate.reporters.use_tables import brief, share

KINDS: Final[dict[str, Kind]] = {
    "Decimal": "decimal",
    "Decimal | None": "decimal",
    "bool": "flag",
}
TITLES: Final = ("full", "limit, and whose budget", "used", "reserved", "of", "headroom")
NONE: Final = "-"
INDENT: Final = 8
BLANKS: Final = "  "
DOES: Final = {"warn": "warns only", "hold": "holds"}
FIELDS: Final[dict[str, Kind]] = {
    name: KINDS.get(str(kind), "text") for name, kind in LimitNow.__annotations__.items()
}


def limit_lines(rows: Sequence[LimitNow], width: int = WIDTH) -> Iterator[str]:
    """Each limit with its place, its budget and numbers, and why there is no number.

    Of the budgets of one limit of which nothing is used, only the first is shown.
    """
    shown, hidden = _without_unused(rows)
    table = [numbers(row) for row in shown]
    widths = [max(map(len, column)) for column in zip(TITLES[2:], *table, strict=True)]
    yield from _beside(f"{TITLES[0]:>{INDENT - 2}}  {TITLES[1]}", TITLES[2:], widths, width)
    for row, cells in zip(shown, table, strict=True):
        head = f"{share(row.percent) or NONE:>{INDENT - 2}}  {name_of(row)}"
        first, *more = wrapped(
            "  ".join((head.strip(), row.where, aside(row))), width=width, hang=INDENT
        )
        yield f"{' ' * (len(head) - len(head.lstrip()))}{first}"
        yield from more
        yield from _beside(f"{' ' * INDENT}{row.budget or NONE}", cells, widths, width)
        left = hidden.get(_of(row), 0) if not _is_used(row) else 0
        why = f"and {counted(left, 'budget')} more of which nothing is used" if left else row.why
        yield from wrapped(why, INDENT, width=width)


def name_of(row: LimitNow) -> str:
    """The rule and its limit, with the unit of its numbers."""
    return f"{row.rule} {row.limit_name} {row.unit}".rstrip()


def numbers(row: LimitNow) -> tuple[str, ...]:
    """Used, reserved, the limit, and what is left."""
    least = ">= " if row.floor else ""
    return (
        NONE if row.used is None else brief(row.used),
        NONE if row.reserved is None else brief(row.reserved),
        f"{least}{grouped(row.limit)}",
        NONE if row.headroom is None else brief(row.headroom, row.limit),
    )


def aside(row: LimitNow) -> str:
    """What is special about a limit, in brackets; empty if nothing is."""
    words = [] if row.enforced else ["shadow: not enforced"]
    words += [DOES[row.action]] if row.action in DOES else []
    words += [f"waiver: {row.waiver}"] if row.waiver else []
    return f"({', '.join(words)})" if words else ""


def _without_unused(rows: Sequence[LimitNow]) -> tuple[list[LimitNow], Counter[str]]:
    """The rows without budgets of which nothing is used, but the first of each limit."""
    shown: list[LimitNow] = []
    hidden: Counter[str] = Counter()
    seen: set[str] = set()
    for row in rows:
        of = _of(row)
        if not _is_used(row) and of in seen:
            hidden[of] += 1
            continue
        seen |= set() if _is_used(row) else {of}
        shown.append(row)
    return shown, hidden


def _of(row: LimitNow) -> str:
    return f"{row.rule} {row.limit_name} {row.waiver}"


def _is_used(row: LimitNow) -> bool:
    """Whether there is anything to see; of what must be left there always is."""
    return row.floor or row.used is None or row.used != ZERO or row.reserved != ZERO


def _beside(head: str, cells: Sequence[str], widths: Sequence[int], width: int) -> Iterator[str]:
    """Numbers to the right of some words, or below them where there is no room."""
    right = BLANKS.join(one.rjust(most) for one, most in zip(cells, widths, strict=True))
    room = width - len(right) - len(BLANKS)
    if len(head) <= room:
        yield f"{head:{room}}{BLANKS}{right}"
        return
    yield from wrapped(head.strip(), len(head) - len(head.lstrip()), width=width)
    yield right.rjust(width) if len(right) <= width else f"{' ' * INDENT}{' '.join(cells)}"
