"""What IB reports, as our reports: fills, costs, positions, the orders of others.

Rule 1: what cannot be read is told, never guessed.
Rule 2: an order of somebody else's that says what we have no word for is kept, with what we can
read of it, and tagged with what IB calls the rest.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from riskgate.brokers.ib import raw
from riskgate.brokers.ib.numbers import incoming
from riskgate.brokers.ib.terms_in import contract_of, echo_of, order_from
from riskgate.brokers.ib.wording import OUR_TIFS, OUR_TYPES
from riskgate.errors import OrderError
from riskgate.model.instrument import Instrument
from riskgate.model.lifecycle import Status
from riskgate.model.money import ZERO
from riskgate.model.order import Order, OrderType, Side, Tif
from riskgate.model.report import CommissionReport, ExecutionReport, ForeignOrder, Position
from riskgate.model.sound import LONGEST_TEXT

STATUSES: Final = {
    "ApiPending": Status.PENDING_SUBMIT,
    "PendingSubmit": Status.PENDING_SUBMIT,
    "PreSubmitted": Status.PRE_SUBMITTED,
    "Submitted": Status.SUBMITTED,
    "PendingCancel": Status.PENDING_CANCEL,
    "PreCancelled": Status.PENDING_CANCEL,
    "ApiCancelled": Status.CANCELLED,
    "Cancelled": Status.CANCELLED,
    "Filled": Status.FILLED,
    "Inactive": Status.INACTIVE,
}
SIDES: Final = {
    "BOT": Side.BUY,
    "BUY": Side.BUY,
    "SLD": Side.SELL,
    "SELL": Side.SELL,
    "SSHORT": Side.SELL,
}


def execution_of(order_id: int, execution: raw.Execution, known: Instrument) -> ExecutionReport:
    """One fill. Raise OrderError for a side or number that is none."""
    side, quantity, price = (
        SIDES.get(execution.side),
        incoming(execution.shares),
        incoming(execution.price),
    )
    if side is None or quantity is None or price is None:
        raise OrderError(f"execution `{execution.execId}`: cannot be read: {execution}")
    return ExecutionReport(
        execution_id=execution.execId,
        order_id=order_id,
        account=execution.acctNumber,
        instrument=known,
        side=side,
        quantity=quantity,
        price=price,
        at=execution.time,
        perm_id=execution.permId,
    )


def commission_of(report: raw.Commission) -> CommissionReport | None:
    """What an execution cost, or None if the broker does not know yet."""
    amount = incoming(report.commission)
    if amount is None or not report.execId:
        return None
    return CommissionReport(execution_id=report.execId, amount=amount, currency=report.currency)


def position_of(account: str, known: Instrument, numbers: tuple[float, float]) -> Position:
    """A position from its quantity and average cost."""
    quantity, cost = numbers
    return Position(
        account=account,
        instrument=known,
        quantity=incoming(quantity) or ZERO,
        average_cost=incoming(cost) or ZERO,
    )


def foreign_of(
    order: raw.Order, known: Instrument, status: Status, remaining: Decimal, exchange: str = ""
) -> ForeignOrder:
    """A working order that is not ours, by a contract at this exchange."""
    try:
        ours = order_from(known, order, exchange or None)
    except OrderError as error:
        ours = _half_read(order, known, error)
    return ForeignOrder(
        perm_id=order.permId,
        broker_order_id=order.orderId,
        client_id=order.clientId,
        order=ours,
        instrument=known,
        remaining=remaining,
        status=status,
    )


def _half_read(order: raw.Order, known: Instrument, error: OrderError) -> Order:
    """What can be read of an order, tagged with IB's names for the rest."""
    kind = OUR_TYPES.get(order.orderType)
    echo = echo_of(0, order)
    named = dict.fromkeys(text.partition(" ")[0] for _, text in error.reasons)
    rest = [order.orderType] if kind is None else list(named)
    return Order(
        side=SIDES.get(order.action, Side.BUY),
        quantity=echo.quantity,
        order_type=kind or OrderType.MKT,
        limit_price=echo.limit_price,
        stop_price=echo.stop_price,
        trigger_price=echo.trigger_price,
        peg_offset=echo.peg_offset,
        trail_amount=echo.trail_amount,
        trail_percent=echo.trail_percent,
        limit_offset=echo.limit_offset,
        tif=OUR_TIFS.get(order.tif, Tif.DAY),
        account=order.account or None,
        tag=f"ib:{' '.join(rest)}"[:LONGEST_TEXT].strip(),
        **contract_of(known),
    )
