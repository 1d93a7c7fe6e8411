"""What is known of one order once it was decided: the one value that every measure takes.

Rule 1: facts come from the record (the tables of a journal, a live book, a Parquet file); measures
never look anywhere else, so they give the same figures wherever the facts came from.
Rule 2: what is not known is None, and a measure that needs it says so with None, never with zero.
Rule 3: a corrected execution is here once, in its latest revision, with the commission that came
last.
Rule 4: there are millions of these, and none can refer to itself: the collector passes over them.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import msgspec

from riskgate.model.decision import Action
from riskgate.model.lifecycle import Status
from riskgate.model.money import ZERO
from riskgate.model.order import Side


class Execution(msgspec.Struct, frozen=True, gc=False):
    """One fill in its latest revision: units, price per unit, when, and what it cost if known.

    `commission` holds commission and fees in `currency`, positive for a cost.
    """

    quantity: Decimal
    price: Decimal
    at: datetime
    commission: Decimal | None = None
    currency: str = ""
    execution_id: str = ""


class OrderFacts(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One order from its decision to its end. Prices are per unit, in `currency`.

    `symbol` is that of many contracts where `sec_type` is OPT, FOP or BAG.
    `decision_price` is the mid of the uncrossed market that it was decided on, else the last trade;
    `arrival_price` the same when it was written to the broker's socket, `end_price` when it was
    over without being filled whole. `bid` and `ask` are those of the decision. `queued` is how many
    seconds it waited for its turn to be sent. `multiplier` is what one unit of price is worth.
    `filled` and `fills` are units of the order itself, not of slices that work it off; of a combo
    `fills` are in its own units at its net price, or nothing says what they cost. `modifies` are
    changes that were sent, `cancels` is 1 once a cancel was. A block (`is_block`) and an order that
    our own plan works off (`is_parent`) are done by orders that have facts of their own.
    """

    order_id: int
    account: str = ""
    strategy: str = ""
    symbol: str = ""
    sec_type: str = ""
    venue: str = ""
    order_type: str = ""
    currency: str = ""
    side: Side
    status: Status
    action: Action = Action.ALLOW
    quantity: Decimal
    filled: Decimal = ZERO
    limit_price: Decimal | None = None
    multiplier: Decimal = Decimal(1)
    decided_at: datetime
    decision_price: Decimal | None = None
    bid: Decimal | None = None
    ask: Decimal | None = None
    sent_at: datetime | None = None
    arrival_price: Decimal | None = None
    acknowledged_at: datetime | None = None
    first_filled_at: datetime | None = None
    filled_at: datetime | None = None
    done_at: datetime | None = None
    end_price: Decimal | None = None
    queued: Decimal | None = None
    parent_id: int = 0
    block_id: int = 0
    is_block: bool = False
    is_parent: bool = False
    modifies: int = 0
    cancels: int = 0
    reason: str = ""
    fills: tuple[Execution, ...] = ()

    @property
    def left(self) -> bool:
        """Whether it was written to the broker's socket."""
        return self.sent_at is not None
