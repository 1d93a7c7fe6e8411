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
    unit_value: Decimal
    claim: Claim


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
        for budget in alike.budgets:
            budget.sent(at)
        for day in told.days:
            day.sent(subject, at)
        for hears in told.messages:
            hears.message("new", mention, at)
        worth, quantity = snapshot.reserve_value(order), order.quantity
        value = quantity * worth
        rate = instrument.margin_rate
        margin = value if rate is None else value * rate
        # By place: not filled yet, no group, alive.
        reach = order.limit_price if order.instructions is PLAIN else order.reach
        limits, opens = (reach,), not decision.reduction
        claim: Claim = _made(
            Claim, (row, quantity, value, margin, opens, False, limits, at, 0, True)
        )
        self._alive[row] = _Life(order, alike, worth, claim)
        self._holdings.moved(alike.cells, order.side, ZERO, quantity)
        for budget in alike.budgets:
            budget.claim(NOTHING_CLAIMED, claim)
        for counter in told.claims:
            counter.claim(subject, NOTHING_CLAIMED, claim)

    def filled(
        self, row: int, quantity: Decimal, price: Decimal, at: datetime, *, over: bool = False
    ) -> None:
        """All that an order was ever filled; then it is `over`, or works on."""
        life = self._alive[row]
        alike, before = life.alike, life.claim
        told = alike.told
        left = before.quantity - quantity
        if over or not left:
            left, freed = ZERO, before.quantity
        else:
            freed = quantity
        self._holdings.moved(alike.cells, life.order.side, quantity, -freed)
        budgets = alike.budgets
        if told.fills or budgets:
            instrument = alike.instrument
            value = quantity * abs(price) * instrument.multiplier
            rate = instrument.margin_rate
            margin = value if rate is None else value * rate
            traded = _made(Traded, (quantity, value, margin, before.opens, at))
            for budget in budgets:
                budget.fill(traded, at)
                budget.executed(row, at)
            for counter in told.fills:
                counter.fill(alike.subject, traded, at)
        for day in told.days:
            day.executed(alike.subject, row, at)
        self._hold(row, life, left, filled=True)

    def ended(self, row: int, status: Status, at: datetime) -> None:
        """An order works no more."""
        life = self._alive[row]
        alike, claim = life.alike, life.claim
        if status is REJECTED:
            _say(alike.told, "rejected", _made(Mention, (alike.subject, life.order, 0, 0)), at)
        self._holdings.moved(alike.cells, life.order.side, ZERO, -claim.quantity)
        self._hold(row, life, ZERO, filled=claim.filled)

    def _hold(self, row: int, life: _Life, left: Decimal, *, filled: bool) -> None:
        """So much of an order can still fill; without any it is forgotten."""
        before, value, margin, alive = life.claim, ZERO, ZERO, False
        if left is ZERO:
            del self._alive[row]
        else:
            value, rate, alive = left * life.unit_value, life.alike.instrument.margin_rate, True
            margin = value if rate is None else value * rate
        _, _, _, _, opens, _, limits, sent, group, _ = before
        claim: Claim = _made(
            Claim, (row, left, value, margin, opens, filled, limits, sent, group, alive)
        )
        alike = life.alike
        for budget in alike.budgets:
            budget.claim(before, claim)
        for counter in alike.told.claims:
            counter.claim(alike.subject, before, claim)
        life.claim = claim

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
