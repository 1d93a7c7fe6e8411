"""The broker's memory of orders and executions, kept whatever happens to the clients.

Rule 1: an order is found by its owner and number, or its permId, while it is remembered.
Rule 2: an execution is a fact; a correction is another one with the next revision.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

import msgspec

from riskgate.simulator.amounts import ZERO
from riskgate.simulator.contracts import Listing
from riskgate.simulator.terms import Asked, Terms
from riskgate.simulator.wire.kinds import Record, plain

PRE_SUBMITTED, SUBMITTED, FILLED = "PreSubmitted", "Submitted", "Filled"
PENDING_SUBMIT = "PendingSubmit"
PENDING_CANCEL, CANCELLED, INACTIVE = "PendingCancel", "Cancelled", "Inactive"
BY_HAND = 0  # the number of an order that was entered in the TWS itself
DONE = frozenset({FILLED, CANCELLED, INACTIVE})
REMEMBERED = 20_000  # finished orders; the older ones are forgotten
_FIRST_PERM_ID = 1_700_000_001


class Quirks(msgspec.Struct, frozen=True):
    """How the broker misbehaves about one order: said how often, in part, or not at all."""

    times: int = 1
    muted: bool = False
    open_orders: bool = True
    statuses: bool = True


HONEST = Quirks()


class Echo(msgspec.Struct, frozen=True):
    """An openOrder message as bytes before and after the status, for as long as it is right."""

    version: int
    terms: Terms
    record: Record
    trail: Decimal | None
    before: bytes
    after: bytes

    def is_of(self, order: LiveOrder, version: int) -> bool:
        """True while nothing but the status has changed."""
        return (
            self.version == version
            and self.terms is order.terms
            and self.record is order.record
            and self.trail == order.stop_price
        )


@dataclass(slots=True)
class LiveOrder:
    """An order and where it stands."""

    perm_id: int
    order_id: int
    client_id: int
    listing: Listing
    terms: Terms
    record: Record
    quirks: Quirks = HONEST
    echo: Echo | None = None  # how it was shown last
    status: str = PRE_SUBMITTED
    filled: Decimal = ZERO
    paid: Decimal = ZERO
    last_price: Decimal = ZERO
    commission: Decimal = ZERO
    allocated: dict[str, Decimal] | None = None  # what each account of a group got so far
    legs_cost: Decimal = ZERO  # by the unit, of a combo's legs so far
    fills: int = 0
    is_queued: bool = False
    is_held: bool = False  # not transmitted yet
    is_untold: bool = False  # nothing of it was reported yet
    is_warned: bool = False  # that it waits for the opening
    is_blocked: bool = False  # a rival of its group is being filled
    is_elected: bool = False  # its trigger was reached
    is_adjusted: bool = False
    is_met: bool = False  # its conditions were
    touches: int = 0  # quotes that reached the trigger so far
    seen: object = None  # the last quote that was looked at for the trigger
    trail: Decimal | None = None  # the stop price of a trailing order now
    foretold: Decimal | None = None  # what it would be, told before the order trails
    fixed: Decimal | None = None  # the limit it was given when it was elected
    printed: int = 0  # the trades its market had seen when it came to rest
    ahead: Decimal | None = None  # what is before it in the queue at its price
    released: Decimal | None = None  # what its algo has let go so far; None: it has none
    volume_then: Decimal = ZERO  # what was traded when its algo began
    born: int = 0  # executions in the book when it came
    years_left: float | None = None  # of its contract, when it came
    starts: datetime | None = None
    expires: datetime | None = None
    attended_at: datetime | None = None
    completed_at: datetime | None = None
    reminders: tuple[datetime, ...] = ()
    why_held: str = ""
    reason: str = ""

    @property
    def asked(self) -> Asked:
        """What the client sent, field by field."""
        return Asked(self.record)

    @property
    def remaining(self) -> Decimal:
        """What is still to be traded."""
        return self.terms.quantity - self.filled

    @property
    def stop_price(self) -> Decimal | None:
        """The stop price of a trailing order as it is told."""
        return self.foretold if self.trail is None else self.trail

    @property
    def average(self) -> Decimal:
        """The average price of the fills, 0 before the first."""
        return round(self.paid / self.filled, 8) if self.filled else ZERO

    @property
    def is_done(self) -> bool:
        """True when nothing more is to be expected of it."""
        is_kept = self.status == INACTIVE and (self.is_held or bool(self.why_held))
        return self.status in DONE and not is_kept

    @property
    def is_dead(self) -> bool:
        """True when it is over and was not filled."""
        return self.is_done and self.status != FILLED

    @property
    def is_by_hand(self) -> bool:
        """True when no client placed it: it has no number a client could know it by."""
        return self.order_id == BY_HAND

    @property
    def owner(self) -> tuple[int, int]:
        """The client and its number for the order."""
        return (self.client_id, self.order_id)

    @property
    def exchange(self) -> str:
        """Where the client routed it."""
        return str(self.record.get("exchange") or self.listing.exchange)


class Execution(msgspec.Struct, frozen=True, kw_only=True):
    """One fill as the broker reports it. `realized` is None for a fill that opens a position."""

    exec_id: str
    at: datetime
    perm_id: int
    order_id: int
    client_id: int
    account: str
    listing: Listing
    exchange: str
    action: str
    shares: Decimal
    price: Decimal
    cumulative: Decimal
    average: Decimal
    order_ref: str
    commission: Decimal
    realized: Decimal | None

    @property
    def symbol(self) -> str:
        """The symbol that was traded."""
        return self.listing.symbol

    @property
    def side(self) -> str:
        """`BOT` or `SLD`."""
        return "BOT" if self.action == "BUY" else "SLD"


class OrderView(msgspec.Struct, frozen=True, kw_only=True):
    """An order as a script looks at it: a copy that does not change any more."""

    perm_id: int
    order_id: int
    client_id: int
    symbol: str
    con_id: int
    account: str
    action: str
    quantity: Decimal
    order_type: str
    limit: Decimal | None
    stop: Decimal | None
    tif: str
    order_ref: str
    status: str
    filled: Decimal
    remaining: Decimal
    average: Decimal
    reason: str


def view_of(order: LiveOrder) -> OrderView:
    """The order as it is now."""
    terms = order.terms
    return OrderView(
        perm_id=order.perm_id,
        order_id=order.order_id,
        client_id=order.client_id,
        symbol=order.listing.symbol,
        con_id=order.listing.con_id,
        account=terms.account,
        action=terms.action,
        quantity=terms.quantity,
        order_type=terms.order_type,
        limit=terms.limit,
        stop=terms.stop,
        tif=terms.tif,
        order_ref=terms.order_ref,
        status=order.status,
        filled=order.filled,
        remaining=order.remaining,
        average=order.average,
        reason=order.reason,
    )


def in_words(order: LiveOrder) -> str:
    """The order in a line, such as `BUY 100 AAPL LMT 190.25 DAY`."""
    terms = order.terms
    prices = " ".join(plain(price) for price in (terms.stop, terms.limit) if price)
    asked = f"{terms.action} {plain(terms.quantity)} {order.listing.local_symbol}"
    return " ".join(part for part in (asked, terms.order_type, prices, terms.tif) if part)


@dataclass(slots=True)
class Book:
    """The orders and executions: all that live, and the last of those that are over."""

    remembered: int = REMEMBERED
    orders: dict[int, LiveOrder] = field(default_factory=dict)
    executions: deque[Execution] = field(default_factory=deque)
    unbilled: set[str] = field(default_factory=set)  # executions whose commission is never said
    placed: int = 0
    bound: int = 0  # orders entered by hand that were given a number
    executed: int = 0
    last_in: dict[tuple[str, str], int] = field(default_factory=dict)
    _by_owner: dict[tuple[int, int], LiveOrder] = field(default_factory=dict)
    _highest: dict[int, int] = field(default_factory=dict)
    _open: dict[int, LiveOrder] = field(default_factory=dict)
    _done: deque[LiveOrder] = field(default_factory=deque)
    _shelves: dict[object, dict[int, LiveOrder]] = field(default_factory=dict)

    def next_perm_id(self) -> int:
        """A number no order has."""
        return _FIRST_PERM_ID + self.placed

    def add(self, order: LiveOrder) -> None:
        """Remember an order."""
        self.placed += 1
        order.born = self.executed
        self.orders[order.perm_id] = order
        self._open[order.perm_id] = order
        self.shelve(order)
        if order.is_by_hand:
            return
        self._by_owner[order.client_id, order.order_id] = order
        highest = self._highest.get(order.client_id, 0)
        self._highest[order.client_id] = max(highest, order.order_id)

    def bind(self, order: LiveOrder) -> None:
        """Give an order that was entered by hand a number, below all that clients give."""
        self.bound += 1
        order.order_id = -self.bound
        order.echo = order.seen = None
        self._by_owner[order.owner] = order

    def finish(self, order: LiveOrder) -> None:
        """An order is over; the oldest finished one may be forgotten for it."""
        if self._open.pop(order.perm_id, None) is None:
            return
        self.unshelve(order)
        order.echo = order.seen = None
        self._done.append(order)
        if len(self._done) > self.remembered:
            self._forget(self._done.popleft())

    def _forget(self, order: LiveOrder) -> None:
        del self.orders[order.perm_id]
        if self._by_owner.get(order.owner) is order:
            del self._by_owner[order.owner]

    def record(self, execution: Execution) -> None:
        """Remember an execution, and as many as there can be orders remembered."""
        self.executed += 1
        self.last_in[execution.listing.symbol, execution.listing.sec_type] = self.executed
        self.executions.append(execution)
        if len(self.executions) > 2 * self.remembered:
            self.unbilled.discard(self.executions.popleft().exec_id)

    def find(self, client_id: int, order_id: int) -> LiveOrder | None:
        """The order this client gave this number."""
        return self._by_owner.get((client_id, order_id))

    def highest(self, client_id: int) -> int:
        """The highest number this client used, 0 before its first order."""
        return self._highest.get(client_id, 0)

    def roll_back(self, count: int) -> None:
        """Forget the last numbers of every client, but none of the orders."""
        self._highest = {key: max(last - count, 0) for key, last in self._highest.items()}

    # -- open orders by what they hang on ---------------------------------------------------------

    def shelve(self, order: LiveOrder) -> None:
        """Put an open order where it is looked for; again when its terms have changed."""
        for key in _shelves_for(order):
            self._shelves.setdefault(key, {})[order.perm_id] = order

    def unshelve(self, order: LiveOrder) -> None:
        """Take it away from there, before its terms change."""
        for key in _shelves_for(order):
            shelf = self._shelves.get(key)
            if shelf is not None:
                shelf.pop(order.perm_id, None)
                if not shelf:
                    del self._shelves[key]

    def on(self, key: object) -> list[LiveOrder]:
        """The open orders on a shelf, oldest first."""
        return list(self._shelves.get(key, {}).values())

    def open(self) -> Iterator[LiveOrder]:
        """The orders that can still trade or be cancelled, oldest first."""
        return iter(tuple(self._open.values()))

    def done(self) -> Iterator[LiveOrder]:
        """The orders that are over and remembered, oldest first."""
        return iter(tuple(self._done))


CONDITIONAL = "conditional"


def _shelves_for(order: LiveOrder) -> Iterator[object]:
    """The contract, the reference contract, the parent, the group, and having conditions."""
    yield order.listing.con_id
    if order.listing.under_con_id:
        yield order.listing.under_con_id
    if order.record.get("referenceContractId"):
        yield order.record["referenceContractId"]
    for leg in order.asked.rows("comboLegs"):
        yield leg.get("conId")
    if order.terms.parent_id:
        yield ("parent", order.client_id, order.terms.parent_id)
    if order.terms.oca_group:
        yield ("group", order.terms.oca_group)
    if order.record.get("conditions"):
        yield CONDITIONAL
