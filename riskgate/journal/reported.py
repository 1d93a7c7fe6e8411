"""A journal as a report reads it: its events, their last hash, and the orders of one day.

Rule 1: nothing is written, no lock is taken, and nothing is kept of what was read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime, tzinfo

from riskgate.analytics.facts import OrderFacts
from riskgate.journal.archive import Archive, Filter
from riskgate.journal.coding import GENESIS, recorded
from riskgate.model.events import Recorded
from riskgate.model.spans import A_DAY
from riskgate.record.progress import STEP, Progress, untold
from riskgate.reporting.asked import Asked
from riskgate.reporting.gather import Source
from riskgate.version import VERSION


def last_day(archive: Archive, zone: tzinfo, now: datetime) -> date:
    """The day of the last decision on record; of a record without one, that of now."""
    newest = archive.decisions(limit=1)
    at: datetime = newest[0]["at"] if newest else now
    return at.astimezone(zone).date()


def source(
    archive: Archive,
    journal: str,
    asked: Asked,
    now: datetime,
    progress: Progress = untold,
) -> Source:
    """What the report of a day is made from."""
    return _Journal(archive, asked, progress).source(journal, now)


class _Journal:
    """Remembers where the first reading ended, which went to the end of the journal."""

    def __init__(self, archive: Archive, asked: Asked, progress: Callable[[int], None]) -> None:
        self._archive = archive
        self._asked = asked
        self._progress = progress
        self._head = GENESIS.hash
        self._seq = GENESIS.seq

    def source(self, journal: str, now: datetime) -> Source:
        return Source(
            journal=journal,
            read=self._read,
            facts=self._facts,
            head=lambda: self._head,
            made_at=now,
            made_by=VERSION,
        )

    def _read(self, after: int) -> Iterator[Recorded]:
        for number, row in enumerate(self._archive.rows(after), 1):
            if row.seq > self._seq:
                self._seq, self._head = row.seq, row.hash
            if number % STEP == 0:
                self._progress(number)
            yield recorded(row)

    def _facts(self) -> Iterable[OrderFacts]:
        """Those made in the day, or held the day before and approved in it."""
        since, until = self._asked.since - A_DAY, self._asked.until
        return self._archive.facts(Filter(since=since, until=until))
