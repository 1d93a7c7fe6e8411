"""An order with its life: the immutable view that people, tables and callbacks get."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import msgspec

from riskgate.model.decision import Action
from riskgate.model.lifecycle import Status
from riskgate.model.money import ZERO
from riskgate.model.order import Order


class OrderView(msgspec.Struct, frozen=True, kw_only=True):
    """One order at one moment. `order` is None where the text could not be read as one.

    `block_id` is the order in which it is at the broker with others, and `members` are those of one
    that is such a block: its fills are theirs, and are never added to them.
    """

    order_id: int
    ref: str
    order: Order | None
    text: str
    status: Status
    action: Action
    account_id: str = ""
    strategy: str = ""
    symbol: str = ""
    order_type: str = ""
    side: str = ""
    quantity: Decimal = ZERO
    limit_price: Decimal | None = None
    stop_price: Decimal | None = None
    time_in_force: str = ""
    filled_quantity: Decimal = ZERO
    avg_fill_price: Decimal | None = None
    commission: Decimal = ZERO
    created_at: datetime
    updated_at: datetime
    cancelled_at: datetime | None = None
    filled_at: datetime | None = None
    broker_order_id: int = 0
    perm_id: int = 0
    client_id: int = 0
    parent_id: int = 0
    block_id: int = 0
    members: tuple[int, ...] = ()
    reason: str = ""

    @property
    def remaining_quantity(self) -> Decimal:
        """What can still fill; never below zero."""
        return max(ZERO, self.quantity - self.filled_quantity)
