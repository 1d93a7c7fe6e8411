"""Every message the server can send at versions 157..178, with its number and its fields."""

from __future__ import annotations

from decimal import Decimal

from riskgate.simulator.wire.contract import CONTRACT_11, CONTRACT_PORTFOLIO, PAIR
from riskgate.simulator.wire.fields import (
    Field,
    Fixed,
    Many,
    Rows,
    ints,
    keys,
    longs,
    reals,
    texts,
)
from riskgate.simulator.wire.kinds import FLAG, REAL, UNSET_REAL
from riskgate.simulator.wire.layout import Layout, layout, simple
from riskgate.simulator.wire.orders import COMPLETED_ORDER, OPEN_ORDER

ZERO = Decimal(0)
_REQ: Rows = keys("reqId")

_ORDERS: tuple[Layout, ...] = (
    layout(
        3,
        "orderStatus",
        None,
        (
            *keys("orderId"),
            *texts("status"),
            *reals("filled remaining avgFillPrice", ZERO),
            *longs("permId", 0),
            *ints("parentId", 0),
            *reals("lastFillPrice", ZERO),
            *ints("clientId", 0),
            *texts("whyHeld"),
            *reals("mktCapPrice", ZERO),
        ),
    ),
    layout(5, "openOrder", None, OPEN_ORDER),
    layout(
        11,
        "execDetails",
        None,
        (
            *keys("reqId"),
            *ints("orderId"),
            *CONTRACT_11,
            *texts("execId time acctNumber executionExchange side"),
            *reals("shares price", ZERO),
            *longs("permId", 0),
            *ints("execClientId liquidation", 0),
            *reals("cumQty avgPrice", ZERO),
            *texts("orderRef evRule"),
            *reals("evMultiplier"),
            *texts("modelCode"),
            *ints("lastLiquidity", 2),
            Field("pendingPriceRevision", FLAG, False, 178),
        ),
    ),
    simple(53, "openOrderEnd"),
    layout(55, "execDetailsEnd", 1, _REQ),
    layout(
        59,
        "commissionReport",
        1,
        (
            *texts("execId"),
            *reals("commission", ZERO),
            *texts("currency"),
            *texts("realizedPNL yield", UNSET_REAL),
            *ints("yieldRedemptionDate"),
        ),
    ),
    layout(100, "orderBound", None, (*longs("permId"), *ints("clientId orderId"))),
    layout(101, "completedOrder", None, COMPLETED_ORDER),
    layout(102, "completedOrdersEnd", None, ()),
)

_SESSION: tuple[Layout, ...] = (
    layout(
        4,
        "error",
        2,
        (
            *ints("reqId code", -1),
            *texts("text"),
            *texts("advancedOrderRejectJson", since=166),
        ),
    ),
    layout(9, "nextValidId", 1, keys("orderId")),
    layout(15, "managedAccounts", 1, texts("accounts")),
    layout(49, "currentTime", 1, longs("time")),
    layout(14, "newsBulletin", 1, (*ints("msgId msgType"), *texts("message exchange"))),
    layout(107, "userInfo", None, (*_REQ, *texts("whiteBrandingId"))),
)

_ACCOUNT: tuple[Layout, ...] = (
    layout(6, "accountValue", 2, texts("key value currency account")),
    layout(
        7,
        "portfolio",
        8,
        (
            *CONTRACT_PORTFOLIO,
            *reals("position marketPrice marketValue averageCost", ZERO),
            *reals("unrealizedPNL realizedPNL", ZERO),
            *texts("account"),
        ),
    ),
    layout(8, "accountTime", 1, texts("time")),
    layout(54, "accountDownloadEnd", 1, texts("account")),
    layout(
        61, "position", 3, (*texts("account"), *CONTRACT_11, *reals("position averageCost", ZERO))
    ),
    simple(62, "positionEnd"),
    layout(63, "accountSummary", 1, (*_REQ, *texts("account tag value currency"))),
    layout(64, "accountSummaryEnd", 1, _REQ),
    layout(
        71,
        "positionMulti",
        1,
        (
            *_REQ,
            *texts("account"),
            *CONTRACT_11,
            *reals("position averageCost", ZERO),
            *texts("modelCode"),
        ),
    ),
    layout(72, "positionMultiEnd", 1, _REQ),
    layout(73, "accountUpdateMulti", 1, (*_REQ, *texts("account modelCode key value currency"))),
    layout(74, "accountUpdateMultiEnd", 1, _REQ),
    layout(77, "softDollarTiers", None, (*_REQ, Many("tiers", texts("name value displayName")))),
    layout(78, "familyCodes", None, (Many("codes", texts("accountId familyCode")),)),
    layout(94, "pnl", None, (*_REQ, *reals("dailyPnL unrealizedPnL realizedPnL", ZERO))),
    layout(
        95,
        "pnlSingle",
        None,
        (*_REQ, *reals("position dailyPnL unrealizedPnL realizedPnL value", ZERO)),
    ),
)

_CONTRACT_DETAILS: Rows = (
    Fixed("8", 0, 164),
    *_REQ,
    *texts("symbol secType lastTradeDateOrContractMonth"),
    *reals("strike", ZERO),
    *texts("right exchange currency localSymbol marketName tradingClass"),
    *ints("conId"),
    *reals("minTick"),
    Field("mdSizeMultiplier", REAL, Decimal(1), 0, 164),
    *texts("multiplier orderTypes validExchanges"),
    *ints("priceMagnifier", 1),
    *ints("underConId", 0),
    *texts("longName primaryExchange contractMonth industry category subcategory"),
    *texts("timeZoneId tradingHours liquidHours evRule"),
    *reals("evMultiplier"),
    Many("secIdList", PAIR),
    *ints("aggGroup", 1),
    *texts("underSymbol underSecType marketRuleIds realExpirationDate stockType"),
    *reals("minSize sizeIncrement", ZERO, 164),
    *reals("suggestedSizeIncrement", ZERO, 163),
)

_CONTRACTS: tuple[Layout, ...] = (
    layout(10, "contractDetails", None, _CONTRACT_DETAILS),
    layout(52, "contractDetailsEnd", 1, _REQ),
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
        93,
        "marketRule",
        None,
        (*keys("marketRuleId"), Many("increments", reals("lowEdge increment"))),
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
    layout(85, "newsProviders", None, (Many("providers", texts("code name")),)),
)

_TICKS: tuple[Layout, ...] = (
    layout(
        1,
        "tickPrice",
        6,
        (*_REQ, *ints("tickType"), *reals("price"), *reals("size"), *ints("attrMask", 0)),
    ),
    layout(2, "tickSize", 6, (*_REQ, *ints("tickType"), *reals("size"))),
    layout(45, "tickGeneric", 6, (*_REQ, *ints("tickType"), *reals("value"))),
    layout(46, "tickString", 6, (*_REQ, *ints("tickType"), *texts("value"))),
    layout(57, "tickSnapshotEnd", 1, _REQ),
    layout(58, "marketDataType", 1, (*_REQ, *ints("marketDataType"))),
    layout(
        81,
        "tickReqParams",
        None,
        (*_REQ, *reals("minTick"), *texts("bboExchange"), *ints("snapshotPermissions")),
    ),
)

MESSAGES: tuple[Layout, ...] = (*_ORDERS, *_SESSION, *_ACCOUNT, *_CONTRACTS, *_TICKS)
