"""Sanity of an order's instructions: which orders may say them, and what goes with what.

Rule 1: all faults are reported together.
Rule 2: what one may say depends on the type, the venue and what else is said, never on a price.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Final

from riskgate.model.clauses import moment_faults
from riskgate.model.codes import Code
from riskgate.model.instructions import Instructions
from riskgate.model.money import countable, text
from riskgate.model.order import SHAPES, Fault, Order, OrderType, Tif
from riskgate.model.sound import NIGHT

ATS: Final = "IBKRATS"  # IB's own venue, the only one that knows pegs to the best price
SMALLEST_BLOCK: Final = 50
MOST_PRIORITY: Final = 1000
FOR_CASH: Final = frozenset({OrderType.MKT, OrderType.LMT})
TRAILING: Final = frozenset(kind for kind, shape in SHAPES.items() if shape.trails)
TRIGGERED: Final = TRAILING | {
    *(OrderType.STP, OrderType.STP_LMT, OrderType.STP_PRT, OrderType.MIT, OrderType.LIT),
}
LIMITED: Final = frozenset({OrderType.LMT})
# Which types may say what.
TYPES_OF: Final[Mapping[str, frozenset[OrderType]]] = {
    "trail_stop_price": TRAILING,
    "trigger_method": TRIGGERED,
    "discretionary_amount": LIMITED,
    "sweep_to_fill": LIMITED,
    "block": LIMITED,
    "cash_quantity": FOR_CASH,
    "min_compete_size": frozenset({OrderType.PEG_BEST}),
    "compete_offset": frozenset({OrderType.PEG_BEST}),
    "mid_offset_at_whole": frozenset({OrderType.PEG_MID}),
    "mid_offset_at_half": frozenset({OrderType.PEG_MID}),
}
AT_THE_ATS: Final = (
    *("not_held", "min_trade_quantity", "min_compete_size", "compete_offset"),
    *("mid_offset_at_whole", "mid_offset_at_half"),
)
SIZES: Final = ("display_size", "min_quantity", "min_trade_quantity", "min_compete_size")
# What cannot be said together.
APART: Final = (
    ("display_size", "discretionary_amount"),
    ("display_size", "hidden"),
    *((name, "cash_quantity") for name in (*SIZES, "block", "all_or_none")),
)


def faults(order: Order, flat: Mapping[str, object]) -> Iterator[Fault]:
    """Everything wrong with what an order says; `flat` is what it states, see `fields.stated`."""
    for name, types in TYPES_OF.items():
        if name in flat and order.order_type not in types:
            yield Fault(Code.BAD_ORDER, f"{order.order_type} takes no {name}")
    for one, other in APART:
        if one in flat and other in flat:
            yield Fault(Code.BAD_ORDER, f"{one} and {other} exclude each other")
    yield from _sizes(order, order.instructions)
    yield from _pegs(order, flat)
    yield from _night(order)
    yield from _times(order)
    if order.instructions.oca_type is not None and order.instructions.oca_group is None:
        yield Fault(Code.BAD_ORDER, "oca_type needs an oca_group")
    if abs(order.instructions.priority) > MOST_PRIORITY:
        most = f"-{MOST_PRIORITY} to {MOST_PRIORITY}"
        yield Fault(Code.BAD_ORDER, f"priority must be {most}")


def _sizes(order: Order, said: Instructions) -> Iterator[Fault]:
    """Sizes are whole numbers at the broker, and parts of the order."""
    quantity = order.quantity if countable(order.quantity) else None
    for name in SIZES:
        size: Decimal | None = getattr(said, name)
        if size is None or not countable(size):
            continue
        if size != size.to_integral_value():
            yield Fault(Code.BAD_QUANTITY, f"{name} must be a whole number; found {text(size)}")
        if quantity is None or said.cash_quantity is not None or name == "min_compete_size":
            continue
        if size > quantity or (size == quantity and name == "display_size"):
            least = "below" if name == "display_size" else "at most"
            why = f"{name} must be {least} the quantity {text(quantity)}; found {text(size)}"
            yield Fault(Code.BAD_QUANTITY, why)
    if said.block and quantity is not None and quantity < SMALLEST_BLOCK:
        yield Fault(Code.BAD_QUANTITY, f"a block is {SMALLEST_BLOCK} or more")


def _pegs(order: Order, flat: Mapping[str, object]) -> Iterator[Fault]:
    best = order.order_type is OrderType.PEG_BEST
    if best and order.instructions.compete_offset is None:
        yield Fault(Code.BAD_PRICE, "PEG_BEST needs compete_offset")
    for name in AT_THE_ATS:
        if name in flat and order.exchange != ATS:
            yield Fault(Code.BAD_ORDER, f"{name} needs exchange={ATS}")
    if best and order.exchange != ATS:
        yield Fault(Code.BAD_ORDER, f"PEG_BEST needs exchange={ATS}")
    offset = order.peg_offset
    if order.order_type is OrderType.PEG_MID and offset is not None and offset != 0:
        for name in ("mid_offset_at_whole", "mid_offset_at_half"):
            if name in flat:
                yield Fault(Code.BAD_PRICE, f"{name} needs peg_offset 0; one of them counts")


def _night(order: Order) -> Iterator[Fault]:
    if order.tif is Tif.OVERNIGHT and order.exchange is not None:
        yield Fault(Code.BAD_TIF, f"OVERNIGHT has its own exchange; leave out {order.exchange}")
    if order.tif is not Tif.OVERNIGHT and order.exchange == NIGHT:
        yield Fault(
            Code.BAD_TIF, f"exchange {NIGHT} is written as time in force OVERNIGHT, not {order.tif}"
        )


def _times(order: Order) -> Iterator[Fault]:
    after, till = order.instructions.good_after, order.good_till
    if after is None:
        return
    yield from moment_faults("good_after", after)
    aware = after.utcoffset() is not None and till is not None and till.utcoffset() is not None
    if aware and till is not None and not after < till:
        yield Fault(Code.BAD_TIF, "good_after must be before good_till")
