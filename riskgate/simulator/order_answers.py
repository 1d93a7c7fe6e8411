"""The answers to requests about orders and executions."""

from __future__ import annotations

import re
from datetime import datetime
from zoneinfo import ZoneInfo

from riskgate.simulator.answers import answers
from riskgate.simulator.binding import auto_bind, bind
from riskgate.simulator.book import Execution, LiveOrder, Quirks
from riskgate.simulator.checks import Refusal
from riskgate.simulator.division import expected
from riskgate.simulator.moments import moment
from riskgate.simulator.replies import (
    commission_report,
    completed_order,
    exec_details,
    execution_time,
    open_order,
    order_status,
    what_if,
    what_if_first,
)
from riskgate.simulator.session import READING_FAILED, Session
from riskgate.simulator.terms import kept
from riskgate.simulator.wire.codec import Message

UNREADABLE = "Error reading request. execution filter: time: "
_DAYS = re.compile("[0-9]{8}")


@answers("placeOrder")
def place_order(session: Session, message: Message) -> None:
    """Place, change or only price an order."""
    place(session, message, Quirks())


def place(session: Session, message: Message, quirks: Quirks) -> None:
    """Place, change or only price an order, with the misbehaviour that was asked for."""
    if message.flag("whatIf"):
        _price(session, message)
    else:
        session.host.exchange.place(session.client_id or 0, message, quirks)


def _price(session: Session, message: Message) -> None:
    exchange = session.host.exchange
    asked = exchange.check(message)
    order_id = message.integer("orderId")
    if not message.flag("transmit"):
        asked = Refusal(413, "The What-If order should have the transmit flag set to TRUE.")
    if isinstance(asked, Refusal):
        session.error(order_id, asked.code, asked.text)
        return
    terms, listing = asked
    order = LiveOrder(
        perm_id=0,
        order_id=order_id,
        client_id=session.client_id or 0,
        listing=listing,
        terms=terms,
        record=kept(message.fields),
    )
    world = exchange.world
    if world.options.reports.what_if_twice:
        session.send("openOrder", what_if_first(order))
    account = world.accounts[terms.account]
    trades = expected(order, world)
    session.send("openOrder", what_if(order, trades, account, world.prices))


@answers("cancelOrder")
def cancel_order(session: Session, message: Message) -> None:
    """Cancel one order of this client."""
    session.host.exchange.cancel((session.client_id or 0, message.integer("orderId")))


@answers("reqGlobalCancel")
def global_cancel(session: Session, message: Message) -> None:
    """Cancel every order of every client."""
    del message
    session.host.exchange.cancel_all()


def _send_open(session: Session, *, everybody: bool) -> None:
    for order in session.host.exchange.book.open():
        if (everybody or order.client_id == session.client_id) and not order.quirks.muted:
            session.send("openOrder", open_order(order))
            session.send("orderStatus", order_status(order))
    session.send("openOrderEnd", {})


@answers("reqOpenOrders")
def open_orders(session: Session, message: Message) -> None:
    """The open orders of this client; client 0 binds those that were entered by hand."""
    del message
    bind(session)
    _send_open(session, everybody=False)


@answers("reqAllOpenOrders")
def all_open_orders(session: Session, message: Message) -> None:
    """The open orders of all clients."""
    del message
    _send_open(session, everybody=True)


@answers("reqAutoOpenOrders")
def auto_open_orders(session: Session, message: Message) -> None:
    """Bind manual orders from now on; only client 0 may."""
    auto_bind(session, wanted=message.flag("autoBind"))


@answers("reqCompletedOrders")
def completed_orders(session: Session, message: Message) -> None:
    """The orders of the day that are over."""
    del message
    host = session.host
    for order in host.exchange.book.done():
        if order.completed_at is None or _is_today(session, order.completed_at):
            session.send("completedOrder", completed_order(order, host.options.time_zone))
    session.send("completedOrdersEnd", {})


@answers("reqExecutions")
def executions(session: Session, message: Message) -> None:
    """The executions since midnight that pass the filter, each with its commission."""
    req_id = message.integer("reqId")
    try:
        after = _after(session, message)
    except ValueError as fault:
        session.error(req_id, READING_FAILED, f"{UNREADABLE}`{fault}`: yyyymmdd-hh:mm:ss (UTC)")
        return
    for execution in session.host.exchange.book.executions:
        if _is_today(session, execution.at) and _passes(message, execution, after):
            time = execution_time(execution.at, session.host.options.time_zone, session.version)
            session.send("execDetails", exec_details(execution, req_id, time))
            if execution.exec_id not in session.host.exchange.book.unbilled:
                session.send("commissionReport", commission_report(execution))
    session.send("execDetailsEnd", {"reqId": req_id})


def _is_today(session: Session, at: datetime) -> bool:
    zone = ZoneInfo(session.host.options.time_zone)
    today = session.host.clock.now().astimezone(zone).date()
    return at.astimezone(zone).date() == today


def _passes(message: Message, execution: Execution, after: datetime | None) -> bool:
    exact = {
        "acctCode": execution.account,
        "symbol": execution.listing.symbol,
        "secType": execution.listing.sec_type,
        "exchange": execution.exchange,
    }
    return (
        message.integer("clientId") in {0, execution.client_id}
        and all(message.text(key) in {"", value} for key, value in exact.items())
        and message.text("side").upper() in {"", execution.action, execution.side}
        and (after is None or execution.at >= after)
    )


def _after(session: Session, message: Message) -> datetime | None:
    """From when on executions are asked for, None for all. Raises ValueError for no time."""
    said = message.text("time")
    if not said:
        return None
    if _DAYS.fullmatch(said):  # a day means its beginning here
        said += " 00:00:00"
    host = session.host
    found = moment(said, host.options.time_zone, host.clock.now())
    if found is None:
        raise ValueError(said)
    return found
