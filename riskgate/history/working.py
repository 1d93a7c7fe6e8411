"""The days of some accounts, traded in one walk through their rows: what one worker does.

Rule 1: it needs nothing but its arguments and the files they name, so any process can do it.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import lru_cache
from typing import Final

import msgspec

from riskgate.authoring import policy_files
from riskgate.errors import ConfigError, PolicyError
from riskgate.history.days import Days, Part
from riskgate.history.rows import Reader, Told
from riskgate.history.sources import Fault, Span, opened
from riskgate.history.trading import DayDone, Trading
from riskgate.ledger.world import HoursSource
from riskgate.policy.policies import PolicySet

YOUNG: Final = 100_000  # new objects between two looks for cycles
STEP: Final = 1_000  # orders between two reports of progress
Texts = tuple[tuple[str, bytes], ...]


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
    asked: Asked, parts: tuple[Part, ...], progress: Callable[[int], None] = lambda _orders: None
) -> list[DayDone]:
    """Trade the days of some accounts. Raise BadRowError."""
    walk = _Walk(asked, parts)
    with seldom_collected():
        for orders, (desk, told) in enumerate(walk.orders(), 1):
            desk.trade(told)
            if orders % STEP == 0:
                progress(STEP)
    progress(walk.traded % STEP)
    done = [walk.desks[part.day, part.account].done(part.account, part.day) for part in parts]
    done[0].skipped = walk.skipped  # only their sum means anything
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


class _Walk:
    """The rows of some accounts' days, in the order of the file."""

    def __init__(self, asked: Asked, parts: tuple[Part, ...]) -> None:
        policies = policies_of(asked.texts)
        self._asked = asked
        self._days = Days(asked.zone)
        self._last = {(part.day, part.account): part.last for part in parts}
        self._newest: dict[str, datetime] = {}
        first = min(parts, key=lambda part: part.first)
        self._span = Span(first.first, max(self._last.values()), first.place)
        self.traded = self.skipped = 0
        self.desks = {
            (one.day, one.account): Trading(policies, asked.calendars, one.account, one.held)
            for one in parts
        }

    def orders(self) -> Iterator[tuple[Trading, Told]]:
        """Its orders, each with whose it is; what is none is refused, or counted."""
        source = opened(self._asked.path)
        reader = Reader(source.columns)
        for batch in source.batches(source.columns, self._span):
            for one in reader.orders(batch, self._is_mine):
                if isinstance(one, Fault):
                    self._asked.refuse(one)
                    self.skipped += 1
                else:
                    self.traded += 1
                    yield self.desks[self._days.of(one.at), one.order.account or ""], one

    def _is_mine(self, row: int, account: str, at: datetime) -> bool:
        """Whether a row is of one of these days, and not before an earlier one of its account."""
        if row > self._last.get((self._days.of(at), account), 0):
            return False
        newest = self._newest.get(account)
        if newest is not None and at < newest:
            return False
        self._newest[account] = at
        return True


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
