"""Which day a report is about, in which zone, and of whose orders."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Final
from zoneinfo import ZoneInfo

import msgspec

from riskgate.analytics.facts import OrderFacts
from riskgate.errors import PeriodError
from riskgate.model.events import Decided
from riskgate.model.spans import A_DAY

FIRST, LAST = 1970, 2999
YEARS: Final = range(FIRST, LAST + 1)  # beyond them zones and calendars end


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """One day from midnight to midnight in a zone; `strategies` are those meant, none for all."""

    day: date
    zone: ZoneInfo
    strategies: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.day.year not in YEARS:
            raise PeriodError(f"`{self.day}`: a report is of a day from {FIRST} to {LAST}")

    @property
    def since(self) -> datetime:
        """The first moment of the day."""
        return datetime.combine(self.day, time(0), self.zone)

    @property
    def until(self) -> datetime:
        """The first moment of the next day."""
        return datetime.combine(self.day + A_DAY, time(0), self.zone)

    def covers(self, at: datetime) -> bool:
        """Whether a moment is in the day."""
        return self.since <= at < self.until

    def local(self, at: datetime) -> datetime:
        """A moment as the zone's clocks show it."""
        return at.astimezone(self.zone)

    def means(self, one: Decided | OrderFacts) -> bool:
        """Whether an order, or a decision on one, is of a strategy that is meant."""
        if not self.strategies:
            return True
        if isinstance(one, OrderFacts):
            return one.strategy in self.strategies
        order = one.decision.order
        return order is not None and (order.strategy or "") in self.strategies
