"""What the tests of blocks share: a stage on which orders may leave as one with others."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from riskgate.execution.aggregate import Aggregation
from riskgate.journal.memory import MemoryJournal
from riskgate.model.lifecycle import Status
from riskgate.ticket import Ticket
from tests.unit.conftest import ACCOUNT, FlakyJournal, Stage, compiled

if TYPE_CHECKING:
    from riskgate.gate import Gate
    from riskgate.ledger.life import Life

LIMITS = """
riskgate: 1
policy: desk
timezone: America/New_York
currency: USD
rules:
  - {id: own, kind: position, per: [account, strategy], max_long: 100, max_short: 100,
     because: test}
  - {id: all, kind: position, per: [account], max_long: 400, max_short: 400, because: test}
  - {id: size, kind: fat_finger, max_quantity: 300, because: test}
  - {id: day, kind: daily_volume, per: [account, strategy], max_quantity: 150, because: test}
  - {id: rate, kind: message_rate, counts: [new, modify, cancel], max: 1000, window: 10s,
     because: test}
  - {id: crossing, kind: self_match, scope: firm, because: test}
"""
NETTED = Aggregation(allow=True, net=True)
ALPHA = "BUY 60 AAPL LMT 190 DAY strategy=alpha"
BETA = "BUY 40 AAPL LMT 190 DAY strategy=beta"


class House(Stage):
    """A stage on which orders of several strategies may leave as one."""

    allowed_here = NETTED

    def another_gate(self, *given: object, **named: object) -> Gate:
        gate = super().another_gate(*given, **named)  # type: ignore[arg-type]
        gate._aggregation = self.allowed_here
        return gate

    def block(self, *lines: str, net: bool = False) -> tuple[int, tuple[Ticket, ...]]:
        """Submit a block; its number (0 for none) and the tickets of its members."""
        tickets = self.gate.submit_block(lines or (ALPHA, BETA), net=net)
        views = [ticket.view for ticket in tickets]
        return max(view.block_id for view in views if view is not None), tickets

    def fill(self, number: int, quantity: int | str, name: str, price: str = "190") -> None:
        """The broker reports a fill of a block, or a correction of one."""
        self.gate.take([self.execution(number, str(quantity), name, price)])

    def life(self, number: int) -> Life:
        return self.gate.ledger.orders[number]

    def parts(self, *tickets: Ticket) -> list[Decimal]:
        return [sum((fill.quantity for fill in one.fills), Decimal(0)) for one in tickets]

    def own(self, strategy: str) -> tuple[object, ...]:
        """Position, working buys and working sells of a strategy."""
        holding = self.gate.ledger.holdings.of(ACCOUNT, "AAPL", strategy)
        return holding.position, holding.buys, holding.sells


@pytest.fixture
def house() -> House:
    return House(compiled(LIMITS), FlakyJournal(MemoryJournal()))


@pytest.fixture(autouse=True)
def _the_journal_alone_gives_the_same_book(house: House) -> Iterator[None]:
    yield
    assert house.facts() == house.facts(house.folded())
    for strategy in ("alpha", "beta", ""):
        again = house.folded().holdings.of(ACCOUNT, "AAPL", strategy)
        assert house.gate.ledger.holdings.of(ACCOUNT, "AAPL", strategy) == again


def statuses(*tickets: Ticket) -> list[Status]:
    return [ticket.status for ticket in tickets]


def codes(*tickets: Ticket) -> list[tuple[str, ...]]:
    return [ticket.decision.by for ticket in tickets]
