"""What a replay, or an audit of a journal, found, as lines for people."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from riskgate.version import VERSION

if TYPE_CHECKING:
    from riskgate.audited import Audit
    from riskgate.differing import Difference
    from riskgate.replaying import Replay

GROUNDS: Final = {
    "snapshot": "from snapshots",
    "words": "read again from their words",
    "record": "refused before there was an order, and recorded so",
}


def replay_lines(found: Replay, name: str) -> Iterator[str]:
    """The first differences, and in the last lines what they come to."""
    if found.is_what_if:
        yield f"what if: {_decisions(found.others)} under policies {found.asked[:12]} instead"
    for item in found.first:
        yield from _difference(item, "then" if found.is_what_if else "recorded")
    if found.different > len(found.first):
        yield f"... and {found.different - len(found.first):,} more"
    yield f"{name}: {_verdict(found)}"
    counts = [f"{n:,} {GROUNDS[ground]}" for ground, n in sorted(found.grounds.items())]
    if counts:
        yield f"  {', '.join(counts)}"
    if found.untold:
        rules = ", ".join(sorted(found.uncounted))
        yield f"  {found.untold:,} cannot be told: what these count was not recorded: {rules}"
    other = sorted(found.engines - {VERSION})
    if found.different and other:
        yield f"  decided by riskgate {', '.join(other)}; this is {VERSION}"


def audit_lines(found: Audit, name: str) -> Iterator[str]:
    """Every fault, what else is worth knowing, and in the last line whether all is well."""
    for fault in found.faults:
        yield f"{name}: {fault}"
    for remark in found.remarks:
        yield f"{name}: note: {remark}"
    count = f"{found.events:,} event{'' if found.events == 1 else 's'}"
    if found.faults:
        faults = f"{len(found.faults)} fault{'' if len(found.faults) == 1 else 's'}"
        yield f"{name}: {faults}; {count} before the first bad one"
        return
    yield f"{name}: {count}, chain whole, tables agree"
    yield f"  head {found.events} {found.head}"


def _verdict(found: Replay) -> str:
    count = _decisions(found.decisions)
    if found.is_what_if:
        return f"{found.different:,} of {count} would have come out otherwise"
    if found.different:
        return f"{found.different:,} of {count} came out otherwise"
    return f"{count} made again, all identical"


def _decisions(count: int) -> str:
    return f"{count:,} decision{'' if count == 1 else 's'}"


def _difference(item: Difference, then: str) -> Iterator[str]:
    at = item.at.strftime("%Y-%m-%d %H:%M:%S.%f UTC")
    yield f"event {item.seq}, order {item.order_id} ({item.what}, {at}): {item.text}"
    for part in item.parts:
        yield f"  {part.what}: {then} {part.recorded}; again {part.again}"
