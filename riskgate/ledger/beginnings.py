"""How an order's record in the book begins: with what was decided of it.

Rule 1: everything here comes from the decision that is on record; nobody else is asked.
"""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from typing import Final

import msgspec

from riskgate.analytics.slippage import arrival_price
from riskgate.ledger.legs import legs_of
from riskgate.ledger.life import NOBODY, Life
from riskgate.ledger.timeline import Timeline
from riskgate.model.events import Decided
from riskgate.model.instrument import Instrument
from riskgate.model.lifecycle import Status
from riskgate.model.order import Order
from riskgate.model.subject import Subject, subject_of

MOST_REMEMBERED: Final = 4_096


def _stated(order: Order | None) -> Subject:
    """As much as an order says itself where its instrument is not known."""
    if order is None:
        return NOBODY
    return Subject(
        account=order.account or "",
        strategy=order.strategy or "",
        symbol=order.symbol,
        sec_type=order.sec_type or "",
        exchange=order.exchange or "",
        currency=order.currency or "",
        side=order.side,
        order_type=order.order_type,
        tif=order.tif,
        tag=order.tag or "",
    )


def _subject(event: Decided, instrument: Instrument | None) -> Subject:
    """Its names, as they were looked at where anybody looked."""
    order, snapshot = event.decision.order, event.snapshot
    if order is None or instrument is None:
        return _stated(order)
    looked = snapshot is not None and snapshot.subject.instrument == instrument.key
    return _one(snapshot.subject if snapshot and looked else subject_of(order, instrument))


@lru_cache(maxsize=MOST_REMEMBERED)
def _one(subject: Subject) -> Subject:
    """The names of all orders alike: a book that keeps them once is smaller by as many."""
    return subject


def _as_stated(event: Decided) -> Order | None:
    """The terms without the venue that the gate chose: the same terms may be routed otherwise."""
    order = event.decision.order
    if order is None or event.snapshot is None or not event.snapshot.routed:
        return order
    return msgspec.structs.replace(order, exchange=None)


def begun(event: Decided, status: Status, at: datetime, known: Instrument | None = None) -> Life:
    """A new order, as it was decided."""
    decision, snapshot = event.decision, event.snapshot
    order = decision.order
    instrument = known if snapshot is None else snapshot.instrument
    quote = None if snapshot is None else snapshot.quote
    timeline = Timeline(at) if quote is None else Timeline(at, quote.bid, quote.ask)
    life = Life(
        order_id=event.order_id,
        ref=event.ref,
        text=event.text,
        order=order,
        decision=decision,
        status=status,
        created_at=at,
        timeline=timeline,
        stated=_as_stated(event),
        arrival=arrival_price(quote),
        instrument=instrument,
        subject=_subject(event, instrument),
        legs=legs_of(order, instrument, snapshot),
    )
    life.actor = event.actor
    if event.parent or event.plan is not None:
        life.parent, life.plan = event.parent, event.plan
    if event.group or event.bracket or event.oca or event.block:
        life.group, life.bracket = event.group, event.bracket
        life.oca, life.block = event.oca, event.block
    if snapshot is not None and snapshot.submission is not None:
        life.group_intent = snapshot.submission.intent
    life.emergency = event.emergency
    if decision.breaches:
        life.reason = "; ".join(decision.by)
    return life
