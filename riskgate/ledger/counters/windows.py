"""Messages inside sliding windows, counted by likeness."""

from __future__ import annotations

from collections import deque
from datetime import datetime
from typing import TypeVar

from riskgate.ledger.counters.news import Mention, Question
from riskgate.model.order import Order
from riskgate.model.readings import CountReading
from riskgate.model.subject import Subject, telling_apart
from riskgate.rulekit.tallies import WindowTally

Likeness = tuple[object, ...]
K = TypeVar("K")


class WindowCounter:
    """Messages inside a sliding window `(t - w, t]`, alike in some fields.

    Where the clock has stepped back by less than the window, the window ends at the newest
    message; where by more, the messages move to now. So stepping back neither forgets a message
    nor makes room for one, nor bars anybody for longer than a window.
    """

    def __init__(self, tally: WindowTally, per: tuple[str, ...]) -> None:
        self._tally = tally
        self._counts, self._window = tally.counts, tally.window
        named = [name for name in tally.same if name in Subject._fields]
        self._named_alike = telling_apart((*per, *named))
        self._stated_alike = telling_apart(name for name in tally.same if name not in named)
        self._messages: deque[tuple[datetime, Likeness, int]] = deque()
        self._alike: dict[Likeness, int] = {}
        self._passed: datetime | None = None
        self._siblings: dict[tuple[Likeness, int], int] = {}
        # What was asked of last: nearly always what is told of next.
        self._asked: tuple[Subject | None, Order | None, Likeness] = (None, None, ())

    def message(self, what: str, mention: Mention, at: datetime) -> None:
        """A message was sent, or an order held."""
        if what not in self._counts:
            return
        if at is not self._passed:
            self._pass_to(at)
        subject, order, parent, _ = mention
        asked_subject, asked_order, key = self._asked
        if order is not asked_order or subject is not asked_subject:
            key = self._key(mention)
        self._alike[key] = self._alike.get(key, 0) + 1
        if parent:
            _tick(self._siblings, (key, parent), 1)
        messages = self._messages
        newest = messages[-1][0] if messages else at
        messages.append((max(at, newest), key, parent))

    def unsay(self, what: str, mention: Mention, at: datetime) -> None:
        """Take back the newest such message: it was only supposed; of held ones the one of then."""
        if what not in self._counts:
            return
        sought = (self._key(mention), mention.parent)
        for place in reversed(range(len(self._messages))):
            when, *said = self._messages[place]
            if tuple(said) == sought and (when == at or what != "held"):
                del self._messages[place]
                self._less(*sought)
                return

    def read(self, question: Question) -> CountReading:
        """How many are inside the window that ends at that moment."""
        at, mention = question.at, question.asked
        if at is not self._passed:
            self._pass_to(at)
        subject, order, parent, _ = mention
        key = self._named_alike(subject), self._stated_alike(order)
        self._asked = subject, order, key
        count = self._alike.get(key, 0)
        if parent and not self._tally.siblings:
            count -= self._siblings.get((key, parent), 0)
        return CountReading(count)

    def _pass_to(self, at: datetime) -> None:
        """Forget what has left the window that ends at that moment."""
        self._passed = at
        messages, window = self._messages, self._window
        if not messages:
            return
        newest = messages[-1][0]
        if newest > at and newest - at >= window:
            moved = ((min(when, at), key, parent) for when, key, parent in messages)
            messages = self._messages = deque(moved)
        start, alike = at - window, self._alike
        while messages and messages[0][0] <= start:
            _, key, parent = messages.popleft()
            left = alike[key] - 1
            if left:
                alike[key] = left
            else:
                del alike[key]
            if parent:
                _tick(self._siblings, (key, parent), -1)

    def _less(self, key: Likeness, parent: int) -> None:
        """Count a message out; nothing is kept of what counts zero."""
        _tick(self._alike, key, -1)
        if parent:
            _tick(self._siblings, (key, parent), -1)

    def _key(self, mention: Mention) -> Likeness:
        return (self._named_alike(mention.subject), self._stated_alike(mention.order))


def _tick(counts: dict[K, int], key: K, by: int) -> None:
    left = counts.get(key, 0) + by
    if left:
        counts[key] = left
    else:
        del counts[key]
