"""The lives of the order types: what is sent, what it waits for, what it comes to, what changes it.

To add a type is to add a row: it is then placed, read back, filled, modified and cancelled by
`test_lives`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.contract.order_types.life import (
    DOWN,
    STANDS,
    SUBMITTED,
    UP,
    Life,
    an_hour,
    at_once,
    closes,
    moves,
    much_volume,
    opens,
    others_trade,
    sleeps,
    waits,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from riskgate.simulator import Running

TYPES = {
    "market": at_once("BUY 100 AAPL MKT DAY", "BUY 70 AAPL MKT DAY"),
    "limit": waits("BUY 100 AAPL LMT 189 DAY", "BUY 70 AAPL LMT 188.5 DAY", "188.95", moves(DOWN)),
    "stop": sleeps("BUY 100 AAPL STP 191 DAY", "BUY 70 AAPL STP 191.5 DAY", "191.2", moves(UP)),
    "stop-limit": sleeps(
        "BUY 100 AAPL STP_LMT 191 191.5 DAY",
        "BUY 100 AAPL STP_LMT 191.25 191.75 DAY",
        "191.2",
        moves(UP),
    ),
    "trailing stop by an amount": sleeps(
        "SELL 100 AAPL TRAIL 1 DAY",
        "SELL 100 AAPL TRAIL 1.5 DAY",
        "193.9",
        moves(("194.99", "195.01", "195.00"), ("193.90", "193.95", "193.92")),
    ),
    "trailing stop by percent": sleeps(
        "SELL 100 AAPL TRAIL 1% DAY",
        "SELL 70 AAPL TRAIL 2.5% DAY",
        "197.9",
        moves(("199.99", "200.01", "200.00"), ("197.90", "197.95", "197.92")),
    ),
    "trailing stop with a start": sleeps(
        "SELL 100 AAPL TRAIL 1 DAY trail_stop_price=189.5",
        "SELL 100 AAPL TRAIL 2 DAY trail_stop_price=189.5",
        "189.4",
        moves(("189.40", "189.45", "189.42")),
    ),
    "trailing stop-limit": sleeps(
        "SELL 100 AAPL TRAIL_LMT 1 0.5 DAY trail_stop_price=189",
        "SELL 100 AAPL TRAIL_LMT 1.25 0.75 DAY trail_stop_price=189",
        "188.8",
        moves(("188.80", "188.90", "188.85")),
    ),
    "trailing stop-limit by percent": sleeps(
        "SELL 100 AAPL TRAIL_LMT 1% 0.5 DAY trail_stop_price=189",
        "SELL 100 AAPL TRAIL_LMT 2% 0.5 DAY trail_stop_price=189",
        "188.8",
        moves(("188.80", "188.90", "188.85")),
    ),
    "market on close": sleeps("BUY 100 AAPL MOC DAY", "BUY 70 AAPL MOC DAY", "190", closes),
    "limit on close": sleeps(
        "BUY 100 AAPL LOC 190.5 DAY", "BUY 70 AAPL LOC 190.75 DAY", "190", closes
    ),
    "market on open": sleeps("BUY 100 AAPL MKT OPG", "BUY 70 AAPL MKT OPG", "190", opens),
    "limit on open": sleeps(
        "BUY 100 AAPL LMT 190.5 OPG", "BUY 100 AAPL LMT 190.75 OPG", "190", opens
    ),
    "at the auction": sleeps(
        "BUY 100 AAPL MTL 190.5 AUC", "BUY 100 AAPL MTL 190.75 AUC", "190", opens
    ),
    "market if touched": sleeps(
        "BUY 100 AAPL MIT 189 DAY", "BUY 100 AAPL MIT 188.5 DAY", "188.95", moves(DOWN)
    ),
    "limit if touched": sleeps(
        "BUY 100 AAPL LIT 189 189.1 DAY", "BUY 70 AAPL LIT 188.5 188.6 DAY", "188.95", moves(DOWN)
    ),
    "market to limit": at_once("BUY 100 AAPL MTL DAY", "BUY 70 AAPL MTL DAY"),
    "market with protection": at_once("BUY 100 AAPL MKT_PRT DAY", "BUY 70 AAPL MKT_PRT DAY"),
    "stop with protection": sleeps(
        "BUY 100 AAPL STP_PRT 191 DAY", "BUY 100 AAPL STP_PRT 191.5 DAY", "191.2", moves(UP)
    ),
    "midprice": waits(
        "BUY 100 AAPL MIDPRICE DAY", "BUY 70 AAPL MIDPRICE 189.5 DAY", "190", moves(STANDS)
    ),
    "midprice with a cap": waits(
        "BUY 100 AAPL MIDPRICE 189.5 DAY",
        "BUY 100 AAPL MIDPRICE DAY",
        "189.5",
        moves(STANDS, ("189.55", "189.65", "189.50")),
    ),
    "relative": waits(
        "BUY 100 AAPL REL 0.01 DAY", "BUY 100 AAPL REL 0.02 190 DAY", "190", moves(STANDS)
    ),
    "relative with a cap": waits(
        "BUY 100 AAPL REL 0.05 189.99 DAY",
        "BUY 100 AAPL REL 0.05 189.5 DAY",
        "189.99",
        moves(STANDS, ("189.98", "189.99", "189.98")),
    ),
    "pegged to market": waits(
        "BUY 100 AAPL PEG_MKT 0.02 DAY",
        "BUY 100 AAPL PEG_MKT 0.03 DAY",
        "189.99",
        moves(("189.99", "190.01", "189.99")),
    ),
    "pegged to midpoint": waits(
        "BUY 100 AAPL PEG_MID 0 DAY", "BUY 100 AAPL PEG_MID 0.01 190.5 DAY", "190", moves(STANDS)
    ),
    "pegged to midpoint at IBKRATS": waits(
        "BUY 100 AAPL@IBKRATS PEG_MID 0 DAY not_held=true min_trade_quantity=10 "
        "mid_offset_at_whole=0 mid_offset_at_half=0",
        "BUY 70 AAPL@IBKRATS PEG_MID 0 DAY not_held=true min_trade_quantity=10 "
        "mid_offset_at_whole=0 mid_offset_at_half=0",
        "190",
        moves(STANDS),
    ),
    "pegged to best": waits(
        "BUY 100 AAPL@IBKRATS PEG_BEST 190.5 DAY not_held=true min_trade_quantity=10 "
        "min_compete_size=10 compete_offset=0.01",
        "BUY 100 AAPL@IBKRATS PEG_BEST 190.25 DAY not_held=true min_trade_quantity=10 "
        "min_compete_size=10 compete_offset=0.01",
        "190",
        moves(STANDS),
    ),
}
INSTRUCTIONS = {
    "discretionary": at_once(
        "BUY 100 AAPL LMT 189.9 DAY discretionary_amount=0.15",
        "BUY 100 AAPL LMT 189.9 DAY discretionary_amount=0.2",
    ),
    "iceberg": at_once(
        "BUY 100 AAPL LMT 190.05 DAY display_size=30", "BUY 100 AAPL LMT 190.05 DAY display_size=20"
    ),
    "hidden": at_once(
        "BUY 100 AAPL LMT 190.05 DAY hidden=true", "BUY 70 AAPL LMT 190.02 DAY hidden=true"
    ),
    "all or none": at_once(
        "BUY 100 AAPL LMT 190.05 DAY all_or_none=true",
        "BUY 70 AAPL LMT 190.05 DAY all_or_none=true",
    ),
    "minimum quantity": at_once(
        "BUY 100 AAPL LMT 190.05 DAY min_quantity=80",
        "BUY 90 AAPL LMT 190.05 DAY min_quantity=80",
    ),
    "sweep to fill": at_once(
        "BUY 100 AAPL LMT 190.05 DAY sweep_to_fill=true",
        "BUY 100 AAPL LMT 190.03 DAY sweep_to_fill=true",
    ),
    "block": at_once(
        "BUY 100 AAPL LMT 190.05 DAY block=true", "BUY 90 AAPL LMT 190.05 DAY block=true"
    ),
    "not held at IBKRATS": at_once(
        "BUY 100 AAPL@IBKRATS LMT 190.05 DAY not_held=true min_trade_quantity=10",
        "BUY 70 AAPL@IBKRATS LMT 190.05 DAY not_held=true min_trade_quantity=10",
    ),
    "a directed venue": at_once("BUY 100 AAPL@ARCA LMT 190.05 DAY", "BUY 70 AAPL@ARCA LMT 190 DAY"),
    "stop by bid and ask": sleeps(
        "BUY 100 AAPL STP 191 DAY trigger_method=bid_ask",
        "BUY 100 AAPL STP 191.5 DAY trigger_method=bid_ask",
        "191.2",
        moves(UP),
    ),
    "stop by two lasts": sleeps(
        "BUY 100 AAPL STP 191 DAY trigger_method=double_last",
        "BUY 100 AAPL STP 191.5 DAY trigger_method=double_last",
        "191.3",
        moves(UP, ("191.20", "191.30", "191.25")),
    ),
    "stop by the middle": sleeps(
        "BUY 100 AAPL STP 191 DAY trigger_method=midpoint",
        "BUY 100 AAPL STP 191.5 DAY trigger_method=midpoint",
        "191.2",
        moves(UP),
    ),
    "outside of regular hours": at_once(
        "BUY 100 AAPL LMT 190.05 DAY outside_rth=true",
        "BUY 70 AAPL LMT 190.05 DAY outside_rth=true",
    ),
    "good after a time": sleeps(
        "BUY 100 AAPL LMT 190.05 DAY good_after=2025-01-06T13:00:00-05:00",
        "BUY 100 AAPL LMT 190.04 DAY good_after=2025-01-06T13:00:00-05:00",
        "190.01",
        an_hour,
    ),
    "for an amount of cash": Life(
        "BUY 0 AAPL MKT DAY cash_quantity=20000", None, "190.01", filled="105"
    ),
    "for an amount of cash at a limit": Life(
        "BUY 0 AAPL LMT 189 DAY cash_quantity=18900",
        SUBMITTED,
        "188.95",
        (moves(DOWN),),
        "BUY 0 AAPL LMT 188.5 DAY cash_quantity=18900",
    ),
    "a part of a share": Life(
        "BUY 0.5 AAPL MKT DAY", None, "190.01", filled="0.5", halt=True, fractional=True
    ),
}
TIMES = {
    "good till cancelled": waits(
        "BUY 100 AAPL LMT 189 GTC", "BUY 100 AAPL LMT 188.5 GTC", "188.95", closes, moves(DOWN)
    ),
    "good till a date": waits(
        "BUY 100 AAPL LMT 189 GTD 2025-01-06T15:00:00-05:00",
        "BUY 100 AAPL LMT 189 GTD 2025-01-06T16:00:00-05:00",
        "188.95",
        an_hour,
        moves(DOWN),
    ),
    "immediate or cancel": Life("BUY 100 AAPL LMT 190.05 IOC", None, "190.01", ends_at_once=True),
    "fill or kill": Life("BUY 100 AAPL LMT 190.05 FOK", None, "190.01", ends_at_once=True),
    "day to immediate": Life(
        "BUY 100 AAPL LMT 189 DAY",
        SUBMITTED,
        "188.95",
        (moves(DOWN),),
        "BUY 100 AAPL LMT 188 GTC",
    ),
    "overnight": at_once("BUY 100 AAPL LMT 190.05 OVERNIGHT", "BUY 70 AAPL LMT 189 OVERNIGHT"),
}
ADJUSTED = {
    "a stop that becomes a stop": sleeps(
        'SELL 100 AAPL STP 188 DAY adjusts="at 194 to STP 193"',
        'SELL 100 AAPL STP 187 DAY adjusts="at 194 to STP 193"',
        "192.9",
        moves(("194.99", "195.01", "195.00"), ("192.90", "192.95", "192.92")),
    ),
    "a stop that becomes a stop-limit": sleeps(
        'SELL 100 AAPL STP 188 DAY adjusts="at 194 to STP_LMT 193 192.5"',
        'SELL 70 AAPL STP 188 DAY adjusts="at 194 to STP_LMT 193 192.5"',
        "192.9",
        moves(("194.99", "195.01", "195.00"), ("192.90", "192.95", "192.92")),
    ),
    "a stop that comes to trail": sleeps(
        'SELL 100 AAPL STP 188 DAY adjusts="at 194 to TRAIL 1.5"',
        'SELL 100 AAPL STP 187 DAY adjusts="at 194 to TRAIL 1.5"',
        "198.4",
        moves(
            ("194.99", "195.01", "195.00"),
            ("199.99", "200.01", "200.00"),
            ("198.40", "198.45", "198.42"),
        ),
    ),
    "a stop that comes to trail by percent": sleeps(
        'SELL 100 AAPL STP 188 DAY adjusts="at 194 to TRAIL 1%"',
        'SELL 100 AAPL STP 187 DAY adjusts="at 194 to TRAIL 1%"',
        "197.9",
        moves(
            ("194.99", "195.01", "195.00"),
            ("199.99", "200.01", "200.00"),
            ("197.90", "197.95", "197.92"),
        ),
    ),
}


def conditional(conditions: str, *happens: Callable[[Running], None], price: str) -> Life:
    """A market order that waits for its conditions."""
    line = 'BUY {} AAPL MKT DAY conditions="{}"'
    return sleeps(line.format(100, conditions), line.format(70, conditions), price, *happens)


CONDITIONS = {
    "once a price is reached": conditional("price AAPL >= 191", moves(UP), price="191.2"),
    "once a time has come": conditional(
        "time >= 2025-01-06T13:00:00-05:00", an_hour, price="190.01"
    ),
    "once the cushion is thin": conditional("margin <= 90", others_trade, price="190.01"),
    "once something is traded": conditional(
        "execution SPY.STK@SMART", others_trade, price="190.01"
    ),
    "once there is volume": conditional("volume AAPL >= 900", much_volume, price="190.01"),
    "once it has moved": conditional("change AAPL >= 1", moves(UP), price="191.2"),
    "once both hold": conditional(
        "price AAPL >= 180 & price #265598@SMART >= 191", moves(UP), price="191.2"
    ),
    "once one of two holds": conditional(
        "price AAPL >= 999 | change #265598 >= 1", moves(UP), price="191.2"
    ),
    "once all six hold or one": conditional(
        "price AAPL >= 999 bid_ask & time >= 2025-01-06T13:00:00-05:00 & margin <= 1 "
        "& volume AAPL >= 900000 & change AAPL <= -50 | execution SPY.STK@SMART",
        others_trade,
        price="190.01",
    ),
}


def algo(words: str, *happens: Callable[[Running], None], kind: str = "LMT 190.05") -> Life:
    """A limit order that one of IB's algorithms works; its parameters cannot be modified."""
    line = f'BUY {{}} AAPL {kind} DAY algo="{words}"'
    return Life(line.format(100), SUBMITTED, "190.01", happens, line.format(90), halt=True)


ALGOS = {
    "Twap": algo("Twap startTime=20250106-17:30:00 endTime=20250106-17:50:00", an_hour),
    "Vwap": algo(
        "Vwap maxPctVol=0.1 startTime=20250106-17:30:00 endTime=20250106-17:50:00 noTakeLiq=1",
        an_hour,
    ),
    "Adaptive": algo("Adaptive adaptivePriority=Normal", an_hour, kind="MKT"),
    "ArrivalPx": algo("ArrivalPx maxPctVol=0.1 riskAversion=Aggressive", an_hour),
    "ClosePx": algo("ClosePx maxPctVol=0.1 startTime=20250106-17:30:00", an_hour),
    "PctVol": algo("PctVol pctVol=0.2", much_volume),
    "DarkIce": algo("DarkIce displaySize=20 startTime=20250106-17:30:00", an_hour),
    "AD": algo("AD componentSize=25 timeBetweenOrders=60 randomizeTime20=1", an_hour),
}
PAIR = 'legs="BUY 1 #265598@SMART, SELL 2 #272093@SMART"'
FALLEN = ("138.99", "139.01", "139.00")
COMBOS = {
    "a combo at market": Life(
        f"BUY 10 AAPL.BAG MKT DAY {PAIR}",
        None,
        "190.01 419.99",
        becomes=f"BUY 7 AAPL.BAG MKT DAY {PAIR}",
        filled="30",
        halt=True,
    ),
    "a combo at a limit below zero": Life(
        f"BUY 10 AAPL.BAG LMT -700 DAY {PAIR}",
        SUBMITTED,
        "139.01 419.99",
        (moves(FALLEN),),
        f"BUY 10 AAPL.BAG LMT -710.5 DAY {PAIR}",
        filled="30",
    ),
}
LIVES = COMBOS | TYPES | INSTRUCTIONS | TIMES | ADJUSTED | CONDITIONS | ALGOS
