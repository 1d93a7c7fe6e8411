"""What is spoken for of an account's funds (semantics.md, section 4, funds left)."""

from __future__ import annotations

from collections import defaultdict, deque
from datetime import datetime
from decimal import Decimal

from riskgate.ledger.counters.amounts import Amounts
from riskgate.ledger.counters.news import Claim, Question, Traded
from riskgate.model.readings import FundsReading
from riskgate.model.subject import Subject, telling_apart
from riskgate.rulekit.tallies import FundsTally


class _Budget:
    """Working orders that open, and the opening fills that may not be in the last report."""

    def __init__(self) -> None:
        self.working, self.filled = Amounts(), Amounts()
        self.fills: deque[tuple[datetime, str, Decimal]] = deque()

    def forget(self, reported: datetime | None) -> None:
        """Let go of fills that the broker's report knows of."""
        while self.fills and reported is not None and self.fills[0][0] <= reported:
            _, currency, margin = self.fills.popleft()
            self.filled.add(currency, -margin)


class FundsCounter:
    """Opening orders and fresh opening fills of every account."""

    def __init__(self, tally: FundsTally, per: tuple[str, ...]) -> None:  # noqa: ARG002  # one shape
        self._budget_of = telling_apart(per)
        self._budgets: defaultdict[object, _Budget] = defaultdict(_Budget)

    def claim(self, subject: Subject, before: Claim, after: Claim) -> None:
        """The remainder of a working order changed."""
        more = (after.margin if after.opens else 0) - (before.margin if before.opens else 0)
        if more:
            self._budgets[self._budget_of(subject)].working.add(subject.currency, Decimal(more))

    def fill(self, subject: Subject, traded: Traded, at: datetime) -> None:
        """An opening order was filled; what is late in coming is of the newest moment known."""
        if not traded.opens:
            return
        budget = self._budgets[self._budget_of(subject)]
        when = max(at, budget.fills[-1][0]) if budget.fills else at
        budget.fills.append((when, subject.currency, traded.margin))
        budget.filled.add(subject.currency, traded.margin)

    def read(self, question: Question) -> FundsReading:
        """What working orders and fresh fills take."""
        budget = self._budgets.get(self._budget_of(question.asked.subject))
        if budget is None:
            return FundsReading()
        budget.forget(question.reported)
        return FundsReading(budget.working.copy(), budget.filled.copy())
