"""A gate in a process of its own: it submits each line that it reads, until there are no more.

It says `running` when its gate is connected, and after each line the number and the status of the
order, as soon as the broker has acknowledged it.
"""

from __future__ import annotations

import sys
from pathlib import Path

from riskgate.model.lifecycle import Status
from riskgate.model.view import OrderView
from riskgate.wiring import connect

PATIENCE = 10.0


def acknowledged(view: OrderView) -> bool:
    return view.status not in {Status.PENDING_SUBMIT, Status.PRE_SUBMITTED}


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main(settings: Path) -> None:
    with connect(settings) as gate:
        gate.prepare("AAPL", "MSFT", timeout=PATIENCE)
        say("running")
        for line in sys.stdin:
            ticket = gate.submit(line.strip(), strategy="s", actor="bot")
            say(f"{ticket.order_id} {ticket.wait(PATIENCE, acknowledged).value}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
