"""What people do to a gate, and what its own threads do for it: states, kill, cancels, proof.

Rule 1: cancels are never denied, and are sent even if they cannot be recorded.
Rule 2: an order can be cancelled only under the client id that placed it; what another process
must do is recorded, and done there when it reads it.
"""

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress
from datetime import datetime
from decimal import localcontext
from typing import Final

import msgspec

from riskgate.errors import ConfigError, JournalError, NotConnected
from riskgate.ledger.world import Conditions, World
from riskgate.line import approvals, grouping, payload, reconcile, switch
from riskgate.line.bookkeeping import Bookkeeper
from riskgate.line.judging import Judge
from riskgate.line.killing import Kill, KillReport
from riskgate.line.outside import Outside
from riskgate.line.parents import Parents
from riskgate.line.proving import Proof
from riskgate.line.switch import Switch
from riskgate.line.tending import Tender
from riskgate.model.account import Account
from riskgate.model.events import (
    CancelRequested,
    Outcome,
    Reconciled,
    Recorded,
    Resolved,
    StateChanged,
)
from riskgate.model.instrument import Terms, key_of
from riskgate.model.lifecycle import Status
from riskgate.model.money import COUNTED
from riskgate.model.order import Order
from riskgate.model.order_line import terms_of
from riskgate.model.trading import Scope, Standing, TradingState
from riskgate.model.watching import all_of
from riskgate.policy.policies import PolicySet

EVERYWHERE: Final = Scope()
STORY_SECONDS: Final = 10.0


class Oversight(Bookkeeper):
    """A gate as those see it who watch over it."""

    parents: Parents
    tender: Tender

    def __init__(self, policies: PolicySet, outside: Outside) -> None:
        world = World(policies, outside.market, outside.calendars)
        world.routing = outside.routing
        super().__init__(world, outside.journal, outside.clock)
        self.policies = policies
        self.journal_writable = True
        self._broker = outside.broker
        self._actor = outside.actor
        self._hold_for = outside.hold_for
        self._account_max_age = outside.account_max_age
        self._aggregation = outside.aggregation
        self._judge = Judge(world, outside.broker, outside.actor)
        self._switch = Switch(self, outside.broker)
        self._proof = Proof(self, outside.broker, outside.pause)
        self._kill = Kill(self, outside.broker, self._switch, self._proof)
        self._has_news = False

    def cancel(self, order_id: int, *, actor: str | None = None) -> bool:
        """Ask for a cancel; only the broker confirms it. False if there is nothing to cancel.

        Raise NotConnected if there is no session to ask.
        """
        with self.turnstile:
            self.caught_up()
            life = self.ledger.orders.get(order_id)
            if life is None or not life.status.working:
                if self._taken_back(order_id, actor):
                    return True
                life = self.ledger.orders.get(order_id)
            if self.ledger.works.converts(order_id):  # what is left of it is about to leave
                return self._cancel_recorded(order_id, actor)
            if life is None or not life.status.working:
                return False
            if life.block:  # the broker has only the whole
                return self.cancel(life.block, actor=actor)
            if life.leaves and self._kill.is_ours(life):
                self._broker.cancel(order_id)
            self._cancel_recorded(order_id, actor)
            if not life.leaves:
                self.parents.recall(order_id)
            return True

    def _cancel_recorded(self, order_id: int, actor: str | None) -> bool:
        """True, and on record, or to be with the next turn that can, that somebody asked for it."""
        who = payload.printable(actor) or self._actor
        self.take([CancelRequested(order_id=order_id, actor=who)])
        return True

    def _taken_back(self, order_id: int, actor: str | None) -> bool:
        """Whether an order is held, as the record has it now; then it ends, with its group."""
        try:
            with self.turn(project=not self.shows_later) as turn:
                ended = approvals.taken_back(self.ledger, order_id, payload.printable(actor))
                for event in ended:
                    turn.record(event)
        except JournalError:
            return False
        return bool(ended)

    def cancel_all(self, scope: Scope = EVERYWHERE, *, actor: str | None = None) -> tuple[int, ...]:
        """Ask for the cancel of all our orders in a scope, held ones too; return their numbers."""
        with self.turnstile:
            asked = self._all_cancelled(scope, actor)
            with suppress(JournalError), self.turn(project=False):
                pass  # others may have recorded orders since
            return tuple(dict.fromkeys((*asked, *self._all_cancelled(scope, actor, but=asked))))

    def _all_cancelled(
        self, scope: Scope, actor: str | None, but: Collection[int] = ()
    ) -> tuple[int, ...]:
        works = self.ledger.works
        parents = [work.life for work in works.open.values()]
        left = [one.life for number, one in works.tended.items() if works.converts(number)]
        lives = (*parents, *left, *self.ledger.held(), *self.ledger.working())
        covered = [life.order_id for life in lives if switch.covers(scope, life)]
        return tuple(
            number for number in covered if number not in but and self.cancel(number, actor=actor)
        )

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
        return self._switch.halt(state, scope, (by, reason))

    def resume(
        self,
        *,
        reason: str,
        by: str,
        scope: Scope = EVERYWHERE,
        override: bool = False,
        latch: bool = False,
    ) -> bool:
        """Lift a halt, or with `latch` what a rule has set. Needs a clean reconcile, or `override`.

        False if the reconcile was not clean, took positions over or left an order unknown. Raise
        ConfigError if nobody or no reason is named, or if somebody set a state meanwhile.
        """
        standing = switch.standing(TradingState.ACTIVE, scope, (by, reason), self.clock.now())
        seen = self._switch.seen()
        if not override and not self.reconcile().settled:
            return False
        self._switch.lift(msgspec.structs.replace(standing, latch=latch), seen)
        return True

    def kill(
        self,
        *,
        reason: str,
        by: str,
        scope: Scope = EVERYWHERE,
        everything: bool = False,
        timeout: float = STORY_SECONDS,
    ) -> KillReport:
        """Halt a scope, drop what has not left, cancel what works, and say what is left.

        `everything` also cancels what others have placed on the account. Waits up to `timeout`
        seconds for the broker's word. Raise ConfigError as `halt` does.
        """
        return self._kill.run(scope, (by, reason), timeout, everything=everything)

    def refuse(self, order_id: int, *, by: str, reason: str) -> None:
        """Say no to a held order, with its group.

        Raise ConfigError if it is not held, JournalError if that cannot be recorded.
        """
        with self.turn(project=not self.shows_later) as turn:
            for event in approvals.refused(self.ledger, order_id, (by, reason)):
                turn.record(event)

    def resolve(self, order_id: int, outcome: Outcome, *, by: str, reason: str) -> None:
        """Vouch for what became of an order that is unknown; what it reserved is released.

        Nothing is approved until a reconcile has taken over the position that it left. Raise
        ConfigError for blanks, and for an order that is not UNKNOWN; JournalError if it cannot be
        recorded.
        """
        who, why = payload.printable(by), payload.printable(reason)
        if not who or not why:
            raise ConfigError("resolving an order needs `by` and `reason`, both not blank")
        with self.turn(project=not self.shows_later) as turn:
            life = self.ledger.orders.get(order_id)
            if life is None or life.status is not Status.UNKNOWN:
                what = "not on record" if life is None else life.status.value
                raise ConfigError(
                    f"order {order_id} is {what}; only one whose outcome is unknown can be resolved"
                )
            number = life.block or order_id  # the broker has only the whole
            turn.record(Resolved(order_id=number, outcome=outcome, by=who, reason=why))

    def follow(self) -> None:
        """Catch up with other processes, and do what their halts, kills and cancels call for here.

        Held orders whose time is up are refused. Raise JournalError if the record fails.
        """
        self._has_news = self._journal.has_news() or self._has_news
        if self.behind or self._has_news:
            with self.turn(project=not self.shows_later):
                self._has_news = False  # news of which no turn was had are not forgotten
        with self.turnstile:
            self._switch.enforce()
            self._end_maimed()
            late = approvals.expired(self.ledger, self._hold_for, self.clock.now())
            if late:
                self.take(late)
        self._kill.carry_on()

    def _end_maimed(self) -> None:
        """Cancel the entries that lost an exit before anything of them was filled."""
        for number in grouping.maimed(self.ledger, self.clock.now()):
            with suppress(NotConnected):
                self.cancel(number, actor="riskgate: it lost an exit")

    def step(self, now: datetime | None = None) -> datetime | None:
        """Do what is due of parent orders and of tended ones; when to ask again, None if never.

        Raise JournalError if something cannot be recorded; then it is still due.
        """
        moments = self.parents.step(now), self.tender.step(now)
        return min((moment for moment in moments if moment is not None), default=None)

    def reconcile(self, timeout: float = STORY_SECONDS) -> Reconciled:
        """Compare our book with the broker's and take over what it knows. Blocks for its answer.

        Raise BrokerError if there is no answer, and JournalError if it cannot be recorded.
        """
        outcome = self._proof.seek(timeout)
        with self.turnstile:
            held = reconcile.held_terms(self.ledger)
        self._ask_for(held)
        return outcome

    @property
    def reconciled(self) -> bool:
        """Whether the book was found true, and nothing can have been missed since."""
        return self._proof.holds

    @reconciled.setter
    def reconciled(self, is_so: bool) -> None:
        """Say so without a story, as a rehearsal does."""
        self._proof.holds = is_so

    def distrust(self, reason: str) -> None:
        """The session came, went, or may have missed something: approve nothing for now.

        Waits for nobody: the broker's thread calls it.
        """
        self._proof.distrust(reason)

    @property
    def distrusted_because(self) -> str:
        """Why nothing is approved while the book is not proven."""
        return self._proof.because

    @property
    def wants_reconcile(self) -> bool:
        """Whether a session stands whose story has not been heard, is old, or left doubts."""
        return self._proof.wanted

    def judge_accounts(self) -> None:
        """Ask the rules that watch accounts about what the broker has reported since.

        Raise JournalError if what they latch cannot be recorded.
        """
        self._switch.judge_accounts(self._judge)

    def would_latch(self, account: Account) -> tuple[Standing, ...]:
        """The states that rules would set by this report of an account; nothing is set."""
        with self.turnstile, localcontext(COUNTED):
            found = tuple(self._judge.account(account, self.clock.now()))
        return tuple(one.standing for one in found if isinstance(one, StateChanged))

    @property
    def actor(self) -> str:
        """Who this process says it is."""
        return self._actor

    def prepare(self, *wanted: str | Order, timeout: float = 5.0) -> tuple[str, ...]:
        """Make instruments and prices ready; return the names that are not after `timeout` s.

        A name is a symbol, or an instrument as an order line writes it:
        `"AAPL.OPT expiry=2026-06-19 strike=200 right=C"`.
        """
        terms = [
            terms
            for item in wanted
            for terms in (all_of(item) if isinstance(item, Order) else [terms_of(item)])
        ]
        return tuple(key_of(left) for left in self._broker.prepare(terms, timeout))

    def watch(self, *wanted: str) -> None:
        """Have instruments and prices made ready in the background."""
        self._broker.watch([terms_of(name) for name in wanted])

    def _sound(self) -> Conditions:
        """What must be in order before anything is approved."""
        return Conditions(
            reconciled=self.reconciled,
            distrust="" if self.reconciled else self.distrusted_because,
            connected=self._broker.connected,
            journal_writable=self.journal_writable,
            mode_fault=self._broker.mode_fault,
            account_max_age=self._account_max_age,
        )

    def _ask_for(self, wanted: list[Terms]) -> None:
        """Have data made ready; without a session there is nobody to ask."""
        with suppress(NotConnected):
            self._broker.watch(wanted)

    def _fold(self, recorded: Recorded) -> None:
        super()._fold(recorded)
        self._proof.fold(recorded)
