"""The stats of a period, kept up to date as orders change.

Rule 1: an order counts once, as it is now: what it counted before is taken away first, so fills,
corrections and late commissions are never counted twice.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from riskgate.analytics.facts import OrderFacts
from riskgate.analytics.measures import OrderMeasures, measured
from riskgate.analytics.totals import Totals
from riskgate.orders.values import ExecutionStats


class Stream:
    """The stats of the orders that were created from `begin` until `end`; None is without an end.

    Memory: the measures of each order of the period.
    """

    def __init__(self, begin: datetime | None, end: datetime | None) -> None:
        self._begin = begin
        self._end = end
        self._known: dict[int, OrderMeasures] = {}
        self._totals = Totals()
        self._told = ExecutionStats()

    def covers(self, created_at: datetime) -> bool:
        """Whether an order of this moment counts."""
        begin, end = self._begin, self._end
        return (begin is None or begin <= created_at) and (end is None or created_at < end)

    def begin(self, orders: Iterable[OrderFacts]) -> None:
        """Count what is known so far."""
        for facts in orders:
            self._count(facts)
        self._told = self._stats()

    def changed(self, facts: OrderFacts) -> ExecutionStats | None:
        """The stats now that an order is like this; None where that makes no difference."""
        before = self._known.get(facts.order_id)
        if before is not None and before.facts == facts:
            return None
        if before is not None:
            self._totals.remove(before)
        self._count(facts)
        found = self._stats()
        if found == self._told:
            return None
        self._told = found
        return found

    def _count(self, facts: OrderFacts) -> None:
        one = self._known[facts.order_id] = measured(facts)
        self._totals.add(one)

    def _stats(self) -> ExecutionStats:
        return ExecutionStats.of(self._totals.quality())
