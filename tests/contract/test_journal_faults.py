"""What can happen to a journal: each fault is told, nothing is sent unrecorded, nothing is lost.

The gate and the store are real; only the broker is a rehearsal's, which notes what would leave.
"""

from __future__ import annotations

import resource
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Final

import pytest

from riskgate.authoring.rehearsal import Rehearsal
from riskgate.calendars import ExchangeCalendars
from riskgate.errors import JournalError, JournalLocked
from riskgate.journal.archive import open_for_reading
from riskgate.journal.auditing import audit
from riskgate.journal.coding import Place
from riskgate.journal.journal import SqliteJournal
from riskgate.model.codes import Code
from riskgate.model.lifecycle import Status
from riskgate.model.report import StatusReport
from riskgate.policy.cases import given_of
from riskgate.policy.compiler import compile_policies
from riskgate.policy.policies import PolicySet
from riskgate.policy.source import parse
from riskgate.replay.replaying import replay
from riskgate.ticket import Ticket

CALENDARS: Final = ExchangeCalendars()
WAIT: Final = timedelta(seconds=0.2)
UNREACHABLE: Final = 7
GIVEN: Final = {
    "now": "2026-03-02T17:00:00Z",
    "account": {"id": "DU1"},
    "prices": {"AAPL": "189.99 x 190.01"},
}
POLICY: Final = """\
riskgate: 1
policy: house
timezone: America/New_York
currency: USD
rules:
  - {id: size, kind: fat_finger, max_quantity: 500, because: The test needs a limit.}
"""
# A process that holds a journal until its standard input is closed.
HOLDER: Final = """\
import sqlite3, sys
held = sqlite3.connect(sys.argv[1], isolation_level=None)
held.execute("BEGIN IMMEDIATE")
print("held", flush=True)
sys.stdin.read()
"""


class Open:
    """A gate on a journal in a file, as a process has it."""

    def __init__(self, path: Path) -> None:
        self.journal = SqliteJournal(path, lock_wait=WAIT)
        try:
            self.stage = Rehearsal(policies(), given_of(GIVEN), CALENDARS, self.journal)
        except BaseException:
            self.journal.close()
            raise

    def submit(self, quantity: int) -> Ticket:
        return self.stage.submit(f"BUY {quantity} AAPL LMT 190 DAY")

    @property
    def placed(self) -> list[int]:
        """The quantities of what has left."""
        return [int(one.order.quantity) for one in self.stage.broker.placed]

    def close(self) -> None:
        self.journal.close()


def policies() -> PolicySet:
    document, problems = parse(POLICY, "house.yaml")
    assert document is not None, problems
    found, wrong = compile_policies([document], lambda _: None)
    assert found is not None, wrong
    return found


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.db"


@pytest.fixture
def gate(path: Path) -> Iterator[Open]:
    with closing(Open(path)) as opened:
        assert opened.submit(1).allowed
        yield opened


def is_unavailable(ticket: Ticket) -> bool:
    return ticket.decision.codes == (Code.JOURNAL_UNAVAILABLE,)


def assert_sound(path: Path, decisions: int) -> None:
    """The chain is whole, the tables agree, and each decision can be made again."""
    assert audit(path).faults == ()
    with open_for_reading(path) as archive:
        found = replay(archive.read)
    assert (found.decisions, found.different) == (decisions, 0)


@contextmanager
def no_room() -> Iterator[None]:
    """Let every write of this process beyond the first bytes of a file fail, as on a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@contextmanager
def held(path: Path) -> Iterator[None]:
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        try:
            yield
        finally:
            holder.kill()


def test_on_a_full_disk_nothing_is_sent_and_the_gate_goes_on_when_there_is_room(
    gate: Open, path: Path
) -> None:
    with no_room():
        refused = gate.submit(2)
        cancelled = gate.stage.gate.cancel(1)
        heard = gate.stage.gate.take([StatusReport(order_id=1, status=Status.CANCELLED)])
    assert is_unavailable(refused)
    assert "the disk" in refused.decision.breaches[0].text
    assert gate.placed == [1]
    assert (cancelled, gate.stage.broker.cancelled) == (True, [1])  # cancels leave all the same
    assert not heard  # and what the broker said waits for room
    assert gate.submit(3).allowed
    assert gate.placed == [1, 3]
    view = gate.stage.gate.order(1)
    assert view is not None
    assert view.status is Status.CANCELLED
    assert_sound(path, 2)


def test_a_gate_does_not_start_on_a_full_disk(path: Path) -> None:
    with no_room(), pytest.raises(JournalError, match="the disk") as raised:
        Open(path)
    assert raised.value.exit_code == UNREACHABLE
    with closing(Open(path)) as opened:
        assert opened.submit(1).allowed


def test_a_full_file_system_is_told_by_its_name(path: Path) -> None:
    """`/dev/full` is a disk without room; its writes fail as those of a full one do."""
    path.symlink_to("/dev/full")
    with pytest.raises(JournalError) as raised:
        Open(path)
    assert raised.value.exit_code == UNREACHABLE


def test_a_journal_that_another_process_holds_denies_and_says_so(gate: Open, path: Path) -> None:
    with held(path):
        refused = gate.submit(2)
        with pytest.raises(JournalLocked, match="another process has held it") as raised:
            Open(path)
    assert raised.value.exit_code == UNREACHABLE
    assert is_unavailable(refused)
    assert gate.placed == [1]
    assert gate.submit(3).allowed
    assert_sound(path, 2)


def test_a_journal_that_is_deleted_denies_and_is_not_made_anew(gate: Open, path: Path) -> None:
    path.unlink()
    refused = gate.submit(2)
    assert is_unavailable(refused)
    assert "moved, deleted or replaced" in refused.decision.breaches[0].text
    assert gate.placed == [1]
    assert not path.exists()


def test_a_clock_that_goes_back_changes_no_order_of_events_and_no_number(
    gate: Open, path: Path
) -> None:
    gate.stage.clock.advance(timedelta(hours=-1))
    assert [gate.submit(n).order_id for n in (2, 3)] == [2, 3]
    gate.stage.clock.advance(timedelta(hours=1))
    assert gate.submit(4).order_id == 4
    assert_sound(path, 4)
    (remark,) = audit(path).remarks
    assert remark.startswith("the clock went back 1 time, first at event")
    assert "at most by 3600.000000 s" in remark
    with open_for_reading(path) as archive:
        rows = list(archive.rows())
    assert [row.seq for row in rows] == [*range(1, len(rows) + 1)]
    assert [row.at_ns for row in rows] != sorted(row.at_ns for row in rows)
    with closing(Open(path)) as again:
        assert again.submit(5).order_id == 5


# --- a file that is damaged ----------------------------------------------------------------------


@pytest.fixture
def closed(path: Path) -> Path:
    """A journal of thirty orders that nobody has open."""
    with closing(Open(path)) as opened:
        for quantity in range(1, 31):
            opened.submit(quantity)
    assert not Path(f"{path}-wal").exists()
    return path


def refused(path: Path) -> str:
    """Why a gate does not start; nothing of it stays."""
    before = path.read_bytes()
    with pytest.raises(JournalError) as raised:
        Open(path)
    assert raised.value.exit_code == UNREACHABLE
    assert path.read_bytes() == before
    return str(raised.value)


def pages_of(path: Path, table: str) -> list[int]:
    """Where the pages of a table begin, by what integrity and content say: its root and rows."""
    with closing(sqlite3.connect(path)) as connection:
        query = "SELECT rootpage FROM sqlite_master WHERE name = ?"
        return [(connection.execute(query, (table,)).fetchone()[0] - 1) * 4096]


@pytest.mark.parametrize("lost", [1, 4096, 40_000])
def test_a_file_that_was_cut_off_is_refused(closed: Path, lost: int) -> None:
    closed.write_bytes(closed.read_bytes()[:-lost])
    why = refused(closed)
    assert "event " in why or "the file is damaged" in why
    assert why.endswith("run `riskgate audit verify`, and restore the last good copy")
    assert audit(closed).faults != ()


@pytest.mark.parametrize("table", ["events", "orders", "eventrow_order_id_kind", "meta"])
def test_garbage_in_any_table_is_refused(closed: Path, table: str) -> None:
    content = bytearray(closed.read_bytes())
    (at,) = pages_of(closed, table)
    content[at : at + 4096] = b"\xaa" * 4096
    closed.write_bytes(content)
    why = refused(closed)
    whole = table not in ("events", "meta")
    assert ("every event in it is whole" in why) == whole, why
    assert why.endswith("restore the last good copy")
    assert audit(closed).faults != ()


def test_garbage_in_the_last_page_is_refused(closed: Path) -> None:
    content = closed.read_bytes()
    closed.write_bytes(content[:-4096] + b"\xaa" * 4096)
    assert "restore the last good copy" in refused(closed)
    assert audit(closed).faults != ()


def test_an_event_that_does_not_follow_is_named_with_what_to_do(closed: Path) -> None:
    with closing(sqlite3.connect(closed)) as connection, connection:
        connection.execute("UPDATE events SET at_ns = at_ns + 1 WHERE seq = 17")
    assert refused(closed).endswith(
        "event 17 is not as it was written; stop the gate, run `riskgate audit verify`,"
        " and restore the last good copy"
    )


def test_an_event_that_cannot_be_read_is_named(closed: Path) -> None:
    """The reader names it, where a copy is looked at that no gate would start on."""
    content = bytearray(closed.read_bytes())
    marker = b'"text":"BUY 17 AAPL LMT 190 DAY account=DU1"'
    place = content.index(marker) // 4096 * 4096
    content[place : place + 4] = b"\xff\xff\xff\xff"
    closed.write_bytes(content)
    with open_for_reading(closed) as archive, pytest.raises(JournalError) as raised:
        list(archive.read())
    assert "event" in str(raised.value)


# --- a process that was killed, and its log ------------------------------------------------------


@pytest.fixture
def crashed(path: Path, tmp_path: Path) -> Iterator[tuple[Path, Place]]:
    """The files of a gate that was killed, and the last event that it had recorded."""
    with ExitStack() as stack:
        opened = stack.enter_context(closing(Open(path)))
        for quantity in range(1, 21):
            opened.submit(quantity)
        copy = tmp_path / "crashed.db"
        for suffix in ("", "-wal"):
            shutil.copy(f"{path}{suffix}", f"{copy}{suffix}")
        found = audit(path)
        yield copy, Place(found.events, found.head)


def test_the_log_of_a_killed_gate_is_taken_up(crashed: tuple[Path, Place]) -> None:
    path, head = crashed
    assert audit(path, expected=head).faults == ()
    with closing(Open(path)) as again:
        assert again.submit(21).order_id == 21
    assert_sound(path, 21)


@pytest.mark.parametrize("share", [0.0, 0.02, 0.05])
@pytest.mark.parametrize("garbage", [False, True])
def test_a_log_that_lost_its_end_leaves_whole_turns_and_an_earlier_head_tells_so(
    crashed: tuple[Path, Place], share: float, *, garbage: bool
) -> None:
    path, head = crashed
    log = Path(f"{path}-wal")
    content = log.read_bytes()
    kept = int(len(content) * share)
    log.write_bytes(content[:kept] + (b"\xaa" * (len(content) - kept) if garbage else b""))
    found = audit(path)
    assert found.faults == ()
    assert found.events < head.seq
    (fault,) = audit(path, expected=head).faults
    assert fault.seq == head.seq
    with closing(Open(path)) as again:
        again.submit(99)
    assert audit(path).faults == ()
