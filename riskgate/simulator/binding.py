"""Orders entered in the TWS itself become client 0's, if it asks for that.

Rule 1: until it is bound, such an order has no number; a bound one has a negative number.
Rule 2: a read-only broker binds nothing.
"""

from __future__ import annotations

from riskgate.simulator.book import Book, LiveOrder
from riskgate.simulator.replies import open_order, order_status
from riskgate.simulator.session import Session

MANUAL_CLIENT = 0
ONLY_CLIENT_0 = (327, "Only the default client (i.e 0) can auto bind orders.")
READ_ONLY = (
    321,
    "Error validating request.-'cg' : cause - The API interface is currently in Read-Only mode.",
)


def auto_bind(session: Session, *, wanted: bool) -> None:
    """Bind the manual orders that come from now on; only client 0 may ask."""
    if session.client_id != MANUAL_CLIENT:
        session.error(-1, *ONLY_CLIENT_0)
    elif session.host.options.read_only:
        session.error(-1, *READ_ONLY)
    else:
        session.wants.auto_bind = wanted


def bind(session: Session) -> None:
    """Give each manual order a number of client 0, and tell it."""
    book = session.host.exchange.book
    if session.client_id != MANUAL_CLIENT or session.host.options.read_only:
        return
    for order in book.open():
        if order.is_by_hand:
            _bind(session, book, order)


def bind_at_once(session: Session, order: LiveOrder) -> None:
    """Number a manual order before anything is told of it, so that it never has another name."""
    if session.wants.auto_bind:
        _number(session, session.host.exchange.book, order)


def _number(session: Session, book: Book, order: LiveOrder) -> None:
    book.bind(order)
    about = {"permId": order.perm_id, "clientId": MANUAL_CLIENT, "orderId": order.order_id}
    session.send("orderBound", about)


def _bind(session: Session, book: Book, order: LiveOrder) -> None:
    _number(session, book, order)
    session.send("openOrder", open_order(order))
    session.send("orderStatus", order_status(order))
