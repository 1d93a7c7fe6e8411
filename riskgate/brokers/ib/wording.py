"""How we and IB say the same of an order: tables that are read in both directions.

Rule 1: one row a fact: our name, IB's name, and how a value is written and read.
Rule 2: what is not in these tables is not sent, and is refused when it comes (see `unmodelled`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final, TypeVar

import msgspec

from riskgate.brokers.ib import moments
from riskgate.brokers.ib.contracts import plain
from riskgate.brokers.ib.numbers import UNSET, carries, incoming
from riskgate.errors import OrderError
from riskgate.model.instructions import OcaType, TriggerMethod
from riskgate.model.order import SHAPES, OrderType, Side, Tif

E = TypeVar("E", bound=StrEnum)

TYPES: Final = {
    OrderType.MKT: "MKT",
    OrderType.LMT: "LMT",
    OrderType.STP: "STP",
    OrderType.STP_LMT: "STP LMT",
    OrderType.TRAIL: "TRAIL",
    OrderType.TRAIL_LMT: "TRAIL LIMIT",
    OrderType.MOC: "MOC",
    OrderType.LOC: "LOC",
    OrderType.MIT: "MIT",
    OrderType.LIT: "LIT",
    OrderType.MTL: "MTL",
    OrderType.MKT_PRT: "MKT PRT",
    OrderType.STP_PRT: "STP PRT",
    OrderType.MIDPRICE: "MIDPRICE",
    OrderType.REL: "REL",
    OrderType.PEG_MKT: "PEG MKT",
    OrderType.PEG_MID: "PEG MID",
    OrderType.PEG_BEST: "PEG BEST",
}
OUR_TYPES: Final = {
    **{theirs: ours for ours, theirs in TYPES.items()},
    "PEGMKT": OrderType.PEG_MKT,
    "PEGMID": OrderType.PEG_MID,
    "PEGBEST": OrderType.PEG_BEST,
}
AT_THE_OPEN: Final = {"MOO": OrderType.MKT, "LOO": OrderType.LMT}  # IB takes them as TIF OPG
# OVERNIGHT is no time in force of IB's: it is DAY at the exchange of that name.
TIFS: Final = {tif: tif.value for tif in Tif if tif is not Tif.OVERNIGHT} | {Tif.OVERNIGHT: "DAY"}
OUR_TIFS: Final = {theirs: ours for ours, theirs in TIFS.items() if ours is not Tif.OVERNIGHT}
OVERNIGHT: Final = "OVERNIGHT"
SIDES: Final = {side.value: side for side in Side}
# Which IB field carries a price of ours; `SHAPES` says which prices a type takes.
PRICES: Final = {
    "limit_price": "lmtPrice",
    "stop_price": "auxPrice",
    "trigger_price": "auxPrice",
    "peg_offset": "auxPrice",
    "trail_amount": "auxPrice",
    "trail_percent": "trailingPercent",
    "limit_offset": "lmtPriceOffset",
}
TRAILS: Final = frozenset(kind for kind, shape in SHAPES.items() if shape.trails)


class Wording(msgspec.Struct, frozen=True):
    """How one kind of value is written and read; both raise ValueError with the reason.

    `read` returns None for what IB means as nothing.
    """

    write: Callable[[Any], object]
    read: Callable[[Any], Any]


class Fact(msgspec.Struct, frozen=True):
    """One field: ours, IB's, and its wording.

    `only` names the types for which the library writes it to the wire, if not for all; `since` is
    the first version of IB's messages that has it.
    """

    ours: str
    theirs: str
    wording: Wording
    only: frozenset[OrderType] = frozenset()
    since: int = 0


def number_out(value: Decimal) -> float:
    """A number for the library: a whole one as int, so that it is written as people do."""
    if not (value.is_finite() and carries(value)):
        raise ValueError("cannot be written exactly to the broker")
    if float(value) in UNSET:
        raise ValueError("means none to IB")
    return int(value) if value == value.to_integral_value() else float(value)


def some_out(value: Decimal) -> float:
    """A number where IB reads zero as none."""
    if not value:
        raise ValueError("is none to IB, which has no zero here")
    return number_out(value)


def number_in(value: object) -> Decimal | None:
    """A number of IB's, None if it is unset."""
    if value is None or value == "" or (isinstance(value, float | int) and value in UNSET):
        return None
    found = incoming(value) if isinstance(value, float | int | Decimal | str) else None
    if found is None or isinstance(value, bool):
        raise ValueError("is no finite number")
    return found


def whole_out(value: Decimal) -> float:
    """A number of units, which IB's message has as a whole one."""
    if not value.is_finite() or value != value.to_integral_value():
        raise ValueError("must be a whole number for IB")
    return some_out(value)


def _flag_in(value: object) -> bool:
    if value in (None, ""):
        return False
    if not isinstance(value, bool | int) or value not in (0, 1):
        raise ValueError("is neither true nor false")
    return bool(value)


def text_out(value: str) -> str:
    """A text, which must be printable ASCII."""
    try:
        return plain(value)
    except OrderError:
        raise ValueError("is not printable ASCII") from None


def text_in(value: object) -> str | None:
    """A text, None if it is empty."""
    if not isinstance(value, str):
        raise ValueError("is no text")  # noqa: TRY004  # one kind of error for all wordings
    return value or None


def words(table: Mapping[E, int]) -> Wording:
    """A choice that IB numbers."""
    back = {number: ours for ours, number in table.items()}

    def read(value: object) -> E:
        if isinstance(value, bool) or not isinstance(value, int) or value not in back:
            known = ", ".join(str(number) for number in back)
            raise ValueError(f"is not modelled; use {known}")
        return back[value]

    return Wording(lambda ours: table[ours], read)


def _moment_in(value: object) -> object:
    text = text_in(value)
    return None if text is None else moments.read(text)


NUMBER: Final = Wording(number_out, number_in)
SOME: Final = Wording(some_out, number_in)
WHOLE: Final = Wording(whole_out, number_in)
FLAG: Final = Wording(bool, _flag_in)
TEXT: Final = Wording(text_out, text_in)
MOMENT: Final = Wording(moments.written, _moment_in)
TRIGGER_METHOD: Final = words(
    {
        TriggerMethod.DEFAULT: 0,
        TriggerMethod.DOUBLE_BID_ASK: 1,
        TriggerMethod.LAST: 2,
        TriggerMethod.DOUBLE_LAST: 3,
        TriggerMethod.BID_ASK: 4,
        TriggerMethod.LAST_OR_BID_ASK: 7,
        TriggerMethod.MIDPOINT: 8,
    }
)
OCA_TYPE: Final = words({OcaType.CANCEL_BLOCK: 1, OcaType.REDUCE_BLOCK: 2, OcaType.REDUCE: 3})
BEST: Final = frozenset({OrderType.PEG_BEST})
MID: Final = frozenset({OrderType.PEG_MID})
PEGS_SINCE: Final = 170  # the server version from which messages carry what pegs at IBKRATS need

# Of the order itself, beside its side, quantity, type, prices and time in force.
ORDER_FACTS: Final = (
    Fact("good_till", "goodTillDate", MOMENT),
    Fact("account", "account", TEXT),
    Fact("outside_rth", "outsideRth", FLAG),
)
FACTS: Final = (
    Fact("good_after", "goodAfterTime", MOMENT),
    Fact("trail_stop_price", "trailStopPrice", SOME, only=TRAILS),
    Fact("trigger_method", "triggerMethod", TRIGGER_METHOD),
    Fact("display_size", "displaySize", WHOLE),
    Fact("hidden", "hidden", FLAG),
    Fact("all_or_none", "allOrNone", FLAG),
    Fact("min_quantity", "minQty", WHOLE),
    Fact("discretionary_amount", "discretionaryAmt", SOME),
    Fact("sweep_to_fill", "sweepToFill", FLAG),
    Fact("block", "blockOrder", FLAG),
    Fact("not_held", "notHeld", FLAG),
    Fact("min_trade_quantity", "minTradeQty", WHOLE, since=PEGS_SINCE),
    Fact("min_compete_size", "minCompeteSize", WHOLE, only=BEST, since=PEGS_SINCE),
    Fact(
        *("compete_offset", "competeAgainstBestOffset", NUMBER),
        only=BEST,
        since=PEGS_SINCE,
    ),
    Fact(
        *("mid_offset_at_whole", "midOffsetAtWhole", NUMBER),
        only=MID,
        since=PEGS_SINCE,
    ),
    Fact(
        *("mid_offset_at_half", "midOffsetAtHalf", NUMBER),
        only=MID,
        since=PEGS_SINCE,
    ),
    Fact("cash_quantity", "cashQty", SOME),
    Fact("oca_group", "ocaGroup", TEXT),
    Fact("conditions_cancel", "conditionsCancelOrder", FLAG),
    Fact("conditions_ignore_rth", "conditionsIgnoreRth", FLAG),
)
ADJUSTED_TYPES: Final = {
    kind.value: TYPES[kind]
    for kind in (OrderType.STP, OrderType.STP_LMT, OrderType.TRAIL, OrderType.TRAIL_LMT)
}
ADJUSTED_PRICES: Final = {
    "trigger_price": "triggerPrice",
    "stop_price": "adjustedStopPrice",
    "limit_price": "adjustedStopLimitPrice",
}
AMOUNT, PERCENT = 0, 1  # the unit of `adjustedTrailingAmount`


def is_nothing(value: object) -> bool:
    """Whether this is one of the many ways in which the library and IB say nothing."""
    if value is None or value in ("", "None", False, 0):
        return True
    if isinstance(value, list | tuple):
        return not value
    return isinstance(value, float | int) and value in UNSET
