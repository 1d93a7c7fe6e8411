"""How many of our own orders work, and what they can still fill, in every budget."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal

from riskgate.ledger.counters.news import Claim, Question
from riskgate.model.money import ZERO
from riskgate.model.readings import WorkingReading
from riskgate.model.subject import Subject, telling_apart
from riskgate.rulekit.tallies import WorkingTally


@dataclass(slots=True)
class _Budget:
    count: int = 0
    quantity: Decimal = ZERO


class WorkingCounter:
    """Own working orders of every budget of one rule."""

    def __init__(self, tally: WorkingTally, per: tuple[str, ...]) -> None:  # noqa: ARG002  # one shape
        self._budget_of = telling_apart(per)
        self._budgets: defaultdict[object, _Budget] = defaultdict(_Budget)

    def claim(self, subject: Subject, before: Claim, after: Claim) -> None:
        """The remainder of a working order changed."""
        budget = self._budgets[self._budget_of(subject)]
        budget.count += after.alive - before.alive
        budget.quantity += after.quantity - before.quantity

    def read(self, question: Question) -> WorkingReading:
        """The budget as it stands."""
        budget = self._budgets.get(self._budget_of(question.asked.subject))
        return WorkingReading() if budget is None else WorkingReading(budget.count, budget.quantity)
