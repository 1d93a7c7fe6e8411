"""The best opposite price among own working orders, so that an order does not meet one of ours.

Legs of one bracket never cross each other: they are told apart by their group.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import defaultdict
from decimal import Decimal

from riskgate.ledger.counters.news import Claim, Question
from riskgate.model.order import Side
from riskgate.model.readings import CrossingReading
from riskgate.model.subject import Subject, telling_apart
from riskgate.rulekit.tallies import CrossingTally

Entry = tuple[Decimal, int]  # a limit price, and the order that has it


class _Side:
    """The working orders of one side of one instrument: by limit price, and those without."""

    def __init__(self) -> None:
        self.priced: list[Entry] = []
        self.unpriced: set[int] = set()

    def put(self, claim: Claim) -> None:
        """An order works at these limits."""
        if None in claim.limits:
            self.unpriced.add(claim.order_id)
        for limit in claim.limits:
            if limit is not None:
                insort(self.priced, (limit, claim.order_id))

    def drop(self, claim: Claim) -> None:
        """It does not any more."""
        self.unpriced.discard(claim.order_id)
        for limit in claim.limits:
            place = bisect_left(self.priced, (limit, claim.order_id)) if limit is not None else 0
            if limit is not None and self.priced[place : place + 1] == [(limit, claim.order_id)]:
                del self.priced[place]


class CrossingCounter:
    """Own working orders of every instrument, by side and price."""

    def __init__(self, tally: CrossingTally, per: tuple[str, ...]) -> None:  # noqa: ARG002  # one shape
        self._book_of = telling_apart(per)
        self._sides: defaultdict[tuple[object, str], _Side] = defaultdict(_Side)
        self._group_of: dict[int, int] = {}

    def claim(self, subject: Subject, before: Claim, after: Claim) -> None:
        """What an order can still fill, or at which prices, changed."""
        if (before.works, before.limits) == (after.works, after.limits):
            return
        side = self._sides[self._book_of(subject), subject.side]
        if before.works:
            side.drop(before)
            self._group_of.pop(before.order_id, None)
        if after.works:
            side.put(after)
            if after.group:
                self._group_of[after.order_id] = after.group

    def read(self, question: Question) -> CrossingReading:
        """The best price on the other side that does not belong to the order's own bracket."""
        subject, group = question.asked.subject, question.asked.group
        other = Side.SELL if subject.side == Side.BUY else Side.BUY
        side = self._sides.get((self._book_of(subject), other))
        if side is None:
            return CrossingReading()
        prices = side.priced if other is Side.SELL else reversed(side.priced)
        best = next((price for price, number in prices if self._is_other(number, group)), None)
        unpriced = any(self._is_other(number, group) for number in side.unpriced)
        return CrossingReading(best, unpriced)

    def _is_other(self, number: int, group: int) -> bool:
        return not group or self._group_of.get(number) != group
