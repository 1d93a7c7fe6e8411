"""A whole history, day by day: in this process, in several, or on a cluster; the result is one.

Rule 1: every way runs `work` over the same days and adds up what comes back in the same order.
Rule 2: a bad row ends the run, with the file, the row, the column and why; or is counted, if asked.
"""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from itertools import groupby
from pathlib import Path
from typing import Any, Final

import msgspec

from riskgate.history.cluster import cluster
from riskgate.history.days import AccountDay, Index
from riskgate.history.opening import Opening
from riskgate.history.processes import processes
from riskgate.history.sources import opened
from riskgate.history.trading import DayDone
from riskgate.history.working import Asked, Workers, policies_of, seldom_collected, work
from riskgate.replay.effects import Effects

ENOUGH: Final = 65_536  # orders of a task, of whole days at least
AHEAD: Final = 4  # tasks that wait for each worker
Progress = Callable[[str, int, int], None]  # what is done, how many, of how many (0: not known)
Task = tuple[AccountDay, ...]


class History(msgspec.Struct, kw_only=True):
    """What came of it. `digest` is over the rows, answers and breaches of all orders.

    `days` counts each account's own. `ignored` are the columns of the file that mean nothing here.
    """

    path: str
    policies: str
    orders: int = 0
    days: int = 0
    skipped: int = 0
    digest: str = ""
    ignored: tuple[str, ...] = ()
    effects: Effects = msgspec.field(default_factory=Effects)


class Ways(msgspec.Struct, frozen=True):
    """How to run: in so many processes, or on the Dask cluster at an address."""

    jobs: int = 1
    dask: str = ""


def replay_history(
    asked: Asked, ways: Ways, opening: Opening, progress: Progress = lambda *_: None
) -> History:
    """Decide every order of a history. Raise ConfigError (a file), PolicyError (policies)."""
    source = opened(asked.path)
    found = History(
        path=asked.path, policies=policies_of(asked.texts).digest, ignored=source.ignored
    )
    index = Index(asked.zone, opening)
    with seldom_collected():
        for fault in index.read(source, lambda rows: progress("rows read", rows, 0)):
            asked.refuse(fault)
            found.skipped += 1
    digest = hashlib.sha256()
    for done in _done(asked, ways, index, progress):
        found.orders += done.orders
        found.days += 1
        found.skipped += done.skipped
        found.effects.add(done.effects)
        digest.update(done.digest)
    found.digest = digest.hexdigest()
    return found


def _done(asked: Asked, ways: Ways, index: Index, progress: Progress) -> Iterator[DayDone]:
    """Every account's day, by date and account, whoever did it."""
    count = _Count(progress, index.rows)
    if ways.jobs <= 1 and not ways.dask:
        for task in _tasks(index, 1):
            yield from work(asked, task, count.more)
        return
    with cluster(ways.dask) if ways.dask else processes(ways.jobs) as workers:
        everywhere = msgspec.structs.replace(asked, path=str(Path(asked.path).absolute()))
        yield from _spread(everywhere, _tasks(index, workers.number), workers, count)


def _tasks(index: Index, workers: int) -> Iterator[Task]:
    """What one worker does at once: whole days, or some accounts of a day with many orders."""
    enough = min(ENOUGH, index.rows // (workers * AHEAD) + 1)
    task: list[AccountDay] = []
    for _, of_day in groupby(index.parts(), key=lambda part: part.day):
        whole = list(of_day)
        if workers > 1 and _orders(whole) > enough:
            if task:
                yield tuple(task)
            yield from _shares(whole, _orders(whole) / workers)
            task = []
            continue
        task += whole
        if _orders(task) >= enough:
            yield tuple(task)
            task = []
    if task:
        yield tuple(task)


def _shares(parts: Iterable[AccountDay], enough: float) -> Iterator[Task]:
    """Neighbouring accounts with about so many orders together."""
    share: list[AccountDay] = []
    for part in parts:
        share.append(part)
        if _orders(share) >= enough:
            yield tuple(share)
            share = []
    if share:
        yield tuple(share)


def _orders(parts: Iterable[AccountDay]) -> int:
    return sum(part.orders for part in parts)


def _spread(
    asked: Asked, tasks: Iterable[Task], workers: Workers, count: _Count
) -> Iterator[DayDone]:
    """The tasks done by others, a few ahead; what comes back is in the order of the tasks."""
    waiting: deque[Any] = deque()
    for task in tasks:
        waiting.append(workers.submit(work, asked, task))
        if len(waiting) >= workers.number * AHEAD:
            yield from count.all_of(waiting.popleft().result())
    while waiting:
        yield from count.all_of(waiting.popleft().result())


class _Count:
    """Tells how many orders are done."""

    def __init__(self, progress: Progress, of: int) -> None:
        self._progress, self._of, self._done = progress, of, 0

    def more(self, orders: int) -> None:
        """So many more are done."""
        self._done += orders
        self._progress("orders decided", self._done, self._of)

    def all_of(self, done: list[DayDone]) -> list[DayDone]:
        """These days are done."""
        self.more(sum(one.orders for one in done))
        return done
