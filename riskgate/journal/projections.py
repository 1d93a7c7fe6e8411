"""The tables `orders` and `executions`: brought up to date by a turn, rebuilt when behind.

Rule 1: the tables repeat the record; losing them loses nothing.
Rule 2: they change in the transaction of the events they repeat, and `projected_seq` says how far.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from riskgate.journal.coding import GENESIS, Place
from riskgate.journal.store import Store
from riskgate.journal.tables import (
    ADVANCE_PROJECTED,
    EMPTY_EXECUTIONS,
    EMPTY_ORDERS,
    IS_BEHIND,
    SET_PROJECTED,
    UPSERT_EXECUTION,
    UPSERT_ORDER,
    ExecutionRow,
    OrderRow,
    values_of,
    writers,
)
from riskgate.model.report import Fill
from riskgate.model.view import OrderView

_ORDER: Final = writers(OrderRow)
_EXECUTION: Final = writers(ExecutionRow)


def upsert(store: Store, orders: Iterable[OrderView], fills: Iterable[Fill]) -> None:
    """Write the rows of orders and fills, over those that are there."""
    for view in orders:
        store.connection.execute(UPSERT_ORDER, values_of(view, _ORDER))
    for fill in fills:
        store.connection.execute(UPSERT_EXECUTION, values_of(fill, _EXECUTION))


def written(to: Place) -> str:
    """How far the tables go, as it is stored: with the hash, so that no digit of it can change."""
    return f"{to.seq} {to.hash}"


def place(stored: object) -> Place:
    """How far the tables go. An older file has no hash; what is no number is the beginning."""
    seq, _, digest = str(stored).partition(" ")
    return Place(int(seq), digest) if seq.isdecimal() and seq.isascii() else GENESIS


def advance(store: Store, to: Place, start: int) -> None:
    """Note that the tables hold every event up to `to`, unless they had missed one by `start`."""
    store.connection.execute(ADVANCE_PROJECTED, (written(to), start))


def replace(store: Store, orders: Iterable[OrderView], fills: Iterable[Fill], to: Place) -> None:
    """Empty both tables and fill them with what the events up to `to` come to."""
    for statement in (EMPTY_EXECUTIONS, EMPTY_ORDERS):
        store.connection.execute(statement)
    upsert(store, orders, fills)
    store.connection.execute(SET_PROJECTED, (written(to),))


def is_to_come(store: Store) -> bool:
    """Whether the tables were made anew, and the first turn has not filled them yet."""
    return place(store.meta("projected_seq")) == GENESIS and is_behind(store)


def is_behind(store: Store) -> bool:
    """Whether an event that the tables should show has not been brought into them."""
    return bool(store.connection.execute(IS_BEHIND).fetchone()[0])
