"""Combos in worlds where all that can go wrong does: every leg is reserved, and filled, as it is.

The witness of `test_seeds` looks at orders in one contract; this one looks at legs.
"""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from typing import Final

import pytest

from riskgate.ledger.book import Book
from riskgate.ledger.life import Life
from riskgate.model.order import Order
from riskgate.simulator.book import Execution, LiveOrder
from riskgate.simulator.division import listed_legs
from tests.simulation.deeds import Deeds
from tests.simulation.house import House
from tests.simulation.plans import Plan
from tests.simulation.record import ZERO, Broken, Entry, Record
from tests.simulation.runs import Run
from tests.simulation.surroundings import MIDDLE, SIDES
from tests.simulation.witness import Witness

SEEDS: Final = range(60)
NUMBERS: Final = {"AAPL": 265598, "MSFT": 272093}

pytestmark = pytest.mark.usefixtures("silent")


class Pairs(Deeds):
    """Every other new order is a combo of both stocks."""

    _pairs = False

    def submit(self) -> object:
        self._pairs = True
        try:
            return super().submit()
        finally:
            self._pairs = False

    def _line(self) -> str:
        lot = self.lot
        if not self._pairs or lot.random() < 0.5:
            return super()._line()
        side, quantity = lot.choice(SIDES), lot.choice((1, 1, 2, 3))
        net, legs = Decimal(lot.choice((-3, -1, 0, 1, 3))), []
        for name, number in NUMBERS.items():
            way, ratio = lot.choice(SIDES), lot.choice((1, 2))
            net += (ratio if way == "BUY" else -ratio) * MIDDLE[name]
            legs.append(f"{way} {ratio} #{number}@SMART")
        price = "MKT" if lot.random() < 0.3 else f"LMT {net}"
        return f'{side} {quantity} AAPL.BAG {price} DAY legs="{", ".join(legs)}"'


class OfLegs(Record):
    """A record in which the limits of symbols are the witness's to look at."""

    def _within_position(self, order: Order, entry: Entry) -> None:
        """What works beside it may be a combo, which counts by its legs."""

    def _within_count(self, order: Order, entry: Entry) -> None:
        """A combo counts on the sides of its legs; how it is named says nothing."""


class LegWitness(Witness):
    """Compares leg by leg."""

    def __init__(self, house: House, plan: Plan) -> None:
        super().__init__(house, plan)
        self.record = OfLegs(plan.limits, steady="clock" not in plan.troubles)
        self._groups._record = self.record

    def _truth_within_limits(self) -> None:
        limit = self._plan.limits.position
        worst: defaultdict[tuple[str, str], Decimal] = defaultdict(Decimal)
        for symbol, held in self._held().items():
            worst[symbol, "BUY"] += held
            worst[symbol, "SELL"] -= held
        plain = [one for one in self._orders() if one.listing.sec_type != "BAG"]
        for key, quantity in self._groups.worst(plain).items():
            worst[key] += quantity
        for order in self._orders():
            if order not in plain:
                for key, quantity in self._of_legs(order):
                    worst[key] += quantity
        for (symbol, side), quantity in worst.items():
            if quantity > limit:
                raise Broken("limits", f"{side} {symbol}: {quantity} at the broker, limit {limit}")

    def _of_legs(self, order: LiveOrder) -> list[tuple[tuple[str, str], Decimal]]:
        """What the legs of a combo at the broker can still fill."""
        catalogue = self._house.gateway.exchange.world.catalogue
        return [
            (
                (one.symbol, "BUY" if ratio * order.terms.sign > 0 else "SELL"),
                abs(ratio) * order.remaining,
            )
            for one, ratio in listed_legs(order, catalogue)
        ]

    def _reservations(self, book: Book) -> None:
        sums: defaultdict[tuple[str, str, str], Decimal] = defaultdict(Decimal)
        for life in book.orders.values():
            named = life.subject
            if life.legs is not None:
                for (key, side), left in _legs_left(life).items():
                    sums[named.account, key, side] += left
            elif life.order is not None and life.reserved:
                sums[named.account, named.instrument, str(life.order.side)] += life.reserved
        for subject, instrument, side, left in book.holdings._foreign:
            sums[subject.account, instrument.key, str(side)] += left
        for (account, key, strategy), cell in book.holdings._cells.items():
            due = (sums[account, key, "BUY"], sums[account, key, "SELL"])
            if strategy is None and (cell.buys, cell.sells) != due:
                raise Broken("reservations", f"{key}: {cell.buys}, {cell.sells}; due {due}")

    def _alive_is_working(self, book: Book) -> None:
        """Looked at by symbol when all is quiet; see `_truth_within_limits` for what may be."""

    def _all_is_counted(self, book: Book) -> None:
        """The sums of all legs are looked at after every step."""

    def _all_executions(self) -> list[Execution]:
        return [one for one in super()._all_executions() if one.listing.sec_type != "BAG"]


def _legs_left(life: Life) -> dict[tuple[str, str], Decimal]:
    """What each leg may still fill, from the order's terms and its fills alone."""
    order, instrument = life.order, life.instrument
    assert order is not None
    assert instrument is not None
    filled: defaultdict[str, Decimal] = defaultdict(Decimal)
    for fill in life.fills.values():
        filled[fill.symbol] += fill.quantity
    parts = [(part, filled[part.instrument.symbol]) for part in instrument.legs]
    whole = min(done // part.ratio for part, done in parts)
    if life.filled != whole:
        raise Broken("executions", f"order {life.order_id}: {life.filled} is not its legs' {whole}")
    asked = [one.order.quantity for one in life.versions] if life.status.working else []
    return {
        (part.instrument.key, "BUY" if (part.side == "BUY") == (order.side == "BUY") else "SELL"): (
            max(ZERO, *(part.ratio * one - done for one in asked)) if asked else ZERO
        )
        for part, done in parts
    }


@pytest.mark.parametrize("seed", SEEDS)
def test_every_leg_is_reserved_and_filled_in_every_world(seed: int) -> None:
    run = Run(seed)
    run.witness = LegWitness(run.house, run.plan)
    run.deeds = Pairs(run.house, run.plan, run.witness)
    outcome = run.play()
    assert outcome.broken is None, outcome.said
