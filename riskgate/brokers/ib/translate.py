"""Orders and reports between riskgate and IB, as tables.

Rule 1: what cannot be said exactly is refused by name; nothing is dropped or mapped silently.
Rule 2: time in force, account, reference and flags are always stated, never left to presets.
Rule 3: echoes are normalised by the order's type: IB repeats defaults, not what was sent.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from riskgate.brokers.ib import contracts, raw
from riskgate.brokers.ib.contracts import plain
from riskgate.brokers.ib.numbers import carries, incoming, outgoing
from riskgate.errors import OrderError
from riskgate.model.instrument import Instrument
from riskgate.model.lifecycle import Status
from riskgate.model.money import ZERO
from riskgate.model.order import Fault, Order, OrderType, Side, Tif
from riskgate.model.report import (
    CommissionReport,
    ExecutionReport,
    ForeignOrder,
    OrderEcho,
    Position,
)

TYPES: Final = {
    OrderType.MKT: "MKT",
    OrderType.LMT: "LMT",
    OrderType.STP: "STP",
    OrderType.STP_LMT: "STP LMT",
}
TIFS: Final = {Tif.DAY: "DAY", Tif.GTC: "GTC", Tif.IOC: "IOC", Tif.FOK: "FOK"}
NOT_CARRIED: Final = (
    *("good_till", "trail_amount", "trail_percent", "limit_offset"),
    *("algo", "route"),
)
WRITTEN_PRICES: Final = ("limit_price", "stop_price")
LIMITED: Final = frozenset({"LMT", "STP LMT"})
STOPPED: Final = frozenset({"STP", "STP LMT"})
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
READ_TYPES: Final = {
    **{theirs: ours for ours, theirs in TYPES.items()},
    "TRAIL": OrderType.TRAIL,
    "TRAIL LIMIT": OrderType.TRAIL_LMT,
    "MOC": OrderType.MOC,
    "LOC": OrderType.LOC,
}


# -- to the broker --------------------------------------------------------------------------------


def faults_of(order: Order) -> tuple[Fault, ...]:
    """Everything of an order that cannot be carried, each with the field's name."""
    checks = (_kind, _unsaid, _numbers)
    return (
        *(fault for check in checks for fault in check(order)),
        *contracts.faults_of(order.terms),
    )


def _kind(order: Order) -> Iterator[Fault]:
    if order.order_type not in TYPES:
        known = ", ".join(TYPES)
        yield Fault("BAD_ORDER", f"order_type `{order.order_type}` cannot be sent; use {known}")
    if order.tif not in TIFS:
        yield Fault("BAD_TIF", f"tif `{order.tif}` cannot be sent; use {', '.join(TIFS)}")


def _unsaid(order: Order) -> Iterator[Fault]:
    for name in NOT_CARRIED:
        if getattr(order, name) is not None:
            code = "BAD_TIF" if name == "good_till" else "BAD_ORDER"
            yield Fault(code, f"{name} `{getattr(order, name)}` cannot be sent to IB")


def _numbers(order: Order) -> Iterator[Fault]:
    if not (order.quantity.is_finite() and carries(order.quantity)):
        text = f"quantity `{order.quantity}` cannot be written exactly to the broker"
        yield Fault("BAD_QUANTITY", text)
    for name in WRITTEN_PRICES:
        price: Decimal | None = getattr(order, name)
        if price is not None and not (price.is_finite() and carries(price)):
            yield Fault("BAD_PRICE", f"{name} `{price}` cannot be written exactly to the broker")


def order_of(module: raw.Module, order: Order, ref: str, account: str) -> raw.Order:
    """The library's order. Raise OrderError, with every fault, if it cannot be carried."""
    faults = faults_of(order)
    if faults:
        reasons = tuple((fault.code, fault.text) for fault in faults)
        raise OrderError("; ".join(text for _, text in reasons), reasons)
    made = module.Order()
    made.action = order.side.value
    made.totalQuantity = outgoing(order.quantity)
    made.orderType = TYPES[order.order_type]
    if order.limit_price is not None:
        made.lmtPrice = outgoing(order.limit_price)
    if order.stop_price is not None:
        made.auxPrice = outgoing(order.stop_price)
    made.tif = TIFS[order.tif]
    made.account = plain(account)
    made.orderRef = plain(ref)
    made.transmit = True
    made.outsideRth = order.outside_rth
    made.eTradeOnly = False
    made.firmQuoteOnly = False
    return made


# -- from the broker ------------------------------------------------------------------------------


def echo_of(order_id: int, order: raw.Order) -> OrderEcho:
    """The terms the broker repeats."""
    kind = order.orderType
    return OrderEcho(
        order_id=order_id,
        quantity=incoming(order.totalQuantity) or ZERO,
        limit_price=incoming(order.lmtPrice) if kind in LIMITED else None,
        stop_price=incoming(order.auxPrice) if kind in STOPPED else None,
        perm_id=order.permId,
    )


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
    order: raw.Order, known: Instrument, status: Status, remaining: Decimal
) -> ForeignOrder:
    """A working order that is not ours. A type of IB's that we do not have is tagged by name."""
    kind = READ_TYPES.get(order.orderType)
    tif = next((ours for ours, theirs in TIFS.items() if theirs == order.tif), Tif.DAY)
    echo = echo_of(0, order)
    return ForeignOrder(
        perm_id=order.permId,
        broker_order_id=order.orderId,
        client_id=order.clientId,
        order=Order(
            side=SIDES.get(order.action, Side.BUY),
            quantity=echo.quantity,
            symbol=known.symbol,
            order_type=kind or OrderType.MKT,
            limit_price=echo.limit_price,
            stop_price=echo.stop_price,
            tif=tif,
            account=order.account or None,
            currency=known.currency,
            sec_type=known.sec_type,
            expiry=known.expiry,
            strike=known.strike,
            right=known.right,
            tag=None if kind else f"ib:{order.orderType}",
        ),
        instrument=known,
        remaining=remaining,
        status=status,
    )
