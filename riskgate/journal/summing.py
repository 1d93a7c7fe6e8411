"""The orders on record summed up, in several processes where there are many.

Rule 1: sums are exact and merge in the order of the orders' numbers, so the figures do not depend
on how many processes took part.
Rule 2: each process reads the journal for itself and keeps no more than its sums.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from datetime import tzinfo
from multiprocessing import get_context
from pathlib import Path
from typing import Final, NamedTuple

import msgspec

from riskgate.analytics.breakdown import Breakdown
from riskgate.analytics.measures import measure
from riskgate.analytics.tape import Tape
from riskgate.analytics.totals import Totals
from riskgate.journal.archive import Filter, open_for_reading

MANY: Final = 40_000  # orders; below, starting processes takes longer than summing
MOST: Final = 8
Sums = dict[tuple[str, ...], Totals]


class Asked(NamedTuple):
    """Which orders of which journal, how they are grouped, and what the market traded meanwhile."""

    journal: str | Path
    wanted: Filter
    by: tuple[str, ...]
    zone: tzinfo
    market: Tape | None = None


def processes() -> int:
    """How many processes this machine is good for."""
    able = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return max(1, min(MOST, able or 1))


def parts(asked: Asked, jobs: int) -> tuple[Filter, ...]:
    """The orders in so many parts of about the same size; in one where they are few."""
    if jobs < 2 or asked.wanted.limit is not None:  # noqa: PLR2004  # one needs no other process
        return (asked.wanted,)
    with open_for_reading(asked.journal) as archive:
        edges = archive.edges(asked.wanted, jobs, MANY)
    begins, ends = (None, *edges), (*edges, None)
    return tuple(
        msgspec.structs.replace(asked.wanted, first=first, last=None if last is None else last - 1)
        for first, last in zip(begins, ends, strict=True)
    )


def summed(asked: Asked, shares: Iterable[Filter]) -> Breakdown:
    """The sums of all parts; those after the first in processes of their own."""
    found = Breakdown(asked.by, asked.zone)
    for sums in _sums(asked, tuple(shares)):
        part = Breakdown(asked.by, asked.zone)
        part.totals = sums
        found.merge(part)
    return found


def _sums(asked: Asked, shares: tuple[Filter, ...]) -> Iterator[Sums]:
    if len(shares) == 1:
        yield _part(asked._replace(wanted=shares[0]))
        return
    with ProcessPoolExecutor(len(shares), mp_context=get_context("spawn")) as pool:
        yield from pool.map(_part, [asked._replace(wanted=share) for share in shares])


def _part(asked: Asked) -> Sums:
    """The sums of one part."""
    found = Breakdown(asked.by, asked.zone)
    with open_for_reading(asked.journal) as archive:
        for one in measure(archive.facts(asked.wanted), asked.market):
            found.add(one)
    return found.totals
