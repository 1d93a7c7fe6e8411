"""An order: the immutable terms a strategy states.

Rule 1: an `Order` has no identity, no status and no fills; those belong to the life of an order.
Rule 2: `Order.parse(str(order)) == order` (policy-language.md, section 9).
Rule 3: whoever reads terms from outside gets all faults at once, as an `OrderError` with codes.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Final

import msgspec

from riskgate.model.instrument import Terms


class Side(StrEnum):
    """Which way."""

    BUY = "BUY"
    SELL = "SELL"


class OrderType(StrEnum):
    """How the order meets the market."""

    MKT = "MKT"
    LMT = "LMT"
    STP = "STP"
    STP_LMT = "STP_LMT"
    TRAIL = "TRAIL"
    TRAIL_LMT = "TRAIL_LMT"
    MOC = "MOC"
    LOC = "LOC"


class Tif(StrEnum):
    """Time in force."""

    DAY = "DAY"
    GTC = "GTC"
    IOC = "IOC"
    FOK = "FOK"
    GTD = "GTD"


class Shape(msgspec.Struct, frozen=True):
    """Which prices an order type takes, in the order in which the one-line form writes them."""

    prices: tuple[str, ...]
    trails: bool = False


SHAPES: Final[dict[OrderType, Shape]] = {
    OrderType.MKT: Shape(()),
    OrderType.LMT: Shape(("limit_price",)),
    OrderType.STP: Shape(("stop_price",)),
    OrderType.STP_LMT: Shape(("stop_price", "limit_price")),
    OrderType.TRAIL: Shape((), trails=True),
    OrderType.TRAIL_LMT: Shape(("limit_offset",), trails=True),
    OrderType.MOC: Shape(()),
    OrderType.LOC: Shape(("limit_price",)),
}
PRICE_FIELDS: Final = ("limit_price", "stop_price", "trail_amount", "trail_percent", "limit_offset")
MARKETABLE: Final = frozenset({OrderType.MKT, OrderType.MOC})


class Order(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The terms. Prices are per unit in the instrument's currency; quantities in units."""

    side: Side
    quantity: Decimal
    symbol: str
    order_type: OrderType
    limit_price: Decimal | None = None
    stop_price: Decimal | None = None
    trail_amount: Decimal | None = None
    trail_percent: Decimal | None = None
    limit_offset: Decimal | None = None
    tif: Tif = Tif.DAY
    good_till: datetime | None = None
    strategy: str | None = None
    account: str | None = None
    exchange: str | None = None
    currency: str | None = None
    sec_type: str | None = None
    expiry: date | None = None
    strike: Decimal | None = None
    right: str | None = None
    multiplier: Decimal | None = None
    outside_rth: bool = False
    trigger_now: bool = False
    intent: Decimal | None = None
    key: str | None = None
    tag: str | None = None
    algo: str | None = None
    route: str | None = None
    locate: str | None = None

    @property
    def terms(self) -> Terms:
        """How this order names its contract."""
        return Terms(
            symbol=self.symbol,
            sec_type=self.sec_type,
            currency=self.currency,
            expiry=self.expiry,
            strike=self.strike,
            right=self.right,
            multiplier=self.multiplier,
        )

    @classmethod
    def parse(cls, line: str) -> Order:
        """Read the one-line form. Raise OrderError with every code that applies."""
        from riskgate.model import order_line  # noqa: PLC0415  # the grammar is written over Order

        return order_line.parse(line)

    def __str__(self) -> str:
        from riskgate.model import order_line  # noqa: PLC0415  # the grammar is written over Order

        return order_line.write(self)


class Fault(msgspec.Struct, frozen=True):
    """One thing wrong with an order: its code and what to do about it."""

    code: str
    text: str
