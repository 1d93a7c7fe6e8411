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

from riskgate.analytics.facts import OrderFacts
from riskgate.journal import chain, facts, older, projections
from riskgate.journal.address import path_of
from riskgate.journal.coding import Row
from riskgate.journal.faults import told
from riskgate.journal.store import Store, open_to_read
from riskgate.journal.tables import DecisionRow, EventRow, ExecutionRow, OrderRow
from riskgate.model.events import Recorded

Shown = dict[str, Any]
WAIT: Final = timedelta(seconds=5)
ROWS_AT_ONCE: Final = 2_000
NEWEST_FILL: Final = (ExecutionRow.timestamp.desc(), ExecutionRow.execution_id.desc())
NAMED: Final = {"account": "account_id"}  # columns that are not called as people call them


class Filter(msgspec.Struct, frozen=True, kw_only=True):
    """Which orders or fills; None is all. `since` counts, `until` does not; newest come first.

    Times are those of an order's creation and of a fill. `venue` is where an order was routed to,
    `parent` the order that it works off a slice of. `first` and `last` are numbers of orders, both
    counted.
    """

    order_id: int | None = None
    account: str | None = None
    strategy: str | None = None
    symbol: str | None = None
    side: str | None = None
    statuses: tuple[str, ...] = ()
    venue: str | None = None
    order_type: str | None = None
    parent: int | None = None
    since: datetime | None = None
    until: datetime | None = None
    limit: int | None = None
    first: int | None = None
    last: int | None = None


ALL: Final = Filter()


class Archive(AbstractContextManager["Archive"]):
    """What there is to see of one journal. Every question may raise JournalError."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._is_new = not store.is_old and not projections.is_to_come(store)

    def orders(self, filter_: Filter = ALL) -> list[Shown]:
        """Rows of `orders`, by column."""
        query = OrderRow.select().where(*_orders_where(filter_)).order_by(OrderRow.order_id.desc())
        return self._shown(query.limit(filter_.limit))

    def fills(self, filter_: Filter = ALL) -> list[Shown]:
        """Rows of `executions`, by column; strategy and statuses are those of their orders."""
        query = ExecutionRow.select().where(*_fills_where(filter_)).order_by(*NEWEST_FILL)
        return self._shown(query.limit(filter_.limit))

    def each_order(self, filter_: Filter = ALL) -> Iterator[Shown]:
        """The rows of `orders`, oldest first, a batch at a time; a limit keeps the newest."""
        return self._each(OrderRow, (OrderRow.order_id,), self._newest(filter_))

    def each_fill(self, filter_: Filter = ALL) -> Iterator[Shown]:
        """The rows of `executions`, a batch at a time; a limit keeps the newest.

        Those of no order of ours come first, the others by order, time and id.
        """
        where = _fills_where(filter_)
        row = ExecutionRow
        if filter_.limit is not None:
            newest = row.select(row.execution_id).where(*where).order_by(*NEWEST_FILL)
            where = [row.execution_id.in_(newest.limit(filter_.limit))]
        yield from self._each(row, (row.execution_id,), [*where, row.order_id.is_null()])
        keys = (row.order_id, row.timestamp, row.execution_id)
        yield from self._each(row, keys, [*where, row.order_id.is_null(is_null=False)])

    def facts(self, filter_: Filter = ALL) -> Iterator[OrderFacts]:
        """What measures need of the orders, by number, each with its executions; it streams.

        Times are those of an order's creation. With a limit these are the newest.
        """
        with self._told():
            self._bring_up()
        return facts.read(self._store, self._newest(filter_))

    def edges(self, filter_: Filter, parts: int, least: int) -> tuple[int, ...]:
        """The numbers at which the orders fall into parts of one size; none where they are few."""
        with self._told():
            self._bring_up()
        where = _orders_where(filter_)
        counted = OrderRow.select(peewee.fn.COUNT(1).alias("number")).where(*where)
        orders = self._shown(counted)[0]["number"]
        if orders < least:
            return ()
        query = OrderRow.select(OrderRow.order_id).where(*where).order_by(OrderRow.order_id)
        places = (orders * part // parts for part in range(1, parts))
        return tuple(self._shown(query.limit(1).offset(at))[0]["order_id"] for at in places)

    def decisions(self, limit: int | None = None) -> list[Shown]:
        """The newest decisions: seq, order_id, at, action, digest, breaches and text."""
        return self._shown(DecisionRow.select().order_by(DecisionRow.seq.desc()).limit(limit))

    def known(self, name: str) -> tuple[str, ...]:
        """The accounts, strategies, symbols or venues that orders on record have, by name."""
        column = getattr(OrderRow, NAMED.get(name, name))
        query = OrderRow.select(column.alias("word")).distinct().where(column != "")
        return tuple(row["word"] for row in self._shown(query.order_by(column)))

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
            self._bring_up()
            return list(query.bind(self._store.database).dicts())

    def _newest(self, wanted: Filter) -> list[Any]:
        """The conditions of the orders that are wanted, from the oldest within the limit on."""
        where = _orders_where(wanted)
        if wanted.limit is None:
            return where
        query = OrderRow.select(OrderRow.order_id).where(*where).order_by(OrderRow.order_id.desc())
        found = self._shown(query.limit(1).offset(max(0, wanted.limit - 1)))
        if not found:
            return where
        first = found[0]["order_id"] + (wanted.limit <= 0)
        return [*where, OrderRow.order_id >= first]

    def _each(
        self,
        model: type[OrderRow | ExecutionRow],
        keys: tuple[peewee.Field, ...],
        where: list[Any],
    ) -> Iterator[Shown]:
        """All rows by these columns, which no two rows share, a batch at a time."""
        query = model.select().where(*where).order_by(*keys).limit(ROWS_AT_ONCE)
        found = self._shown(query)
        while found:
            yield from found
            last = [found[-1][key.column_name] for key in keys]
            found = self._shown(query.where(_after(keys, last)))

    def _bring_up(self) -> None:
        """An older file is shown as this version makes it, or will with its first turn."""
        if not self._is_new:
            older.show_as_new(self._store)
            self._is_new = True

    def _counted(self, column: peewee.Field) -> Mapping[str, int]:
        number = peewee.fn.COUNT(1).alias("number")
        query = column.model.select(column.alias("word"), number).group_by(column)
        return {row["word"]: row["number"] for row in self._shown(query.order_by(column))}


def open_for_reading(path_or_url: str | Path, lock_wait: timedelta = WAIT) -> Archive:
    """A journal that exists, to be looked at. Raise JournalError if there is none."""
    return Archive(open_to_read(path_of(path_or_url), lock_wait))


def _after(keys: tuple[peewee.Field, ...], last: list[Any]) -> peewee.Expression:
    """Whether a row comes after one with these values."""
    if len(keys) == 1:
        return keys[0] > last[0]  # type: ignore[no-any-return]
    values = (peewee.Value(v, k.db_value) for k, v in zip(keys, last, strict=True))
    return peewee.Tuple(*keys) > peewee.Tuple(*values)  # type: ignore[no-any-return]


def _orders_where(wanted: Filter) -> list[Any]:
    return [
        *_common(OrderRow, OrderRow.account_id, wanted),
        *_own(wanted),
        *_between(OrderRow.created_at, wanted),
        *([] if wanted.first is None else [OrderRow.order_id >= wanted.first]),
        *([] if wanted.last is None else [OrderRow.order_id <= wanted.last]),
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
    pairs = (
        (OrderRow.strategy, wanted.strategy),
        (OrderRow.venue, wanted.venue),
        (OrderRow.order_type, wanted.order_type),
        (OrderRow.parent_id, wanted.parent),
    )
    where: list[Any] = [column == value for column, value in pairs if value is not None]
    if wanted.statuses:
        where.append(OrderRow.status.in_(wanted.statuses))
    return where


def _between(column: peewee.Field, wanted: Filter) -> list[Any]:
    since = [] if wanted.since is None else [column >= wanted.since]
    return since if wanted.until is None else [*since, column < wanted.until]


def _anything() -> peewee.Expression:
    """A condition that always holds, because peewee wants at least one."""
    return peewee.Value(1) == 1
