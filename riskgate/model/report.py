"""What the broker says, as plain values: statuses, executions, commissions, errors, positions.

Rule 1: a report states facts about the broker's side; it never says what our book should be.
Rule 2: an execution id is a stem and a revision; a higher revision replaces, never adds.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import msgspec

from riskgate.model.decision import ApprovedOrder
from riskgate.model.instrument import Instrument
from riskgate.model.lifecycle import Status
from riskgate.model.money import ZERO
from riskgate.model.order import Order, Side, Tif


class StatusReport(msgspec.Struct, frozen=True, kw_only=True, tag="status", omit_defaults=True):
    """The broker's status of one order. `filled` is a checksum, never a source of fills.

    `mid` is the market's price as the gate knew it when this end of an order was recorded.
    """

    order_id: int
    status: Status
    filled: Decimal = ZERO
    remaining: Decimal | None = None
    perm_id: int = 0
    broker_order_id: int = 0
    why_held: str = ""
    reason: str = ""
    mid: Decimal | None = None


class OrderEcho(msgspec.Struct, frozen=True, kw_only=True, tag="echo", omit_defaults=True):
    """The broker repeats an order's terms: acknowledged with this quantity and these prices.

    It has what an order of its type can be modified in; None is not stated, or not known.
    """

    order_id: int
    quantity: Decimal
    limit_price: Decimal | None = None
    stop_price: Decimal | None = None
    perm_id: int = 0
    trigger_price: Decimal | None = None
    peg_offset: Decimal | None = None
    trail_amount: Decimal | None = None
    trail_percent: Decimal | None = None
    limit_offset: Decimal | None = None
    display_size: Decimal | None = None
    discretionary_amount: Decimal | None = None
    tif: Tif | None = None
    good_till: datetime | None = None


class ExecutionReport(
    msgspec.Struct, frozen=True, kw_only=True, tag="execution", omit_defaults=True
):
    """One fill, or a correction of one. `order_id` is 0 for an order that is not ours."""

    execution_id: str
    order_id: int = 0
    account: str
    instrument: Instrument
    side: Side
    quantity: Decimal
    price: Decimal
    at: datetime
    perm_id: int = 0

    @property
    def stem(self) -> str:
        """The execution id without its last segment, which is the revision."""
        return stem_of(self.execution_id)

    def as_fill(self, cost: CommissionReport | None = None) -> Fill:
        """The same as a fill, with what it cost if that has come."""
        fill = Fill(
            execution_id=self.execution_id,
            order_id=self.order_id,
            symbol=self.instrument.symbol,
            side=self.side,
            quantity=self.quantity,
            price=self.price,
            timestamp=self.at,
            account=self.account,
            currency=self.instrument.currency,
        )
        return fill if cost is None else fill.charged(cost)


class CommissionReport(msgspec.Struct, frozen=True, kw_only=True, tag="commission"):
    """What one execution cost. It may come before, after, or without its execution."""

    execution_id: str
    amount: Decimal
    currency: str


class ErrorReport(msgspec.Struct, frozen=True, kw_only=True, tag="error", omit_defaults=True):
    """A message with a code about one of our orders; it releases nothing by itself.

    `ambiguous` says that the code leaves open what became of the order: ask the broker.
    """

    order_id: int
    code: int
    text: str
    ambiguous: bool = False


class NeverSent(msgspec.Struct, frozen=True, kw_only=True, tag="never_sent", omit_defaults=True):
    """An approved order, or a modify of one, that provably did not leave or was refused.

    `version` says which modify it was. Without it, one that the broker refused (its codes are
    numbers) is the one that left last; any other could be any, and then nothing is released.
    `mid` is the market's price as the gate knew it when this end of an order was recorded.
    """

    order_id: int
    code: str
    text: str
    modify: bool = False
    version: int = 0
    mid: Decimal | None = None


class CancelNotSent(msgspec.Struct, frozen=True, kw_only=True, tag="cancel_not_sent"):
    """A cancel that did not leave the house: the order works on. Order 0 stands for all of them."""

    order_id: int
    text: str


class Sent(msgspec.Struct, frozen=True, kw_only=True, tag="sent", omit_defaults=True):
    """An approved order, or the modify with this version, was written to the broker's socket.

    `queued` is for how many seconds it waited for its turn, `mid` the market's price as the gate
    knew it when an order's first terms were recorded as sent.
    """

    order_id: int
    broker_order_id: int
    client_id: int
    version: int = 0
    queued: Decimal = ZERO
    mid: Decimal | None = None


class ForeignOrder(msgspec.Struct, frozen=True, kw_only=True, tag="foreign", omit_defaults=True):
    """A working order that is not ours: manual, or of another client. Zeros are not known."""

    perm_id: int
    order: Order
    instrument: Instrument
    remaining: Decimal
    status: Status
    broker_order_id: int = 0
    client_id: int = 0


Report = (
    StatusReport
    | OrderEcho
    | ExecutionReport
    | CommissionReport
    | ErrorReport
    | NeverSent
    | CancelNotSent
    | Sent
)


class Position(msgspec.Struct, frozen=True, kw_only=True):
    """A position as the broker reports it, in units, negative for short."""

    account: str
    instrument: Instrument
    quantity: Decimal
    average_cost: Decimal = ZERO


class Fill(msgspec.Struct, frozen=True, kw_only=True):
    """One execution in its latest revision, with its commission if that has come.

    `currency` is that of the commission, which need not be the one it trades in; until it has come,
    or where the broker does not say, that of the instrument.
    """

    execution_id: str
    order_id: int
    symbol: str
    side: Side
    quantity: Decimal
    price: Decimal
    timestamp: datetime
    commission: Decimal | None = None
    account: str = ""
    currency: str = ""

    @property
    def stem(self) -> str:
        """The execution id without its revision."""
        return stem_of(self.execution_id)

    def charged(self, cost: CommissionReport) -> Fill:
        """The same with what it cost."""
        currency = cost.currency or self.currency
        return msgspec.structs.replace(self, commission=cost.amount, currency=currency)


def unsent(approved: ApprovedOrder, code: str, text: str) -> NeverSent:
    """What is told of an approved order, or of a modify of one, that does not leave."""
    return NeverSent(
        order_id=approved.order_id,
        code=str(code),
        text=text,
        modify=approved.replaces,
        version=approved.version,
    )


def stem_of(execution_id: str) -> str:
    """The part before the last dot; an id without a dot is its own stem."""
    head, dot, _ = execution_id.rpartition(".")
    return head if dot else execution_id


def revision_of(execution_id: str) -> tuple[int, str]:
    """The last segment as something that orders: numbers by value, others by text."""
    tail = execution_id.rpartition(".")[2]
    return (int(tail), "") if tail.isascii() and tail.isdigit() else (0, tail)
