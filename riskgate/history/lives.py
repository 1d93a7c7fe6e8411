"""What orders of a history do to the book: sent, filled once, ended, and then forgotten.

Rule 1: the counters and holdings are the gate's own, and are told what `ledger.book` tells them of
such an order; nothing else of it is kept. A test holds the two against each other.
Rule 2: an order of a history is plain: one version of its terms, in no group, never modified.
Rule 3: who hears of orders alike is found once for all of them.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Final

import msgspec

from riskgate.ledger.book import Book
from riskgate.ledger.counters.news import Budget, Claim, HearsAlike, Mention, Traded
from riskgate.ledger.counting import Listening
from riskgate.ledger.deeds import is_counted
from riskgate.ledger.holdings import Cell
from riskgate.ledger.legs import NOTHING_CLAIMED
from riskgate.model.decision import Action, Decision
from riskgate.model.instructions import PLAIN
from riskgate.model.instrument import Instrument
from riskgate.model.lifecycle import Status
from riskgate.model.money import ZERO
from riskgate.model.order import Order
from riskgate.model.snapshot import Snapshot
from riskgate.model.subject import Subject, subject_of

WARN: Final = Action.WARN
REJECTED: Final = Status.REJECTED
_made: Final = tuple.__new__  # a named tuple's own constructor takes twice as long


class _Alike(msgspec.Struct, frozen=True, gc=False):
    """What orders alike touch of the book, and who hears of them."""

    instrument: Instrument
    subject: Subject
    told: Listening
    cells: list[Cell]
    budgets: tuple[Budget, ...]


class _Life(msgspec.Struct):
    """An order that works: what it is, what a unit is worth, what it holds of the book."""

    order: Order
    alike: _Alike
    row: int
    sent: datetime
    opens: bool
    unit_value: Decimal
    quantity: Decimal
    value: Decimal
    filled: bool = False

    def free(self, left: Decimal) -> tuple[Decimal, Decimal]:
        """It can still fill so much; how much less that is, and what that is worth."""
        before, value = self.quantity, self.value
        self.quantity = left
        if not left:
            self.value = ZERO
            return before, value
        self.value = left * self.unit_value
        return before - left, value - self.value

    def claim(self) -> Claim:
        """As counters are told of it."""
        order, quantity, value = self.order, self.quantity, self.value
        reach = order.limit_price if order.instructions is PLAIN else order.reach
        margin = self.alike.instrument.margin_of(value)
        # By place: in no group; the last, alive.
        parts = (self.row, quantity, value, margin, self.opens, self.filled, (reach,), self.sent)
        claim: Claim = _made(Claim, (*parts, 0, bool(quantity)))
        return claim


class Lives:
    """The working orders of one account's day, in its book."""

    def __init__(self, book: Book) -> None:
        self._counting = book.counting
        self._holdings = book.holdings
        self._facts = book.facts
        self._alive: dict[int, _Life] = {}
        self._known: dict[Subject, _Alike] = {}

    def decided(
        self, row: int, decision: Decision, snapshot: Snapshot, instrument: Instrument
    ) -> None:
        """An order was decided: it is sent, held, or denied."""
        order, at = decision.order, decision.as_of
        if order is None:
            return
        if snapshot.account is not None:
            self._facts.account(snapshot.account)
        subject = snapshot.subject if snapshot.instrument else subject_of(order, instrument)
        alike = self._known.get(subject)
        if alike is None or alike.instrument is not instrument:
            alike = self._met(subject, instrument)
        told, mention = alike.told, _made(Mention, (subject, order, 0, 0))
        if decision.action > WARN:
            _say_no(told, decision, mention)
            return
        for day in told.days:
            day.sent(subject, at)
        for hears in told.messages:
            hears.message("new", mention, at)
        worth, quantity = snapshot.reserve_value(order), order.quantity
        value = quantity * worth
        life = _Life(order, alike, row, at, not decision.reduction, worth, quantity, value)
        self._alive[row] = life
        self._holdings.moved(alike.cells, order.side, ZERO, quantity)
        for budget in alike.budgets:
            budget.sent(quantity, value, at)
        for counter in told.claims:
            counter.claim(subject, NOTHING_CLAIMED, life.claim())

    def filled(
        self, row: int, quantity: Decimal, price: Decimal, at: datetime, *, over: bool = False
    ) -> None:
        """All that an order was ever filled; then it is `over`, or works on."""
        life = self._alive[row]
        alike = life.alike
        told, instrument = alike.told, alike.instrument
        before = life.claim() if told.claims else NOTHING_CLAIMED
        freed, value = life.free(ZERO if over else life.quantity - quantity)
        life.filled = True
        self._holdings.moved(alike.cells, life.order.side, quantity, -freed)
        if told.fills or alike.budgets:
            worth = quantity * abs(price) * instrument.multiplier
            margin = instrument.margin_of(worth)
            traded = _made(Traded, (quantity, worth, margin, life.opens, at))
            for budget in alike.budgets:
                budget.filled(row, traded, freed, value)
            for counter in told.fills:
                counter.fill(alike.subject, traded, at)
        for day in told.days:
            day.executed(alike.subject, row, at)
        self._hold(life, before)

    def ended(self, row: int, status: Status, at: datetime) -> None:
        """An order works no more."""
        life = self._alive[row]
        alike = life.alike
        if status is REJECTED:
            _say(alike.told, "rejected", _made(Mention, (alike.subject, life.order, 0, 0)), at)
        before = life.claim() if alike.told.claims else NOTHING_CLAIMED
        freed, value = life.free(ZERO)
        self._holdings.moved(alike.cells, life.order.side, ZERO, -freed)
        for budget in alike.budgets:
            budget.ended(freed, value)
        self._hold(life, before)

    def _hold(self, life: _Life, before: Claim) -> None:
        """An order holds less than before; one that holds nothing is forgotten."""
        if not life.quantity:
            del self._alive[life.row]
        for counter in life.alike.told.claims:
            counter.claim(life.alike.subject, before, life.claim())

    def _met(self, subject: Subject, instrument: Instrument) -> _Alike:
        """Orders alike, met for the first time."""
        told = self._counting.listening(subject)
        cells = self._holdings.touching(subject, instrument)
        found_beforehand = [day for day in told.days if isinstance(day, HearsAlike)]
        budgets = tuple(day.of(subject) for day in found_beforehand)
        days: list[object] = [*found_beforehand]
        # Of messages they hear what no order of a history is: modifies and cancels.
        others = Listening(
            tuple(one for one in told.claims if one not in days),
            tuple(one for one in told.fills if one not in days),
            tuple(one for one in told.days if one not in days),
            tuple(one for one in told.messages if one not in days),
        )
        self._known[subject] = found = _Alike(instrument, subject, others, cells, budgets)
        return found


def _say_no(told: Listening, decision: Decision, mention: Mention) -> None:
    """An order does not leave: it was held, or denied for a reason of its own."""
    held = decision.action is Action.HOLD
    if held or is_counted(decision):
        _say(told, "held" if held else "denied", mention, decision.as_of)


def _say(told: Listening, what: str, mention: Mention, at: datetime) -> None:
    """A message was sent, or something was said of an order."""
    for counter in told.messages:
        counter.message(what, mention, at)
