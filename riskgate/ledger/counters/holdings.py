"""Worst-case holdings of every budget, in units and, where asked for, in money at mark."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from functools import partial
from typing import Final

from riskgate.ledger.counters.amounts import Amounts
from riskgate.ledger.counters.news import Question, Telling
from riskgate.model.instrument import Instrument
from riskgate.model.money import ZERO
from riskgate.model.readings import Holding, HoldingsReading
from riskgate.model.subject import Subject, telling_apart
from riskgate.rulekit.tallies import HoldingsTally

Key = tuple[str, ...]
Part = tuple[Decimal, Decimal, str]
NO_PART: Final[Part] = (ZERO, ZERO, "")
NO_QUANTITIES: Final = (ZERO, ZERO)


class _Budget:
    """The holdings of one budget: what each adds on either side, and their sums."""

    def __init__(self) -> None:
        self.quantities: dict[Key, tuple[Decimal, Decimal]] = {}
        self.values: dict[Key, Part] = {}
        self.longs = self.shorts = ZERO
        self.long_values, self.short_values = Amounts(), Amounts()
        self.unmarked_longs: set[Key] = set()
        self.unmarked_shorts: set[Key] = set()

    def put(self, cell: Key, holding: Holding, _mark: Decimal | None = None) -> None:
        """Replace what a holding adds to the sums, in units."""
        longs_before, shorts_before = self.quantities.get(cell, NO_QUANTITIES)
        position = holding.position
        longs, shorts = position + holding.buys, holding.sells - position
        longs = longs if longs > ZERO else ZERO  # noqa: FURB136  # `max` takes four times as long
        shorts = shorts if shorts > ZERO else ZERO  # noqa: FURB136  # same
        self.quantities[cell] = (longs, shorts)
        if longs != longs_before:
            self.longs += longs - longs_before
        if shorts != shorts_before:
            self.shorts += shorts - shorts_before

    def value(self, cell: Key, unit_mark: Decimal | None, currency: str) -> None:
        """Replace what a holding adds to the sums, in money; without a mark it is unmarked."""
        longs, shorts = self.quantities.get(cell, NO_QUANTITIES)
        before = self.values.get(cell, NO_PART)
        self.long_values.add(before[2], -before[0])
        self.short_values.add(before[2], -before[1])
        for unmarked, quantity in (self.unmarked_longs, longs), (self.unmarked_shorts, shorts):
            unmarked.discard(cell)
            if unit_mark is None and quantity:
                unmarked.add(cell)
        if unit_mark is None:
            self.values[cell] = NO_PART
            return
        now = (longs * unit_mark, shorts * unit_mark, currency)
        self.values[cell] = now
        self.long_values.add(currency, now[0])
        self.short_values.add(currency, now[1])


class HoldingsCounter:
    """Worst-case holdings of every budget of one rule."""

    def __init__(self, tally: HoldingsTally, per: tuple[str, ...]) -> None:
        self.valued = tally.valued
        self.by_strategy = "strategy" in per
        self._budget_of = telling_apart(name for name in per if name != "side")
        self._budgets: defaultdict[object, _Budget] = defaultdict(_Budget)

    def holding(
        self, cell: Subject, holding: Holding, instrument: Instrument, mark: Decimal | None
    ) -> None:
        """A holding changed, or its mark did."""
        self.telling(cell, instrument)(holding, mark)

    def telling(self, cell: Subject, instrument: Instrument) -> Telling:
        """The same of one cell, which is told of again and again."""
        budget = self._budgets[self._budget_of(cell)]
        key = key_of(cell, by_strategy=self.by_strategy)
        if not self.valued:
            return partial(budget.put, key)
        return partial(_put, (budget, key), (instrument.multiplier, cell.currency))

    def read(self, question: Question) -> HoldingsReading:
        """The order's own holding, and the rest of its budget."""
        subject = question.cell
        own = question.own if self.by_strategy else question.whole
        budget = self._budgets.get(self._budget_of(subject))
        if budget is None:
            return HoldingsReading(own)
        key = (subject.account, subject.instrument, subject.strategy if self.by_strategy else "")
        longs, shorts = budget.quantities.get(key, NO_QUANTITIES)
        if not self.valued:
            return HoldingsReading(own, budget.longs - longs, budget.shorts - shorts)
        part = budget.values.get(key, NO_PART)
        return HoldingsReading(
            own,
            budget.longs - longs,
            budget.shorts - shorts,
            budget.long_values.less(part[2], part[0]),
            budget.short_values.less(part[2], part[1]),
            instruments_but(budget.unmarked_longs, key),
            instruments_but(budget.unmarked_shorts, key),
        )


def _put(
    where: tuple[_Budget, Key],
    unit: tuple[Decimal, str],
    holding: Holding,
    mark: Decimal | None,
) -> None:
    """A holding changed, or its mark did; a unit is so many of what is priced, in a currency."""
    (budget, key), (multiplier, currency) = where, unit
    budget.put(key, holding)
    budget.value(key, None if mark is None else abs(mark) * multiplier, currency)


def key_of(cell: Subject, *, by_strategy: bool) -> Key:
    """By what a holding is known in its budget: `by_strategy` if each strategy has its own."""
    return (cell.account, cell.instrument, cell.strategy if by_strategy else "")


def instruments_but(cells: set[Key], but: Key) -> tuple[str, ...]:
    """The instruments of some cells, without one cell's."""
    return tuple(sorted(cell[1] for cell in cells if cell != but)) if cells else ()
