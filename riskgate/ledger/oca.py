"""Groups of which one order cancels the others: what their orders hold of the book together.

Rule 1: of the orders of one account, strategy, instrument and side only the worst can fill, so
together they hold what the worst of them holds alone (semantics.md, section 13).
Rule 2: each holds what it has beyond the larger of the earlier ones, so the sums need no groups.
Rule 3: where the broker does not block the others while one fills, all may fill: each of such a
group holds what it has by itself.
Rule 4: only orders that were judged as one group are one. Orders that merely name the same group
hold everything: the gate cannot know that the broker has the others.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from riskgate.ledger.life import Life
from riskgate.model.instructions import OcaType
from riskgate.model.money import ZERO
from riskgate.model.order import Order
from riskgate.model.subject import Subject

Due = tuple[Decimal, Decimal]


class OcaGroups:
    """The orders of each group that share a claim, by the number of its first and their place."""

    def __init__(self) -> None:
        self._sharing: dict[tuple[object, ...], dict[int, Life]] = {}

    def touched_by(self, life: Life) -> Iterator[tuple[Life, Due]]:
        """What must be reserved now for the order, and for those whose claims it changes."""
        self._join(life)
        for one, due in self.dues(life):
            if one is life or due != (one.reserved, one.reserved_value):
                yield one, due

    def sharing_with(self, life: Life) -> tuple[Life, ...]:
        """The orders that this one shares its claim with, itself among them, oldest first."""
        return tuple(self._sharing.get(_key(life), {}).values())

    def forget(self, life: Life) -> None:
        """An order that was only supposed is gone."""
        self._sharing.get(_key(life), {}).pop(life.order_id, None)

    def dues(self, life: Life) -> Iterator[tuple[Life, Due]]:
        """What each that shares with an order must hold now, beyond the larger of the earlier ones.

        One pass: a group of many must not cost the square of its size.
        """
        larger = dearer = ZERO
        for one in self.sharing_with(life):
            quantity, value = one.due()
            yield one, (max(ZERO, quantity - larger), max(ZERO, value - dearer))
            larger, dearer = max(larger, quantity), max(dearer, value)

    def _join(self, life: Life) -> None:
        key = _key(life)
        group = self._sharing.setdefault(key, {})
        newest = next(reversed(group), 0)
        known = life.order_id in group
        group[life.order_id] = life
        if newest > life.order_id and not known:
            self._sharing[key] = dict(sorted(group.items()))


def _key(life: Life) -> tuple[object, ...]:
    alone = 0 if excludes(life.order) else life.order_id
    return (life.oca, alone, *place_of(life.subject))


def excludes(order: Order | None) -> bool:
    """Whether the others of its group cannot fill while it does (IB `ocaType` 1 and 2)."""
    return order is None or order.instructions.oca_type is not OcaType.REDUCE


def place_of(subject: Subject) -> tuple[str, ...]:
    """What orders must have in common for one of them to stand for all."""
    return (
        *(subject.account, subject.strategy, subject.instrument),
        *(subject.exchange, str(subject.side)),
    )
