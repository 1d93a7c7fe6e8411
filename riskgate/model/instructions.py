"""What an order says beside its type and prices: how it is shown, when it wakes, what it waits for.

Rule 1: plain values; what is wrong with them is said in `model.terms`, how they are written in
`model.order_line`.
Rule 2: names are FIX's where FIX has one; each field names IB's own beside it.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from enum import StrEnum

import msgspec


class TriggerMethod(StrEnum):
    """Which price triggers a stop, a touch or a price condition (IB `triggerMethod`)."""

    DEFAULT = "default"
    DOUBLE_BID_ASK = "double_bid_ask"
    LAST = "last"
    DOUBLE_LAST = "double_last"
    BID_ASK = "bid_ask"
    LAST_OR_BID_ASK = "last_or_bid_ask"
    MIDPOINT = "midpoint"


class OcaType(StrEnum):
    """What a fill of one order does to the others of its group (IB `ocaType` 1, 2, 3)."""

    CANCEL_BLOCK = "cancel_block"
    REDUCE_BLOCK = "reduce_block"
    REDUCE = "reduce"


class Algo(msgspec.Struct, frozen=True):
    """A broker's algorithm and its parameters, as the broker names them (IB `algoStrategy`)."""

    name: str
    params: tuple[tuple[str, str], ...] = ()


class Leg(msgspec.Struct, frozen=True):
    """One leg of a combo: `ratio` units of a contract for each unit of the combo.

    `contract` is a symbol as an order line writes it (`AAPL`, `ES.FUT@CME`), or `#` and the
    broker's contract number, with an exchange after `@` (`#265598@SMART`).
    """

    side: str
    ratio: int
    contract: str


class ConditionKind(StrEnum):
    """What a condition looks at (IB condition types 1, 3, 4, 5, 6, 7)."""

    PRICE = "price"
    TIME = "time"
    MARGIN = "margin"
    EXECUTION = "execution"
    VOLUME = "volume"
    CHANGE = "change"


class Condition(msgspec.Struct, frozen=True, omit_defaults=True):
    """One condition; `also` says that it and the next must hold, else either.

    `contract` is as in a leg, for price, volume, change and execution. `level` is a price, the
    margin cushion or the change in percent, or a volume; `at` the moment of a time condition.
    `rises` is true where the value must be at or above the level, false for at or below.
    """

    kind: ConditionKind
    contract: str = ""
    level: Decimal | None = None
    at: datetime | None = None
    rises: bool = True
    also: bool = True
    method: TriggerMethod = TriggerMethod.DEFAULT


class Adjustment(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a stop becomes once the market reaches `trigger_price` (IB `adjustedOrderType`).

    `order_type` is STP, STP_LMT, TRAIL or TRAIL_LMT.
    """

    trigger_price: Decimal
    order_type: str
    stop_price: Decimal | None = None
    limit_price: Decimal | None = None
    trail_amount: Decimal | None = None
    trail_percent: Decimal | None = None


class Instructions(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """All that most orders leave open. Quantities in units, prices per unit, times aware.

    `priority`: the higher goes first among orders of the same urgency that wait to be sent.
    """

    priority: int = 0
    good_after: datetime | None = None  # goodAfterTime
    trail_stop_price: Decimal | None = None  # trailStopPrice: where a trailing stop starts
    trigger_method: TriggerMethod = TriggerMethod.DEFAULT
    display_size: Decimal | None = None  # displaySize: an iceberg
    hidden: bool = False
    all_or_none: bool = False
    min_quantity: Decimal | None = None  # minQty
    discretionary_amount: Decimal | None = None  # discretionaryAmt
    sweep_to_fill: bool = False
    block: bool = False  # blockOrder
    not_held: bool = False
    min_trade_quantity: Decimal | None = None  # minTradeQty, of IBKRATS
    min_compete_size: Decimal | None = None  # PEG_BEST
    compete_offset: Decimal | None = None  # competeAgainstBestOffset
    mid_offset_at_whole: Decimal | None = None
    mid_offset_at_half: Decimal | None = None
    cash_quantity: Decimal | None = None  # cashQty, in the instrument's currency
    oca_group: str | None = None
    oca_type: OcaType | None = None
    adjusts: Adjustment | None = None
    conditions: tuple[Condition, ...] = ()
    conditions_cancel: bool = False  # conditionsCancelOrder: meeting them cancels
    conditions_ignore_rth: bool = False


PLAIN = Instructions()
