"""The stories of a report: what `riskgate why` tells of the worst, the denied and the near orders.

Rule 1: the journal is read twice for all of them together, however many they are; only one that is
worked off in slices, or in a block, is told by a reading of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from riskgate.model.events import Decided, LimitTripped, Reconciled, Recorded, StateChanged
from riskgate.model.report import CancelNotSent, CommissionReport, ExecutionReport, stem_of
from riskgate.record.chronicle import Chronicle, chronicle
from riskgate.record.limit_figures import LimitsUsed
from riskgate.record.recorded_policies import Read
from riskgate.reporting.executed import Executed
from riskgate.reporting.record import Record

MOST_WORST: Final = 10
MOST_DENIED: Final = 10
MOST_NEAR: Final = 5
ABOUT_NONE: Final = (CancelNotSent, Reconciled, StateChanged, LimitTripped)  # may be about any


def stories(
    read: Read, record: Record, executed: Executed, used: LimitsUsed
) -> Iterator[Chronicle]:
    """What became of the worst orders, the first that were denied, and the nearest, each once.

    Each is explained under the policies of its first decision, as the journal holds them.
    """
    wanted = list(dict.fromkeys(_wanted(record, executed, used)))
    kept = _about(read, record.begin, frozenset(wanted)) if wanted else []
    for number in wanted:
        decided = _first(kept, number)
        if decided is None:
            continue
        policies = record.texts.readable(decided.decision.digest)
        alone = decided.plan is None and not decided.block
        told = chronicle((lambda: kept) if alone else (lambda: read(0)), str(number), policies)
        if told is not None:
            yield told


def _wanted(record: Record, executed: Executed, used: LimitsUsed) -> Iterator[int]:
    yield from (one.facts.order_id for one in executed.worst()[:MOST_WORST])
    yield from (one.order_id for _, one in record.denied[:MOST_DENIED])
    yield from (one.order_id for one in used.near[:MOST_NEAR])


def _about(read: Read, begin: int, wanted: frozenset[int]) -> list[Recorded]:
    """The events about some orders of the day, and those without an order that may be."""
    found = [event for event in read(begin) if _is_about(event, wanted)]
    stems = {event.payload.stem for event in found if isinstance(event.payload, ExecutionReport)}
    bills = [
        event
        for event in (read(begin) if stems else ())
        if isinstance(event.payload, CommissionReport)
        and stem_of(event.payload.execution_id) in stems
    ]
    return sorted([*found, *bills], key=lambda event: event.seq)


def _is_about(event: Recorded, wanted: frozenset[int]) -> bool:
    number = getattr(event.payload, "order_id", 0)
    return number in wanted or (not number and isinstance(event.payload, ABOUT_NONE))


def _first(events: Iterable[Recorded], number: int) -> Decided | None:
    """The first decision of the day on an order."""
    decided = (event.payload for event in events if isinstance(event.payload, Decided))
    return next((one for one in decided if one.order_id == number), None)
