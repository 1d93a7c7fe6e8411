"""The gate: nothing reaches the broker unjudged, and nothing is sent unrecorded.

Rule 1: `submit` is one straight line: look, decide, record, reserve, hand over, in this order,
under one lock. The next order sees this one as working, so two cannot spend the same headroom.
Rule 2: a refusal is a value. An exception means that something broke, and its class says whether
anything may have been sent.
Rule 3: cancels are never denied, and are sent even if they cannot be recorded.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from decimal import Decimal, localcontext
from functools import partial
from typing import Any

from riskgate.errors import JournalError, NotConnected, OutcomeUnknown
from riskgate.ledger.companions import ALONE, Companions
from riskgate.line import approvals, blocks, emergency, grouping, keys, payload, switch
from riskgate.line.bookkeeping import Turned
from riskgate.line.emergency import Exit
from riskgate.line.gathering import Asking, Gathering
from riskgate.line.grouping import Exits, Oca
from riskgate.line.judging import Moment, Passage, approval_of
from riskgate.line.outside import Outside
from riskgate.line.oversight import EVERYWHERE, STORY_SECONDS, Oversight
from riskgate.line.parents import Parents, ParentTicket
from riskgate.line.parents_terms import planned
from riskgate.line.payload import Asked, Source
from riskgate.line.tending import Tender
from riskgate.model.codes import Code
from riskgate.model.decision import ApprovedOrder
from riskgate.model.events import Decided, PolicyActivated
from riskgate.model.instructions import OcaType
from riskgate.model.lifecycle import Status
from riskgate.model.money import COUNTED
from riskgate.model.order import Order
from riskgate.model.report import unsent
from riskgate.model.trading import Scope
from riskgate.model.watching import all_of
from riskgate.policy.evaluate import UNPREPARED
from riskgate.policy.policies import PolicySet
from riskgate.ticket import Ticket
from riskgate.version import VERSION


class Gate(Oversight):
    """Decides orders against one policy set and hands the allowed ones to one broker."""

    def __init__(self, policies: PolicySet, outside: Outside) -> None:
        super().__init__(policies, outside)
        self._gathering = Gathering(self.turnstile, self._pass)
        self.parents = Parents(self, outside.broker, self)
        self.tender = Tender(self, outside.broker, self)

    def start(self, *, activate: bool = True) -> None:
        """Fold the journal and put the policies on record. Raise JournalError if that fails.

        A gate that shall decide nothing does not `activate` its policies.
        """
        with self.turn() as turn:
            on_record = self.ledger.digest == self.policies.digest and (
                self.ledger.facts.has_texts or not self.policies.texts
            )
            if activate and not on_record:
                turn.record(
                    PolicyActivated(
                        digest=self.policies.digest,
                        policies=tuple(policy.name for policy in self.policies.policies),
                        engine=VERSION,
                        actor=self._actor,
                        texts=self.policies.texts,
                    )
                )
        self._proof.begin()

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
        beside = Companions(parent=payload.order_number(parent)) if parent else ALONE

        def judged(at: Moment) -> list[Decided]:
            return [self._judge.order(asked, at, beside)]

        return self._line([asked], judged, actor)[0]

    def work(
        self, order: Source, plan: object, *, strategy: str | None = None, actor: str | None = None
    ) -> ParentTicket:
        """Decide an order as a whole and, if it is allowed, work it off in slices by our own plan.

        `plan` is such as `twap duration=30m slices=10`. Each slice is decided again, as it leaves.
        """
        asked, wrong = planned(payload.read(order, strategy=strategy), plan, self.world)
        beside = Companions(plan=asked.plan, faults=wrong)

        def judged(at: Moment) -> list[Decided]:
            return [self._judge.order(asked, at, beside)]

        with self.turnstile:
            return self.parents.ticket(self._line([asked], judged, actor)[0])

    async def submit_async(self, order: Source, **given: Any) -> Ticket:  # noqa: ANN401  # as `submit` takes them
        """`submit` without holding up the event loop."""
        return await asyncio.to_thread(self.submit, order, **given)

    def weigh(
        self, order: Source, *, strategy: str | None = None, account: str | None = None
    ) -> Decided:
        """What `submit` would decide now; nothing is recorded, reserved or sent."""
        asked = payload.read(order, strategy=strategy, account=account)
        with self.turnstile, localcontext(COUNTED):
            self.caught_up()
            at = Moment(now=self.clock.now(), sound=self._sound())
            return grouping.settled(self.policies, [self._judge.order(asked, at)])[0]

    def modify(self, order_id: int, *, actor: str | None = None, **changes: object) -> Ticket:
        """Judge new terms of a working order and, if they are allowed, hand them over.

        `changes` are prices, the new total quantity, what of it is shown, or when it ends: what IB
        changes of a working order (`judging.CHANGEABLE`). The old terms stand until the broker
        confirms the new ones, and the larger of both is reserved.
        """
        asked = Asked(order=None, text=f"modify {order_id}")

        def judged(at: Moment) -> list[Decided]:
            return [self._judge.modify(order_id, changes, at)]

        with self.turnstile:
            return self._line([asked], judged, actor)[0]

    def submit_basket(
        self,
        orders: Sequence[Source],
        *,
        intent: float | Decimal | None = None,
        strategy: str | None = None,
        account: str | None = None,
        actor: str | None = None,
    ) -> tuple[Ticket, ...]:
        """Decide several orders as one submission: if one is denied, none leaves.

        `intent` is the notional declared for the whole, in the policy's currency.
        """
        asked = [payload.read(order, strategy=strategy, account=account) for order in orders]
        return self._submission(asked, grouping.basket(intent), actor)

    def submit_bracket(
        self,
        entry: Source,
        *,
        exits: Exits,
        strategy: str | None = None,
        account: str | None = None,
        actor: str | None = None,
    ) -> tuple[Ticket, ...]:
        """Decide an entry with a take-profit and a stop-loss, judged as its entry."""
        asked = payload.read(entry, strategy=strategy, account=account)
        terms = grouping.bracket(asked, exits, carried=self._broker.carries_brackets)
        return self._submission(grouping.legs(asked, exits), terms, actor)

    def submit_oca(
        self,
        orders: Sequence[Source],
        *,
        group: str | None = None,
        oca_type: str = OcaType.CANCEL_BLOCK,
        actor: str | None = None,
        **named: str | None,
    ) -> tuple[Ticket, ...]:
        """Decide orders of which one cancels the others, judged as the worst of each side.

        `group` is their name at the broker, used once; `named` is what they leave open, as
        `strategy` and `account` of `submit`.
        """
        asked = [payload.read(order, **named) for order in orders]
        members, terms = grouping.one_cancels_all(asked, Oca(group=group, kind=oca_type))
        return self._submission(members, terms, actor)

    def submit_block(
        self, orders: Sequence[Source], *, net: bool = False, actor: str | None = None
    ) -> tuple[Ticket, ...]:
        """Decide orders of several strategies each by itself; those allowed leave as one order.

        Its fills are divided among them; `view.block_id` is its number. See docs/aggregation.md.
        """
        asked = [payload.read(order) for order in orders]
        desk = blocks.Desk(self._judge, self.world, self._aggregation)
        with self.turnstile:
            tickets = self._line(asked, partial(blocks.judged, desk, asked, net=net), actor)
            return tickets[: len(asked)]

    def approve(self, order_id: int, *, by: str, reason: str) -> tuple[Ticket, ...]:
        """Let a held order, with its group, be decided again; only what held it is forgiven.

        Raise ConfigError if nobody or no reason is named, if `by` submitted it, or if it is not
        held.
        """
        asked = Asked(order=None, text=f"approve {order_id}")

        def judged(at: Moment) -> list[Decided]:
            given = approvals.approval(self.ledger, order_id, (by, reason), self._hold_for)
            return approvals.decided(self._judge, self.ledger, given, at)

        with self.turnstile:
            return self._line([asked], judged, by)

    def emergency_exit(self, wanted: Exit | str, *, by: str, reason: str) -> tuple[Ticket, ...]:
        """Reduce a position whatever the trading state: HALTED and KILLED are forgiven, no more.

        `wanted` is a symbol, or says more. The orders pass sanity and the rules that reductions are
        asked. Raise ConfigError if nothing is held of it, or nobody or no reason is named.
        """
        named = Exit(symbol=wanted) if isinstance(wanted, str) else wanted
        return self._exits(lambda: emergency.exits(self.ledger, named), (by, reason))

    def flatten(
        self, scope: Scope = EVERYWHERE, *, by: str, reason: str, timeout: float = STORY_SECONDS
    ) -> tuple[Ticket, ...]:
        """Halt a scope, have everything of ours cancelled in it, then close what is held.

        Waits up to `timeout` seconds until nothing works; if something still does, nothing is
        sent. The state stays HALTED. Raise OutcomeUnknown if orders still work, ConfigError as
        `halt` does.
        """
        self.halt(reason=reason, by=by, scope=scope)
        self.cancel_all(scope, actor=by)

        def in_scope() -> list[int]:
            return [o.order_id for o in self.ledger.working() if switch.covers(scope, o)]

        if not self.wait_for(lambda: not in_scope(), timeout):
            left = ", ".join(map(str, in_scope()))
            raise OutcomeUnknown(f"orders {left} still work: nothing was sent to close positions")
        return self._exits(lambda: emergency.everything(self.ledger, scope), (by, reason))

    def _exits(
        self, orders: Callable[[], Sequence[Order]], said: tuple[object, object]
    ) -> tuple[Ticket, ...]:
        """Decide emergency exits one after the other, each seeing the ones before as working."""
        with self.turnstile:
            return tuple(self._exit(order, said) for order in orders())

    def _exit(self, order: Order, said: tuple[object, object]) -> Ticket:
        asked = payload.read(order)

        def judged(at: Moment) -> list[Decided]:
            return [emergency.decided(self._judge, asked, said, at)]

        return self._line([asked], judged, None)[0]

    def reload(self, policies: PolicySet) -> None:
        """Put another policy set in force, from the next decision on. Counters are kept.

        Raise JournalError if that cannot be recorded; then the set before stays in force.
        """
        with self.turnstile:
            before = self.policies
            self._in_force(policies)
            try:
                self.start()
            except BaseException:
                self._in_force(before)
                raise

    def _in_force(self, policies: PolicySet) -> None:
        """Decide by these policies; the book is folded again, for they count other things."""
        self.policies = self.world.policies = policies
        self.fold_again()

    def _submission(
        self, asked: Sequence[Asked], terms: grouping.Terms, actor: str | None
    ) -> tuple[Ticket, ...]:
        """Decide several orders together."""

        def judged(at: Moment) -> list[Decided]:
            first = self.ledger.last_order_id + 1
            planned = grouping.plans(self._judge, asked, terms, first, at)
            return grouping.together(self._judge, self.ledger, planned, at)

        with self.turnstile:
            return self._line(asked, judged, actor)

    def _line(
        self,
        asked: Sequence[Asked],
        judged: Callable[[Moment], list[Decided]],
        actor: str | None,
    ) -> tuple[Ticket, ...]:
        """The one straight line: look and decide, record, reserve, hand over."""
        return self._gathering.through(Passage(asked, judged, actor))

    def _pass(self, batch: Sequence[Asking[Passage, tuple[Ticket, ...]]]) -> None:
        """The line for all of a batch: one turn, one flush, then each is handed over in order."""
        try:
            with self.turn(project=not self.shows_later) as turn:
                for one in batch:  # it grows meanwhile
                    self._decide(turn, one.what)
                    self._gathering.take_along(batch)
                for one in batch:
                    one.is_recorded = True
        except JournalError as error:
            if len(batch) > 1 and isinstance(error.__cause__, ValueError):
                raise  # one of them would not read back: each goes again by itself
            for one in batch:
                self.refused(one.what.asked_for)
                one.answer(tuple(self._not_recorded(asked, error) for asked in one.what.asked))
            return
        for one in batch:
            one.attempt(self._conclude)

    def _decide(self, turn: Turned, one: Passage) -> None:
        """Look, decide, record and reserve: what comes next in this turn is judged beside it."""
        one.same = keys.earlier(self.world, one.asked)
        if len(one.same) == len(one.asked):
            return
        one.same = ()  # also where an earlier try of this turn found some, and was undone
        said_by = payload.printable(one.actor)
        at = Moment(now=self.clock.now(), sound=self._sound(), actor=said_by)
        one.decided = grouping.settled(self.policies, one.judged(at))
        one.asked_for = [(each, self._versions_of(each.replaces)) for each in one.decided]
        has_breaches = False
        for each in one.decided:
            turn.record(each, each.decision.as_of)
            has_breaches = has_breaches or bool(each.decision.breaches)
        one.latched = self._switch.latch(turn, one.decided) if has_breaches else ()

    def _conclude(self, one: Passage) -> tuple[Ticket, ...]:
        """Hand over what is on record; what a breach has stopped does not wait to leave."""
        if one.same:
            return tuple(Ticket(self, o.order_id, o.decision, o.ref) for o in one.same)
        tickets = self._handed_over(one.decided)
        self._switch.withdraw(one.latched)
        return tickets

    def _versions_of(self, order_id: int) -> int:
        life = self.ledger.orders.get(order_id) if order_id else None
        return 0 if life is None else life.last_version

    def _handed_over(self, decided: Sequence[Decided]) -> tuple[Ticket, ...]:
        """Hand the orders over; of a group all or, where one finds no session, none that waits."""
        if grouping.as_one(decided) and decided[0].decision.allowed:
            return self._hand_over_as_one(decided)
        if len(decided) == 1:
            return (self._hand_over(decided[0]),)
        tickets = tuple(self._hand_over(one) for one in decided)
        if any(o.allowed and o.status is Status.NEVER_SENT for o in tickets):
            mine = frozenset(one.order_id for one in tickets)
            self._broker.withdraw(mine.__contains__, Code.NOT_CONNECTED)
        return tickets

    def _hand_over(self, decided: Decided) -> Ticket:
        """Give an approved order to the broker; ask for data that a denial was for want of."""
        decision, order = decided.decision, decided.decision.order
        ticket = Ticket(self, decided.order_id, decision, decided.ref)
        alone = decision.allowed and not decided.block  # a member leaves with its block
        approved = approval_of(decided, self.ledger) if alone else None
        if approved is None:
            if UNPREPARED in decision.notes and order is not None:
                self._ask_for(all_of(order))
        elif self.ledger.orders[decided.order_id].status.working:  # else it is on record as over
            self._place([approved])
        return ticket

    def _hand_over_as_one(self, decided: Sequence[Decided]) -> tuple[Ticket, ...]:
        """Give an approved bracket or one-cancels-all group to the broker."""
        made = (approval_of(one, self.ledger) for one in decided)
        approved = [one for one in made if one is not None]
        working = [one for one in approved if self.ledger.orders[one.order_id].status.working]
        if len(working) == len(decided):
            self._place(approved)
        else:  # some are on record as over
            self.take(
                [unsent(one, Code.GROUP_DENIED, "one of its group is over") for one in working]
            )
        return tuple(Ticket(self, one.order_id, one.decision, one.ref) for one in decided)

    def _place(self, approved: Sequence[ApprovedOrder]) -> None:
        """Hand over what leaves as one; without a session it was never sent."""
        try:
            self._broker.place(approved[0], approved[1:])
        except NotConnected as error:
            self.take([unsent(one, Code.NOT_CONNECTED, str(error)) for one in approved])

    def _not_recorded(self, asked: Asked, error: JournalError) -> Ticket:
        """The refusal of an order that could not be recorded; nothing was sent."""
        return Ticket(self, 0, self._judge.unrecorded(asked, error, self.clock.now()))
