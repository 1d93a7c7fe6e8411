"""An audit finds what was changed, names the first bad event, and calls nothing else a fault."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest

from riskgate.errors import JournalError, JournalLocked
from riskgate.journal import auditing
from riskgate.journal.auditing import audit
from riskgate.journal.coding import GENESIS, Place
from riskgate.journal.journal import SqliteJournal
from riskgate.ledger.book import Book
from riskgate.ledger.counting import Counting
from riskgate.model.events import Decided, Note, Payload
from riskgate.model.instrument import Instrument
from riskgate.model.order import Side
from riskgate.model.report import ExecutionReport
from riskgate.policy.policies import PolicySet
from riskgate.record.audited import Audit

Build = Callable[..., Decided]
Facts = Callable[..., list[Payload]]
PAGE = 4096
LEAF = 13  # the first byte of a page with rows
COUNT = 9  # events of `facts`


@pytest.fixture
def facts(decided: Build, noon: datetime) -> Facts:
    """Three orders, two fills, of which one is corrected, and notes."""

    def build() -> list[Payload]:
        fill = ExecutionReport(
            execution_id="x1.01",
            order_id=1,
            account="DU1",
            instrument=Instrument(key="AAPL", symbol="AAPL"),
            side=Side.BUY,
            quantity=Decimal(40),
            price=Decimal(190),
            at=noon,
        )
        return [
            Note(text="morning"),
            *(decided(number) for number in (1, 2, 3)),
            fill,
            msgspec.structs.replace(fill, execution_id="x1.02", quantity=Decimal(30)),
            msgspec.structs.replace(fill, execution_id="y.01", order_id=2),
            Note(text="noon"),
            Note(text="night"),
        ]

    return build


def recorded(path: Path, payloads: list[Payload], noon: datetime, *, shown: int = 99) -> Path:
    """A journal as a gate keeps it; tables follow for the first `shown` events."""
    book = Book(Counting(PolicySet((), (), "")), lambda _: None)
    with closing(SqliteJournal(path)) as journal:
        for number, payload in enumerate(payloads, 1):
            with journal.turn() as turn:
                event = turn.append(payload, noon)
                book.apply(event.payload, event.at)
                if number <= shown:
                    lives, fills = book.take_touched()
                    turn.project([life.view() for life in lives], list(fills), event.seq - 1)
    return path


@pytest.fixture
def whole(path: Path, facts: Facts, noon: datetime) -> Path:
    return recorded(path, facts(), noon)


def after(path: Path, *statements: str) -> Audit:
    """The audit of a file that somebody has changed with SQL."""
    with closing(sqlite3.connect(path)) as connection, connection:
        for statement in statements:
            connection.execute(statement)
    return audit(path)


def told(found: Audit) -> list[str]:
    return [str(fault) for fault in found.faults]


def test_a_journal_as_it_was_written_has_no_fault(whole: Path) -> None:
    found = audit(whole)
    assert (found.events, found.faults, found.remarks) == (COUNT, (), ())
    assert len(found.head) == 64


def test_an_empty_journal_has_no_fault(path: Path, noon: datetime) -> None:
    assert audit(recorded(path, [], noon)) == Audit(events=0, head=GENESIS.hash)


WHEN = "2026-03-02 12:00:00.123456 UTC"
COLUMNS = "at_ns, kind, order_id, body, previous, hash"
CHANGED = "it was changed after it was written"


@pytest.mark.parametrize(
    ("statements", "first"),
    [
        (
            ["UPDATE events SET body = replace(body, 'AAPL', 'MSFT') WHERE seq = 3"],
            f"event 3 (decision, {WHEN}): {CHANGED}",
        ),
        (
            ["UPDATE events SET order_id = 9 WHERE seq = 3"],
            f"event 3 (decision, {WHEN}): {CHANGED}",
        ),
        (["UPDATE events SET kind = 'no\x07te' WHERE seq = 1"], f"event 1 (no\\x07te, {WHEN}): "),
        (["UPDATE events SET at_ns = 'noon' WHERE seq = 1"], f"event 1 (note): {CHANGED}"),
        (
            ["UPDATE events SET body = CAST(body AS BLOB) WHERE seq = 2"],
            f"event 2 (decision, {WHEN}): its body is not stored as text",
        ),
        (
            ["DELETE FROM events WHERE seq = 4"],
            f"event 5 (fill, {WHEN}): event 4 is missing before it",
        ),
        (
            ["DELETE FROM events WHERE seq = 4", "UPDATE events SET seq = seq - 1 WHERE seq > 4"],
            f"event 4 (fill, {WHEN}): {CHANGED}",
        ),
        (
            [
                f"UPDATE events SET seq = {new} WHERE seq = {old}"
                for old, new in ((2, -2), (3, 2), (-2, 3))
            ],
            f"event 2 (decision, {WHEN}): {CHANGED}",
        ),
        (
            [
                f"INSERT INTO events SELECT -4, {COLUMNS} FROM events WHERE seq = 4",
            ],
            f"event -4 (decision, {WHEN}): it was inserted: numbers begin at 1",
        ),
        (
            ["DELETE FROM events WHERE seq > 5"],
            "event 6: it is missing, and all up to 9: the tables hold what they said",
        ),
    ],
)
def test_the_first_bad_event_is_named(whole: Path, statements: list[str], first: str) -> None:
    assert told(after(whole, *statements))[0].startswith(first)


def test_an_event_forged_with_a_right_hash_is_betrayed_by_the_next(
    whole: Path, facts: Facts, noon: datetime, tmp_path: Path
) -> None:
    other = recorded(tmp_path / "other.db", [*facts()[:3], Note(text="forged")], noon)
    after(other, "UPDATE meta SET value = 0 WHERE key = 'projected_seq'")
    with closing(sqlite3.connect(whole)) as connection, connection:
        connection.execute("ATTACH ? AS other", (str(other),))
        connection.execute("DELETE FROM events WHERE seq = 4")
        connection.execute("INSERT INTO events SELECT * FROM other.events WHERE seq = 4")
    (fault,) = told(audit(whole))
    assert fault.startswith("event 5 (fill")
    assert fault.endswith("it was not written after event 4: one was removed, inserted or swapped")


@pytest.mark.parametrize(
    ("statement", "fault"),
    [
        (
            "UPDATE orders SET quantity = '200' WHERE order_id = 2",
            "table `orders`: row 2: `quantity` is '200', and the events come to '100'",
        ),
        ("DELETE FROM orders WHERE order_id = 3", "table `orders`: row 3 is missing"),
        (
            "UPDATE orders SET order_id = 4 WHERE order_id = 3",
            "table `orders`: row 4 is of no event",
        ),
        (
            "UPDATE executions SET price = 190.0 WHERE stem = 'y'",
            "table `executions`: row 'y': `price` is '190.0', and the events come to '190'",
        ),
        (
            "UPDATE orders SET perm_id = 0.5 WHERE order_id = 1",
            "table `orders`: row 1: `perm_id` is 0.5, and the events come to 0",
        ),
        ("INSERT INTO meta VALUES ('mood', 'good')", "table `meta`: `mood` is not ours"),
        (
            "UPDATE meta SET value = '8' || substr(value, 2) WHERE key = 'projected_seq'",
            "table `meta`: `projected_seq` is not as it was written",
        ),
        ("CREATE TABLE more (a)", "`more` is not ours"),
        ("DROP VIEW decisions", "`decisions` is missing"),
        ("DROP INDEX eventrow_order_id_kind", "`eventrow_order_id_kind` is missing"),
        (
            "CREATE TRIGGER quietly AFTER INSERT ON events BEGIN DELETE FROM orders; END",
            "`quietly` is not ours",
        ),
        ("PRAGMA user_version = 7", "the file's head was changed: what is not used (byte 60)"),
        ("PRAGMA journal_mode = delete", "the file's head was changed: the mark of a write-ahead"),
    ],
)
def test_tables_that_do_not_say_what_the_events_come_to_are_found(
    whole: Path, statement: str, fault: str
) -> None:
    assert [text for text in told(after(whole, statement)) if text.startswith(fault)]


def test_of_many_bad_rows_the_first_are_told(path: Path, decided: Build, noon: datetime) -> None:
    recorded(path, [decided(number) for number in range(1, 15)], noon)
    found = told(after(path, "UPDATE orders SET symbol = 'X'"))
    assert len(found) == 11
    assert found[-1] == "table `orders`: 4 rows more"


@pytest.mark.parametrize("shown", [0, 2, 4, 6])
def test_tables_that_are_behind_are_no_fault(
    path: Path, facts: Facts, noon: datetime, shown: int
) -> None:
    """A gate that died before its tables followed: the next start brings them up to date."""
    found = audit(recorded(path, facts(), noon, shown=shown))
    assert found.faults == ()
    (remark,) = found.remarks
    assert remark.startswith(f"the tables were brought to event {shown} of {COUNT}; the next start")


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE orders SET symbol = 'X' WHERE order_id = 1",
        "DELETE FROM orders WHERE order_id = 1",
        "UPDATE executions SET quantity = 1",
    ],
)
def test_tables_that_are_behind_may_not_say_what_never_was(
    path: Path, facts: Facts, noon: datetime, statement: str
) -> None:
    assert after(recorded(path, facts(), noon, shown=5), statement).faults != ()


def test_an_older_file_says_when_it_was_made_and_no_hash_of_its_tables(whole: Path) -> None:
    older = [
        "INSERT INTO meta VALUES ('created', '2026-01-01T00:00:00.000Z')",
        f"UPDATE meta SET value = '{COUNT}' WHERE key = 'projected_seq'",
    ]
    assert after(whole, *older).faults == ()
    bad = "UPDATE meta SET value = 'once' WHERE key = 'created'"
    assert told(after(whole, bad)) == ["table `meta`: `created` is not as it was written"]


def test_whole_turns_that_were_cut_off_are_found_by_an_earlier_head(
    whole: Path, facts: Facts, noon: datetime, tmp_path: Path
) -> None:
    head = Place(COUNT, audit(whole).head)
    assert audit(whole, expected=head).faults == ()
    assert audit(whole, expected=GENESIS).faults == ()
    shorter = recorded(tmp_path / "shorter.db", facts()[:5], noon)
    assert audit(shorter).faults == ()
    (fault,) = told(audit(shorter, expected=head))
    lost = "it is not the event that was expected here: this is another record, or cut off"
    assert fault == f"event {COUNT}: {lost}"
    assert audit(whole, expected=Place(3, "0" * 64)).faults[0].seq == 3


def test_a_clock_that_went_back_is_noted_and_the_order_of_events_stands(
    path: Path, noon: datetime
) -> None:
    with closing(SqliteJournal(path)) as journal, journal.turn() as turn:
        for seconds in (0, 5, 3, 9, -2.5):
            turn.append(Note(text="tick"), noon + timedelta(seconds=seconds))
    found = audit(path)
    assert found.faults == ()
    assert found.remarks == (
        (
            "the clock went back 2 times, first at event 3, at most by 11.500000 s;"
            " the order of events stands"
        ),
    )


def test_an_event_of_another_version_is_told(whole: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def unread(_row: object) -> None:
        raise msgspec.ValidationError("Invalid value 'x'")

    monkeypatch.setattr(auditing, "recorded", unread)
    (fault,) = told(audit(whole))
    assert fault.startswith("event 1 (note")
    assert fault.endswith("this version of riskgate cannot read it: Invalid value 'x'")


def test_something_in_the_unused_rest_of_a_page_of_events_is_found(
    path: Path, decided: Build, noon: datetime
) -> None:
    long: list[Payload] = [decided(n, *("a-rule" * 9,) * (n % 9)) for n in range(1, 80)]
    content = bytearray(recorded(path, long, noon).read_bytes())
    found = 0
    for number in range(2, len(content) // PAGE):
        at = unused(content, number * PAGE)
        if at:
            path.write_bytes(content[:at] + b"x" + content[at + 1 :])
            found += told(audit(path)) == [
                f"page {number + 1} holds something where nothing should be"
            ]
    assert found > 5


def unused(content: bytearray, start: int) -> int:
    """A zero before the cells of a page of a table, or at the end of an overflowing text."""
    page = content[start : start + PAGE]
    if page[0] == LEAF:
        cells = 8 + 2 * int.from_bytes(page[3:5])
        return start + cells if int.from_bytes(page[5:7]) > cells else 0
    return start + PAGE - 1 if bytes(page[:4]) == bytes(4) and not page[-9:].strip(b"\0") else 0


@pytest.fixture(params=["short", "empty", "text", "middle", "last page", "zeros"])
def damaged(whole: Path, request: pytest.FixtureRequest) -> Iterator[Path]:
    content = whole.read_bytes()
    damage: dict[str, bytes] = {
        "short": content[: len(content) - 5000],
        "empty": b"",
        "text": b"this is no journal at all " * 100,
        "middle": content[:8192] + b"\xaa" * 4096 + content[12288:],
        "last page": content[:-4096] + b"\xaa" * 4096,
        "zeros": bytes(len(content)),
    }
    whole.write_bytes(damage[request.param])
    return iter([whole])


def test_damage_is_a_fault_and_no_traceback(damaged: Iterator[Path]) -> None:
    assert audit(next(damaged)).faults != ()


def test_what_cannot_be_reached_raises(tmp_path: Path, whole: Path) -> None:
    with pytest.raises(JournalError, match="no journal at"):
        audit(tmp_path / "nothing.db")
    with pytest.raises(JournalError, match="it is a folder"):
        audit(tmp_path)
    with pytest.raises(JournalError, match=r"`/dev/null`: .*database of something else"):
        audit("/dev/null")
    with closing(sqlite3.connect(whole, isolation_level=None)) as held:
        held.execute("PRAGMA locking_mode = exclusive")
        held.execute("BEGIN EXCLUSIVE")
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(auditing, "WAIT", timedelta(seconds=0.05))
            with pytest.raises(JournalLocked, match="another process has held it"):
                audit(whole)


def test_what_is_written_meanwhile_is_not_seen(whole: Path, decided: Build, noon: datetime) -> None:
    """Events and tables are looked at as they were at one moment."""
    with closing(SqliteJournal(whole)) as journal:

        def write(_events: int) -> None:
            with journal.turn() as turn:
                turn.append(decided(99), noon)
                turn.rebuild([], [])

        found = audit(whole, write)
        assert (found.events, found.faults, found.remarks) == (COUNT, (), ())
        assert "table `orders`: row 1 is missing" in told(audit(whole))


def test_a_journal_in_use_can_be_audited(whole: Path, tmp_path: Path, noon: datetime) -> None:
    with closing(SqliteJournal(whole)) as journal:
        with journal.turn() as turn:
            turn.append(Note(text="still open"), noon)
        assert (audit(whole).events, audit(whole).faults) == (COUNT + 1, ())
        with journal.turn():
            assert audit(whole).faults == ()
        shutil.copy(whole, tmp_path / "copy.db")  # without its log
    assert audit(whole).faults == ()
