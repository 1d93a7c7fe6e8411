"""The process that works a parent off is killed; another goes on and sends exactly the rest.

The simulator is the broker: it survives, and says what really arrived and was really filled.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Final

import msgspec
import pytest

from riskgate.config import Config
from riskgate.journal.archive import open_for_reading
from riskgate.simulator import Running, running

WORKER: Final = Path(__file__).with_name("worker.py")
MORNING: Final = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
TWAP: Final = "work BUY 103 AAPL MKT DAY | twap duration=300s slices=10"
PATIENCE: Final = 30.0
LIMITS: Final = """\
riskgate: 1
policy: worked
timezone: America/New_York
currency: USD
rules:
  - {id: size, kind: fat_finger, max_quantity: 200, because: a parent is judged as a whole}
  - {id: held, kind: position, per: [account, symbol], max_long: 103, because: no share more}
  - {id: price, kind: reference_price, max_age: 4h, because: the clock of the test stands still}
"""


class RunningClock:
    """The morning of the test, moving on."""

    def __init__(self) -> None:
        self._began = time.monotonic()

    def now(self) -> datetime:
        return MORNING + timedelta(seconds=time.monotonic() - self._began)


@dataclass
class Floor:
    """One journal, one broker, and the workers that come and go."""

    folder: Path
    sim: Running

    @property
    def config(self) -> Config:
        return Config(
            journal=str(self.folder / "journal.sqlite"),
            policies=(str(self.folder / "limits.yaml"),),
            watch=("AAPL",),
            actor="worker",
            broker={"port": self.sim.port, "client_id": 7},
        )

    @contextmanager
    def worker(self, at: timedelta = timedelta(0)) -> Iterator[Worker]:
        """A process with its gate connected; killed at the end if it still lives."""
        config = msgspec.json.encode(self.config).decode()
        with subprocess.Popen(
            [sys.executable, str(WORKER), config, (MORNING + at).isoformat()],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])},
        ) as process:
            try:
                worker = Worker(process)
                assert worker.said() == "ready"
                yield worker
            finally:
                process.kill()
                process.wait(PATIENCE)
        self.sim.wait_for(lambda: not self.sim.clients(), PATIENCE)

    @property
    def bought(self) -> list[Decimal]:
        """What the broker executed for each order, in the order in which they came."""
        return [order.filled for order in self.sim.orders()]

    def check(self) -> None:
        """Every share once: by the broker's own executions, and by its own orders."""
        assert sum(one.shares for one in self.sim.executions()) == 103
        assert self.sim.positions() == {"AAPL": Decimal(103)}
        refs = [one.order_ref for one in self.sim.received("placeOrder")]
        assert len(refs) == len(set(refs)), "a slice was sent twice"
        with open_for_reading(self.config.journal) as archive:
            assert archive.verify() is None
            rows = archive.orders()
        (parent,) = (row for row in rows if not row["parent_id"])
        assert (parent["status"], parent["filled_quantity"]) == ("Filled", 103)
        assert parent["ref"] not in refs, "a parent never leaves"


@dataclass
class Worker:
    process: subprocess.Popen[str]

    def said(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def do(self, command: str) -> str:
        self.tell(command)
        return self.said()

    def tell(self, command: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(f"{command}\n")
        self.process.stdin.flush()

    def die(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        assert self.process.wait(PATIENCE) == -signal.SIGKILL

    def finish(self) -> str:
        """Let time pass until the parent is over."""
        for _ in range(40):
            if (said := self.do("pass 15")).endswith("ended"):
                return said
        return said


@pytest.fixture
def floor(tmp_path: Path) -> Iterator[Floor]:
    (tmp_path / "limits.yaml").write_text(LIMITS)
    with running(clock=RunningClock()) as sim:
        yield Floor(tmp_path, sim)


def begin(worker: Worker, slices: int) -> str:
    said = worker.do(TWAP)
    for _ in range(slices - 1):
        said = worker.do("pass 30")
    return said


@pytest.mark.slow
def test_killed_after_its_fourth_slice_it_resumes_and_ends_with_exactly_the_parent(
    floor: Floor,
) -> None:
    with floor.worker() as worker:
        assert begin(worker, 4) == "41 4 running"
        worker.die()
    with floor.worker(timedelta(seconds=100)) as worker:
        assert worker.finish() == "103 10 ended"
    assert floor.bought == [10, 10, 10, 11, 10, 10, 11, 10, 10, 11]
    floor.check()


@pytest.mark.slow
def test_what_was_missed_while_nobody_worked_is_caught_up_in_time(floor: Floor) -> None:
    with floor.worker() as worker:
        begin(worker, 4)
        worker.die()
    with floor.worker(timedelta(seconds=200)) as worker:
        assert worker.finish().startswith("103 ")
    assert max(floor.bought) <= 22
    floor.check()


@pytest.mark.slow
@pytest.mark.parametrize("moment", ["before", "after"])
def test_killed_while_a_slice_leaves_it_is_never_sent_twice_and_never_lost(
    floor: Floor, moment: str
) -> None:
    with floor.worker() as worker:
        begin(worker, 4)
        worker.do(f"die {moment}")
        worker.tell("pass 30")
        assert worker.process.wait(PATIENCE) == -signal.SIGKILL
    arrived = len(floor.sim.received("placeOrder"))
    assert arrived == (4 if moment == "before" else 5)
    with floor.worker(timedelta(seconds=130)) as worker:
        assert worker.finish().startswith("103 ")
    floor.check()


@pytest.mark.slow
def test_killed_again_and_again_it_ends_with_exactly_the_parent(floor: Floor) -> None:
    with floor.worker() as worker:
        begin(worker, 1)
        worker.die()
    for number in range(1, 4):
        with floor.worker(timedelta(seconds=60 * number)) as worker:
            worker.do("pass 1")
            worker.die()
    with floor.worker(timedelta(seconds=290)) as worker:
        said = worker.do("pass 1")
        filled = int(said.split()[0])
        assert sum(floor.bought) == filled <= 103
        assert worker.do("pass 15").endswith("ended")
    refs = [one.order_ref for one in floor.sim.received("placeOrder")]
    assert len(refs) == len(set(refs))
