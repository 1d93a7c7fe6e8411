"""The lives of the order types: what is sent, what it waits for, and what it comes to.

The market stands at 189.99 to 190.01, last 190.00. A life names the fields of the order, the
status it waits in ("" when it fills at once), how the market moves, and the price it fills at.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from riskgate.simulator import Running, quote
from tests.wire.conftest import client_library

if TYPE_CHECKING:
    from tests.wire.conftest import Contract, Desk, Order, Trade

ib = client_library()
STANDS = ("189.99", "190.01", "190.00")
DOWN = ("188.90", "188.95", "188.92")
UP = ("191.10", "191.20", "191.15")
OPENING, CLOSING = "opening", "closing"
SPY = 756733


@dataclass(frozen=True)
class Life:
    """One order from its placing to its fill."""

    terms: dict[str, object]
    waits: str
    price: float
    moves: tuple[tuple[str, str, str], ...] = ()
    auction: str = ""
    mover: str = "AAPL"
    sell: bool = False
    contract: dict[str, object] = field(default_factory=dict)


def life(waits: str, price: float, *moves: tuple[str, str, str], **terms: object) -> Life:
    return Life(terms, waits, price, moves)


def called(auction: str, **terms: object) -> Life:
    return Life(terms, "PreSubmitted", 190.00, auction=auction)


def selling(waits: str, price: float, *moves: tuple[str, str, str], **terms: object) -> Life:
    return Life(terms, waits, price, moves, sell=True)


AT_ONCE = {
    "MKT": life("", 190.01, orderType="MKT"),
    "MKT PRT": life("", 190.01, orderType="MKT PRT"),
    "MTL": life("", 190.01, orderType="MTL"),
    "BOX TOP": life("", 190.01, orderType="BOX TOP"),
    "discretionary": life("", 190.01, orderType="LMT", lmtPrice=189.90, discretionaryAmt=0.15),
    "hidden": life("", 190.01, orderType="LMT", lmtPrice=190.05, hidden=True),
    "sweep to fill": life("", 190.01, orderType="LMT", lmtPrice=190.05, sweepToFill=True),
    "block": life("", 190.01, orderType="LMT", lmtPrice=190.05, blockOrder=True),
    "all or none": life("", 190.01, orderType="LMT", lmtPrice=190.05, allOrNone=True),
    "minimum": life("", 190.01, orderType="LMT", lmtPrice=190.05, minQty=80),
    "iceberg": life("", 190.01, orderType="LMT", lmtPrice=190.05, displaySize=30),
    "cash": life("", 190.01, orderType="MKT", totalQuantity=0, cashQty=20000),
    "scale": life(
        "",
        190.01,
        orderType="LMT",
        lmtPrice=190.05,
        scaleInitLevelSize=50,
        scaleSubsLevelSize=50,
        scalePriceIncrement=0.01,
    ),
    "not held": Life(
        {"orderType": "LMT", "lmtPrice": 190.05, "notHeld": True, "minTradeQty": 10},
        "",
        190.01,
        contract={"exchange": "IBKRATS"},
    ),
    "IOC": life("", 190.01, orderType="LMT", lmtPrice=190.05, tif="IOC"),
    "FOK": life("", 190.01, orderType="LMT", lmtPrice=190.05, tif="FOK"),
    "DTC": life("", 190.01, orderType="LMT", lmtPrice=190.05, tif="DTC"),
    "manual time": life(
        "", 190.01, orderType="LMT", lmtPrice=190.05, manualOrderTime="20250106-14:30:00"
    ),
    "auction strategy": life("", 190.01, orderType="LMT", lmtPrice=190.05, auctionStrategy=1),
}
WAITING = {
    "LMT": life("Submitted", 188.95, DOWN, orderType="LMT", lmtPrice=189.00),
    "GTC": life("Submitted", 188.95, DOWN, orderType="LMT", lmtPrice=189.00, tif="GTC"),
    "STP": life("PreSubmitted", 191.20, UP, orderType="STP", auxPrice=191.00),
    "STP LMT": life(
        "PreSubmitted", 191.20, UP, orderType="STP LMT", auxPrice=191.00, lmtPrice=191.50
    ),
    "STP PRT": life("PreSubmitted", 191.20, UP, orderType="STP PRT", auxPrice=191.00),
    "STP by bid and ask": life(
        "PreSubmitted", 191.20, UP, orderType="STP", auxPrice=191.00, triggerMethod=4
    ),
    "STP by two lasts": life(
        "PreSubmitted",
        191.30,
        UP,
        ("191.20", "191.30", "191.25"),
        orderType="STP",
        auxPrice=191.00,
        triggerMethod=3,
    ),
    "STP by the middle": life(
        "PreSubmitted", 191.20, UP, orderType="STP", auxPrice=191.00, triggerMethod=8
    ),
    "MIT": life("PreSubmitted", 188.95, DOWN, orderType="MIT", auxPrice=189.00),
    "LIT": life("PreSubmitted", 188.95, DOWN, orderType="LIT", auxPrice=189.00, lmtPrice=189.10),
    "TRAIL by an amount": selling(
        "PreSubmitted",
        193.90,
        ("194.99", "195.01", "195.00"),
        ("193.90", "193.95", "193.92"),
        orderType="TRAIL",
        auxPrice=1,
    ),
    "TRAIL by percent": selling(
        "PreSubmitted",
        197.90,
        ("199.99", "200.01", "200.00"),
        ("197.90", "197.95", "197.92"),
        orderType="TRAIL",
        trailingPercent=1,
    ),
    "TRAIL LIMIT": selling(
        "PreSubmitted",
        188.80,
        ("188.80", "188.90", "188.85"),
        orderType="TRAIL LIMIT",
        trailStopPrice=189.00,
        auxPrice=1,
        lmtPriceOffset=0.5,
    ),
    "adjustable stop": selling(
        "PreSubmitted",
        192.90,
        ("194.99", "195.01", "195.00"),
        ("192.90", "192.95", "192.92"),
        orderType="STP",
        auxPrice=188.00,
        triggerPrice=194.00,
        adjustedOrderType="STP",
        adjustedStopPrice=193.00,
    ),
    "adjustable to STP LMT": selling(
        "PreSubmitted",
        192.90,
        ("194.99", "195.01", "195.00"),
        ("192.90", "192.95", "192.92"),
        orderType="STP",
        auxPrice=188.00,
        triggerPrice=194.00,
        adjustedOrderType="STP LMT",
        adjustedStopPrice=193.00,
        adjustedStopLimitPrice=192.50,
    ),
    "adjustable to TRAIL": selling(
        "PreSubmitted",
        198.40,
        ("194.99", "195.01", "195.00"),
        ("199.99", "200.01", "200.00"),
        ("198.40", "198.45", "198.42"),
        orderType="STP",
        auxPrice=188.00,
        triggerPrice=194.00,
        adjustedOrderType="TRAIL",
        adjustedStopPrice=193.00,
        adjustedTrailingAmount=1.5,
    ),
    "MIDPRICE": life("Submitted", 190.00, STANDS, orderType="MIDPRICE"),
    "MIDPRICE with a cap": life(
        "Submitted",
        189.50,
        STANDS,
        ("189.55", "189.65", "189.50"),
        orderType="MIDPRICE",
        lmtPrice=189.50,
    ),
    "PEG MID": life("Submitted", 190.00, STANDS, orderType="PEG MID", auxPrice=0),
    "PEG MID at IBKRATS": Life(
        {
            "orderType": "PEG MID",
            "notHeld": True,
            "minTradeQty": 10,
            "midOffsetAtWhole": 0.0,
            "midOffsetAtHalf": 0.0,
        },
        "Submitted",
        190.00,
        (STANDS,),
        contract={"exchange": "IBKRATS"},
    ),
    "PEG MKT": life(
        "Submitted", 189.99, ("189.99", "190.01", "189.99"), orderType="PEG MKT", auxPrice=0.02
    ),
    "PEG PRIM": life("Submitted", 190.00, STANDS, orderType="PEG PRIM", auxPrice=0.01),
    "REL": life("Submitted", 190.00, STANDS, orderType="REL", auxPrice=0.01),
    "REL in percent": life(
        "Submitted", 191.8899, ("189.99", "190.01", "190.00"), orderType="REL", percentOffset=0.01
    ),
    "REL with a cap": life(
        "Submitted",
        189.99,
        STANDS,
        ("189.98", "189.99", "189.98"),
        orderType="REL",
        auxPrice=0.05,
        lmtPrice=189.99,
    ),
    "PASSV REL": life(
        "Submitted", 189.98, ("189.99", "190.01", "189.98"), orderType="PASSV REL", auxPrice=0.01
    ),
    "PEG BEST": life(
        "Submitted", 190.00, STANDS, orderType="PEG BEST", competeAgainstBestOffset=0.01
    ),
    "PEG BEST up to mid": Life(
        {
            "orderType": "PEG BEST",
            "notHeld": True,
            "minTradeQty": 10,
            "minCompeteSize": 10,
            "competeAgainstBestOffset": float("inf"),
            "midOffsetAtWhole": 0.0,
            "midOffsetAtHalf": 0.0,
        },
        "Submitted",
        190.00,
        (STANDS,),
        contract={"exchange": "IBKRATS"},
    ),
    "PEG STK": life(
        "Submitted",
        189.00,
        ("188.90", "189.00", "189.00"),
        orderType="PEG STK",
        delta=50,
        stockRefPrice=190,
        startingPrice=189.50,
    ),
    "PEG BENCH": Life(
        {
            "orderType": "PEG BENCH",
            "startingPrice": 189.00,
            "stockRefPrice": 550,
            "referenceContractId": SPY,
            "peggedChangeAmount": 1,
            "referenceChangeAmount": 1,
            "referenceExchangeId": "ARCA",
        },
        "Submitted",
        190.01,
        (("551.49", "551.51", "551.50"),),
        mover="SPY",
    ),
    "queued by conditions": life(
        "PreSubmitted",
        191.20,
        UP,
        orderType="MKT",
        conditions=[ib.PriceCondition(price=191.0, conId=265598, exch="SMART", isMore=True)],
    ),
}
AUCTIONS = {
    "MOC": called(CLOSING, orderType="MOC"),
    "LOC": called(CLOSING, orderType="LOC", lmtPrice=190.50),
    "MKT at the opening": called(OPENING, orderType="MKT", tif="OPG"),
    "LMT at the opening": called(OPENING, orderType="LMT", tif="OPG", lmtPrice=190.50),
    "at auction": called(OPENING, orderType="MTL", tif="AUC", lmtPrice=190.50),
    "MOO": called(OPENING, orderType="MOO"),
    "LOO": called(OPENING, orderType="LOO", lmtPrice=190.50),
}
LIVES = AT_ONCE | WAITING | AUCTIONS
TO_REST = {name: one for name, one in (WAITING | AUCTIONS).items() if not name.startswith("REL in")}


def contract(one: Life) -> Contract:
    found: Contract = ib.Stock("AAPL", **{"exchange": "SMART", "currency": "USD", **one.contract})
    return found


def order(one: Life) -> Order:
    usual = {"action": "SELL" if one.sell else "BUY", "totalQuantity": 100, "tif": "DAY"}
    made: Order = ib.Order(**{**usual, **one.terms})
    return made


def play_on(sim: Running, one: Life) -> None:
    """Move the market, or hold the auction, as the life has it."""
    for move in one.moves:
        sim.set_price(one.mover, quote(*move))
        sim.settle()
    if one.auction:
        {OPENING: sim.open_day, CLOSING: sim.close_day}[one.auction]()


async def rest(desk: Desk, one: Life) -> Trade:
    return await desk.place(contract(one), order(one), one.waits or "Filled")
