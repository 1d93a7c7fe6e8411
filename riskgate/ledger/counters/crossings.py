"""The best opposite price among our own working orders, so that no order meets one of ours.

Rule 1: ours are the orders that this book sent; foreign ones are nobody's to answer for here.
Rule 2: legs of one bracket never cross each other: they are told apart by their group.
Rule 3: prices are kept sorted, so that neither a claim nor a question walks over orders.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import defaultdict
from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from riskgate.ledger.counters.news import Claim, Question
from riskgate.model.order import Side
from riskgate.model.readings import CrossingReading, Opposite
from riskgate.model.subject import Subject, telling_apart
from riskgate.rulekit.tallies import CrossingTally

Entry = tuple[Decimal, int]  # a limit price, and the order that has it
NONE: Final = Opposite()
WHOSE: Final[Mapping[str, tuple[str, ...]]] = {
    "account": ("account",),
    "strategy": ("strategy",),
    "firm": (),
}


class _Side:
    """The working orders of one side of one instrument: by limit price, and those without."""

    def __init__(self) -> None:
        self.priced: list[Entry] = []
        self.unpriced: set[int] = set()

    def put(self, claim: Claim) -> None:
        """An order works at these limits."""
        for limit in claim.limits:
            if limit is None:
                self.unpriced.add(claim.order_id)
            else:
                insort(self.priced, (limit, claim.order_id))

    def drop(self, claim: Claim) -> None:
        """It does not any more."""
        self.unpriced.discard(claim.order_id)
        for limit in claim.limits:
            if limit is not None:
                del self.priced[bisect_left(self.priced, (limit, claim.order_id))]


class CrossingCounter:
    """Our working orders of every instrument, by whose they are, side and price."""

    def __init__(self, tally: CrossingTally, per: tuple[str, ...]) -> None:  # noqa: ARG002  # one shape
        self._books_of = {
            whose: telling_apart((*per, *names, "side")) for whose, names in WHOSE.items()
        }
        self._sides: defaultdict[tuple[str, object], _Side] = defaultdict(_Side)
        self._group_of: dict[int, int] = {}

    def claim(self, subject: Subject, before: Claim, after: Claim) -> None:
        """What an order can still fill, or at which prices, changed."""
        if (before.alive, before.limits) == (after.alive, after.limits):
            return
        for whose, book_of in self._books_of.items():
            side = self._sides[whose, book_of(subject)]
            if before.alive:
                side.drop(before)
            if after.alive:
                side.put(after)
        if after.alive and after.group:
            self._group_of[after.order_id] = after.group
        else:
            self._group_of.pop(after.order_id, None)

    def read(self, question: Question) -> CrossingReading:
        """The best prices on the other side that do not belong to the order's own bracket."""
        subject, group = question.asked.subject, question.asked.group
        buys = subject.side == Side.BUY
        facing = subject._replace(side=Side.SELL if buys else Side.BUY)
        return CrossingReading(
            **{
                whose: self._opposite(self._sides.get((whose, book_of(facing))), group, buys=buys)
                for whose, book_of in self._books_of.items()
            }
        )

    def _opposite(self, side: _Side | None, group: int, *, buys: bool) -> Opposite:
        """What a buy (or a sell) of this bracket, 0 for none, meets on a side."""
        if side is None:
            return NONE
        prices = side.priced if buys else reversed(side.priced)
        best = next((price for price, number in prices if self._is_other(number, group)), None)
        unpriced = any(self._is_other(number, group) for number in side.unpriced)
        return Opposite(best, unpriced)

    def _is_other(self, number: int, group: int) -> bool:
        return not group or self._group_of.get(number) != group
