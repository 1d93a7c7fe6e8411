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

    Prices are per unit, in `currency`; those that were not recorded are None. `decision_price` is
    the market's at the decision that stands, of `decided_at`, with its `bid` and `ask`;
    `arrival_price` when it was written to the broker's socket, after `queued` seconds; `end_price`
    when it was over without being filled whole. `venue` is where it was routed to. Moments are
    those of the record (see `ledger.timeline`); `filled_at` is the broker's stamp.
    `commission` adds up what its fills were charged so far as numbers, also where that is money of
    several currencies: each fill names its own.
    `is_parent` says that it is worked off in slices; `modifies` and `cancels` were sent after it.
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
    sec_type: str = ""
    venue: str = ""
    currency: str = ""
    multiplier: Decimal | None = None
    decided_at: datetime | None = None
    decision_price: Decimal | None = None
    bid: Decimal | None = None
    ask: Decimal | None = None
    sent_at: datetime | None = None
    arrival_price: Decimal | None = None
    queued: Decimal | None = None
    acknowledged_at: datetime | None = None
    first_filled_at: datetime | None = None
    done_at: datetime | None = None
    end_price: Decimal | None = None
    is_parent: bool = False
    modifies: int = 0
    cancels: int = 0

    @property
    def is_block(self) -> bool:
        """Whether it is at the broker for others of ours."""
        return bool(self.members)

    @property
    def remaining_quantity(self) -> Decimal:
        """What can still fill; never below zero."""
        return max(ZERO, self.quantity - self.filled_quantity)
