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
from riskgate.ledger.deeds import is_counted
from riskgate.ledger.life import NOTHING_CLAIMED
from riskgate.model.decision import Action, Decision
from riskgate.model.instrument import Instrument
from riskgate.model.lifecycle import Status
from riskgate.model.money import ZERO
from riskgate.model.order import Order, Side
from riskgate.model.snapshot import Snapshot
from riskgate.model.subject import Subject, subject_of


class _Life(msgspec.Struct):
    """An order that works: what it is, what can still fill, and what it holds of the book."""

    order: Order
    instrument: Instrument
    subject: Subject
    unit_value: Decimal
    left: Decimal
    claim: Claim


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
        mention = Mention(subject, order)
        if not decision.allowed:
            held = decision.action is Action.HOLD
            if held or is_counted(decision):
                self._counting.message("held" if held else "denied", mention, at)
            return
        self._counting.sent(subject, at)
        self._counting.message("new", mention, at)
        worth, quantity = snapshot.reserve_value(order), order.quantity
        value = quantity * worth
        rate = instrument.margin_rate
        claim = Claim(
            row,
            quantity,
            value,
            value if rate is None else value * rate,
            not decision.reduction,
            False,  # filled
            (order.reach,),
            at,
            0,
            True,  # alive
        )
        self._alive[row] = _Life(order, instrument, subject, worth, quantity, claim)
        self._holdings.reserved(subject, instrument, order.side, quantity)
        self._counting.claim(subject, NOTHING_CLAIMED, claim)

    def filled(self, row: int, quantity: Decimal, price: Decimal, at: datetime) -> None:
        """All that an order was ever filled."""
        life = self._alive[row]
        subject, instrument, before = life.subject, life.instrument, life.claim
        signed = quantity if life.order.side is Side.BUY else -quantity
        self._holdings.filled(subject, instrument, signed)
        value = quantity * abs(price) * instrument.multiplier
        rate = instrument.margin_rate
        margin = value if rate is None else value * rate
        self._counting.fill(subject, Traded(quantity, value, margin, before.opens, at), at)
        self._counting.executed(subject, row, at)
        self._hold(row, life, life.left - quantity, filled=True)

    def ended(self, row: int, status: Status, at: datetime) -> None:
        """An order works no more."""
        life = self._alive[row]
        if status is Status.REJECTED:
            self._counting.message("rejected", Mention(life.subject, life.order), at)
        self._hold(row, life, ZERO, filled=life.claim.filled)

    def _hold(self, row: int, life: _Life, left: Decimal, *, filled: bool) -> None:
        """So much of an order can still fill; without any it is forgotten."""
        value, rate = left * life.unit_value, life.instrument.margin_rate
        claim = life.claim._replace(
            quantity=left,
            value=value,
            margin=value if rate is None else value * rate,
            filled=filled,
            alive=left > ZERO,
        )
        self._holdings.reserved(life.subject, life.instrument, life.order.side, left - life.left)
        self._counting.claim(life.subject, life.claim, claim)
        life.left, life.claim = left, claim
        if not left:
            del self._alive[row]
