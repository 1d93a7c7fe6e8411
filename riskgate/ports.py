"""What the gate needs of the outside, as small Protocols.

Rule 1: `Broker.place` takes only an `ApprovedOrder`; there is no other way to send an order.
Rule 2: nothing here blocks for an answer of the broker except `story` and `prepare`, which say so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Protocol

import msgspec

from riskgate.model.decision import ApprovedOrder
from riskgate.model.events import Payload, Recorded
from riskgate.model.hours import Hours
from riskgate.model.instrument import Terms
from riskgate.model.order import Fault, Order
from riskgate.model.report import (
    CommissionReport,
    ExecutionReport,
    Fill,
    ForeignOrder,
    OrderEcho,
    Position,
    Report,
    StatusReport,
)
from riskgate.model.view import OrderView


class Clock(Protocol):
    """The time, from outside."""

    def now(self) -> datetime:
        """This moment, aware, in UTC."""
        ...


class Calendars(Protocol):
    """Trading hours by exchange code."""

    def hours(self, code: str, at: datetime) -> Hours:
        """The sessions around a moment. Raise ConfigError for an unknown code."""
        ...


class Story(msgspec.Struct, frozen=True, kw_only=True):
    """Everything the broker says of our account at one moment, for the reconcile.

    `statuses` are of our own orders, matched by order_ref, open ones and completed ones; `echoes`
    are the terms of those that are open.
    `complete` is false where a part of the answer did not come.
    """

    statuses: tuple[StatusReport, ...] = ()
    echoes: tuple[OrderEcho, ...] = ()
    executions: tuple[ExecutionReport, ...] = ()
    commissions: tuple[CommissionReport, ...] = ()
    positions: tuple[Position, ...] = ()
    foreign: tuple[ForeignOrder, ...] = ()
    accounts: tuple[str, ...] = ()
    next_order_id: int = 1
    complete: bool = True


class Broker(Protocol):
    """The way out."""

    def supports(self, order: Order) -> tuple[Fault, ...]:
        """What this broker cannot carry of the order; empty if it can."""
        ...

    def place(self, approved: ApprovedOrder, attached: Sequence[ApprovedOrder] = ()) -> None:
        """Hand over an order, or a modify of one, to be sent when its turn comes. Never blocks.

        With those `attached` to it, the exits of a bracket or the rest of a group, it leaves as one
        or not at all: what drops one of them before they left drops all.
        Raise NotConnected if there is no session (nothing was sent). What becomes of it is
        reported: `Sent`, or `NeverSent`.
        """
        ...

    def cancel(self, order_id: int) -> None:
        """Ask for the cancel of one of our orders, ahead of all that waits. Never blocks.

        Raise NotConnected if there is no session.
        """
        ...

    def cancel_account(self) -> None:
        """Cancel everything on the account, whoever placed it. Raise NotConnected."""
        ...

    def cancelling(self, order_id: int) -> bool:
        """Whether a cancel of the order was asked for in this session."""
        ...

    @property
    def client_id(self) -> int | None:
        """Under which number the broker knows us; None where there is no session to have."""
        ...

    def withdraw(self, covers: Callable[[int], bool], code: str) -> None:
        """Drop the orders that have not left, where `covers(order_id)`; each reports `NeverSent`.

        When this returns, nothing it covers can leave any more.
        """
        ...

    def story(self, refs: dict[str, int], timeout: float) -> Story:
        """Ask the broker for everything. Blocks for up to `timeout` seconds.

        `refs` are our order references and order ids. Raise BrokerError if there is no answer.
        """
        ...

    def prepare(self, wanted: Sequence[Terms], timeout: float) -> tuple[Terms, ...]:
        """Make instruments and prices ready; return those that are not. Blocks up to `timeout`."""
        ...

    def watch(self, wanted: Sequence[Terms]) -> None:
        """Begin to make instruments and prices ready. Never waits. Raise NotConnected."""
        ...

    @property
    def carries_brackets(self) -> bool:
        """Whether it can send an entry with its exits attached, so that they live as one."""
        ...

    @property
    def connected(self) -> bool:
        """Whether there is a session in which orders reach the market."""
        ...

    @property
    def mode_fault(self) -> str | None:
        """Why paper and live disagree, or None."""
        ...


class Listener(Protocol):
    """Who hears the broker."""

    def hear(self, reports: Iterable[Report]) -> None:
        """Take reports over. Returns at once and may be called from any thread."""
        ...

    def session_changed(self, reason: str) -> None:
        """The session came, went, or may have missed something: reconcile before approving."""
        ...


class Turn(Protocol):
    """One turn at the journal: the store's lock is ours until it ends."""

    @property
    def tail(self) -> tuple[Recorded, ...]:
        """What others have recorded since our last turn."""
        ...

    def append(self, payload: Payload, at: datetime) -> Recorded:
        """Add one event. It is durable when the turn has ended without an exception."""
        ...

    def project(
        self, orders: Iterable[OrderView], fills: Iterable[Fill], since: int | None = None
    ) -> None:
        """Bring the tables `orders` and `executions` up to date in the same transaction.

        The rows are all that changed since event `since`; None is since this turn began.
        """
        ...

    @property
    def is_behind(self) -> bool:
        """Whether the tables lack an event that they should show, and need a `rebuild`."""
        ...

    def rebuild(self, orders: Iterable[OrderView], fills: Iterable[Fill]) -> None:
        """Replace both tables with what all events so far come to."""
        ...


class Journal(Protocol):
    """The append-only record."""

    def turn(self) -> AbstractContextManager[Turn]:
        """Take the store's lock. Raise JournalLocked after 5 s, JournalError if it cannot write.

        Leaving the context commits durably (fsync) or raises JournalError, and then nothing of the
        turn is on record. An exception inside rolls back.
        """
        ...

    def read(self, after: int = 0) -> Iterator[Recorded]:
        """All events after a sequence number, in order; reading moves our place in the journal."""
        ...

    def has_news(self) -> bool:
        """Whether others may have recorded something since our last turn; takes no lock."""
        ...

    def writable(self) -> bool:
        """Whether the store takes writes now."""
        ...
