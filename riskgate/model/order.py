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

from riskgate.model.instructions import PLAIN, Algo, Instructions, Leg
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
    MIT = "MIT"
    LIT = "LIT"
    MTL = "MTL"
    MKT_PRT = "MKT_PRT"
    STP_PRT = "STP_PRT"
    MIDPRICE = "MIDPRICE"
    REL = "REL"
    PEG_MKT = "PEG_MKT"
    PEG_MID = "PEG_MID"
    PEG_BEST = "PEG_BEST"


class Tif(StrEnum):
    """Time in force."""

    DAY = "DAY"
    GTC = "GTC"
    IOC = "IOC"
    FOK = "FOK"
    GTD = "GTD"
    OPG = "OPG"
    AUC = "AUC"
    OVERNIGHT = "OVERNIGHT"


class Shape(msgspec.Struct, frozen=True):
    """Which prices an order type takes, in the order in which the one-line form writes them.

    `optional` are those that it may leave out; they come last.
    """

    prices: tuple[str, ...]
    trails: bool = False
    optional: tuple[str, ...] = ()


SHAPES: Final[dict[OrderType, Shape]] = {
    OrderType.MKT: Shape(()),
    OrderType.LMT: Shape(("limit_price",)),
    OrderType.STP: Shape(("stop_price",)),
    OrderType.STP_LMT: Shape(("stop_price", "limit_price")),
    OrderType.TRAIL: Shape((), trails=True),
    OrderType.TRAIL_LMT: Shape(("limit_offset",), trails=True),
    OrderType.MOC: Shape(()),
    OrderType.LOC: Shape(("limit_price",)),
    OrderType.MIT: Shape(("trigger_price",)),
    OrderType.LIT: Shape(("trigger_price", "limit_price")),
    OrderType.MTL: Shape((), optional=("limit_price",)),
    OrderType.MKT_PRT: Shape(()),
    OrderType.STP_PRT: Shape(("stop_price",)),
    OrderType.MIDPRICE: Shape((), optional=("limit_price",)),
    OrderType.REL: Shape(("peg_offset",), optional=("limit_price",)),
    OrderType.PEG_MKT: Shape(("peg_offset",)),
    OrderType.PEG_MID: Shape(("peg_offset",), optional=("limit_price",)),
    OrderType.PEG_BEST: Shape(("limit_price",)),
}
PRICE_FIELDS: Final = (
    *("limit_price", "stop_price", "trigger_price", "peg_offset"),
    *("trail_amount", "trail_percent", "limit_offset"),
)
MARKETABLE: Final = frozenset({OrderType.MKT, OrderType.MOC, OrderType.MTL, OrderType.MKT_PRT})


class Order(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """The terms. Prices are per unit in the instrument's currency; quantities in units."""

    side: Side
    quantity: Decimal
    symbol: str
    order_type: OrderType
    limit_price: Decimal | None = None
    stop_price: Decimal | None = None
    trigger_price: Decimal | None = None
    peg_offset: Decimal | None = None
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
    algo: Algo | None = None
    route: str | None = None
    locate: str | None = None
    legs: tuple[Leg, ...] = ()
    instructions: Instructions = PLAIN

    @property
    def reach(self) -> Decimal | None:
        """The worst price its own terms allow: its limit, and what is discretionary beyond it."""
        limit, extra = self.limit_price, self.instructions.discretionary_amount
        if limit is None or extra is None:
            return limit
        return limit + extra if self.side is Side.BUY else limit - extra

    @property
    def for_cash(self) -> bool:
        """Whether it states an amount of money, for which the broker finds the quantity."""
        return self.instructions is not PLAIN and self.instructions.cash_quantity is not None

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
            legs=self.legs,
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
