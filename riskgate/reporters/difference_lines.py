"""Differences between policies, as lines of at most eighty columns and as cells of a table."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from riskgate.reporters.lines import wrapped

if TYPE_CHECKING:
    from riskgate.policy.diffing.difference import Difference

INDENT: Final = 4
RED: Final = 31
GREEN: Final = 32
YELLOW: Final = 33
SPEAKS_FOR_ITSELF: Final = frozenset({"LOOSENED", "TIGHTENED"})
TITLES: Final = ("", "rule", "change", "for", "where", "because")


def lines_of(item: Difference, *, color: bool = False) -> list[str]:
    """What changed, then for whom, where and why."""
    first, *more = wrapped(
        f"{_named(item)}  {item.subject}: {item.what} {item.change}", hang=INDENT
    )
    if color:
        name = item.label.value
        first = first.replace(name, f"\x1b[1;{_shade(item)}m{name}\x1b[0m", 1)
    details = [line for text in _details(item) for line in wrapped(text, INDENT, hang=INDENT)]
    return [first, *more, *details]


def _named(item: Difference) -> str:
    """The label; of what ends by itself, until when."""
    return f"{item.label} until {item.until}" if item.until else str(item.label)


def _shade(item: Difference) -> int:
    if item.may_allow_more:
        return RED
    return GREEN if item.may_stop_more else YELLOW


def _details(item: Difference) -> Iterator[str]:
    yield f"for: {item.who}"
    if item.label not in SPEAKS_FOR_ITSELF:
        yield f"effect: {item.effect}"
    if item.note:
        yield f"note: {item.note}"
    if item.where:
        yield f"at: {item.where}"
    if item.because:
        yield f"because: {item.because}"


def sentence(item: Difference) -> str:
    """All of a difference on one line."""
    aside = f" ({item.note})" if item.note else ""
    because = f"; because: {item.because}" if item.because else ""
    head = f"{_named(item)} {item.subject}: {item.what} {item.change}".rstrip()
    return f"{head} for {item.who}{aside}{because}"


def cells(item: Difference) -> tuple[str, ...]:
    """The columns of a table, under TITLES."""
    effect = "" if item.label in SPEAKS_FOR_ITSELF else f", {item.effect}"
    note = f" ({item.note})" if item.note else ""
    change = f"{item.what} {item.change}".rstrip()
    label = f"{_named(item)}{effect}"
    return (label, item.subject, change + note, item.who, item.where, item.because)
