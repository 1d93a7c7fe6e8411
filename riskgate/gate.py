"""The gate: nothing reaches the broker unjudged, and nothing is sent unrecorded.

Rule 1: `submit` is one straight line: look, decide, record, reserve, hand over, in this order,
under one lock. The next order sees this one as working, so two cannot spend the same headroom.
Rule 2: a refusal is a value. An exception means that something broke, and its class says whether
anything may have been sent.
Rule 3: cancels are never denied, and are sent even if they cannot be recorded.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from typing import Final

import msgspec

from riskgate import payload, reconcile, switch
from riskgate.bookkeeping import Bookkeeper
from riskgate.errors import BrokerError, JournalError, NotConnected
from riskgate.judging import Judge, denied
from riskgate.ledger.life import Life
from riskgate.ledger.market import Market
from riskgate.ledger.world import Conditions, World
from riskgate.model.codes import Code
from riskgate.model.decision import ApprovedOrder
from riskgate.model.events import (
    CancelRequested,
    Decided,
    PolicyActivated,
    Reconciled,
    Recorded,
    StateChanged,
)
from riskgate.model.instrument import Terms, key_of
from riskgate.model.order import Order
from riskgate.model.order_line import terms_of
from riskgate.model.report import NeverSent
from riskgate.model.trading import Scope, Standing, TradingState
from riskgate.payload import Asked, Source
from riskgate.policy.evaluate import UNPREPARED
from riskgate.policy.policies import PolicySet
from riskgate.ports import Broker, Calendars, Clock, Journal
from riskgate.reconcile import Absence, Doubts, Gaps
from riskgate.ticket import Ticket
from riskgate.version import VERSION

EVERYWHERE: Final = Scope()
STORY_SECONDS: Final = 10.0
MOST_ORDERS: Final = 2**31


class Outside(msgspec.Struct, frozen=True, kw_only=True):
    """Everything around a gate: where it writes, where it sends, what it knows, whose clock."""

    journal: Journal
    broker: Broker
    market: Market
    calendars: Calendars
    clock: Clock
    actor: str = ""
    pause: Callable[[float], None] = time.sleep  # between two stories that disagree


class Gate(Bookkeeper):
    """Decides orders against one policy set and hands the allowed ones to one broker."""

    def __init__(self, policies: PolicySet, outside: Outside) -> None:
        world = World(policies, outside.market, outside.calendars)
        super().__init__(world, outside.journal, outside.clock)
        self.policies = policies
        self.journal_writable = True
        self.shows_later = False
        self.distrusted_because = "not reconciled yet"
        self._broker = outside.broker
        self._actor = outside.actor
        self._judge = Judge(world, outside.broker, outside.actor)
        self._pause = outside.pause
        self._hearing: object = object()  # another one whenever something may have been missed
        self._proven: object = None  # the hearing in which the book was found true
        self._doubts = Doubts()
        self._inherited = 0
        self._up_since: tuple[object, datetime] | None = None
        self._reconciled_at = self.clock.now()

    def start(self) -> None:
        """Fold the journal and put the policies on record. Raise JournalError if that fails."""
        with self.turn() as turn:
            if self.book.digest != self.policies.digest:
                turn.record(
                    PolicyActivated(
                        digest=self.policies.digest,
                        policies=tuple(policy.name for policy in self.policies.policies),
                        engine=VERSION,
                        actor=self._actor,
                    )
                )
        self._inherited = self.book.last_order_id

    def submit(
        self,
        order: Source,
        *,
        strategy: str | None = None,
        account: str | None = None,
        parent: int = 0,
        actor: str | None = None,
    ) -> Ticket:
        """Decide the order and, if it is allowed, hand it over.

        Never raises for a bad order: it is denied with every code, and recorded. Never waits for
        the broker. Safe from any thread.
        """
        asked = payload.read(order, strategy=strategy, account=account)
        with self.turnstile:
            try:
                with self.turn(project=not self.shows_later) as turn:
                    same = self._same_key(asked)
                    if same is not None:
                        return same
                    decided = self._judge.order(
                        asked,
                        self.clock.now(),
                        sound=self._sound(),
                        parent=_number(parent),
                        actor=payload.printable(actor),
                    )
                    turn.record(decided, decided.decision.as_of)
            except JournalError as error:
                return self._not_recorded(asked, error)
            return self._hand_over(decided)

    async def submit_async(
        self, order: Source, *, strategy: str | None = None, account: str | None = None
    ) -> Ticket:
        """`submit` without holding up the event loop."""
        return await asyncio.to_thread(self.submit, order, strategy=strategy, account=account)

    def modify(self, order_id: int, *, actor: str | None = None, **changes: object) -> Ticket:
        """Judge new terms of a working order and, if they are allowed, hand them over.

        `changes` are prices and the new total quantity. The old terms stand until the broker
        confirms the new ones, and the larger of both is reserved.
        """
        with self.turnstile:
            try:
                with self.turn() as turn:
                    decided = self._judge.modify(
                        order_id,
                        changes,
                        self.clock.now(),
                        sound=self._sound(),
                        actor=payload.printable(actor),
                    )
                    turn.record(decided, decided.decision.as_of)
            except JournalError as error:
                return self._not_recorded(Asked(order=None, text=f"modify {order_id}"), error)
            return self._hand_over(decided)

    def cancel(self, order_id: int, *, actor: str | None = None) -> bool:
        """Ask for a cancel; only the broker confirms it. False if there is nothing to cancel.

        Raise NotConnected if there is no session to ask.
        """
        with self.turnstile:
            life = self.book.orders.get(order_id)
            if life is None or not life.status.working:
                return False
            self._broker.cancel(order_id)
            self.take(
                [CancelRequested(order_id=order_id, actor=payload.printable(actor) or self._actor)]
            )
            return True

    def cancel_all(self, scope: Scope = EVERYWHERE, *, actor: str | None = None) -> tuple[int, ...]:
        """Ask for the cancel of all our working orders in a scope; return their numbers."""
        with self.turnstile:
            covered = [life.order_id for life in self.book.working() if _covers(scope, life)]
            return tuple(number for number in covered if self.cancel(number, actor=actor))

    def halt(
        self,
        *,
        reason: str,
        by: str,
        scope: Scope = EVERYWHERE,
        state: TradingState = TradingState.HALTED,
    ) -> bool:
        """Stop new orders and modifies in a scope. When this returns, nothing new leaves.

        What waits to be sent is dropped first. False if the halt holds but could not be recorded
        yet: it is recorded with the next turn that can. A stricter state of the scope stays.
        Raise ConfigError for a halt that names nobody, gives no reason, or would not stop anything.
        """
        asked = switch.standing(state, scope, (by, reason), self.clock.now())
        standing = switch.checked_halt(asked, self.world.market.accounts)
        with self.turnstile:
            before = self.book.facts.standings.get((standing.scope, False))
            if before is not None and before.state.strictness >= state.strictness:
                return not self.behind
            self.book.apply(StateChanged(standing=standing), standing.at)
            self._broker.withdraw(lambda number: self._stopped(standing, number), state.value)
            return self.take([StateChanged(standing=standing)])

    def resume(
        self, *, reason: str, by: str, scope: Scope = EVERYWHERE, override: bool = False
    ) -> bool:
        """Lift a halt. Needs a clean reconcile, or an override; False if it was not clean.

        Raise ConfigError if nobody or no reason is named.
        """
        standing = switch.standing(TradingState.ACTIVE, scope, (by, reason), self.clock.now())
        if not override and not self.reconcile().clean:
            return False
        with self.turn() as turn:
            turn.record(StateChanged(standing=standing))
        return True

    def reconcile(self, timeout: float = STORY_SECONDS) -> Reconciled:
        """Compare our book with the broker's and take over what it knows. Blocks for its answer.

        Raise BrokerError if there is no answer, and JournalError if it cannot be recorded.
        """
        hearing, gaps = self._hearing, Gaps()
        for pause in reconcile.PAUSES:
            if pause:
                self._pause(pause)
            outcome = self._compared(timeout, (gaps, pause), hearing)
            if outcome is not None:
                break
            if gaps.unexplained:
                self.distrusted_because = f"no fill explains the position of {gaps.unexplained}"
                self._proven = None
        else:
            raise BrokerError("positions move while they are compared; reconcile again")
        with self.turnstile:
            # Whoever distrusted us while the story was told was not heard by it.
            self._proven = hearing if outcome.clean else None
            self._reconciled_at = self.clock.now()
            self.tell_waiters()
        self._ask_for(reconcile.held_terms(self.book))
        return outcome

    def _compared(
        self, timeout: float, so_far: tuple[Gaps, float], hearing: object
    ) -> Reconciled | None:
        """One comparison; None if positions differ in another way than the last time.

        `so_far` are the gaps of earlier stories, and the seconds since the last.
        """
        with self.turn(project=not self.shows_later):
            refs = dict(self.book.by_ref)
            expected = reconcile.sent_before(self.book, self._inherited)
        story = self._broker.story(refs, timeout)
        if story.accounts:
            self.world.market.set_accounts(story.accounts)
        with self.turn() as turn:
            now = self.clock.now()
            if self._up_since is None or self._up_since[0] is not hearing:
                self._up_since = hearing, now
            absence = Absence(expected, now, self._up_since[1], self._doubts)
            return reconcile.compared(story, self.book, turn.keep, so_far, absence)

    @property
    def reconciled(self) -> bool:
        """Whether the book was found true, and nothing can have been missed since."""
        return self._proven is self._hearing

    @reconciled.setter
    def reconciled(self, is_so: bool) -> None:
        """Say so without a story, as a rehearsal does."""
        self._proven = self._hearing if is_so else None

    def distrust(self, reason: str) -> None:
        """The session came, went, or may have missed something: approve nothing for now.

        Waits for nobody: the broker's thread calls it.
        """
        self.distrusted_because = reason
        self._hearing = object()

    @property
    def wants_reconcile(self) -> bool:
        """Whether a session stands whose story has not been heard, is old, or left doubts."""
        if not self._broker.connected:
            return False
        with self.turnstile:
            times = self.clock.now(), self._reconciled_at
            return not self.reconciled or self._doubts.due(self.book, *times)

    def prepare(self, *wanted: str | Order, timeout: float = 5.0) -> tuple[str, ...]:
        """Make instruments and prices ready; return the names that are not after `timeout` s.

        A name is a symbol, or an instrument as an order line writes it:
        `"AAPL.OPT expiry=2026-06-19 strike=200 right=C"`.
        """
        terms = [item.terms if isinstance(item, Order) else terms_of(item) for item in wanted]
        return tuple(key_of(left) for left in self._broker.prepare(terms, timeout))

    def watch(self, *wanted: str) -> None:
        """Have instruments and prices made ready in the background."""
        self._broker.watch([terms_of(name) for name in wanted])

    def _same_key(self, asked: Asked) -> Ticket | None:
        """The ticket of an earlier order with the same key and the same terms."""
        key = asked.order.key if asked.order else None
        if asked.order is None or key is None or key not in self.book.by_ref:
            return None
        life = self.book.orders[self.book.by_ref[key]]
        if life.stated != self.world.resolve(asked.order, asked.floats):
            return None
        return Ticket(self, life.order_id, life.decision, life.ref)

    def _sound(self) -> Conditions:
        """What must be in order before anything is approved."""
        return Conditions(
            reconciled=self.reconciled,
            distrust="" if self.reconciled else self.distrusted_because,
            connected=self._broker.connected,
            journal_writable=self.journal_writable,
            mode_fault=self._broker.mode_fault,
        )

    def _hand_over(self, decided: Decided) -> Ticket:
        """Give an approved order to the broker; ask for data that a denial was for want of."""
        decision, order = decided.decision, decided.decision.order
        ticket = Ticket(self, decided.order_id, decision, decided.ref)
        instrument = decided.snapshot.instrument if decided.snapshot else None
        if order is None or not decision.allowed or instrument is None:
            if UNPREPARED in decision.notes and order is not None:
                self._ask_for([order.terms])
            return ticket
        approved = ApprovedOrder(
            order=order,
            decision=decision,
            order_id=decided.order_id,
            ref=decided.ref,
            instrument=instrument,
            replaces=bool(decided.replaces),
            version=self.book.orders[decided.order_id].last_version,
        )
        try:
            self._broker.place(approved)
        except NotConnected as error:
            self.take(
                [
                    NeverSent(
                        order_id=decided.order_id,
                        code=Code.NOT_CONNECTED,
                        text=str(error),
                        modify=approved.replaces,
                        version=approved.version,
                    )
                ]
            )
        return ticket

    def _ask_for(self, wanted: list[Terms]) -> None:
        """Have data made ready; without a session there is nobody to ask."""
        with suppress(NotConnected):
            self._broker.watch(wanted)

    def _not_recorded(self, asked: Asked, error: JournalError) -> Ticket:
        """The refusal of an order that could not be recorded; nothing was sent."""
        refused = self._judge.refusal(asked, 0, self.clock.now())
        decision = denied(refused.decision, Code.JOURNAL_UNAVAILABLE, str(error))
        only = tuple(f for f in decision.breaches if f.code == Code.JOURNAL_UNAVAILABLE)
        return Ticket(self, 0, msgspec.structs.replace(decision, order=asked.order, breaches=only))

    def _fold(self, recorded: Recorded) -> None:
        super()._fold(recorded)
        self._doubts.fold(recorded, self.book)

    def _stopped(self, standing: Standing, order_id: int) -> bool:
        """Whether an order that waits to be sent must not leave any more.

        Under REDUCE_ONLY a reduction may; a modify is stopped, for what waits may be its increase.
        """
        life = self.book.orders.get(order_id)
        if life is None or not _covers(standing.scope, life):
            return False
        reduces = life.decision.reduction and len(life.versions) == 1
        return standing.state is not TradingState.REDUCE_ONLY or not reduces


def _covers(scope: Scope, life: Life) -> bool:
    return scope.covers(life.subject.account, life.subject.strategy, life.subject.symbol)


def _number(parent: object) -> int:
    """A parent's order number; whatever can be none is a number that no order has."""
    if isinstance(parent, int) and not isinstance(parent, bool) and 0 <= parent < MOST_ORDERS:
        return parent
    return -1
