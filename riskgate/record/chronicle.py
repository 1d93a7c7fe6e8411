"""One order's history out of the journal: each decision explained, and what happened next.

Rule 1: everything told is an event on record, in the order of the record; nothing is asked anew.
Rule 2: slippage is measured against the market at the decision that let the order go.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

import msgspec

from riskgate.analytics.costs import commissions
from riskgate.analytics.slippage import arrival_price, arrival_slippage, slippage_at
from riskgate.ledger.book import Book
from riskgate.ledger.counting import Counting
from riskgate.ledger.life import Life
from riskgate.model.events import (
    CancelRequested,
    Decided,
    LimitTripped,
    Payload,
    Reconciled,
    Recorded,
    StateChanged,
    Tended,
    WorkChanged,
)
from riskgate.model.lifecycle import Status
from riskgate.model.moments import to_the_second
from riskgate.model.money import grouped
from riskgate.model.order import Side
from riskgate.model.report import (
    CancelNotSent,
    CommissionReport,
    ErrorReport,
    ExecutionReport,
    Fill,
    NeverSent,
    OrderEcho,
    Sent,
    StatusReport,
    stem_of,
)
from riskgate.model.view import OrderView
from riskgate.policy.explaining import Explanation, Priced, explained, priced
from riskgate.policy.policies import NO_POLICIES, PolicySet

OURS: Final = frozenset({Status.UNKNOWN, Status.PARTIALLY_FILLED})  # no broker says these
Events = Callable[[], Iterable[Recorded]]


class Happening(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that happened to an order. Slippage is in basis points, a cost is positive."""

    seq: int
    at: datetime
    kind: str
    text: str
    quantity: Decimal | None = None
    price: Decimal | None = None
    slippage_bps: Decimal | None = None


class Chapter(msgspec.Struct, frozen=True, kw_only=True):
    """One decision, why it was as it was, and what happened until the next."""

    seq: int
    at: datetime
    decided: Decided
    explanation: Explanation
    then: tuple[Happening, ...] = ()

    @property
    def what(self) -> str:
        """What was decided on: `new order`, `modify` or `approval`."""
        if self.decided.replaces:
            return "modify"
        return "approval" if self.decided.approves else "new order"

    @property
    def price(self) -> Priced | None:
        """The price that it was decided on."""
        return priced(self.decided)


class Chronicle(msgspec.Struct, frozen=True, kw_only=True):
    """One order from its first decision to now. `arrival` is what slippage is measured against.

    `commissions` are what the broker has told so far, by currency.
    """

    view: OrderView
    chapters: tuple[Chapter, ...]
    arrival: Decimal | None = None
    slippage_bps: Decimal | None = None
    commissions: Mapping[str, Decimal] = {}


def chronicle(
    events: Events,
    name: str,
    policies: PolicySet | None,
    *,
    under_others: bool = False,
    recorded: Callable[[str], PolicySet | None] = lambda _digest: None,
) -> Chronicle | None:
    """The history of the order with this number, reference or key; None if there is none.

    `policies` and `under_others` are what its decisions are explained by; see `explained`. Where
    those are others than a decision's and are not to be asked, `recorded` may know its own.
    """

    def policies_of(decided: Decided) -> PolicySet | None:
        digest = decided.decision.digest
        if under_others or (policies is not None and policies.digest == digest):
            return policies
        return recorded(digest) or policies

    found = _found(events, name)
    if not found:
        return None
    life = _life(found, events)
    chapters: list[Chapter] = []
    told: list[Happening] = []
    teller = _Teller()
    for event in found:
        if isinstance(event.payload, Decided):
            chapters = _closed(chapters, told)
            told = []
            own = policies_of(event.payload)
            chapters.append(_chapter(event, event.payload, own, under_others=under_others))
        told += teller.tell(event)
    return Chronicle(
        view=life.view(),
        chapters=tuple(_closed(chapters, told)),
        arrival=teller.arrival,
        slippage_bps=teller.slippage(life),
        commissions=commissions(life.fills.values()),
    )


def _chapter(
    event: Recorded, decided: Decided, policies: PolicySet | None, *, under_others: bool
) -> Chapter:
    explanation = explained(decided, policies, under_others=under_others)
    return Chapter(seq=event.seq, at=event.at, decided=decided, explanation=explanation)


def _closed(chapters: list[Chapter], told: list[Happening]) -> list[Chapter]:
    """The chapters with what happened since the last decision put in."""
    if not chapters:
        return []
    return [*chapters[:-1], msgspec.structs.replace(chapters[-1], then=tuple(told))]


def _found(events: Events, name: str) -> list[Recorded]:
    """The events about one order; a number goes before a reference that reads like one."""
    if name.isascii() and name.isdigit():
        found = _of(events, int(name))
        if found:
            return found
    for event in events():
        if isinstance(event.payload, Decided) and event.payload.ref == name:
            return _of(events, event.payload.order_id)
    return []


def _of(events: Events, number: int) -> list[Recorded]:
    """The events of one order; what was said of its block is told as it was said of the order."""
    found = _about(events(), number)
    decided = [one.payload for one in found if isinstance(one.payload, Decided)]
    block = max((one.block for one in decided), default=0)
    whole = _about(events(), block) if block else []
    members = {n for one in whole if isinstance(one.payload, Decided) for n in one.payload.members}
    if number not in members:
        return found
    others = [
        one
        for one in events()
        if isinstance(one.payload, Decided) and one.payload.order_id in members - {number}
    ]
    family = {one.seq: one for one in (*found, *whole, *others)}
    own = {one.seq for one in found}
    told: list[Recorded] = []
    book = Book(Counting(NO_POLICIES), lambda _: None)
    for _, event in sorted(family.items()):
        book.apply(event.payload, event.at)
        told += [event] if event.seq in own else []
        told += [
            Recorded(event.seq, event.at, one)
            for one in book.blocks.told
            if _is_about(one, number, book)
        ]
    return told


def _is_about(payload: Payload, number: int, book: Book) -> bool:
    if isinstance(payload, CommissionReport):
        return _stem(payload) in book.orders[number].fills
    return getattr(payload, "order_id", 0) == number


def _about(events: Iterable[Recorded], number: int) -> list[Recorded]:
    """The events of one order: its own, its commissions, and what its breaches led to."""
    found: list[Recorded] = []
    bills: list[Recorded] = []
    decided: Decided | None = None
    stems: set[str] = set()
    for event in events:
        payload = event.payload
        if isinstance(payload, CommissionReport):
            bills.append(event)
        elif number and getattr(payload, "order_id", 0) == number:
            found.append(event)
            decided = payload if isinstance(payload, Decided) else decided
            if isinstance(payload, ExecutionReport):
                stems.add(payload.stem)
        elif decided is not None and _concerns(payload, decided):
            found.append(event)
    found += [bill for bill in bills if _stem(bill.payload) in stems]
    return sorted(found, key=lambda event: event.seq) if decided else []


def _stem(payload: Payload) -> str:
    return stem_of(payload.execution_id) if isinstance(payload, CommissionReport) else ""


def _concerns(payload: Payload, decided: Decided) -> bool:
    """Whether an event without an order is about this one after all."""
    if isinstance(payload, CancelNotSent):
        return not payload.order_id
    if isinstance(payload, Reconciled):
        return True
    breached = {finding.rule for finding in decided.decision.breaches if finding.rule}
    at = decided.decision.as_of
    if isinstance(payload, StateChanged):
        state = payload.standing
        return state.latch and state.at == at and state.by in breached
    return isinstance(payload, LimitTripped) and payload.at == at and payload.rule in breached


def _life(found: Sequence[Recorded], events: Events) -> Life:
    """The order as its own events make it; one that is worked off, as those of its slices do."""
    decided = next(event.payload for event in found if isinstance(event.payload, Decided))
    book = Book(Counting(NO_POLICIES), lambda _: None)
    for event in found if decided.plan is None else events():
        book.apply(event.payload, event.at)
    return book.orders[decided.order_id]


class _Teller:
    """Puts events into words, each once."""

    def __init__(self) -> None:
        self.arrival: Decimal | None = None
        self._side = Side.BUY
        self._is_combo = False  # then a fill is one leg's, and has no slippage of its own
        self._status = ""
        self._fills: set[str] = set()

    def tell(self, event: Recorded) -> Iterator[Happening]:
        """What an event says that was not said before."""
        payload = event.payload
        if isinstance(payload, Decided):
            self._begin(payload)
            yield from _blocked(event, payload)
            return
        if isinstance(payload, ExecutionReport):
            yield self._filled(event, payload)
            return
        text = self._words(payload)
        if text:
            kind = type(payload).__struct_config__.tag
            yield Happening(seq=event.seq, at=event.at, kind=str(kind), text=text)

    def slippage(self, life: Life) -> Decimal | None:
        """What the fills cost against the market at the decision; of a combo by its net price."""
        if life.legs is None:
            return self._cost(tuple(life.fills.values()))
        average = life.view().avg_fill_price
        if self.arrival is None or average is None:
            return None
        return slippage_at(self._side, average, self.arrival).bps

    def _cost(self, fills: tuple[Fill, ...]) -> Decimal | None:
        if self.arrival is None:
            return None
        return arrival_slippage(self._side, fills, self.arrival)

    def _begin(self, decided: Decided) -> None:
        order, snapshot = decided.decision.order, decided.snapshot
        if order is None or snapshot is None or decided.replaces:
            return
        self._side = order.side
        self._is_combo = bool(order.legs)
        self.arrival = arrival_price(snapshot.quote)

    def _filled(self, event: Recorded, report: ExecutionReport) -> Happening:
        again = report.stem in self._fills
        self._fills.add(report.stem)
        cost = None if self._is_combo else self._cost((report.as_fill(),))
        what = f"{report.side} {report.instrument.key} " if self._is_combo else ""
        said = f"{what}{grouped(report.quantity)} at {grouped(report.price)}"
        return Happening(
            seq=event.seq,
            at=event.at,
            kind="execution",
            text=f"fill corrected: it was {said}" if again else f"filled {said}",
            quantity=report.quantity,
            price=report.price,
            slippage_bps=cost,
        )

    def _words(self, payload: Payload) -> str:
        """What to say of an event; empty if it says nothing new."""
        return self._changed(payload) if isinstance(payload, StatusReport) else _said(payload)

    def _changed(self, report: StatusReport) -> str:
        more = "; ".join(word for word in (report.why_held, report.reason) if word)
        whose = "status" if report.status in OURS else "broker says"
        said = f"{whose} {report.status.value}{f': {more}' if more else ''}"
        before, self._status = self._status, said
        return "" if said == before else said


def _blocked(event: Recorded, decided: Decided) -> Iterator[Happening]:
    """With which orders it goes to the broker as one, if it does."""
    text = f"part of block {decided.block}" if decided.block else ""
    if decided.members:
        text = f"block of orders {', '.join(map(str, decided.members))}"
    if text:
        yield Happening(seq=event.seq, at=event.at, kind="block", text=text)


def _said(payload: Payload) -> str:
    """An event in words; empty for what is not told."""
    words = WORDS.get(type(payload))
    return words(payload) if words else ""


def _sent(event: Sent) -> str:
    what = f"modify {event.version}" if event.version else "the order"
    waited = f" after {grouped(event.queued)} s in the queue" if event.queued else ""
    return f"{what} left for the broker as its order {event.broker_order_id}{waited}"


def _never_sent(event: NeverSent) -> str:
    what = "the modify" if event.modify else "the order"
    return f"{what} was never sent: {event.code}: {event.text}"


def _echo(event: OrderEcho) -> str:
    prices = [grouped(p) for p in (event.limit_price, event.stop_price) if p is not None]
    return f"broker confirms {' at '.join([grouped(event.quantity), *prices])}"


def _tripped(event: LimitTripped) -> str:
    until = to_the_second(event.until)
    return f"{event.rule} denies for {event.scope} until {until}: {event.reason}"


def _worked(event: WorkChanged) -> str:
    by, why = (f" by {event.by}" if event.by else ""), (f": {event.reason}" if event.reason else "")
    return f"the work on it is {event.state}{by}{why}"


def _tended(event: Tended) -> str:
    why = f": {event.reason}" if event.reason else ""
    if event.plan is None:
        return f"no strategy tends it any more{why}"
    does = "is converting it" if event.converting else "tends it"
    return f"`{event.plan}` {does}{why}"


WORDS: Final[Mapping[type, Callable[[Any], str]]] = {
    Sent: _sent,
    NeverSent: _never_sent,
    CancelNotSent: lambda event: f"a cancel did not leave: {event.text}",
    CancelRequested: lambda event: f"cancel requested by {event.actor or 'nobody named'}",
    OrderEcho: _echo,
    ErrorReport: lambda event: f"broker code {event.code}: {event.text}",
    CommissionReport: lambda event: f"commission {grouped(event.amount)} {event.currency}",
    StateChanged: lambda event: str(event.standing),
    LimitTripped: _tripped,
    WorkChanged: _worked,
    Tended: _tended,
}
"""What each event says, in words."""
