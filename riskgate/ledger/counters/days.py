"""Orders and executions of a trading day, and working orders, of every budget."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from riskgate.ledger.counters.amounts import Amounts
from riskgate.ledger.counters.news import Budget, Claim, Mention, Question, Traded
from riskgate.model.money import ZERO
from riskgate.model.readings import DayReading
from riskgate.model.subject import Subject, telling_apart
from riskgate.rulekit.tallies import DayTally

HOUR: Final = timedelta(hours=1)
NEVER: Final = datetime.min.replace(tzinfo=UTC)
# Beginning, end and day of an hour inside which no day begins and no clock is put forward or back.
Hour = tuple[datetime, datetime, date]


class _Clock:
    """Tells the trading day of a moment: from `day_starts` to the next, on the zone's clocks.

    The hour that was asked about last is remembered, and put in place whole: whoever looks from
    another thread reads it once.
    """

    def __init__(self, tally: DayTally) -> None:
        self._zone = ZoneInfo(tally.zone)
        self._starts = timedelta(hours=tally.day_starts.hour, minutes=tally.day_starts.minute)
        self._starts += timedelta(seconds=tally.day_starts.second)
        self.hour: Hour = (NEVER, NEVER, date.min)

    def day_of(self, at: datetime) -> date:
        """The trading day of a moment."""
        since, until, known = self.hour
        if since <= at < until:
            return known
        today, _ = self._on_clocks(at)
        hour = at.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
        if self._on_clocks(hour) == self._on_clocks(hour + HOUR - timedelta.resolution):
            today = known if today == known else today  # the same object as long as it is that day
            self.hour = (hour, hour + HOUR, today)
        return today

    def _on_clocks(self, at: datetime) -> tuple[date, timedelta | None]:
        """The trading day of a moment, and how far the zone's clocks are from UTC then."""
        local = at.astimezone(self._zone)
        return (local.replace(tzinfo=None) - self._starts).date(), local.utcoffset()


class _Day:
    """One budget's sums: those of the trading day, and those of working orders."""

    def __init__(self, clock: _Clock) -> None:
        self._clock = clock
        self.day: date | None = None
        self.working_quantity = ZERO
        self.working_values = Amounts()
        self.roll(None)

    def roll(self, day: date | None) -> None:
        """Begin a trading day."""
        self.day = day
        self.executed_quantity = ZERO
        self.executed_values = Amounts()
        self.orders = 0
        self.with_fills: set[int] = set()
        self.executed_before = 0
        self.messages = {"modify": 0, "cancel": 0}

    def is_on(self, at: datetime) -> bool:
        """Whether this is the day of a moment; it is rolled forward if that lies on a later one."""
        since, until, today = self._clock.hour
        when = today if since <= at < until else self._clock.day_of(at)
        if when is self.day:
            return True
        if self.day is None or when > self.day:
            self.roll(when)
        return self.day == when

    def works(self, currency: str, quantity: Decimal, value: Decimal) -> None:
        """Working orders can fill so much more, or less."""
        self.working_quantity += quantity
        self.working_values.add(currency, value)

    def fill(self, currency: str, traded: Traded, at: datetime) -> None:
        """So much was executed at that moment; corrections may be negative."""
        if self.is_on(at):
            self.executed_quantity += traded.quantity
            self.executed_values.add(currency, traded.value)

    def executed(self, order_id: int, at: datetime) -> None:
        """An order had a fill at that moment."""
        if self.is_on(at):
            self.with_fills.add(order_id)

    def sent(self, at: datetime) -> None:
        """An order was sent now."""
        self.is_on(at)
        self.orders += 1


class _Alike(NamedTuple):
    """What orders of one currency do to a budget's day, each event as a whole."""

    day: _Day
    currency: str

    def sent(self, quantity: Decimal, value: Decimal, at: datetime) -> None:
        """An order was sent now, and can fill so much."""
        day = self.day
        day.sent(at)
        day.working_quantity += quantity
        day.working_values.add(self.currency, value)

    def filled(self, order_id: int, traded: Traded, freed: Decimal, value: Decimal) -> None:
        """An order had a fill, and can fill so much less."""
        day, currency = self
        if day.is_on(traded.heard):
            day.with_fills.add(order_id)
            day.executed_quantity += traded.quantity
            day.executed_values.add(currency, traded.value)
        day.working_quantity -= freed
        day.working_values.add(currency, -value)

    def ended(self, freed: Decimal, value: Decimal) -> None:
        """An order works no more, and could have filled so much."""
        day, currency = self
        day.works(currency, -freed, -value)


class DayCounter:
    """Orders and executions of the trading day, and working orders, of every budget of a rule.

    Where the clock has stepped back over the beginning of the day, the day that had begun goes on.
    """

    def __init__(self, tally: DayTally, per: tuple[str, ...]) -> None:
        self._budget_of = telling_apart(per)
        self._currency = tally.currency
        self._clock = _Clock(tally)
        self.day_of = self._clock.day_of
        self._days: defaultdict[object, _Day] = defaultdict(partial(_Day, self._clock))

    def of(self, subject: Subject) -> Budget:
        """What is told of one subject's orders again and again."""
        alike = _Alike(self._days[self._budget_of(subject)], subject.currency)
        return Budget(alike.sent, alike.filled, alike.ended)

    def claim(self, subject: Subject, before: Claim, after: Claim) -> None:
        """The remainder of a working order changed."""
        quantity, value = after.quantity - before.quantity, after.value - before.value
        self._days[self._budget_of(subject)].works(subject.currency, quantity, value)

    def fill(self, subject: Subject, traded: Traded, at: datetime) -> None:
        """So much was executed at that moment; corrections may be negative."""
        self._days[self._budget_of(subject)].fill(subject.currency, traded, at)

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
        self._days[self._budget_of(subject)].executed(order_id, at)

    def sent(self, subject: Subject, at: datetime) -> None:
        """An order was sent now."""
        self._days[self._budget_of(subject)].sent(at)

    def never_sent(self, subject: Subject, at: datetime) -> None:
        """What counted as sent at that moment never left."""
        day = self._days[self._budget_of(subject)]
        if day.is_on(at):
            day.orders -= 1

    def earlier(
        self, subject: Subject, executed: tuple[Decimal, Decimal], orders: int, at: datetime
    ) -> None:
        """What is known only as a sum of that day: quantity, policy money, orders."""
        day = self._days[self._budget_of(subject)]
        if day.is_on(at):
            day.executed_quantity += executed[0]
            day.executed_values.add(self._currency, executed[1])
            day.orders += orders
            day.executed_before += orders

    def read(self, question: Question) -> DayReading:
        """The budget's sums on the trading day of that moment."""
        day = self._days.get(self._budget_of(question.asked.subject))
        if day is None:
            return DayReading()
        working = day.working_quantity, day.working_values.copy()
        if day.day is None or self.day_of(question.at) > day.day:
            return DayReading(ZERO, {}, *working)
        return DayReading(
            day.executed_quantity,
            day.executed_values.by_currency.copy(),
            *working,
            day.orders,
            len(day.with_fills) + day.executed_before,
            day.messages["modify"],
            day.messages["cancel"],
        )

    def _roll(self, subject: Subject, at: datetime) -> _Day:
        """The budget's day, rolled forward if the moment lies on a later one."""
        day = self._days[self._budget_of(subject)]
        day.is_on(at)
        return day
