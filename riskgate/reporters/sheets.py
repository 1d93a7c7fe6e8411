"""Which columns the rows of the record have, for people: what is shown, and what goes first.

Rule 1: a column's place here is its place in the table; its rank says when it gives way.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Final

from riskgate.model.money import HUNDRED, text
from riskgate.model.rows import Kind
from riskgate.reporters.columns import Column, printable


def moment(at: datetime) -> str:
    """A time in UTC without its year."""
    return at.strftime("%m-%d %H:%M:%S")


def minute(at: datetime) -> str:
    """The same to the minute."""
    return at.strftime("%m-%d %H:%M")


def first_of(reasons: str) -> str:
    """The first reason, and how many more there are."""
    first, *more = printable(reasons).split("; ")
    return f"{first} +{len(more)}" if more else first


def price(number: Decimal) -> str:
    """An average as people read it: no more than eight decimals."""
    return text(round(number, 8))


def worth(number: Decimal) -> str:
    """An amount of money in cents, with thousands set apart."""
    return f"{round(number, 2) + 0:,.2f}"


def bps(number: Decimal) -> str:
    """Basis points to a hundredth, and never a negative zero."""
    return f"{round(number, 2) + 0:,.2f}"


def percent(share: Decimal | None) -> str:
    """A fraction in percent, to a tenth; `100 %` and `0 %` only for all and none."""
    if share is None:
        return "-"
    shown = f"{round(share * HUNDRED, 1) + 0:.1f}".removesuffix(".0")
    if shown in {"0", "100"} and share not in {0, 1}:
        return "<0.1 %" if shown == "0" else ">99.9 %"
    return f"{shown} %"


ORDERS: Final = (
    Column("order_id", "order"),
    Column("created_at", "created", 2, how=minute),
    Column("account_id", "account", 12),
    Column("strategy", "strategy", 9, 8),
    Column("status", "status"),
    Column("side", "side"),
    Column("quantity", "qty"),
    Column("symbol", "symbol"),
    Column("order_type", "type", 3),
    Column("limit_price", "limit", 4),
    Column("stop_price", "stop", 10),
    Column("time_in_force", "tif", 13),
    Column("venue", "venue", 11),
    Column("filled_quantity", "filled"),
    Column("avg_fill_price", "average", 7, how=price),
    Column("commission", "commission", 8),
    Column("reason", "reason", 1, 17, how=first_of),
)
FILLS: Final = (
    Column("timestamp", "time (UTC)", 3, how=moment),
    Column("order_id", "order"),
    Column("account", "account", 6),
    Column("side", "side"),
    Column("quantity", "quantity"),
    Column("symbol", "symbol"),
    Column("price", "price"),
    Column("commission", "commission", 1),
    Column("currency", "", 5),
    Column("execution_id", "execution", 4),
)
POSITIONS: Final = (
    Column("account", "account", 3),
    Column("instrument", "instrument", 0, 12),
    Column("position", "position"),
    Column("buying", "buying", 1),
    Column("selling", "selling", 1),
    Column("most", "at most", 4),
    Column("least", "at least", 4),
    Column("price", "last price", 2),
    Column("price_at", "seen (UTC)", 5, how=moment),
    Column("value", "value", 2, how=worth),
    Column("currency", "", 2),
)
COSTS: Final = (
    Column("order_id", "order"),
    Column("decided_at", "decided", 5, how=minute),
    Column("strategy", "strategy", 11, 8),
    Column("side", "side", 1),
    Column("filled", "filled"),
    Column("symbol", "symbol"),
    Column("venue", "venue", 12),
    Column("decision_price", "decision", 3, how=price),
    Column("arrival_price", "arrival", 7, how=price),
    Column("average_price", "average", 1, how=price),
    Column("decision_slippage_bps", "slip bps", how=bps),
    Column("arrival_slippage_bps", "at arrival", 8, how=bps),
    Column("limit_slippage_bps", "at limit", 13, how=bps),
    Column("vwap_slippage_bps", "vwap bps", 4, how=bps),
    Column("shortfall", "lost", 2, how=worth),
    Column("shortfall_bps", "lost bps", 6, how=bps),
    Column("fees", "fees", 4, how=worth),
    Column("currency", "", 4),
)
POSITION_FIELDS: Final[Mapping[str, Kind]] = {
    "account": "text",
    "instrument": "text",
    "symbol": "text",
    "position": "decimal",
    "buying": "decimal",
    "selling": "decimal",
    "most": "decimal",
    "least": "decimal",
    "price": "decimal",
    "price_at": "moment",
    "value": "decimal",
    "currency": "text",
}
BOOK_FIELDS: Final[Mapping[str, Kind]] = {
    "symbol": "text",
    "side": "text",
    "price": "decimal",
    "quantity": "decimal",
    "orders": "text",
    "waits_for": "text",
}
