"""Messages inside sliding windows, counted by likeness."""

from __future__ import annotations

from collections import deque
from datetime import datetime
from typing import TypeVar

import msgspec

from riskgate.ledger.counters.news import Mention, Question
from riskgate.model.order import Order
from riskgate.model.readings import CountReading
from riskgate.model.subject import Subject, telling_apart
from riskgate.rulekit.tallies import WindowTally

Likeness = tuple[object, ...]
K = TypeVar("K")


class _Alike(msgspec.Struct, gc=False):
    """How many messages of one likeness are inside the window.

    It is looked up when an order is asked about, and at hand when that is sent: to hash the numbers
    of a likeness takes longer than to count.
    """

    key: Likeness
    count: int = 0


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
        self._messages: deque[tuple[datetime, _Alike, int]] = deque()
        self._alike: dict[Likeness, _Alike] = {}
        self._passed: datetime | None = None
        self._siblings: dict[tuple[Likeness, int], int] = {}
        # What was asked of last: nearly always what is told of next. It is kept until then.
        self._asked: tuple[Subject | None, Order | None, _Alike] = (None, None, _Alike(()))

    def message(self, what: str, mention: Mention, at: datetime) -> None:
        """A message was sent, or an order held."""
        if what not in self._counts:
            return
        if at is not self._passed:
            self._pass_to(at)
        subject, order, parent, _ = mention
        asked_subject, asked_order, alike = self._asked
        if order is not asked_order or subject is not asked_subject:
            alike = self._found(self._key(mention))
        alike.count += 1
        if parent:
            _tick(self._siblings, (alike.key, parent), 1)
        messages = self._messages
        if messages and messages[-1][0] > at:
            at = messages[-1][0]
        messages.append((at, alike, parent))

    def unsay(self, what: str, mention: Mention, at: datetime) -> None:
        """Take back the newest such message: it was only supposed; of held ones the one of then."""
        if what not in self._counts:
            return
        key = self._key(mention)
        for place in reversed(range(len(self._messages))):
            when, alike, parent = self._messages[place]
            same = parent == mention.parent and alike.key == key
            if same and (when == at or what != "held"):
                del self._messages[place]
                self._less(alike, parent)
                return

    def read(self, question: Question) -> CountReading:
        """How many are inside the window that ends at that moment."""
        at, mention = question.at, question.asked
        if at is not self._passed:
            self._pass_to(at)
        subject, order, parent, _ = mention
        key = self._named_alike(subject), self._stated_alike(order)
        alike, before = self._alike.get(key), self._asked[2]
        if alike is None:
            alike = self._alike[key] = _Alike(key)
        if not before.count and before is not alike:
            self._alike.pop(before.key, None)
        self._asked = subject, order, alike
        count = alike.count
        if parent and not self._tally.siblings:
            count -= self._siblings.get((alike.key, parent), 0)
        return CountReading(count)

    def _pass_to(self, at: datetime) -> None:
        """Forget what has left the window that ends at that moment."""
        self._passed = at
        messages, window = self._messages, self._window
        if not messages:
            return
        newest = messages[-1][0]
        if newest > at and newest - at >= window:
            moved = ((min(when, at), alike, parent) for when, alike, parent in messages)
            messages = self._messages = deque(moved)
        start = at - window
        while messages and messages[0][0] <= start:
            _, alike, parent = messages.popleft()
            self._less(alike, parent)

    def _less(self, alike: _Alike, parent: int) -> None:
        """Count a message out; nothing is kept of what counts zero, and is not asked of."""
        alike.count -= 1
        if not alike.count and alike is not self._asked[2]:
            del self._alike[alike.key]
        if parent:
            _tick(self._siblings, (alike.key, parent), -1)

    def _found(self, key: Likeness) -> _Alike:
        """The messages of one likeness."""
        return self._alike.setdefault(key, _Alike(key))

    def _key(self, mention: Mention) -> Likeness:
        return (self._named_alike(mention.subject), self._stated_alike(mention.order))


def _tick(counts: dict[K, int], key: K, by: int) -> None:
    left = counts.get(key, 0) + by
    if left:
        counts[key] = left
    else:
        del counts[key]
