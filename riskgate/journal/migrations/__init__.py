"""The versions of the tables, and how a file of an older version is brought up to this one.

Rule 1: a file of a newer version is refused, never guessed at.
Rule 2: a step is a function from one version to the next, and runs in the opening transaction.
Rule 3: no step touches an event. Tables that repeat the record are made empty, and are filled from
it by the first turn, as always when they are behind. Who only looks at an older file sees such
tables as well, made in memory (see `journal.older`), and so does who looks before that turn; the
file is left as it is.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from sqlite3 import Connection
from typing import Final

import peewee

from riskgate.errors import JournalError
from riskgate.journal.tables import (
    BEGIN_ANEW,
    NEW_IN_2,
    READ_ORDERS_SQL,
    SET_SCHEMA,
    OrderRow,
    columns,
)

VERSION: Final = 2
OLDEST: Final = 1  # before `orders` told of venues, market prices and moments


def check(path: Path, found: str | None) -> int:
    """The version that was found. Raise JournalError unless this riskgate can use such tables."""
    if found is None:
        raise JournalError(
            f"journal `{path}`: it is a database of something else; check the path,"
            " or move the file away"
        )
    if not found.isascii() or not found.isdigit() or not OLDEST <= int(found) <= VERSION:
        raise JournalError(
            f"journal `{path}`: its tables are of version {found} and this riskgate knows"
            f" version {VERSION}; use the riskgate that wrote it, or a newer one"
        )
    return int(found)


def bring_up(database: peewee.SqliteDatabase, connection: Connection, found: int) -> None:
    """Bring the tables of a file from the version that was found to this one."""
    for version in range(found, VERSION):
        STEPS[version](database, connection)
        connection.execute(SET_SCHEMA, (str(version + 1),))


def _orders_tell_more(database: peewee.SqliteDatabase, connection: Connection) -> None:
    """1 to 2: `orders` has columns for venue, contract, market prices and moments."""
    manager = peewee.SchemaManager(OrderRow, database)
    manager.drop_table()
    manager.create_all()
    connection.execute(BEGIN_ANEW)


def put_back(database: peewee.SqliteDatabase, connection: Connection) -> None:
    """Make the empty table `orders` as version 1 had it."""
    (made,) = connection.execute(READ_ORDERS_SQL).fetchone()
    peewee.SchemaManager(OrderRow, database).drop_table()
    first = columns(OrderRow)[NEW_IN_2].column_name
    connection.execute(made[: made.index(f', "{first}"')] + ")")


Step = Callable[[peewee.SqliteDatabase, Connection], None]
STEPS: Final[dict[int, Step]] = {1: _orders_tell_more}
