"""The same journal without a file, for policy tests and `riskgate check`.

Rule 1: everything but the disk is real: the order of events, turns, tails, rolling back.
Rule 2: this module imports no store, so a check of a policy starts fast.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Final

from riskgate.errors import InvariantError, JournalError, JournalLocked
from riskgate.journal.coding import Unrecordable, proven
from riskgate.model.events import Payload, Recorded
from riskgate.model.report import Fill
from riskgate.model.view import OrderView
from riskgate.model.within import Within

LOCK_WAIT: Final = timedelta(seconds=5)


class _Shelf:
    """What several journals share: the events, the tables, and the lock."""

    def __init__(self) -> None:
        self.events: list[Recorded] = []
        self.orders: dict[int, OrderView] = {}
        self.fills: dict[str, Fill] = {}
        self.shown = 0  # the last event that the tables hold, with all before it
        self.lock = threading.Lock()

    def project(self, turn: MemoryTurn) -> None:
        """Take the rows of a turn over."""
        if turn.is_rebuilt:
            self.orders, self.fills, self.shown = {}, {}, turn.begin
        self.orders |= turn.orders
        self.fills |= turn.fills
        if turn.shows_since is not None and turn.shows_since <= self.shown:
            self.shown = len(self.events)


class MemoryTurn:
    """One turn: what others wrote, and what we add."""

    def __init__(self, tail: tuple[Recorded, ...], begin: int, shown: int) -> None:
        self.tail = tail
        self.begin = begin
        self.shows_since: int | None = None  # from where on the rows that were brought reach
        self.added: list[Recorded] = []
        self.orders: dict[int, OrderView] = {}
        self.fills: dict[str, Fill] = {}
        self.is_open = True
        self.is_rebuilt = False
        self._shown = shown

    def append(self, payload: Payload, at: datetime) -> Recorded:
        """Add one event. Raise JournalError for what a file would refuse; it costs only itself."""
        self._usable()
        try:
            proven(payload)
        except Unrecordable as error:
            raise JournalError(f"journal: {error}") from error
        event = Recorded(self.begin + len(self.added) + 1, at, payload)
        self.added.append(event)
        return event

    def project(
        self,
        orders: Iterable[OrderView],
        fills: Iterable[Fill],
        since: int | None = None,
    ) -> None:
        """Bring `orders` and `fills` up to where this turn ends, from `since` or its begin on."""
        self._usable()
        self.shows_since = self.begin if since is None else min(self.begin, since)
        self.orders.update((view.order_id, view) for view in orders)
        self.fills.update((fill.stem, fill) for fill in fills)

    @property
    def is_behind(self) -> bool:
        """Whether the tables lack an event that came before this turn."""
        return not self.is_rebuilt and self._shown < self.begin

    def rebuild(self, orders: Iterable[OrderView], fills: Iterable[Fill]) -> None:
        """Replace both tables."""
        self._usable()
        self.is_rebuilt = True
        self.orders.clear()
        self.fills.clear()
        self.orders.update((view.order_id, view) for view in orders)
        self.fills.update((fill.stem, fill) for fill in fills)

    def _usable(self) -> None:
        if not self.is_open:
            raise InvariantError("journal: a turn was used after its end")


class MemoryJournal:
    """A journal in memory. `orders` and `fills` are its tables, by order id and execution stem."""

    def __init__(self, *, lock_wait: timedelta = LOCK_WAIT) -> None:
        self._shelf = _Shelf()
        self._wait = lock_wait
        self._seq = 0
        self._owner = 0

    def another(self) -> MemoryJournal:
        """A second journal on the same events, as another process would open it."""
        other = MemoryJournal(lock_wait=self._wait)
        other._shelf = self._shelf
        return other

    @property
    def orders(self) -> dict[int, OrderView]:
        """The orders that were projected."""
        return dict(self._shelf.orders)

    @property
    def fills(self) -> dict[str, Fill]:
        """The fills that were projected."""
        return dict(self._shelf.fills)

    def turn(self) -> Within[MemoryTurn]:
        """Take the lock; see `riskgate.ports.Journal`."""
        return Within(self._enter, self._leave)

    def _enter(self) -> MemoryTurn:
        me = threading.get_ident()
        if self._owner == me:
            raise InvariantError("journal: a turn was taken inside a turn")
        if not self._shelf.lock.acquire(timeout=self._wait.total_seconds()):
            raise JournalLocked(f"journal: held for more than {self._wait.total_seconds():g} s")
        self._owner = me
        events = self._shelf.events
        return MemoryTurn(tuple(events[self._seq :]), len(events), self._shelf.shown)

    def _leave(self, turn: MemoryTurn, error: BaseException | None) -> None:
        """Take over what the turn has added, unless it broke."""
        turn.is_open = False
        shelf = self._shelf
        try:
            if error is None:
                shelf.events += turn.added
                shelf.project(turn)
                self._seq = len(shelf.events)
        finally:
            self._owner = 0
            shelf.lock.release()

    def read(self, after: int = 0) -> Iterator[Recorded]:
        """All events after a sequence number, in order; our place moves along."""
        if after > len(self._shelf.events):
            raise JournalError(f"journal: there is no event {after}; check the number")
        for event in self._shelf.events[max(after, 0) :]:
            self._seq = max(self._seq, event.seq)
            yield event

    def has_news(self) -> bool:
        """Whether there are events after our place."""
        return len(self._shelf.events) > self._seq

    def writable(self) -> bool:
        """Memory always takes writes."""
        return True
