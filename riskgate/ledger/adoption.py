"""Orders from before the story begins, as a policy test or a state file gives them."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from riskgate.ledger.beginnings import begun
from riskgate.ledger.book import Book
from riskgate.ledger.life import Version
from riskgate.model.decision import Action, Decision
from riskgate.model.events import Decided
from riskgate.model.instrument import Instrument
from riskgate.model.lifecycle import Status
from riskgate.model.order import Order
from riskgate.model.snapshot import Snapshot


def adopt(
    book: Book, order: Order, instrument: Instrument, unit_value: Decimal, at: datetime
) -> int:
    """Take over an acknowledged order from before the story begins; return its number.

    It counts as sent on that trading day and before every window.
    """
    book.last_order_id += 1
    number = book.last_order_id
    held = book.holdings.of(order.account or "", instrument.key)
    decision = Decision(
        order=order,
        action=Action.ALLOW,
        as_of=at,
        digest=book.digest,
        reduction=Snapshot(as_of=at, holding=held).is_reduction(order),
    )
    given = Decided(order_id=number, ref=f"given-{number}", text=str(order), decision=decision)
    life = begun(given, Status.SUBMITTED, at, instrument)
    life.acknowledged = True
    if life.legs is not None:
        life.legs.worth_together(unit_value)
    life.versions.append(Version(order, unit_value, opens=not decision.reduction))
    book.orders[number] = life
    book.by_ref[life.ref] = number
    book.holdings.know(instrument)
    book.counting.sent(life.subject, at)
    book.settle(life, at)
    return number
