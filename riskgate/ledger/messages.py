"""What the broker's messages, and what we ask of it, do to an order in the book.

Rule 1: a message about an order that the book does not have changes nothing.
Rule 2: statuses move an order by the one table, and each change ends in the book's `settle`.
"""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from riskgate.ledger.counting import Counting
from riskgate.ledger.deeds import REFUSED
from riskgate.ledger.life import ACKNOWLEDGING, Life
from riskgate.model import lifecycle
from riskgate.model.events import CancelRequested
from riskgate.model.lifecycle import Status
from riskgate.model.money import ZERO
from riskgate.model.report import (
    CancelNotSent,
    ErrorReport,
    NeverSent,
    OrderEcho,
    Sent,
    StatusReport,
)


class Orders(Protocol):
    """What a message may change: our orders, what they reserve, and what is counted of them."""

    orders: dict[int, Life]
    counting: Counting

    def settle(self, life: Life, at: datetime) -> None:
        """Bring what is reserved to what is due, and tell everybody who counts."""
        ...

    def let_go(self, life: Life) -> None:
        """A held order counts as held no more."""
        ...


def sent(book: Orders, event: Sent, at: datetime) -> None:
    """An order, or a modify of one, has left."""
    life = book.orders.get(event.order_id)
    if life is not None:
        life.broker_order_id, life.client_id = event.broker_order_id, event.client_id
        life.sent_version = max(life.sent_version, event.version)
        life.timeline.sent(event, at)
        book.settle(life, at)


def never_sent(book: Orders, event: NeverSent, at: datetime) -> None:
    """An order, or a modify of one, did not leave."""
    life = book.orders.get(event.order_id)
    if life is None:
        return
    if event.modify:
        life.forget_unsent(event)
    elif lifecycle.may_move(life.status, Status.NEVER_SENT) and not life.filled:
        book.let_go(life)
        life.status = Status.NEVER_SENT
        life.reason = f"{event.code}: {event.text}"
        life.timeline.end_price = event.mid
        if life.sent_day is not None:
            book.counting.never_sent(life.subject, life.sent_day)
    book.settle(life, at)


def status(book: Orders, event: StatusReport, at: datetime) -> None:
    """The broker's status of an order; `filled` is a checksum."""
    life = book.orders.get(event.order_id)
    if life is None:
        return
    before = life.status
    life.perm_id = event.perm_id or life.perm_id
    life.broker_order_id = event.broker_order_id or life.broker_order_id
    if event.status in ACKNOWLEDGING:
        life.acknowledged = True
        life.timeline.acknowledged(at)
    if event.status is Status.FILLED:
        life.told_filled = event.filled
    if event.status is Status.FILLED and ZERO < event.filled <= life.filled:
        life.forget_larger()
    if event.status is not Status.FILLED or life.all_filled(event.filled, event.remaining):
        life.told(event.status)
    if life.status is not before and event.reason:
        life.reason = event.reason
    if life.status is not before and life.status.finished:
        life.timeline.end_price = event.mid
    if life.status is Status.CANCELLED and before is not Status.CANCELLED:
        life.cancelled_at = at
    if life.status in REFUSED and not life.refusal_counted and life.mention is not None:
        life.refusal_counted = True
        book.counting.message("rejected", life.mention, at)
    book.settle(life, at)


def echo(book: Orders, event: OrderEcho, at: datetime) -> None:
    """The broker repeats an order's terms."""
    life = book.orders.get(event.order_id)
    if life is None:
        return
    life.perm_id = event.perm_id or life.perm_id
    life.acknowledged = True
    life.timeline.acknowledged(at)
    life.confirm(event)
    book.settle(life, at)


def error(book: Orders, event: ErrorReport, at: datetime) -> None:
    """A message with a code; it releases nothing."""
    life = book.orders.get(event.order_id)
    if life is not None:
        life.reason = f"{event.code}: {event.text}"
        book.settle(life, at)


def cancel_requested(book: Orders, event: CancelRequested, at: datetime) -> None:
    """Somebody asked for a cancel."""
    life = book.orders.get(event.order_id)
    if life is None or life.order is None:
        return
    life.told(Status.PENDING_CANCEL)
    if not life.cancel_counted:
        life.cancel_counted = True
        if life.mention is not None:
            book.counting.message("cancel", life.mention, at)
    book.settle(life, at)


def cancel_not_sent(book: Orders, event: CancelNotSent, at: datetime) -> None:
    """A cancel did not leave: the order works on."""
    life = book.orders.get(event.order_id)
    if life is not None:
        life.resume()
        life.reason = f"its cancel did not leave: {event.text}"
        book.settle(life, at)
