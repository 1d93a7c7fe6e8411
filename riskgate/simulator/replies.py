"""The broker's facts as wire records: orders, executions, positions, quotes.

Rule 1: an order is echoed as the broker does: what it does not use comes back as its default.
Rule 2: no decisions here, only translation.
Rule 3: an infinite offset is not echoed; no client can read it, and what TWS says is not known.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from riskgate.simulator.accounts import Account, Position, Trade
from riskgate.simulator.amounts import ZERO
from riskgate.simulator.book import CANCELLED, FILLED, Echo, Execution, LiveOrder
from riskgate.simulator.prices import Prices
from riskgate.simulator.styles import TRAIL, style_of
from riskgate.simulator.wire.codec import MESSAGE_TABLE
from riskgate.simulator.wire.framing import frame
from riskgate.simulator.wire.kinds import (
    INFINITE,
    UNSET_INT,
    UNSET_NUMBER,
    UNSET_REAL,
    Record,
    plain,
)
from riskgate.simulator.wire.layout import names_in
from riskgate.simulator.wire.orders import COMPLETED_ORDER, OPEN_ORDER

ZONED_SINCE = 174  # the version from which execution times carry their zone
_MARK = "\x01"  # stands for the status
_OPEN_NAMES = names_in(OPEN_ORDER)
_COMPLETED_NAMES = names_in(COMPLETED_ORDER)


# What the broker fills in where the client said nothing.
_USUAL: Record = {
    "clearingIntent": "IB",
    "rule80A": "0",
    "deltaNeutralOrderType": "None",
    "adjustedOrderType": "None",
    "displaySize": UNSET_INT,
    "volatilityType": 0,
    "referencePriceType": 0,
    "cashQty": ZERO,
    "shareholder": "Not an insider or substantial shareholder",
}


def _echo(order: LiveOrder, names: frozenset[str]) -> Record:
    terms = order.terms
    found = {**_USUAL, **order.record}
    trail = order.stop_price
    if trail is None:
        trail = order.asked.number("trailStopPrice")
    if trail is None and style_of(order).trigger != TRAIL:
        trail = terms.stop
    return {
        **{name: value for name, value in found.items() if name in names and value != INFINITE},
        **order.listing.fields(order.exchange),
        "right": order.listing.right or "?",
        "orderId": order.order_id,
        "permId": order.perm_id,
        "account": terms.account,
        "orderType": terms.order_type,
        "totalQuantity": terms.quantity,
        "tif": terms.tif,
        "lmtPrice": terms.limit or ZERO,
        "auxPrice": terms.stop or ZERO,
        "trailStopPrice": trail,
        "ocaGroup": terms.oca_group,
        "ocaType": terms.oca_type,
        "dontUseAutoPriceForHedge": True,
        "status": order.status,
    }


def open_order(order: LiveOrder) -> Record:
    """An openOrder message."""
    return {**_echo(order, _OPEN_NAMES), "clientId": order.client_id}


def open_order_frame(order: LiveOrder, version: int) -> bytes:
    """An openOrder message for the socket; what was written once is used again."""
    echo = order.echo
    if echo is None or not echo.is_of(order, version):
        body = MESSAGE_TABLE.encode("openOrder", {**open_order(order), "status": _MARK}, version)
        before, _, after = body.partition(_MARK.encode())
        terms, record, trail = order.terms, order.record, order.stop_price
        order.echo = echo = Echo(version, terms, record, trail, before, after)
    return frame(b"".join((echo.before, order.status.encode(), echo.after)))


def order_status(order: LiveOrder) -> Record:
    """An orderStatus message."""
    return {
        "orderId": order.order_id,
        "status": order.status,
        "filled": order.filled,
        "remaining": order.remaining,
        "avgFillPrice": order.average,
        "permId": order.perm_id,
        "parentId": order.record.get("parentId") or 0,
        "lastFillPrice": order.last_price,
        "clientId": order.client_id,
        "whyHeld": order.why_held,
    }


def completed_order(order: LiveOrder, zone: str) -> Record:
    """A completedOrder message."""
    at = order.completed_at
    return {
        **_echo(order, _COMPLETED_NAMES),
        "filledQuantity": order.filled,
        "autoCancelParent": False,
        "completedTime": "" if at is None else zoned(at, zone),
        "completedStatus": _completed_status(order),
        "status": order.status if order.status in {FILLED, CANCELLED} else "Inactive",
    }


def _completed_status(order: LiveOrder) -> str:
    if order.status == FILLED:
        return f"Filled Size: {plain(order.filled)}"
    return "Cancelled by Trader" if order.status == CANCELLED else order.reason


def zoned(at: datetime, zone: str) -> str:
    """`20250106 09:30:00 US/Eastern`."""
    return f"{at.astimezone(ZoneInfo(zone)):%Y%m%d %H:%M:%S} {zone}"


def execution_time(at: datetime, zone: str, version: int) -> str:
    """The time of an execution: with its zone, or with two blanks and none for old versions."""
    if version >= ZONED_SINCE:
        return zoned(at, zone)
    return f"{at.astimezone(ZoneInfo(zone)):%Y%m%d  %H:%M:%S}"


def exec_details(execution: Execution, req_id: int, time: str) -> Record:
    """An execDetails message; `req_id` is -1 for live ones. By hand means no order id: unset."""
    return {
        **execution.listing.fields(execution.exchange),
        "reqId": req_id,
        "orderId": execution.order_id or UNSET_INT,
        "execId": execution.exec_id,
        "time": time,
        "acctNumber": execution.account,
        "executionExchange": execution.exchange,
        "side": execution.side,
        "shares": execution.shares,
        "price": execution.price,
        "permId": execution.perm_id,
        "execClientId": execution.client_id,
        "cumQty": execution.cumulative,
        "avgPrice": execution.average,
        "orderRef": execution.order_ref,
    }


def commission_report(execution: Execution, *, unset: bool = False) -> Record:
    """A commissionReport message; an opening trade realizes nothing, which is "unset"."""
    realized = None if unset else execution.realized
    return {
        "execId": execution.exec_id,
        "commission": UNSET_NUMBER if unset else execution.commission,
        "currency": execution.listing.currency,
        "realizedPNL": UNSET_REAL if realized is None else str(realized),
    }


def position(account: str, held: Position) -> Record:
    """A position message, also for the multi-account request."""
    return {
        **held.listing.fields(held.listing.primary_exchange),
        "account": account,
        "position": held.quantity,
        "averageCost": round(held.average, 8),
    }


def portfolio(account: str, held: Position, prices: Prices) -> Record:
    """A portfolio message."""
    fields = held.listing.fields()
    del fields["exchange"]
    return {
        **fields,
        "right": held.listing.right or "0",
        "account": account,
        "position": held.quantity,
        "marketPrice": prices.of(held.listing.con_id).mark or ZERO,
        "marketValue": round(held.value(prices), 2),
        "averageCost": round(held.average, 8),
        "unrealizedPNL": round(held.profit(prices), 2),
        "realizedPNL": round(held.realized, 2),
    }


def _margin(trade: Trade, account: Account) -> Decimal:
    """How much more margin a trade needs."""
    held = account.positions.get(trade.listing.con_id)
    before = held.quantity if held else ZERO
    more = abs(before + trade.quantity) - abs(before)
    return more * trade.price * trade.listing.factor * account.rate(trade.listing)


def what_if(order: LiveOrder, trades: Sequence[Trade], account: Account, prices: Prices) -> Record:
    """The openOrder that answers a what-if order, by the trades it would come to."""
    values = account.values(prices)
    margin, equity = values["InitMarginReq"], values["EquityWithLoanValue"]
    change = round(sum((_margin(one, account) for one in trades), ZERO), 2)
    return {
        **open_order(order),
        "whatIf": True,
        "status": "PreSubmitted",
        "initMarginBefore": str(margin),
        "maintMarginBefore": str(margin),
        "equityWithLoanBefore": str(equity),
        "initMarginChange": str(change),
        "maintMarginChange": str(change),
        "equityWithLoanChange": "0",
        "initMarginAfter": str(margin + change),
        "maintMarginAfter": str(margin + change),
        "equityWithLoanAfter": str(equity),
        "commission": sum((one.commission for one in trades), ZERO),
        "commissionCurrency": order.listing.currency,
    }


def what_if_first(order: LiveOrder) -> Record:
    """The useless answer that may come before it: a warning and no numbers."""
    return {
        **open_order(order),
        "whatIf": True,
        "status": "PreSubmitted",
        "warningText": "The margins are being calculated.",
    }
