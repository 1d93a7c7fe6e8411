"""The answers to requests about market data, and the live ticks."""

from __future__ import annotations

from decimal import Decimal
from zoneinfo import ZoneInfo

from riskgate.simulator import (  # noqa: F401  # fill the table of answers
    bar_answers,
    contract_answers,
    plain_answers,
)
from riskgate.simulator.answers import answers, quiet
from riskgate.simulator.checks import Refusal
from riskgate.simulator.contracts import Listing
from riskgate.simulator.greeks import USUAL_VOLATILITY, Greeks, Option, greeks, implied
from riskgate.simulator.hours import years_between
from riskgate.simulator.prices import Quote
from riskgate.simulator.session import READING_FAILED, Line, Session
from riskgate.simulator.wire.codec import Message
from riskgate.simulator.wire.kinds import Record

LIVE, FROZEN, DELAYED, DELAYED_FROZEN = 1, 2, 3, 4
MOST_LINES = 100
# tick type, its delayed twin
BID, ASK, LAST, CLOSE = (1, 66), (2, 67), (4, 68), (9, 75)
BID_SIZE, ASK_SIZE, LAST_SIZE, VOLUME = (0, 69), (3, 70), (5, 71), (8, 74)
OF_BID, OF_ASK, OF_LAST, OF_MODEL = (10, 80), (11, 81), (12, 82), (13, 83)
ASKED_FOR = 53  # the tick type of a computation that a client asked for
HALTED = 49
NO_PRICE, NO_SIZE = Decimal(-1), Decimal(0)

quiet("cancelMktDepth", "cancelHeadTimeStamp", "cancelHistogramData", "cancelScannerSubscription")
quiet("cancelCalculateImpliedVolatility", "cancelCalculateOptionPrice")


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
    refused = _no_line(session, req_id)
    if refused is not None:
        session.error(req_id, refused.code, refused.text)
        return
    delayed = not session.host.options.live_data
    if delayed:
        session.error(req_id, 10167, "Displaying delayed market data.")
    _open_line(session, req_id, listing, delayed=delayed)
    if message.flag("snapshot") or message.flag("regulatorySnapshot"):
        session.wants.lines.pop(req_id, None)
        session.send("tickSnapshotEnd", {"reqId": req_id})


def _no_line(session: Session, req_id: int) -> Refusal | None:
    """Why the client gets no market data line, None when it gets one."""
    if req_id in session.wants.lines:
        return Refusal(322, "Error processing request.-'bQ' : cause - Duplicate ticker id")
    if len(session.wants.lines) >= MOST_LINES:
        return Refusal(101, "Max number of tickers has been reached.")
    if not session.host.options.live_data and session.wants.data_type < DELAYED:
        return Refusal(354, "Requested market data is not subscribed.")
    return None


def _data_type(session: Session, listing: Listing, *, delayed: bool) -> int:
    """What the data is; frozen only while the market is closed, and if that was asked for."""
    wanted = session.wants.data_type
    is_frozen = wanted in {FROZEN, DELAYED_FROZEN} and not _is_open(session, listing)
    if delayed:
        return DELAYED_FROZEN if is_frozen else DELAYED
    return FROZEN if is_frozen else LIVE


def _is_open(session: Session, listing: Listing) -> bool:
    if not session.host.options.sessions:
        return True
    now = session.host.clock.now()
    return listing.trading.span_at(now, ZoneInfo(listing.time_zone)).opens <= now


def _open_line(session: Session, req_id: int, listing: Listing, *, delayed: bool) -> None:
    line = Line(listing.con_id, delayed)
    session.wants.lines[req_id] = line
    data_type = _data_type(session, listing, delayed=delayed)
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
    prices = session.host.exchange.world.prices
    market = prices.of(line.con_id)
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
        (VOLUME, market.last, prices.volume(line.con_id)),
    )
    for kinds, price, size in sizes:
        if price is not None:
            session.send("tickSize", {"reqId": req_id, "tickType": kinds[twin], "size": size})

    halted = Decimal(1 if market.halted else 0)
    session.send("tickGeneric", {"reqId": req_id, "tickType": HALTED, "value": halted})
    _send_computations(session, req_id, line, market)


def _tick(session: Session, about: tuple[int, int], price: Decimal, size: Decimal) -> None:
    req_id, kind = about
    session.send("tickPrice", {"reqId": req_id, "tickType": kind, "price": price, "size": size})


def after_quote(session: Session, con_id: int) -> None:
    """Send the new quote to a client, as far as it asked; an option follows its underlying."""
    prices = session.host.exchange.world.prices
    for req_id, line in session.wants.lines.items():
        if line.con_id != con_id and not _is_upon(session, line.con_id, con_id):
            continue
        if line.con_id == con_id or not prices.is_set(line.con_id):
            _send_ticks(session, req_id, line)
        else:
            _send_computations(session, req_id, line, prices.of(line.con_id))
    for stream in tuple(session.wants.streams.values()):
        is_derived = not prices.is_set(stream.con_id) and _is_upon(session, stream.con_id, con_id)
        if stream.con_id == con_id or is_derived:
            stream.priced()


def _is_upon(session: Session, con_id: int, under: int) -> bool:
    """True for an option on this underlying."""
    listing = session.host.exchange.world.catalogue.by_con_id(con_id)
    return listing is not None and listing.sec_type == "OPT" and listing.under_con_id == under


# -- options --------------------------------------------------------------------------------------


def _option(session: Session, listing: Listing) -> tuple[Option, float] | None:
    """An option and the price of its underlying, None when it is none or has none."""
    under = session.host.exchange.world.prices.of(listing.under_con_id).mark
    if listing.sec_type != "OPT" or under is None:
        return None
    today = session.host.clock.now().date()
    years = years_between(today, listing.expiry)
    return Option(listing.right, float(listing.strike), years), float(under)


def _send_computations(session: Session, req_id: int, line: Line, market: Quote) -> None:
    listing = session.host.exchange.world.catalogue.by_con_id(line.con_id)
    found = None if listing is None else _option(session, listing)
    if found is None:
        return
    option, under = found
    twin = 1 if line.delayed else 0
    for kinds, price in ((OF_BID, market.bid), (OF_ASK, market.ask), (OF_LAST, market.last)):
        if price is not None:
            volatility = implied(option, under, float(price))
            record = _computation(option, under, volatility, float(price))
            about: Record = {"reqId": req_id, "tickType": kinds[twin]}
            session.send("tickOptionComputation", {**record, **about})
    middle, is_set = market.middle, session.host.exchange.world.prices.is_set(line.con_id)
    scripted = middle if is_set else None
    volatility = None if scripted is None else implied(option, under, float(scripted))
    record = _computation(option, under, volatility or USUAL_VOLATILITY, None)
    about = {"reqId": req_id, "tickType": OF_MODEL[twin]}
    session.send("tickOptionComputation", {**record, **about})


def _computation(
    option: Option, under: float, volatility: float | None, price: float | None
) -> Record:
    """A computation; what cannot be computed is left to the message's own words for that."""
    known: Record = {"tickAttrib": 0, "pvDividend": Decimal(0), "undPrice": _decimal(under)}
    if price is not None:
        known["optPrice"] = _decimal(price)
    if volatility is None:
        return known
    found: Greeks = greeks(option, under, volatility)
    return {
        **known,
        "impliedVol": _decimal(volatility),
        "optPrice": _decimal(found.price if price is None else price),
        "delta": _decimal(found.delta),
        "gamma": _decimal(found.gamma),
        "vega": _decimal(found.vega),
        "theta": _decimal(found.theta),
    }


def _decimal(value: float) -> Decimal:
    return Decimal(repr(round(value, 8)))


def _is_amount(number: Decimal | None) -> bool:
    return number is not None and number.is_finite() and number > 0


@answers("calculateImpliedVolatility")
@answers("calculateOptionPrice")
def calculate(session: Session, message: Message) -> None:
    """The volatility for a price of an option, or the price for a volatility."""
    req_id = message.integer("reqId")
    listing = session.host.exchange.listing_for(message)
    under = message.number("underPrice")
    found = None if isinstance(listing, Refusal) else _option(session, listing)
    if found is None:
        session.error(req_id, 200, "No security definition has been found for the request")
        return
    option, _ = found
    price, volatility = message.number("optionPrice"), message.number("volatility")
    if under is None or not all(_is_amount(one) for one in (under, price or volatility)):
        session.error(req_id, READING_FAILED, f"{message.name}: a number is not above zero")
        return
    if price is not None:
        level = implied(option, float(under), float(price))
        record = _computation(option, float(under), level, float(price))
    else:
        record = _computation(option, float(under), float(volatility or 0), None)
    session.send("tickOptionComputation", {**record, "reqId": req_id, "tickType": ASKED_FOR})
