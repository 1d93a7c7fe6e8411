"""Worst-case values of every budget: gross, net long and net short, each holding at its mark."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from typing import Final, NamedTuple

from riskgate.ledger.counters.amounts import Amounts
from riskgate.ledger.counters.holdings import Key, instruments_but, key_of
from riskgate.ledger.counters.news import Question
from riskgate.model.instrument import Instrument
from riskgate.model.money import ZERO
from riskgate.model.readings import ExposureReading, Holding
from riskgate.model.subject import Subject, telling_apart
from riskgate.rulekit.tallies import ExposureTally


class _Part(NamedTuple):
    """What one holding adds to its budget, in its currency."""

    gross: Decimal = ZERO
    net_long: Decimal = ZERO
    net_short: Decimal = ZERO
    currency: str = ""


NO_PART: Final = _Part()


class _Budget:
    """The parts of one budget and their sums."""

    def __init__(self) -> None:
        self.parts: dict[Key, _Part] = {}
        self.gross, self.net_long, self.net_short = Amounts(), Amounts(), Amounts()
        self.unmarked: set[Key] = set()

    def put(self, key: Key, part: _Part) -> None:
        """Replace what a holding adds."""
        for sign, one in ((-1, self.parts.get(key, NO_PART)), (1, part)):
            self.gross.add(one.currency, sign * one.gross)
            self.net_long.add(one.currency, sign * one.net_long)
            self.net_short.add(one.currency, sign * one.net_short)
        self.parts[key] = part


class ExposureCounter:
    """Gross and net worst-case values of every budget of one rule."""

    valued = True

    def __init__(self, tally: ExposureTally, per: tuple[str, ...]) -> None:  # noqa: ARG002  # one shape
        self.by_strategy = "strategy" in per
        self._budget_of = telling_apart(name for name in per if name != "side")
        self._budgets: defaultdict[object, _Budget] = defaultdict(_Budget)

    def holding(
        self, cell: Subject, holding: Holding, instrument: Instrument, mark: Decimal | None
    ) -> None:
        """A holding changed, or its mark did."""
        budget, key = (
            self._budgets[self._budget_of(cell)],
            key_of(cell, by_strategy=self.by_strategy),
        )
        longs, shorts = holding.long_worst, -holding.short_worst
        budget.unmarked.discard(key)
        if mark is None:
            if longs or shorts:
                budget.unmarked.add(key)
            budget.put(key, NO_PART)
            return
        unit = abs(mark) * instrument.multiplier
        gross = max(abs(longs), abs(shorts)) * unit
        budget.put(key, _Part(gross, longs * unit, shorts * unit, cell.currency))

    def read(self, question: Question) -> ExposureReading:
        """The order's own holding, and the sums of the rest of its budget."""
        subject = question.cell
        own = question.own if self.by_strategy else question.whole
        budget = self._budgets.get(self._budget_of(subject))
        if budget is None:
            return ExposureReading(own)
        key = key_of(subject, by_strategy=self.by_strategy)
        part = budget.parts.get(key, NO_PART)
        return ExposureReading(
            own,
            budget.gross.less(part.currency, part.gross),
            budget.net_long.less(part.currency, part.net_long),
            budget.net_short.less(part.currency, part.net_short),
            instruments_but(budget.unmarked, key),
        )
