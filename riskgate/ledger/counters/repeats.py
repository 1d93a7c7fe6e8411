"""Distinct orders sent inside a window that are in flight or filled, in every budget.

An order that died without a fill does not count; a fill that comes after all brings it back.
"""

from __future__ import annotations

from collections import OrderedDict, defaultdict
from datetime import datetime

from riskgate.ledger.counters.news import Claim, Question
from riskgate.model.readings import CountReading
from riskgate.model.subject import Subject, telling_apart
from riskgate.rulekit.tallies import RepeatTally


class _Budget:
    """Orders by number with the time they were sent, the newest last; which of them are dead."""

    def __init__(self) -> None:
        self.sent: OrderedDict[int, datetime] = OrderedDict()
        self.dead: set[int] = set()

    @property
    def newest(self) -> datetime | None:
        """When the newest order was sent."""
        return self.sent[next(reversed(self.sent))] if self.sent else None

    def put(self, order_id: int, at: datetime) -> None:
        """An order was sent; none is older than the one before it."""
        self.sent.pop(order_id, None)
        self.sent[order_id] = max(at, self.newest or at)

    def mark(self, order_id: int, *, counts: bool) -> None:
        """Whether an order counts; one that has left the window does not matter."""
        if counts:
            self.dead.discard(order_id)
        elif order_id in self.sent:
            self.dead.add(order_id)

    def pass_to(self, at: datetime, start: datetime) -> None:
        """Forget what was sent at or before `start`, where the window that ends `at` begins."""
        newest = self.newest
        if newest is not None and newest - at >= at - start:
            for order_id, when in self.sent.items():
                self.sent[order_id] = min(when, at)
        while self.sent and next(iter(self.sent.values())) <= start:
            order_id, _ = self.sent.popitem(last=False)
            self.dead.discard(order_id)


class RepeatCounter:
    """Orders in flight or filled, by when they were sent.

    Where the clock steps back, an order is as new as the newest: none is forgotten early. Where by
    more than the window, the orders move to now, so that nobody is barred for longer than that.
    """

    def __init__(self, tally: RepeatTally, per: tuple[str, ...]) -> None:
        self._window = tally.window
        self._budget_of = telling_apart(per)
        self._budgets: defaultdict[object, _Budget] = defaultdict(_Budget)

    def claim(self, subject: Subject, before: Claim, after: Claim) -> None:
        """An order was sent, died, or was filled after all."""
        if after.sent is None:
            return
        budget = self._budgets[self._budget_of(subject)]
        if before.sent is None:
            budget.pass_to(after.sent, after.sent - self._window)
            budget.put(after.order_id, after.sent)
        budget.mark(after.order_id, counts=after.alive or after.filled)

    def read(self, question: Question) -> CountReading:
        """How many count inside the window that ends now."""
        budget = self._budgets.get(self._budget_of(question.asked.subject))
        if budget is None:
            return CountReading()
        budget.pass_to(question.at, question.at - self._window)
        return CountReading(len(budget.sent) - len(budget.dead))
