"""Two strategies in one order at a TWS: what each of them gets is what the broker executed.

The parts come to the fills to the last share, and all parts to the broker's position.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import pytest

from riskgate.config import load
from riskgate.journal.archive import open_for_reading
from riskgate.model.lifecycle import Status
from riskgate.model.order import Side
from riskgate.simulator import Correct, Fault, Reject, VirtualClock, quote, running
from riskgate.ticket import Ticket
from riskgate.wiring import ConnectedGate, connect
from tests.contract.line.conftest import AAPL, MORNING, PATIENCE, House, held, until

LIMITS = """
riskgate: 1
policy: desk
timezone: America/New_York
currency: USD
rules:
  - {id: own, kind: position, per: [account, strategy], max_long: 100, max_short: 100,
     because: a test}
  - {id: fresh, kind: reference_price, max_age: 60s, because: a price is needed}
"""
SETTINGS = """
policies: [limits.yaml]
kill_signal: none
aggregation: {allow: true, net: true}
broker: {port: PORT, client_id: 1, reconnect_wait: 0.02, reconnect_max: 0.1, connect_timeout: 1}
"""
ALPHA = "BUY 60 AAPL LMT 185 GTC strategy=alpha"
BETA = "BUY 40 AAPL LMT 185 GTC strategy=beta"


@dataclass
class Desk(House):
    """A house whose settings allow blocks."""

    def open(self, client_id: int = 1, **_: object) -> ConnectedGate:
        text = SETTINGS.replace("PORT", str(self.sim.port)).replace("id: 1", f"id: {client_id}")
        (self.folder / "riskgate.yaml").write_text(text, encoding="utf-8")
        gate = connect(load(self.folder / "riskgate.yaml"), clock=self.clock)
        self.stack.callback(gate.close)
        assert gate.prepare("AAPL", timeout=PATIENCE) == ()
        return gate

    def offers(self, size: int, price: str = "184.95") -> None:
        """So much, and no more, is offered at a price that the orders take."""
        self.sim.set_price("AAPL", quote("184.90", price, price, liquidity=size))

    def executed(self) -> Decimal:
        """What the broker has executed, of its latest word."""
        return sum((abs(held_) for held_ in self.sim.positions().values()), Decimal(0))


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    (tmp_path / "limits.yaml").write_text(LIMITS, encoding="utf-8")
    clock = VirtualClock(MORNING)
    with running({"AAPL": AAPL}, clock) as sim, ExitStack() as stack:
        yield Desk(sim, clock, tmp_path, stack)


def parts(gate: ConnectedGate, *numbers: int) -> list[Decimal]:
    return [sum((fill.quantity for fill in gate.fills(n)), Decimal(0)) for n in numbers]


def submitted(gate: ConnectedGate, *lines: str, net: bool = False) -> tuple[int, list[Ticket]]:
    tickets = gate.submit_block(lines or (ALPHA, BETA), net=net)
    assert [ticket.allowed for ticket in tickets] == [True] * len(tickets)
    view = tickets[0].view
    assert view is not None
    return view.block_id, list(tickets)


def working(gate: ConnectedGate, tickets: list[Ticket]) -> None:
    until(gate, lambda: all(ticket.status is Status.SUBMITTED for ticket in tickets))


def test_two_strategies_in_one_order_get_its_fills_to_the_last_share(desk: Desk) -> None:
    gate = desk.open()
    block, tickets = submitted(gate)
    working(gate, tickets)
    (wire,) = desk.sim.received("placeOrder")
    assert (wire.message.text("action"), wire.message.number("totalQuantity")) == (
        "BUY",
        Decimal(100),
    )
    for size in (7, 13, 1, 29, 1, 49):
        before = desk.executed()
        desk.offers(size)
        desk.sim.wait_for(lambda b=before, s=size: desk.executed() == b + s)  # type: ignore[misc]
        until(gate, lambda: held(gate) == desk.executed())
        got = parts(gate, 1, 2)
        assert sum(got) == desk.executed() == gate.ledger.orders[block].filled
        assert abs(got[0] - desk.executed() * 60 / 100) < 2
    assert parts(gate, 1, 2, block) == [60, 40, 100]
    assert [ticket.wait(PATIENCE) for ticket in tickets] == [Status.FILLED] * 2
    outcome = gate.reconcile()
    assert outcome.settled, outcome.differences
    assert desk.sim.positions() == {"AAPL": held(gate)}


def test_each_strategy_keeps_its_own_limit(desk: Desk) -> None:
    gate = desk.open()
    lines = (ALPHA, BETA.replace("40", "101"), ALPHA.replace("alpha", "gamma"))
    tickets = gate.submit_block(lines)
    assert [ticket.decision.by for ticket in tickets] == [(), ("desk/own",), ()]
    desk.sim.wait_for(lambda: len(desk.sim.received("placeOrder")) == 1)
    assert desk.sim.received("placeOrder")[0].message.number("totalQuantity") == 120
    desk.offers(1000)
    until(gate, lambda: held(gate) == 120)
    assert parts(gate, 1, 2, 3) == [60, 0, 60]
    assert gate.submit("BUY 41 AAPL LMT 150 strategy=alpha").decision.by == ("desk/own",)
    assert gate.submit("BUY 100 AAPL LMT 150 strategy=beta").allowed


def test_opposite_orders_meet_at_the_price_of_what_is_left(desk: Desk) -> None:
    gate = desk.open()
    lines = "BUY 100 AAPL MKT strategy=alpha", "SELL 80 AAPL MKT strategy=beta"
    _, tickets = submitted(gate, *lines, net=True)
    assert [ticket.wait(PATIENCE) for ticket in tickets] == [Status.FILLED] * 2
    (wire,) = desk.sim.received("placeOrder")
    assert (wire.message.text("action"), wire.message.number("totalQuantity")) == (
        "BUY",
        Decimal(20),
    )
    assert parts(gate, 1, 2) == [100, 80]
    bought, sold = (tickets[place].fills for place in (0, 1))
    assert {fill.side for fill in sold} == {Side.SELL}
    assert [fill.price for fill in bought] == [fill.price for fill in sold]
    assert desk.sim.positions() == {"AAPL": Decimal(20)}
    assert held(gate) == 20
    assert gate.reconcile().settled


def test_a_correction_of_the_broker_is_divided_anew(desk: Desk) -> None:
    gate = desk.open()
    block, tickets = submitted(gate)
    working(gate, tickets)
    price = Decimal("184.90")
    desk.sim.inject(Fault("execution", Correct(price=price, quantity=Decimal(41)), nth=1))
    desk.offers(50)
    until(gate, lambda: price in {fill.price for fill in gate.fills(block)})
    until(gate, lambda: sum(parts(gate, 1, 2)) == desk.executed())
    gate.reconcile()
    assert sum(parts(gate, 1, 2)) == desk.executed() == held(gate)
    whole = {fill.price for fill in gate.fills(block)}
    assert {fill.price for number in (1, 2) for fill in gate.fills(number)} == whole


def test_fills_while_the_gate_was_down_are_divided_when_it_is_back(desk: Desk) -> None:
    gate = desk.open()
    block, tickets = submitted(gate)
    working(gate, tickets)
    desk.offers(7)
    until(gate, lambda: held(gate) == 7)
    gate.close()
    desk.offers(30)
    desk.sim.wait_for(lambda: desk.executed() == 37)
    gate = desk.open()
    assert held(gate) == sum(parts(gate, 1, 2)) == 37
    desk.offers(1000)
    until(gate, lambda: gate.ledger.orders[block].status is Status.FILLED)
    assert parts(gate, 1, 2) == [60, 40]
    assert gate.reconcile().settled


def test_the_cancel_of_a_member_is_that_of_the_block_and_keeps_what_was_filled(desk: Desk) -> None:
    gate = desk.open()
    block, tickets = submitted(gate)
    working(gate, tickets)
    desk.offers(10)
    until(gate, lambda: held(gate) == 10)
    assert gate.cancel(1)
    assert [ticket.wait(PATIENCE) for ticket in tickets] == [Status.CANCELLED] * 2
    assert parts(gate, 1, 2, block) == [6, 4, 10]
    assert gate.ledger.holdings.of("DU1234567", "AAPL").buys == 0


def test_a_block_that_the_broker_rejects_releases_its_members(desk: Desk) -> None:
    gate = desk.open()
    desk.sim.inject(Fault("placeOrder", Reject(201, "no margin"), nth=1))
    tickets = gate.submit_block([ALPHA, BETA])
    assert [ticket.wait(PATIENCE) for ticket in tickets] == [Status.REJECTED] * 2
    assert gate.submit("BUY 100 AAPL LMT 150 strategy=alpha").allowed


def test_the_tables_have_each_orders_rows(desk: Desk) -> None:
    gate = desk.open()
    _, tickets = submitted(gate)
    working(gate, tickets)
    desk.offers(1000)
    assert [ticket.wait(PATIENCE) for ticket in tickets] == [Status.FILLED] * 2
    gate.close()
    with open_for_reading(desk.folder / "riskgate.sqlite") as archive:
        orders = {row["order_id"]: row["filled_quantity"] for row in archive.orders()}
        fills = list(archive.fills())
    for number, filled in orders.items():
        assert sum(row["quantity"] for row in fills if row["order_id"] == number) == filled
    assert orders == {1: 60, 2: 40, 3: 100}
