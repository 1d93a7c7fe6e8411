"""Order sanity that needs nothing but the order itself (semantics.md, section 2).

Rule 1: all faults are reported together.
Rule 2: every check states what must hold; NaN, infinity and values of a wrong type fail it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Final

from riskgate.model import clauses, said
from riskgate.model.clauses import LASTING, moment_faults
from riskgate.model.codes import Code
from riskgate.model.fields import FLAT, Kind, misfits, shown, stated
from riskgate.model.money import countable, text
from riskgate.model.order import PRICE_FIELDS, SHAPES, Fault, Order, OrderType, Tif
from riskgate.model.sound import LONGEST_TEXT, MOST_UNITS, SEC_TYPES, plainly_sound

RIGHTS: Final = frozenset({"C", "P"})
AT_ONCE: Final = frozenset({Tif.IOC, Tif.FOK})
# How long an order may live, by its type; what is not named here lasts.
TIFS: Final[Mapping[OrderType, frozenset[Tif]]] = {
    **dict.fromkeys(OrderType, LASTING),
    OrderType.MKT: LASTING | AT_ONCE | {Tif.OPG, Tif.AUC},
    OrderType.LMT: frozenset(Tif),
    OrderType.STP: LASTING | AT_ONCE,
    OrderType.STP_LMT: LASTING | AT_ONCE,
    OrderType.STP_PRT: LASTING | AT_ONCE,
    OrderType.MIT: LASTING | AT_ONCE,
    OrderType.LIT: LASTING | AT_ONCE,
    OrderType.MTL: LASTING | {Tif.AUC},
    OrderType.MOC: frozenset({Tif.DAY}),
    OrderType.LOC: frozenset({Tif.DAY}),
}
ABOVE_ZERO: Final = frozenset(
    {
        *("trail_amount", "trail_percent", "strike", "multiplier", "discretionary_amount"),
        *("display_size", "min_quantity", "min_trade_quantity", "min_compete_size"),
        "cash_quantity",
    }
)
NEVER_NEGATIVE: Final = frozenset({"limit_offset", "intent", "compete_offset"})
OF_THE_CONTRACT: Final = frozenset({"strike", "multiplier"})


def faults_of(order: Order) -> tuple[Fault, ...]:
    """Everything wrong with the terms as stated, in the order in which a reader meets them."""
    return () if plainly_sound(order) else listed(order)


def listed(order: Order) -> tuple[Fault, ...]:
    """The closer look: every fault, also of an order that is sound at a glance."""
    if strange := tuple(misfits(order)):
        return strange
    flat = stated(order)
    return (
        *_quantity(order),
        *_shape(order),
        *_numbers(order, flat),
        *_tif(order),
        *_texts(flat),
        *_contract(order),
        *said.faults(order, flat),
        *clauses.faults(order),
    )


def well_typed(order: Order) -> bool:
    """Whether every field holds a value of its type, so that it can be judged at all."""
    return plainly_sound(order) or not any(misfits(order))


def _quantity(order: Order) -> Iterator[Fault]:
    quantity = order.quantity
    for_cash = order.instructions.cash_quantity is not None and not order.legs
    if not quantity.is_finite():
        yield Fault(Code.BAD_QUANTITY, f"quantity must be a finite number; found `{quantity}`")
    elif not quantity > 0 and not (for_cash and quantity == 0):
        yield Fault(Code.BAD_QUANTITY, f"quantity must be above zero; found `{text(quantity)}`")
    elif not quantity <= MOST_UNITS:
        most = text(MOST_UNITS)
        yield Fault(
            Code.BAD_QUANTITY, f"quantity {text(quantity)} is above {most}, the most IB takes"
        )
    elif not countable(quantity):
        yield Fault(Code.BAD_QUANTITY, f"quantity has too many decimals; found `{quantity}`")


def _shape(order: Order) -> Iterator[Fault]:
    """Each price that the type needs, and none that it does not use."""
    kind, shape = order.order_type, SHAPES[order.order_type]
    trails = ("trail_amount", "trail_percent") if shape.trails else ()
    for name in shape.prices:
        if getattr(order, name) is None:
            yield Fault(Code.BAD_PRICE, f"{kind} needs {name}")
    for name in PRICE_FIELDS:
        known = name in (*shape.prices, *shape.optional, *trails)
        if not known and getattr(order, name) is not None:
            yield Fault(Code.BAD_PRICE, f"{kind} takes no {name}")
    if trails and (order.trail_amount is None) == (order.trail_percent is None):
        yield Fault(Code.BAD_PRICE, f"{kind} needs a trailing amount or a percent, and not both")
    if kind is OrderType.MTL and order.limit_price is not None and order.tif is not Tif.AUC:
        yield Fault(Code.BAD_PRICE, "MTL takes a limit_price only with AUC")


def _numbers(order: Order, flat: Mapping[str, object]) -> Iterator[Fault]:
    for name, value in flat.items():
        if not isinstance(value, Decimal) or name == "quantity":
            continue
        code = Code.BAD_ORDER if name in OF_THE_CONTRACT else FLAT[name].code
        above = name in ABOVE_ZERO or (name == "peg_offset" and order.order_type is OrderType.REL)
        if not value.is_finite():
            yield Fault(code, f"{name} must be a finite number; found `{value}`")
        elif not countable(value):
            yield Fault(code, f"{name} `{text(value)[:40]}` is no number anybody means")
        elif above and not value > 0:
            yield Fault(code, f"{name} must be above zero; found `{text(value)}`")
        elif name in NEVER_NEGATIVE and not value >= 0:
            yield Fault(code, f"{name} must be zero or more; found `{text(value)}`")


def _tif(order: Order) -> Iterator[Fault]:
    if order.tif not in TIFS[order.order_type]:
        known = ", ".join(tif for tif in Tif if tif in TIFS[order.order_type])
        yield Fault(Code.BAD_TIF, f"{order.order_type} takes {known}, not {order.tif}")
    if order.tif is Tif.GTD and order.good_till is None:
        yield Fault(Code.BAD_TIF, "GTD needs a time; write it after GTD with its offset")
    if order.tif is not Tif.GTD and order.good_till is not None:
        yield Fault(Code.BAD_TIF, f"{order.tif} takes no good_till time; use GTD")
    if order.good_till is not None:
        yield from moment_faults("good_till", order.good_till)


def _texts(flat: Mapping[str, object]) -> Iterator[Fault]:
    for name, value in flat.items():
        if FLAT[name].kind not in (Kind.NAME, Kind.TEXT) or not isinstance(value, str):
            continue
        if not value:
            yield Fault(Code.BAD_ORDER, f"{name} must not be empty")
        elif not (value.isascii() and value.isprintable()) or '"' in value:
            yield Fault(Code.BAD_ORDER, f"{name} must be printable ASCII without quotes")
        elif len(value) > LONGEST_TEXT:
            yield Fault(Code.BAD_ORDER, f"{name} is longer than {LONGEST_TEXT} characters")
        elif value != value.strip():
            yield Fault(Code.BAD_ORDER, f"{name} must not be blank or begin or end with a blank")


def _contract(order: Order) -> Iterator[Fault]:
    if order.sec_type is not None and order.sec_type not in SEC_TYPES:
        known = ", ".join(sorted(SEC_TYPES))
        yield Fault(
            Code.BAD_ORDER, f"security type `{shown(order.sec_type)}` is not supported; use {known}"
        )
    if order.right is not None and order.right not in RIGHTS:
        yield Fault(Code.BAD_ORDER, f"right must be C or P; found `{shown(order.right)}`")
