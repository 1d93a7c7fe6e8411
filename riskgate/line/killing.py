"""Kill: what has not left is dropped, what has left is cancelled, and what is left is said.

Rule 1: what waits is dropped and the cancels go out before any lock or record is waited for: the
journal may be the very thing that is broken.
Rule 2: as long as KILLED stands, every order of ours that it covers is being cancelled, also one
that turns up later, comes back from a refused cancel, or outlives a session.
Rule 3: an order can be cancelled only under the client id that placed it; another process does it
when it reads the state in the journal. Only `everything` reaches the orders of others.
Rule 4: flat is said only when a reconcile after the kill proves it (semantics.md, section 10).
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final, Protocol

import msgspec

from riskgate.errors import NotConnected, RiskgateError
from riskgate.ledger.life import Life
from riskgate.line import switch
from riskgate.line.bookkeeping import Bookkeeper
from riskgate.line.switch import Switch
from riskgate.model.events import CancelRequested, Note, Reconciled
from riskgate.model.lifecycle import Status
from riskgate.model.trading import Scope, Standing, TradingState
from riskgate.ports import Broker

AGAIN_AFTER: Final = timedelta(seconds=3)  # a refused cancel is not repeated at once
OTHERS_PAUSE: Final = 0.25  # seconds between two looks at the orders of others
NEW: Final = frozenset({Status.PENDING_SUBMIT, Status.PENDING_CANCEL})
LEAVING: Final = 1.0  # seconds for the record to say of each order whether it has left


class KillReport(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a kill: order numbers, and the positions that are left in its scope.

    `never_sent` had not left, `confirmed` ended by the broker's word, `pending` wait for it, and
    `not_cancelled` could not be cancelled from here. `proven` says that a reconcile after the kill
    was clean; if not, `because` says why. `recorded` is false while only memory knows of it.
    `foreign` are the orders of others on all our accounts; with `everything` they had to go too.
    """

    standing: Standing
    never_sent: tuple[int, ...] = ()
    confirmed: tuple[int, ...] = ()
    pending: tuple[int, ...] = ()
    not_cancelled: tuple[int, ...] = ()
    foreign: int = 0
    positions: tuple[tuple[str, str, Decimal], ...] = ()
    everything: bool = False
    recorded: bool = True
    proven: bool = False
    because: str = ""
    remarks: tuple[str, ...] = ()

    @property
    def done(self) -> bool:
        """Whether nothing that had to go works any more, proven by a reconcile."""
        left = self.pending or self.not_cancelled or (self.everything and self.foreign)
        return self.proven and not left

    @property
    def flat(self) -> bool:
        """Whether nothing works and nothing is held in the scope, proven by a reconcile."""
        return self.done and not (self.positions or self.foreign)


class Prover(Protocol):
    """Who compares the book with the broker's."""

    def seek(self, timeout: float) -> Reconciled:
        """Compare, and take over what the broker knows. Raise RiskgateError if that fails."""
        ...


class Kill:
    """The kills of one gate."""

    def __init__(self, desk: Bookkeeper, broker: Broker, switch_: Switch, proof: Prover) -> None:
        self._desk = desk
        self._broker = broker
        self._switch = switch_
        self._proof = proof
        self._tried: dict[int, datetime] = {}

    def run(
        self, scope: Scope, said: tuple[object, object], seconds: float, *, everything: bool = False
    ) -> KillReport:
        """Stop, cancel, wait for up to `seconds` for the broker's word, and verify.

        Raise ConfigError for a kill that names nobody, gives no reason, or would stop nothing.
        """
        desk = self._desk
        asked = switch.standing(TradingState.KILLED, scope, said, desk.clock.now())
        state = switch.checked_halt(asked, desk.world.market.accounts)
        desk.world.announced += (state,)  # whoever waits for the lock is decided under it
        try:
            return self._run(state, said, seconds, everything=everything)
        finally:
            left = (one for one in desk.world.announced if one is not state)
            desk.world.announced = tuple(left)

    def _run(
        self, state: Standing, said: tuple[object, object], seconds: float, *, everything: bool
    ) -> KillReport:
        """Kill what this state is about."""
        desk = self._desk
        last = desk.ledger.last_order_id
        targets = self._targets(state)
        dropped = self._dropped(state)
        cancelled = self._cancelled(one for one in targets if one.order_id not in dropped)
        if everything:
            with suppress(NotConnected):  # the report says that nobody was asked
                self._broker.cancel_account()
        recorded = self._switch.halt(state.state, state.scope, said)
        later = (*self._allowed_after(last, state), *self._targets(state))
        numbers = tuple(dict.fromkeys(life.order_id for life in (*targets, *later)))
        recorded = self._record(cancelled) and recorded
        desk.wait_for(lambda: not any(map(self._waits, numbers)), min(seconds, LEAVING))
        self.carry_on()
        desk.wait_for(lambda: not any(map(self._works, numbers)), seconds)
        verdict = self._verified(seconds, everything=everything)
        with desk.turnstile:
            found = self._report(state, numbers, verdict)
        report = msgspec.structs.replace(found, everything=everything, recorded=recorded)
        desk.take([Note(text=f"kill: {said_of(report)}", actor=state.by)])
        return report

    def carry_on(self) -> None:
        """Send the cancels that are due here and have not left: of kills, and of other processes.

        Never raises for a session that is not there: what is due stays due.
        """
        due = [life for life in self._desk.whole_book.working() if self._is_due(life)]
        if due:
            self._record(self._cancelled(by_priority(due)))

    def _is_due(self, life: Life) -> bool:
        """Whether a cancel of the order must leave from here now."""
        if not self.is_ours(life) or self._waits(life.order_id):
            return False
        under_way = self._broker.cancelling(life.order_id)
        if life.status is Status.PENDING_CANCEL:
            return not under_way
        if under_way and not life.cancel_counted:
            return False  # it has left, and the record of that is to come
        last = self._tried.get(life.order_id)
        rested = last is None or self._desk.clock.now() - last >= AGAIN_AFTER
        standings = tuple(self._desk.ledger.facts.standings.values())
        return rested and any(
            state.state is TradingState.KILLED and switch.holds_back(state, life)
            for state in standings
        )

    def is_ours(self, life: Life) -> bool:
        """Whether this process may cancel it: it was sent, or waits, under our client id."""
        return self._broker.client_id is not None and life.client_id in (0, self._broker.client_id)

    def _dropped(self, state: Standing) -> set[int]:
        """Drop what waits to be sent; the numbers of those that need no cancel.

        Of an order with more than one version a modify may be what waited: it may be at the broker.
        """
        dropped = set()

        def is_about(order_id: int) -> bool:
            life = self._desk.whole_book.orders.get(order_id)
            if life is None or not switch.holds_back(state, life):
                return False
            if len(life.versions) == 1:
                dropped.add(order_id)
            return True

        self._broker.withdraw(is_about, state.state.value)
        return dropped

    def _targets(self, state: Standing) -> tuple[Life, ...]:
        """Our working orders that the state is about, the riskiest first."""
        working = self._desk.whole_book.working()
        return by_priority(life for life in working if switch.holds_back(state, life))

    def _allowed_after(self, last: int, state: Standing) -> Iterator[Life]:
        """What was let through while the kill waited for its turn, also if it was dropped again."""
        for number in range(last + 1, self._desk.ledger.last_order_id + 1):
            life = self._desk.ledger.orders.get(number)
            if life is not None and life.decision.allowed and switch.holds_back(state, life):
                yield life

    def _cancelled(self, lives: Iterable[Life]) -> list[Life]:
        """Those whose cancel was handed over."""
        handed = []
        for life in lives:
            if not self.is_ours(life):
                continue
            try:
                self._broker.cancel(life.order_id)
            except NotConnected:
                break
            self._tried[life.order_id] = self._desk.clock.now()
            handed.append(life)
        return handed

    def _record(self, lives: Iterable[Life]) -> bool:
        asked = [
            CancelRequested(order_id=life.order_id, actor="kill")
            for life in lives
            if life.status is not Status.PENDING_CANCEL
        ]
        return not asked or self._desk.take(asked)

    def _waits(self, order_id: int) -> bool:
        """Whether it is not on record yet that the order left, nor that it did not."""
        life = self._desk.ledger.orders.get(order_id)
        return life is not None and life.status in NEW and not life.broker_order_id

    def _works(self, order_id: int) -> bool:
        life = self._desk.ledger.orders.get(order_id)
        return life is not None and life.status.working

    def _verified(self, seconds: float, *, everything: bool) -> tuple[bool, str]:
        """What a reconcile proves. Of the orders of others only another one tells when they end."""
        deadline = time.monotonic() + seconds
        while True:
            try:
                outcome = self._proof.seek(seconds)
            except RiskgateError as error:
                return False, str(error)
            others = everything and self._desk.ledger.holdings.foreign_orders
            if not others or time.monotonic() >= deadline:
                return outcome.clean, "" if outcome.clean else "; ".join(outcome.differences)
            self._desk.wait_for(lambda: False, OTHERS_PAUSE)

    def _report(
        self, state: Standing, numbers: tuple[int, ...], verdict: tuple[bool, str]
    ) -> KillReport:
        book = self._desk.ledger
        ended: dict[str, list[int]] = {
            "never_sent": [],
            "confirmed": [],
            "pending": [],
            "not_cancelled": [],
        }
        for number in numbers:  # what could not be recorded after all is in no book
            if number in book.orders:
                ended[_ending(book.orders[number].status)].append(number)
        positions = tuple(
            (account, key, quantity)
            for (account, key), quantity in sorted(book.holdings.positions().items())
            if state.scope.covers(account, state.scope.strategy, *book.holdings.names_of(key))
        )
        return KillReport(
            standing=state,
            foreign=book.holdings.foreign_orders,
            positions=positions,
            proven=verdict[0],
            because=verdict[1],
            never_sent=tuple(ended["never_sent"]),
            confirmed=tuple(ended["confirmed"]),
            pending=tuple(ended["pending"]),
            not_cancelled=tuple(ended["not_cancelled"]),
        )


def by_priority(lives: Iterable[Life]) -> tuple[Life, ...]:
    """What opens a position first, and of that the largest value first."""
    return tuple(sorted(lives, key=lambda life: (not life.opens, -life.reserved_value)))


def said_of(report: KillReport) -> str:
    """The report in one line."""
    parts = (
        f"{len(report.never_sent)} never left",
        f"{len(report.confirmed)} confirmed",
        f"{len(report.pending)} pending",
        f"{len(report.not_cancelled)} could not be cancelled",
        f"{report.foreign} of others",
    )
    proof = "proven" if report.proven else f"not proven: {report.because}"
    return f"{report.standing.scope}: {', '.join(parts)}; {'flat, ' if report.flat else ''}{proof}"


def _ending(status: Status) -> str:
    """Where an order that was to be cancelled has got to."""
    if status is Status.NEVER_SENT:
        return "never_sent"
    if not status.working:
        return "confirmed"
    return "pending" if status is Status.PENDING_CANCEL else "not_cancelled"
