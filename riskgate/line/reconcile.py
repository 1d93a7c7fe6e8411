"""The broker's story against ours: what it knows that we do not, and what it denies.

Rule 1: the broker is right about its side. What it tells is recorded as reports; positions that
still differ afterwards are taken over and named.
Rule 2: nothing is ever sent again because it is missing; an order of which the broker knows
nothing is UNKNOWN and keeps its reservation.
Rule 3: absence proves death only in a complete story, when the order was sent long enough ago and
nothing unexplained has happened to its position since (semantics.md, section 8). So it is with
terms: those that a modify brought are over if such a story has the order with those before.
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
from riskgate.ledger.echoes import repeats
from riskgate.ledger.life import Life
from riskgate.ledger.repeats import is_known
from riskgate.line.doubts import ABSENCE_GRACE, Doubts, sent_at
from riskgate.model.codes import Code
from riskgate.model.events import (
    ForeignReported,
    Payload,
    PositionsReported,
    Reconciled,
)
from riskgate.model.instrument import Terms
from riskgate.model.lifecycle import Status
from riskgate.model.money import ZERO, text
from riskgate.model.order import Tif
from riskgate.model.report import (
    ExecutionReport,
    ForeignOrder,
    NeverSent,
    OrderEcho,
    Position,
    Report,
    StatusReport,
)
from riskgate.ports import Story

PAUSES: Final = (0.0, 0.0, 0.125, 0.125, 0.25, 0.5, 0.5, 0.5)  # seconds before each story
PERSISTENCE: Final = 2.0  # seconds for which a contested gap must stay the same
IB_DAY: Final = ZoneInfo("America/New_York")
RISEN_AFTER: Final = timedelta(seconds=15)  # longer than a story takes
ALIVE: Final = frozenset({Status.PRE_SUBMITTED, Status.SUBMITTED})
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

    Of a story that is not complete no position is taken over: one that it lacks may stand.
    `so_far` are the gaps of earlier stories, and the seconds since the last.
    """
    gaps, paused = so_far
    others = (*story.foreign, *risen(story, book, absence.now))
    following = max(story.next_order_id, absence.doubts.last_broker_id + 1)
    story = msgspec.structs.replace(
        story,
        statuses=tuple(one for one in story.statuses if _is_first(book, one)),
        echoes=tuple(one for one in story.echoes if _is_first(book, one)),
        foreign=others,
        next_order_id=following,
    )
    for event in news(story, book):
        record(event)
    found = differing(story, book, absence.now) if story.complete else ()
    if not gaps.settled(found, paused):
        return None
    if found:
        record(taken_over(found))
    for event in (*missing(story, book, absence), *lost_terms(story, book, absence)):
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
    if story.complete:  # it replaces the earlier list
        yield ForeignReported(orders=story.foreign)


def risen(story: Story, book: Book, now: datetime) -> Iterator[ForeignOrder]:
    """What the broker works under our references and is not our order: it counts as FOREIGN.

    TWS takes a modify that comes after the end of its order for a new one: with the permanent id of
    one that is over, or another than the one on record. An order that ended while the story was
    told is none of them.
    """
    asked = {echo.perm_id: echo.quantity for echo in story.echoes}
    for status in story.statuses:
        life = book.orders.get(status.order_id)
        if life is None or life.order is None or life.instrument is None:
            continue
        over = life.status.finished and now - (life.updated_at or life.created_at) >= RISEN_AFTER
        if (over or not _is_first(book, status)) and status.status in ALIVE:
            left = asked.get(status.perm_id, life.order.quantity - life.filled)
            yield ForeignOrder(
                perm_id=status.perm_id,
                order=life.order,
                instrument=life.instrument,
                remaining=max(ZERO, left if status.remaining is None else status.remaining),
                status=status.status,
            )


def _is_first(book: Book, told: StatusReport | OrderEcho) -> bool:
    """Whether this is about the order itself, and not about a twin with its reference."""
    life = book.orders.get(told.order_id)
    return life is None or told.perm_id in (0, life.perm_id) or not life.perm_id


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


def lost_terms(story: Story, book: Book, absence: Absence) -> Iterator[NeverSent]:
    """The modifies that never arrived: they left long ago, and the order works as it was before."""
    if not story.complete or absence.now - absence.up_since < ABSENCE_GRACE:
        return
    for echo in story.echoes:
        life = book.orders.get(echo.order_id)
        if life is None or not life.status.working:
            continue
        told = [i for i, version in enumerate(life.versions) if repeats(echo, version.order)]
        for version in life.versions[told[-1] + 1 :] if told else ():
            if absence.doubts.left_long_ago(life.order_id, version.number, absence.now):
                yield NeverSent(
                    order_id=life.order_id,
                    code=Code.NOT_CONNECTED,
                    text="the broker works the order as it was before: the modify never arrived",
                    modify=True,
                    version=version.number,
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
        disputed=len(adopted) + len(unknown),
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
        if place in {(one.account, one.instrument) for one in life.subjects}
    }
    return frozenset(fills | orders)


def _proves_death(life: Life, absence: Absence) -> bool:
    """Sent longer ago than the grace, the link up as long, the position explained by fills."""
    return (
        absence.now - sent_at(life) >= ABSENCE_GRACE
        and absence.now - absence.up_since >= ABSENCE_GRACE
        and not absence.doubts.moved_since_sent(life)
    )


def _is_of_an_earlier_day(life: Life, now: datetime) -> bool:
    """Whether the order was good for a day that is over."""
    stated = life.order
    return stated is not None and stated.tif in ONE_DAY and ib_day(sent_at(life)) < ib_day(now)
