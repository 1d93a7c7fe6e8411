"""A journal opened to be looked at: the tables, the decisions, the counts, the chain.

Rule 1: nothing here writes, and no file is ever made.
Rule 2: answers are plain values: amounts are Decimal and times aware UTC datetimes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Final

import msgspec
import peewee

from riskgate.journal import chain
from riskgate.journal.address import path_of
from riskgate.journal.coding import Row
from riskgate.journal.faults import told
from riskgate.journal.store import Store, open_to_read
from riskgate.journal.tables import DecisionRow, EventRow, ExecutionRow, OrderRow
from riskgate.model.events import Recorded

Shown = dict[str, Any]
WAIT: Final = timedelta(seconds=5)


class Filter(msgspec.Struct, frozen=True, kw_only=True):
    """Which orders or fills; None is all. `since` counts, `until` does not; newest come first.

    Times are those of an order's creation and of a fill.
    """

    order_id: int | None = None
    account: str | None = None
    strategy: str | None = None
    symbol: str | None = None
    side: str | None = None
    statuses: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None
    limit: int | None = None


ALL: Final = Filter()


class Archive(AbstractContextManager["Archive"]):
    """What there is to see of one journal. Every question may raise JournalError."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def orders(self, filter_: Filter = ALL) -> list[Shown]:
        """Rows of `orders`, by column."""
        query = OrderRow.select().where(*_orders_where(filter_)).order_by(OrderRow.order_id.desc())
        return self._shown(query.limit(filter_.limit))

    def fills(self, filter_: Filter = ALL) -> list[Shown]:
        """Rows of `executions`, by column; strategy and statuses are those of their orders."""
        newest = (ExecutionRow.timestamp.desc(), ExecutionRow.execution_id.desc())
        query = ExecutionRow.select().where(*_fills_where(filter_)).order_by(*newest)
        return self._shown(query.limit(filter_.limit))

    def decisions(self, limit: int | None = None) -> list[Shown]:
        """The newest decisions: seq, order_id, at, action, digest, breaches and text."""
        return self._shown(DecisionRow.select().order_by(DecisionRow.seq.desc()).limit(limit))

    def counts(self) -> dict[str, Any]:
        """Events by kind, orders by status, and how many executions there are."""
        executions = self._shown(ExecutionRow.select(peewee.fn.COUNT(1).alias("number")))
        return {
            "events": self._counted(EventRow.kind),
            "orders": self._counted(OrderRow.status),
            "executions": executions[0]["number"],
        }

    def read(self, after: int = 0) -> Iterator[Recorded]:
        """All events after a sequence number, in order."""
        with self._told():
            found = chain.batch(self._store, chain.place_of(self._store, after))
        while found:
            yield from (event for event, _ in found)
            with self._told():
                found = chain.batch(self._store, found[-1][1])

    def rows(self, after: int = 0) -> Iterator[Row]:
        """All events after a sequence number as they are stored, each checked like in `read`."""
        with self._told():
            found = chain.rows(self._store, chain.place_of(self._store, after))
        while found:
            yield from found
            with self._told():
                found = chain.rows(self._store, found[-1].place)

    def verify(self) -> int | None:
        """The number of the first event that is not as it was written; None if all are."""
        with self._told():
            return chain.first_fault(self._store)

    def close(self) -> None:
        """Close the file."""
        self._store.close()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _told(self) -> AbstractContextManager[None]:
        return told(self._store.path, self._store.wait)

    def _shown(self, query: peewee.ModelSelect[Any]) -> list[Shown]:
        with self._told():
            return list(query.bind(self._store.database).dicts())

    def _counted(self, column: peewee.Field) -> Mapping[str, int]:
        number = peewee.fn.COUNT(1).alias("number")
        query = column.model.select(column.alias("word"), number).group_by(column)
        return {row["word"]: row["number"] for row in self._shown(query.order_by(column))}


def open_for_reading(path_or_url: str | Path, lock_wait: timedelta = WAIT) -> Archive:
    """A journal that exists, to be looked at. Raise JournalError if there is none."""
    return Archive(open_to_read(path_of(path_or_url), lock_wait))


def _orders_where(wanted: Filter) -> list[Any]:
    return [
        *_common(OrderRow, OrderRow.account_id, wanted),
        *_own(wanted),
        *_between(OrderRow.created_at, wanted),
    ]


def _fills_where(wanted: Filter) -> list[Any]:
    where = _common(ExecutionRow, ExecutionRow.account, wanted)
    if own := _own(wanted):
        ours = OrderRow.select(OrderRow.order_id).where(*own)
        where.append(ExecutionRow.order_id.in_(ours))
    return [*where, *_between(ExecutionRow.timestamp, wanted)]


def _common(
    model: type[OrderRow | ExecutionRow], account: peewee.Field, wanted: Filter
) -> list[Any]:
    pairs = (
        (model.order_id, wanted.order_id),
        (account, wanted.account),
        (model.symbol, wanted.symbol),
        (model.side, wanted.side),
    )
    return [column == value for column, value in pairs if value is not None] or [_anything()]


def _own(wanted: Filter) -> list[Any]:
    """What only an order has."""
    where: list[Any] = []
    if wanted.strategy is not None:
        where.append(OrderRow.strategy == wanted.strategy)
    if wanted.statuses:
        where.append(OrderRow.status.in_(wanted.statuses))
    return where


def _between(column: peewee.Field, wanted: Filter) -> list[Any]:
    since = [] if wanted.since is None else [column >= wanted.since]
    return since if wanted.until is None else [*since, column < wanted.until]


def _anything() -> peewee.Expression:
    """A condition that always holds, because peewee wants at least one."""
    return peewee.Value(1) == 1
