"""A file of an older version is brought up; one of a newer version is refused, never guessed at."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from riskgate.errors import JournalError
from riskgate.journal import header, migrations
from riskgate.journal.archive import Filter, open_for_reading
from riskgate.journal.auditing import audit
from riskgate.journal.journal import SqliteJournal
from riskgate.journal.tables import NEW_IN_2, OrderRow, columns, values_of, writers
from riskgate.ledger.book import Book
from riskgate.ledger.counting import Counting
from riskgate.model.events import Decided
from riskgate.model.report import Sent
from riskgate.policy.policies import PolicySet

OLD = [field.column_name for field in columns(OrderRow)][:NEW_IN_2]


@pytest.mark.parametrize("version", ["3", "99", "0", "new"])
def test_a_file_of_another_version_is_left_alone(
    journal: SqliteJournal, path: Path, version: str
) -> None:
    journal.close()
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE meta SET value = ? WHERE key = 'schema'", (version,))
    before = path.read_bytes()
    for opener in (SqliteJournal, open_for_reading):
        with pytest.raises(JournalError, match=f"version {version} .* knows version 2; use"):
            opener(path)
    assert path.read_bytes() == before


@pytest.fixture
def old(
    journal: SqliteJournal, path: Path, decided: Callable[..., Decided], noon: datetime
) -> Path:
    """A file as version 1 wrote it, with one order on its way."""
    book = Book(Counting(PolicySet((), (), "")), lambda _: None)
    with journal.turn() as turn:
        for payload in (
            decided(1),
            Sent(order_id=1, broker_order_id=5, client_id=3, mid=Decimal("189.5")),
        ):
            turn.append(payload, noon)
            book.apply(payload, noon)
        turn.project([life.view() for life in book.orders.values()], [])
    connection = journal._store.connection
    made = header.cookie(connection)
    migrations.put_back(journal._store.database, connection)
    connection.execute(f"PRAGMA schema_version = {made}")
    names = ", ".join(OLD)
    view = book.orders[1].view()
    marks = ", ".join("?" * len(OLD))
    row = values_of(view, writers(OrderRow)[:NEW_IN_2])
    connection.execute(f"INSERT INTO orders ({names}) VALUES ({marks})", row)
    connection.execute("UPDATE meta SET value = '1' WHERE key = 'schema'")
    journal.close()
    return path


def stored(path: Path) -> list[dict[str, Any]]:
    with closing(sqlite3.connect(path)) as connection:
        connection.row_factory = sqlite3.Row
        return [dict(row) for row in connection.execute("SELECT * FROM orders")]


def test_an_old_file_is_looked_at_as_a_new_one_and_left_as_it_is(old: Path, noon: datetime) -> None:
    before = old.read_bytes()
    with open_for_reading(old) as archive:
        (order,) = archive.orders(Filter(order_type="LMT", venue="", parent=0))
        assert (order["arrival_price"], order["sent_at"]) == (Decimal("189.5"), noon)
        assert archive.counts()["orders"] == {"PendingSubmit": 1}
        assert archive.orders(Filter(venue="ISLAND")) == []
    assert old.read_bytes() == before
    assert list(stored(old)[0]) == OLD


def test_an_old_file_is_audited_column_by_column(old: Path) -> None:
    assert audit(old).faults == ()
    with closing(sqlite3.connect(old)) as connection, connection:
        connection.execute("UPDATE orders SET broker_order_id = 6")
    assert "`broker_order_id` is 6" in audit(old).faults[0].text


def test_a_new_file_that_says_it_is_an_old_one_is_found_out(
    journal: SqliteJournal, path: Path
) -> None:
    journal.close()
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE meta SET value = '1' WHERE key = 'schema'")
    assert any("`orders` is not as it was made" in fault.text for fault in audit(path).faults)


def test_a_file_that_is_brought_up_is_whole_and_its_tables_wait_for_the_first_turn(
    old: Path, tmp_path: Path
) -> None:
    copy = Path(shutil.copy(old, tmp_path / "copy.db"))
    with closing(SqliteJournal(copy)) as journal:
        with journal.turn() as turn:
            assert turn.is_behind
            assert len(turn.tail) == 2
        assert stored(copy) == []
        with open_for_reading(old) as before, open_for_reading(copy) as after:
            assert list(after.orders()) == list(before.orders()) != []  # readers need not wait
    found = audit(copy)
    assert found.faults == ()
    assert "the tables were brought to event 0 of 2" in found.remarks[0]
    with closing(SqliteJournal(copy)) as journal, journal.turn() as turn:
        assert turn.is_behind  # a second opening brings nothing up twice
