"""The days of some accounts, traded in one walk through their rows: what one worker does.

Rule 1: it needs nothing but its arguments and the files they name, so any process can do it.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Container, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from functools import lru_cache, partial
from itertools import islice
from typing import Any, Final, NamedTuple

import msgspec

from riskgate.authoring import policy_files
from riskgate.errors import ConfigError, PolicyError
from riskgate.history.days import AccountDay, Days
from riskgate.history.rows import Reader, Told
from riskgate.history.sources import Fault, Span, opened
from riskgate.history.trading import DayDone, Trading
from riskgate.ledger.world import HoursSource
from riskgate.policy.policies import PolicySet

YOUNG: Final = 100_000  # new objects between two looks for cycles
LONG_AGO: Final = datetime.min.replace(tzinfo=UTC)
MANY: Final = 50_000  # orders whose books are not left to chance
STEP: Final = 256  # orders between two reports of progress
Texts = tuple[tuple[str, bytes], ...]


class Workers(NamedTuple):
    """Who does the work beside this process. `submit` gives a future; its `result()` waits."""

    number: int
    submit: Callable[..., Any]


class BadRowError(ConfigError):
    """A row of a history cannot be read."""


class Asked(msgspec.Struct, frozen=True):
    """What is to be replayed: a file, policies by their texts, the zone of days, and how strict."""

    path: str
    texts: Texts
    zone: str
    calendars: HoursSource
    skip_bad: bool = False

    def refuse(self, fault: Fault) -> None:
        """Raise BadRowError, unless bad rows are to be skipped."""
        if not self.skip_bad:
            column = f", column `{fault.column}`" if fault.column else ""
            raise BadRowError(f"`{self.path}`: row {fault.row}{column}: {fault.why}")


def work(
    asked: Asked,
    parts: tuple[AccountDay, ...],
    progress: Callable[[int], None] = lambda _orders: None,
) -> list[DayDone]:
    """Trade the days of some accounts. Raise BadRowError."""
    walk = _Walk(asked, parts)
    with seldom_collected():
        for orders in walk.trade():
            progress(orders)
    done = [walk.desks[part.day, part.account].done(part.account, part.day) for part in parts]
    done[0].skipped = walk.skipped  # only their sum means anything
    many = walk.traded >= MANY
    del walk
    if many:
        gc.collect()  # the books of these days, which hold themselves
    return done


@contextmanager
def seldom_collected() -> Iterator[None]:
    """Look for cycles of garbage seldom: rows and orders make none, and there are many of them."""
    before = gc.get_threshold()
    gc.set_threshold(YOUNG, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)


class _Mine(msgspec.Struct):
    """One account's day that is traded here: its last row, and its newest moment until now."""

    desk: Trading
    last: int
    newest: datetime = LONG_AGO


class _Walk:
    """The rows of some accounts' days, in the order of the file."""

    def __init__(self, asked: Asked, parts: tuple[AccountDay, ...]) -> None:
        policies = policies_of(asked.texts)
        self._asked = asked
        self._days = Days(asked.zone)
        self._mine: dict[date, dict[str, _Mine]] = {}
        first, last = min(parts, key=lambda part: part.first), max(part.last for part in parts)
        self._span = Span(first.first, last, first.place)
        self.traded = self.skipped = 0
        self.desks: dict[tuple[date, str], Trading] = {}
        for one in parts:
            desk = Trading(policies, asked.calendars, one)
            self.desks[one.day, one.account] = desk
            self._mine.setdefault(one.day, {})[one.account] = _Mine(desk, one.last)

    def trade(self) -> Iterator[int]:
        """Trade them, and tell how many more each time; to read some and then decide is faster."""
        orders = self.orders()
        while some := list(islice(orders, STEP)):
            for desk, told in some:
                desk.trade(told)
            yield len(some)

    def orders(self) -> Iterator[tuple[Trading, Told]]:
        """Its orders, each with whose it is; what is none is refused, or counted."""
        source = opened(self._asked.path)
        reader = Reader(source.columns)
        for batch in source.batches(source.columns, self._span):
            desks: list[Trading] = []
            # In this order: desks are found when the first order is asked for.
            found = reader.orders(batch, partial(self._choose, desks))
            for one, desk in zip(found, desks, strict=True):
                if type(one) is Told:
                    self.traded += 1
                    yield desk, one
                elif isinstance(one, Fault):
                    self._asked.refuse(one)
                    self.skipped += 1

    def _choose(
        self,
        desks: list[Trading],
        first: int,
        accounts: Sequence[str],
        times: Sequence[datetime],
        lost: Container[int],
    ) -> list[int]:
        """The places of rows of these days, none before an earlier one of its account."""
        days, until = self._days, LONG_AGO
        since, mine, places = until, {}, []
        for place, (account, at) in enumerate(zip(accounts, times, strict=True)):
            if lost and place in lost:
                continue
            if not since <= at < until:
                mine = self._mine.get(days.of(at), {})
                since, until = days.since, days.until
            own = mine.get(account)
            if own is None or at < own.newest or first + place > own.last:
                continue
            own.newest = at
            places.append(place)
            desks.append(own.desk)
        return places


class _Codes:
    """Knows every code of a calendar: they were asked when the policies were read at first."""

    def knows(self, code: str) -> bool:  # noqa: ARG002  # the shape of calendars
        """Whatever it is."""
        return True

    def codes(self) -> tuple[str, ...]:
        """None by name."""
        return ()


@lru_cache(maxsize=2)
def policies_of(texts: Texts) -> PolicySet:
    """The policies of these texts, compiled once in each process. Raise PolicyError."""
    checked, _ = policy_files.check_texts(texts, _Codes())
    if checked.policies is None:
        raise PolicyError(checked.summary, checked.problems)
    return checked.policies
