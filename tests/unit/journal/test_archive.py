"""Looking at a journal without touching it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from riskgate.errors import ConfigError, JournalError
from riskgate.journal.archive import ALL, Archive, Filter, open_for_reading
from riskgate.journal.journal import SqliteJournal
from riskgate.model.events import Decided, Note
from riskgate.model.lifecycle import Status
from riskgate.model.report import Fill
from riskgate.model.view import OrderView

HOUR = timedelta(hours=1)


@pytest.fixture
def archive(
    journal: SqliteJournal,
    view: Callable[..., OrderView],
    fill: Callable[..., Fill],
    decided: Callable[..., Decided],
    noon: datetime,
) -> Iterator[Archive]:
    orders = [
        view(1),
        view(2, Status.FILLED, symbol="MSFT", side="SELL", created_at=noon + HOUR),
        view(3, Status.CANCELLED, account_id="DU2", strategy="", created_at=noon + 2 * HOUR),
    ]
    fills = [
        fill("1.1", 1, commission=Decimal("1.25")),
        fill("2.1", 2, symbol="MSFT", timestamp=noon + HOUR),
        fill("9.1", 0, account="DU2", timestamp=noon + 2 * HOUR),
    ]
    with journal.turn() as turn:
        turn.append(Note(text="opened"), noon)
        turn.append(decided(1), noon)
        turn.append(decided(2, "clip", "collar"), noon)
        turn.project(orders, fills)
    with open_for_reading(journal.path) as opened:
        yield opened


@pytest.mark.parametrize(
    ("wanted", "orders", "fills"),
    [
        (ALL, [3, 2, 1], ["9.1", "2.1", "1.1"]),
        (Filter(order_id=2), [2], ["2.1"]),
        (Filter(account="DU2"), [3], ["9.1"]),
        (Filter(strategy="momentum"), [2, 1], ["2.1", "1.1"]),
        (Filter(symbol="MSFT"), [2], ["2.1"]),
        (Filter(side="SELL"), [2], []),
        (Filter(statuses=("Filled", "Cancelled")), [3, 2], ["2.1"]),
        (Filter(statuses=("Filled",), symbol="AAPL"), [], []),
        (Filter(limit=1), [3], ["9.1"]),
        (Filter(symbol="x' OR '1'='1"), [], []),
    ],
)
def test_a_filter_narrows_orders_and_fills(
    archive: Archive, wanted: Filter, orders: list[int], fills: list[str]
) -> None:
    assert [row["order_id"] for row in archive.orders(wanted)] == orders
    assert [row["execution_id"] for row in archive.fills(wanted)] == fills


def test_since_counts_and_until_does_not(archive: Archive, noon: datetime) -> None:
    local = (noon + HOUR).astimezone(datetime.fromisoformat("2026-03-02T00:00-05:00").tzinfo)
    wanted = Filter(since=local, until=noon + 2 * HOUR)
    assert [row["order_id"] for row in archive.orders(wanted)] == [2]
    assert [row["execution_id"] for row in archive.fills(wanted)] == ["2.1"]


def test_amounts_are_decimal_and_times_are_aware(archive: Archive, noon: datetime) -> None:
    order, fill = archive.orders()[2], archive.fills()[2]
    assert (order["limit_price"], order["created_at"]) == (Decimal(190), noon)
    assert isinstance(order["limit_price"], Decimal)
    assert (fill["commission"], fill["timestamp"], fill["order_id"]) == (Decimal("1.25"), noon, 1)
    assert archive.fills()[0]["order_id"] is None


def test_decisions_say_what_was_decided_and_by_which_rules(
    archive: Archive, noon: datetime
) -> None:
    assert archive.decisions(limit=1) == [
        {
            "seq": 3,
            "order_id": 2,
            "at": noon,
            "action": "deny",
            "digest": "d" * 8,
            "breaches": "clip collar",
            "text": "BUY 100 AAPL LMT 190",
        }
    ]
    assert [(row["action"], row["breaches"]) for row in archive.decisions()][1] == ("allow", "")


def test_any_sqlite_program_shows_the_decisions(archive: Archive, path: Path) -> None:
    assert len(archive.decisions()) == 2
    with closing(sqlite3.connect(path)) as connection:
        found = connection.execute("SELECT at, action, breaches FROM decisions").fetchall()
    assert found[1] == ("2026-03-02T12:00:00.123456Z", "deny", "clip collar")


def test_counts_are_by_kind_and_by_status(archive: Archive) -> None:
    assert archive.counts() == {
        "events": {"decision": 2, "note": 1},
        "orders": {"Cancelled": 1, "Filled": 1, "Submitted": 1},
        "executions": 3,
    }


def test_an_archive_reads_on_while_the_journal_grows(
    archive: Archive, journal: SqliteJournal, noon: datetime
) -> None:
    with journal.turn() as turn:
        turn.append(Note(text="later"), noon)
        assert [event.seq for event in archive.read(after=1)] == [2, 3]
    assert [event.seq for event in archive.read(after=1)] == [2, 3, 4]
    with pytest.raises(JournalError, match="there is no event 5"):
        next(archive.read(after=5))


def test_an_archive_cannot_write(archive: Archive) -> None:
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        archive._store.connection.execute("DELETE FROM events")


def test_a_journal_that_is_not_there_is_not_made(path: Path) -> None:
    with pytest.raises(JournalError, match=r"no journal at `.*journal\.db`; a gate makes it when"):
        open_for_reading(path)
    assert not path.exists()


def test_a_url_is_read_like_a_path(archive: Archive, path: Path) -> None:
    assert archive.verify() is None
    with open_for_reading(f"sqlite:///{path}") as again:
        assert again.verify() is None
    with pytest.raises(ConfigError, match="comes later"):
        open_for_reading("postgresql://host/db")


@pytest.mark.parametrize(
    ("content", "why"), [(b"not a database at all" * 50, "not a journal"), (b"", "something else")]
)
def test_another_file_is_not_taken_for_a_journal(path: Path, content: bytes, why: str) -> None:
    path.write_bytes(content)
    with pytest.raises(JournalError, match=why):
        open_for_reading(path)
    assert path.read_bytes() == content


def test_a_damaged_file_is_told(journal: SqliteJournal, path: Path, noon: datetime) -> None:
    with journal.turn() as turn:
        turn.append(Note(text="x" * 200_000), noon)
    journal.close()
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xff" * (size - 8192))
    with pytest.raises(JournalError, match="the file is damaged; stop the gate, keep a copy"):
        open_for_reading(path)
