"""Measures by group: by strategy, symbol, venue, order type, hour, day, account, side.

Rule 1: each order is in exactly one group of a breakdown, so its groups add up to the whole.
Rule 2: hours and days are those of the decision, in UTC or the zone that is handed in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, tzinfo
from typing import Final

from riskgate.analytics.facts import OrderFacts
from riskgate.analytics.measures import OrderMeasures
from riskgate.analytics.quality import ExecutionQuality
from riskgate.analytics.totals import Totals

GROUPINGS: Final[Mapping[str, Callable[[OrderFacts, tzinfo], str]]] = {
    "strategy": lambda facts, _: facts.strategy,
    "symbol": lambda facts, _: facts.symbol,
    "venue": lambda facts, _: facts.venue,
    "order_type": lambda facts, _: facts.order_type,
    "hour": lambda facts, zone: f"{facts.decided_at.astimezone(zone).hour:02}:00",
    "day": lambda facts, zone: facts.decided_at.astimezone(zone).date().isoformat(),
    "account": lambda facts, _: facts.account,
    "side": lambda facts, _: facts.side.value,
}


class Breakdown:
    """Totals by group, as orders come. `by` are names of `GROUPINGS`, one or several."""

    def __init__(self, by: Sequence[str], zone: tzinfo = UTC) -> None:
        self.by = tuple(by)
        self.totals: dict[tuple[str, ...], Totals] = {}
        self._zone = zone
        self._keys = [GROUPINGS[name] for name in self.by]

    def add(self, one: OrderMeasures) -> None:
        """Count one order in its group."""
        facts, zone = one.facts, self._zone
        group = tuple([key(facts, zone) for key in self._keys])
        found = self.totals.get(group)
        if found is None:
            found = self.totals[group] = Totals()
        found.add(one)

    def merge(self, other: Breakdown) -> None:
        """Count another's orders too, which are grouped by the same."""
        for group, more in other.totals.items():
            self.totals.setdefault(group, Totals()).merge(more)

    def groups(self) -> dict[tuple[str, ...], ExecutionQuality]:
        """What each group comes to, in the order of their names."""
        return {group: found.quality() for group, found in sorted(self.totals.items())}


def breakdown(
    orders: Iterable[OrderMeasures], by: Sequence[str], zone: tzinfo = UTC
) -> dict[tuple[str, ...], ExecutionQuality]:
    """The quality of each group of these orders."""
    found = Breakdown(by, zone)
    for one in orders:
        found.add(one)
    return found.groups()
