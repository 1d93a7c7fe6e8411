"""What the worst-case book of every budget gains or loses under each shock."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal

from riskgate.ledger.counters.amounts import Amounts
from riskgate.ledger.counters.holdings import Key, instruments_but
from riskgate.ledger.counters.news import Question
from riskgate.model.instrument import Instrument
from riskgate.model.readings import Holding, StressReading
from riskgate.model.subject import Subject, telling_apart
from riskgate.rulekit.shocks import outcome, touches
from riskgate.rulekit.tallies import StressTally


class _Budget:
    """What each holding gains under each shock, and the sums."""

    def __init__(self, shocks: int) -> None:
        self.parts: dict[Key, tuple[str, tuple[Decimal, ...]]] = {}
        self.sums = tuple(Amounts() for _ in range(shocks))
        self.unmarked: set[Key] = set()

    def put(self, key: Key, currency: str, gains: tuple[Decimal, ...]) -> None:
        """Replace what a holding gains."""
        known, before = self.parts.get(key, (currency, ()))
        for total, gain in zip(self.sums, before, strict=False):
            total.add(known, -gain)
        for total, gain in zip(self.sums, gains, strict=False):
            total.add(currency, gain)
        self.parts[key] = (currency, gains)


class StressCounter:
    """Shocked worst-case holdings of every budget of one rule."""

    valued = True

    def __init__(self, tally: StressTally, per: tuple[str, ...]) -> None:
        self.by_strategy = "strategy" in per
        self._shocks = tally.shocks
        self._budget_of = telling_apart(name for name in per if name != "side")
        self._budgets: defaultdict[object, _Budget] = defaultdict(self._empty)

    def _empty(self) -> _Budget:
        return _Budget(len(self._shocks))

    def holding(
        self, cell: Subject, holding: Holding, instrument: Instrument, mark: Decimal | None
    ) -> None:
        """A holding changed, or its mark did."""
        budget, key = self._budgets[self._budget_of(cell)], self._cell(cell)
        budget.unmarked.discard(key)
        if mark is None:
            held = bool(holding.long_worst or holding.short_worst)
            if held and any(touches(shock, cell.underlying) for shock in self._shocks):
                budget.unmarked.add(key)
            budget.put(key, cell.currency, ())
            return
        worst = (holding.long_worst, holding.short_worst)
        gains = tuple(
            outcome(shock, worst, mark) * instrument.multiplier
            if touches(shock, cell.underlying)
            else Decimal(0)
            for shock in self._shocks
        )
        budget.put(key, cell.currency, gains)

    def read(self, question: Question) -> StressReading:
        """The order's own holding, and what the rest of its budget gains."""
        subject = question.asked.subject
        own = question.own if self.by_strategy else question.whole
        budget = self._budgets.get(self._budget_of(subject))
        if budget is None:
            return StressReading(own, tuple({} for _ in self._shocks))
        key = self._cell(subject)
        currency, gains = budget.parts.get(key, ("", ()))
        mine = gains or tuple(Decimal(0) for _ in self._shocks)
        others = tuple(
            total.less(currency, gain) for total, gain in zip(budget.sums, mine, strict=True)
        )
        return StressReading(own, others, instruments_but(budget.unmarked, key))

    def _cell(self, subject: Subject) -> Key:
        strategy = subject.strategy if self.by_strategy else ""
        return (subject.account, subject.instrument, strategy)
