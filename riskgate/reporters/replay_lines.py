"""What a replay found, and what other policies would change, as lines for people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Final

from riskgate.model.moments import to_the_microsecond
from riskgate.model.words import abridged
from riskgate.reporters.lines import wrapped
from riskgate.reporters.use_tables import share
from riskgate.version import VERSION

if TYPE_CHECKING:
    from decimal import Decimal

    from riskgate.history.running import History
    from riskgate.replay.differing import Difference
    from riskgate.replay.effects import Effects, Tally
    from riskgate.replay.replaying import Replay
    from riskgate.replay.what_if import Limit, Peak

GROUNDS: Final = {
    "snapshot": "from snapshots",
    "words": "read again from their words",
    "record": "refused before there was an order, and recorded so",
}
MOST_ROWS: Final = 20
FACTS: Final = (
    "each order was met by the market, account and book of then; what would have followed from"
    " another answer is not played on"
)
Row = tuple[str, int, int, int]


def replay_lines(found: Replay, name: str) -> Iterator[str]:
    """What the differences come to, and then the first of them.

    The first line is the answer, and is one line however long the name of the journal is.
    """
    yield f"{name}: {verdict(found)}"
    yield from _within(_replay_lines(found))


def history_lines(found: History) -> Iterator[str]:
    """What the orders come to, and then the first that would not have left."""
    return _within(_history_lines(found))


def _within(lines: Iterator[str]) -> Iterator[str]:
    """The same within the width of a terminal."""
    for line in lines:
        text = line.lstrip()
        yield from wrapped(text, len(line) - len(text))


def _replay_lines(found: Replay) -> Iterator[str]:
    if found.is_what_if:
        yield f"  what if: {decisions(found.others)} under policies {abridged(found.asked)} instead"
    counts = [f"{n:,} {GROUNDS[ground]}" for ground, n in sorted(found.grounds.items())]
    if counts:
        yield f"  {', '.join(counts)}"
    if found.untold:
        rules = ", ".join(sorted(found.uncounted))
        yield f"  {found.untold:,} cannot be told: what these count was not recorded: {rules}"
    other = sorted(found.engines - {VERSION})
    if found.different and other:
        yield f"  decided by riskgate {', '.join(other)}; this is {VERSION}"
    if found.is_what_if and found.effects.total.all:
        yield "what changes:"
        yield from _effects(found.effects)
        yield from (f"  {line}" for line in _peaks(found.peaks))
        yield f"  {exposed(found.effects)}"
        yield f"  {FACTS}"
    for item in found.first:
        yield from _difference(item, "then" if found.is_what_if else "recorded")
    if found.different > len(found.first):
        yield f"... and {found.different - len(found.first):,} more"


def _history_lines(found: History) -> Iterator[str]:
    yield f"{found.path}: {history_verdict(found)}"
    total = found.effects.total
    if total.all:
        yield from _effects(found.effects)
    if found.skipped:
        yield f"  {found.skipped:,} bad row{'' if found.skipped == 1 else 's'} skipped"
    if found.ignored:
        yield f"  columns that mean nothing here: {', '.join(found.ignored)}"
    yield f"  digest {found.digest}"
    for item in found.effects.first:
        yield from _difference(item, "then")
    more = total.all - len(found.effects.first)
    if more > 0:
        yield f"... and {more:,} more"


def history_verdict(found: History) -> str:
    """How many orders, and what became of them, in words."""
    count = f"{found.orders:,} order{'' if found.orders == 1 else 's'}"
    days = f"{found.days:,} day{'' if found.days == 1 else 's'} of an account"
    changed = found.effects.total
    return (
        f"{count} on {days} under policies {abridged(found.policies)}:"
        f" {found.effects.denied:,} denied, {changed.tightened:,} tightened,"
        f" {changed.loosened:,} loosened"
    )


def verdict(found: Replay) -> str:
    """How many decisions came out otherwise, in words."""
    count = decisions(found.decisions)
    if found.is_what_if:
        return f"{found.different:,} of {count} would have come out otherwise"
    if found.different:
        return f"{found.different:,} of {count} came out otherwise"
    return f"{count} made again, all identical"


def decisions(count: int) -> str:
    """So many decisions."""
    return f"{count:,} decision{'' if count == 1 else 's'}"


def exposed(effects: Effects) -> str:
    """The bound for what would have followed."""
    return (
        f"at most {effects.exposed:,} of the answers that are the same could have followed suit:"
        " they rest on something that a changed order counts in"
    )


def moves(effects: Effects) -> str:
    """How answers moved: `allow to deny 8, deny to allow 3`."""
    ranked = sorted(effects.moves.items(), key=lambda item: (-item[1], item[0]))
    return ", ".join(f"{move} {count:,}" for move, count in ranked)


def rows(tallies: Mapping[str, Tally]) -> list[Row]:
    """The most touched first: a name, tightened, loosened, and changed for other reasons."""
    ranked = sorted(tallies.items(), key=lambda item: (-item[1].all, item[0]))
    return [(name, one.tightened, one.loosened, one.changed) for name, one in ranked]


def peak_rows(peaks: Mapping[Limit, Peak]) -> list[tuple[str, str, str]]:
    """The most used first: a limit, and the most of it that was used then and would be now."""

    def order(item: tuple[Limit, Peak]) -> tuple[Decimal | int, Limit]:
        return -(item[1].now or 0), item[0]

    ranked = sorted(peaks.items(), key=order)
    return [(" ".join(limit), share(one.then), share(one.now)) for limit, one in ranked]


def _effects(effects: Effects) -> Iterator[str]:
    total = effects.total
    told = f"tightened {total.tightened:,}, loosened {total.loosened:,}"
    yield f"  {told}, the same for other reasons {total.changed:,}"
    if effects.moves:
        yield f"  {moves(effects)}"
    for what, tallies in tables(effects):
        for name, tightened, loosened, changed in rows(tallies)[:MOST_ROWS]:
            other = f", {changed:,} for other reasons" if changed else ""
            yield f"  {what} {name}: {tightened:,} tightened, {loosened:,} loosened{other}"
        if len(tallies) > MOST_ROWS:
            yield f"  ... and {len(tallies) - MOST_ROWS:,} more of these"


def tables(effects: Effects) -> tuple[tuple[str, Mapping[str, Tally]], ...]:
    """The counts by what they are of."""
    return (
        ("rule", effects.by_rule),
        ("strategy", effects.by_strategy),
        ("symbol", effects.by_symbol),
    )


def _peaks(peaks: Mapping[Limit, Peak]) -> Iterator[str]:
    for limit, then, now in peak_rows(peaks)[:MOST_ROWS]:
        yield f"most used of {limit}: {then or 'not asked'} then, {now or 'not asked'} now"


def _difference(item: Difference, then: str) -> Iterator[str]:
    at = to_the_microsecond(item.at)
    where = (
        f"row {item.seq}" if item.what == "order" else f"event {item.seq}, order {item.order_id}"
    )
    yield f"{where} ({item.what}, {at}): {item.text}"
    for part in item.parts:
        yield f"  {part.what}: {then} {part.recorded}; again {part.again}"
