"""What the record leaves open, so that the broker is asked again before its time.

Rule 1: a doubt is folded from events alone, so every gate on one journal has the same ones.
Rule 2: a doubt only asks; what is done about it is the story's to say (see `reconcile`).
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from riskgate.ledger.book import Book
from riskgate.ledger.life import Life
from riskgate.model.events import PositionsReported, Reconciled, Recorded
from riskgate.model.lifecycle import Status
from riskgate.model.report import ErrorReport, ExecutionReport, Sent, StatusReport

ABSENCE_GRACE: Final = timedelta(seconds=30)
CHECKSUM_GRACE: Final = timedelta(seconds=2)  # a status may come before its executions
RECHECK_EVERY: Final = timedelta(minutes=5)

Place = tuple[str, str]


class Doubts:
    """What the record leaves open, so that the broker is asked again. Folded from every event."""

    def __init__(self) -> None:
        self._claimed: dict[int, Decimal] = {}
        self._due: dict[int, datetime] = {}
        self._open = False
        self._moved: dict[Place, datetime] = {}
        self._unanswered: dict[int, datetime] = {}
        self._left: dict[int, dict[int, datetime]] = {}
        self._unconfirmed: dict[int, datetime] = {}
        self.last_broker_id = 0  # the highest id under which anything left, of any gate

    def fold(self, recorded: Recorded, book: Book) -> None:
        """Take one event in, when the book has it."""
        payload, at = recorded.payload, recorded.at
        if isinstance(payload, StatusReport):
            if payload.filled:
                self._claimed[payload.order_id] = payload.filled
                self._check(payload.order_id, at, book)
        elif isinstance(payload, ExecutionReport):
            moved = self._moved.get((payload.account, payload.instrument.key))
            self._open = self._open or (moved is not None and payload.at < moved)
            self._check(payload.order_id, at, book)
        elif isinstance(payload, ErrorReport):
            self._open = self._open or payload.ambiguous
            self._unanswered.setdefault(payload.order_id, at + CHECKSUM_GRACE)
        elif isinstance(payload, Sent):
            self._sent(payload, at)
        elif isinstance(payload, PositionsReported):
            for position in payload.positions:
                self._moved[position.account, position.instrument.key] = at
        elif isinstance(payload, Reconciled):
            self._reconciled(at, book)

    def inherit(self, book: Book, clients: Collection[int | None], at: datetime) -> None:
        """The modifies that these clients left behind without a word: they may have left by now."""
        for life in book.working():
            if life.client_id not in clients:
                continue
            for version in life.versions[1:]:
                if version.number > life.sent_version:
                    self._may_have_left(life.order_id, version.number, at)

    def due(self, book: Book, now: datetime, asked_at: datetime) -> bool:
        """Whether it is time to ask.

        A checksum is wrong, a code left an order open or nothing but a code was heard of it, or a
        fill is from before a position was taken over, which may have it already. An order that the
        broker did not know is asked about again after the grace, so is a modify that it did not
        repeat, and everything from time to time.
        """
        unknown = any(life.status is Status.UNKNOWN for life in book.working())
        return (
            self._open
            or now - asked_at >= (ABSENCE_GRACE if unknown else RECHECK_EVERY)
            or any(at <= now for at in self._due.values())
            or any(at <= now and _is_open(book, n) for n, at in self._unanswered.items())
            or any(at <= now and _is_changing(book, n) for n, at in self._unconfirmed.items())
        )

    def moved_since_sent(self, life: Life) -> bool:
        """Whether a position of the broker's, that no fill explained, was taken over since."""
        places = ((one.account, one.instrument) for one in life.subjects)
        moved = (self._moved.get(place) for place in places)
        return any(at is not None and at > sent_at(life) for at in moved)

    def left_long_ago(self, order_id: int, version: int, now: datetime) -> bool:
        """Whether a modify left longer ago than the grace."""
        left = self._left.get(order_id, {}).get(version)
        return left is not None and now - left >= ABSENCE_GRACE

    def _sent(self, sent: Sent, at: datetime) -> None:
        self.last_broker_id = max(self.last_broker_id, sent.broker_order_id)
        if sent.version:
            self._may_have_left(sent.order_id, sent.version, at)

    def _may_have_left(self, order_id: int, version: int, at: datetime) -> None:
        self._left.setdefault(order_id, {})[version] = at
        self._unconfirmed[order_id] = at + ABSENCE_GRACE

    def _reconciled(self, at: datetime, book: Book) -> None:
        self._open = False
        again = at + ABSENCE_GRACE
        self._due = dict.fromkeys(self._due, again)
        self._unanswered = {n: again for n in self._unanswered if _is_open(book, n)}
        self._left = {n: left for n, left in self._left.items() if _is_changing(book, n)}
        self._unconfirmed = {
            n: again
            for n in self._unconfirmed
            if n in self._left and at - max(self._left[n].values()) < RECHECK_EVERY
        }

    def _check(self, order_id: int, at: datetime, book: Book) -> None:
        """`filled` of a status is a checksum: more than our executions means that some lack."""
        life, claimed = book.orders.get(order_id), self._claimed.get(order_id)
        if life is None or claimed is None or claimed <= life.filled:
            self._claimed.pop(order_id, None)
            self._due.pop(order_id, None)
        else:
            self._due.setdefault(order_id, at + CHECKSUM_GRACE)


def sent_at(life: Life) -> datetime:
    """When an order was sent, or was to be."""
    return life.sent_day or life.created_at


def _is_open(book: Book, order_id: int) -> bool:
    """Whether an order is neither over nor known to the broker, as far as we heard."""
    life = book.orders.get(order_id)
    return life is not None and life.status.working and not life.acknowledged


def _is_changing(book: Book, order_id: int) -> bool:
    """Whether the broker may have an order under more than one set of terms."""
    life = book.orders.get(order_id)
    return life is not None and life.status.working and len(life.versions) > 1
