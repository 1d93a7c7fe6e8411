"""What orders of a history do to the book: sent, filled once, ended, and then forgotten.

Rule 1: the counters and holdings are the gate's own, and are told what `ledger.book` tells them of
such an order; nothing else of it is kept. A test holds the two against each other.
Rule 2: an order of a history is plain: one version of its terms, in no group, never modified.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import msgspec

from riskgate.ledger.book import Book
from riskgate.ledger.counters.news import Claim, Mention, Traded
from riskgate.ledger.counting import Listening
from riskgate.ledger.deeds import is_counted
from riskgate.ledger.holdings import Cell
from riskgate.ledger.life import NOTHING_CLAIMED
from riskgate.model.decision import Action, Decision
from riskgate.model.instrument import Instrument
from riskgate.model.lifecycle import Status
from riskgate.model.money import ZERO
from riskgate.model.order import Order
from riskgate.model.snapshot import Snapshot
from riskgate.model.subject import Subject, subject_of


class _Life(msgspec.Struct):
    """An order that works: what it is, what it holds of the book, and who hears of it."""

    order: Order
    instrument: Instrument
    subject: Subject
    unit_value: Decimal
    claim: Claim
    told: Listening
    cells: list[Cell]


class Lives:
    """The working orders of one account's day, in its book."""

    def __init__(self, book: Book) -> None:
        self._counting = book.counting
        self._holdings = book.holdings
        self._facts = book.facts
        self._alive: dict[int, _Life] = {}

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
        mention, told = Mention(subject, order), self._counting.listening(subject)
        if not decision.allowed:
            held = decision.action is Action.HOLD
            if held or is_counted(decision):
                _say(told, "held" if held else "denied", mention, at)
            return
        for day in told.days:
            day.sent(subject, at)
        _say(told, "new", mention, at)
        worth, quantity = snapshot.reserve_value(order), order.quantity
        value = quantity * worth
        rate = instrument.margin_rate
        margin = value if rate is None else value * rate
        # By place, for it is made three times of each order: not filled yet, no group, alive.
        limits = (order.reach,)
        claim = Claim(
            row, quantity, value, margin, not decision.reduction, False, limits, at, 0, True
        )
        cells = self._holdings.touching(subject, instrument)
        self._alive[row] = _Life(order, instrument, subject, worth, claim, told, cells)
        self._holdings.moved(cells, order.side, ZERO, quantity)
        for counter in told.claims:
            counter.claim(subject, NOTHING_CLAIMED, claim)

    def filled(self, row: int, quantity: Decimal, price: Decimal, at: datetime) -> None:
        """All that an order was ever filled."""
        life = self._alive[row]
        subject, instrument, told = life.subject, life.instrument, life.told
        self._holdings.moved(life.cells, life.order.side, quantity, -quantity)
        value = quantity * abs(price) * instrument.multiplier
        rate = instrument.margin_rate
        margin = value if rate is None else value * rate
        traded = Traded(quantity, value, margin, life.claim.opens, at)
        for counter in told.fills:
            counter.fill(subject, traded, at)
        for day in told.days:
            day.executed(subject, row, at)
        self._hold(row, life, life.claim.quantity - quantity, filled=True)

    def ended(self, row: int, status: Status, at: datetime) -> None:
        """An order works no more."""
        life = self._alive[row]
        if status is Status.REJECTED:
            _say(life.told, "rejected", Mention(life.subject, life.order), at)
        left = life.claim.quantity
        self._holdings.moved(life.cells, life.order.side, ZERO, -left)
        self._hold(row, life, ZERO, filled=life.claim.filled)

    def _hold(self, row: int, life: _Life, left: Decimal, *, filled: bool) -> None:
        """So much of an order can still fill; without any it is forgotten."""
        before, rate = life.claim, life.instrument.margin_rate
        value = left * life.unit_value if left else ZERO
        margin = value if rate is None else value * rate
        _, _, _, _, opens, _, limits, sent, group, _ = before
        alive = left > ZERO
        claim = Claim(row, left, value, margin, opens, filled, limits, sent, group, alive)
        for counter in life.told.claims:
            counter.claim(life.subject, before, claim)
        life.claim = claim
        if not left:
            del self._alive[row]


def _say(told: Listening, what: str, mention: Mention, at: datetime) -> None:
    """A message was sent, or something was said of an order."""
    for counter in told.messages:
        counter.message(what, mention, at)
