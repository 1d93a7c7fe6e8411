"""A gate without a market: the same gate, and a broker that does as it is told.

Rule 1: policy tests and `check` go through `Gate.submit` itself; there is no second way to decide.
Rule 2: the broker says only what the steps say, so a rehearsal is the same every time.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

import msgspec

from riskgate.errors import OrderError, PolicyError
from riskgate.gate import Gate
from riskgate.ledger.adoption import adopt
from riskgate.ledger.market import Market
from riskgate.ledger.world import Conditions
from riskgate.line import payload
from riskgate.line.outside import Outside
from riskgate.line.payload import Source
from riskgate.mode import mode_fault
from riskgate.model.decision import ApprovedOrder
from riskgate.model.events import PositionsReported
from riskgate.model.instrument import Instrument, Terms
from riskgate.model.market import Quote
from riskgate.model.money import ZERO
from riskgate.model.order import Fault, Order
from riskgate.model.order_line import terms_of
from riskgate.model.report import Position
from riskgate.model.subject import holding_subject
from riskgate.model.trading import TradingState
from riskgate.policy.cases import Given
from riskgate.policy.policies import PolicySet
from riskgate.ports import Calendars, Journal, Story
from riskgate.ticket import Ticket

WHO: Final = "rehearsal"


class StoppedClock:
    """A clock that moves when it is told to."""

    def __init__(self, at: datetime) -> None:
        self._at = at.astimezone(UTC)

    def now(self) -> datetime:
        """This moment."""
        return self._at

    def advance(self, by: timedelta) -> None:
        """Let time pass."""
        self._at += by

    def set(self, to: datetime) -> None:
        """Jump to a moment, back or forth."""
        self._at = to.astimezone(UTC)


class ScriptedBroker:
    """Takes orders and says nothing of its own accord."""

    def __init__(self, *, connected: bool, fault: str | None) -> None:
        self.connected = connected
        self.mode_fault = fault
        self.placed: list[ApprovedOrder] = []
        self.cancelled: list[int] = []

    carries_brackets = True
    client_id = 0

    def supports(self, order: Order) -> tuple[Fault, ...]:  # noqa: ARG002  # the port's shape
        """Everything that the language can say."""
        return ()

    def place(self, approved: ApprovedOrder, attached: Sequence[ApprovedOrder] = ()) -> None:
        """Remember what would have been sent."""
        self.placed += (approved, *attached)

    def cancel(self, order_id: int) -> None:
        """Remember whose cancel was asked for."""
        self.cancelled.append(order_id)

    def cancel_account(self) -> None:
        """Nobody else has orders here."""

    def cancelling(self, order_id: int) -> bool:
        """Whether a cancel was asked for."""
        return order_id in self.cancelled

    def withdraw(self, covers: Callable[[int], bool], code: str) -> None:
        """Nothing waits here."""

    def story(self, refs: dict[str, int], timeout: float) -> Story:  # noqa: ARG002  # the port's shape
        """Nothing that the book does not know."""
        return Story(complete=False)

    def watch(self, wanted: Sequence[Terms]) -> None:
        """Everything is as given."""

    def prepare(self, wanted: Sequence[Terms], timeout: float) -> tuple[Terms, ...]:  # noqa: ARG002  # the port's shape
        """Everything is as given."""
        return ()


class Rehearsal:
    """One gate in a given world."""

    def __init__(
        self, policies: PolicySet, given: Given, calendars: Calendars, journal: Journal
    ) -> None:
        self.given = given
        self.journal = journal
        self.clock = StoppedClock(given.now or datetime.now(UTC))
        self.market = Market(assume=True)
        self.broker = ScriptedBroker(
            connected=given.connected,
            fault=mode_fault(given.mode, (account.id for account in given.accounts)),
        )
        self.gate = Gate(
            policies,
            Outside(
                journal=journal,
                broker=self.broker,
                market=self.market,
                calendars=calendars,
                clock=self.clock,
                actor=WHO,
            ),
        )
        self.gate.start()
        self._furnish()

    @property
    def account(self) -> str:
        """The account that positions and fills belong to; empty if none is known."""
        return self.given.accounts[0].id if self.given.accounts else ""

    def submit(self, source: Source, *, account: str | None = None, parent: int = 0) -> Ticket:
        """Submit an order as the default strategy would."""
        strategy = self.given.strategy
        return self.gate.submit(source, strategy=strategy, account=account, parent=parent)

    def instrument(self, name: str) -> Instrument:
        """The instrument that a name in a test stands for. Raise PolicyError if there is none."""
        try:
            found = self.market.resolve(terms_of(name))
        except OrderError as error:
            raise PolicyError(str(error)) from None
        if found is None:
            raise PolicyError(f"`{name}` is no instrument here; list it under `instruments`")
        return found

    def quote(self, name: str, quote: Quote, age: timedelta = timedelta(0)) -> None:
        """Set the prices of an instrument; its age grows from now on."""
        stamped = msgspec.structs.replace(quote, at=self.clock.now() - age)
        self.market.set_quote(self.instrument(name).key, stamped)

    def set_state(self, state: TradingState, *, by: str = WHO, reason: str = "a test step") -> None:
        """Put everybody into a trading state."""
        self.gate.resume(reason=reason, by=by, override=True)
        if state is not TradingState.ACTIVE:
            self.gate.halt(reason=reason, by=by, state=state)

    def _furnish(self) -> None:
        """Make the given world."""
        given = self.given
        for name, instrument in given.instruments.items():
            self.market.list_instrument(terms_of(name), instrument)
        for name in given.unknown:
            self.market.delist(terms_of(name))
        for account in given.accounts:
            self.market.set_account(account)
            self.gate.ledger.facts.account(account)  # what it is worth now is its highest so far
        self.market.take_reported()
        for currency, rate in given.fx.items():
            self.market.set_fx(currency, rate)
        for name, volume in given.adv.items():
            self.market.set_adv(self.instrument(name).key, volume)
        for name, (quote, age) in given.quotes.items():
            if name not in given.unknown:
                self.quote(name, quote, age)
        self._furnish_book()
        self.gate.reconciled = given.reconciled
        self.gate.journal_writable = given.journal_writable
        if given.state is not TradingState.ACTIVE:
            self.set_state(given.state)

    def _furnish_book(self) -> None:
        positions = tuple(
            Position(account=self.account, instrument=self.instrument(name), quantity=quantity)
            for name, quantity in self.given.positions.items()
        )
        if positions:
            self.gate.take([PositionsReported(positions=positions)])
        for source in self.given.working:
            self._adopt(source)
        for name, sums in self.given.today.items():
            subject = holding_subject(
                self.account, self.instrument(name), self.given.strategy or ""
            )
            executed = (sums.get("quantity", ZERO), sums.get("notional", ZERO))
            orders = int(sums.get("orders", 0))
            self.gate.ledger.counting.earlier(subject, executed, orders, self.clock.now())

    def _adopt(self, source: Source) -> None:
        """Take over a working order of the given world."""
        order = payload.read(source, strategy=self.given.strategy).checked()
        order = self.gate.world.resolve(order)
        snapshot = self.gate.world.snapshot(order, self.clock.now(), Conditions())
        instrument = self.market.resolve(order.terms)
        if instrument is None:
            raise PolicyError(f"working order `{order}`: `{order.symbol}` is no instrument here")
        value = snapshot.reserve_value(order)
        adopt(self.gate.ledger, order, instrument, value, self.clock.now())
