"""Distinct orders sent inside a window that are in flight or filled, in every budget.

An order that died without a fill does not count; a fill that comes after all brings it back.
"""

from __future__ import annotations

from collections import defaultdict, deque
from datetime import datetime

from riskgate.ledger.counters.news import Claim, Question
from riskgate.model.readings import CountReading
from riskgate.model.subject import Subject, telling_apart
from riskgate.rulekit.tallies import RepeatTally


class _Budget:
    """Orders by the time they were sent; of them `counted` those that count."""

    def __init__(self) -> None:
        self.sent: deque[tuple[datetime, int]] = deque()
        self.counted: dict[int, bool] = {}
        self.count = 0

    def mark(self, order_id: int, *, counts: bool) -> None:
        """Whether an order in the window counts."""
        self.count += counts - self.counted[order_id]
        self.counted[order_id] = counts


class RepeatCounter:
    """Orders in flight or filled, by when they were sent.

    Where the clock steps back, an order is as new as the newest: none is forgotten early.
    """

    def __init__(self, tally: RepeatTally, per: tuple[str, ...]) -> None:
        self._window = tally.window
        self._budget_of = telling_apart(per)
        self._budgets: defaultdict[object, _Budget] = defaultdict(_Budget)

    def claim(self, subject: Subject, before: Claim, after: Claim) -> None:  # noqa: ARG002  # one shape
        """An order was sent, died, or was filled after all."""
        if after.sent is None or not after.order_id:
            return
        counts = after.works or after.filled
        budget = self._budgets[self._budget_of(subject)]
        if after.order_id in budget.counted:
            budget.mark(after.order_id, counts=counts)
        elif after.works and not after.filled:
            newest = budget.sent[-1][0] if budget.sent else after.sent
            budget.sent.append((max(after.sent, newest), after.order_id))
            budget.counted[after.order_id] = False
            budget.mark(after.order_id, counts=True)

    def read(self, question: Question) -> CountReading:
        """How many count inside the window that ends now."""
        budget = self._budgets.get(self._budget_of(question.asked.subject))
        if budget is None:
            return CountReading()
        self._pass_to(budget, question.at)
        return CountReading(budget.count)

    def _pass_to(self, budget: _Budget, at: datetime) -> None:
        """Forget what has left the window that ends at that moment."""
        if budget.sent and budget.sent[-1][0] - at >= self._window:
            budget.sent = deque((min(when, at), number) for when, number in budget.sent)
        while budget.sent and budget.sent[0][0] <= at - self._window:
            _, number = budget.sent.popleft()
            budget.mark(number, counts=False)
            del budget.counted[number]
