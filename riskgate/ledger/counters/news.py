"""What counters can hear of: a counter is told the news that it has a method for."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple, Protocol, runtime_checkable

from riskgate.model.events import LimitTripped
from riskgate.model.instrument import Instrument
from riskgate.model.money import ZERO
from riskgate.model.order import Order
from riskgate.model.readings import Holding, Reading
from riskgate.model.subject import Subject


@runtime_checkable
class HearsAlike(Protocol):
    """Finds beforehand what the orders of one subject are to it."""

    def of(self, subject: Subject) -> Budget:
        """Whom to tell of such orders, instead of telling it of claims, fills and days."""
        ...


Telling = Callable[[Holding, Decimal | None], None]


class Mention(NamedTuple):
    """An order of which news or a question is: as selectors see it and as stated.

    With its parent's number and its bracket's.
    """

    subject: Subject
    order: Order
    parent: int = 0
    group: int = 0


class Claim(NamedTuple):
    """What one order of ours holds of the book: what it can still fill, and what that is worth.

    `value` and `margin` in the instrument's currency, the latter with the instrument's margin rate
    counted in. `limits` are the limit prices of all terms the broker may hold, None without one.
    `sent` is None for an order from before the story begins; `group` numbers its bracket.
    An order that is `alive` may hold nothing: exits of a bracket, until their entry has filled.
    """

    order_id: int = 0
    quantity: Decimal = ZERO
    value: Decimal = ZERO
    margin: Decimal = ZERO
    opens: bool = False
    filled: bool = False
    limits: tuple[Decimal | None, ...] = ()
    sent: datetime | None = None
    group: int = 0
    alive: bool = False


class Traded(NamedTuple):
    """A fill, or the difference that a correction of one makes; values in the currency.

    `heard` is when we learnt of it: the broker dates fills by whole seconds.
    """

    quantity: Decimal
    value: Decimal
    margin: Decimal
    opens: bool
    heard: datetime


class Budget(NamedTuple):
    """Whom to tell of orders of one subject, each event of an order as a whole.

    It was sent, and holds a quantity and a value; it was filled, and holds so much less; it ended,
    and holds so much less.
    """

    sent: Callable[[Decimal, Decimal, datetime], None]
    filled: Callable[[int, Traded, Decimal, Decimal], None]
    ended: Callable[[Decimal, Decimal], None]


class Question(NamedTuple):
    """What a reading is for: an order, its holdings (`own` is its strategy's part), and when."""

    asked: Mention
    whole: Holding
    own: Holding
    at: datetime
    reported: datetime | None = None  # when the account's values are from
    venue: str = ""  # the instrument's own exchange: a holding knows no routing

    @property
    def cell(self) -> Subject:
        """The order's holding, as budgets of holdings see it."""
        subject = self.asked.subject
        if not self.venue or subject.exchange == self.venue:
            return subject
        return subject._replace(exchange=self.venue)


@runtime_checkable
class HearsHoldings(Protocol):
    """Is told of positions and working quantities, and of their marks if `valued`."""

    valued: bool
    by_strategy: bool

    def holding(
        self, cell: Subject, holding: Holding, instrument: Instrument, mark: Decimal | None
    ) -> None:
        """A holding changed, or its mark (a price, negative where it can be) did."""
        ...


@runtime_checkable
class HearsCells(HearsHoldings, Protocol):
    """The same, and finds beforehand what a cell is to it."""

    def telling(self, cell: Subject, instrument: Instrument) -> Telling:
        """Whom to tell of this cell's holding and mark."""
        ...


@runtime_checkable
class HearsClaims(Protocol):
    """Is told what each working order holds."""

    def claim(self, subject: Subject, before: Claim, after: Claim) -> None:
        """An order holds so much now, and held so much before."""
        ...


@runtime_checkable
class HearsFills(Protocol):
    """Is told of executions."""

    def fill(self, subject: Subject, traded: Traded, at: datetime) -> None:
        """So much was executed at that moment; corrections may be negative."""
        ...


@runtime_checkable
class HearsOrders(Protocol):
    """Is told which orders were sent, and which had a fill, on a trading day."""

    def executed(self, subject: Subject, order_id: int, at: datetime) -> None:
        """An order had a fill at that moment."""
        ...

    def sent(self, subject: Subject, at: datetime) -> None:
        """An order was sent now."""
        ...

    def never_sent(self, subject: Subject, at: datetime) -> None:
        """What counted as sent at that moment never left."""
        ...

    def earlier(
        self, subject: Subject, executed: tuple[Decimal, Decimal], orders: int, at: datetime
    ) -> None:
        """What is known only as a sum of that day: quantity, policy money, orders."""
        ...


@runtime_checkable
class HearsMessages(Protocol):
    """Is told of messages: `new`, `held`, `modify`, `cancel`, `rejected`, `denied`."""

    def message(self, what: str, mention: Mention, at: datetime) -> None:
        """A message was sent, or something was said of an order."""
        ...

    def unsay(self, what: str, mention: Mention, at: datetime) -> None:
        """Take back the newest such message, or the one of then if an order was held."""
        ...


@runtime_checkable
class HearsAccounts(Protocol):
    """Is told what the broker reports of accounts, and when a rule trips."""

    def reported(self, account: str, net_liquidation: Decimal) -> None:
        """The account was worth so much."""
        ...

    def new_peak(self, account: str | None) -> None:
        """Forget the highest value of an account, or of all."""
        ...

    def tripped(self, trip: LimitTripped) -> None:
        """A rule tripped."""
        ...


class Counter(Protocol):
    """Answers what a rule asks."""

    def read(self, question: Question) -> Reading:
        """The rule's reading."""
        ...
