"""A file of an older version, looked at by this one: the table `orders` as it would be made today.

Rule 1: the file is left as it is; what is made is in memory, and hides the table of the file.
Rule 2: it comes from the events, like every row of that table.
"""

from __future__ import annotations

from typing import Final

import peewee

from riskgate.journal import chain, projections
from riskgate.journal.store import Store
from riskgate.journal.tables import OrderRow, columns
from riskgate.ledger.book import Book
from riskgate.ledger.counting import Counting
from riskgate.policy.policies import NO_POLICIES

_INTEGER: Final = peewee.IntegerField | peewee.AutoField


def show_as_new(store: Store) -> None:
    """Make the orders of an old file anew, in memory, for as long as it is open."""
    book = Book(Counting(NO_POLICIES), lambda _: None)
    found = chain.batch(store, chain.place_of(store, 0))
    while found:
        for event, _ in found:
            book.apply(event.payload, event.at)
        found = chain.batch(store, found[-1][1])
    store.connection.execute("PRAGMA temp_store = MEMORY")
    store.connection.execute(f"CREATE TEMP TABLE orders ({', '.join(map(_column, _COLUMNS))})")
    projections.upsert(store, (life.view() for life in book.orders.values()), ())


def _column(field: peewee.Field) -> str:
    kind = "INTEGER" if isinstance(field, _INTEGER) else "TEXT"
    return f'"{field.column_name}" {kind}{" PRIMARY KEY" if field.primary_key else ""}'


_COLUMNS: Final = columns(OrderRow)
