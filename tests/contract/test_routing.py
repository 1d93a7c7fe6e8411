"""Routing on the wire: the chosen venue leaves with the order, within what the contract lists."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from riskgate.config import Config, load
from riskgate.model.lifecycle import Status
from riskgate.simulator import Running, running
from riskgate.wiring import ConnectedGate, connect

PATIENCE = 10.0
LIMITS = """
riskgate: 1
policy: open
timezone: UTC
currency: USD
rules:
  - {id: size, kind: fat_finger, max_quantity: 500, because: a test}
"""
SETTINGS = """
policies: [limits.yaml]
kill_signal: none
broker: {{port: {port}}}
routing:
  exclude: [EDGX]
  preferences: {{patient: [ELSEWHERE, IEX]}}
  rules:
    - {{name: big, when: {{min_quantity: 300}}, venues: [ARCA]}}
    - {{name: lost, when: {{order_types: [MKT]}}, venues: [ELSEWHERE]}}
"""


@contextmanager
def routed(folder: Path) -> Iterator[tuple[Running, ConnectedGate]]:
    """A gate with these settings, read from a file, and a simulator to hear it."""
    (folder / "limits.yaml").write_text(LIMITS, encoding="utf-8")
    with running() as sim:
        file = folder / "riskgate.yaml"
        file.write_text(SETTINGS.format(port=sim.port), encoding="utf-8")
        config: Config = load(file)
        with connect(config) as gate:
            assert gate.prepare("AAPL", timeout=PATIENCE) == ()
            yield sim, gate


def test_each_order_leaves_for_the_venue_that_was_chosen(tmp_path: Path) -> None:
    lines = {
        "BUY 10 AAPL LMT 100": "SMART",
        "BUY 300 AAPL LMT 100": "ARCA",
        "BUY 10 AAPL LMT 100 route=patient": "IEX",
        "BUY 10 AAPL@NASDAQ LMT 100": "NASDAQ",
    }
    with routed(tmp_path) as (sim, gate):
        for line in lines:
            ticket = gate.submit(line)
            assert ticket.allowed, ticket.decision.breaches
            done = ticket.wait(PATIENCE, lambda view: view.status is Status.SUBMITTED)
            assert done is Status.SUBMITTED
        sent = [one.message.text("exchange") for one in sim.received("placeOrder")]
    assert sent == list(lines.values())


def test_what_the_contract_does_not_list_or_the_settings_exclude_is_never_sent(
    tmp_path: Path,
) -> None:
    with routed(tmp_path) as (sim, gate):
        lost = gate.submit("BUY 10 AAPL MKT")
        out = gate.submit("BUY 10 AAPL@EDGX LMT 100")
        typo = gate.submit("BUY 10 AAPL LMT 100 route=pateint")
        assert sim.received("placeOrder") == ()
    for ticket, told in (
        (lost, "rule `lost` leaves no venue for AAPL: `ELSEWHERE` does not trade it; what does: "),
        (out, "exchange `EDGX` is excluded by the routing settings"),
        (typo, "unknown route `pateint` (did you mean `patient`?)"),
    ):
        assert ticket.decision.codes == ("BAD_ORDER",)
        assert told in str(ticket.decision.breaches[0])
