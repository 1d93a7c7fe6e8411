"""What a replay found, as Markdown for a comment on a change.

Rule 1: a comment has room for 65,536 characters: every table is cut at its most touched rows, and
says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Final

from riskgate.model.words import abridged
from riskgate.reporters.columns import cut
from riskgate.reporters.markdown_text import escaped, head, row
from riskgate.reporters.replay_lines import (
    FACTS,
    MOST_ROWS,
    decisions,
    exposed,
    history_verdict,
    moves,
    peak_rows,
    rows,
    tables,
    verdict,
)

if TYPE_CHECKING:
    from riskgate.history.running import History
    from riskgate.replay.differing import Difference
    from riskgate.replay.effects import Effects
    from riskgate.replay.replaying import Replay

ROOM: Final = 64_000
LONGEST: Final = 300  # of one cell
Cells = Sequence[object]


def replay_page(found: Replay, name: str) -> str:
    """The verdict, what changes by rule, strategy and symbol, and the first examples."""
    lines = [f"**riskgate replay** of {_named(name)}: {verdict(found)}", ""]
    if found.is_what_if:
        lines += [
            f"What if: {decisions(found.others)} under policies `{abridged(found.asked)}`.",
            "",
        ]
        lines += [*_effects(found.effects), *_peaks(found), exposed(found.effects) + ".", ""]
        lines += [FACTS[0].upper() + FACTS[1:] + ".", ""]
    if found.untold:
        lines += [f"{found.untold:,} cannot be told, for what these count: {_rules(found)}.", ""]
    return _cut([*lines, *_examples(found.first, found.different)])


def history_page(found: History) -> str:
    """The same of an order history."""
    lines = [f"**riskgate replay** of {_named(found.path)}: {history_verdict(found)}", ""]
    if found.skipped:
        lines += [f"{found.skipped:,} bad rows skipped.", ""]
    lines += _effects(found.effects)
    return _cut([*lines, *_examples(found.effects.first, found.effects.total.all)])


def _named(path: str) -> str:
    """A file's name, whatever is in it; the end of one that is very long."""
    return escaped(path if len(path) <= LONGEST else f"...{path[-LONGEST:]}")


def _rules(found: Replay) -> str:
    """The first of the rules that nobody can tell about."""
    names = [escaped(cut(rule, LONGEST)) for rule in sorted(found.uncounted)]
    more = len(names) - MOST_ROWS
    return ", ".join([*names[:MOST_ROWS], *([f"and {more:,} more"] if more > 0 else [])])


def _cut(lines: Iterable[str]) -> str:
    page = "".join(f"{line}\n" for line in lines)
    if len(page) <= ROOM:
        return page
    return page[: page.rindex("\n", 0, ROOM) + 1] + "\n... cut; the rest is in the text format\n"


def _effects(effects: Effects) -> Iterator[str]:
    if effects.moves:
        yield f"Answers that move: {moves(effects)}."
        yield ""
    for what, tallies in tables(effects):
        found = rows(tallies)
        if found:
            yield from _table((what, "tightened", "loosened", "other reasons"), found)


def _peaks(found: Replay) -> Iterator[str]:
    peaks = peak_rows(found.peaks)
    if peaks and found.effects.total.all:
        yield from _table(("limit", "most used then", "most used now"), peaks)


def _examples(first: Sequence[Difference], count: int) -> Iterator[str]:
    if not first:
        return
    shown = [
        (
            item.seq,
            item.text,
            "; ".join(f"{p.what}: {p.recorded}, now {p.again}" for p in item.parts),
        )
        for item in first
    ]
    yield f"The first {len(first)} of {count:,}:"
    yield ""
    yield from _table(("at", "order", "what differs"), shown)


def _table(titles: Sequence[str], found: Sequence[Cells]) -> Iterator[str]:
    yield from head(titles)
    yield from (row(map(_cell, cells)) for cells in found[:MOST_ROWS])
    if len(found) > MOST_ROWS:
        yield row([f"... and {len(found) - MOST_ROWS:,} more", *[""] * (len(titles) - 1)])
    yield ""


def _cell(value: object) -> str:
    shown = f"{value:,}" if isinstance(value, int) else str(value)
    return cut(shown, LONGEST)
