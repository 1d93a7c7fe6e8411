"""The order books of what works now, ours and of others, as the ledger has it."""

from __future__ import annotations

from collections.abc import Iterator

from riskgate.execution.order_book import OrderBook, Resting, order_book, order_books
from riskgate.ledger.book import Book
from riskgate.ledger.life import Life
from riskgate.model.money import ZERO
from riskgate.model.order import Order


def book_of(book: Book, symbol: str) -> OrderBook:
    """The order book of one instrument, named as an order line names it."""
    return order_book(symbol, resting(book))


def books_of(book: Book, symbol: str = "") -> tuple[OrderBook, ...]:
    """The order books of everything that works, or of one instrument; none that is empty."""
    found = order_books(resting(book)) if not symbol else (book_of(book, symbol),)
    return tuple(one for one in found if one.bids or one.asks or one.apart)


def resting(book: Book) -> Iterator[Resting]:
    """Every working order, with the terms that the broker is known to hold."""
    for life, order in _as_held(book):
        yield Resting(
            order_id=life.order_id,
            order=order,
            remaining=max(ZERO, order.quantity - life.filled),
            status=life.status,
            instrument=life.instrument,
            changing=len(life.versions) > 1,
            waits_for=_entry_of(book, life),
        )
    for one in book.foreign:
        yield Resting(
            order_id=0,
            order=one.order,
            remaining=one.remaining,
            status=one.status,
            instrument=one.instrument,
            foreign=True,
        )


def _as_held(book: Book) -> Iterator[tuple[Life, Order]]:
    """Our working orders with the terms that the broker is known to hold, else their last ones."""
    for life in book.working():
        held = life.versions[0].order if life.versions else life.order
        yield from ((life, order) for order in (held,) if order is not None)


def _entry_of(book: Book, life: Life) -> str:
    """The entry that an exit of a bracket waits for, while nothing of it is filled."""
    entry = book.orders.get(life.bracket) if life.is_exit else None
    return f"entry {entry.order_id}" if entry is not None and not entry.filled else ""
