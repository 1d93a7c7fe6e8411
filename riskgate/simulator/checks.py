"""What the broker looks at before it accepts an order: one function per reason to refuse.

A refusal is the broker's code and text as the TWS API documents them. After code 201 the order
is shown as Inactive; after any other code nothing but the error is said.
"""

from __future__ import annotations

from collections.abc import Callable, Collection

import msgspec

from riskgate.simulator.book import (
    CANCELLED,
    FILLED,
    INACTIVE,
    PENDING_CANCEL,
    LiveOrder,
    Terms,
)
from riskgate.simulator.contracts import Listing
from riskgate.simulator.matching import ORDER_TYPES, STOP_TYPES, TIMES_IN_FORCE
from riskgate.simulator.wire.kinds import Record

REJECTED = 201
# What would change how an order trades; taking it and ignoring it would be a silent lie.
NOT_SIMULATED = (
    "algoStrategy",
    "conditions",
    "hedgeType",
    "scalePriceIncrement",
    "adjustedOrderType",
    "deltaNeutralOrderType",
    "cashQty",
    "minQty",
    "allOrNone",
    "discretionaryAmt",
    "goodAfterTime",
    "goodTillDate",
    "percentOffset",
    "trailingPercent",
    "faGroup",
)


class Refusal(msgspec.Struct, frozen=True):
    """A code and a text."""

    code: int
    text: str


NO_DEFINITION = Refusal(200, "No security definition has been found for the request")
DUPLICATE_ID = Refusal(103, "Duplicate order id")
_NOT_ANY_MORE = {
    FILLED: Refusal(104, "Cannot modify a filled order."),
    CANCELLED: DUPLICATE_ID,
    INACTIVE: DUPLICATE_ID,
    PENDING_CANCEL: Refusal(2102, "Unable to modify this order as it is still being processed."),
}


def rejected(reason: str) -> Refusal:
    """The general refusal of an order."""
    return Refusal(REJECTED, f"Order rejected - reason:{reason}")


class Asked(msgspec.Struct, frozen=True):
    """An order as it is about to be checked."""

    terms: Terms
    listing: Listing
    record: Record
    accounts: Collection[str]
    read_only: bool


def _order_type(asked: Asked) -> Refusal | None:
    kind = asked.terms.order_type
    if kind in ORDER_TYPES:
        return None
    return Refusal(387, f"Unsupported order type for this exchange and security type.({kind})")


def _read_only(asked: Asked) -> Refusal | None:
    text = (
        "Error validating request.-'bN' : cause - The API interface is currently in Read-Only mode."
    )
    return Refusal(321, text) if asked.read_only else None


def _account(asked: Asked) -> Refusal | None:
    if not asked.terms.account:
        return Refusal(435, "You must specify an account.")
    if asked.terms.account in asked.accounts:
        return None
    return Refusal(321, "Error validating request.-'bW' : cause - Invalid account code.")


def _side(asked: Asked) -> Refusal | None:
    if asked.terms.action in {"BUY", "SELL"}:
        return None
    return Refusal(321, "Error validating request.-'bW' : cause - Invalid order action.")


def _quantity(asked: Asked) -> Refusal | None:
    quantity = asked.terms.quantity
    if not quantity.is_finite() or quantity < 0:
        return Refusal(321, "Error validating request.-'bW' : cause - Invalid order quantity.")
    if quantity == 0:
        return Refusal(434, "The order size cannot be zero.")
    if quantity % asked.listing.size_step:
        return Refusal(10318, "This order doesn't support fractional quantity trading")
    return None


def _tif(asked: Asked) -> Refusal | None:
    if asked.terms.tif in TIMES_IN_FORCE:
        return None
    return rejected(f"Invalid time in force {asked.terms.tif}")


def _extras(asked: Asked) -> Refusal | None:
    named = [name for name in NOT_SIMULATED if asked.record.get(name)]
    return rejected(f"not simulated: {', '.join(named)}") if named else None


def _prices(asked: Asked) -> Refusal | None:
    terms = asked.terms
    needed = []
    if terms.order_type in {"LMT", "STP LMT"}:
        needed.append(terms.limit)
    if terms.order_type in STOP_TYPES:
        needed.append(terms.stop)
    if any(price is None or not price.is_finite() for price in needed):
        return Refusal(321, "Error validating request.-'bW' : cause - Missing order price.")
    if any(price is not None and price % asked.listing.min_tick for price in needed):
        return Refusal(
            110, "The price does not conform to the minimum price variation for this contract."
        )
    return None


CHECKS: tuple[Callable[[Asked], Refusal | None], ...] = (
    _read_only,
    _order_type,
    _account,
    _side,
    _quantity,
    _tif,
    _extras,
    _prices,
)


def refusal(asked: Asked) -> Refusal | None:
    """The first reason to refuse the order, None when there is none."""
    return next((found for check in CHECKS if (found := check(asked)) is not None), None)


def change_refusal(order: LiveOrder, asked: tuple[Terms, Listing] | Refusal) -> Refusal | None:
    """Why an order cannot be changed into this, None when it can."""
    if order.status in _NOT_ANY_MORE:
        return _NOT_ANY_MORE[order.status]
    if isinstance(asked, Refusal):
        return asked
    old, new = order.terms, asked[0]
    same = ("action", "order_type", "account")
    if asked[1] != order.listing or any(getattr(old, n) != getattr(new, n) for n in same):
        return Refusal(105, "Order being modified does not match original order.")
    if new.quantity <= order.filled:
        return rejected("the quantity is not above the filled quantity")
    return None
