"""Orders that hang together: a parent with its children, and one-cancels-all groups. Pure.

Rule 1: a child waits until its parent is filled, and dies with it.
Rule 2: a fill of one member of an OCA group cancels the others; reducing is not modelled.
"""

from __future__ import annotations

from riskgate.simulator.book import FILLED, Book, LiveOrder


def parent_of(book: Book, order: LiveOrder) -> LiveOrder | None:
    """The order this one is attached to."""
    number = order.record.get("parentId")
    return book.find(order.client_id, number) if isinstance(number, int) and number else None


def children_of(book: Book, order: LiveOrder) -> list[LiveOrder]:
    """The open orders attached to this one."""
    if order.is_by_hand:
        return []
    return [
        one
        for one in book.open()
        if one.client_id == order.client_id and one.record.get("parentId") == order.order_id
    ]


def is_waiting(book: Book, order: LiveOrder) -> bool:
    """True while the order's parent has not been filled."""
    parent = parent_of(book, order)
    return parent is not None and parent.status != FILLED


def untransmitted_kin(book: Book, order: LiveOrder) -> list[LiveOrder]:
    """The parent and siblings that were held back until this order is transmitted."""
    parent = parent_of(book, order)
    if parent is None:
        return []
    return [one for one in (parent, *children_of(book, parent)) if one.is_held and one is not order]


def rivals_of(book: Book, order: LiveOrder) -> list[LiveOrder]:
    """The other open orders of the same OCA group."""
    group = order.record.get("ocaGroup")
    if not group:
        return []
    return [one for one in book.open() if one.record.get("ocaGroup") == group and one is not order]
