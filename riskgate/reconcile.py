"""The broker's story against ours: what it knows that we do not, and what it denies.

Rule 1: the broker is right about its side. What it tells is recorded as reports; positions that
still differ afterwards are taken over and named.
Rule 2: nothing is ever sent again because it is missing; an order of which the broker knows
nothing is UNKNOWN and keeps its reservation.
Rule 3: absence proves death only in a complete story, when the order was sent long enough ago and
nothing unexplained has happened to its position since (semantics.md, section 8).
Rule 4: IB's parts of one story are not of one moment. A position that contradicts what we know of
this IB day is believed only when it stays the same for seconds. An IB day ends at midnight US
Eastern time: executions are told since then.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

import msgspec

from riskgate.ledger.book import Book
from riskgate.ledger.life import Life
from riskgate.ledger.repeats import is_known
from riskgate.model.codes import Code
from riskgate.model.events import (
    ForeignReported,
    Payload,
    PositionsReported,
    Reconciled,
    Recorded,
)
from riskgate.model.instrument import Terms
from riskgate.model.lifecycle import Status
from riskgate.model.money import ZERO, text
from riskgate.model.order import Tif
from riskgate.model.report import (
    ErrorReport,
    ExecutionReport,
    NeverSent,
    Position,
    Report,
    StatusReport,
)
from riskgate.ports import Story

ABSENCE_GRACE: Final = timedelta(seconds=30)
CHECKSUM_GRACE: Final = timedelta(seconds=2)  # a status may come before its executions
RECHECK_EVERY: Final = timedelta(minutes=5)
PAUSES: Final = (0.0, 0.0, 0.125, 0.125, 0.25, 0.5, 0.5, 0.5)  # seconds before each story
PERSISTENCE: Final = 2.0  # seconds for which a contested gap must stay the same
IB_DAY: Final = ZoneInfo("America/New_York")
ONE_DAY: Final = frozenset({Tif.DAY, Tif.IOC, Tif.FOK})

Place = tuple[str, str]


class Gap(msgspec.Struct, frozen=True):
    """A position in which the broker differs from the book, and what is known in it.

    `executions` are those that the broker names, `ours_today` what the book has of this IB day:
    executions, and where the working orders stand.
    """

    position: Position
    ours: Decimal
    executions: frozenset[str]
    ours_today: frozenset[str] = frozenset()

    @property
    def contested(self) -> bool:
        """Whether it may be a fill of ours that one of IB's answers does not have yet."""
        return bool(self.executions or self.ours_today)


class Absence(NamedTuple):
    """What absence is judged by.

    The orders that a story must know, now, since when the link has been up, and what was doubted.
    """

    expected: Collection[int]
    now: datetime
    up_since: datetime
    doubts: Doubts


class Gaps:
    """The gaps of one story after the other. Only one that stays the same is a difference.

    A story is told in parts: a fill between two of them, or one that we heard before the story
    came, looks like a gap. The next story has it among its executions, and the gap changes.
    """

    def __init__(self) -> None:
        self._seen: tuple[tuple[Gap, float | None], ...] = ()

    def settled(self, found: tuple[Gap, ...], paused: float) -> bool:
        """Whether all of these have stood for long enough; `paused` is since the last story."""
        before, self._seen = self._seen, ()
        for gap in found:
            lasted = [paused + (held or 0.0) for known, held in before if known == gap]
            self._seen += ((gap, lasted[0] if lasted else None),)
        return all(
            held is not None and (held >= PERSISTENCE or not gap.contested)
            for gap, held in self._seen
        )

    @property
    def unexplained(self) -> str:
        """The contested positions that two stories agree on, in words."""
        return ", ".join(
            f"{gap.position.account} {gap.position.instrument.key}"
            for gap, held in self._seen
            if held is not None and gap.contested
        )


class Doubts:
    """What the record leaves open, so that the broker is asked again. Folded from every event."""

    def __init__(self) -> None:
        self._claimed: dict[int, Decimal] = {}
        self._due: dict[int, datetime] = {}
        self._open = False
        self._moved: dict[Place, datetime] = {}

    def fold(self, recorded: Recorded, book: Book) -> None:
        """Take one event in, when the book has it."""
        payload, at = recorded.payload, recorded.at
        if isinstance(payload, StatusReport):
            if payload.filled:
                self._claimed[payload.order_id] = payload.filled
                self._check(payload.order_id, at, book)
        elif isinstance(payload, ExecutionReport):
            moved = self._moved.get((payload.account, payload.instrument.key))
            self._open = self._open or (moved is not None and payload.at < moved)
            self._check(payload.order_id, at, book)
        elif isinstance(payload, ErrorReport):
            self._open = self._open or payload.ambiguous
        elif isinstance(payload, PositionsReported):
            for position in payload.positions:
                self._moved[position.account, position.instrument.key] = at
        elif isinstance(payload, Reconciled):
            self._open = False
            self._due = dict.fromkeys(self._due, at + ABSENCE_GRACE)

    def due(self, book: Book, now: datetime, asked_at: datetime) -> bool:
        """Whether it is time to ask.

        A checksum is wrong, a code left an order open, or a fill is from before a position was
        taken over, which may have it already. An order that the broker did not know is asked about
        again after the grace, and everything from time to time.
        """
        unknown = any(life.status is Status.UNKNOWN for life in book.working())
        return (
            self._open
            or now - asked_at >= (ABSENCE_GRACE if unknown else RECHECK_EVERY)
            or any(at <= now for at in self._due.values())
        )

    def moved_since_sent(self, life: Life) -> bool:
        """Whether a position of the broker's, that no fill explained, was taken over since."""
        moved = self._moved.get((life.subject.account, life.subject.instrument))
        return moved is not None and moved > _sent_at(life)

    def _check(self, order_id: int, at: datetime, book: Book) -> None:
        """`filled` of a status is a checksum: more than our executions means that some lack."""
        life, claimed = book.orders.get(order_id), self._claimed.get(order_id)
        if life is None or claimed is None or claimed <= life.filled:
            self._claimed.pop(order_id, None)
            self._due.pop(order_id, None)
        else:
            self._due.setdefault(order_id, at + CHECKSUM_GRACE)


def sent_before(book: Book, inherited: int) -> frozenset[int]:
    """The working orders that a story asked for now must know, if they arrived.

    Those numbered up to `inherited` are of an earlier process. Of an order of this one that has
    not left yet the broker's adapter will tell; the story cannot know it.
    """
    return frozenset(
        life.order_id
        for life in book.working()
        if life.order_id <= inherited or life.broker_order_id
    )


def compared(
    story: Story,
    book: Book,
    record: Callable[[Payload], None],
    so_far: tuple[Gaps, float],
    absence: Absence,
) -> Reconciled | None:
    """Record what the story has for the book; None if its positions must be asked again.

    `so_far` are the gaps of earlier stories, and the seconds since the last.
    """
    gaps, paused = so_far
    for event in news(story, book):
        record(event)
    found = differing(story, book, absence.now)
    if not gaps.settled(found, paused):
        return None
    if found:
        record(taken_over(found))
    for event in missing(story, book, absence):
        record(event)
    outcome = result(story, book, found)
    record(outcome)
    return outcome


def held_terms(book: Book) -> list[Terms]:
    """The instruments in which we have a position or a working order."""
    known = book.holdings.instruments
    keys = {key for _, key in book.holdings.positions()}
    keys |= {life.subject.instrument for life in book.working()}
    return [known[key].terms for key in sorted(keys) if key in known]


def news(story: Story, book: Book) -> Iterator[Payload]:
    """What the story tells of orders and executions, as far as the book does not hold it."""
    reports: tuple[Report, ...] = (*_claimed(story.executions, book), *story.commissions)
    for report in reports:
        if not is_known(report, book):
            yield report
    for status in story.statuses:
        life = book.orders.get(status.order_id)
        if life is not None and (life.status is not status.status or not life.acknowledged):
            yield status
    yield ForeignReported(orders=story.foreign)


def _claimed(executions: Collection[ExecutionReport], book: Book) -> Iterator[ExecutionReport]:
    """The executions; one without a reference that we know is ours by its permanent id."""
    ours: dict[int, int] = {}
    if any(not one.order_id and one.perm_id for one in executions):
        ours = {life.perm_id: life.order_id for life in book.orders.values() if life.perm_id}
    for one in executions:
        owner = one.order_id or ours.get(one.perm_id, 0)
        yield msgspec.structs.replace(one, order_id=owner) if owner != one.order_id else one


def missing(story: Story, book: Book, absence: Absence) -> Iterator[Payload]:
    """What becomes of expected orders of which a complete story knows nothing."""
    told = {status.order_id for status in story.statuses}
    told |= {execution.order_id for execution in story.executions}
    for life in book.working():
        if not story.complete or life.order_id in told or life.order_id not in absence.expected:
            continue
        dead = _proves_death(life, absence)
        if dead and _is_of_an_earlier_day(life, absence.now):
            yield StatusReport(
                order_id=life.order_id,
                status=Status.EXPIRED,
                reason="an order for an earlier day that the broker does not have any more",
            )
        elif dead and not life.acknowledged and not life.filled:
            yield NeverSent(
                order_id=life.order_id,
                code=Code.NOT_CONNECTED,
                text="unknown to the broker in a complete story: it never arrived",
            )
        elif life.status is not Status.UNKNOWN:
            yield StatusReport(
                order_id=life.order_id,
                status=Status.UNKNOWN,
                reason="the broker's story does not know it",
            )


def differing(story: Story, book: Book, now: datetime) -> tuple[Gap, ...]:
    """The positions in which the broker differs from the book, as the broker has them."""
    told = {(p.account, p.instrument.key): p for p in story.positions}
    ours = book.holdings.positions()
    for account, key in ours:
        if (account, key) not in told and account in story.accounts:
            instrument = book.holdings.instruments[key]
            told[account, key] = Position(account=account, instrument=instrument, quantity=ZERO)
    return tuple(
        Gap(position, ours.get(place, ZERO), _fills_in(story, place), _ours_in(book, position, now))
        for place, position in told.items()
        if ours.get(place, ZERO) != position.quantity
    )


def result(story: Story, book: Book, gaps: tuple[Gap, ...]) -> Reconciled:
    """The outcome, with every difference in words."""
    adopted = [gap.position for gap in gaps]
    unknown = [life for life in book.working() if life.status is Status.UNKNOWN]
    differences = [
        *(f"position {p.account} {p.instrument.key} is {text(p.quantity)}" for p in adopted),
        *(f"order {life.order_id} `{life.text}` is unknown to the broker" for life in unknown),
        *(f"foreign order {o.perm_id}: {o.order}" for o in story.foreign),
    ]
    if not story.complete:
        differences.append("the broker's answer was not complete")
    return Reconciled(
        clean=story.complete,
        differences=tuple(differences),
        open_orders=len(book.working()),
        executions=len(story.executions),
        next_order_id=story.next_order_id,
    )


def taken_over(gaps: tuple[Gap, ...]) -> PositionsReported:
    """The event that takes the broker's positions over."""
    return PositionsReported(positions=tuple(gap.position for gap in gaps))


def ib_day(at: datetime) -> date:
    """The day to which IB counts a moment."""
    return at.astimezone(IB_DAY).date()


def _fills_in(story: Story, place: Place) -> frozenset[str]:
    """The executions in one account and instrument."""
    return frozenset(
        one.execution_id for one in story.executions if (one.account, one.instrument.key) == place
    )


def _ours_in(book: Book, position: Position, now: datetime) -> frozenset[str]:
    """Executions of this IB day that the book has there, and where working orders stand."""
    place = position.account, position.instrument.key
    fills = {
        fill.execution_id
        for fill in book.fills.values()
        if (fill.account, fill.symbol) == (position.account, position.instrument.symbol)
        and ib_day(fill.timestamp) == ib_day(now)
    }
    orders = {
        f"order {life.order_id} {life.status} {life.filled}"
        for life in book.working()
        if (life.subject.account, life.subject.instrument) == place
    }
    return frozenset(fills | orders)


def _sent_at(life: Life) -> datetime:
    return life.sent_day or life.created_at


def _proves_death(life: Life, absence: Absence) -> bool:
    """Sent longer ago than the grace, the link up as long, the position explained by fills."""
    return (
        absence.now - _sent_at(life) >= ABSENCE_GRACE
        and absence.now - absence.up_since >= ABSENCE_GRACE
        and not absence.doubts.moved_since_sent(life)
    )


def _is_of_an_earlier_day(life: Life, now: datetime) -> bool:
    """Whether the order was good for a day that is over."""
    stated = life.order
    return stated is not None and stated.tif in ONE_DAY and ib_day(_sent_at(life)) < ib_day(now)
