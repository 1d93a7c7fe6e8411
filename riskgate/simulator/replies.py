"""The broker's facts as wire records: orders, executions, positions, quotes.

Rule 1: an order is echoed as the broker does: what it does not use comes back as its default.
Rule 2: no decisions here, only translation.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from riskgate.simulator.accounts import Account, Position
from riskgate.simulator.book import CANCELLED, FILLED, Execution, LiveOrder
from riskgate.simulator.options import Options
from riskgate.simulator.prices import Prices
from riskgate.simulator.wire.kinds import UNSET_INT, UNSET_NUMBER, UNSET_REAL, Record, plain
from riskgate.simulator.wire.layout import names_in
from riskgate.simulator.wire.orders import COMPLETED_ORDER, OPEN_ORDER

ZERO = Decimal(0)
ZONED_SINCE = 174  # the version from which execution times carry their zone
_OPEN_NAMES = names_in(OPEN_ORDER)
_COMPLETED_NAMES = names_in(COMPLETED_ORDER)


def _echo(order: LiveOrder, names: frozenset[str]) -> Record:
    sent = {name: value for name, value in order.record.items() if name in names}
    terms = order.terms
    return {
        **sent,
        **order.listing.fields(order.exchange),
        "right": order.listing.right or "?",
        "orderId": order.order_id,
        "permId": order.perm_id,
        "account": terms.account,
        "tif": terms.tif,
        "lmtPrice": terms.limit or ZERO,
        "auxPrice": terms.stop or ZERO,
        "ocaType": 3,
        "clearingIntent": sent.get("clearingIntent") or "IB",
        "dontUseAutoPriceForHedge": True,
        "status": order.status,
    }


def open_order(order: LiveOrder) -> Record:
    """An openOrder message."""
    return {**_echo(order, _OPEN_NAMES), "clientId": order.client_id}


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


def what_if(order: LiveOrder, account: Account, prices: Prices, options: Options) -> Record:
    """The openOrder that answers a what-if order: margins and commission, nothing placed."""
    terms, listing = order.terms, order.listing
    mark = terms.limit or prices.of(listing.con_id).mark or ZERO
    change = round(terms.quantity * mark * listing.factor * options.margin_rate, 2)
    values = account.values(prices)
    margin, equity = values["InitMarginReq"], values["EquityWithLoanValue"]
    model = options.commissions.get(listing.sec_type)
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
        "commission": ZERO if model is None else model.total(terms.quantity),
        "commissionCurrency": listing.currency,
    }
