"""The line of an everyday order, at a glance: what orders alike but for their numbers share.

Rule 1: "no" means only that it takes a closer look; a line means that `model.sound` finds nothing
and that all names are upper case, and it is the line that `model.order_line` writes.
Rule 2: words are remembered by value and type: what only equals a word is not taken for it.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from functools import lru_cache
from operator import attrgetter
from types import NoneType
from typing import Final

from riskgate.model.fields import FLAT, Kind
from riskgate.model.money import MOST_WHOLE_DIGITS, ONE, ZERO
from riskgate.model.order import Order, OrderType, Side, Tif
from riskgate.model.order_line import Frame, frame
from riskgate.model.sound import MOST_UNITS, is_bare, plainly_sound

MOST_REMEMBERED: Final = 4_096
_WORDS: Final = frozenset((Side, OrderType, Tif, str, date, NoneType))
_alike: Final = attrgetter(
    *("side", "order_type", "tif", "symbol", "sec_type", "expiry"),
    *("strategy", "account", "exchange", "currency", "tag"),
)
_names_of: Final = attrgetter(*(n for n, field in FLAT.items() if field.kind is Kind.NAME))


def line_of(order: Order) -> str | None:
    """The order's line if it is an everyday one, such as most orders are; else None."""
    if order.key is not None or not is_bare(order):
        return None
    prices = order.stop_price, order.limit_price
    priced = prices[0] is not None, prices[1] is not None
    words = _alike(order)
    if not _WORDS.issuperset(map(type, words)):  # what else may hash, and equal, as it likes
        return None
    around = _framed(*words, priced)
    size = _written(order.quantity)
    if around is None or size is None or not ZERO < order.quantity <= MOST_UNITS:
        return None
    line = f"{around.before}{size}{around.between}"
    for price in prices:
        if price is not None:
            shown = _written(price)
            if shown is None:
                return None
            line = f"{line} {shown}"
    return f"{line}{around.after}"


def is_upper_case(order: Order) -> bool:
    """Whether its names are as they become; its fields are of their types."""
    for name in _names_of(order):  # noqa: SIM110  # a generator takes longer than the question
        if name is not None and name != name.upper():
            return False
    return True


@lru_cache(maxsize=MOST_REMEMBERED, typed=True)
def _framed(  # noqa: PLR0913, PLR0917  # what orders alike share, each told apart by its type
    side: Side,
    order_type: OrderType,
    tif: Tif,
    symbol: str,
    sec_type: str | None,
    expiry: date | None,
    strategy: str | None,
    account: str | None,
    exchange: str | None,
    currency: str | None,
    tag: str | None,
    priced: tuple[bool, bool],
) -> Frame | None:
    """The words around the numbers of all such orders; None where a closer look is needed."""
    stop, limit = (ONE if is_stated else None for is_stated in priced)
    order = Order(
        side=side,
        quantity=ONE,
        symbol=symbol,
        order_type=order_type,
        limit_price=limit,
        stop_price=stop,
        tif=tif,
        strategy=strategy,
        account=account,
        exchange=exchange,
        currency=currency,
        sec_type=sec_type,
        expiry=expiry,
        tag=tag,
    )
    return frame(order) if plainly_sound(order) and is_upper_case(order) else None


def _written(number: object) -> str | None:
    """The text of a number as nearly all are: few digits, no sign and no exponent; else None."""
    if type(number) is not Decimal:
        return None
    written = str(number)
    if len(written) > MOST_WHOLE_DIGITS or not written.replace(".", "", 1).isdigit():
        return None
    return written.rstrip("0").rstrip(".") if "." in written else written
