"""Every request a client can send at versions 157..200, with its number and its fields."""

from __future__ import annotations

from riskgate.simulator.wire.contract import (
    CONTRACT_11,
    CONTRACT_12,
    DELTA_NEUTRAL,
    SHORT_LEGS_IF_BAG,
)
from riskgate.simulator.wire.fields import Fixed, Many, Rows, flags, ints, keys, reals, texts
from riskgate.simulator.wire.kinds import UNSET_INT
from riskgate.simulator.wire.layout import Layout, layout, simple
from riskgate.simulator.wire.orders import PLACE_ORDER, RFQ

_REQ: Rows = keys("reqId")
_EXPIRED: Rows = flags("includeExpired")
_VERSION_1 = Fixed("1", 0, 192)
_TAGS: Rows = (*texts("extOperator", since=192), *ints("manualOrderIndicator", since=192))

_ORDERS: tuple[Layout, ...] = (
    layout(3, "placeOrder", None, PLACE_ORDER),
    layout(
        4,
        "cancelOrder",
        None,
        (
            _VERSION_1,
            *keys("orderId"),
            *texts("manualCancelTime", since=169),
            Fixed("", *RFQ),
            Fixed("", *RFQ),
            Fixed(str(UNSET_INT), *RFQ),
            *_TAGS,
        ),
    ),
    simple(5, "reqOpenOrders"),
    layout(
        7,
        "reqExecutions",
        3,
        (
            *_REQ,
            *ints("clientId", 0),
            *texts("acctCode time symbol secType exchange side"),
            *ints("lastNDays", since=200),
            Many("specificDates", texts("date"), 200),
        ),
    ),
    layout(8, "reqIds", 1, ints("numIds")),
    layout(15, "reqAutoOpenOrders", 1, flags("autoBind")),
    simple(16, "reqAllOpenOrders"),
    layout(
        21,
        "exerciseOptions",
        2,
        (
            *_REQ,
            *CONTRACT_11,
            *ints("exerciseAction exerciseQuantity"),
            *texts("account"),
            *ints("override"),
            *texts("manualOrderTime", since=180),
            *texts("customerAccount", since=183),
            *flags("professionalCustomer", since=184),
        ),
    ),
    layout(58, "reqGlobalCancel", None, (_VERSION_1, *_TAGS)),
    layout(99, "reqCompletedOrders", None, flags("apiOnly")),
)

_ACCOUNT: tuple[Layout, ...] = (
    layout(6, "reqAccountUpdates", 2, (*flags("subscribe"), *texts("account"))),
    simple(17, "reqManagedAccts"),
    layout(18, "requestFA", 1, ints("faDataType")),
    layout(19, "replaceFA", 1, (*ints("faDataType"), *texts("xml"), *_REQ)),
    simple(61, "reqPositions"),
    layout(62, "reqAccountSummary", 1, (*_REQ, *texts("group tags"))),
    layout(63, "cancelAccountSummary", 1, _REQ),
    simple(64, "cancelPositions"),
    layout(74, "reqPositionsMulti", 1, (*_REQ, *texts("account modelCode"))),
    layout(75, "cancelPositionsMulti", 1, _REQ),
    layout(
        76,
        "reqAccountUpdatesMulti",
        1,
        (*_REQ, *texts("account modelCode"), *flags("ledgerAndNLV")),
    ),
    layout(77, "cancelAccountUpdatesMulti", 1, _REQ),
    layout(79, "reqSoftDollarTiers", None, _REQ),
    layout(80, "reqFamilyCodes", None, ()),
    layout(92, "reqPnL", None, (*_REQ, *texts("account modelCode"))),
    layout(93, "cancelPnL", None, _REQ),
    layout(94, "reqPnLSingle", None, (*_REQ, *texts("account modelCode"), *ints("conId"))),
    layout(95, "cancelPnLSingle", None, _REQ),
)

_SESSION: tuple[Layout, ...] = (
    layout(12, "reqNewsBulletins", 1, flags("allMessages")),
    simple(13, "cancelNewsBulletins"),
    layout(14, "setServerLogLevel", 1, ints("logLevel")),
    simple(49, "reqCurrentTime"),
    layout(65, "verifyRequest", 1, texts("apiName apiVersion")),
    layout(66, "verifyMessage", 1, texts("apiData")),
    layout(67, "queryDisplayGroups", 1, _REQ),
    layout(68, "subscribeToGroupEvents", 1, (*_REQ, *ints("groupId"))),
    layout(69, "updateDisplayGroup", 1, (*_REQ, *texts("contractInfo"))),
    layout(70, "unsubscribeFromGroupEvents", 1, _REQ),
    layout(71, "startApi", 2, (*keys("clientId"), *texts("optionalCapabilities"))),
    layout(72, "verifyAndAuthRequest", 1, texts("apiName apiVersion opaqueIsvKey")),
    layout(73, "verifyAndAuthMessage", 1, texts("apiData xyzResponse")),
    layout(104, "reqUserInfo", None, _REQ),
    layout(105, "reqCurrentTimeInMillis", None, ()),
)

_CONTRACTS: tuple[Layout, ...] = (
    layout(
        9,
        "reqContractDetails",
        8,
        (
            *_REQ,
            *CONTRACT_12,
            *_EXPIRED,
            *texts("secIdType secId"),
            *texts("issuerId", since=176),
        ),
    ),
    layout(
        78,
        "reqSecDefOptParams",
        None,
        (
            *_REQ,
            *texts("underlyingSymbol futFopExchange underlyingSecType"),
            *ints("underlyingConId"),
        ),
    ),
    layout(81, "reqMatchingSymbols", None, (*_REQ, *texts("pattern"))),
    layout(82, "reqMktDepthExchanges", None, ()),
    layout(83, "reqSmartComponents", None, (*_REQ, *texts("bboExchange"))),
    layout(91, "reqMarketRule", None, keys("marketRuleId")),
)

_LIVE: tuple[Layout, ...] = (
    layout(
        1,
        "reqMktData",
        11,
        (
            *_REQ,
            *CONTRACT_12,
            SHORT_LEGS_IF_BAG,
            *DELTA_NEUTRAL,
            *texts("genericTicks"),
            *flags("snapshot regulatorySnapshot"),
            *texts("options"),
        ),
    ),
    layout(2, "cancelMktData", 2, _REQ),
    layout(
        10,
        "reqMktDepth",
        5,
        (*_REQ, *CONTRACT_12, *ints("numRows"), *flags("isSmartDepth"), *texts("options")),
    ),
    layout(11, "cancelMktDepth", 1, (*_REQ, *flags("isSmartDepth"))),
    layout(
        22,
        "reqScannerSubscription",
        None,
        (
            *_REQ,
            *ints("numberOfRows"),
            *texts("instrument locationCode scanCode"),
            *reals("abovePrice belowPrice"),
            *ints("aboveVolume"),
            *reals("marketCapAbove marketCapBelow"),
            *texts("moodyRatingAbove moodyRatingBelow spRatingAbove spRatingBelow"),
            *texts("maturityDateAbove maturityDateBelow"),
            *reals("couponRateAbove couponRateBelow"),
            *flags("excludeConvertible"),
            *ints("averageOptionVolumeAbove"),
            *texts("scannerSettingPairs stockTypeFilter filterOptions options"),
        ),
    ),
    layout(23, "cancelScannerSubscription", 1, _REQ),
    simple(24, "reqScannerParameters"),
    layout(
        50,
        "reqRealTimeBars",
        3,
        (
            *_REQ,
            *CONTRACT_12,
            *ints("barSize"),
            *texts("whatToShow"),
            *flags("useRTH"),
            *texts("options"),
        ),
    ),
    layout(51, "cancelRealTimeBars", 1, _REQ),
    layout(
        54,
        "calculateImpliedVolatility",
        3,
        (*_REQ, *CONTRACT_12, *reals("optionPrice underPrice"), *ints("count"), *texts("options")),
    ),
    layout(
        55,
        "calculateOptionPrice",
        3,
        (*_REQ, *CONTRACT_12, *reals("volatility underPrice"), *ints("count"), *texts("options")),
    ),
    layout(56, "cancelCalculateImpliedVolatility", 1, _REQ),
    layout(57, "cancelCalculateOptionPrice", 1, _REQ),
    layout(59, "reqMarketDataType", 1, ints("marketDataType")),
    layout(
        97,
        "reqTickByTickData",
        None,
        (*_REQ, *CONTRACT_12, *texts("tickType"), *ints("numberOfTicks"), *flags("ignoreSize")),
    ),
    layout(98, "cancelTickByTickData", None, _REQ),
)

_PAST: tuple[Layout, ...] = (
    layout(
        20,
        "reqHistoricalData",
        None,
        (
            *_REQ,
            *CONTRACT_12,
            *_EXPIRED,
            *texts("endDateTime barSize duration"),
            *flags("useRTH"),
            *texts("whatToShow"),
            *ints("formatDate"),
            SHORT_LEGS_IF_BAG,
            *flags("keepUpToDate"),
            *texts("options"),
        ),
    ),
    layout(25, "cancelHistoricalData", 1, _REQ),
    layout(
        52,
        "reqFundamentalData",
        2,
        (
            *_REQ,
            *ints("conId"),
            *texts("symbol secType exchange primaryExchange currency localSymbol reportType"),
            *ints("count"),
            *texts("options"),
        ),
    ),
    layout(53, "cancelFundamentalData", 1, _REQ),
    layout(
        84,
        "reqNewsArticle",
        None,
        (*_REQ, *texts("providerCode articleId options")),
    ),
    layout(85, "reqNewsProviders", None, ()),
    layout(
        86,
        "reqHistoricalNews",
        None,
        (
            *_REQ,
            *ints("conId"),
            *texts("providerCodes startDateTime endDateTime"),
            *ints("totalResults"),
            *texts("options"),
        ),
    ),
    layout(
        87,
        "reqHeadTimeStamp",
        None,
        (
            *_REQ,
            *CONTRACT_12,
            *_EXPIRED,
            *flags("useRTH"),
            *texts("whatToShow"),
            *ints("formatDate"),
        ),
    ),
    layout(
        88,
        "reqHistogramData",
        None,
        (*_REQ, *CONTRACT_12, *_EXPIRED, *flags("useRTH"), *texts("timePeriod")),
    ),
    layout(89, "cancelHistogramData", None, _REQ),
    layout(90, "cancelHeadTimeStamp", None, _REQ),
    layout(
        96,
        "reqHistoricalTicks",
        None,
        (
            *_REQ,
            *CONTRACT_12,
            *_EXPIRED,
            *texts("startDateTime endDateTime"),
            *ints("numberOfTicks"),
            *texts("whatToShow"),
            *flags("useRth ignoreSize"),
            *texts("options"),
        ),
    ),
    layout(100, "reqWshMetaData", None, _REQ),
    layout(101, "cancelWshMetaData", None, _REQ),
    layout(
        102,
        "reqWshEventData",
        None,
        (
            *_REQ,
            *ints("conId"),
            *texts("filter", since=171),
            *flags("fillWatchlist fillPortfolio fillCompetitors", since=171),
            *texts("startDate endDate", since=173),
            *ints("totalLimit", since=173),
        ),
    ),
    layout(103, "cancelWshEventData", None, _REQ),
)

REQUESTS: tuple[Layout, ...] = (*_ORDERS, *_ACCOUNT, *_SESSION, *_CONTRACTS, *_LIVE, *_PAST)
