"""One account's trading day, traded again: each order looked at, decided, and taken to its end.

Rule 1: it is the gate's own look, `evaluate` and book; only time, market and fills are the file's.
Rule 2: an order that is denied or held never leaves: it holds nothing and is never filled.
Rule 3: an order that has ended is forgotten, so a day of a million orders needs little room.
"""

from __future__ import annotations

import hashlib
from datetime import date, datetime
from heapq import heappop, heappush
from typing import Final

import msgspec

from riskgate.history.days import AccountDay
from riskgate.history.lives import Lives
from riskgate.history.rows import Told
from riskgate.ledger.market import Market
from riskgate.ledger.world import Conditions, HoursSource, World
from riskgate.model.decision import Action, Decision
from riskgate.model.events import PositionsReported
from riskgate.model.lifecycle import Status
from riskgate.model.market import Quote
from riskgate.model.order import Order
from riskgate.model.snapshot import Snapshot
from riskgate.policy.evaluate import evaluate
from riskgate.policy.policies import PolicySet
from riskgate.replay.differing import NOTHING, Difference, Part
from riskgate.replay.effects import MOST_TOLD, Effects

SOUND: Final = Conditions()
LAST_FILL, FILL, END = range(3)  # of the same moment and order, the fill before the end
ALLOW: Final = Action.ALLOW
WARN: Final = Action.WARN
REJECTED: Final = Status.REJECTED
TOLD_AT_ONCE: Final = 256


class DayDone(msgspec.Struct):
    """What came of one account's day. `digest` is over each order's row, answer and breaches."""

    account: str
    day: date
    orders: int
    digest: bytes
    effects: Effects
    skipped: int = 0


class Trading:
    """One account's day, order by order."""

    def __init__(self, policies: PolicySet, hours: HoursSource, day: AccountDay) -> None:
        self._market = Market()
        self._market.set_accounts((day.account,))
        self._world = World(policies, self._market, hours)
        self._lives = Lives(self._world.book)
        self._policies = policies
        self._coming: list[tuple[datetime, int, int, Told]] = []
        self._digest = hashlib.sha256()
        self._told: list[str] = []  # lines that the digest does not have yet
        self._listed: set[str] = set()
        self._held, self._marks = day.held, day.marks
        self.orders = 0
        self.effects = Effects()

    def trade(self, told: Told) -> Decision:
        """Decide one order, after all that happened before it; time never steps back."""
        if self._held:
            self._begin(told.at)
        coming, at = self._coming, told.at
        if coming and coming[0][0] <= at:
            self._pass_to(at)
        self._learn(told)
        decision, snapshot = self.decide(told)
        self._lives.decided(told.row, decision, snapshot, told.instrument)
        if decision.action <= WARN:
            self._await(told)
        self._count(told, decision)
        return decision

    def decide(self, told: Told) -> tuple[Decision, Snapshot]:
        """The look at an order, and the decision; the book stays as it is."""
        order = self._world.resolve(told.order)
        snapshot = self._world.snapshot(order, told.at, SOUND)
        return evaluate(self._policies, order, snapshot), snapshot

    def done(self, account: str, day: date) -> DayDone:
        """The day is over."""
        self._tell_digest()
        return DayDone(account, day, self.orders, self._digest.digest(), self.effects)

    def _begin(self, at: datetime) -> None:
        """What was held when the day began."""
        for position in self._held:
            instrument = position.instrument
            self._market.list_instrument(instrument.terms, instrument)
            mark = self._marks.get(instrument.key)
            if mark is not None:  # of no known time, so no order is judged by it
                self._market.set_quote(instrument.key, Quote(last=mark))
        self._world.book.apply(PositionsReported(positions=self._held), at)
        self._held = ()

    def _learn(self, told: Told) -> None:
        """The market, and the account's values, as they were when the order came."""
        market, instrument = self._market, told.instrument
        if instrument.key not in self._listed:
            self._listed.add(instrument.key)
            self._world.book.holdings.know(instrument)
            market.list_instrument(instrument.terms, instrument)
        if told.quote is not None:
            market.set_quote(instrument.key, told.quote)
        if told.adv is not None:
            market.set_adv(instrument.key, told.adv)
        if told.fx is not None:
            market.set_fx(instrument.currency, told.fx)
        if told.account is not None:
            market.set_account(told.account)

    def _await(self, told: Told) -> None:
        """What will become of an order that leaves."""
        filled, done_at = told.filled, told.done_at
        if filled is not None:
            over = filled[1] >= told.order.quantity or (
                done_at == filled[0] and told.status is not REJECTED
            )
            heappush(self._coming, (filled[0], told.row, LAST_FILL if over else FILL, told))
            if over:
                return
        if done_at is not None:
            heappush(self._coming, (done_at, told.row, END, told))

    def _pass_to(self, now: datetime) -> None:
        """All that had happened by then."""
        coming, lives = self._coming, self._lives
        while coming and coming[0][0] <= now:
            at, row, what, told = heappop(coming)
            if what is END or told.filled is None:
                lives.ended(row, told.status, at)
            else:
                _, quantity, price = told.filled
                lives.filled(row, quantity, price, at, over=what is LAST_FILL)

    def _tell_digest(self) -> None:
        self._digest.update("".join(self._told).encode())
        self._told.clear()

    def _count(self, told: Told, decision: Decision) -> None:
        self.orders += 1
        action, lines = decision.action, self._told
        if len(lines) >= TOLD_AT_ONCE:
            self._tell_digest()
        if action is ALLOW and told.action is ALLOW and not decision.breaches:
            lines.append(f"{told.row} 0 \n")
            return
        by = decision.by
        lines.append(f"{told.row} {int(action)} {' '.join(by)}\n")
        effects = self.effects
        if action is Action.DENY:
            effects.denied += 1
        if action is not told.action:
            order = told.order
            whose = order.strategy or "", order.symbol
            effects.note((told.action, action), whose, ((), by))
            if len(effects.first) < MOST_TOLD:
                effects.tell(_example(told, order, decision))


def _example(told: Told, order: Order, decision: Decision) -> Difference:
    parts = [Part("action", told.action.word, decision.action.word)]
    parts += [
        Part(finding.limit_of_rule.strip() or finding.name, NOTHING, str(finding))
        for finding in decision.breaches
        if finding.enforced
    ]
    return Difference(
        seq=told.row,
        at=told.at,
        order_id=told.row,
        what="order",
        text=str(order),
        engine="",
        parts=tuple(parts),
    )
