"""What is spoken for of an account's funds (semantics.md, section 4, funds left).

Rule 1: a fill counts until a report that is newer than it: one of a later moment, or of the same
moment that nobody had read when the fill came.
"""

from __future__ import annotations

from collections import defaultdict, deque
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from riskgate.ledger.counters.amounts import Amounts
from riskgate.ledger.counters.news import Claim, Question, Traded
from riskgate.model.money import ZERO
from riskgate.model.readings import FundsReading
from riskgate.model.subject import Subject, telling_apart
from riskgate.rulekit.tallies import FundsTally


class _Fresh(NamedTuple):
    """A fill that no report is known to hold; `known` is the report that was read before it."""

    at: datetime
    known: datetime | None
    currency: str
    margin: Decimal

    def is_in(self, reported: datetime) -> bool:
        """Whether a report of that moment holds it."""
        return self.at <= reported and (self.known is None or self.known < reported)


class _Budget:
    """Working orders that open, and the opening fills that may not be in the last report."""

    def __init__(self) -> None:
        self.working, self.filled = Amounts(), Amounts()
        self.fresh: deque[_Fresh] = deque()
        self.known: datetime | None = None

    def told(self, reported: datetime | None) -> None:
        """Let go of fills that the broker's report holds."""
        if reported is None:
            return
        while self.fresh and self.fresh[0].is_in(reported):
            done = self.fresh.popleft()
            self.filled.add(done.currency, -done.margin)
        self.known = reported if self.known is None else max(self.known, reported)


class FundsCounter:
    """Opening orders and fresh opening fills of every account."""

    def __init__(self, tally: FundsTally, per: tuple[str, ...]) -> None:  # noqa: ARG002  # one shape
        self._budget_of = telling_apart(per)
        self._budgets: defaultdict[object, _Budget] = defaultdict(_Budget)

    def claim(self, subject: Subject, before: Claim, after: Claim) -> None:
        """The remainder of a working order changed."""
        more = (after.margin if after.opens else ZERO) - (before.margin if before.opens else ZERO)
        self._budgets[self._budget_of(subject)].working.add(subject.currency, more)

    def fill(self, subject: Subject, traded: Traded, at: datetime) -> None:  # noqa: ARG002  # one shape
        """An opening order was filled; a report from before we heard of it does not hold it."""
        if not traded.opens:
            return
        budget = self._budgets[self._budget_of(subject)]
        heard = traded.heard
        when = max(heard, budget.fresh[-1].at) if budget.fresh else heard
        budget.fresh.append(_Fresh(when, budget.known, subject.currency, traded.margin))
        budget.filled.add(subject.currency, traded.margin)

    def read(self, question: Question) -> FundsReading:
        """What working orders and fresh fills take."""
        budget = self._budgets[self._budget_of(question.asked.subject)]
        budget.told(question.reported)
        return FundsReading(budget.working.copy(), budget.filled.copy())
