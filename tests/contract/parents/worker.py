"""A process that works a parent order off, for tests that kill it.

Its clock stands still until it is told to move. It reads one command a line and answers each with a
line: `work LINE | PLAN`, `pass SECONDS`, and `die before|after`, which kills it with the next order
that it hands over, before or after that.
"""

from __future__ import annotations

import os
import signal
import sys
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import msgspec

from riskgate.config import Config
from riskgate.wiring import ConnectedGate, connect

PATIENCE = 10.0


class StoppedClock:
    def __init__(self, at: datetime) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at


def die_with(gate: ConnectedGate, *, before: bool) -> None:
    """Kill this process with the next order that is handed over."""
    place = gate._broker.place

    def last(*orders: Any) -> None:  # noqa: ANN401  # as the broker takes them
        if not before:
            place(*orders)
            gate.wait_for(lambda: sent(gate), PATIENCE)
        os.kill(os.getpid(), signal.SIGKILL)

    gate._broker.place = last  # type: ignore[method-assign,assignment]


def sent(gate: ConnectedGate) -> bool:
    """Whether all that works has left; asked under the lock that everything else waits for."""
    return all(life.broker_order_id for life in gate.ledger.working())


def is_quiet(gate: ConnectedGate) -> bool:
    return not gate.ledger.working()


def answer(gate: ConnectedGate, clock: StoppedClock, line: str) -> str:
    word, _, rest = line.strip().partition(" ")
    if word == "work":
        order, _, plan = rest.partition(" | ")
        if not gate.work(order, plan).allowed:
            return "denied"
    elif word == "die":
        die_with(gate, before=rest == "before")
    else:
        clock.at += timedelta(seconds=float(rest))
        gate.reconcile()
        gate.step()
    gate.wait_for(lambda: is_quiet(gate), PATIENCE)
    (work,) = gate.ledger.works.all()
    filled: Decimal = work.filled
    return f"{filled} {len(work.slices)} {work.state}"


def main(config: str, at: str) -> None:
    clock = StoppedClock(datetime.fromisoformat(at).astimezone(UTC))
    with connect(msgspec.json.decode(config, type=Config), clock=clock) as gate:
        gate.prepare("AAPL")
        print("ready", flush=True)  # noqa: T201  # how it speaks
        for line in sys.stdin:
            print(answer(gate, clock, line), flush=True)  # noqa: T201  # same


if __name__ == "__main__":
    main(*sys.argv[1:])
