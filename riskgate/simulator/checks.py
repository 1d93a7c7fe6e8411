"""What the broker looks at before it accepts an order: one function per reason to refuse.

A refusal is the broker's code and text as the TWS API documents them. After code 201 the order
is shown as Inactive; after any other code nothing but the error is said.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from datetime import datetime
from decimal import Decimal

import msgspec

from riskgate.simulator import algos
from riskgate.simulator.amounts import ZERO
from riskgate.simulator.book import (
    CANCELLED,
    FILLED,
    INACTIVE,
    PENDING_CANCEL,
    LiveOrder,
)
from riskgate.simulator.contracts import NIGHT, NOT_TRADED, Listing
from riskgate.simulator.groups import HEDGES, OCA_TYPES
from riskgate.simulator.moments import moment
from riskgate.simulator.styles import CLOSING, STYLES, TRAIL
from riskgate.simulator.terms import Asked as Fields
from riskgate.simulator.terms import Terms
from riskgate.simulator.triggers import METHODS
from riskgate.simulator.wire.kinds import Record, plain

REJECTED = 201
INVALID = 321
SMALLEST_BLOCK = 50
BEYOND_REASON = Decimal(10) ** 15
UP_TO_MID = "competeAgainstBestOffset"
SMALLEST_PART = Decimal("0.0001")
TIMES_IN_FORCE = frozenset(
    {"DAY", "GTC", "IOC", "FOK", "GTD", "OPG", "DTC", "AUC", "GTX", "Minutes"}
)
AT_ONCE = frozenset({"IOC", "FOK"})
FOR_CASH = frozenset({"MKT", "LMT"})
NEVER_BELOW_ZERO = frozenset({"STK", "OPT", "CASH"})  # a future can be, and a combo often is


class Refusal(msgspec.Struct, frozen=True):
    """A code and a text."""

    code: int
    text: str


NO_DEFINITION = Refusal(200, "No security definition has been found for the request")
DUPLICATE_ID = Refusal(103, "Duplicate order id")
OFF_TICK = Refusal(
    110, "The price does not conform to the minimum price variation for this contract."
)
NO_PARENT = Refusal(10006, "Missing parent order.")
_NOT_ANY_MORE = {
    FILLED: Refusal(104, "Cannot modify a filled order."),
    CANCELLED: DUPLICATE_ID,
    INACTIVE: DUPLICATE_ID,
    PENDING_CANCEL: Refusal(2102, "Unable to modify this order as it is still being processed."),
}


def rejected(reason: str) -> Refusal:
    """The general refusal of an order."""
    return Refusal(REJECTED, f"Order rejected - reason:{reason}")


def _invalid(cause: str) -> Refusal:
    return Refusal(INVALID, f"Error validating request.-'bW' : cause - {cause}")


class Asked(msgspec.Struct, frozen=True):
    """An order as it is about to be checked, and what the broker knows."""

    terms: Terms
    listing: Listing
    record: Record
    accounts: Collection[str]
    read_only: bool
    now: datetime
    groups: Collection[str] = ()
    zone: str = "US/Eastern"
    fractional: bool = False
    largest: Decimal | None = None
    known: Callable[[int], bool] = lambda _: True

    @property
    def fields(self) -> Fields:
        """The request, field by field."""
        return Fields(self.record)

    @property
    def step(self) -> Decimal:
        """The smallest part that can be traded."""
        whole = not self.fractional or self.listing.sec_type != "STK"
        return self.listing.size_step if whole else SMALLEST_PART


def _read_only(asked: Asked) -> Refusal | None:
    text = (
        "Error validating request.-'bN' : cause - The API interface is currently in Read-Only mode."
    )
    return Refusal(INVALID, text) if asked.read_only else None


def _tradable(asked: Asked) -> Refusal | None:
    available = asked.listing.sec_type not in NOT_TRADED
    return None if available else Refusal(412, "The contract is not available for trading.")


def _order_type(asked: Asked) -> Refusal | None:
    kind = asked.terms.order_type
    if kind in STYLES:
        return None
    return Refusal(387, f"Unsupported order type for this exchange and security type.({kind})")


def _night(asked: Asked) -> Refusal | None:
    """What the venue of the night takes: limits, for one night."""
    if asked.record.get("exchange") != NIGHT:
        return None
    terms = asked.terms
    if terms.order_type != "LMT":
        text = f"Unsupported order type for this exchange and security type.({terms.order_type})"
        return Refusal(387, text)
    if terms.tif != "DAY":
        return Refusal(111, "The TIF (Tif type) and the order type are incompatible.")
    return None


def _account(asked: Asked) -> Refusal | None:
    if not asked.terms.account:
        return Refusal(435, "You must specify an account.")
    return None if asked.terms.account in asked.accounts else _invalid("Invalid account code.")


def _side(asked: Asked) -> Refusal | None:
    return None if asked.terms.action in {"BUY", "SELL"} else _invalid("Invalid order action.")


def _numbers(asked: Asked) -> Refusal | None:
    """No number is beyond reason; only one offset may be infinite."""
    for name, value in asked.record.items():
        if isinstance(value, Decimal) and name != UP_TO_MID and not abs(value) < BEYOND_REASON:
            return _invalid(f"Invalid {name}.")
    return None


def _cash(asked: Asked) -> Refusal | None:
    if not asked.record.get("cashQty"):
        return None
    if asked.listing.sec_type not in {"STK", "CASH", "CRYPTO"}:
        return Refusal(10250, "This financial instrument does not support cash quantity.")
    if asked.terms.order_type not in FOR_CASH:
        return Refusal(10251, "This order type does not support cash quantity.")
    return None


def _quantity(asked: Asked) -> Refusal | None:
    quantity = asked.terms.quantity
    if not quantity.is_finite() or quantity < 0:
        return _invalid("Invalid order quantity.")
    if quantity == 0 and not (asked.record.get("cashQty") or asked.record.get("hedgeType")):
        return Refusal(434, "The order size cannot be zero.")
    if quantity % asked.step:
        return Refusal(10318, "This order doesn't support fractional quantity trading")
    if asked.largest is not None and quantity > asked.largest:
        most = plain(asked.largest)
        return Refusal(383, f"The order size is above the size limit of {most} in the presets.")
    return None


def _sizes(asked: Asked) -> Refusal | None:
    fields, quantity = asked.fields, asked.terms.quantity
    if fields.flag("blockOrder") and quantity < SMALLEST_BLOCK:
        return Refusal(117, "The block order size must be at least 50.")
    if fields.integer("displaySize") < 0:
        return _invalid("Invalid display size.")
    if fields.integer("displaySize") and fields.amount("discretionaryAmt"):
        return Refusal(
            157,
            "An order can be EITHER Iceberg or Discretionary. "
            "Please remove either the Discretionary amount or the Display size.",
        )
    if fields.integer("minQty") > quantity:
        return rejected("the minimum quantity is above the quantity")
    return None


def _tif(asked: Asked) -> Refusal | None:
    tif, kind = asked.terms.tif, asked.terms.order_type
    if tif not in TIMES_IN_FORCE:
        return rejected(f"Invalid time in force {tif}")
    style = STYLES[kind]
    if style.auction == CLOSING and tif != "DAY":
        return Refusal(113, "The Tif option should be set to DAY for MOC and LOC orders.")
    clash = tif in AT_ONCE and (style.passive or asked.record.get("algoStrategy"))
    clash = clash or (tif == "OPG" and kind not in {"MKT", "LMT", "MOO", "LOO"})
    clash = clash or (tif == "AUC" and kind not in {"MTL", "LMT", "MKT"})
    if clash:
        return Refusal(111, "The TIF (Tif type) and the order type are incompatible.")
    return None


def _dates(asked: Asked) -> Refusal | None:
    fields = asked.fields
    after, till = fields.text("goodAfterTime"), fields.text("goodTillDate")
    wrong = (
        "The date, time, or time-zone entered is invalid. The correct format is yyyymmdd hh:mm:ss "
        "xx/xxxx where yyyymmdd and xx/xxxx are optional."
    )
    if any(text and moment(text, asked.zone, asked.now) is None for text in (after, till)):
        return Refusal(10314, f"End Date/Time: {wrong}" if till else wrong)
    if asked.terms.tif != "GTD":
        return None
    end = moment(till, asked.zone, asked.now)
    if end is None:
        return Refusal(334, "Invalid Good Till Date order.")
    return rejected("the good till date is in the past") if end <= asked.now else None


def _group(asked: Asked) -> Refusal | None:
    group = asked.record.get("faGroup")
    known = not group or group in asked.groups
    return None if known else Refusal(436, "You must specify an allocation.")


def _no_longer(asked: Asked) -> Refusal | None:
    old = {"eTradeOnly": 10268, "firmQuoteOnly": 10269, "nbboPriceCap": 10270}
    for name, code in old.items():
        if asked.record.get(name):
            shown = name[0].upper() + name[1:]
            return Refusal(code, f"The '{shown}' order attribute is not supported.")
    return None


def _kind(asked: Asked) -> Refusal | None:
    """What only some types need."""
    fields, kind = asked.fields, asked.terms.order_type
    if fields.integer("triggerMethod") not in METHODS:
        return Refusal(146, "Invalid trigger method")
    if STYLES[kind].trigger == TRAIL:
        ways = [bool(asked.terms.stop), bool(fields.number("trailingPercent"))]
        if sum(ways) != 1:
            return _invalid("Please enter a trailing amount or a trailing percent, not both.")
    if kind == "VOL" and asked.listing.sec_type != "OPT":
        return _invalid("VOL orders are for options only.")
    if kind != "VOL" and fields.number("volatility"):
        return _invalid("VOL order requires the order type VOL.")
    return None


def _offset(asked: Asked) -> Refusal | None:
    fields, kind = asked.fields, asked.terms.order_type
    if kind == "REL" and not (asked.terms.stop or fields.number("percentOffset")):
        return Refusal(158, "You must specify an offset amount or a percent offset value.")
    if not 0 <= fields.amount("percentOffset") <= 1:
        return Refusal(159, "The percent offset value must be between 0% and 100%.")
    return None


def _imbalance(asked: Asked) -> Refusal | None:
    if asked.record.get("imbalanceOnly") and asked.terms.order_type == "LOC":
        return Refusal(10342, "The 'Imbalance Only' order attribute is not for LOC orders.")
    return None


def _attached(asked: Asked) -> Refusal | None:
    fields = asked.fields
    if fields.integer("ocaType") not in OCA_TYPES:
        return _invalid("Invalid OCA type.")
    hedge = fields.text("hedgeType")
    if hedge and (hedge not in HEDGES or not asked.terms.parent_id):
        return _invalid("A hedge order needs a known hedge type and a parent.")
    kind = fields.text("adjustedOrderType")
    if kind not in {"", "None", "STP", "STP LMT", "TRAIL", "TRAIL LIMIT"}:
        return _invalid("Invalid adjusted order type.")
    if kind not in {"", "None"} and not fields.number("triggerPrice"):
        return Refusal(361, "Invalid trigger price.")
    return None


def _conditions(asked: Asked) -> Refusal | None:
    for row in asked.fields.rows("conditions"):
        number, time = row.get("conId"), row.get("time")
        if isinstance(number, int) and not asked.known(number):
            return Refusal(147, "The conditional contract info is incomplete.")
        if time is not None and moment(str(time), asked.zone, asked.now) is None:
            return Refusal(10314, f"The time `{time}` of a condition is invalid.")
    return None


def _algo(asked: Asked) -> Refusal | None:
    strategy = asked.fields.text("algoStrategy")
    if not strategy:
        return None
    if asked.terms.order_type not in FOR_CASH:
        return Refusal(442, "Specified algorithm is not allowed for this order.")
    params = asked.fields.pairs("algoParams")
    found = algos.fault(strategy, params, asked.listing.sec_type)
    return None if found is None else Refusal(*found)


def _stated(asked: Asked) -> Iterator[Decimal | None]:
    """The prices that were given and have to be on the tick."""
    terms, fields = asked.terms, asked.fields
    yield terms.limit
    if not STYLES[terms.order_type].offset:
        yield terms.stop
    for name in ("trailStopPrice", "triggerPrice", "adjustedStopPrice", "adjustedStopLimitPrice"):
        yield fields.number(name)


def _prices(asked: Asked) -> Refusal | None:
    fields = asked.fields
    for name in STYLES[asked.terms.order_type].needs:
        price = {"lmtPrice": asked.terms.limit, "auxPrice": asked.terms.stop}.get(
            name, fields.number(name)
        )
        if price is None or not price.is_finite():
            return _invalid("Missing order price.")
    lowest = ZERO if asked.listing.sec_type in NEVER_BELOW_ZERO else -BEYOND_REASON
    for price in _stated(asked):
        if price and (price % asked.listing.min_tick or price < lowest):
            return OFF_TICK
    return None


CHECKS: tuple[Callable[[Asked], Refusal | None], ...] = (
    _read_only,
    _tradable,
    _order_type,
    _night,
    _account,
    _side,
    _numbers,
    _cash,
    _quantity,
    _sizes,
    _tif,
    _dates,
    _group,
    _no_longer,
    _kind,
    _offset,
    _imbalance,
    _attached,
    _conditions,
    _algo,
    _prices,
)


def refusal(asked: Asked) -> Refusal | None:
    """The first reason to refuse the order, None when there is none."""
    for check in CHECKS:
        found = check(asked)
        if found is not None:
            return found
    return None


def change_refusal(
    order: LiveOrder, asked: tuple[Terms, Listing] | Refusal, fields: Fields
) -> Refusal | None:
    """Why an order cannot be changed into this, None when it can."""
    if order.status in _NOT_ANY_MORE and not (order.is_held and order.status == INACTIVE):
        return _NOT_ANY_MORE[order.status]
    if isinstance(asked, Refusal):
        return asked
    new, same = asked[0], ("action", "order_type", "account")
    if asked[1] != order.listing or any(getattr(order.terms, n) != getattr(new, n) for n in same):
        return Refusal(105, "Order being modified does not match original order.")
    return _fixed_refusal(order, new, fields)


def _fixed_refusal(order: LiveOrder, new: Terms, fields: Fields) -> Refusal | None:
    """Why what may change cannot be changed like this."""
    old = order.terms
    if new.parent_id and not old.parent_id:
        return Refusal(135, f"Can't find order with id = {new.parent_id}")
    if old.parent_id != new.parent_id:
        return Refusal(10341, "The parent order id cannot be changed.")
    was = order.asked
    if (was.text("algoStrategy"), was.pairs("algoParams")) != (
        fields.text("algoStrategy"),
        fields.pairs("algoParams"),
    ):
        return Refusal(440, "Order modify failed. Algorithm cannot be modified.")
    if not fields.number("cashQty") and new.quantity % order.listing.size_step:
        return Refusal(10242, "Fractional-sized order cannot be modified via API.")
    if new.quantity <= order.filled and not fields.number("cashQty"):
        return rejected("the quantity is not above the filled quantity")
    return None
