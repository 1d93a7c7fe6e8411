"""Idempotency: what was submitted before under the same keys (semantics.md, section 14).

Rule 1: the same key with the same terms is the same order; with other terms it is refused.
Rule 2: a group is the same submission if one of its keys says so and all of its orders agree.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from riskgate.ledger.life import Life
from riskgate.ledger.world import World
from riskgate.line.payload import Asked
from riskgate.model.money import ZERO
from riskgate.model.order import Order


def earlier(world: World, asked: Sequence[Asked]) -> list[Life]:
    """The orders of an earlier submission of just these; fewer where it is not the same."""
    if len(asked) == 1 and (asked[0].order is None or asked[0].order.key is None):
        return []  # as most are
    same = [life for one in asked if (life := _same_key(world, one)) is not None]
    if not same or len(same) == len(asked) or not same[0].group:
        return same
    first = same[0].group
    legs = [world.book.orders.get(first + place) for place in range(len(asked))]
    found = [leg for leg in legs if leg is not None and leg.group == first]
    alike = len(found) == len(asked) and all(map(_is_same, found, asked, [world] * len(asked)))
    return found if alike else same


def _same_key(world: World, asked: Asked) -> Life | None:
    """The earlier order with the same key and the same terms."""
    key = asked.order.key if asked.order else None
    number = None if key is None else world.book.by_ref.get(key)
    life = None if number is None else world.book.orders.get(number)
    return life if life is not None and _is_same(life, asked, world) else None


def _is_same(life: Life, asked: Asked, world: World) -> bool:
    """Whether an order was stated in these terms."""
    if asked.order is None or life.plan != asked.plan:
        return False
    return _as_stated(life.stated) == _as_stated(world.resolve(asked.order, asked.floats))


def _as_stated(order: Order | None) -> Order | None:
    """The order without the quantity that was found for an amount of cash."""
    if order is None or not order.for_cash:
        return order
    return msgspec.structs.replace(order, quantity=ZERO)
