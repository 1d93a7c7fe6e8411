"""What the tests of the operator's commands share: a policy, settings, and ways to trade."""

from __future__ import annotations

import socket
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from riskgate.model.lifecycle import Status
from riskgate.simulator import Running
from riskgate.ticket import Ticket
from riskgate.wiring import ConnectedGate

POLICY = """\
riskgate: 1
policy: house
timezone: UTC
currency: USD
rules:
  - {id: size, kind: fat_finger, max_quantity: 500, because: a test}
  - {id: large, kind: fat_finger, max_quantity: 100, on_breach: hold, because: a test}
"""
SETTINGS = """\
policies: [house.yaml]
journal: desk.sqlite
watch: [AAPL]
kill_file: stop
broker: {{port: {port}, client_id: 1, connect_timeout: 1}}
"""
SAID = ("--by", "m.ruiz", "--reason", "a test")
FAR = "BUY 10 AAPL LMT 150"
NEAR = "BUY 30 AAPL MKT"


def works(gate: ConnectedGate, line: str = FAR) -> Ticket:
    ticket = gate.submit(line, strategy="s", actor="bot")
    ticket.wait(5, lambda view: view.status is Status.SUBMITTED)
    assert ticket.status is Status.SUBMITTED
    return ticket


def holds(gate: ConnectedGate, line: str = NEAR) -> Ticket:
    ticket = gate.submit(line, strategy="s", actor="bot")
    assert ticket.wait(5) is Status.FILLED
    return ticket


def nobody_listens(desk: Path) -> None:
    """From now on the settings name a port where nobody is."""
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        port = free.getsockname()[1]
    (desk / "riskgate.yaml").write_text(SETTINGS.format(port=port))


def left_working(sim: Running) -> list[int]:
    """The orders that the broker has working."""
    return [one.order_id for one in sim.orders() if one.status in {"Submitted", "PreSubmitted"}]


def learns(gate: ConnectedGate, of: Callable[[], bool]) -> bool:
    """Whether a running gate comes to know something, as its watchman reads the journal."""
    return gate.wait_for(of, 5)
