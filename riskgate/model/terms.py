"""Order sanity that needs nothing but the order itself (semantics.md, section 2).

Rule 1: all faults are reported together.
Rule 2: every check states what must hold; NaN, infinity and values of a wrong type fail it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Final

from riskgate.model.codes import Code
from riskgate.model.money import countable, text
from riskgate.model.order import PRICE_FIELDS, SHAPES, Fault, Order, OrderType, Side, Tif
from riskgate.model.sound import LONGEST_TEXT, MOST_UNITS, SEC_TYPES, plainly_sound

NO_TIME: Final = timedelta(0)
MINUTE: Final = timedelta(minutes=1)
RIGHTS: Final = frozenset({"C", "P"})
TRAILS: Final = ("trail_amount", "trail_percent")


def faults_of(order: Order) -> tuple[Fault, ...]:
    """Everything wrong with the terms as stated, in the order in which a reader meets them."""
    if plainly_sound(order):
        return ()
    if strange := tuple(_wrong_types(order)):
        return strange
    checks = (_quantity, _shape, _numbers, _trail, _tif, _texts, _contract)
    return tuple(fault for check in checks for fault in check(order))


def well_typed(order: Order) -> bool:
    """Whether every field holds a value of its type, so that it can be judged at all."""
    return plainly_sound(order) or not any(_wrong_types(order))


def _wrong_types(order: Order) -> Iterator[Fault]:
    if not isinstance(order.side, Side):
        yield Fault(Code.BAD_ORDER, f"side must be BUY or SELL; found `{order.side}`")
    if not isinstance(order.order_type, OrderType):
        known = ", ".join(OrderType)
        yield Fault(
            Code.BAD_ORDER, f"order type `{order.order_type}` is not supported; use {known}"
        )
    if not isinstance(order.tif, Tif):
        yield Fault(
            Code.BAD_TIF, f"time in force `{order.tif}` is not supported; use {', '.join(Tif)}"
        )
    if not isinstance(order.quantity, Decimal):
        yield Fault(Code.BAD_QUANTITY, f"quantity must be a number; found `{order.quantity!r}`")
    for name in (*PRICE_FIELDS, "strike", "multiplier", "intent"):
        value = getattr(order, name)
        if value is not None and not isinstance(value, Decimal):
            yield Fault(Code.BAD_PRICE, f"{name} must be a number; found `{value!r}`")
    yield from _wrong_texts(order)


TEXT_FIELDS: Final = (
    *("symbol", "strategy", "account", "exchange", "currency", "sec_type", "right"),
    *("key", "tag", "algo", "route", "locate"),
)


def _wrong_texts(order: Order) -> Iterator[Fault]:
    for name in TEXT_FIELDS:
        value = getattr(order, name)
        if value is not None and not isinstance(value, str):
            yield Fault(Code.BAD_ORDER, f"{name} must be text; found `{value!r}`")
    for name in ("outside_rth", "trigger_now"):
        value = getattr(order, name)
        if not isinstance(value, bool):
            yield Fault(Code.BAD_ORDER, f"{name} must be true or false; found `{value!r}`")
    if order.expiry is not None and not _is_day(order.expiry):
        yield Fault(Code.BAD_ORDER, f"expiry must be a date; found `{order.expiry!r}`")
    if order.good_till is not None and not isinstance(order.good_till, datetime):
        yield Fault(Code.BAD_TIF, f"good_till must be a time; found `{order.good_till!r}`")


def _is_day(value: object) -> bool:
    return isinstance(value, date) and not isinstance(value, datetime)


def _quantity(order: Order) -> Iterator[Fault]:
    quantity = order.quantity
    if not quantity.is_finite():
        yield Fault(Code.BAD_QUANTITY, f"quantity must be a finite number; found `{quantity}`")
    elif not quantity > 0:
        yield Fault(Code.BAD_QUANTITY, f"quantity must be above zero; found `{text(quantity)}`")
    elif not quantity <= MOST_UNITS:
        most = text(MOST_UNITS)
        yield Fault(
            Code.BAD_QUANTITY, f"quantity {text(quantity)} is above {most}, the most IB takes"
        )
    elif not countable(quantity):
        yield Fault(Code.BAD_QUANTITY, f"quantity has too many decimals; found `{quantity}`")


def _shape(order: Order) -> Iterator[Fault]:
    shape = SHAPES[order.order_type]
    takes = {*shape.prices, *(("trail_amount", "trail_percent") if shape.trails else ())}
    for name in shape.prices:
        if getattr(order, name) is None:
            yield Fault(Code.BAD_PRICE, f"{order.order_type} needs {name}")
    for name in PRICE_FIELDS:
        if name not in takes and getattr(order, name) is not None:
            yield Fault(Code.BAD_PRICE, f"{order.order_type} takes no {name}")


def _numbers(order: Order) -> Iterator[Fault]:
    for name in PRICE_FIELDS:
        value: Decimal | None = getattr(order, name)
        if value is None:
            continue
        if not value.is_finite():
            yield Fault(Code.BAD_PRICE, f"{name} must be a finite number; found `{value}`")
        elif not countable(value):
            yield Fault(Code.BAD_PRICE, f"{name} `{text(value)[:40]}` is no price anybody means")
        elif name in TRAILS and not value > 0:
            yield Fault(Code.BAD_PRICE, f"{name} must be above zero; found `{text(value)}`")
        elif name == "limit_offset" and not value >= 0:
            yield Fault(Code.BAD_PRICE, f"{name} must be zero or more; found `{text(value)}`")
    if order.intent is not None and not (countable(order.intent) and order.intent >= 0):
        yield Fault(
            Code.BAD_PRICE, f"intent must be zero or more; found `{text(order.intent)[:40]}`"
        )


def _trail(order: Order) -> Iterator[Fault]:
    if not SHAPES[order.order_type].trails:
        return
    if (order.trail_amount is None) == (order.trail_percent is None):
        yield Fault(
            Code.BAD_PRICE, f"{order.order_type} needs a trailing amount or a percent, and not both"
        )


def _tif(order: Order) -> Iterator[Fault]:
    if order.tif is Tif.GTD and order.good_till is None:
        yield Fault(Code.BAD_TIF, "GTD needs a time; write it after GTD with its offset")
    if order.tif is not Tif.GTD and order.good_till is not None:
        yield Fault(Code.BAD_TIF, f"{order.tif} takes no good_till time; use GTD")
    moment = order.good_till
    if moment is not None and moment.utcoffset() is None:
        yield Fault(Code.BAD_TIF, f"good_till needs a time with an offset; found `{moment}`")
    elif moment is not None and (moment.utcoffset() or NO_TIME) % MINUTE:
        yield Fault(Code.BAD_TIF, f"good_till needs an offset of whole minutes; found `{moment}`")


def _texts(order: Order) -> Iterator[Fault]:
    if not order.symbol:
        yield Fault(Code.BAD_ORDER, "symbol must not be empty")
    for name in TEXT_FIELDS:
        value: str | None = getattr(order, name)
        if value is None:
            continue
        if not (value.isascii() and value.isprintable()) or '"' in value:
            yield Fault(Code.BAD_ORDER, f"{name} must be printable ASCII without quotes")
        elif len(value) > LONGEST_TEXT:
            yield Fault(Code.BAD_ORDER, f"{name} is longer than {LONGEST_TEXT} characters")
        elif value != value.strip() or (name != "symbol" and not value):
            yield Fault(Code.BAD_ORDER, f"{name} must not be blank or begin or end with a blank")


def _contract(order: Order) -> Iterator[Fault]:
    if order.sec_type is not None and order.sec_type not in SEC_TYPES:
        known = ", ".join(sorted(SEC_TYPES))
        yield Fault(
            Code.BAD_ORDER, f"security type `{order.sec_type}` is not supported; use {known}"
        )
    if order.right is not None and order.right not in RIGHTS:
        yield Fault(Code.BAD_ORDER, f"right must be C or P; found `{order.right}`")
    for name in ("strike", "multiplier"):
        value: Decimal | None = getattr(order, name)
        if value is not None and not (countable(value) and value > 0):
            yield Fault(Code.BAD_ORDER, f"{name} must be above zero; found `{text(value)[:40]}`")
