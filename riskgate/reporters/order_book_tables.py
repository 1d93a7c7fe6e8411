"""Order books as tables: asks from the highest price down, bids below them, the rest apart."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from riskgate.execution.order_book import Level, OrderBook, Resting
from riskgate.model.order import Side
from riskgate.reporters import text

COLUMNS: Final = {
    "symbol": "symbol",
    "side": "side",
    "price": "price",
    "quantity": "quantity",
    "orders": "orders",
    "waits_for": "waits for",
}
BY_NAME: Final = {name: title for name, title in COLUMNS.items() if name != "symbol"}
MOST_NAMED: Final = 3  # orders of one price; the rest are counted


def book_rows(books: Iterable[OrderBook]) -> list[Mapping[str, Any]]:
    """A row for each price, and one for each order without one."""
    return [row for book in books for row in _rows(book)]


def book_text(books: Sequence[OrderBook]) -> str:
    """A table for each instrument under its name."""
    tables = (f"{book.symbol}\n{text.rows(list(_rows(book)), BY_NAME)}" for book in books)
    return "\n".join(tables)


def _rows(book: OrderBook) -> Iterator[Mapping[str, Any]]:
    for level in reversed(book.asks):
        yield _priced(book.symbol, "ask", level)
    for level in book.bids:
        yield _priced(book.symbol, "bid", level)
    for one in book.apart:
        order = one.order
        yield {
            "symbol": book.symbol,
            "side": "buy" if order.side is Side.BUY else "sell",
            "price": order.limit_price,
            "quantity": one.remaining,
            "orders": _named((one,)),
            "waits_for": f"{order.order_type}: {one.waits_for}",
            **_counted((one,)),
        }


def _priced(symbol: str, side: str, level: Level) -> Mapping[str, Any]:
    return {
        "symbol": symbol,
        "side": side,
        "price": level.price,
        "quantity": level.quantity,
        "orders": _named(level.orders),
        "waits_for": "",
        **_counted(level.orders),
    }


def _counted(orders: Sequence[Resting]) -> Mapping[str, Any]:
    """For programs: which of our orders these are, how many of others, and which may change."""
    return {
        "order_ids": [one.order_id for one in orders if not one.foreign],
        "foreign": sum(one.foreign for one in orders),
        "changing": [one.order_id for one in orders if one.changing],
    }


def _named(orders: Sequence[Resting]) -> str:
    """`12, 13*, foreign +4`; a star is a modify that is not confirmed."""
    names = ["foreign" if one.foreign else f"{one.order_id}{'*' * one.changing}" for one in orders]
    more = len(names) - MOST_NAMED
    return ", ".join(names[:MOST_NAMED]) + (f" +{more}" if more > 0 else "")
