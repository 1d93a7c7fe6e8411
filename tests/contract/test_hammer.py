"""Eight threads, and four processes, hammer the same limits: no sum is ever above one of them.

Two records are asked after every event: the journal, folded anew, and the simulator's own book,
which knows what it was sent and has filled. `RISKGATE_HAMMER_SECONDS` says how long it goes on.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
import threading
import time
from collections import Counter, deque
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from subprocess import PIPE
from typing import Final

import msgspec
import pytest

from riskgate.authoring import policy_files
from riskgate.calendars import ExchangeCalendars
from riskgate.config import Config
from riskgate.errors import NotConnected
from riskgate.journal.archive import open_for_reading
from riskgate.ledger.book import Book
from riskgate.ledger.market import Market
from riskgate.ledger.world import World
from riskgate.model.events import Decided, Recorded, StateChanged
from riskgate.simulator import Fills, Options, Running, running
from riskgate.simulator.gateway import Received
from riskgate.ticket import Ticket
from riskgate.wiring import ConnectedGate, connect, remote

ROOT: Final = Path(__file__).parents[2]
SECONDS: Final = float(os.environ.get("RISKGATE_HAMMER_SECONDS", "2"))
PATIENCE: Final = 30.0
LATE: Final = timedelta(seconds=0.3)  # for what was on its way when a halt came
THREADS: Final = 8
PROCESSES: Final = 4
ACCOUNT: Final = "DU1234567"
MARKS: Final = {"AAPL": Decimal(190), "MSFT": Decimal(420)}
LONGEST: Final = Decimal(30)
GROSS: Final = Decimal(16500)
RATE: Final = 20
WINDOW: Final = timedelta(milliseconds=500)
KEPT: Final = "BUY 1 AAPL LMT 100 GTC"  # by each process until it is killed
LIMITS: Final = f"""\
riskgate: 1
policy: hammered
timezone: America/New_York
currency: USD
rules:
  - id: position
    kind: position
    per: [account, symbol]
    max_long: {LONGEST}
    max_short: {LONGEST}
    because: It is hammered.
  - {{id: value, kind: exposure, per: account, max_gross: {GROSS}, because: It is hammered.}}
  - {{id: rate, kind: message_rate, max: {RATE}, window: 500ms, because: It is hammered.}}
"""


def say(words: str) -> None:
    """To whoever reads what a process, or a test run with `-s`, has to say."""
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


@dataclass
class Hand:
    """One strategy: submits, modifies and cancels as fast as it can, by lot."""

    gate: ConnectedGate
    seed: str
    done: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self._lot = random.Random(self.seed)
        self._sent: deque[int] = deque(maxlen=40)

    def hammer(self, over: threading.Event) -> None:
        while not over.is_set():
            draw = self._lot.random()
            if draw < 0.6 or not self._sent:
                self.submit()
            elif draw < 0.8:
                self.modify()
            else:
                self.cancel()

    def submit(self) -> None:
        side, price = self._lot.choice((("BUY", 100), ("SELL", 600)))
        terms = "MKT DAY" if self._lot.random() < 0.3 else f"LMT {price} GTC"
        quantity, symbol = self._lot.randrange(1, 9), self._lot.choice(tuple(MARKS))
        ticket = self.gate.submit(f"{side} {quantity} {symbol} {terms}")
        self.count("submit", ticket)
        if ticket.allowed:
            self._sent.append(ticket.order_id)

    def modify(self) -> None:
        quantity = self._lot.randrange(1, 15)
        self.count("modify", self.gate.modify(self._lot.choice(self._sent), quantity=quantity))

    def cancel(self) -> None:
        with suppress(NotConnected):
            self.done["cancel"] += self.gate.cancel(self._lot.choice(self._sent))

    def count(self, deed: str, ticket: Ticket) -> None:
        if not ticket.order_id:
            self.done["not recorded"] += 1  # the journal was not ours within 5 s; nothing was sent
            return
        self.done[deed] += 1
        self.done[ticket.decision.action.word] += 1
        for rule in ticket.decision.by:
            self.done[f"by {rule}"] += 1


class Sums:
    """What the largest sums have been, of whoever is asked."""

    def __init__(self) -> None:
        self.long = self.short = self.gross = Decimal(0)
        self.asked = 0

    def take(self, worst: dict[str, tuple[Decimal, Decimal]]) -> None:
        """Longs and shorts by symbol, if everything on that side fills."""
        self.asked += 1
        values = []
        for symbol, (most, least) in worst.items():
            self.long = max(self.long, most)
            self.short = max(self.short, -least)
            values.append(max(abs(most), abs(least)) * MARKS[symbol])
        self.gross = max(self.gross, sum(values, Decimal(0)))

    def assert_within(self) -> None:
        assert self.asked > RATE
        assert LONGEST / 2 < max(self.long, self.short) <= LONGEST
        assert GROSS / 2 < self.gross <= GROSS

    def __str__(self) -> str:
        return f"long {self.long} short {self.short} gross {self.gross} after {self.asked} events"


@contextmanager
def watched(sim: Running) -> Iterator[Sums]:
    """The simulator's own sums, asked after everything that changes in it."""
    gateway, sums = sim._simulator.gateway, Sums()
    tell = gateway.changed

    def changed() -> None:
        exchange = gateway.exchange
        held = {one.listing.symbol: one.quantity for one in exchange.world.accounts[ACCOUNT].held()}
        worst = {symbol: [held.get(symbol, Decimal(0))] * 2 for symbol in MARKS}
        for order in exchange.book.open():
            buys = order.terms.action == "BUY"
            worst[order.listing.symbol][not buys] += order.remaining if buys else -order.remaining
        sums.take({symbol: (most, least) for symbol, (most, least) in worst.items()})
        tell()

    gateway.changed = changed
    yield sums


def recorded(journal: str) -> list[Recorded]:
    with open_for_reading(journal) as archive:
        assert archive.verify() is None
        return list(archive.read())


def folded(config: Config, events: list[Recorded]) -> Sums:
    """The journal's sums, asked after each decision and each report."""
    policies = policy_files.load([Path(path) for path in config.policies], ExchangeCalendars())
    book: Book = World(policies, Market(), ExchangeCalendars()).empty_book()
    sums = Sums()
    for event in events:
        book.apply(event.payload, event.at)
        cells = {symbol: book.holdings.of(ACCOUNT, symbol) for symbol in MARKS}
        sums.take(
            {
                symbol: (cell.position + cell.buys, cell.position - cell.sells)
                for symbol, cell in cells.items()
            }
        )
    return sums


def allowed(events: list[Recorded]) -> list[tuple[Recorded, Decided]]:
    return [
        (event, event.payload)
        for event in events
        if isinstance(event.payload, Decided) and event.payload.decision.allowed
    ]


def assert_records_agree(config: Config, seen: Sums, done: Counter[str]) -> list[Recorded]:
    """Neither record ever had more than a limit, and everything submitted is in the journal."""
    events = recorded(config.journal)
    sums = folded(config, events)
    say(f"journal: {sums}; simulator: {seen}; {dict(done)}")
    sums.assert_within()
    seen.assert_within()
    decided = [event.payload for event in events if isinstance(event.payload, Decided)]
    assert len(decided) == done["submit"] + done["modify"]
    assert len(allowed(events)) == done["allow"]
    assert_rate(sorted(one.decision.as_of for _, one in allowed(events)))
    assert done["by hammered/position"] + done["by hammered/value"] > 0, done
    slow = done["allow"] < RATE * SECONDS / 0.5  # a machine too busy to come to so many
    assert done["by hammered/rate"] > 0 or slow, done
    return events


def assert_rate(moments: list[datetime]) -> None:
    for first, after in zip(moments, moments[RATE:], strict=False):
        assert after - first >= WINDOW


def settings(folder: Path, port: int, client_id: int = 1) -> Config:
    (folder / "limits.yaml").write_text(LIMITS)
    return Config(
        policies=(str(folder / "limits.yaml"),),
        journal=str(folder / "journal.sqlite"),
        watch=tuple(MARKS),
        kill_file="",
        actor=f"hand {client_id}",
        broker={"port": port, "client_id": client_id, "messages_per_second": 400},
    )


def assert_true_at_the_end(gate: ConnectedGate, sim: Running) -> None:
    assert gate.wait_for(lambda: not gate.ledger.working(), PATIENCE), gate.ledger.working()
    sim.settle(PATIENCE)
    assert gate.reconcile(PATIENCE).clean
    positions = gate.ledger.holdings.positions()
    assert {key: held for (_, key), held in positions.items()} == sim.positions()
    for symbol in MARKS:
        cell = gate.ledger.holdings.of(ACCOUNT, symbol)
        assert cell.buys == cell.sells == 0


@pytest.mark.slow
@pytest.mark.timeout(10 * PATIENCE + 10 * SECONDS)
def test_eight_threads_of_one_gate_never_exceed_a_limit_together(tmp_path: Path) -> None:
    with running(options=Options(fills=Fills(chunks=2))) as sim, watched(sim) as seen:
        config = settings(tmp_path, sim.port)
        with connect(config) as gate:
            assert gate.prepare(*MARKS, timeout=PATIENCE) == ()
            hands = [Hand(gate, f"thread {number}") for number in range(THREADS)]
            over = threading.Event()
            threads = [threading.Thread(target=hand.hammer, args=[over]) for hand in hands]
            for thread in threads:
                thread.start()
            over.wait(SECONDS)
            over.set()
            for thread in threads:
                thread.join(PATIENCE)
            assert not any(thread.is_alive() for thread in threads)
            gate.cancel_all()
            assert_true_at_the_end(gate, sim)
        assert_records_agree(config, seen, sum((hand.done for hand in hands), Counter()))


@dataclass
class Other:
    """Another process with a gate of its own."""

    process: subprocess.Popen[str]

    def hears(self, word: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(f"{word}\n")
        self.process.stdin.flush()

    def says(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()


@contextmanager
def others(folder: Path, port: int) -> Iterator[list[Other]]:
    """Processes that are connected, and hammer once they hear `go`."""
    paths = [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}
    with ExitStack() as stack:
        found = []
        for number in range(1, PROCESSES + 1):
            config = msgspec.json.encode(settings(folder, port, number)).decode()
            process = stack.enter_context(
                subprocess.Popen(
                    [sys.executable, __file__, config],
                    stdin=PIPE,
                    stdout=PIPE,
                    text=True,
                    env=environment,
                )
            )
            stack.callback(process.kill)
            watchdog = threading.Timer(5 * PATIENCE + 5 * SECONDS, process.kill)
            watchdog.start()
            stack.callback(watchdog.cancel)
            found.append(Other(process))
        assert [one.says() for one in found] == ["ready"] * PROCESSES
        yield found


def _whose(one: Received) -> tuple[int, int]:
    return one.client_id, one.message.integer("orderId")


@pytest.mark.slow
@pytest.mark.timeout(10 * PATIENCE + 10 * SECONDS)
def test_four_processes_never_exceed_a_limit_and_obey_a_fifth(tmp_path: Path) -> None:
    done: Counter[str] = Counter()
    with (
        running(options=Options(fills=Fills(chunks=2))) as sim,
        watched(sim) as seen,
        others(tmp_path, sim.port) as hands,
        remote(settings(tmp_path, sim.port)) as fifth,
    ):
        for hand in hands:
            hand.hears("go")
        threading.Event().wait(SECONDS)
        began = time.monotonic()
        assert fifth.halt(by="me", reason="test")
        halted = sim.clock.now()
        took = time.monotonic() - began
        threading.Event().wait(SECONDS / 2)  # they go on asking, and are refused
        called = sim.clock.now()
        report = fifth.kill(by="me", reason="test", timeout=PATIENCE)
        returned = sim.clock.now()
        for hand in hands:
            hand.hears("stop")
            done += Counter(msgspec.json.decode(hand.says(), type=dict[str, int]))
        assert report.done, report
        assert (report.pending, report.not_cancelled) == ((), ())
        assert {order.status for order in sim.orders()} <= {"Filled", "Cancelled"}
        placed = sim.received("placeOrder")
        cancels = [one for one in sim.received("cancelOrder") if one.at > called]
        assert {_whose(one) for one in cancels} <= {_whose(one) for one in placed}
        assert len({one.client_id for one in cancels}) == PROCESSES
        late = max(one.at for one in placed) - halted
        assert late < LATE
        last = max(one.at for one in cancels) - called
        say(f"halt took {took:.3f} s; last order {late.total_seconds():.3f} s after it")
        say(f"kill took {returned - called}; last cancel {last} after it was called")
        for hand in hands:
            hand.hears("leave")
            assert hand.process.wait(PATIENCE) == 0
    config = settings(tmp_path, sim.port)
    events = assert_records_agree(config, seen, done)
    (halt, *_) = [event for event in events if isinstance(event.payload, StateChanged)]
    assert max(event.seq for event, _ in allowed(events)) < halt.seq
    assert halt.at <= halted
    by_process = Counter(one.actor for _, one in allowed(events))
    assert len(by_process) > 1


def main(settings_text: str) -> None:
    config = msgspec.json.decode(settings_text, type=Config)
    with connect(config) as gate:
        gate.prepare(*MARKS, timeout=PATIENCE)
        over = threading.Event()
        hand = Hand(gate, config.actor)
        hand.count("submit", gate.submit(KEPT))
        thread = threading.Thread(target=hand.hammer, args=[over])
        say("ready")
        for line in sys.stdin:
            match line.strip():
                case "go":
                    thread.start()
                case "stop":
                    over.set()
                    thread.join(PATIENCE)
                    say(msgspec.json.encode(hand.done).decode())
                case _:
                    return


if __name__ == "__main__":
    main(sys.argv[1])
