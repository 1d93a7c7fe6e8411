"""What the events come to, compared with the tables that repeat them.

Rule 1: rows are compared as they are stored, value and type, with those that a gate would write.
Rule 2: where the tables are behind, a row may be what any later event made of it, and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, Final

import peewee

from riskgate.journal import chain, projections
from riskgate.journal.coding import GENESIS
from riskgate.journal.store import Store
from riskgate.journal.tables import (
    NEW_IN_2,
    READ_META,
    ExecutionRow,
    OrderRow,
    columns,
    read_all,
    values_of,
    writers,
)
from riskgate.ledger.book import Book
from riskgate.ledger.counting import Counting
from riskgate.ledger.life import Life
from riskgate.model.events import Recorded
from riskgate.model.report import Fill
from riskgate.policy.policies import NO_POLICIES

MOST_TOLD: Final = 10
KEYS: Final = frozenset({"schema", "projected_seq"})
CREATED: Final = "created"  # told by files that older versions made
Stored = tuple[Any, ...]
Allowed = dict[Any, list[Stored]]
_ORDER: Final = writers(OrderRow)
_EXECUTION: Final = writers(ExecutionRow)
_STEM: Final = [field.name for field in columns(ExecutionRow)].index("stem")


class Fold:
    """A book made of events one by one, and what the tables may hold of it."""

    def __init__(self) -> None:
        self.projected = GENESIS
        self.is_behind = False
        self._book = Book(Counting(NO_POLICIES), lambda _: None)
        self._orders: Allowed = {}
        self._fills: Allowed = {}
        self._needed: tuple[frozenset[Any], frozenset[Any]] = (frozenset(), frozenset())
        self._is_past = False
        self._told = _ORDER

    def begin(self, store: Store) -> None:
        """Ask how far the tables were brought."""
        said = dict(store.connection.execute(READ_META).fetchall()).get("projected_seq")
        self.projected = projections.place(said)
        self.is_behind = projections.is_behind(store)
        if store.is_old:
            self._told = _ORDER[:NEW_IN_2]

    def take(self, event: Recorded) -> None:
        """Take the next event in."""
        if self.is_behind and event.seq > self.projected.seq and not self._is_past:
            self._is_past = True
            self._keep_all()
        self._book.apply(event.payload, event.at)
        lives, fills = self._book.take_touched()
        if self._is_past:
            self._keep(lives, fills)

    def differences(self, store: Store) -> Iterator[str]:
        """Every way in which the tables do not say what the events come to."""
        yield from self._of_meta(store)
        if not self._is_past:
            self._keep_all()
        tables = ((OrderRow, 0, self._orders), (ExecutionRow, _STEM, self._fills))
        for (model, key, allowed), needed in zip(tables, self._needed, strict=True):
            name = model._meta.table_name  # noqa: SLF001  # peewee's documented way to it
            told = list(_apart(store, fields_of(store, model), key, (allowed, needed)))
            yield from (f"table `{name}`: {text}" for text in told[:MOST_TOLD])
            if len(told) > MOST_TOLD:
                yield f"table `{name}`: {len(told) - MOST_TOLD:,} rows more"

    def _of_meta(self, store: Store) -> Iterator[str]:
        """What the file says of itself; how far the tables go is said with that event's hash."""
        said = dict(store.connection.execute(READ_META).fetchall())
        for key in sorted((KEYS ^ said.keys()) - {CREATED}):
            what = "is missing" if key in KEYS else "is not ours"
            yield f"table `meta`: `{ascii(key)[1:-1]}` {what}"
        whole = chain.place_of(store, self.projected.seq)
        if said.get("projected_seq") not in (projections.written(whole), str(whole.seq)):
            yield "table `meta`: `projected_seq` is not as it was written"
        if CREATED in said and not _is_moment(said[CREATED]):
            yield "table `meta`: `created` is not as it was written"

    def _keep_all(self) -> None:
        """From here on a row may be as it is now, or as later events make it."""
        self._keep(self._book.orders.values(), self._book.fills.values())
        self._needed = (frozenset(self._orders), frozenset(self._fills))

    def _keep(self, lives: Iterable[Life], fills: Iterable[Fill]) -> None:
        for life in lives:
            row = tuple(values_of(life.view(), self._told))
            self._orders.setdefault(life.order_id, []).append(row)
        for fill in fills:
            self._fills.setdefault(fill.stem, []).append(tuple(values_of(fill, _EXECUTION)))


def fields_of(store: Store, model: type[peewee.Model]) -> list[peewee.Field]:
    """The columns that a file has; one of an older version has fewer."""
    found = columns(model)
    return found[:NEW_IN_2] if model is OrderRow and store.is_old else found


def _apart(
    store: Store,
    fields: list[peewee.Field],
    key: int,
    expected: tuple[Allowed, frozenset[Any]],
) -> Iterator[str]:
    """Rows that no event comes to, and those that are missing."""
    allowed, needed = expected
    names = [field.column_name for field in fields]
    seen = set()
    for row in store.connection.execute(read_all(fields)):
        found = ascii(row[key])
        seen.add(row[key])
        if row[key] not in allowed:
            yield f"row {found} is of no event"
        elif not any(_is_same(row, each) for each in allowed[row[key]]):
            other = allowed[row[key]][-1]
            place = next(
                i for i in range(len(row)) if not _is_same(row[i : i + 1], other[i : i + 1])
            )
            yield (
                f"row {found}: `{names[place]}` is {row[place]!a},"
                f" and the events come to {other[place]!a}"
            )
    yield from (f"row {name!a} is missing" for name in sorted(needed - seen))


def _is_same(row: Stored, other: Stored) -> bool:
    return row == other and [*map(type, row)] == [*map(type, other)]


def _is_moment(text: str) -> bool:
    try:
        return datetime.fromisoformat(text).tzinfo is not None
    except (TypeError, ValueError):
        return False
