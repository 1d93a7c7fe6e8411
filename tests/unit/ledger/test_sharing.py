"""What groups hold of the book, against a reference that knows no running sums.

The reference keeps every order as a line of plain numbers, and reckons from semantics.md, section
13, what each side can still fill at the worst.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from itertools import count

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskgate.journal.memory import MemoryJournal
from riskgate.ledger.life import Life
from riskgate.line.grouping import Exits
from riskgate.model.lifecycle import Status
from riskgate.model.order import Side
from riskgate.model.report import NeverSent, OrderEcho
from riskgate.ticket import Ticket
from tests.unit.conftest import FlakyJournal, Stage, compiled

ROOMY = """
riskgate: 1
policy: desk
timezone: America/New_York
currency: USD
rules:
  - {id: roomy, kind: position, per: [account, symbol], max_long: 100000, max_short: 100000,
     because: test}
"""
POLICIES = compiled(ROOMY)
ENDS = (Status.CANCELLED, Status.REJECTED)


@dataclass
class Line:
    """One order, as whoever reads along would write it down."""

    number: int
    side: str
    totals: list[int]  # of all terms that the broker may have
    oca: int = 0
    bracket: int = 0
    shrinks: bool = False
    shrunk: int | None = None
    filled: int = 0
    over: bool = False
    modified: bool = False

    @property
    def left(self) -> int:
        """What can still fill."""
        if self.over or all(self.filled >= total for total in self.totals):
            return 0
        most = max(self.totals) if self.shrunk is None else min(max(self.totals), self.shrunk)
        return max(0, most - self.filled)


@dataclass
class Reference:
    """All orders, and what they come to."""

    lines: dict[int, Line] = field(default_factory=dict)

    def worst(self, side: str) -> int:
        """The most that can still fill of a side."""
        groups: dict[object, int] = {}
        for line in self.lines.values():
            if line.side != side or line.bracket not in (0, line.number):
                continue
            key = ("oca", line.oca) if line.oca else line.number
            groups[key] = max(groups.get(key, 0), line.left)
        return sum(groups.values()) + sum(self._exits(side))

    def _exits(self, side: str) -> list[int]:
        found = []
        for entry in self.lines.values():
            exits = [
                line
                for line in self.lines.values()
                if line.bracket == entry.number != line.number and line.side == side
            ]
            if exits:
                gone = sum(line.filled for line in exits)
                size = entry.totals[-1]
                beyond = max(max(0, one.left + one.filled - size) for one in exits)
                most = max(one.left for one in exits)
                found.append(min(most, max(0, entry.filled - gone) + beyond))
        return found


class Story:
    """A gate and the reference, told the same things."""

    def __init__(self) -> None:
        self.stage = Stage(POLICIES, FlakyJournal(MemoryJournal()))
        self.reference = Reference()
        self._executions = count(1)

    def _noted(self, tickets: tuple[Ticket, ...], **marks: object) -> None:
        for ticket in tickets:
            assert ticket.allowed, ticket.decision.breaches
            order = ticket.decision.order
            assert order is not None
            line = Line(ticket.order_id, str(order.side), [int(order.quantity)], **marks)  # type: ignore[arg-type]
            self.reference.lines[line.number] = line

    def single(self, side: str, quantity: int, _: int) -> None:
        self._noted((self.stage.gate.submit(f"{side} {quantity} AAPL LMT 190"),))

    def oca(self, side: str, quantity: int, other: int) -> None:
        kind = ("cancel_block", "reduce_block", "reduce")[other % 3]
        sides = (side, side, "SELL" if other % 2 else side)
        sizes = (quantity, other, quantity + 1)
        lines = [f"{s} {q} AAPL LMT 190" for s, q in zip(sides, sizes, strict=True)]
        tickets = self.stage.gate.submit_oca(lines, oca_type=kind)
        shares = 0 if kind == "reduce" else tickets[0].order_id
        self._noted(tickets, oca=shares, shrinks=other % 3 > 0)

    def bracket(self, side: str, quantity: int, _: int) -> None:
        up, down = (195, 185) if side == "BUY" else (185, 195)
        exits = Exits(take_profit=up, stop_loss=down)
        tickets = self.stage.gate.submit_bracket(f"{side} {quantity} AAPL LMT 190", exits=exits)
        self._noted(tickets, bracket=tickets[0].order_id)

    def _some(self, which: int, *, shrinking: bool = False) -> Line | None:
        lines = [line for line in self.reference.lines.values() if line.left]
        lines = [line for line in lines if line.shrinks] or lines if shrinking else lines
        return lines[which % len(lines)] if lines else None

    def fill(self, _: str, quantity: int, which: int) -> None:
        line = self._some(which)
        if line is not None:
            line.filled += quantity
            name = f"{next(self._executions):04}.01"
            self.stage.gate.take([self.stage.execution(line.number, str(quantity), name)])

    def end(self, _: str, how: int, which: int) -> None:
        line = self._some(which)
        if line is None:
            return
        line.over = True
        if how % 3 == 2 and not line.filled:
            never = NeverSent(order_id=line.number, code="QUEUE_EXPIRED", text="late")
            self.stage.gate.take([never])
        else:
            self.stage.says(line.number, ENDS[how % 2])

    def shrink(self, _: str, some: int, which: int) -> None:
        """The broker repeats an order, mostly with a smaller quantity."""
        line = self._some(which, shrinking=True)
        if line is None:
            return
        quantity = 1 + some % line.totals[-1]
        order = self.stage.gate.ledger.orders[line.number].order
        assert order is not None
        told = OrderEcho(
            order_id=line.number,
            quantity=Decimal(quantity),
            limit_price=order.limit_price,
            stop_price=order.stop_price,
        )
        self.stage.gate.take([told])
        if line.totals[-1] == quantity:
            line.totals = [quantity]
        elif line.shrinks and not line.modified and quantity < line.totals[0]:
            line.shrunk = min(quantity, line.shrunk or quantity)

    def modify(self, _: str, quantity: int, which: int) -> None:
        line = self._some(which)
        if line is not None and self.stage.gate.modify(line.number, quantity=quantity).allowed:
            line.totals.append(quantity)
            line.modified, line.shrunk = True, None

    def check(self) -> None:
        """The book's sums are the reference's, and so are those of the record."""
        _, buys, sells = self.stage.reserved()
        assert (buys, sells) == (self.reference.worst("BUY"), self.reference.worst("SELL"))


DEEDS = st.tuples(
    st.sampled_from(
        ("single", "oca", "oca", "bracket", "bracket", "fill", "fill", "end", "shrink", "modify")
    ),
    st.sampled_from(tuple(map(str, Side))),
    st.integers(1, 12),
    st.integers(1, 12),
)


@settings(max_examples=100, deadline=None)
@given(st.lists(DEEDS, min_size=3, max_size=25))
def test_a_side_holds_what_its_groups_can_fill_at_the_worst(
    deeds: list[tuple[str, str, int, int]],
) -> None:
    story = Story()
    for name, side, first, second in deeds:
        getattr(story, name)(side, first, second)
        story.check()
    assert story.stage.facts() == story.stage.facts(story.stage.folded())
    for life in story.stage.gate.ledger.orders.values():
        assert life.reserved >= 0
        assert life.reserved_value >= 0


def test_an_order_of_a_large_group_asks_each_of_them_once(monkeypatch: pytest.MonkeyPatch) -> None:
    stage = Stage(POLICIES, FlakyJournal(MemoryJournal()))
    tickets = stage.gate.submit_oca([f"BUY {n} AAPL LMT 190" for n in range(1, 51)])
    asked: list[int] = []
    due = Life.due

    def counted(life: Life) -> tuple[Decimal, Decimal]:
        asked.append(life.order_id)
        return due(life)

    monkeypatch.setattr(Life, "due", counted)
    stage.says(tickets[0].order_id, Status.SUBMITTED)
    assert sorted(asked) == [one.order_id for one in tickets]
    assert stage.reserved() == (0, 50, 0)
