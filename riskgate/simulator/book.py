"""The broker's memory of orders and executions, kept whatever happens to the clients.

Rule 1: an order is found by its owner and number while it lives, by its permId for ever.
Rule 2: an execution is a fact; a correction is another one with the next revision.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

import msgspec

from riskgate.simulator.contracts import Listing
from riskgate.simulator.wire.codec import Message
from riskgate.simulator.wire.kinds import Record, plain

ZERO = Decimal(0)
PRE_SUBMITTED, SUBMITTED, FILLED = "PreSubmitted", "Submitted", "Filled"
PENDING_CANCEL, CANCELLED, INACTIVE = "PendingCancel", "Cancelled", "Inactive"
BY_HAND = 0  # the number of an order that was entered in the TWS itself
DONE = frozenset({FILLED, CANCELLED, INACTIVE})
_FIRST_PERM_ID = 1_700_000_001


class Terms(msgspec.Struct, frozen=True):
    """What the client asked for."""

    action: str
    quantity: Decimal
    order_type: str
    limit: Decimal | None
    stop: Decimal | None
    tif: str
    account: str
    order_ref: str
    transmit: bool
    outside_rth: bool = False


def terms_of(request: Message, account: str) -> Terms:
    """The terms in a placeOrder request; an empty time in force is DAY."""
    return Terms(
        action=request.text("action"),
        quantity=request.number("totalQuantity") or ZERO,
        order_type=request.text("orderType"),
        limit=request.number("lmtPrice"),
        stop=request.number("auxPrice"),
        tif=request.text("tif") or "DAY",
        account=request.text("account") or account,
        order_ref=request.text("orderRef"),
        transmit=request.flag("transmit"),
        outside_rth=request.flag("outsideRth"),
    )


class Quirks(msgspec.Struct, frozen=True):
    """How the broker misbehaves about one order: said how often, in part, or not at all."""

    times: int = 1
    muted: bool = False
    open_orders: bool = True
    statuses: bool = True


HONEST = Quirks()


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
    status: str = PRE_SUBMITTED
    filled: Decimal = ZERO
    paid: Decimal = ZERO
    last_price: Decimal = ZERO
    commission: Decimal = ZERO
    fills: int = 0
    is_queued: bool = False
    is_held: bool = False
    is_warned: bool = False  # that it waits for the opening
    expires: datetime | None = None
    attended_at: datetime | None = None
    completed_at: datetime | None = None
    reason: str = ""

    @property
    def remaining(self) -> Decimal:
        """What is still to be traded."""
        return self.terms.quantity - self.filled

    @property
    def average(self) -> Decimal:
        """The average price of the fills, 0 before the first."""
        return round(self.paid / self.filled, 8) if self.filled else ZERO

    @property
    def is_done(self) -> bool:
        """True when nothing more is to be expected of it."""
        return self.status in DONE

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
    """All orders and executions."""

    orders: dict[int, LiveOrder] = field(default_factory=dict)
    executions: list[Execution] = field(default_factory=list)
    unbilled: set[str] = field(default_factory=set)  # executions whose commission is never said
    _by_owner: dict[tuple[int, int], LiveOrder] = field(default_factory=dict)
    _highest: dict[int, int] = field(default_factory=dict)
    _open: dict[int, LiveOrder] = field(default_factory=dict)

    def next_perm_id(self) -> int:
        """A number no order has."""
        return _FIRST_PERM_ID + len(self.orders)

    def add(self, order: LiveOrder) -> None:
        """Remember an order."""
        self.orders[order.perm_id] = order
        self._open[order.perm_id] = order
        if order.is_by_hand:
            return
        self._by_owner[order.client_id, order.order_id] = order
        highest = self._highest.get(order.client_id, 0)
        self._highest[order.client_id] = max(highest, order.order_id)

    def find(self, client_id: int, order_id: int) -> LiveOrder | None:
        """The order this client gave this number."""
        return self._by_owner.get((client_id, order_id))

    def highest(self, client_id: int) -> int:
        """The highest number this client used, 0 before its first order."""
        return self._highest.get(client_id, 0)

    def roll_back(self, count: int) -> None:
        """Forget the last numbers of every client, but none of the orders."""
        self._highest = {key: max(last - count, 0) for key, last in self._highest.items()}

    def open(self) -> Iterator[LiveOrder]:
        """The orders that can still trade or be cancelled, oldest first."""
        self._open = {key: one for key, one in self._open.items() if not one.is_done}
        return iter(tuple(self._open.values()))

    def done(self) -> Iterator[LiveOrder]:
        """The orders that are over, oldest first."""
        return iter([one for one in self.orders.values() if one.is_done])
