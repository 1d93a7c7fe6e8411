"""What a client asked for in a placeOrder request, and how an order looks it up.

Rule 1: what every order has is in Terms; what only some types have is read from the record.
Rule 2: a record kept here holds only what was set; the rest are the defaults of the wire.
"""

from __future__ import annotations

from decimal import Decimal

import msgspec

from riskgate.simulator.amounts import ZERO
from riskgate.simulator.wire.codec import Message
from riskgate.simulator.wire.kinds import INFINITE, Record, Value

BUY = "BUY"
# Where zero is a distance, and unset is something else.
OFFSETS = frozenset(
    {"lmtPriceOffset", "midOffsetAtWhole", "midOffsetAtHalf", "competeAgainstBestOffset"}
)
REDUCE = 3  # the broker's own kind of OCA group: reduce the others, without a block


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
    parent_id: int = 0
    oca_group: str = ""
    oca_type: int = REDUCE

    @property
    def sign(self) -> int:
        """1 for a buy, -1 for a sell."""
        return 1 if self.action == BUY else -1


def terms_of(request: Message, account: str) -> Terms:
    """The terms in a placeOrder request; an empty time in force is DAY."""
    return Terms(
        action=request.text("action"),
        quantity=request.number("totalQuantity") or ZERO,
        order_type=request.text("orderType"),
        limit=_limit_of(request),
        stop=request.number("auxPrice"),
        tif=request.text("tif") or "DAY",
        account=request.text("account") or account,
        order_ref=request.text("orderRef"),
        transmit=request.flag("transmit"),
        outside_rth=request.flag("outsideRth"),
        parent_id=request.integer("parentId"),
        oca_group=request.text("ocaGroup"),
        oca_type=request.integer("ocaType") or REDUCE,
    )


def _limit_of(request: Message) -> Decimal | None:
    """The limit; of a combo whose legs have prices, what they come to."""
    limit, fields = request.number("lmtPrice"), Asked(request.fields)
    prices = [row.get("price") for row in fields.rows("orderComboLegs")]
    if limit is not None or not prices or not all(isinstance(one, Decimal) for one in prices):
        return limit
    net = ZERO
    for leg, price in zip(fields.rows("comboLegs"), prices, strict=False):
        ratio = leg.get("ratio")
        way = 1 if leg.get("action") == BUY else -1
        if isinstance(price, Decimal) and isinstance(ratio, int):
            net += way * ratio * price
    return net


def kept(fields: Record) -> Record:
    """The fields that were set: what is neither empty nor false, nor zero where that is none."""
    return {name: value for name, value in fields.items() if value or _is_said(name, value)}


def _is_said(name: str, value: Value) -> bool:
    return name in OFFSETS and isinstance(value, Decimal)


class Asked(msgspec.Struct, frozen=True):
    """Typed access to the record of an order."""

    record: Record

    def number(self, name: str) -> Decimal | None:
        """A number, None when it is unset."""
        value = self.record.get(name)
        return value if isinstance(value, Decimal) else None

    def amount(self, name: str) -> Decimal:
        """A finite number, 0 when it is unset."""
        value = self.record.get(name)
        return value if isinstance(value, Decimal) and value != INFINITE else ZERO

    def integer(self, name: str) -> int:
        """A whole number, 0 when it is unset."""
        value = self.record.get(name)
        return value if isinstance(value, int) else 0

    def text(self, name: str) -> str:
        """A text, empty when it is unset."""
        value = self.record.get(name)
        return value if isinstance(value, str) else ""

    def flag(self, name: str) -> bool:
        """True when it is set."""
        return self.record.get(name) is True

    def rows(self, name: str) -> list[Record]:
        """The records of a list, such as the conditions."""
        value = self.record.get(name)
        return value if isinstance(value, list) else []

    def pairs(self, name: str) -> dict[str, str]:
        """Tags and values, such as the parameters of an algo."""
        return {str(row.get("tag")): str(row.get("value") or "") for row in self.rows(name)}
