"""The desk of our own algorithms: parent orders worked off in slices, and orders that are tended.

Rule 1: a parent is decided as a whole before any slice leaves, and is never sent itself. Every
slice goes through `submit`, and every replacement through `modify`: none has a privilege.
Rule 2: what to do follows from the record and the time alone, so a restart changes nothing. One
gate drives a parent: the one whose client id is on record for it.
Rule 3: a slice has a key made of its parent and its number: it cannot be sent twice.
Rule 4: everything is bounded: slices, refusals in a row, modifies.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final, Protocol

from riskgate.errors import ConfigError, JournalError, NotConnected
from riskgate.execution import guards, plans
from riskgate.execution.slices import Done, Pause, Progress, Recall, Send, Step, Wait
from riskgate.ledger.parents import Work
from riskgate.line import payload
from riskgate.line.bookkeeping import Bookkeeper
from riskgate.line.parents_terms import ParentProgress, end_of, progress_of, since, sliced, terms_of
from riskgate.model.events import WorkChanged
from riskgate.model.lifecycle import Status
from riskgate.model.order import Order
from riskgate.model.report import Fill
from riskgate.model.rows import Rows
from riskgate.model.work import WorkState
from riskgate.ports import Broker
from riskgate.ticket import Ticket

MOST_SLICES: Final = 2000
REFUSALS: Final = 3  # slices denied, or rejected, one after the other before the work is paused
AGAIN: Final = timedelta(seconds=1)  # after something was not there
RETRY: Final = timedelta(seconds=5)  # after a slice was denied


class Door(Protocol):
    """The part of the gate that orders go through."""

    def submit(
        self,
        order: Order,
        *,
        parent: int = 0,
        actor: str | None = None,
    ) -> Ticket:
        """Decide an order, and hand it over if it is allowed."""
        ...

    def modify(self, order_id: int, *, actor: str | None = None, **changes: object) -> Ticket:
        """Decide new terms, and hand them over if they are allowed."""
        ...

    def cancel(self, order_id: int, *, actor: str | None = None) -> bool:
        """Ask for a cancel."""
        ...

    @property
    def reconciled(self) -> bool:
        """Whether orders can be approved at all."""
        ...


class Parents:
    """The parent orders of one gate."""

    def __init__(self, desk: Bookkeeper, broker: Broker, door: Door) -> None:
        self._desk = desk
        self._broker = broker
        self._door = door
        self._recalled: dict[int, datetime] = {}

    # -- what people do ---------------------------------------------------------------------------

    def pause(self, order_id: int, *, by: str, reason: str) -> None:
        """Send no slice until it is resumed; those that work go on working.

        Raise ConfigError if nobody or no reason is named, or if it is no parent at work.
        """
        self._say(order_id, WorkState.PAUSED, (by, reason))

    def resume(self, order_id: int, *, by: str, reason: str) -> None:
        """Go on, measuring drift from the price as it is now. Raise as `pause`, or if it runs."""
        self._say(order_id, WorkState.RUNNING, (by, reason))

    def cancel(self, order_id: int, *, by: str, reason: str) -> None:
        """Send nothing more, for good, and cancel the slices that work. Raise as `pause`."""
        self._say(order_id, WorkState.STOPPED, (by, reason))
        self.recall(order_id)

    def progress(self, order_id: int) -> ParentProgress | None:
        """How far it has got; None for an order that is no parent that began."""
        with self._desk.turnstile:
            work = self._desk.ledger.works.of(order_id)
            return None if work is None else progress_of(work)

    def ticket(self, ticket: Ticket) -> ParentTicket:
        """What the submitter of a parent holds; its first slice leaves now, if it is due."""
        with suppress(JournalError):  # it is still due
            self.step()
        return ParentTicket(self, ticket, self._desk)

    def _say(self, order_id: int, state: WorkState, said: tuple[object, object]) -> None:
        by, reason = (payload.printable(words) for words in said)
        if not by or not reason:
            raise ConfigError(f"parent order {order_id}: `by` and `reason` must not be blank")
        with self._desk.turn() as turn:
            work = self._desk.ledger.works.of(order_id)
            if work is None:
                raise ConfigError(f"order {order_id} is no parent order at work")
            resumes, paused = state is WorkState.RUNNING, work.state is WorkState.PAUSED
            if work.state.over or (resumes is not paused and not state.over):
                why = f": {work.reason}" if work.reason else ""
                raise ConfigError(f"parent order {order_id} is {work.state} already{why}")
            price = self._price(work) if resumes else None
            turn.record(
                WorkChanged(order_id=order_id, state=state, by=by, reason=reason, arrival=price)
            )

    # -- what is due ------------------------------------------------------------------------------

    def step(self, now: datetime | None = None) -> datetime | None:
        """Do what is due of every parent here; return when to ask again, None where nothing is.

        Raise JournalError if something cannot be recorded; then it is still due.
        """
        self._desk.caught_up()  # after a failure the book may hold what is not on record
        works = self._desk.ledger.works
        at = self._desk.clock.now() if now is None else now
        moments = [self._stepped(number, at) for number in tuple(works.open)]
        return min((moment for moment in moments if moment is not None), default=None)

    def _stepped(self, order_id: int, now: datetime) -> datetime | None:
        with self._desk.turnstile:
            work = self._desk.ledger.works.open.get(order_id)
            if work is None or not self._is_ours(work):
                return None
            if work.state.over:
                self.recall(order_id)
                return now + AGAIN
            if work.state is WorkState.PAUSED:
                return self._while_paused(work, now)
            if not (self._door.reconciled and self._broker.connected):
                return now + AGAIN
            if self._price(work) is None:
                self._ask_for(work)
                return now + AGAIN
            if work.began is None or work.arrival is None:
                self._begin(work)
            return self._act(work, now)

    def _is_ours(self, work: Work) -> bool:
        mine = self._broker.client_id
        return mine is not None and work.client_id in (None, mine)

    def _begin(self, work: Work) -> None:
        """Take it on, on record, unless another gate has."""
        with self._desk.turn() as turn:
            now = self._desk.ledger.works.open.get(work.life.order_id)
            if now is None or not self._is_ours(now) or now.state.over:
                return
            turn.record(
                WorkChanged(
                    order_id=work.life.order_id,
                    state=WorkState.RUNNING,
                    client_id=self._broker.client_id,
                    arrival=self._price(work),
                    volume=self._volume(work),
                )
            )

    def _while_paused(self, work: Work, now: datetime) -> datetime | None:
        """A pause does not stop the time: when it is over, what is left is not sent."""
        end = end_of(work)
        if end is None or now < end:
            return end
        self._end(work, "its time was over while it was paused")
        return now

    def _act(self, work: Work, now: datetime) -> datetime | None:
        current = self._desk.ledger.works.open.get(work.life.order_id)
        if current is None or current.state is not WorkState.RUNNING or current.began is None:
            return now + AGAIN
        step = self._wanted(current, now)
        if isinstance(step, Send):
            return self._send(current, step, now)
        if isinstance(step, Wait):
            return step.until
        if isinstance(step, Recall):
            self.recall(current.life.order_id)
        elif isinstance(step, Pause):
            self._pause(current, step.reason)
        else:
            self._end(current, step.reason)
        return now + AGAIN

    def _wanted(self, work: Work, now: datetime) -> Step:
        """What the plan wants now; an order that it cannot work ends it."""
        order, began = work.life.order, work.began
        if order is None or began is None:
            return Done("it has no terms")
        try:
            planned = plans.planned(work.plan)
        except ConfigError as error:  # recorded by a version that knew more
            return Pause(str(error))
        key = work.life.subject.instrument
        volume = self._volume(work)
        progress = Progress(
            began=began,
            filled=work.filled,
            working=work.working,
            arrival=work.arrival,
            quote=self._desk.world.market.quote(key),
            volume=since(volume, work.volume),
            sent_at=work.sent_at,
        )
        terms = terms_of(order, self._desk.world)
        return guards.guarded(planned.algo, planned.guards, terms, progress, now)

    def _send(self, work: Work, step: Send, now: datetime) -> datetime | None:
        """Submit one slice; after a few refusals, or too many slices, the work is paused."""
        if work.refused_at is not None and work.refused and now < work.refused_at + RETRY:
            return work.refused_at + RETRY
        if work.rejected:
            return self._rejected(work, step, now)
        return self._sent(work, step, now)

    def _rejected(self, work: Work, step: Send, now: datetime) -> datetime | None:
        """The broker refused the newest slices: the next one waits, and after a few a person."""
        newest, *others = work.rejected
        if len(others) + 1 >= REFUSALS:
            why = f"{REFUSALS} slices were rejected one after the other"
            self._pause(work, f"{why}: {newest.reason}" if newest.reason else why)
            return None
        again = (newest.updated_at or now) + RETRY
        return again if now < again else self._sent(work, step, now)

    def _sent(self, work: Work, step: Send, now: datetime) -> datetime | None:
        number, life = len(work.slices) + 1, work.life
        if number > MOST_SLICES or life.order is None:
            self._pause(work, f"{MOST_SLICES} slices were sent, and no more are")
            return None
        order = sliced(life.order, step, f"{life.ref}/{number}")
        ticket = self._door.submit(order, parent=life.order_id, actor=life.actor)
        if not ticket.order_id:
            raise JournalError("a slice could not be recorded, and was not sent")
        if self._desk.ledger.orders[ticket.order_id].parent != life.order_id:
            self._pause(work, f"key `{order.key}` is that of order {ticket.order_id}, no slice")
            return None
        if ticket.allowed or work.refused < REFUSALS:
            return now + AGAIN if ticket.allowed else now + RETRY
        why = ", ".join(ticket.decision.by)
        self._pause(work, f"{REFUSALS} slices were denied one after the other: {why}")
        return None

    def _pause(self, work: Work, reason: str) -> None:
        self._record(work, WorkState.PAUSED, reason)

    def _end(self, work: Work, reason: str) -> None:
        self._record(work, WorkState.ENDED, reason)

    def _record(self, work: Work, state: WorkState, reason: str) -> None:
        number = work.life.order_id
        with self._desk.turn() as turn:
            if number in self._desk.ledger.works.open:
                turn.record(WorkChanged(order_id=number, state=state, by="riskgate", reason=reason))

    def recall(self, order_id: int) -> None:
        """Ask for the cancel of every slice that can still fill; again only after a while."""
        work, now = self._desk.ledger.works.of(order_id), self._desk.clock.now()
        for life in work.waiting if work is not None else ():
            last = self._recalled.get(life.order_id)
            if life.status is Status.PENDING_CANCEL or (last is not None and now < last + RETRY):
                continue
            with suppress(NotConnected):  # the next step asks again
                self._door.cancel(life.order_id, actor="riskgate: its parent is over")
                self._recalled[life.order_id] = now

    # -- the market -------------------------------------------------------------------------------

    def _price(self, work: Work) -> Decimal | None:
        quote = self._desk.world.market.quote(work.life.subject.instrument)
        if quote is None:
            return None
        return quote.last if quote.mid is None else quote.mid

    def _volume(self, work: Work) -> Decimal | None:
        return self._desk.world.market.volumes.get(work.life.subject.instrument)

    def _ask_for(self, work: Work) -> None:
        if work.life.order is not None:
            with suppress(NotConnected):
                self._broker.watch([work.life.order.terms])


class ParentTicket(Ticket):
    """One parent order: its decision, its slices as they live, and how to stop it."""

    def __init__(self, parents: Parents, ticket: Ticket, desk: Bookkeeper) -> None:
        super().__init__(desk, ticket.order_id, ticket.decision, ticket.ref)
        self._parents = parents
        self._book = desk

    @property
    def progress(self) -> ParentProgress | None:
        """How far it has got; None if it was denied or is held."""
        return self._parents.progress(self.order_id)

    @property
    def slices(self) -> tuple[int, ...]:
        """The numbers of its slices so far, denied ones too, in the order of their submission."""
        with self._book.turnstile:
            work = self._book.ledger.works.of(self.order_id)
            return tuple(life.order_id for life in work.slices) if work is not None else ()

    @property
    def fills(self) -> Rows[Fill]:
        """The fills of its slices so far."""
        return Rows(fill for number in self.slices for fill in self._desk.fills(number))

    def pause(self, *, by: str, reason: str) -> None:
        """Send no slice until it is resumed. Raise ConfigError as `Parents.pause`."""
        self._parents.pause(self.order_id, by=by, reason=reason)

    def resume(self, *, by: str, reason: str) -> None:
        """Go on. Raise ConfigError as `Parents.resume`."""
        self._parents.resume(self.order_id, by=by, reason=reason)

    def cancel(self, *, by: str, reason: str) -> None:
        """Send nothing more, and cancel what works. Raise ConfigError as `Parents.cancel`."""
        self._parents.cancel(self.order_id, by=by, reason=reason)
