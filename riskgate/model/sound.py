"""A first look at an order: is it one of those with which nothing can be wrong?

Rule 1: "no" means only that it takes a closer look; "yes" means that the closer look of
`model.terms` and `policy.sanity` finds nothing.
Rule 2: nearly every order is asked just this, so nothing is built here, and what is seldom stated
is not judged: an order that states it is looked at closely.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from functools import lru_cache
from operator import attrgetter, is_
from typing import Final

from riskgate.model.instructions import PLAIN
from riskgate.model.money import ZERO, countable
from riskgate.model.order import SHAPES, Order, OrderType, Side, Tif

SEC_TYPES: Final = frozenset(
    {"STK", "ETF", "OPT", "FUT", "FOP", "CASH", "IND", "CFD", "BOND", "BAG"}
)
COMBO: Final = "BAG"
_SINGLE: Final = SEC_TYPES - {COMBO}  # a combo is looked at closely, for its legs
MOST_UNITS: Final = Decimal(2**31 - 1)
LONGEST_TEXT: Final = 128
MOST_REMEMBERED: Final = 65_536
NIGHT: Final = "OVERNIGHT"  # the venue of the night; a time in force stands for it
_EVERYDAY: Final = {
    *((kind, tif) for kind in (OrderType.MKT, OrderType.LMT) for tif in (Tif.IOC, Tif.FOK)),
    *((kind, tif) for kind in OrderType for tif in (Tif.DAY, Tif.GTC)),
} - {(OrderType.MOC, Tif.GTC), (OrderType.LOC, Tif.GTC)}
# By order type and time in force: whether it takes a limit price, and a stop price.
_PRICES: Final[Mapping[tuple[OrderType, Tif], tuple[bool, bool]]] = {
    (kind, tif): ("limit_price" in SHAPES[kind].prices, "stop_price" in SHAPES[kind].prices)
    for kind, tif in _EVERYDAY
    if set(SHAPES[kind].prices) <= {"limit_price", "stop_price"}
    and not (SHAPES[kind].trails or SHAPES[kind].optional or kind is OrderType.PEG_BEST)
}
# What most orders leave open; which object that is tells more than whether it equals.
_SELDOM: Final[Mapping[str, object]] = {
    **dict.fromkeys(("algo", "trigger_price", "peg_offset", "trail_amount", "trail_percent")),
    **dict.fromkeys(("limit_offset", "good_till", "strike", "right", "multiplier", "intent")),
    **dict.fromkeys(("route", "locate")),
    **dict.fromkeys(("outside_rth", "trigger_now"), False),
    "legs": (),
    "instructions": PLAIN,
}
_seldom_of: Final = attrgetter(*_SELDOM)
_LEFT_OPEN: Final = tuple(_SELDOM.values())


def plainly_sound(order: Order) -> bool:
    """Whether the terms are complete and in order, as far as can be told at a glance."""
    try:
        return (
            type(order.side) is Side
            and type(order.order_type) is OrderType
            and type(order.tif) is Tif
            and is_bare(order)
            and (
                order.sec_type is None
                or (type(order.sec_type) is str and order.sec_type in _SINGLE)
            )
            and (order.expiry is None or type(order.expiry) is date)
            and _has_its_prices(order)
            and type(order.quantity) is Decimal
            and countable(order.quantity)
            and ZERO < order.quantity <= MOST_UNITS
            and _has_good_names(order)
        )
    except TypeError:  # what has no hash is no name
        return False


def fits_plainly(price: Decimal | None, step: Decimal) -> bool:
    """Whether there is no price, or it is above zero and a multiple of the step."""
    return price is None or (price > ZERO and step > ZERO and not price % step)


def is_bare(order: Order) -> bool:
    """Whether nothing is stated that most orders leave open."""
    return all(map(is_, _seldom_of(order), _LEFT_OPEN))


def _has_its_prices(order: Order) -> bool:
    """Just the prices of its type, each a number to count with."""
    limit, stop = order.limit_price, order.stop_price
    if _PRICES.get((order.order_type, order.tif)) != (limit is not None, stop is not None):
        return False
    return (limit is None or (type(limit) is Decimal and countable(limit))) and (
        stop is None or (type(stop) is Decimal and countable(stop))
    )


def _has_good_names(order: Order) -> bool:
    return (
        is_plain_name(order.symbol)
        and (order.strategy is None or is_plain_name(order.strategy))
        and (order.account is None or is_plain_name(order.account))
        and (order.exchange is None or (is_plain_name(order.exchange) and order.exchange != NIGHT))
        and (order.currency is None or is_plain_name(order.currency))
        and (order.key is None or is_plain_name(order.key))
        and (order.tag is None or is_plain_name(order.tag))
    )


@lru_cache(maxsize=MOST_REMEMBERED)
def is_plain_name(name: object) -> bool:
    """One word of ASCII; the names of a desk are few, and come again and again."""
    return (
        type(name) is str
        and 0 < len(name) <= LONGEST_TEXT
        and name.isascii()
        and name.isprintable()
        and '"' not in name
        and " " not in name
    )
