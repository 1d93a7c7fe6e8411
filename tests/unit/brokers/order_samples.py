"""Orders of ours beside the fields of IB's own samples of the same types (design: ib.md, 4.10)."""

from __future__ import annotations

from dataclasses import fields
from typing import Any, Final

from riskgate.brokers.ib.client import load

LIBRARY: Any = load()
BARE: Final = LIBRARY.Order()
ALWAYS: Final = {"tif": "DAY", "totalQuantity": 100, "orderRef": "rg-1", "account": "DU1"}
BUY: Final = {**ALWAYS, "action": "BUY"}
SELL: Final = {**ALWAYS, "action": "SELL"}
ATS: Final = {"notHeld": True, "minTradeQty": 10}


def said(order: Any) -> dict[str, object]:  # noqa: ANN401  # the library's order
    """The fields of the library's order that are not as it makes them."""
    names = [field.name for field in fields(order)]
    found = {name: getattr(order, name) for name in names}
    return {name: value for name, value in found.items() if value != getattr(BARE, name)}


SAMPLES: Final[dict[str, dict[str, object]]] = {
    "BUY 100 AAPL MKT DAY": {**BUY, "orderType": "MKT"},
    "SELL 100 AAPL LMT 190.05 GTC": {**SELL, "orderType": "LMT", "lmtPrice": 190.05, "tif": "GTC"},
    "BUY 100 AAPL LMT 190 IOC": {**BUY, "orderType": "LMT", "lmtPrice": 190, "tif": "IOC"},
    "BUY 100 AAPL LMT 190 FOK": {**BUY, "orderType": "LMT", "lmtPrice": 190, "tif": "FOK"},
    "BUY 100 AAPL LMT 190 GTD 2026-03-05T09:30:00-05:00": {
        **BUY,
        "orderType": "LMT",
        "lmtPrice": 190,
        "tif": "GTD",
        "goodTillDate": "20260305-14:30:00",
    },
    "SELL 100 AAPL STP 180 DAY": {**SELL, "orderType": "STP", "auxPrice": 180},
    "SELL 100 AAPL STP_LMT 180 179.5 DAY": {
        **SELL,
        "orderType": "STP LMT",
        "auxPrice": 180,
        "lmtPrice": 179.5,
    },
    "SELL 100 AAPL STP_PRT 180 DAY": {**SELL, "orderType": "STP PRT", "auxPrice": 180},
    "BUY 100 AAPL MKT_PRT DAY": {**BUY, "orderType": "MKT PRT"},
    "SELL 100 AAPL TRAIL 1.5 DAY": {**SELL, "orderType": "TRAIL", "auxPrice": 1.5},
    "SELL 100 AAPL TRAIL 2% DAY trail_stop_price=188": {
        **SELL,
        "orderType": "TRAIL",
        "trailingPercent": 2,
        "trailStopPrice": 188,
    },
    "SELL 100 AAPL TRAIL_LMT 1.5 0.25 DAY trail_stop_price=188": {
        **SELL,
        "orderType": "TRAIL LIMIT",
        "auxPrice": 1.5,
        "lmtPriceOffset": 0.25,
        "trailStopPrice": 188,
    },
    "BUY 100 AAPL MOC DAY": {**BUY, "orderType": "MOC"},
    "BUY 100 AAPL LOC 190 DAY": {**BUY, "orderType": "LOC", "lmtPrice": 190},
    "BUY 100 AAPL MKT OPG": {**BUY, "orderType": "MKT", "tif": "OPG"},
    "BUY 100 AAPL LMT 190 OPG": {**BUY, "orderType": "LMT", "lmtPrice": 190, "tif": "OPG"},
    "BUY 100 AAPL MTL 190 AUC": {**BUY, "orderType": "MTL", "lmtPrice": 190, "tif": "AUC"},
    "BUY 100 AAPL MTL DAY": {**BUY, "orderType": "MTL"},
    "BUY 100 AAPL MIT 189 DAY": {**BUY, "orderType": "MIT", "auxPrice": 189},
    "BUY 100 AAPL LIT 189 189.1 DAY": {
        **BUY,
        "orderType": "LIT",
        "auxPrice": 189,
        "lmtPrice": 189.1,
    },
    "BUY 100 AAPL MIDPRICE DAY": {**BUY, "orderType": "MIDPRICE"},
    "BUY 100 AAPL MIDPRICE 190 DAY": {**BUY, "orderType": "MIDPRICE", "lmtPrice": 190},
    "BUY 100 AAPL REL 0.02 190 DAY": {
        **BUY,
        "orderType": "REL",
        "auxPrice": 0.02,
        "lmtPrice": 190,
    },
    "BUY 100 AAPL PEG_MKT 0.02 DAY": {**BUY, "orderType": "PEG MKT", "auxPrice": 0.02},
    "BUY 100 AAPL PEG_MID 0.01 DAY": {**BUY, "orderType": "PEG MID", "auxPrice": 0.01},
    "BUY 100 AAPL@IBKRATS PEG_MID 0 DAY not_held=true min_trade_quantity=10 "
    "mid_offset_at_whole=0 mid_offset_at_half=0.005": {
        **BUY,
        **ATS,
        "orderType": "PEG MID",
        "auxPrice": 0,
        "midOffsetAtWhole": 0,
        "midOffsetAtHalf": 0.005,
    },
    "BUY 100 AAPL@IBKRATS PEG_BEST 190 DAY not_held=true min_trade_quantity=10 "
    "min_compete_size=50 compete_offset=0.01": {
        **BUY,
        **ATS,
        "orderType": "PEG BEST",
        "lmtPrice": 190,
        "minCompeteSize": 50,
        "competeAgainstBestOffset": 0.01,
    },
    "BUY 100 AAPL LMT 190 OVERNIGHT": {**BUY, "orderType": "LMT", "lmtPrice": 190},
    "BUY 100 AAPL LMT 190 DAY discretionary_amount=0.1": {
        **BUY,
        "orderType": "LMT",
        "lmtPrice": 190,
        "discretionaryAmt": 0.1,
    },
    "BUY 100 AAPL LMT 190 DAY outside_rth=true good_after=2026-03-05T09:30:00-05:00 "
    "display_size=10 all_or_none=true min_quantity=50": {
        **BUY,
        "orderType": "LMT",
        "lmtPrice": 190,
        "outsideRth": True,
        "goodAfterTime": "20260305-14:30:00",
        "displaySize": 10,
        "allOrNone": True,
        "minQty": 50,
    },
    "BUY 100 AAPL LMT 190 DAY hidden=true sweep_to_fill=true block=true": {
        **BUY,
        "orderType": "LMT",
        "lmtPrice": 190,
        "hidden": True,
        "sweepToFill": True,
        "blockOrder": True,
    },
    "SELL 100 AAPL STP 180 DAY trigger_method=midpoint": {
        **SELL,
        "orderType": "STP",
        "auxPrice": 180,
        "triggerMethod": 8,
    },
    "BUY 0 AAPL MKT DAY cash_quantity=20000": {
        **{name: value for name, value in BUY.items() if name != "totalQuantity"},
        "orderType": "MKT",
        "cashQty": 20000,
    },
    "BUY 0.5 AAPL MKT DAY": {**BUY, "orderType": "MKT", "totalQuantity": 0.5},
    "BUY 100 AAPL LMT 190 DAY oca_group=g oca_type=reduce_block": {
        **BUY,
        "orderType": "LMT",
        "lmtPrice": 190,
        "ocaGroup": "g",
        "ocaType": 2,
    },
    'SELL 100 AAPL STP 180 DAY adjusts="at 194 to STP_LMT 193 192.5"': {
        **SELL,
        "orderType": "STP",
        "auxPrice": 180,
        "triggerPrice": 194,
        "adjustedOrderType": "STP LMT",
        "adjustedStopPrice": 193,
        "adjustedStopLimitPrice": 192.5,
    },
    'SELL 100 AAPL STP 180 DAY adjusts="at 194 to TRAIL 1.5"': {
        **SELL,
        "orderType": "STP",
        "auxPrice": 180,
        "triggerPrice": 194,
        "adjustedOrderType": "TRAIL",
        "adjustedTrailingAmount": 1.5,
    },
    'SELL 100 AAPL STP 180 DAY adjusts="at 194 to TRAIL 2%"': {
        **SELL,
        "orderType": "STP",
        "auxPrice": 180,
        "triggerPrice": 194,
        "adjustedOrderType": "TRAIL",
        "adjustedTrailingAmount": 2,
        "adjustableTrailingUnit": 1,
    },
    'BUY 100 AAPL LMT 190 DAY algo="Vwap maxPctVol=0.1 noTakeLiq=1"': {
        **BUY,
        "orderType": "LMT",
        "lmtPrice": 190,
        "algoStrategy": "Vwap",
        "algoParams": [
            LIBRARY.TagValue("maxPctVol", "0.1"),
            LIBRARY.TagValue("noTakeLiq", "1"),
        ],
    },
    "BUY 100 AAPL MKT DAY conditions_ignore_rth=true "
    'conditions="price #265598@SMART >= 190.5 last | margin <= 30"': {
        **BUY,
        "orderType": "MKT",
        "conditionsIgnoreRth": True,
        "conditions": [
            LIBRARY.PriceCondition(1, "o", True, 190.5, 265598, "SMART", 2),
            LIBRARY.MarginCondition(4, "a", False, 30),
        ],
    },
    "BUY 100 AAPL LMT 190 DAY conditions_cancel=true "
    'conditions="time >= 2026-03-05T09:30:00-05:00 & execution AAPL.STK@SMART '
    '& volume #265598@SMART >= 1000000 & change #265598@SMART <= -5.5"': {
        **BUY,
        "orderType": "LMT",
        "lmtPrice": 190,
        "conditionsCancelOrder": True,
        "conditions": [
            LIBRARY.TimeCondition(3, "a", True, "20260305-14:30:00"),
            LIBRARY.ExecutionCondition(5, "a", "STK", "SMART", "AAPL"),
            LIBRARY.VolumeCondition(6, "a", True, 1000000, 265598, "SMART"),
            LIBRARY.PercentChangeCondition(7, "a", False, -5.5, 265598, "SMART"),
        ],
    },
}
