"""What the worst-case book of every budget gains or loses under each shock."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal

from riskgate.ledger.counters.amounts import Amounts
from riskgate.ledger.counters.holdings import Key, instruments_but, key_of
from riskgate.ledger.counters.news import Question
from riskgate.model.instrument import Instrument
from riskgate.model.money import ZERO
from riskgate.model.readings import Gains, Holding, StressReading
from riskgate.model.subject import Subject, telling_apart
from riskgate.rulekit.shocks import outcome, touches
from riskgate.rulekit.tallies import StressTally


class _Budget:
    """What each holding gains under each shock, and the sums."""

    def __init__(self, shocks: int) -> None:
        self.parts: dict[Key, tuple[str, tuple[Decimal, ...]]] = {}
        self.sums = tuple(Amounts() for _ in range(shocks))
        self.unmarked: set[Key] = set()

    def put(self, key: Key, currency: str, gains: tuple[Decimal, ...] | None) -> None:
        """Replace what a holding gains; None for one that has no mark."""
        known, before = self.parts.get(key, (currency, ()))
        for total, gain in zip(self.sums, before, strict=False):
            total.add(known, -gain)
        for total, gain in zip(self.sums, gains or (), strict=False):
            total.add(currency, gain)
        self.parts[key] = (currency, gains or ())
        if gains is None:
            self.unmarked.add(key)
        else:
            self.unmarked.discard(key)

    def but(self, key: Key) -> Gains:
        """What all holdings but one gain."""
        currency, gains = self.parts.get(key, ("", ()))
        mine = gains or tuple(ZERO for _ in self.sums)
        rest = (total.less(currency, gain) for total, gain in zip(self.sums, mine, strict=True))
        return Gains(tuple(rest), instruments_but(self.unmarked, key))


class StressCounter:
    """Shocked worst-case holdings of every budget of one rule, and of each account in it."""

    valued = True

    def __init__(self, tally: StressTally, per: tuple[str, ...]) -> None:
        self.by_strategy = "strategy" in per
        self._shocks = tally.shocks
        names = [name for name in per if name != "side"]
        self._budget_of = telling_apart(names)
        self._account_of = telling_apart(["account", *names]) if tally.of_account else None
        self._budgets: defaultdict[object, _Budget] = defaultdict(self._empty)
        self._accounts: defaultdict[object, _Budget] = defaultdict(self._empty)

    def _empty(self) -> _Budget:
        return _Budget(len(self._shocks))

    def holding(
        self, cell: Subject, holding: Holding, instrument: Instrument, mark: Decimal | None
    ) -> None:
        """A holding changed, or its mark did."""
        gains = self._gains(cell, holding, instrument, mark)
        key = key_of(cell, by_strategy=self.by_strategy)
        self._budgets[self._budget_of(cell)].put(key, cell.currency, gains)
        if self._account_of is not None:
            self._accounts[self._account_of(cell)].put(key, cell.currency, gains)

    def _gains(
        self, cell: Subject, holding: Holding, instrument: Instrument, mark: Decimal | None
    ) -> tuple[Decimal, ...] | None:
        """What a holding gains under each shock; None if its mark is missing and matters."""
        worst = (holding.long_worst, holding.short_worst)
        felt = [any(worst) and touches(shock, cell) for shock in self._shocks]
        if mark is None:
            return None if any(felt) else tuple(ZERO for _ in felt)
        return tuple(
            outcome(shock, worst, mark) * instrument.multiplier if is_felt else ZERO
            for shock, is_felt in zip(self._shocks, felt, strict=True)
        )

    def read(self, question: Question) -> StressReading:
        """The order's own holding, and what the rest of its budget gains."""
        subject = question.cell
        own = question.own if self.by_strategy else question.whole
        key = key_of(subject, by_strategy=self.by_strategy)
        others = self._budgets.get(self._budget_of(subject), self._empty()).but(key)
        if self._account_of is None:
            return StressReading(own, others)
        account = self._accounts.get(self._account_of(subject), self._empty())
        return StressReading(own, others, account.but(key))
