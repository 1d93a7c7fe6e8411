"""The legs of combos in the book, against a reference that only adds up."""

from __future__ import annotations

import random
from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

import pytest

from riskgate.journal.memory import MemoryJournal
from riskgate.model.lifecycle import Status
from riskgate.model.order import Order, Side
from riskgate.model.report import ExecutionReport, OrderEcho, Sent, StatusReport
from riskgate.policy.policies import PolicySet
from tests.unit.conftest import ACCOUNT, FlakyJournal, Stage, compiled

NAMES: Final = ("AAPL", "MSFT", "IBM")
ROUNDS: Final = 120
WIDE: Final = """
riskgate: 1
policy: desk
timezone: America/New_York
currency: USD
rules:
  - {id: held, kind: position, per: [account, symbol], max_long: 1_000_000, max_short: 1_000_000,
     max_long_notional: 9_000_000_000, because: test}
  - {id: all, kind: exposure, max_gross: 9_000_000_000, because: test}
  - {id: day, kind: daily_volume, max_quantity: 1_000_000, max_notional: 9_000_000_000,
     because: test}
  - {id: many, kind: working_orders, max_count: 100_000, because: test}
  - {id: funds, kind: buying_power, min_left: 0, mode: shadow, because: test}
"""


@pytest.fixture(scope="module")
def wide() -> PolicySet:
    return compiled(WIDE)


@dataclass
class Naive:
    """One combo as somebody would keep it on paper."""

    side: Side
    legs: dict[str, tuple[Side, int]]  # of one combo that is bought
    asked: list[int]  # every quantity that the broker may be working
    filled: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    cancelled: bool = False

    @property
    def alive(self) -> bool:
        return not self.cancelled and self.whole() < max(self.asked)

    def side_of(self, name: str) -> Side:
        other = {Side.BUY: Side.SELL, Side.SELL: Side.BUY}
        side = self.legs[name][0]
        return side if self.side is Side.BUY else other[side]

    def left(self, name: str) -> int:
        """What a leg may still fill: the most that any terms leave of it."""
        ratio = self.legs[name][1]
        return max(0, max(self.asked) * ratio - self.filled[name]) if self.alive else 0

    def whole(self) -> int:
        return min(self.filled[name] // ratio for name, (_, ratio) in self.legs.items())


class Paper:
    """A desk that trades combos at random, and what must be reserved by then."""

    def __init__(self, policies: PolicySet, seed: int) -> None:
        self.stage = Stage(policies, FlakyJournal(MemoryJournal()))
        self.stage.quote("IBM", "99.99", "100.01")
        self.any = random.Random(seed)
        self.combos: dict[int, Naive] = {}
        self.positions: dict[str, int] = defaultdict(int)
        self.executions = 0
        self.done: list[tuple[str, int, str, int]] = []

    def step(self) -> None:
        working = [number for number, one in self.combos.items() if one.alive]
        acts = [self.submit, *(4 * [self.fill] + [self.modify, self.cancel]) * bool(working)]
        if self.done:
            acts.append(self.correct)
        self.any.choice(acts)()

    def submit(self) -> None:
        names = self.any.sample(NAMES, self.any.choice((2, 3)))
        legs = {name: (self.any.choice(list(Side)), self.any.randint(1, 3)) for name in names}
        side, quantity = self.any.choice(list(Side)), self.any.randint(1, 9)
        words = ", ".join(f"{s} {ratio} {name}" for name, (s, ratio) in legs.items())
        line = f'{side} {quantity} {names[0]}.BAG LMT 1 DAY legs="{words}"'
        number = self.stage.allowed(line)
        self.stage.gate.take([Sent(order_id=number, broker_order_id=number, client_id=1)])
        self.stage.gate.take(
            [OrderEcho(order_id=number, quantity=Decimal(quantity), limit_price=Decimal(1))]
        )
        self.combos[number] = Naive(side, legs, [quantity])

    def working(self) -> int:
        return self.any.choice([number for number, one in self.combos.items() if one.alive])

    def fill(self) -> None:
        number = self.working()
        one = self.combos[number]
        name = self.any.choice([name for name in one.legs if one.left(name)] or list(one.legs))
        quantity = self.any.randint(1, max(1, one.left(name)))
        self.executions += 1
        stem = f"0001.{self.executions:06d}"
        self.executed(number, name, f"{stem}.01", quantity)
        one.filled[name] += quantity
        self.moved(one, name, quantity)
        self.done.append((stem, number, name, quantity))

    def correct(self) -> None:
        place = self.any.randrange(len(self.done))
        stem, number, name, before = self.done[place]
        if self.combos[number].cancelled:
            return
        after = self.any.randint(1, before)
        revision = self.any.randint(2, 99)
        known = self.stage.gate.fills(number)
        seen = max(int(f.execution_id[-2:]) for f in known if f.stem == stem)
        self.executed(number, name, f"{stem}.{revision:02d}", after)
        if revision <= seen:
            return
        self.combos[number].filled[name] += after - before
        self.moved(self.combos[number], name, after - before)
        self.done[place] = (stem, number, name, after)

    def executed(self, number: int, name: str, execution_id: str, quantity: int) -> None:
        report = ExecutionReport(
            execution_id=execution_id,
            order_id=number,
            account=ACCOUNT,
            instrument=self.stage.instrument(name),
            side=self.combos[number].side_of(name),
            quantity=Decimal(quantity),
            price=Decimal(190),
            at=self.stage.clock.now(),
        )
        self.stage.gate.take([report])

    def moved(self, one: Naive, name: str, quantity: int) -> None:
        self.positions[name] += quantity if one.side_of(name) is Side.BUY else -quantity

    def modify(self) -> None:
        number = self.working()
        one = self.combos[number]
        quantity = self.any.randint(1, 12)
        if not self.stage.gate.modify(number, quantity=Decimal(quantity)).allowed:
            assert quantity <= one.whole()
            return
        one.asked.append(quantity)
        if one.alive and self.any.random() < 0.5:
            report = Sent(order_id=number, broker_order_id=number, client_id=1, version=10**6)
            echo = OrderEcho(order_id=number, quantity=Decimal(quantity), limit_price=Decimal(1))
            self.stage.gate.take([report, echo])
            one.asked = [quantity]

    def cancel(self) -> None:
        number = self.working()
        self.stage.gate.take([StatusReport(order_id=number, status=Status.CANCELLED)])
        self.combos[number].cancelled = True

    def reserved(self) -> dict[str, tuple[int, int, int]]:
        """Position, working buys and working sells of each name, on paper."""
        found = {}
        for name in NAMES:
            left = {Side.BUY: 0, Side.SELL: 0}
            for one in self.combos.values():
                if name in one.legs:
                    left[one.side_of(name)] += one.left(name)
            found[name] = (self.positions[name], left[Side.BUY], left[Side.SELL])
        return found


@pytest.mark.parametrize("seed", range(12))
def test_what_is_reserved_of_each_leg_is_what_a_naive_count_says(
    wide: PolicySet, seed: int
) -> None:
    paper = Paper(wide, seed)
    for _ in range(ROUNDS):
        paper.step()
        assert {name: paper.stage.reserved(name) for name in NAMES} == paper.reserved()
        for number, one in paper.combos.items():
            life = paper.stage.gate.ledger.orders[number]
            assert (life.filled, life.status.working) == (Decimal(one.whole()), one.alive)
    assert paper.stage.facts(paper.stage.folded()) == paper.stage.facts()


def test_nothing_is_left_in_any_counter_when_all_combos_are_dead(wide: PolicySet) -> None:
    paper = Paper(wide, 99)
    for _ in range(30):
        paper.submit()
    empty = Stage(wide, FlakyJournal(MemoryJournal()))
    number = empty.allowed("BUY 1 AAPL LMT 190 DAY")
    empty.gate.take([StatusReport(order_id=number, status=Status.CANCELLED)])
    for number in paper.combos:
        paper.stage.gate.take([StatusReport(order_id=number, status=Status.CANCELLED)])
    probe = Order.parse("BUY 1 AAPL LMT 190 DAY")
    seen = [
        stage.gate.world.snapshot(
            stage.gate.world.resolve(probe), stage.clock.now(), stage.gate._sound()
        ).readings
        for stage in (paper.stage, empty)
    ]
    for name in ("desk/held", "desk/all", "desk/many", "desk/funds"):
        assert seen[0][name] == seen[1][name]
