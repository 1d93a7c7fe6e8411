"""`watch`, `limits` and `status` of an empty, a live and a halted journal, and of none."""

from __future__ import annotations

import csv
import fcntl
import io
import json
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from riskgate.journal.archive import open_for_reading
from riskgate.journal.journal import open_journal
from riskgate.simulator import Running
from tests.cli.desk import SAID, SETTINGS

if TYPE_CHECKING:
    from tests.cli.conftest import Typed

HERE: Final = Path(__file__).parent
PATIENCE: Final = 60.0
LEAVES: Final = b"\x1b[?1049l"  # the terminal is as it was
POLICY: Final = """\
riskgate: 1
policy: house
timezone: UTC
currency: USD
rules:
  - {id: size, kind: fat_finger, max_quantity: 500, because: a test}
  - {id: large, kind: fat_finger, max_quantity: 20, on_breach: hold, because: a test}
  - {id: room, kind: position, per: [account, symbol], max_long: 50, because: a test}
"""
FORMS: Final = (
    ("status", "--format", "json"),
    ("watch", "--once"),
    ("watch", "--once", "--format", "json"),
)


class Apartly:
    """A gate in a process of its own."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        assert self._heard() == "running"

    def submit(self, line: str) -> str:
        """The number and the status of an order, as soon as the broker has acknowledged it."""
        assert self.process.stdin is not None
        self.process.stdin.write(f"{line}\n")
        self.process.stdin.flush()
        return self._heard()

    def _heard(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()


@pytest.fixture
def bare(folder: Path, sim: Running) -> Path:
    """A folder with settings, and no journal."""
    (folder / "house.yaml").write_text(POLICY)
    (folder / "riskgate.yaml").write_text(SETTINGS.format(port=sim.port))
    return folder


@pytest.fixture
def elsewhere(bare: Path) -> Iterator[Apartly]:
    """A gate that runs in a process of its own, with 20 AAPL bought and 5 more that rest."""
    command = [sys.executable, str(HERE / "gatekeeper.py"), "riskgate.yaml"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True) as process:
        try:
            gate = Apartly(process)
            assert gate.submit("BUY 20 AAPL MKT").startswith("1 ")
            assert comes_to(lambda: filled(bare / "desk.sqlite") == 20)
            assert gate.submit("BUY 5 AAPL LMT 150") == "2 Submitted"
            yield gate
        finally:
            process.kill()


def filled(journal: Path) -> int:
    """How much is filled by a record that somebody writes."""
    with open_for_reading(journal) as archive:
        return int(sum(one["quantity"] for one in archive.fills()))


def comes_to(of: Callable[[], bool]) -> bool:
    """Whether another process comes to that, within a bound."""
    ends = time.monotonic() + PATIENCE
    while not of() and time.monotonic() < ends:
        pass
    return of()


def fits(text: str) -> bool:
    return max(map(len, text.splitlines())) <= 80


# -- no journal, an empty one, a live one, a halted one --------------------------------------------


@pytest.mark.parametrize("words", [*FORMS, ("limits", "--journal", "desk.sqlite")])
def test_without_a_journal_one_line_says_so(
    bare: Path, typed: Typed, words: tuple[str, ...]
) -> None:
    shown = typed(*words)
    assert (shown.returncode, shown.stdout) == (7, "")
    assert "no journal at `desk.sqlite`" in shown.stderr
    assert shown.stderr.count("\n") == 1
    assert not (bare / "desk.sqlite").exists()


@pytest.mark.parametrize("words", FORMS)
def test_an_empty_journal_is_active_and_not_reconciled(
    bare: Path, typed: Typed, words: tuple[str, ...]
) -> None:
    open_journal(bare / "desk.sqlite").close()
    shown = typed(*words)
    assert (shown.returncode, shown.stderr) == (6, "")
    if "json" in words:
        said = json.loads(shown.stdout)
        state = said.get("state", said)
        assert (state["trading"], state["events"], state["parents"]) == ("ACTIVE", 0, [])
    else:
        assert "ACTIVE for all" in shown.stdout
        assert "NEVER" in shown.stdout


def test_an_empty_journal_has_no_limits_in_force(bare: Path, typed: Typed) -> None:
    open_journal(bare / "desk.sqlite").close()
    shown = typed("limits", "--journal", "desk.sqlite")
    assert (shown.returncode, shown.stdout) == (0, "")
    assert shown.stderr == "no such limit is in force\n"
    assert json.loads(typed("limits", "--journal", "desk.sqlite", "--format", "json").stdout) == []


def test_a_journal_that_a_gate_writes_is_shown_as_it_is(elsewhere: Apartly, typed: Typed) -> None:
    elsewhere.submit("BUY 21 AAPL LMT 150")
    shown = typed("watch", "--once")
    assert (shown.returncode, shown.stderr) == (0, "")
    assert fits(shown.stdout)
    assert "runs, client id 1" in shown.stdout
    assert "50 %      house/room max_long" in shown.stdout
    assert "20 + 5 / 50 units" in shown.stdout
    assert "ORDERS 1 working, 1 held" in shown.stdout
    assert "     2 Submitted" in shown.stdout
    assert "     3 Held" in shown.stdout
    assert "HOLD       3 BUY 21 AAPL LMT 150" in shown.stdout
    said = json.loads(typed("watch", "--once", "--format", "json").stdout)
    assert said["state"]["around"]["running"] == [1]
    assert [one["status"] for one in said["orders"]] == ["Held", "Submitted"]
    status = json.loads(typed("status", "--format", "json").stdout)
    assert (status["exit_code"], status["working"]) == (0, 1)


@pytest.mark.parametrize("words", FORMS)
def test_a_halted_journal_ends_with_5(
    elsewhere: Apartly, typed: Typed, words: tuple[str, ...]
) -> None:
    del elsewhere
    assert typed("halt", "--symbol", "AAPL", *SAID).returncode == 0
    shown = typed(*words)
    assert shown.returncode == 5
    assert "HALTED" in shown.stdout
    assert "m.ruiz" in shown.stdout


# -- limits ----------------------------------------------------------------------------------------


def test_limits_are_used_reserved_and_left(elsewhere: Apartly, typed: Typed) -> None:
    del elsewhere
    shown = typed("limits")
    assert (shown.returncode, shown.stderr) == (0, "")
    assert fits(shown.stdout)
    head, *rest = shown.stdout.splitlines()
    assert " ".join(head.split()) == "full limit, and whose budget used reserved of headroom"
    assert rest[0].split() == ["50", "%", "house/room", "max_long", "units", "house.yaml:8"]
    assert rest[1].split() == ["account=DU1234567", "symbol=AAPL", "20", "5", "50", "25"]
    assert "each order" in shown.stdout


def test_limits_for_programs_are_exact(elsewhere: Apartly, typed: Typed) -> None:
    del elsewhere
    written = typed("limits", "--rule", "room", "--format", "json").stdout
    (room,) = [one for one in json.loads(written) if one["used"] is not None]
    assert (room["used"], room["reserved"], room["headroom"], room["percent"]) == (
        *("20", "5", "25", "50"),
    )
    rows = list(csv.DictReader(io.StringIO(typed("limits", "--format", "csv").stdout)))
    assert [row["rule"] for row in rows] == ["house/room", "house/large", "house/size"]
    assert [row["used"] for row in rows] == ["20", "", ""]


def test_limits_can_be_filtered(elsewhere: Apartly, typed: Typed) -> None:
    del elsewhere
    assert len(json.loads(typed("limits", "--over", "50", "--format", "json").stdout)) == 1
    none = typed("limits", "--over", "51")
    assert (none.returncode, none.stdout) == (0, "")
    assert none.stderr == "no such limit is in force\n"
    msft = json.loads(typed("limits", "--symbol", "MSFT", "--format", "json").stdout)
    assert {one["used"] for one in msft} == {None}


# -- a terminal ------------------------------------------------------------------------------------


class Terminal:
    """A command on a terminal of 24 lines of 80 columns."""

    def __init__(self, *words: str) -> None:
        ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        environment = {**os.environ, "TERM": "xterm"}
        environment.pop("COLUMNS", None)
        self.process = subprocess.Popen(
            [sys.executable, "-m", "riskgate", *words],
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            env=environment,
            start_new_session=True,
        )
        os.close(theirs)
        self._ours = ours
        self.seen = b""

    def shows(self, of: Callable[[bytes], bool]) -> bool:
        """Whether it comes to show something, within a bound."""
        ends = time.monotonic() + PATIENCE
        while not of(self.seen) and time.monotonic() < ends:
            if not self._read(ends - time.monotonic()):
                break
        return of(self.seen)

    def ends(self) -> int:
        """Its exit code, when all it wrote is read."""
        ends = time.monotonic() + PATIENCE
        while self._read(max(0.0, ends - time.monotonic())):
            pass
        return self.process.wait(PATIENCE)

    def _read(self, patience: float) -> bool:
        if not select.select([self._ours], [], [], patience)[0]:
            return False
        try:
            more = os.read(self._ours, 65_536)
        except OSError:  # so Linux says that nobody holds the other end
            return False
        self.seen += more
        return bool(more)

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(PATIENCE)
        os.close(self._ours)


@pytest.fixture
def terminal() -> Iterator[Callable[..., Terminal]]:
    opened: list[Terminal] = []

    def started(*words: str) -> Terminal:
        opened.append(Terminal(*words))
        return opened[-1]

    yield started
    for one in opened:
        one.close()


@pytest.mark.slow
def test_a_live_view_shows_a_new_order_and_ctrl_c_leaves_the_terminal_as_it_was(
    elsewhere: Apartly, terminal: Callable[..., Terminal]
) -> None:
    watch = terminal("watch", "--interval", "0.1")
    assert watch.shows(lambda seen: b"20 + 5 / 50 units" in seen)
    elsewhere.submit("BUY 5 AAPL LMT 149")
    assert watch.shows(lambda seen: b"20 + 10 / 50 units" in seen)
    assert b"     3 Submitted" in watch.seen
    watch.process.send_signal(signal.SIGINT)
    assert watch.ends() == 0
    assert watch.seen.rstrip().endswith(LEAVES)
    assert b"Traceback" not in watch.seen


@pytest.mark.slow
def test_sigterm_leaves_the_terminal_as_it_was(
    elsewhere: Apartly, terminal: Callable[..., Terminal]
) -> None:
    del elsewhere
    watch = terminal("watch", "--interval", "60")
    assert watch.shows(lambda seen: b"ACTIVE for all" in seen)
    watch.process.send_signal(signal.SIGTERM)
    assert watch.ends() == 143
    assert watch.seen.rstrip().endswith(LEAVES)
    assert b"Traceback" not in watch.seen


@pytest.mark.slow
def test_a_live_view_ends_by_itself_after_a_while(
    elsewhere: Apartly, terminal: Callable[..., Terminal]
) -> None:
    del elsewhere
    watch = terminal("watch", "--for", "0.3", "--interval", "0.1")
    assert watch.ends() == 0
    assert watch.seen.count(b"ACTIVE for all") >= 2
    assert LEAVES in watch.seen


def test_a_live_view_says_that_the_journal_is_gone_and_goes_on(
    bare: Path, terminal: Callable[..., Terminal]
) -> None:
    journal = bare / "desk.sqlite"
    open_journal(journal).close()
    watch = terminal("watch", "--interval", "0.1")
    assert watch.shows(lambda seen: b"ACTIVE for all" in seen)
    journal.write_bytes(b"")
    assert watch.shows(lambda seen: b"TROUBLE" in seen)
    watch.process.send_signal(signal.SIGINT)
    assert watch.ends() == 0


@pytest.mark.parametrize("words", [(), ("--format", "json")])
def test_without_a_terminal_only_once_is_drawn(
    bare: Path, typed: Typed, words: tuple[str, ...]
) -> None:
    open_journal(bare / "desk.sqlite").close()
    shown = typed("watch", *words)
    assert (shown.returncode, shown.stdout) == (2, "")
    assert "a live view needs a terminal; `--once` prints one frame" in shown.stderr


def test_a_percentage_is_a_whole_number(bare: Path, typed: Typed) -> None:
    del bare
    assert typed("limits", "--over", "much").returncode == 2
