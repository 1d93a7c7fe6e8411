"""The gate's process is killed again and again, on one journal and at one broker.

The simulator is the broker: it survives, and says what really arrived and what was really filled.
`RISKGATE_SIGKILLS` says how often.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Final

import msgspec
import pytest

from riskgate.config import Config
from riskgate.journal.archive import open_for_reading
from riskgate.line.doubts import ABSENCE_GRACE
from riskgate.model.events import Decided, PositionsReported, Reconciled, Recorded
from riskgate.model.lifecycle import Status
from riskgate.model.order import Order
from riskgate.model.report import Sent, stem_of
from riskgate.simulator import Fills, Options, Running, quote, running
from riskgate.wiring import ConnectedGate, connect

TRADER: Final = Path(__file__).with_name("trader.py")
MORNING: Final = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)  # 10:00 in New York
SEED: Final = 20260302
KILLS: Final = int(os.environ.get("RISKGATE_SIGKILLS", "50"))
PATIENCE: Final = 10.0
LONGEST: Final = 2.0 * KILLS  # seconds for all the kills
pytestmark = [pytest.mark.slow, pytest.mark.timeout(LONGEST + 60)]
MIDDLES: Final = {"AAPL": Decimal(190), "MSFT": Decimal(420), "NVDA": Decimal(130)}
Terms = tuple[Decimal | None, Decimal | None]
LIMITS: Final = """\
riskgate: 1
policy: crash
timezone: America/New_York
currency: USD
rules:
  - id: size
    kind: fat_finger
    max_quantity: 400
    because: A few orders have to be denied.
  - id: book
    kind: position
    per: [account, symbol]
    max_long: 50000
    max_short: 50000
    because: The book is read for every order.
"""


class LaterClock:
    """The time of the whole test, moved on by hand where nobody shall wait for it."""

    def __init__(self, began: float) -> None:
        self._began = began
        self.ahead = timedelta(0)

    def now(self) -> datetime:
        return MORNING + self.ahead + timedelta(seconds=time.monotonic() - self._began)


@dataclass
class House:
    """One journal, one broker, and the traders that come and go."""

    folder: Path
    sim: Running
    began: float
    seed: int
    killed: Counter[str] = field(default_factory=Counter)

    @cached_property
    def lot(self) -> random.Random:
        return random.Random(self.seed)

    @property
    def config(self) -> Config:
        return Config(
            journal=str(self.folder / "journal.sqlite"),
            policies=(str(self.folder / "limits.yaml"),),
            watch=tuple(MIDDLES),
            actor="trader",
            broker={"port": self.sim.port, "client_id": 7, "messages_per_second": 400},
        )

    @property
    def complaints(self) -> Path:
        return self.folder / "stderr.txt"

    @contextmanager
    def nursery(self) -> Iterator[subprocess.Popen[str]]:
        """A process that has imported what traders need, and makes them."""
        config = msgspec.json.encode(self.config).decode()
        words = (config, MORNING.isoformat(), str(self.began), str(self.seed))
        with (
            self.complaints.open("w") as complaints,
            subprocess.Popen(
                [sys.executable, str(TRADER), *words],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=complaints,
                text=True,
                process_group=0,
                env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},  # or it would not be safe to copy
            ) as nursery,
        ):
            watchdog = threading.Timer(LONGEST, os.killpg, (nursery.pid, signal.SIGKILL))
            watchdog.start()
            try:
                yield nursery
            finally:
                watchdog.cancel()
                os.killpg(nursery.pid, signal.SIGKILL)

    def kill(self, nursery: subprocess.Popen[str], run: int) -> None:
        """Let a trader be born, and kill it at a random moment of what it does then."""
        moment = self.lot.choice(("connecting", "trading", "trading"))
        delay = self.lot.uniform(0, 0.12 if moment == "connecting" else 0.25)
        assert nursery.stdin is not None
        nursery.stdin.write(f"{run}\n")
        nursery.stdin.flush()
        trader = int(self.said(nursery, "born"))
        if moment == "trading":
            self.said(nursery, "trading")
        threading.Event().wait(delay)
        os.kill(trader, signal.SIGKILL)
        while (said := self.said(nursery)).split()[0] != "gone":
            pass
        assert int(said.split()[1]) == -signal.SIGKILL, self.complaints.read_text()
        self.killed[moment] += 1
        self.sim.wait_for(lambda: not self.sim.clients(), PATIENCE)

    def said(self, nursery: subprocess.Popen[str], word: str = "") -> str:
        """What is said next; after that word, if one is expected."""
        assert nursery.stdout is not None
        line = nursery.stdout.readline()
        assert line.startswith(word), (line, self.complaints.read_text())
        assert line, self.complaints.read_text()
        return line.removeprefix(word).strip()

    def kill_all(self) -> None:
        """Kill trader after trader, while prices move."""
        with self.nursery() as nursery, self.moving_market():
            for run in range(1, KILLS + 1):
                self.kill(nursery, run)

    @contextmanager
    def moving_market(self) -> Iterator[None]:
        """Prices that move all the time: orders also fill while no gate is there to hear it."""
        over = threading.Event()
        lot = random.Random(self.seed + 1)

        def move() -> None:
            while not over.wait(0.005):
                symbol = lot.choice(tuple(MIDDLES))
                middle = MIDDLES[symbol] + Decimal(lot.randrange(-8, 9)) / 4
                cent = Decimal("0.01")
                texts = [str(price) for price in (middle - cent, middle + cent, middle, middle)]
                self.sim.set_price(symbol, quote(*texts))

        mover = threading.Thread(target=move)
        mover.start()
        try:
            yield
        finally:
            over.set()
            mover.join(PATIENCE)


@dataclass
class Aftermath:
    """The last gate, started clean, what the journal held before it was, and the broker."""

    house: House
    gate: ConnectedGate
    last: Reconciled

    @property
    def sim(self) -> Running:
        return self.house.sim

    @cached_property
    def events(self) -> tuple[Recorded, ...]:
        with open_for_reading(self.house.config.journal) as archive:
            return tuple(archive.read())

    @cached_property
    def allowed(self) -> dict[str, list[Recorded]]:
        """The decisions that let an order, or new terms of it, through; by reference."""
        found: dict[str, list[Recorded]] = defaultdict(list)
        for event in self.events:
            if isinstance(event.payload, Decided) and event.payload.decision.allowed:
                found[event.payload.ref].append(event)
        return found


@pytest.fixture(scope="module", params=[SEED], ids="seed {}".format)
def aftermath(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Aftermath]:
    folder = tmp_path_factory.mktemp("killed")
    (folder / "limits.yaml").write_text(LIMITS)
    began = time.monotonic()
    fills = Options(fills=Fills(chunks=3))
    with running(clock=LaterClock(began), options=fills) as sim:
        house = House(folder, sim, began, request.param)
        house.kill_all()
        sim.settle(PATIENCE)
        clock = LaterClock(began)
        with connect(house.config, clock=clock) as gate:
            clock.ahead = 2 * ABSENCE_GRACE
            yield Aftermath(house, gate, gate.reconcile())
        assert house.complaints.read_text() == ""


def test_the_kills_came_at_every_moment_of_a_run(aftermath: Aftermath) -> None:
    assert sum(aftermath.house.killed.values()) == KILLS
    assert min(aftermath.house.killed.values()) > 5
    arrived = {one.message.integer("orderId") for one in aftermath.sim.received("placeOrder")}
    said = {e.payload.broker_order_id for e in aftermath.events if isinstance(e.payload, Sent)}
    assert len(arrived) > KILLS
    assert arrived - said, "some process died between sending an order and saying so"


def test_the_last_reconcile_is_clean_and_the_chain_is_whole(aftermath: Aftermath) -> None:
    assert aftermath.last.clean
    assert aftermath.last.differences == ()
    with open_for_reading(aftermath.house.config.journal) as archive:
        assert archive.verify() is None


def test_no_order_was_sent_unrecorded(aftermath: Aftermath) -> None:
    for one in aftermath.sim.received("placeOrder"):
        decisions = aftermath.allowed[one.order_ref]
        assert decisions, f"`{one.order_ref}` was sent without a decision on record"
        first = decisions[0].payload
        assert isinstance(first, Decided)
        assert one.message.integer("orderId") >= first.order_id
        assert decisions[0].at <= one.at


def test_no_order_was_sent_twice(aftermath: Aftermath) -> None:
    sent: dict[str, list[Terms]] = defaultdict(list)
    for one in aftermath.sim.received("placeOrder"):
        fields = one.message
        sent[one.order_ref].append((fields.number("totalQuantity"), fields.number("lmtPrice")))
    for ref, messages in sent.items():
        versions = iter(_terms(event) for event in aftermath.allowed[ref])
        for message in messages:
            assert message in versions, f"`{ref}`: {messages} were sent"
        assert messages[0] == _terms(aftermath.allowed[ref][0])


def _terms(event: Recorded) -> Terms:
    assert isinstance(event.payload, Decided)
    order = event.payload.decision.order
    assert order is not None
    return order.quantity, order.limit_price


def test_order_numbers_only_grow(aftermath: Aftermath) -> None:
    of_ref: dict[str, int] = {}
    for one in aftermath.sim.received("placeOrder"):
        of_ref.setdefault(one.order_ref, one.message.integer("orderId"))
    numbers = list(of_ref.values())
    assert numbers == sorted(set(numbers))
    views = {view.order_id: view.created_at for view in aftermath.gate.orders()}
    assert [views[number] for number in sorted(views)] == sorted(views.values())


def test_no_order_was_forgotten(aftermath: Aftermath) -> None:
    theirs = {order.order_ref: order for order in aftermath.sim.orders()}
    ours = {view.ref: view for view in aftermath.gate.orders()}
    assert set(theirs) <= set(ours)
    # What the broker has is in the book as it is there; the rest is known never to have been sent.
    for ref in aftermath.allowed:
        view = ours[ref]
        if ref not in theirs:
            assert view.status is Status.NEVER_SENT, view
            continue
        assert view.perm_id == theirs[ref].perm_id
        assert view.filled_quantity == theirs[ref].filled, view
        finished = theirs[ref].status in ("Filled", "Cancelled")
        assert view.status.finished == finished, (view, theirs[ref])
        assert view.status.working or view.status == theirs[ref].status, (view, theirs[ref])


def test_the_table_of_orders_shows_every_order(aftermath: Aftermath) -> None:
    with open_for_reading(aftermath.house.config.journal) as archive:
        rows = {
            row["order_id"]: (row["status"], row["filled_quantity"]) for row in archive.orders()
        }
    views = aftermath.gate.orders()
    assert rows == {view.order_id: (view.status.value, view.filled_quantity) for view in views}


def test_no_fill_was_lost_or_counted_twice(aftermath: Aftermath) -> None:
    numbers = {view.ref: view.order_id for view in aftermath.gate.orders()}
    theirs = {
        stem_of(fill.exec_id): (fill.shares, fill.price, fill.commission, numbers[fill.order_ref])
        for fill in aftermath.sim.executions()
    }
    ours = {
        fill.stem: (fill.quantity, fill.price, fill.commission, fill.order_id)
        for fill in aftermath.gate.fills()
    }
    assert ours == theirs
    with open_for_reading(aftermath.house.config.journal) as archive:
        shown = {row["stem"]: row["quantity"] for row in archive.fills()}
    assert shown == {stem: values[0] for stem, values in theirs.items()}


def test_the_positions_are_the_brokers_and_never_had_to_be_taken_over(aftermath: Aftermath) -> None:
    ours = {
        key: position for (_, key), position in aftermath.gate.ledger.holdings.positions().items()
    }
    theirs = aftermath.sim.positions()
    assert {key.split(".")[0]: position for key, position in ours.items()} == theirs
    taken = [event for event in aftermath.events if isinstance(event.payload, PositionsReported)]
    assert taken == []


def test_a_keyed_order_asked_for_again_sends_nothing(aftermath: Aftermath) -> None:
    before = len(aftermath.sim.received("placeOrder"))
    keyed = _keyed(aftermath)
    assert len(keyed) > KILLS
    for number, order in keyed.items():
        again = aftermath.gate.submit(msgspec.structs.replace(order, account=None))
        assert again.order_id == number
    aftermath.sim.settle(PATIENCE)
    assert len(aftermath.sim.received("placeOrder")) == before


def _keyed(aftermath: Aftermath) -> dict[int, Order]:
    """What was asked for under a key, by the number it got."""
    return {
        event.payload.order_id: order
        for event in aftermath.events
        if isinstance(event.payload, Decided) and not event.payload.replaces
        if (order := event.payload.decision.order) is not None and order.key
    }
