"""Which counters a policy set needs, which of them an order or a holding touches, and telling them.

Rule 1: equal counters are kept once, however many rules read them.
Rule 2: counters of holdings are found by the part of a selector that narrows holdings; counters of
orders and messages by the whole selector (semantics.md, section 4).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal

from riskgate.ledger.counters import Asked, Counter, DayCounter, HoldingsCounter, WindowCounter
from riskgate.model.readings import Holding, Reading
from riskgate.model.subject import Subject
from riskgate.policy.policies import Bound, PolicySet
from riskgate.policy.selectors import Index, Selector
from riskgate.rulekit.matching import Names
from riskgate.rulekit.tallies import DayTally, HoldingsTally, Tally

Place = tuple[Selector, tuple[str, ...], Tally]


class Counting:
    """All counters of one policy set."""

    def __init__(self, policies: PolicySet) -> None:
        made: dict[Place, Counter] = {}
        self._of_rule: dict[str, Counter] = {}
        for bound in policies.bounds:
            if bound.tally is not None:
                place = _place(bound, bound.tally)
                counter = made.setdefault(place, _counter(place))
                self._of_rule[bound.name] = counter
        places = made.items()
        self._holdings = Index((p[0], c) for p, c in places if isinstance(c, HoldingsCounter))
        self._days = Index((p[0], c) for p, c in places if isinstance(c, DayCounter))
        self._windows = Index((p[0], c) for p, c in places if isinstance(c, WindowCounter))
        self.valued = any(isinstance(c, HoldingsCounter) and c.valued for c in made.values())
        self.by_strategy = any(
            isinstance(c, HoldingsCounter) and c.by_strategy for c in made.values()
        )

    def holding(
        self, cell: Subject, holding: Holding, unit_mark: Decimal | None, *, by_strategy: bool
    ) -> None:
        """A holding of an account and instrument changed, as a whole or that of one strategy."""
        for counter in self._holdings.find(cell):
            if counter.by_strategy is by_strategy:
                counter.post(cell, holding, unit_mark)

    def working(self, subject: Subject, quantity: Decimal, value: Decimal) -> None:
        """The remainder of working orders changed by so much."""
        for counter in self._days.find(subject):
            counter.working(subject, quantity, value)

    def fill(self, subject: Subject, amounts: tuple[Decimal, Decimal], at: datetime) -> None:
        """So much quantity, worth so much, was executed."""
        for counter in self._days.find(subject):
            counter.fill(subject, amounts[0], amounts[1], at)

    def executed(self, subject: Subject, order_id: int, at: datetime) -> None:
        """An order had a fill."""
        for counter in self._days.find(subject):
            counter.executed(subject, order_id, at)

    def sent(self, subject: Subject, at: datetime) -> None:
        """A new order was sent."""
        for counter in self._days.find(subject):
            counter.sent(subject, at)

    def never_sent(self, subject: Subject, at: datetime) -> None:
        """An order that counted as sent at that moment never left."""
        for counter in self._days.find(subject):
            counter.never_sent(subject, at)

    def earlier(
        self, subject: Subject, executed: tuple[Decimal, Decimal], orders: int, at: datetime
    ) -> None:
        """What is known of the day only as a sum."""
        for counter in self._days.find(subject):
            counter.earlier(subject, executed, orders, at)

    def message(self, what: str, asked: Asked, at: datetime) -> None:
        """A message was sent (`new`, `modify`, `cancel`), or an order `held`."""
        for counter in self._windows.find(asked[0]):
            counter.post(what, asked, at)

    def readings(
        self,
        bounds: tuple[Bound, ...],
        asked: Asked,
        holdings: tuple[Holding, Holding],
        at: datetime,
    ) -> Iterator[tuple[str, Reading]]:
        """What each rule reads; `holdings` are the order's own, of all and of its strategy."""
        subject = asked[0]
        for bound in bounds:
            counter = self._of_rule.get(bound.name)
            if isinstance(counter, HoldingsCounter):
                yield bound.name, counter.read(subject, holdings[counter.by_strategy])
            elif isinstance(counter, DayCounter):
                yield bound.name, counter.read(subject, at)
            elif counter is not None:
                yield bound.name, counter.read(asked, at)


def _place(bound: Bound, tally: Tally) -> Place:
    if isinstance(tally, HoldingsTally):
        keys = (*bound.selector.of_holdings().keys, *_strategy(bound))
        return Selector(keys), tuple(sorted(bound.per)), tally
    return bound.selector, tuple(sorted(bound.per)), tally


def _strategy(bound: Bound) -> tuple[tuple[str, Names], ...]:
    """A selector's strategy narrows a sum of holdings only if it is in `per`."""
    return bound.selector.narrowed(("strategy",)).keys if "strategy" in bound.per else ()


def _counter(place: Place) -> Counter:
    _, per, tally = place
    if isinstance(tally, HoldingsTally):
        return HoldingsCounter(tally, per)
    if isinstance(tally, DayTally):
        return DayCounter(tally, per)
    return WindowCounter(tally, per)
