"""Whether what the broker repeats is what it was sent: only then is a modify confirmed.

Rule 1: every field that a modify may change is compared.
Rule 2: a field that the broker fills in by itself confirms nothing and denies nothing while the
order leaves it open.
"""

from __future__ import annotations

from typing import Final

from riskgate.model.order import SHAPES, Order, OrderType
from riskgate.model.report import OrderEcho

# What an order leaves open in these may be filled in: by its type, or once it is triggered.
FILLED_IN: Final = (
    *("limit_price", "stop_price", "trigger_price", "peg_offset"),
    *("trail_amount", "trail_percent", "limit_offset"),
)
SHOWN: Final = ("display_size", "discretionary_amount")


def repeats(echo: OrderEcho, order: Order) -> bool:
    """Whether the broker repeats these terms."""
    said = order.instructions
    return (
        (echo.quantity == order.quantity or said.cash_quantity is not None)
        and all(getattr(order, name) in (None, getattr(echo, name)) for name in FILLED_IN)
        and _same_cap(echo, order)
        and all(getattr(said, name) == getattr(echo, name) for name in SHOWN)
        and echo.tif in (None, order.tif)
        and (None in (echo.good_till, order.good_till) or echo.good_till == order.good_till)
    )


def _same_cap(echo: OrderEcho, order: Order) -> bool:
    """A cap that was taken away is no longer repeated; market to limit gets a limit of its own."""
    is_cap = "limit_price" in SHAPES[order.order_type].optional
    if not is_cap or order.order_type is OrderType.MTL:
        return True
    return echo.limit_price == order.limit_price


def as_sent(order_id: int, order: Order) -> OrderEcho:
    """What a broker says that repeats an order exactly."""
    said = order.instructions
    return OrderEcho(
        order_id=order_id,
        quantity=order.quantity,
        display_size=said.display_size,
        discretionary_amount=said.discretionary_amount,
        tif=order.tif,
        good_till=order.good_till,
        **{name: getattr(order, name) for name in FILLED_IN},
    )
