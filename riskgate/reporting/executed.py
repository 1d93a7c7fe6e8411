"""What the orders of a day come to: totals of all and of each group, distributions, the worst.

Rule 1: every figure is one of `analytics`; nothing is measured here a second time.
Rule 2: one pass, and memory that grows with groups and not with orders.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable
from decimal import Decimal
from enum import StrEnum
from typing import Final

from riskgate.analytics.facts import OrderFacts
from riskgate.analytics.latency import seconds
from riskgate.analytics.measures import OrderMeasures, measure
from riskgate.analytics.quality import ExecutionQuality
from riskgate.analytics.totals import Totals
from riskgate.model.money import ZERO
from riskgate.reporting.asked import Asked

MOST_WORST: Final = 10
TENTH: Final = Decimal("0.1")
MILLISECOND: Final = Decimal("0.001")


class By(StrEnum):
    """What the orders of a day are told apart by."""

    STRATEGY = "strategy"
    SYMBOL = "symbol"
    VENUE = "venue"
    ORDER_TYPE = "order type"
    HOUR = "hour"


class Executed:
    """The orders of a day as they come."""

    def __init__(self, asked: Asked) -> None:
        self._asked = asked
        self._all = Totals()
        self._groups: dict[By, dict[str, Totals]] = {by: {} for by in By}
        self._worst: dict[str, list[tuple[Decimal, int, OrderMeasures]]] = {}
        self.slips: dict[Decimal, int] = {}
        self.fill_times: dict[Decimal, int] = {}
        self.unmeasured = 0

    def take(self, facts: Iterable[OrderFacts]) -> None:
        """Take all that were decided in the day."""
        for one in measure(facts):
            if self._asked.covers(one.facts.decided_at) and self._asked.means(one.facts):
                self._add(one)

    @property
    def quality(self) -> ExecutionQuality:
        """The measures of all orders."""
        return self._all.quality()

    def by(self, what: By) -> dict[str, ExecutionQuality]:
        """The measures of each group, by its name."""
        return {name: found.quality() for name, found in sorted(self._groups[what].items())}

    def worst(self) -> list[OrderMeasures]:
        """Of each currency the orders with the highest shortfall, the highest first."""
        return [
            one
            for _, heap in sorted(self._worst.items())
            for *_, one in sorted(heap, key=lambda entry: (-entry[0], -entry[1]))
        ]

    def _add(self, one: OrderMeasures) -> None:
        self._all.add(one)
        for by, name in self._names(one.facts):
            group = self._groups[by].get(name)
            if group is None:
                group = self._groups[by][name] = Totals()
            group.add(one)
        if one.facts.is_block or one.facts.is_parent:
            return
        if one.decision is not None and one.decision.bps is not None:
            slip = one.decision.bps.quantize(TENTH)
            self.slips[slip] = self.slips.get(slip, 0) + 1
        if one.waits.filled is not None:
            time = seconds(one.waits.filled).quantize(MILLISECOND)
            self.fill_times[time] = self.fill_times.get(time, 0) + 1
        if one.sent:
            self._rank(one)

    def _rank(self, one: OrderMeasures) -> None:
        """Keep it if it is among the worst of its currency; a gain is none of these."""
        total = None if one.shortfall is None else one.shortfall.total
        if total is None:
            self.unmeasured += 1
        elif total > ZERO:
            heap = self._worst.setdefault(one.facts.currency, [])
            entry = (total, -one.facts.order_id, one)
            if len(heap) < MOST_WORST:
                heapq.heappush(heap, entry)
            else:
                heapq.heappushpop(heap, entry)

    def _names(self, facts: OrderFacts) -> tuple[tuple[By, str], ...]:
        hour = f"{self._asked.local(facts.decided_at):%H}:00"
        return (
            (By.STRATEGY, facts.strategy or "none"),
            (By.SYMBOL, facts.symbol or "none"),
            (By.VENUE, facts.venue or "none"),
            (By.ORDER_TYPE, facts.order_type or "none"),
            (By.HOUR, hour),
        )
