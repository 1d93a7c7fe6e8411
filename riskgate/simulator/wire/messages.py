"""Every message the server can send at versions 157..200, with its number and its fields.

Contracts, market data and news are in `market`.
"""

from __future__ import annotations

from riskgate.simulator.amounts import ZERO
from riskgate.simulator.wire.contract import CONTRACT_11, CONTRACT_PORTFOLIO
from riskgate.simulator.wire.fields import (
    Fixed,
    Many,
    Rows,
    escaped,
    flags,
    ints,
    keys,
    longs,
    reals,
    sizes,
    texts,
)
from riskgate.simulator.wire.kinds import UNSET_REAL
from riskgate.simulator.wire.layout import Layout, layout, simple
from riskgate.simulator.wire.market import MARKET
from riskgate.simulator.wire.orders import COMPLETED_ORDER, OPEN_ORDER

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
            *flags("pendingPriceRevision", since=178),
            *texts("submitter", since=198),
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
        None,
        (
            Fixed("2", 0, 194),
            *ints("reqId code", -1),
            *escaped("text"),
            *texts("advancedOrderRejectJson", since=166),
            *longs("errorTime", 0, 194),
        ),
    ),
    layout(9, "nextValidId", 1, keys("orderId")),
    layout(15, "managedAccounts", 1, texts("accounts")),
    layout(49, "currentTime", 1, longs("time")),
    layout(14, "newsBulletin", 1, (*ints("msgId msgType"), *texts("message exchange"))),
    layout(109, "currentTimeInMillis", None, longs("time")),
    layout(65, "verifyMessageApi", 1, texts("apiData")),
    layout(66, "verifyCompleted", 1, texts("isSuccessful errorText")),
    layout(67, "displayGroupList", 1, (*_REQ, *texts("groups"))),
    layout(68, "displayGroupUpdated", 1, (*_REQ, *texts("contractInfo"))),
    layout(69, "verifyAndAuthMessageApi", 1, texts("apiData xyzChallenge")),
    layout(70, "verifyAndAuthCompleted", 1, texts("isSuccessful errorText")),
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
    layout(16, "receiveFA", 1, (*ints("faDataType"), *texts("xml"))),
    layout(103, "replaceFAEnd", None, (*_REQ, *texts("text"))),
    layout(77, "softDollarTiers", None, (*_REQ, Many("tiers", texts("name value displayName")))),
    layout(78, "familyCodes", None, (Many("codes", texts("accountId familyCode")),)),
    layout(94, "pnl", None, (*_REQ, *reals("dailyPnL unrealizedPnL realizedPnL", ZERO))),
    layout(
        95,
        "pnlSingle",
        None,
        (*_REQ, *sizes("position"), *reals("dailyPnL unrealizedPnL realizedPnL value", ZERO)),
    ),
)

MESSAGES: tuple[Layout, ...] = (*_ORDERS, *_SESSION, *_ACCOUNT, *MARKET)
