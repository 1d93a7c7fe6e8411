"""Strategies in processes of their own, for tests that kill them at any moment.

What they need is imported once. For each number that comes in, a copy of this process is made: it
says `born` and its process id, connects its gate, says `trading`, and sends what it can. When it
is dead, `gone` and its exit code are said. What a run asks for depends only on the seed and its
number; it first asks again for the keyed orders of the run before, as a strategy does that does
not know what became of them.
"""

from __future__ import annotations

import os
import random
import sys
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

import msgspec

from riskgate.brokers.ib.client import load
from riskgate.config import Config
from riskgate.model.lifecycle import Status
from riskgate.wiring import ConnectedGate, connect

MIDDLES: Final = {"AAPL": Decimal(190), "MSFT": Decimal(420), "NVDA": Decimal(130)}
ORDERS: Final = 30
KEYED: Final = 5
LONGEST: Final = 30.0  # seconds that a trader lives if nobody kills it


class SharedClock:
    """The time that all processes of the test share: it began at a moment of the machine's."""

    def __init__(self, morning: datetime, began: float) -> None:
        self._morning = morning
        self._began = began

    def now(self) -> datetime:
        return self._morning + timedelta(seconds=time.monotonic() - self._began)


def asked_for(seed: int, run: int) -> Iterator[str]:
    """The orders of a run, no two alike, keyed ones first; a few are too large."""
    lot = random.Random(f"{seed}/{run}")
    for number in range(ORDERS):
        symbol, side = lot.choice(tuple(MIDDLES)), lot.choice(("BUY", "SELL"))
        quantity = 5000 if lot.random() < 0.1 else 10 * number + lot.randrange(1, 10)
        price = MIDDLES[symbol] + Decimal(lot.randrange(-8, 9)) / 4
        terms = "MKT DAY" if lot.random() < 0.1 else f"LMT {price} {lot.choice(('DAY', 'GTC'))}"
        key = f" key=k-{seed}-{run}-{number}" if number < KEYED else ""
        yield f"{side} {quantity} {symbol} {terms}{key}"


def trade(gate: ConnectedGate, seed: int, run: int) -> None:
    lot = random.Random(f"{seed}/{run}/changes")
    gate.prepare(*MIDDLES)
    for line in list(asked_for(seed, run - 1))[:KEYED]:
        gate.submit(line)
    for line in asked_for(seed, run):
        gate.submit(line)
        if lot.random() < 0.4:
            change(gate, lot)


def change(gate: ConnectedGate, lot: random.Random) -> None:
    """Cancel or modify one of the orders that work, whichever run it is of."""
    working = [view for view in gate.orders() if view.status.working]
    if not working:
        return
    chosen = lot.choice(working)
    if lot.random() < 0.5 or chosen.status is Status.PENDING_CANCEL:
        gate.cancel(chosen.order_id, actor="trader")
    else:
        more = chosen.quantity + lot.choice((-7, 3, 9))
        gate.modify(chosen.order_id, quantity=max(Decimal(1), more))


def say(word: str) -> None:
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()


def live(config: Config, clock: SharedClock, seed: int, run: int) -> None:
    say(f"born {os.getpid()}")
    with connect(config, clock=clock) as gate:
        say("trading")
        trade(gate, seed, run)
        gate.wait_for(lambda: False, LONGEST)


def main(config: str, morning: str, began: str, seed: str) -> None:
    settings = msgspec.json.decode(config, type=Config)
    clock = SharedClock(datetime.fromisoformat(morning), float(began))
    load()
    for line in sys.stdin:
        process = os.fork()
        if not process:
            live(settings, clock, int(seed), int(line))
            return
        _, status = os.waitpid(process, 0)
        say(f"gone {os.waitstatus_to_exitcode(status)}")


if __name__ == "__main__":
    main(*sys.argv[1:])
