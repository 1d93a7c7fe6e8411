"""What a changed answer leaves behind it: which later answers rest on it, and could be others.

Rule 1: whoever rests on a changed order might be changed too, and then whoever rests on that one;
so the bound holds for all that follows, and is no less for being large.
Rule 2: an order counts in a sum of holdings by its account and contract alone, in a sum of orders
by all that it is (semantics.md, section 4); whatever its side, a later one may rest on it.
Rule 3: what counts for a while counts from the last that was heard of the order: it may be filled,
cancelled or refused long after it was decided.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Final, NamedTuple

import msgspec

from riskgate.ledger.book import Book
from riskgate.ledger.counting import place_of
from riskgate.model.events import Decided, LimitTripped, Recorded, StateChanged
from riskgate.model.snapshot import Snapshot
from riskgate.model.spans import A_DAY
from riskgate.model.subject import HOLDING_KEYS, Subject, telling_apart
from riskgate.model.trading import Scope
from riskgate.policy.bound import Bound
from riskgate.policy.latches import scope_of
from riskgate.policy.policies import PolicySet
from riskgate.policy.selectors import Index, Selector
from riskgate.rulekit.tallies import DayTally, LossTally, SubmissionTally

# Of a day that has an hour more, where the clocks are put back in it.
LONGEST_DAY: Final = A_DAY + timedelta(hours=1)
NOT_OF_ORDERS: Final = (LossTally, SubmissionTally)  # reports of accounts, and one submission
HOLDING: Final = (*HOLDING_KEYS, "strategy")


class _Budgets(NamedTuple):
    """What one rule counts: of which orders, in which budgets, and for how long."""

    name: str
    selector: Selector
    per: tuple[str, ...]
    window: timedelta | None
    of_holdings: bool
    of_a_day: bool

    def key(self, part: _Part) -> tuple[str, object]:
        """The budget of an order."""
        return self.name, telling_apart(self.per)(part.cell if self.of_holdings else part.subject)


class _Part(NamedTuple):
    """An order, or a leg of one: as counters of orders see it, and as those of holdings do."""

    subject: Subject
    cell: Subject


class _Rests(msgspec.Struct):
    """The last that was heard of changed orders in a budget, and those that may still work."""

    newest: datetime
    orders: set[int] = set()


class Wake:
    """The changed orders of a record, and all that may rest on them; `book` is kept by others."""

    def __init__(self, policies: PolicySet, book: Book) -> None:
        self._policies = policies
        self._book = book
        found = {bound.name: made for bound in policies.bounds if (made := _budgets(bound))}
        self._of_rule = found
        self._hearing = Index((one.selector, one) for one in found.values() if not one.of_holdings)
        self._holding = Index((one.selector, one) for one in found.values() if one.of_holdings)
        self._orders: dict[int, dict[_Part, None]] = {}
        self._rests: dict[tuple[str, object], _Rests] = {}
        self._held: set[tuple[str, str]] = set()
        self._scopes: dict[Scope, None] = {}
        self._last = 0  # the changed order whose decision was the newest

    def note(self, decided: Decided, met: Snapshot, *, lasting: bool = False) -> None:
        """An order would have fared otherwise, or might have.

        Of a `lasting` one nothing on record says when it ends.
        """
        self._last = decided.order_id
        for number in (decided.order_id, decided.block):
            if number:
                known = self._orders.setdefault(number, {})
                for part in _parts(met):
                    known[part] = None
                    self._mark(number, part, met.as_of, stays=lasting)

    def note_scopes(self, scopes: Iterable[Scope]) -> None:
        """A rule would have latched for these, or might have, or would not."""
        self._scopes.update(dict.fromkeys(scopes))

    def scopes(self, met: Snapshot) -> Iterator[Scope]:
        """For whom the rules that an order is asked might latch."""
        for part in _parts(met):
            for bound in self._policies.for_(part.subject).bounds:
                if bound.rule.trips() is not None or bound.rule.lasts_the_day():
                    yield scope_of(bound, part.subject)

    def hear(self, event: Recorded) -> None:
        """One event of the record: whether it is about an order that was noted."""
        payload = event.payload
        if isinstance(payload, StateChanged | LimitTripped):
            self._latched(payload)
            return
        number = getattr(payload, "order_id", 0)
        if isinstance(payload, Decided):
            self._last = number if number in self._orders else 0
            if self._orders.keys() & set(payload.members):
                self._share(payload)
        if number in self._orders:
            at = max(event.at, getattr(payload, "at", event.at))
            for part in self._orders[number]:
                self._mark(number, part, at)

    def knows(self, decided: Decided) -> bool:
        """Whether it is about a noted order, or a slice of one."""
        return decided.order_id in self._orders or decided.parent in self._orders

    def touches(self, decided: Decided, met: Snapshot, *, reduction: bool) -> bool:
        """Whether an order is judged by a counter, a holding or a state that might be another.

        So is what is decided of a noted order again: a modify, an approval, a slice of it.
        """
        return self.knows(decided) or any(
            self._touches(part, met, reduction=reduction) for part in _parts(met)
        )

    def _touches(self, part: _Part, met: Snapshot, *, reduction: bool) -> bool:
        subject = part.subject
        if (subject.account, subject.instrument) in self._held:
            return True
        named = (subject.account, subject.strategy, subject.symbol, subject.underlying)
        if any(scope.covers(*named) for scope in self._scopes):
            return True
        return any(
            self._still_counts(budgets, part, met.as_of)
            for bound in self._policies.for_(subject).bounds
            if (budgets := self._of_rule.get(bound.name)) is not None
            and not (reduction and bound.rule.exempts_reductions)
            and not (met.is_exit and bound.rule.exempts_exits)
        )

    def _still_counts(self, budgets: _Budgets, part: _Part, at: datetime) -> bool:
        """Whether what was noted in a budget can be in what a rule counts now."""
        rests = self._rests.get(budgets.key(part))
        if rests is None:
            return False
        if budgets.window is None or at - rests.newest <= budgets.window:
            return True
        return budgets.of_a_day and any(map(self._may_work, rests.orders))

    def _may_work(self, number: int) -> bool:
        life = self._book.orders.get(number)
        return life is not None and life.status.working

    def _mark(self, number: int, part: _Part, at: datetime, *, stays: bool = False) -> None:
        """Something of an order counts from then on, or does not any more."""
        self._held.add((part.subject.account, part.subject.instrument))
        hearing = (*self._hearing.find(part.subject), *self._holding.find(part.cell))
        for budgets in hearing:
            rests = self._rests.setdefault(budgets.key(part), _Rests(at))
            rests.newest = max(at, rests.newest)
            if budgets.of_a_day:
                rests.orders.add(number)
                if stays:
                    rests.newest = datetime.max.replace(tzinfo=at.tzinfo)

    def _share(self, block: Decided) -> None:
        """A block has a changed member: all of them have another part of it."""
        mine = self._orders.setdefault(block.order_id, {})
        for number in block.members:
            life = self._book.orders.get(number)
            if life is not None:
                mine[_Part(life.subject, life.subject)] = None
        mine |= {part: None for number in block.members for part in self._orders.get(number, ())}

    def _latched(self, said: StateChanged | LimitTripped) -> None:
        """A state that the newest changed order, or one that might be, has set for others."""
        if not self._last:
            return
        if isinstance(said, LimitTripped):
            self._scopes[said.scope] = None
        elif said.standing.latch:
            self._scopes[said.standing.scope] = None


def _budgets(bound: Bound) -> _Budgets | None:
    """What a rule counts of orders, if it does."""
    tally = bound.tally
    if tally is None or isinstance(tally, NOT_OF_ORDERS):
        return None
    selector, keys, _ = place_of(bound, tally)
    if tally.sums_holdings:
        per = set(keys) & set(HOLDING)
    else:
        per = {*keys, *(name for name in getattr(tally, "same", ()) if name in Subject._fields)}
    of_a_day = isinstance(tally, DayTally)
    window = LONGEST_DAY if of_a_day else getattr(tally, "window", None)
    return _Budgets(bound.name, selector, tuple(sorted(per)), window, tally.sums_holdings, of_a_day)


def _parts(met: Snapshot) -> Iterator[_Part]:
    """An order as counters see it, and its legs: holdings know no routing."""
    seen: Iterable[Snapshot] = (met, *(view.snapshot for view in met.legs))
    for one in seen:
        exchange = one.instrument.exchange if one.instrument else one.subject.exchange
        yield _Part(one.subject, one.subject._replace(exchange=exchange))
