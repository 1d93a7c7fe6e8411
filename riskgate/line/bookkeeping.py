"""The record and the book, kept together: one lock, one journal, one book.

Rule 1: the book changes only inside a turn, and a turn is on record or did not happen. Where the
record fails, the book is folded again from the journal before anybody decides on it.
Rule 2: each turn first catches up with what other gates have recorded.
Rule 3: what the broker says is never lost: if it cannot be recorded now, it is kept and recorded
with the next turn that can. What no record can hold as it is, is recorded mended, or noted.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import suppress
from datetime import datetime
from decimal import localcontext
from types import NoneType
from typing import Any, TypeVar, get_args

import msgspec

from riskgate.errors import JournalError
from riskgate.execution.order_book import OrderBook
from riskgate.ledger import resting
from riskgate.ledger.book import Book
from riskgate.ledger.life import Life
from riskgate.ledger.repeats import is_known
from riskgate.ledger.stamping import stamped
from riskgate.ledger.world import World
from riskgate.line.following import Follower, Following
from riskgate.model.codes import Code
from riskgate.model.events import Decided, Note, Payload, Recorded
from riskgate.model.lifecycle import moved
from riskgate.model.money import COUNTED, ZERO, text
from riskgate.model.report import ExecutionReport, Fill, NeverSent, StatusReport
from riskgate.model.rows import Rows
from riskgate.model.view import OrderView
from riskgate.model.within import Paused
from riskgate.ports import Clock, Journal, Turn

_Value = TypeVar("_Value")


class Turned:
    """One turn as the gate uses it: what it records is in the book at once."""

    def __init__(
        self,
        turn: Turn,
        fold: Callable[[Recorded], None],
        clock: Clock,
        alarm: Callable[[Payload], str],
        stamp: Callable[[Payload], Payload],
    ) -> None:
        self._stamp = stamp
        self._turn = turn
        self._fold = fold
        self._clock = clock
        self._alarm = alarm

    def record(self, payload: Payload, at: datetime | None = None) -> None:
        """Add one event to the record and to the book, and a note if it is alarming."""
        when = self._clock.now() if at is None else at
        if isinstance(payload, Decided):  # it is no report: nothing is put on it
            self._fold(self._turn.append(payload, when))
            return
        self._fold(self._turn.append(self._stamp(payload), when))
        if alarm := self._alarm(payload):
            self._fold(self._turn.append(Note(text=alarm), when))

    def keep(self, payload: Payload) -> None:
        """Record what must not be lost: where it would not read back, mended, or a note of it.

        A store that fails refuses all three, so what is raised then is its own error.
        """
        try:
            self.record(payload)
        except JournalError:
            try:
                self.record(mended(payload))
            except JournalError as error:
                self.record(Note(text=f"not recorded, because {str(error)!a}: {payload!a}"))


class Bookkeeper:
    """Keeps one book true to one journal, for every thread of the process."""

    def __init__(self, world: World, journal: Journal, clock: Clock) -> None:
        self.world = world
        self.clock = clock
        self.turnstile = threading.RLock()
        self.shows_later = False  # whether another thread's turns bring the tables up to date
        self._journal = journal
        self._changed = threading.Condition(self.turnstile)
        self._unrecorded: list[Payload] = []
        # What was refused because its record failed, and how many versions the order had before.
        self._refused: list[tuple[Decided, int]] = []
        self._behind = True
        self._whole: Book | None = None  # the book before, while it is folded again
        self._said: dict[int, StatusReport] = {}
        self._following = Following()
        self._folded = 0
        self._has_changed = False  # whether this turn has changed the book, or what it must show
        self._shown = 0

    @property
    def ledger(self) -> Book:
        """The book as it stands."""
        return self.world.book

    @property
    def whole_book(self) -> Book:
        """The book for those who cannot wait for the lock: never one that is half folded."""
        return self._whole or self.world.book

    @property
    def behind(self) -> bool:
        """Whether there is something to record, to fold or to show that still waits."""
        return bool(self._unrecorded) or self._behind or self.ledger.has_touched

    def turn(self, *, project: bool = True) -> Paused[Turned]:
        """Take the lock and the journal, catch up, and record. Raise JournalError if that fails.

        Without `project` the tables are left to a later turn: they only repeat the record. Numbers
        are counted with as `COUNTED` says, also by who records.
        """
        return Paused(self._turning(project=project))

    def _turning(self, *, project: bool) -> Generator[Turned, None, None]:
        with self.turnstile, localcontext(COUNTED):
            self._has_changed = False
            try:
                with self._journal.turn() as turn:
                    self._catch_up(turn)
                    turned = Turned(turn, self._fold, self.clock, self._alarm, self._stamp)
                    if self._unrecorded or self._refused:
                        for payload in (*self._unrecorded, *self._not_handed_over()):
                            turned.keep(payload)
                    yield turned
                    if project:
                        turn.project(*self._touched(), self._shown)
            except BaseException:
                self._behind = self._behind or self._has_changed
                self._following.forget()
                raise
            if project:
                self._shown = self._folded
            self._unrecorded.clear()
            self._refused.clear()
            self._following.tell()
            self._changed.notify_all()

    def refused(self, decided: Iterable[tuple[Decided, int]]) -> None:
        """These were refused because the record failed; a store may hold them all the same.

        With each comes the number of the last version that its order had before.
        """
        with self.turnstile:
            self._refused += (one for one in decided if one[0].decision.allowed)

    def caught_up(self) -> None:
        """Fold the record again if the book may hold what is not on it; try, and do not insist."""
        if self._behind:
            with suppress(JournalError), self.turn(project=False):
                pass

    def take(self, reports: Iterable[Payload]) -> bool:
        """Record what the broker says. False if it had to be kept for a later turn."""
        with self.turnstile:  # no turn of another thread is half done
            news = [report for report in reports if self._is_news(report)]
        try:
            with self.turn() as turn:
                for report in news:
                    turn.keep(report)
        except JournalError:
            self.keep(news)
            return False
        return True

    def keep(self, news: Iterable[Payload]) -> None:
        """Keep what could not be recorded for the next turn that can."""
        with self.turnstile:
            self._unrecorded.extend(news)

    def order(self, order_id: int) -> OrderView | None:
        """One order as it is now."""
        with self.turnstile:
            life = self.ledger.orders.get(order_id)
            return None if life is None else life.view()

    def orders(self) -> Rows[OrderView]:
        """All orders that the journal knows, in the order of their numbers."""
        with self.turnstile:
            return Rows(life.view() for _, life in sorted(self.ledger.orders.items()))

    def fills(self, order_id: int | None = None) -> Rows[Fill]:
        """The fills of one order, or of all."""
        with self.turnstile:
            if order_id is None:
                return Rows(self.ledger.fills.values())
            life = self.ledger.orders.get(order_id)
            return Rows(() if life is None else life.fills.values())

    def book(self, symbol: str) -> OrderBook:
        """The working orders of one instrument by side and price; those of others are marked.

        `symbol` is as an order line writes it: `AAPL`, `"AAPL.OPT expiry=2026-06-19 ..."`.
        """
        with self.turnstile:
            return resting.book_of(self.ledger, symbol)

    def subscribe(self, follower: Follower) -> None:
        """Tell somebody of every event from now on, once it is on record; see `following`."""
        with self.turnstile:
            self.caught_up()
            self._following.add(follower, self._folded)

    def unsubscribe(self, follower: Follower) -> None:
        """Tell somebody no more."""
        with self.turnstile:
            self._following.remove(follower)

    def life(self, order_id: int) -> Life | None:
        """One order's record; only to be read, under the turnstile."""
        return self.ledger.orders.get(order_id)

    def wait_for(self, holds: Callable[[], bool], timeout: float) -> bool:
        """Wait until something holds of the book, or `timeout` seconds have passed."""
        deadline = time.monotonic() + timeout
        with self._changed:
            while not holds():
                left = deadline - time.monotonic()
                if left <= 0:
                    return False
                self._changed.wait(left)
        return True

    def fold_again(self) -> None:
        """Build the book anew from the journal with the next turn."""
        self._behind = True

    def tell_waiters(self) -> None:
        """Wake those who wait for something that is not in the book."""
        with self._changed:
            self._changed.notify_all()

    def _is_news(self, report: Payload) -> bool:
        """Whether a report says or moves anything; the broker repeats itself.

        While the book is behind it may hold what is not on record, and everything is news.
        """
        if self._behind:
            return True
        if not isinstance(report, StatusReport):
            return not is_known(report, self.ledger)
        if self._said.get(report.order_id) == report and not self._moves(report):
            return False
        self._said[report.order_id] = report
        return True

    def _moves(self, report: StatusReport) -> bool:
        life = self.ledger.orders.get(report.order_id)
        return life is not None and moved(life.status, report.status) is not life.status

    def _catch_up(self, turn: Turn) -> None:
        if not self._behind:
            for recorded in turn.tail:
                self._fold(recorded)
            return
        before, self.world.book = self.world.book, self.world.empty_book()
        self._whole = before
        try:
            for recorded in self._journal.read():
                self._fold(recorded)
        except BaseException:  # a kill must still find what works when the record cannot be read
            self.world.book = before
            raise
        finally:
            self._whole = None
        self.ledger.take_touched()
        if turn.is_behind:
            fills = self.ledger.fills.values()
            turn.rebuild([life.view() for life in self.ledger.orders.values()], fills)
        self._shown = self._folded
        self._behind = False

    def _fold(self, recorded: Recorded) -> None:
        self._has_changed = True  # first: a fold that breaks leaves a book to be made anew
        self.ledger.apply(recorded.payload, recorded.at)
        self._folded = recorded.seq
        self._following.folded(recorded, self.ledger)

    def _not_handed_over(self) -> Iterator[NeverSent]:
        """What was refused and is on record after all: it never left."""
        for one, versions in self._refused:
            life = self.ledger.orders.get(one.order_id)
            if life is None or not life.status.working:
                continue
            modify = bool(one.replaces)
            if life.last_version != versions + 1 if modify else life.decision != one.decision:
                continue  # it is not on record, or what is there is another's
            if life.sent_version > versions if modify else life.broker_order_id:
                continue
            yield NeverSent(
                order_id=one.order_id,
                code=Code.JOURNAL_UNAVAILABLE,
                text="it was refused, for its record was not confirmed",
                modify=modify,
                version=versions + 1 if modify else 0,
            )

    def _stamp(self, payload: Payload) -> Payload:
        return stamped(payload, self.ledger, self.world.market)

    def _alarm(self, payload: Payload) -> str:
        """What is alarming about an event that the book has just taken in, or nothing."""
        life = (
            self.ledger.orders.get(payload.order_id)
            if isinstance(payload, ExecutionReport)
            else None
        )
        if life is None or life.overfilled <= ZERO:
            return ""
        over = text(life.overfilled)
        return f"overfill: order {life.order_id} `{life.text}` has {over} more than it asked for"

    def _touched(self) -> tuple[list[OrderView], list[Fill]]:
        self._has_changed = self._has_changed or self.ledger.has_touched
        lives, fills = self.ledger.take_touched()
        return [life.view() for life in lives], list(fills)


def mended(value: _Value, kind: Any = object) -> _Value:  # noqa: ANN401  # the type of any field
    """The same value with text where text must be, all of it Unicode."""
    mends: Any = value
    allowed = (kind, *get_args(kind))
    if isinstance(value, msgspec.Struct):
        fields = msgspec.structs.fields(value)
        parts = {field.name: mended(getattr(value, field.name), field.type) for field in fields}
        mends = msgspec.structs.replace(value, **parts)
    elif type(value) is tuple:
        (inner, *_) = (*get_args(kind), object)
        mends = tuple(mended(item, inner) for item in mends)
    elif str in allowed and not (value is None and NoneType in allowed):
        mends = str(value).encode(errors="backslashreplace").decode()
    return mends  # type: ignore[no-any-return]
