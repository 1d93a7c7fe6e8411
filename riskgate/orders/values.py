"""The data models of the brief that are not the gate's own.

`Order` is `model.view.OrderView` and `Fill` is `model.report.Fill`; `riskgate.orders` has them all.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Final

import msgspec

from riskgate.analytics.quality import ExecutionQuality
from riskgate.model.decision import Decision
from riskgate.model.lifecycle import Status
from riskgate.model.money import ZERO
from riskgate.model.view import OrderView
from riskgate.ticket import Ticket


class OrderStatus(StrEnum):
    """The eight statuses that IB's users know; `Status` is the whole life of an order."""

    PENDING_SUBMIT = "PendingSubmit"
    PENDING_CANCEL = "PendingCancel"
    PRE_SUBMITTED = "PreSubmitted"
    SUBMITTED = "Submitted"
    FILLED = "Filled"
    CANCELLED = "Cancelled"
    INACTIVE = "Inactive"
    REJECTED = "Rejected"

    @classmethod
    def of(cls, status: Status) -> OrderStatus:
        """The nearest of the eight.

        What we denied is Rejected here, though the broker never saw it. What was approved and
        never left is Cancelled, as IB's own ApiCancelled is. A held order, and one whose outcome
        is not known, wait: PendingSubmit.
        """
        return NEAREST.get(status) or cls(status.value)


NEAREST: Final[Mapping[Status, OrderStatus]] = {
    Status.PARTIALLY_FILLED: OrderStatus.SUBMITTED,
    Status.EXPIRED: OrderStatus.CANCELLED,
    Status.NEVER_SENT: OrderStatus.CANCELLED,
    Status.DENIED: OrderStatus.REJECTED,
    Status.HELD: OrderStatus.PENDING_SUBMIT,
    Status.UNKNOWN: OrderStatus.PENDING_SUBMIT,
}


class BracketOrder(msgspec.Struct, frozen=True, kw_only=True):
    """An entry with its exits, as they were when they had been decided.

    The exits are None where the entry could not be read as an order.
    """

    entry: OrderView
    take_profit: OrderView | None
    stop_loss: OrderView | None
    tickets: tuple[Ticket, ...]

    @property
    def allowed(self) -> bool:
        """Whether the whole was let through; if one order is denied, none leaves."""
        return all(ticket.allowed for ticket in self.tickets)


class ValidationResult(msgspec.Struct, frozen=True, kw_only=True):
    """What the rules say of an order that nobody sent.

    `errors` deny or hold it, `warnings` do not; both are in the words of the findings. `decision`
    is the gate's whole answer, whatever part of it was asked about. `rules` are the rules that
    gave an answer; empty where none of that sort is about this order.
    """

    valid: bool
    errors: tuple[str, ...]
    warnings: tuple[str, ...]
    decision: Decision
    rules: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return self.valid


class ExecutionStats(msgspec.Struct, frozen=True, kw_only=True):
    """What became of the orders of a period: the brief's figures of an `ExecutionQuality`.

    The first four are counts; `rejected_orders` are the broker's, `denied_orders` ours.
    `avg_fill_time` runs from decision to last fill, over filled orders. `avg_slippage` is in basis
    points of the mid at the decision, a cost is positive, each order counted once.
    `total_commission` is None where it is in several currencies; `commissions` has it by currency.
    `fill_rate` is the filled share of what was asked for of orders that left, between 0 and 1.
    """

    total_orders: int = 0
    filled_orders: int = 0
    cancelled_orders: int = 0
    rejected_orders: int = 0
    avg_fill_time: timedelta | None = None
    avg_slippage: Decimal | None = None
    total_commission: Decimal | None = ZERO
    denied_orders: int = 0
    fill_rate: Decimal | None = None
    commissions: Mapping[str, Decimal] = {}

    def _repr_html_(self) -> str:
        """Every figure that is known, for notebooks."""
        from riskgate.model import html  # noqa: PLC0415  # only in a notebook

        return html.figures("execution stats", msgspec.structs.asdict(self))

    @classmethod
    def of(cls, found: ExecutionQuality) -> ExecutionStats:
        """The same out of all that was measured."""
        counts = found.counts
        commissions = {currency: fees.amount for currency, fees in found.fees.items()}
        in_one = len(commissions) <= 1
        return cls(
            total_orders=counts.orders,
            filled_orders=counts.filled,
            cancelled_orders=counts.cancelled + counts.expired,
            rejected_orders=counts.rejected,
            avg_fill_time=found.times.filled.mean,
            avg_slippage=found.decision.mean_bps,
            total_commission=sum(commissions.values(), ZERO) if in_one else None,
            denied_orders=counts.denied,
            fill_rate=found.fills.by_quantity,
            commissions=commissions,
        )
