"""The highest net liquidation of each account, and which rules have tripped until when."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from riskgate.ledger.counters.news import Question
from riskgate.model.events import LimitTripped
from riskgate.model.readings import LossReading
from riskgate.model.subject import Subject
from riskgate.rulekit.tallies import LossTally


class LossCounter:
    """What one loss rule remembers of accounts."""

    def __init__(self, tally: LossTally, per: tuple[str, ...]) -> None:  # noqa: ARG002  # one shape
        self._rule = tally.rule
        self._peaks: dict[str, Decimal] = {}
        self._trips: list[LimitTripped] = []

    def reported(self, account: str, net_liquidation: Decimal) -> None:
        """The account was worth so much."""
        known = self._peaks.get(account)
        if net_liquidation.is_finite() and (known is None or net_liquidation > known):
            self._peaks[account] = net_liquidation

    def new_peak(self, account: str | None) -> None:
        """Forget the highest value of an account, or of all."""
        for name in [account] if account is not None else list(self._peaks):
            self._peaks.pop(name, None)

    def tripped(self, trip: LimitTripped) -> None:
        """This rule, or another one, tripped."""
        if trip.rule == self._rule:
            self._trips = [one for one in self._trips if one.scope != trip.scope]
            self._trips.append(trip)

    def read(self, question: Question) -> LossReading:
        """What is remembered of the order's account."""
        subject = question.asked.subject
        return LossReading(self._peaks.get(subject.account), self._since(subject, question.at))

    def _since(self, subject: Subject, at: datetime) -> datetime | None:
        named = (subject.account, subject.strategy, subject.symbol, subject.underlying)
        held = [t.at for t in self._trips if at < t.until and t.scope.covers(*named)]
        return min(held, default=None)
