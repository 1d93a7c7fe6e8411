"""The running sums that rules read: one counter for each thing that is counted.

Rule 1: a counter is told what changed and adds it up; nobody ever scans orders to answer.
Rule 2: a cell belongs to one budget: the values of the rule's `per` keys.
Rule 3: sums are exact: what was posted is taken back to the last digit.
"""

from __future__ import annotations

from collections import defaultdict, deque
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Final, TypeVar
from zoneinfo import ZoneInfo

from riskgate.model.money import ZERO
from riskgate.model.order import Order
from riskgate.model.readings import CountReading, DayReading, Holding, HoldingsReading
from riskgate.model.subject import Subject, telling_apart
from riskgate.rulekit.tallies import DayTally, HoldingsTally, WindowTally

Key = tuple[str, ...]
Likeness = tuple[object, ...]
Asked = tuple[Subject, Order, int]  # an order, as selectors see it and as stated, and its parent
K = TypeVar("K")
Part = tuple[Decimal, Decimal, str]
NO_PART: Final[Part] = (ZERO, ZERO, "")


class _Amounts:
    """Sums of money by currency."""

    def __init__(self) -> None:
        self.by_currency: dict[str, Decimal] = {}

    def add(self, currency: str, amount: Decimal) -> None:
        if amount:
            self.by_currency[currency] = self.by_currency.get(currency, ZERO) + amount

    def less(self, currency: str, amount: Decimal) -> dict[str, Decimal]:
        """A copy without some amount of one currency, and without zeros."""
        rest = self.by_currency
        if amount:
            rest = {**rest, currency: rest.get(currency, ZERO) - amount}
        return {name: value for name, value in rest.items() if value}


class _Budget:
    """The holdings of one budget: what each adds on either side, and their sums."""

    def __init__(self) -> None:
        self.quantities: dict[Key, tuple[Decimal, Decimal]] = {}
        self.values: dict[Key, Part] = {}
        self.longs = self.shorts = ZERO
        self.long_values, self.short_values = _Amounts(), _Amounts()
        self.unmarked_longs: set[Key] = set()
        self.unmarked_shorts: set[Key] = set()

    def put(self, cell: Key, holding: Holding) -> None:
        """Replace what a holding adds to the sums, in units."""
        before = self.quantities.get(cell, (ZERO, ZERO))
        now = (max(ZERO, holding.long_worst), max(ZERO, -holding.short_worst))
        self.quantities[cell] = now
        self.longs += now[0] - before[0]
        self.shorts += now[1] - before[1]

    def value(self, cell: Key, unit_mark: Decimal | None, currency: str) -> None:
        """Replace what a holding adds to the sums, in money; without a mark it is unmarked."""
        longs, shorts = self.quantities.get(cell, (ZERO, ZERO))
        before = self.values.get(cell, NO_PART)
        self.long_values.add(before[2], -before[0])
        self.short_values.add(before[2], -before[1])
        for unmarked, quantity in (self.unmarked_longs, longs), (self.unmarked_shorts, shorts):
            unmarked.discard(cell)
            if unit_mark is None and quantity:
                unmarked.add(cell)
        if unit_mark is None:
            self.values[cell] = NO_PART
            return
        now = (longs * unit_mark, shorts * unit_mark, currency)
        self.values[cell] = now
        self.long_values.add(currency, now[0])
        self.short_values.add(currency, now[1])


class HoldingsCounter:
    """Worst-case holdings of every budget of one rule."""

    def __init__(self, tally: HoldingsTally, per: tuple[str, ...]) -> None:
        self.valued = tally.valued
        self.by_strategy = "strategy" in per
        self._budget_of = telling_apart(name for name in per if name != "side")
        self._budgets: defaultdict[object, _Budget] = defaultdict(_Budget)

    def post(self, cell: Subject, holding: Holding, unit_mark: Decimal | None) -> None:
        """A holding changed, or its mark did."""
        budget = self._budgets[self._budget_of(cell)]
        key = self._cell(cell)
        budget.put(key, holding)
        if self.valued:
            budget.value(key, unit_mark, cell.currency)

    def read(self, subject: Subject, own: Holding) -> HoldingsReading:
        """The order's own holding, and the rest of its budget."""
        budget = self._budgets.get(self._budget_of(subject))
        if budget is None:
            return HoldingsReading(own)
        key = self._cell(subject)
        longs, shorts = budget.quantities.get(key, (ZERO, ZERO))
        part = budget.values.get(key, NO_PART)
        return HoldingsReading(
            own,
            budget.longs - longs,
            budget.shorts - shorts,
            budget.long_values.less(part[2], part[0]),
            budget.short_values.less(part[2], part[1]),
            _instruments(budget.unmarked_longs, key),
            _instruments(budget.unmarked_shorts, key),
        )

    def _cell(self, subject: Subject) -> Key:
        strategy = subject.strategy if self.by_strategy else ""
        return (subject.account, subject.instrument, strategy)


def _instruments(cells: set[Key], but: Key) -> tuple[str, ...]:
    return tuple(sorted(cell[1] for cell in cells if cell != but)) if cells else ()


class _Day:
    """One budget's sums: those of the trading day, and those of working orders."""

    def __init__(self) -> None:
        self.day: date | None = None
        self.working_quantity = ZERO
        self.working_values = _Amounts()
        self.roll(None)

    def roll(self, day: date | None) -> None:
        """Begin a trading day."""
        self.day = day
        self.executed_quantity = ZERO
        self.executed_values = _Amounts()
        self.sent = 0
        self.executed: set[int] = set()
        self.executed_before = 0


@lru_cache(maxsize=64)
def _trading_day(zone: ZoneInfo, starts: timedelta, second: datetime) -> date:
    """One answer for all counters of a decision; no day begins inside a second."""
    local = second.astimezone(zone).replace(tzinfo=None)
    return (local - starts).date()


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

    def day_of(self, at: datetime) -> date:
        """The trading day of a moment: from `day_starts` to the next, on the zone's clocks."""
        return _trading_day(self._zone, self._starts, at.replace(microsecond=0))

    def working(self, subject: Subject, quantity: Decimal, value: Decimal) -> None:
        """The remainder of working orders changed by so much; `value` in the currency."""
        day = self._days[self._budget_of(subject)]
        day.working_quantity += quantity
        day.working_values.add(subject.currency, value)

    def fill(self, subject: Subject, quantity: Decimal, value: Decimal, at: datetime) -> None:
        """So much was executed at that moment; corrections may be negative."""
        day = self._on(subject, at)
        if day is not None:
            day.executed_quantity += quantity
            day.executed_values.add(subject.currency, value)

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

    def read(self, subject: Subject, at: datetime) -> DayReading:
        """The budget's sums on the trading day of that moment."""
        day = self._days.get(self._budget_of(subject))
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


class WindowCounter:
    """Messages inside a sliding window `(t - w, t]`, alike in some fields.

    Where the clock has stepped back by less than the window, the window ends at the newest
    message; where by more, the messages move to now. So stepping back neither forgets a message
    nor makes room for one, nor bars anybody for longer than a window.
    """

    def __init__(self, tally: WindowTally, per: tuple[str, ...]) -> None:
        self._tally = tally
        named = [name for name in tally.same if name in Subject._fields]
        self._named_alike = telling_apart((*per, *named))
        self._stated_alike = telling_apart(name for name in tally.same if name not in named)
        self._messages: deque[tuple[datetime, Likeness, int]] = deque()
        self._alike: dict[Likeness, int] = {}
        self._siblings: dict[tuple[Likeness, int], int] = {}

    def post(self, what: str, asked: Asked, at: datetime) -> None:
        """A message was sent, or an order held."""
        if what not in self._tally.counts:
            return
        self._pass_to(at)
        newest = self._messages[-1][0] if self._messages else at
        key, parent = self._key(asked), asked[2]
        self._add(key, parent, 1)
        self._messages.append((max(at, newest), key, parent))

    def read(self, asked: Asked, at: datetime) -> CountReading:
        """How many are inside the window that ends at that moment."""
        self._pass_to(at)
        key, parent = self._key(asked), asked[2]
        own = 0 if self._tally.siblings else self._siblings.get((key, parent), 0)
        return CountReading(self._alike.get(key, 0) - own)

    def _pass_to(self, at: datetime) -> None:
        """Forget what has left the window that ends at that moment."""
        if self._messages and self._messages[-1][0] - at >= self._tally.window:
            moved = ((min(when, at), key, parent) for when, key, parent in self._messages)
            self._messages = deque(moved)
        while self._messages and self._messages[0][0] <= at - self._tally.window:
            _, key, parent = self._messages.popleft()
            self._add(key, parent, -1)

    def _add(self, key: Likeness, parent: int, count: int) -> None:
        """Count a message in or out; nothing is kept of what counts zero."""
        _tick(self._alike, key, count)
        if parent:
            _tick(self._siblings, (key, parent), count)

    def _key(self, asked: Asked) -> Likeness:
        return (self._named_alike(asked[0]), self._stated_alike(asked[1]))


def _tick(counts: dict[K, int], key: K, by: int) -> None:
    left = counts.get(key, 0) + by
    if left:
        counts[key] = left
    else:
        del counts[key]


Counter = HoldingsCounter | DayCounter | WindowCounter
