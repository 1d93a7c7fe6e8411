"""Orders and executions of a trading day, and working orders, of every budget."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Final
from zoneinfo import ZoneInfo

from riskgate.ledger.counters.amounts import Amounts
from riskgate.ledger.counters.news import Claim, Mention, Question, Traded
from riskgate.model.money import ZERO
from riskgate.model.readings import DayReading
from riskgate.model.subject import Subject, telling_apart
from riskgate.rulekit.tallies import DayTally

HOUR: Final = timedelta(hours=1)


class _Day:
    """One budget's sums: those of the trading day, and those of working orders."""

    def __init__(self) -> None:
        self.day: date | None = None
        self.working_quantity = ZERO
        self.working_values = Amounts()
        self.roll(None)

    def roll(self, day: date | None) -> None:
        """Begin a trading day."""
        self.day = day
        self.executed_quantity = ZERO
        self.executed_values = Amounts()
        self.sent = 0
        self.executed: set[int] = set()
        self.executed_before = 0
        self.messages = {"modify": 0, "cancel": 0}


class DayCounter:
    """Orders and executions of the trading day, and working orders, of every budget of a rule.

    Where the clock has stepped back over the beginning of the day, the day that had begun goes on.
    """

    def __init__(self, tally: DayTally, per: tuple[str, ...]) -> None:
        self._budget_of = telling_apart(per)
        self._currency = tally.currency
        self._zone = ZoneInfo(tally.zone)
        self._starts = timedelta(hours=tally.day_starts.hour, minutes=tally.day_starts.minute)
        self._starts += timedelta(seconds=tally.day_starts.second)
        self._days: defaultdict[object, _Day] = defaultdict(_Day)
        self._today = date.min
        self._from = self._until = datetime.min.replace(tzinfo=UTC)

    def day_of(self, at: datetime) -> date:
        """The trading day of a moment: from `day_starts` to the next, on the zone's clocks."""
        if self._from <= at < self._until:
            return self._today
        today, _ = self._on_clocks(at)
        # An hour inside which no day begins and no clock is put forward or back is remembered.
        hour = at.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
        if self._on_clocks(hour) == self._on_clocks(hour + HOUR - timedelta.resolution):
            self._today, self._from, self._until = today, hour, hour + HOUR
        return today

    def _on_clocks(self, at: datetime) -> tuple[date, timedelta | None]:
        """The trading day of a moment, and how far the zone's clocks are from UTC then."""
        local = at.astimezone(self._zone)
        return (local.replace(tzinfo=None) - self._starts).date(), local.utcoffset()

    def claim(self, subject: Subject, before: Claim, after: Claim) -> None:
        """The remainder of a working order changed."""
        day = self._days[self._budget_of(subject)]
        day.working_quantity += after.quantity - before.quantity
        day.working_values.add(subject.currency, after.value - before.value)

    def fill(self, subject: Subject, traded: Traded, at: datetime) -> None:
        """So much was executed at that moment; corrections may be negative."""
        day = self._on(subject, at)
        if day is not None:
            day.executed_quantity += traded.quantity
            day.executed_values.add(subject.currency, traded.value)

    def message(self, what: str, mention: Mention, at: datetime) -> None:
        """A modify or a cancel was sent."""
        if what in ("modify", "cancel"):
            self._roll(mention.subject, at).messages[what] += 1

    def unsay(self, what: str, mention: Mention, at: datetime) -> None:
        """Take back a modify or a cancel that was only supposed."""
        if what in ("modify", "cancel"):
            self._roll(mention.subject, at).messages[what] -= 1

    def executed(self, subject: Subject, order_id: int, at: datetime) -> None:
        """An order had a fill at that moment."""
        day = self._on(subject, at)
        if day is not None:
            day.executed.add(order_id)

    def sent(self, subject: Subject, at: datetime) -> None:
        """An order was sent now."""
        self._roll(subject, at).sent += 1

    def never_sent(self, subject: Subject, at: datetime) -> None:
        """What counted as sent at that moment never left."""
        day = self._on(subject, at)
        if day is not None:
            day.sent -= 1

    def earlier(
        self, subject: Subject, executed: tuple[Decimal, Decimal], orders: int, at: datetime
    ) -> None:
        """What is known only as a sum of that day: quantity, policy money, orders."""
        day = self._on(subject, at)
        if day is not None:
            day.executed_quantity += executed[0]
            day.executed_values.add(self._currency, executed[1])
            day.sent += orders
            day.executed_before += orders

    def read(self, question: Question) -> DayReading:
        """The budget's sums on the trading day of that moment."""
        at = question.at
        day = self._days.get(self._budget_of(question.asked.subject))
        if day is None:
            return DayReading()
        today = day.day is not None and self.day_of(at) <= day.day
        return DayReading(
            day.executed_quantity if today else ZERO,
            dict(day.executed_values.by_currency) if today else {},
            day.working_quantity,
            day.working_values.less("", ZERO),
            day.sent if today else 0,
            len(day.executed) + day.executed_before if today else 0,
            day.messages["modify"] if today else 0,
            day.messages["cancel"] if today else 0,
        )

    def _on(self, subject: Subject, at: datetime) -> _Day | None:
        """The budget's day, rolled forward if need be; None for a day that is over."""
        day = self._roll(subject, at)
        return day if day.day == self.day_of(at) else None

    def _roll(self, subject: Subject, at: datetime) -> _Day:
        """The budget's day, rolled forward if the moment lies on a later one."""
        day = self._days[self._budget_of(subject)]
        when = self.day_of(at)
        if day.day is None or when > day.day:
            day.roll(when)
        return day
