"""A gate's record beside what other policies make of the same story: the truth for a what-if.

Rule 1: `Facts` decides every submission a second time, by the gate's own judge, in a book that is
folded from the record as it stands under the other policies' counters.
Rule 2: `Instead` plays the story on: its book holds only what the other policies would have sent.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from riskgate.authoring.rehearsal import Rehearsal
from riskgate.errors import ConfigError
from riskgate.ledger.book import Book
from riskgate.line import grouping, keys
from riskgate.line.bookkeeping import Turned
from riskgate.line.judging import Moment, Passage
from riskgate.model.decision import Action
from riskgate.model.events import Decided, Recorded
from riskgate.policy.latches import latches
from riskgate.policy.policies import PolicySet


class Twin:
    """Other policies beside a gate; `made` are their decisions by the number of the event."""

    def __init__(self, stage: Rehearsal, policies: PolicySet) -> None:
        self._stage = stage
        self._policies = policies
        self._decide = stage.gate._decide
        stage.gate._decide = self._beside  # type: ignore[method-assign]
        self.made: dict[int, Decided | None] = {}

    def _record(self, turn: Turned) -> list[Recorded]:
        added: list[Recorded] = turn._turn.added  # type: ignore[attr-defined]
        return [*self._stage.journal.read(), *added]

    def _beside(self, turn: Turned, one: Passage) -> None:
        before = self._record(turn)
        made = [] if keys.earlier(self._stage.gate.world, one.asked) else self._judged(before, one)
        self._decide(turn, one)
        after = self._record(turn)[len(before) :]
        pairs = [event for event in after if isinstance(event.payload, Decided)]
        for place, event in enumerate(pairs):
            self.made[event.seq] = made[place] if place < len(made) else None
        self.took(made, after)

    def took(self, made: list[Decided], after: list[Recorded]) -> None:
        """What one submission came to, here and on record."""

    def folded(self, before: list[Recorded]) -> list[Recorded]:
        """What the book holds that the next submission meets."""
        return before

    def _judged(self, before: list[Recorded], one: Passage) -> list[Decided]:
        gate = self._stage.gate
        gate.world.book.holdings.remark(gate.world.market.take_changed() or ())
        with self._instead(self.folded(before)):
            at = Moment(now=gate.clock.now(), sound=gate._sound())
            try:
                return grouping.settled(self._policies, one.judged(at))
            except ConfigError:  # an approval of what is not held here
                return []

    @contextmanager
    def _instead(self, events: list[Recorded]) -> Iterator[None]:
        gate, world = self._stage.gate, self._stage.gate.world
        before = gate.policies, world.policies, world.book
        gate.policies = world.policies = self._policies
        world.book = book = world.empty_book()
        fold(book, events)
        try:
            yield
        finally:
            gate.policies, world.policies, world.book = before


class Instead(Twin):
    """The story as it would have gone on: what was denied has no effect, what was let go works."""

    def __init__(self, stage: Rehearsal, policies: PolicySet) -> None:
        super().__init__(stage, policies)
        self._events: list[Recorded] = []
        self._alive: set[int] = set()
        self._read = 0

    def folded(self, before: list[Recorded]) -> list[Recorded]:
        """What the record says since of orders that are alive here too, or of none."""
        for event in before[self._read :]:
            number = getattr(event.payload, "order_id", 0)
            own = not isinstance(event.payload, Decided) and number in {0, *self._alive}
            self._events += [event] if own else []
        self._read = len(before)
        return self._events

    def took(self, made: list[Decided], after: list[Recorded]) -> None:
        """Its own decisions and latches stand in its record, in place of those of then."""
        self._read += len(after)
        for one in made:
            seen, at = one.snapshot, one.decision.as_of
            left = latches(self._policies, one.decision, seen) if seen is not None else ()
            self._events += [Recorded(0, at, payload) for payload in (one, *left)]
            if one.decision.action is not Action.DENY:
                self._alive.add(one.order_id)


def fold(book: Book, events: list[Recorded]) -> None:
    """Take in events."""
    for event in events:
        book.apply(event.payload, event.at)
    book.take_touched()
