"""Groups of which one order cancels the others: what their orders hold of the book together.

Rule 1: of the orders of one account, strategy, instrument and side only the worst can fill, so
together they hold what the worst of them holds alone (semantics.md, section 13).
Rule 2: each holds what it has beyond the larger of the earlier ones, so the sums need no groups.
Rule 3: only orders that were judged as one group are one. Orders that merely name the same group
hold everything: the gate cannot know that the broker has the others.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from riskgate.ledger.life import Life
from riskgate.model.money import ZERO
from riskgate.model.subject import Subject


class OcaGroups:
    """The orders of each group, by the number of its first."""

    def __init__(self) -> None:
        self._orders: dict[int, dict[int, Life]] = {}

    def touched_by(self, life: Life) -> Iterable[Life]:
        """The orders whose claims a change of this one may change, itself among them."""
        self._orders.setdefault(life.oca, {})[life.order_id] = life
        return self.sharing_with(life)

    def sharing_with(self, life: Life) -> tuple[Life, ...]:
        """The orders that this one shares its claim with, itself among them, oldest first."""
        group = self._orders.get(life.oca, {})
        place = place_of(life.subject)
        return tuple(one for _, one in sorted(group.items()) if place_of(one.subject) == place)

    def forget(self, life: Life) -> None:
        """An order that was only supposed is gone."""
        self._orders.get(life.oca, {}).pop(life.order_id, None)

    def due(self, life: Life) -> tuple[Decimal, Decimal]:
        """What must be reserved for an order now, beyond the earlier ones: quantity and value."""
        quantity, value = life.due()
        earlier = [one.due() for one in self.sharing_with(life) if one.order_id < life.order_id]
        larger = max((due for due, _ in earlier), default=ZERO)
        dearer = max((due for _, due in earlier), default=ZERO)
        return max(ZERO, quantity - larger), max(ZERO, value - dearer)


def place_of(subject: Subject) -> tuple[str, ...]:
    """What orders must have in common for one of them to stand for all."""
    return (
        *(subject.account, subject.strategy, subject.instrument),
        *(subject.exchange, str(subject.side)),
    )
