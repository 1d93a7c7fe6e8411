"""Counters that a record does not hold, counted again: the book folded under other policies.

Rule 1: the book is a fold of the record, so whatever a rule counts of orders, messages, fills and
positions as they were can be counted for any rule. What rests on prices that are not on record,
as the values of other holdings do, cannot, and is never guessed at.
Rule 2: a reading on record is worth more than one that was counted again: where a rule of then
counted the very same, its reading is taken; and where the two disagree, nothing is counted again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext

import msgspec

from riskgate.ledger.book import Book
from riskgate.ledger.counters.news import Mention, Question
from riskgate.ledger.counting import Counting
from riskgate.model.events import Decided, Recorded
from riskgate.model.order import Order
from riskgate.model.readings import Reading, SubmissionReading
from riskgate.model.snapshot import Snapshot
from riskgate.policy.bound import Bound
from riskgate.policy.policies import PolicySet

Counted = tuple[object, ...]


class Recount:
    """A book with the counters of other policies, kept up with a record."""

    def __init__(self, policies: PolicySet) -> None:
        self._policies = policies
        self.book = Book(Counting(policies), _no_mark)
        self._alike: dict[str, dict[str, str]] = {}

    def fold(self, event: Recorded) -> None:
        """Take in one event, after whatever is asked of the book before it."""
        self.book.apply(event.payload, event.at)
        self.book.take_touched()

    def readings(
        self, decided: Decided, snapshot: Snapshot, then: PolicySet | None
    ) -> tuple[dict[str, Reading], list[str]]:
        """What each rule would have read when an order was judged; and the rules nobody can tell.

        `snapshot` is the order's, or a leg's of it.
        """
        order = decided.decision.order
        applying = self._policies.for_(snapshot.subject)
        bounds, lone = applying.counted, not decided.group and snapshot.submission is None
        found: dict[str, Reading] = {}
        if lone and applying.grouped:  # beside it there was nothing; its own breaches are to come
            bounds = tuple(bound for bound in bounds if bound not in applying.grouped)
            found = {bound.name: SubmissionReading() for bound in applying.grouped}
        told = dict(_recorded(bounds, snapshot, self._of(then)))
        asked = [bound for bound in bounds if bound.name not in told]
        found.update(told)
        if order is None or not asked:
            return found, []
        if decided.approves:
            self._let_go(decided)
        again = self._again(decided, order, snapshot, bounds)
        disagree = any(again.get(name, reading) != reading for name, reading in told.items())
        unknown = []
        for bound in asked:
            reading = None if disagree else again.get(bound.name)
            if reading is None:
                unknown.append(bound.name)
            else:
                found[bound.name] = reading
        return found, unknown

    def _again(
        self, decided: Decided, order: Order, snapshot: Snapshot, bounds: Iterable[Bound]
    ) -> Mapping[str, Reading]:
        """The readings counted again, of those rules where that can be done."""
        if snapshot.legs or not self._stands_alone(decided):
            return {}
        with self._without(decided):
            question = self._question(decided, order, snapshot)
            found = dict(self.book.counting.readings(bounds, question))
        return {name: reading for name, reading in found.items() if not _lacks_marks(reading)}

    def _let_go(self, decided: Decided) -> None:
        """An order that was held, and its group, are judged again as if they had not been."""
        orders, number = self.book.orders, decided.group
        if not number and decided.approves in orders:
            self.book.let_go(orders[decided.approves])
        while number and number in orders and orders[number].group == decided.group:
            self.book.let_go(orders[number])
            number += 1

    def _stands_alone(self, decided: Decided) -> bool:
        """Whether the book of then is the one on record: earlier orders of a group were sent."""
        if decided.block or decided.members or decided.oca:
            return False
        first = self.book.orders.get(decided.group)
        return first is None or first is self.book.orders.get(decided.order_id) or first.leaves

    def _without(self, decided: Decided) -> AbstractContextManager[None]:
        life = self.book.orders.get(decided.replaces) if decided.replaces else None
        return nullcontext() if life is None else self.book.without(life)

    def _question(self, decided: Decided, order: Order, snapshot: Snapshot) -> Question:
        subject, holdings = snapshot.subject, self.book.holdings
        life = self.book.orders.get(decided.replaces) if decided.replaces else None
        group = life.bracket if life is not None else decided.bracket or decided.block
        parent = life.parent if life is not None else decided.parent
        account, instrument = snapshot.account, snapshot.instrument
        return Question(
            asked=Mention(subject, order, parent, group),
            whole=holdings.of(subject.account, subject.instrument),
            own=holdings.of(subject.account, subject.instrument, subject.strategy),
            at=snapshot.as_of,
            reported=account.at if account else None,
            venue=instrument.exchange if instrument else "",
        )

    def _of(self, then: PolicySet | None) -> dict[str, str]:
        """For each rule the one of then that counted the very same, by name."""
        if then is None:
            return {}
        known = self._alike.get(then.digest)
        if known is None:
            counted = {counts(bound): bound.name for bound in then.bounds}
            pairs = ((b.name, counted.get(counts(b))) for b in self._policies.bounds)
            known = self._alike[then.digest] = {name: old for name, old in pairs if old}
        return known


def counts(bound: Bound) -> Counted:
    """What a rule counts, of which orders. Rules that count the same read the same."""
    return bound.tally, bound.selector, bound.per


def _lacks_marks(reading: object) -> bool:
    """Whether a reading, or a part of it, rests on prices that are not at hand."""
    if not isinstance(reading, msgspec.Struct):
        return False
    return any(
        (name.startswith("unmarked") and bool(value)) or _lacks_marks(value)
        for name, value in msgspec.structs.asdict(reading).items()
    )


def _recorded(
    bounds: Iterable[Bound], snapshot: Snapshot, alike: Mapping[str, str]
) -> Iterator[tuple[str, Reading]]:
    for bound in bounds:
        reading = snapshot.readings.get(alike.get(bound.name, ""))
        if reading is not None:
            yield bound.name, reading


def _no_mark(_instrument: str) -> None:
    """No price of then is at hand."""
