"""What has been handed over and has not left: the only place between the gate and the socket.

Rule 1: taking something out and writing it happen under one lock, and so does withdrawing: after
`withdraw` returns, nothing it covers can leave.
Rule 2: whatever does not leave is reported `NeverSent`, once, with its version; what leaves is
reported `Sent`. A cancel that does not leave is reported `CancelNotSent`.
Rule 3: a modify waits until the broker has echoed what it knows of the order, and only the newest
is sent. None is sent behind a cancel: the broker would take it for a new order.
Rule 4: a parcel leaves in one step, when there are tokens for all of its orders; until then
whatever drops one of them drops all. A bracket without one of its exits was never judged.
Rule 5: reports are told outside the lock, in the order in which things happened.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from typing import Final

import msgspec

from riskgate.errors import NotConnected, OrderError
from riskgate.execution.pacer import Pacer
from riskgate.execution.queue import Priority, Queue, Waiting
from riskgate.model.codes import Code
from riskgate.model.decision import ApprovedOrder
from riskgate.model.report import CancelNotSent, NeverSent, Report, Sent, unsent

SPARE: Final = 4  # tokens that only cancels may take: 45 and 4 stay below the 50 that TWS takes
LAST: Final = -1  # the rank of what somebody else asks: behind all that the gate needs to know
SUPERSEDED: Final = "SUPERSEDED"
CANCELLED: Final = "CANCELLED"
MILLISECOND: Final = 0.001
WITHDRAWN: Final = "withdrawn before it was sent"


class Parcel(msgspec.Struct, frozen=True):
    """Orders that leave as one, or not at all: a bracket, or a one-cancels-all group."""

    orders: tuple[ApprovedOrder, ...]


class Cancel(msgspec.Struct, frozen=True):
    """The cancel of one order."""

    order_id: int


class CancelAll(msgspec.Struct, frozen=True):
    """The cancel of everything on the account, whoever placed it."""


class Ask(msgspec.Struct, frozen=True):
    """A request for data."""

    send: Callable[[], None]


Item = ApprovedOrder | Parcel | Cancel | CancelAll | Ask
Entry = Waiting[Item]


class Sink(msgspec.Struct, frozen=True):
    """Where things go: `write` to the socket, `hear` what happened, `wake` whoever writes.

    `write` returns what is to be told of it, and raises if nothing was written. Of a parcel that
    the socket failed in the middle of, it tells what was not written as `NeverSent`.
    """

    write: Callable[[Item], tuple[Report, ...]]
    hear: Callable[[Iterable[Report]], None]
    wake: Callable[[], None]


class Outbox:
    """A queue with a pacer and a lock. Times are seconds of one clock that only grows."""

    def __init__(self, pacer: Pacer, sink: Sink, *, max_wait: float, bound: int) -> None:
        self._pacer = pacer
        self._sink = sink
        self._max_wait = max_wait
        self._lock = threading.Lock()
        self._queue: Queue[Item] = Queue(bound)
        self._held: dict[int, Entry] = {}
        self._echoed: set[int] = set()
        self._cancels: dict[int, bool] = {}  # those that were asked for, and whether one has left
        self._unsent: set[int] = set()  # orders that were taken over and will never leave
        self._closed = ""

    # -- from any thread --------------------------------------------------------------------------

    def place(
        self, approved: ApprovedOrder, now: float, attached: Sequence[ApprovedOrder] = ()
    ) -> None:
        """Let an order, with those attached, or a modify wait. Raise NotConnected if it cannot."""
        with self._lock:
            if self._closed:
                raise NotConnected(self._closed)
            reports = self._take_over((approved, *attached), now)
        self._told(reports)
        self._sink.wake()

    def cancel(self, order_id: int, now: float) -> None:
        """Let a cancel go ahead of everything. An order that has not left is dropped instead."""
        with self._lock:
            if self._closed:
                raise NotConnected(self._closed)
            dropped = self._drop(lambda entry: order_id in _numbers(entry))
            self._queue.remove(lambda entry: entry.item == Cancel(order_id))
            reports = [
                report
                for entry in dropped
                for report in self._never(entry, CANCELLED, _cancelled(entry, order_id))
            ]
            if order_id not in self._unsent:
                self._queue.put(Waiting(Priority.CANCEL, now, order_id, Cancel(order_id)))
                self._cancels.setdefault(order_id, False)
        self._told(reports)
        self._sink.wake()

    def cancel_all(self, now: float) -> None:
        """Let the cancel of everything on the account go ahead of everything."""
        with self._lock:
            if self._closed:
                raise NotConnected(self._closed)
            self._queue.put(Waiting(Priority.KILL, now, 0, CancelAll()))
        self._sink.wake()

    def cancelling(self, order_id: int) -> bool:
        """Whether a cancel of the order waits or has left in this session."""
        with self._lock:
            return order_id in self._cancels

    def ask(
        self,
        send: Callable[[], None],
        now: float,
        priority: Priority = Priority.DATA,
        *,
        rank: int = 0,
    ) -> None:
        """Let a request for data wait for its turn, or what else is no order of ours."""
        with self._lock:
            self._queue.put(Waiting(priority, now, 0, Ask(send), rank))
        self._sink.wake()

    def withdraw(self, covers: Callable[[int], bool], code: str, text: str = WITHDRAWN) -> None:
        """Drop what has not left and is covered. Cancels are never withdrawn."""
        with self._lock:
            dropped = self._drop(lambda entry: _is_covered(entry, covers))
            reports = [report for one in dropped for report in self._never(one, code, text)]
        self._told(reports)

    def close(self, reason: str) -> None:
        """Drop everything; nothing is taken any more."""
        with self._lock:
            self._closed = reason
            dropped = [*self._drop(lambda _: True), *self._queue.remove(lambda _: True)]
            reports = [
                report
                for entry in dropped
                for report in self._failed(entry, Code.NOT_CONNECTED, reason)
            ]
        self._told(reports)

    # -- from the thread that writes --------------------------------------------------------------

    def counted(self, now: float) -> None:
        """A message was written past the queue; it takes a token all the same."""
        with self._lock:
            self._pacer.spend(now)

    def pause(self, now: float) -> None:
        """Nothing leaves for a second."""
        with self._lock:
            self._pacer.exhaust(now)

    def echoed(self, order_id: int) -> None:
        """The broker has repeated the order's terms: a modify of it may leave."""
        with self._lock:
            self._echoed.add(order_id)
            held = self._held.pop(order_id, None)
            full = held is not None and not self._queue.put(held)
        if held is None:
            return
        self._told(_unsent(held, Code.QUEUE_FULL, "too many orders wait") if full else [])
        self._sink.wake()

    def step(self, now: float) -> float | None:
        """Write at most one item. Seconds until the next step, or None if nothing waits."""
        reports: list[Report] = []
        try:
            with self._lock:
                reports += self._expire(now)
                entry = self._queue.first()
                if entry is not None and self._pause(entry, now) <= 0:
                    self._queue.pop()
                    reports += self._write(entry, now)
                return self._next(now)
        finally:
            self._told(reports)

    # -- under the lock ---------------------------------------------------------------------------

    def _take_over(self, orders: tuple[ApprovedOrder, ...], now: float) -> list[Report]:
        first, order_id = orders[0], orders[0].order_id
        rank = max(one.order.instructions.priority for one in orders)
        if not first.replaces:
            reduces = all(one.decision.reduction for one in orders if not _is_exit(one))
            priority = Priority.REDUCE if reduces else Priority.NEW
            item: Item = Parcel(orders) if len(orders) > 1 else first
            return self._put(Waiting(priority, now, order_id, item, rank, len(orders)))
        entry: Entry = Waiting(Priority.MODIFY, now, order_id, first, rank)
        if order_id in self._cancels:
            return _unsent(entry, Code.NOT_MODIFIABLE, "a cancel of the order is on its way")
        older = self._drop(lambda other: other.key == order_id and _modifies(other))
        told = [
            report
            for other in older
            for report in _unsent(other, SUPERSEDED, "a newer modify took its place")
        ]
        if order_id in self._echoed:
            return [*told, *self._put(entry)]
        self._held[order_id] = entry
        return told

    def _put(self, entry: Entry) -> list[Report]:
        if entry.size > self._pacer.rate:
            text = f"{entry.size} orders at once are more than leave in a second"
            return self._never(entry, Code.QUEUE_FULL, text)
        if self._queue.put(entry):
            return []
        return self._never(entry, Code.QUEUE_FULL, "too many orders wait to be sent")

    def _drop(self, chosen: Callable[[Entry], bool]) -> list[Entry]:
        held = [entry for entry in self._held.values() if chosen(entry)]
        for entry in held:
            del self._held[entry.key]
        queued = self._queue.remove(lambda entry: entry.priority.bounded and chosen(entry))
        return [*queued, *held]

    def _expire(self, now: float) -> list[Report]:
        late = [entry for entry in self._held.values() if self._too_late(entry, now)]
        for entry in late:
            del self._held[entry.key]
        first = self._queue.first()
        while first is not None and first.priority.bounded and self._too_late(first, now):
            self._queue.pop()
            late.append(first)
            first = self._queue.first()
        text = f"its turn did not come within {self._max_wait:g} s"
        return [report for one in late for report in self._never(one, Code.QUEUE_EXPIRED, text)]

    def _too_late(self, entry: Entry, now: float) -> bool:
        return entry.since + self._max_wait <= now  # as `_next` reckons, or it would spin

    def _write(self, entry: Entry, now: float) -> Iterable[Report]:
        try:
            reports = self._sink.write(entry.item)
        except (ConnectionError, NotConnected) as error:
            return self._failed(entry, Code.NOT_CONNECTED, str(error))
        except OrderError as error:
            return self._failed(entry, error.codes[0], str(error))
        self._pacer.spend(now, entry.size)
        if isinstance(entry.item, Cancel):
            self._cancels[entry.key] = True
        if _modifies(entry):
            self._echoed.discard(entry.key)
        self._unsent.update(one.order_id for one in reports if isinstance(one, NeverSent))
        return [_timed(report, now - entry.since) for report in reports]

    def _failed(self, entry: Entry, code: str, text: str) -> list[Report]:
        """What is told of something that will not leave. An earlier cancel may be on its way."""
        match entry.item:
            case ApprovedOrder() | Parcel():
                return self._never(entry, code, text)
            case Cancel(order_id=order_id) if not self._cancels.get(order_id):
                self._cancels.pop(order_id, None)
                return [CancelNotSent(order_id=order_id, text=text)]
            case CancelAll():
                return [CancelNotSent(order_id=0, text=text)]
        return []

    def _never(self, entry: Entry, code: str, text: str) -> list[Report]:
        """What is told of something that will not leave; a cancel of it would have no object."""
        if not _modifies(entry):
            self._unsent.update(_numbers(entry))
        return _unsent(entry, code, text)

    def _pause(self, entry: Entry, now: float) -> float:
        """How many seconds until there are tokens for it."""
        return self._pacer.wait(now, urgent=entry.priority.urgent, tokens=entry.size)

    def _next(self, now: float) -> float | None:
        waits = [entry.since + self._max_wait - now for entry in self._held.values()]
        first = self._queue.first()
        if first is not None:
            waits.append(self._pause(first, now))
        return max(0.0, min(waits)) if waits else None

    def _told(self, reports: Iterable[Report]) -> None:
        told = tuple(reports)
        if told:
            self._sink.hear(told)


def _modifies(entry: Entry) -> bool:
    return isinstance(entry.item, ApprovedOrder) and entry.item.replaces


def _orders(entry: Entry) -> tuple[ApprovedOrder, ...]:
    """The orders that leave with this."""
    match entry.item:
        case ApprovedOrder() as only:
            return (only,)
        case Parcel(orders=orders):
            return orders
    return ()


def _numbers(entry: Entry) -> list[int]:
    return [one.order_id for one in _orders(entry)]


def _is_covered(entry: Entry, covers: Callable[[int], bool]) -> bool:
    """Whether any of them is. All are asked about: whoever asks may note which ones."""
    found = [covers(one) for one in _numbers(entry)]
    return any(found)


def _is_exit(approved: ApprovedOrder) -> bool:
    return approved.bracket not in (0, approved.order_id)


def _unsent(entry: Entry, code: str, text: str) -> list[Report]:
    return [unsent(one, code, text) for one in _orders(entry)]


def _cancelled(entry: Entry, order_id: int) -> str:
    with_it = "" if _numbers(entry) == [order_id] else f", with order {order_id} of its group"
    return f"cancelled before it was sent{with_it}"


def _timed(report: Report, waited: float) -> Report:
    """The report, with the seconds that it waited for."""
    if not isinstance(report, Sent) or waited < MILLISECOND:
        return report
    return msgspec.structs.replace(report, queued=Decimal(f"{waited:.3f}"))
