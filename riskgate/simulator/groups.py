"""Orders that hang together: a parent with its children, and one-cancels-all groups. Pure.

Rule 1: a child waits until its parent is filled, and dies with it; the children of one parent are
a group, as long as they name no other.
Rule 2: a fill of one member of a group cancels the others (type 1) or makes them smaller in
proportion (2 and 3). With 1 and 2 that is done at once, with 3 it takes a moment.
"""

from __future__ import annotations

from decimal import ROUND_FLOOR, Decimal

import msgspec

from riskgate.simulator.amounts import ZERO
from riskgate.simulator.book import FILLED, Book, LiveOrder
from riskgate.simulator.terms import Terms

CANCEL, REDUCE_BLOCKED, REDUCE = 1, 2, 3
OCA_TYPES = frozenset({0, CANCEL, REDUCE_BLOCKED, REDUCE})
HEDGES = frozenset({"D", "B", "F", "P"})


def parent_of(book: Book, order: LiveOrder) -> LiveOrder | None:
    """The order this one is attached to."""
    number = order.terms.parent_id
    return book.find(order.client_id, number) if number else None


def is_orphan(book: Book, client_id: int, terms: Terms) -> bool:
    """Whether an order is attached to one that is not there, or is over without a fill."""
    if not terms.parent_id:
        return False
    parent = book.find(client_id, terms.parent_id)
    return parent is None or parent.is_dead


def children_of(book: Book, order: LiveOrder) -> list[LiveOrder]:
    """The open orders attached to this one."""
    return [] if order.is_by_hand else book.on(("parent", order.client_id, order.order_id))


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
    group = order.terms.oca_group
    return [one for one in book.on(("group", group)) if one is not order] if group else []


def reduced(rival: LiveOrder, shares: Decimal, before: Decimal) -> Decimal:
    """What is left of a rival after `shares` of the `before` that remained were filled."""
    step = rival.listing.size_step
    left = rival.remaining * (before - shares) / before if before else ZERO
    return max((left / step).to_integral_value(ROUND_FLOOR) * step, ZERO)


def orphaned(book: Book, child: LiveOrder) -> None:
    """A child whose parent was filled names it no more; with its siblings it stays a group."""
    book.unshelve(child)
    child.terms = msgspec.structs.replace(child.terms, parent_id=0)
    child.record = {**child.record, "parentId": 0}
    book.shelve(child)


def hedged(order: LiveOrder, parent: LiveOrder) -> Decimal:
    """The quantity of a hedging child: the parent's, its value, or a ratio of it."""
    asked = order.asked
    if asked.text("hedgeType") == "F":
        return (parent.filled * parent.average * parent.listing.factor).to_integral_value()
    ratio = asked.text("hedgeParam")
    share = (
        Decimal(ratio) if ratio.isascii() and ratio.replace(".", "", 1).isdigit() else Decimal(1)
    )
    return parent.filled * share


def with_quantity(order: LiveOrder, quantity: Decimal) -> None:
    """Change how much an order is for."""
    order.terms = msgspec.structs.replace(order.terms, quantity=quantity)
