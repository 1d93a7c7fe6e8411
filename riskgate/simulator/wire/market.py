"""Contracts, market data and news as the server sends them at versions 157..200.

Sizes are whole numbers for clients below version 163, decimal numbers for the others.
"""

from __future__ import annotations

from decimal import Decimal

from riskgate.simulator.amounts import ZERO
from riskgate.simulator.wire.contract import PAIR
from riskgate.simulator.wire.fields import (
    Field,
    Fixed,
    Many,
    Rows,
    Switch,
    When,
    equals,
    escaped,
    flags,
    ints,
    keys,
    longs,
    reals,
    sizes,
    texts,
)
from riskgate.simulator.wire.kinds import INT, REAL, TEXT
from riskgate.simulator.wire.layout import Layout, layout

_REQ: Rows = keys("reqId")
_NOT_COMPUTED = Decimal(-1)  # of a volatility or a price
_NO_GREEK = Decimal(-2)
_FUND: Rows = (
    *texts("fundName fundFamily fundType fundFrontLoad fundBackLoad"),
    *texts("fundBackLoadTimeInterval fundManagementFee"),
    *flags("fundClosed fundClosedForNewInvestors fundClosedForNewMoney"),
    *texts("fundNotifyAmount fundMinimumInitialPurchase fundSubsequentMinimumPurchase"),
    *texts("fundBlueSkyStates fundBlueSkyTerritories"),
    *texts("fundDistributionPolicyIndicator fundAssetType"),
)
_SIZE_MULTIPLIER = Field("mdSizeMultiplier", INT, 1, 0, 164)
_EVALUATION: Rows = (*texts("evRule"), *ints("evMultiplier"), Many("secIdList", PAIR))
_SIZES: Rows = reals("minSize sizeIncrement suggestedSizeIncrement", ZERO, 164)

_CONTRACT_DETAILS: Rows = (
    Fixed("8", 0, 164),
    *_REQ,
    *texts("symbol secType lastTradeDateOrContractMonth"),
    *texts("lastTradeDate", since=182),
    *reals("strike", ZERO),
    *texts("right exchange currency localSymbol marketName tradingClass"),
    *ints("conId"),
    *reals("minTick"),
    _SIZE_MULTIPLIER,
    *texts("multiplier orderTypes validExchanges"),
    *ints("priceMagnifier", 1),
    *ints("underConId", 0),
    *escaped("longName"),
    *texts("primaryExchange contractMonth industry category subcategory"),
    *texts("timeZoneId tradingHours liquidHours"),
    *_EVALUATION,
    *ints("aggGroup", 1),
    *texts("underSymbol underSecType marketRuleIds realExpirationDate stockType"),
    Field("suggestedSizeIncrement", REAL, ZERO, 163, 164),
    *_SIZES,
    When(equals("secType", "FUND"), _FUND, 179),
    Many("ineligibilityReasons", texts("id description"), 186),
)

_BOND_DETAILS: Rows = (
    Fixed("6", 0, 164),
    *_REQ,
    *texts("symbol secType cusip"),
    *reals("coupon", ZERO),
    *texts("maturity issueDate ratings bondType couponType"),
    *flags("convertible callable putable"),
    *texts("descAppend exchange currency marketName tradingClass"),
    *ints("conId"),
    *reals("minTick"),
    _SIZE_MULTIPLIER,
    *texts("orderTypes validExchanges nextOptionDate nextOptionType"),
    *flags("nextOptionPartial"),
    *texts("notes"),
    Field("longName", TEXT, ""),  # not escaped: the clients read it as it is
    *texts("timeZoneId tradingHours liquidHours", since=188),
    *_EVALUATION,
    *ints("aggGroup", 1),
    *texts("marketRuleIds"),
    *_SIZES,
)

_CONTRACTS: tuple[Layout, ...] = (
    layout(10, "contractDetails", None, _CONTRACT_DETAILS),
    layout(18, "bondContractDetails", None, _BOND_DETAILS),
    layout(52, "contractDetailsEnd", 1, _REQ),
    layout(
        56,
        "deltaNeutralValidation",
        1,
        (*_REQ, *ints("conId", 0), *reals("delta price", ZERO)),
    ),
    layout(
        75,
        "securityDefinitionOptionParameter",
        None,
        (
            *_REQ,
            *texts("exchange"),
            *ints("underlyingConId"),
            *texts("tradingClass multiplier"),
            Many("expirations", texts("expiration")),
            Many("strikes", reals("strike")),
        ),
    ),
    layout(76, "securityDefinitionOptionParameterEnd", None, _REQ),
    layout(
        79,
        "symbolSamples",
        None,
        (
            *_REQ,
            Many(
                "samples",
                (
                    *ints("conId"),
                    *texts("symbol secType primaryExchange currency"),
                    Many("derivativeSecTypes", texts("secType")),
                    *texts("description issuerId", since=176),
                ),
            ),
        ),
    ),
    layout(
        80,
        "mktDepthExchanges",
        None,
        (
            Many(
                "exchanges",
                (*texts("exchange secType listingExch serviceDataType"), *ints("aggGroup")),
            ),
        ),
    ),
    layout(
        82,
        "smartComponents",
        None,
        (*_REQ, Many("components", (*ints("bitNumber"), *texts("exchange letter")))),
    ),
    layout(
        93,
        "marketRule",
        None,
        (*keys("marketRuleId"), Many("increments", reals("lowEdge increment"))),
    ),
)

_LAST: Rows = (
    *reals("price", ZERO),
    *sizes("size"),
    *ints("attrMask", 0),
    *texts("exchange specialConditions"),
)
_BID_ASK: Rows = (*reals("bidPrice askPrice", ZERO), *sizes("bidSize askSize"))

_TICKS: tuple[Layout, ...] = (
    layout(
        1,
        "tickPrice",
        6,
        (*_REQ, *ints("tickType"), *reals("price"), *sizes("size"), *ints("attrMask", 0)),
    ),
    layout(2, "tickSize", 6, (*_REQ, *ints("tickType"), *sizes("size"))),
    layout(
        12,
        "marketDepth",
        1,
        (*_REQ, *ints("position operation side", 0), *reals("price", ZERO), *sizes("size")),
    ),
    layout(
        13,
        "marketDepthL2",
        1,
        (
            *_REQ,
            *ints("position", 0),
            *texts("marketMaker"),
            *ints("operation side", 0),
            *reals("price", ZERO),
            *sizes("size"),
            *flags("isSmartDepth"),
        ),
    ),
    layout(
        21,
        "tickOptionComputation",
        None,
        (
            *_REQ,
            *ints("tickType tickAttrib", 0),
            *reals("impliedVol", _NOT_COMPUTED),
            *reals("delta", _NO_GREEK),
            *reals("optPrice pvDividend", _NOT_COMPUTED),
            *reals("gamma vega theta", _NO_GREEK),
            *reals("undPrice", _NOT_COMPUTED),
        ),
    ),
    layout(45, "tickGeneric", 6, (*_REQ, *ints("tickType"), *reals("value"))),
    layout(46, "tickString", 6, (*_REQ, *ints("tickType"), *texts("value"))),
    layout(
        47,
        "tickEFP",
        6,
        (
            *_REQ,
            *ints("tickType"),
            *reals("basisPoints", ZERO),
            *texts("formattedBasisPoints"),
            *reals("totalDividends", ZERO),
            *ints("holdDays", 0),
            *texts("futureLastTradeDate"),
            *reals("dividendImpact dividendsToLastTradeDate", ZERO),
        ),
    ),
    layout(57, "tickSnapshotEnd", 1, _REQ),
    layout(58, "marketDataType", 1, (*_REQ, *ints("marketDataType"))),
    layout(
        81,
        "tickReqParams",
        None,
        (*_REQ, *reals("minTick"), *texts("bboExchange"), *ints("snapshotPermissions")),
    ),
    layout(91, "rerouteMktDataReq", None, (*_REQ, *ints("conId"), *texts("exchange"))),
    layout(92, "rerouteMktDepthReq", None, (*_REQ, *ints("conId"), *texts("exchange"))),
    layout(
        99,
        "tickByTick",
        None,
        (
            *_REQ,
            *keys("tickType"),
            *longs("time", 0),
            Switch(
                "tickType",
                {
                    1: _LAST,
                    2: _LAST,
                    3: (*_BID_ASK, *ints("attrMask", 0)),
                    4: reals("midPoint", ZERO),
                },
            ),
        ),
    ),
)

_BAR: Rows = (
    *reals("open high low close", ZERO),
    *sizes("volume"),
    *reals("wap", ZERO),
    *ints("barCount", 0),
)
_PAST: tuple[Layout, ...] = (
    layout(
        17,
        "historicalData",
        None,
        (
            *_REQ,
            Field("start", TEXT, "", 0, 196),
            Field("end", TEXT, "", 0, 196),
            Many("bars", (*texts("date"), *_BAR)),
        ),
    ),
    layout(108, "historicalDataEnd", None, (*_REQ, *texts("start end"))),
    layout(
        90,
        "historicalDataUpdate",
        None,
        (
            *_REQ,
            *ints("barCount", 0),
            *texts("date"),
            *reals("open close high low wap", ZERO),
            *sizes("volume"),
        ),
    ),
    layout(50, "realtimeBar", 3, (*_REQ, *longs("time", 0), *_BAR)),
    layout(88, "headTimestamp", None, (*_REQ, *texts("time"))),
    layout(
        89,
        "histogramData",
        None,
        (*_REQ, Many("items", (*reals("price", ZERO), *sizes("size")))),
    ),
    layout(
        96,
        "historicalTicks",
        None,
        (
            *_REQ,
            Many("ticks", (*longs("time", 0), Fixed(""), *reals("price", ZERO), *sizes("size"))),
            *flags("done"),
        ),
    ),
    layout(
        97,
        "historicalTicksBidAsk",
        None,
        (
            *_REQ,
            Many("ticks", (*longs("time", 0), *ints("attrMask", 0), *_BID_ASK)),
            *flags("done"),
        ),
    ),
    layout(
        98,
        "historicalTicksLast",
        None,
        (
            *_REQ,
            Many(
                "ticks",
                (
                    *longs("time", 0),
                    *ints("attrMask", 0),
                    *reals("price", ZERO),
                    *sizes("size"),
                    *texts("exchange specialConditions"),
                ),
            ),
            *flags("done"),
        ),
    ),
    layout(
        106,
        "historicalSchedule",
        None,
        (*_REQ, *texts("start end timeZone"), Many("sessions", texts("start end refDate"))),
    ),
    layout(19, "scannerParameters", 1, texts("xml")),
    layout(
        20,
        "scannerData",
        3,
        (
            *_REQ,
            Many(
                "rows",
                (
                    *ints("rank", 0),
                    *ints("conId", 0),
                    *texts("symbol secType lastTradeDateOrContractMonth"),
                    *reals("strike", ZERO),
                    *texts("right exchange currency localSymbol marketName tradingClass"),
                    *texts("distance benchmark projection legsStr"),
                ),
            ),
        ),
    ),
)

_NEWS: tuple[Layout, ...] = (
    layout(51, "fundamentalData", 1, (*_REQ, *texts("data"))),
    layout(83, "newsArticle", None, (*_REQ, *ints("articleType", 0), *texts("articleText"))),
    layout(
        84,
        "tickNews",
        None,
        (*_REQ, *longs("time", 0), *texts("providerCode articleId headline extraData")),
    ),
    layout(85, "newsProviders", None, (Many("providers", texts("code name")),)),
    layout(86, "historicalNews", None, (*_REQ, *texts("time providerCode articleId headline"))),
    layout(87, "historicalNewsEnd", None, (*_REQ, *flags("hasMore"))),
    layout(104, "wshMetaData", None, (*_REQ, *texts("data"))),
    layout(105, "wshEventData", None, (*_REQ, *texts("data"))),
)

MARKET: tuple[Layout, ...] = (*_CONTRACTS, *_TICKS, *_PAST, *_NEWS)
