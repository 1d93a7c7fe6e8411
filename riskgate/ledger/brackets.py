"""The exits of brackets: what they hold of the book beside their entry.

Rule 1: the exits of a bracket count as one order, and can fill only what the entry has filled:
the worst case is the entry, not the sum (semantics.md, section 13).
Rule 2: what an exit was enlarged to beyond its entry counts in full.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal

from riskgate.ledger.life import Life
from riskgate.ledger.oca import Due
from riskgate.model.money import ZERO


def exits_of(orders: Mapping[int, Life], entry: int) -> Iterator[Life]:
    """The exits of an entry: the orders that were numbered after it."""
    number = entry + 1
    while (one := orders.get(number)) is not None and one.bracket == entry:
        yield one
        number += 1


def largest_exit(orders: Mapping[int, Life], entry: Life) -> Decimal:
    """The largest total that a working exit of an order may have; 0 for what has none."""
    if entry.bracket != entry.order_id:
        return ZERO
    working = (one for one in exits_of(orders, entry.order_id) if one.status.working)
    return max((one.due()[0] + one.filled for one in working), default=ZERO)


class Brackets:
    """The exits of each bracket, by their entry's number."""

    def __init__(self, orders: Mapping[int, Life]) -> None:
        self._orders = orders
        self._exits: dict[int, dict[int, Life]] = {}

    def touched_by(self, life: Life) -> Iterator[tuple[Life, Due]]:
        """What must be reserved now for the order, and for those whose claims it may change."""
        return ((one, self.due(one)) for one in self._changed_by(life))

    def _changed_by(self, life: Life) -> Iterable[Life]:
        if not life.bracket:
            return (life,)
        exits = self._exits.setdefault(life.bracket, {})
        if life.is_exit:
            exits[life.order_id] = life
            return self._of(life)
        return (life, *self._of(life))

    def sharing_with(self, life: Life) -> Iterable[Life]:
        """The exits that an exit shares its claim with, itself among them; nobody for others."""
        return self._of(life) if life.is_exit else ()

    def forget(self, life: Life) -> None:
        """An exit that was only supposed is gone."""
        self._exits.get(life.bracket, {}).pop(life.order_id, None)

    def _of(self, life: Life) -> tuple[Life, ...]:
        """The exits of an order's bracket, by their numbers, whenever each was heard of."""
        return tuple(one for _, one in sorted(self._exits.get(life.bracket, {}).items()))

    def due(self, life: Life) -> Due:
        """What must be reserved for an order now, in quantity and value."""
        due, entry = life.due(), self._orders.get(life.bracket)
        if not life.is_exit or entry is None or entry.order is None or not due[0]:
            return due
        exits = self._of(life) or (life,)
        if next((one for one in exits if one.status.working), life) is not life:
            return ZERO, ZERO
        largest = max(one.due()[0] for one in exits)
        gone = sum((one.filled for one in exits), ZERO)
        size = entry.order.quantity
        beyond = max(max(ZERO, one.due()[0] + one.filled - size) for one in exits)
        quantity = min(largest, max(ZERO, entry.filled - gone) + beyond)
        return quantity, due[1] / due[0] * quantity
