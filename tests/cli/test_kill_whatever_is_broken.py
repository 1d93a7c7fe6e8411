"""A kill by file, by signal and by command, of a gate in a process of its own, whatever is broken.

The journal is locked by another process, damaged, moved away or replaced while the gate runs; the
policies are gone. Every order that works is cancelled, and how long that took is told.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from riskgate.simulator import Running

if TYPE_CHECKING:
    from tests.cli.conftest import Held, Typed

HERE: Final = Path(__file__).parent
POLICY: Final = """\
riskgate: 1
policy: house
timezone: UTC
currency: USD
rules:
  - {id: size, kind: fat_finger, max_quantity: 500, because: a test}
"""
SETTINGS: Final = """\
policies: [house.yaml]
journal: desk.sqlite
kill_file: stop
broker: {{port: {port}, client_id: 1, connect_timeout: 1}}
"""
SAID: Final = ("--by", "m.ruiz", "--reason", "a test")
ORDERS: Final = 5
SOON: Final = 4.0  # seconds to the last cancel, also when the journal is locked; usually 0.1
Broken = Callable[[str], AbstractContextManager[None]]


class Apartly:
    """A gate in a process of its own, and what it works."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        assert self._heard() == "running"

    def tell(self, line: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(f"{line}\n")
        self.process.stdin.flush()

    def submit(self, line: str) -> str:
        self.tell(line)
        return self._heard()

    def _heard(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()


@pytest.fixture
def apart_gate(folder: Path, sim: Running) -> Iterator[Apartly]:
    """A gate that runs elsewhere, with orders that rest."""
    (folder / "house.yaml").write_text(POLICY)
    (folder / "riskgate.yaml").write_text(SETTINGS.format(port=sim.port))
    command = [sys.executable, str(HERE / "gatekeeper.py"), "riskgate.yaml"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True) as process:
        gate = Apartly(process)
        for number in range(1, ORDERS + 1):
            assert gate.submit(f"BUY {number} AAPL LMT 150") == f"{number} Submitted"
        try:
            yield gate
        finally:
            process.kill()


def working(sim: Running) -> list[int]:
    return [one.order_id for one in sim.orders() if one.status in {"Submitted", "PreSubmitted"}]


def gone_within(sim: Running, began: float) -> float:
    """Wait until nothing works at the broker; the seconds it took."""
    sim.wait_for(lambda: not working(sim), 10)
    return time.monotonic() - began


@contextmanager
def locked(journal: Path, held: Held) -> Iterator[None]:
    with held(journal):
        yield


@contextmanager
def damaged(journal: Path, held: Held) -> Iterator[None]:
    """Every page but the first is noise, also of the log."""
    del held
    for file in (journal, Path(f"{journal}-wal")):
        size = file.stat().st_size
        with file.open("r+b") as open_file:
            open_file.seek(min(4096, size))
            open_file.write(os.urandom(max(0, size - 4096)))
    yield


@contextmanager
def cut_off(journal: Path, held: Held) -> Iterator[None]:
    del held
    for file in (journal, Path(f"{journal}-wal")):
        os.truncate(file, 100)
    yield


@contextmanager
def moved_away(journal: Path, held: Held) -> Iterator[None]:
    del held
    journal.rename(journal.with_name("elsewhere.sqlite"))
    yield


@contextmanager
def no_journal(journal: Path, held: Held) -> Iterator[None]:
    del held
    journal.rename(journal.with_name("elsewhere.sqlite"))
    journal.write_text("this is a letter to my aunt, and no journal at all " * 100)
    yield


@contextmanager
def without_policies(journal: Path, held: Held) -> Iterator[None]:
    del held
    (journal.parent / "house.yaml").write_text("rules: [[[")
    yield


@contextmanager
def as_it_was(journal: Path, held: Held) -> Iterator[None]:
    del journal, held
    yield


BROKEN: Final[dict[str, Callable[[Path, Held], AbstractContextManager[None]]]] = {
    "nothing": as_it_was,
    "locked": locked,
    "damaged": damaged,
    "cut off": cut_off,
    "moved away": moved_away,
    "replaced": no_journal,
    "policies": without_policies,
}
broken = pytest.mark.parametrize("state", BROKEN)


@pytest.fixture
def surroundings(folder: Path, held: Held) -> Callable[[str], AbstractContextManager[None]]:
    """Break one thing."""
    return lambda state: BROKEN[state](folder / "desk.sqlite", held)


@broken
@pytest.mark.usefixtures("apart_gate")
def test_a_kill_file_cancels_everything(
    folder: Path, sim: Running, surroundings: Broken, state: str
) -> None:
    with surroundings(state):
        began = time.monotonic()
        (folder / "stop").write_text("smoke in the room")
        took = gone_within(sim, began)
        print(f"{state}: {took * 1000:.0f} ms from the file to the last cancel")  # noqa: T201  # told
        assert took < SOON
        assert len(sim.received("cancelOrder")) >= ORDERS


@broken
def test_the_kill_signal_cancels_everything(
    apart_gate: Apartly, sim: Running, surroundings: Broken, state: str
) -> None:
    with surroundings(state):
        began = time.monotonic()
        os.kill(apart_gate.process.pid, signal.SIGUSR1)
        took = gone_within(sim, began)
        print(f"{state}: {took * 1000:.0f} ms from the signal to the last cancel")  # noqa: T201  # told
        assert took < SOON


@pytest.mark.slow
@broken
@pytest.mark.usefixtures("apart_gate")
def test_the_command_kills_a_gate_that_runs_and_tells_the_truth(
    folder: Path, sim: Running, surroundings: Broken, typed: Typed, state: str
) -> None:
    with surroundings(state):
        done = typed("kill", *SAID)
        assert working(sim) == []
        assert (done.returncode, done.stderr) == (0, "")
        if state in {"nothing", "policies"}:
            assert "flat: proven by a reconcile" in done.stdout
            assert not (folder / "stop").exists()
        else:
            assert "the kill file `stop` was written" in done.stdout
            assert "not on record" in done.stdout


@pytest.mark.slow
@broken
def test_the_command_cancels_what_a_dead_gate_left_whatever_is_broken(
    apart_gate: Apartly, sim: Running, surroundings: Broken, typed: Typed, state: str
) -> None:
    apart_gate.process.kill()
    apart_gate.process.wait(10)
    sim.wait_for(lambda: not sim.clients(), 5)
    with surroundings(state):
        done = typed("kill", *SAID)
        assert working(sim) == []
        assert done.returncode == 0
        assert "confirmed cancelled or done: " in done.stdout


@pytest.mark.slow
def test_the_kill_signal_does_not_wait_for_a_main_thread_that_waits_for_the_journal(
    apart_gate: Apartly, sim: Running, surroundings: Broken
) -> None:
    with surroundings("locked"):
        apart_gate.tell("BUY 1 AAPL LMT 151")
        with pytest.raises(TimeoutError):  # it hangs in the store by now
            sim.wait_for(lambda: len(sim.received("placeOrder")) > ORDERS, 0.5)
        began = time.monotonic()
        os.kill(apart_gate.process.pid, signal.SIGUSR1)
        assert gone_within(sim, began) < SOON


def test_a_gate_that_was_killed_by_a_file_approves_nothing_and_kills_again_at_its_next_start(
    apart_gate: Apartly, folder: Path, sim: Running, typed: Typed
) -> None:
    (folder / "stop").write_text("smoke in the room")
    gone_within(sim, time.monotonic())
    assert apart_gate.submit("BUY 1 AAPL LMT 151") == f"{ORDERS + 1} Denied"
    shown = typed("status")
    assert shown.returncode == 5
    assert "by kill file: smoke in the room" in " ".join(shown.stdout.split())
