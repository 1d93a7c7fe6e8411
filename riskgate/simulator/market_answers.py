"""The answers to requests about contracts and market data, and the live ticks."""

from __future__ import annotations

from decimal import Decimal
from itertools import groupby
from zoneinfo import ZoneInfo

from riskgate.simulator.answers import answers, quiet
from riskgate.simulator.checks import NO_DEFINITION, Refusal
from riskgate.simulator.contracts import Listing, details_fields
from riskgate.simulator.session import Line, Session
from riskgate.simulator.wire.codec import Message
from riskgate.simulator.wire.kinds import Record, Value

LIVE, DELAYED = 1, 3
# tick type, its delayed twin
BID, ASK, LAST, CLOSE = (1, 66), (2, 67), (4, 68), (9, 75)
BID_SIZE, ASK_SIZE, LAST_SIZE = (0, 69), (3, 70), (5, 71)
HALTED = 49
NO_PRICE, NO_SIZE = Decimal(-1), Decimal(0)

quiet("cancelMktDepth", "cancelRealTimeBars", "cancelHistoricalData", "cancelTickByTickData")
quiet("cancelHeadTimeStamp", "cancelHistogramData", "cancelScannerSubscription")


# -- contracts ------------------------------------------------------------------------------------


@answers("reqContractDetails")
def contract_details(session: Session, message: Message) -> None:
    """Every listing the description fits."""
    req_id = message.integer("reqId")
    found = session.host.exchange.world.catalogue.find(message)
    if not found:
        session.error(req_id, NO_DEFINITION.code, NO_DEFINITION.text)
        return
    for listing in found:
        record = details_fields(listing, _hours(session, listing), message.text("exchange"))
        session.send("contractDetails", {**record, "reqId": req_id})
    session.send("contractDetailsEnd", {"reqId": req_id})


def _hours(session: Session, listing: Listing) -> tuple[str, str]:
    today = session.host.clock.now().astimezone(ZoneInfo(listing.time_zone)).date()
    return listing.trading.shown(today), listing.liquid.shown(today)


@answers("reqMatchingSymbols")
def matching_symbols(session: Session, message: Message) -> None:
    """The stocks that start with the pattern."""
    found = session.host.exchange.world.catalogue.starting_with(message.text("pattern"))
    samples: list[Record] = [
        {
            "conId": one.con_id,
            "symbol": one.symbol,
            "secType": one.sec_type,
            "primaryExchange": one.primary_exchange,
            "currency": one.currency,
            "derivativeSecTypes": [{"secType": "OPT"}],
            "description": one.long_name,
            "issuerId": "",
        }
        for one in found
    ]
    session.send("symbolSamples", {"reqId": message.integer("reqId"), "samples": samples})


@answers("reqSecDefOptParams")
def option_parameters(session: Session, message: Message) -> None:
    """The expirations and strikes of the options on an underlying."""
    req_id = message.integer("reqId")
    found = session.host.exchange.world.catalogue.options_of(
        message.integer("underlyingConId"), message.text("underlyingSymbol")
    )
    for trading_class, group in groupby(found, lambda one: one.trading_class):
        options = list(group)
        expirations: list[Record] = [
            {"expiration": text} for text in sorted({one.expiry for one in options})
        ]
        strikes: list[Record] = [{"strike": k} for k in sorted({one.strike for one in options})]
        record: dict[str, Value] = {
            "reqId": req_id,
            "exchange": "SMART",
            "underlyingConId": options[0].under_con_id,
            "tradingClass": trading_class,
            "multiplier": options[0].multiplier,
            "expirations": expirations,
            "strikes": strikes,
        }
        session.send("securityDefinitionOptionParameter", record)
    session.send("securityDefinitionOptionParameterEnd", {"reqId": req_id})


@answers("reqMarketRule")
def market_rule(session: Session, message: Message) -> None:
    """The price steps of a rule, which are the tick of the listings that have it."""
    rule = message.integer("marketRuleId")
    ticks = {
        one.min_tick for one in session.host.exchange.world.catalogue if one.market_rule == rule
    }
    if not ticks:
        session.error(-1, 321, "Error validating request.-'cA' : cause - Invalid market rule id")
        return
    increments: list[Record] = [{"lowEdge": Decimal(0), "increment": min(ticks)}]
    session.send("marketRule", {"marketRuleId": rule, "increments": increments})


# -- market data ----------------------------------------------------------------------------------


@answers("reqMarketDataType")
def market_data_type(session: Session, message: Message) -> None:
    """Live, frozen, delayed or delayed frozen data from now on."""
    session.wants.data_type = message.integer("marketDataType")


@answers("reqMktData")
def market_data(session: Session, message: Message) -> None:
    """One snapshot, or the quote now and each change from now on."""
    req_id = message.integer("reqId")
    listing = session.host.exchange.listing_for(message)
    if isinstance(listing, Refusal):
        session.error(req_id, listing.code, listing.text)
        return
    if req_id in session.wants.lines:
        session.error(req_id, 322, "Error processing request.-'bQ' : cause - Duplicate ticker id")
        return
    delayed = not session.host.options.live_data
    if delayed and session.wants.data_type < DELAYED:
        session.error(req_id, 354, "Requested market data is not subscribed.")
        return
    if delayed:
        session.error(req_id, 10167, "Displaying delayed market data.")
    _open_line(session, req_id, listing, delayed=delayed)
    if message.flag("snapshot") or message.flag("regulatorySnapshot"):
        session.wants.lines.pop(req_id, None)
        session.send("tickSnapshotEnd", {"reqId": req_id})


def _open_line(session: Session, req_id: int, listing: Listing, *, delayed: bool) -> None:
    line = Line(listing.con_id, delayed)
    session.wants.lines[req_id] = line
    data_type = DELAYED if delayed else LIVE
    session.send("marketDataType", {"reqId": req_id, "marketDataType": data_type})
    session.send(
        "tickReqParams",
        {
            "reqId": req_id,
            "minTick": listing.min_tick,
            "bboExchange": "9c0001",
            "snapshotPermissions": 3,
        },
    )
    _send_ticks(session, req_id, line)


@answers("cancelMktData")
def cancel_market_data(session: Session, message: Message) -> None:
    """No more ticks."""
    req_id = message.integer("reqId")
    if session.wants.lines.pop(req_id, None) is None:
        session.error(req_id, 300, f"Can't find EId with tickerId:{req_id}")


def _send_ticks(session: Session, req_id: int, line: Line) -> None:
    market = session.host.exchange.world.prices.of(line.con_id)
    twin = 1 if line.delayed else 0
    sides = ((BID, market.bid, market.bid_size), (ASK, market.ask, market.ask_size))
    for kinds, price, size in sides:
        shown = (NO_PRICE, NO_SIZE) if price is None else (price, size)
        _tick(session, (req_id, kinds[twin]), *shown)
    if market.last is not None:
        _tick(session, (req_id, LAST[twin]), market.last, market.last_size)
    if market.close is not None:
        _tick(session, (req_id, CLOSE[twin]), market.close, NO_SIZE)
    sizes = (
        (BID_SIZE, market.bid, market.bid_size),
        (ASK_SIZE, market.ask, market.ask_size),
        (LAST_SIZE, market.last, market.last_size),
    )
    for kinds, price, size in sizes:
        if price is not None:
            session.send("tickSize", {"reqId": req_id, "tickType": kinds[twin], "size": size})

    halted = Decimal(1 if market.halted else 0)
    session.send("tickGeneric", {"reqId": req_id, "tickType": HALTED, "value": halted})


def _tick(session: Session, about: tuple[int, int], price: Decimal, size: Decimal) -> None:
    req_id, kind = about
    session.send("tickPrice", {"reqId": req_id, "tickType": kind, "price": price, "size": size})


def after_quote(session: Session, con_id: int) -> None:
    """Send the new quote to a client, as far as it asked."""
    for req_id, line in session.wants.lines.items():
        if line.con_id == con_id:
            _send_ticks(session, req_id, line)
