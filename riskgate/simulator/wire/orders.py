"""The order in its three messages: placeOrder, openOrder, completedOrder.

The three lists share groups of rows but not their order; each is written out as it travels.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from riskgate.simulator.amounts import ZERO
from riskgate.simulator.wire.contract import (
    CONTRACT_11,
    CONTRACT_12,
    DELTA_NEUTRAL,
    FULL_LEG,
    PAIR,
)
from riskgate.simulator.wire.fields import (
    Field,
    Fixed,
    Many,
    Rows,
    Switch,
    When,
    equals,
    flags,
    ints,
    is_set,
    keys,
    longs,
    reals,
    texts,
)
from riskgate.simulator.wire.kinds import INFINITE, REAL, TEXT, UNSET_INT, UNSET_REAL, Value

RFQ = (187, 190)  # the versions with two or three fields that nothing was ever put into
PEGGED_TO_BENCHMARK = ("PEG BENCH", "PEGBENCH")
PEGGED_TO_MIDPOINT = ("PEG MID", "PEGMID")
PEGGED_TO_BEST = ("PEG BEST", "PEGBEST")


def _has_increment(record: Mapping[str, Value]) -> bool:
    increment = record.get("scalePriceIncrement")
    return isinstance(increment, Decimal) and increment > 0


def _is_up_to_mid(record: Mapping[str, Value]) -> bool:
    return record.get("competeAgainstBestOffset") == INFINITE


# -- groups ---------------------------------------------------------------------------------------

_TERMS: Rows = (
    *texts("action"),
    *reals("totalQuantity", ZERO),
    *texts("orderType"),
    *reals("lmtPrice auxPrice"),
    *texts("tif ocaGroup account openClose"),
    *ints("origin", 0),
    *texts("orderRef"),
)
_FA_PROFILE = Field("faProfile", TEXT, "", 0, 177)
_FA: Rows = (*texts("faGroup faMethod faPercentage"), _FA_PROFILE)
_SHORT_SALE: Rows = (
    *ints("shortSaleSlot", 0),
    *texts("designatedLocation"),
    *ints("exemptCode", -1),
)
_STOCK_RANGE: Rows = reals("stockRangeLower stockRangeUpper")
_REFERENCE: Rows = reals("startingPrice stockRefPrice delta")
_VOLATILITY: Rows = (
    *reals("volatility"),
    *ints("volatilityType"),
    *texts("deltaNeutralOrderType"),
    *reals("deltaNeutralAuxPrice"),
)
_SHORT_NEUTRAL: Rows = (
    *flags("deltaNeutralShortSale"),
    *ints("deltaNeutralShortSaleSlot", 0),
    *texts("deltaNeutralDesignatedLocation"),
)
_NEUTRAL = When(
    is_set("deltaNeutralOrderType"),
    (
        *ints("deltaNeutralConId", 0),
        *texts("deltaNeutralSettlingFirm deltaNeutralClearingAccount"),
        *texts("deltaNeutralClearingIntent deltaNeutralOpenClose"),
        *_SHORT_NEUTRAL,
    ),
)
_NEUTRAL_COMPLETED = When(
    is_set("deltaNeutralOrderType"), (*ints("deltaNeutralConId", 0), *_SHORT_NEUTRAL)
)
_CONTINUOUS: Rows = (
    *flags("continuousUpdate"),
    *ints("referencePriceType"),
    *reals("trailStopPrice trailingPercent"),
)
_COMBO: Rows = (
    Many("comboLegs", FULL_LEG),
    Many("orderComboLegs", reals("price")),
    Many("smartComboRoutingParams", PAIR),
)
_SCALE: Rows = (
    *ints("scaleInitLevelSize scaleSubsLevelSize"),
    *reals("scalePriceIncrement"),
    When(
        _has_increment,
        (
            *reals("scalePriceAdjustValue"),
            *ints("scalePriceAdjustInterval"),
            *reals("scaleProfitOffset"),
            *flags("scaleAutoReset"),
            *ints("scaleInitPosition scaleInitFillQty"),
            *flags("scaleRandomPercent"),
        ),
    ),
)
_HEDGE: Rows = (*texts("hedgeType"), When(is_set("hedgeType"), texts("hedgeParam")))
_CLEARING: Rows = (*texts("clearingAccount clearingIntent"), *flags("notHeld"))
_ALGO: Rows = (*texts("algoStrategy"), When(is_set("algoStrategy"), (Many("algoParams", PAIR),)))
_BENCHMARK = When(
    equals("orderType", *PEGGED_TO_BENCHMARK),
    (
        *ints("referenceContractId", 0),
        *flags("isPeggedChangeAmountDecrease"),
        *reals("peggedChangeAmount referenceChangeAmount", ZERO),
        *texts("referenceExchangeId"),
    ),
)
_CONDITION_AT: Rows = (*ints("conId"), *texts("exch"))
_CONDITION: Rows = (
    *keys("condType"),
    *texts("conjunction"),
    Switch(
        "condType",
        {
            1: (*flags("isMore"), *reals("price"), *_CONDITION_AT, *ints("triggerMethod")),
            3: (*flags("isMore"), *texts("time")),
            4: (*flags("isMore"), *ints("percent")),
            5: texts("secType exch symbol"),
            6: (*flags("isMore"), *ints("volume"), *_CONDITION_AT),
            7: (*flags("isMore"), *reals("changePercent"), *_CONDITION_AT),
        },
    ),
)
_CONDITIONS: Rows = (
    Many("conditions", _CONDITION),
    When(is_set("conditions"), flags("conditionsIgnoreRth conditionsCancelOrder")),
)
_ADJUSTED: Rows = (
    *reals("adjustedStopPrice adjustedStopLimitPrice adjustedTrailingAmount"),
    *ints("adjustableTrailingUnit", 0),
)
_PEGGED: Rows = (
    *ints("minTradeQty minCompeteSize", since=170),
    Field("competeAgainstBestOffset", REAL, None, 170),
    *reals("midOffsetAtWhole midOffsetAtHalf", since=170),
)
_CUSTOMER: Rows = (
    *texts("customerAccount", since=183),
    *flags("professionalCustomer", since=184),
)
_OMS: Rows = flags("dontUseAutoPriceForHedge isOmsContainer")

# -- client to server -----------------------------------------------------------------------------

_COMPETE: Rows = (
    *ints("minCompeteSize"),
    *reals("competeAgainstBestOffset"),
    When(_is_up_to_mid, reals("midOffsetAtWhole midOffsetAtHalf")),
)
_PLACE_GATED: Rows = (
    *ints("duration", since=158),
    *ints("postToAts", since=160),
    *flags("autoCancelParent", since=162),
    *texts("advancedErrorOverride", since=166),
    *texts("manualOrderTime", since=169),
    When(equals("exchange", "IBKRATS"), ints("minTradeQty"), 170),
    When(equals("orderType", *PEGGED_TO_BEST), _COMPETE, 170),
    When(equals("orderType", *PEGGED_TO_MIDPOINT), reals("midOffsetAtWhole midOffsetAtHalf"), 170),
    *_CUSTOMER,
    Fixed("", *RFQ),  # a request for quote; given up again at 190
    Fixed(str(UNSET_INT), *RFQ),
    *flags("includeOvernight", since=189),
    *ints("manualOrderIndicator", since=192),
    *flags("imbalanceOnly", since=199),
)

PLACE_ORDER: Rows = (
    *keys("orderId"),
    *CONTRACT_12,
    *texts("secIdType secId"),
    *_TERMS,
    *flags("transmit", default=True),
    *ints("parentId", 0),
    *flags("blockOrder sweepToFill"),
    *ints("displaySize triggerMethod", 0),
    *flags("outsideRth hidden"),
    When(equals("secType", "BAG"), _COMBO),
    Fixed(""),  # shares allocation, long unused
    *reals("discretionaryAmt", ZERO),
    *texts("goodAfterTime goodTillDate"),
    *_FA,
    *texts("modelCode"),
    *_SHORT_SALE,
    *ints("ocaType", 0),
    *texts("rule80A settlingFirm"),
    *flags("allOrNone"),
    *ints("minQty"),
    *reals("percentOffset"),
    *flags("eTradeOnly firmQuoteOnly"),
    *reals("nbboPriceCap"),
    *ints("auctionStrategy", 0),
    *_REFERENCE,
    *_STOCK_RANGE,
    *flags("overridePercentageConstraints"),
    *_VOLATILITY,
    _NEUTRAL,
    *_CONTINUOUS,
    *_SCALE,
    *texts("scaleTable activeStartTime activeStopTime"),
    *_HEDGE,
    *flags("optOutSmartRouting"),
    *_CLEARING,
    *DELTA_NEUTRAL,
    *_ALGO,
    *texts("algoId"),
    *flags("whatIf"),
    *texts("orderMiscOptions"),
    *flags("solicited randomizeSize randomizePrice"),
    _BENCHMARK,
    *_CONDITIONS,
    *texts("adjustedOrderType"),
    *reals("triggerPrice lmtPriceOffset"),
    *_ADJUSTED,
    *texts("extOperator softDollarTierName softDollarTierValue"),
    *reals("cashQty"),
    *texts("mifid2DecisionMaker mifid2DecisionAlgo mifid2ExecutionTrader mifid2ExecutionAlgo"),
    *_OMS,
    *flags("discretionaryUpToLimitPrice usePriceMgmtAlgo"),
    *_PLACE_GATED,
)

# -- server to client -----------------------------------------------------------------------------

_ALLOCATION: Rows = (
    *texts("account"),
    *reals("position positionDesired positionAfter desiredAllocQty allowedAllocQty"),
    *flags("isMonetary"),
)
_ORDER_STATE: Rows = (
    *texts("status"),
    *texts("initMarginBefore maintMarginBefore equityWithLoanBefore", UNSET_REAL),
    *texts("initMarginChange maintMarginChange equityWithLoanChange", UNSET_REAL),
    *texts("initMarginAfter maintMarginAfter equityWithLoanAfter", UNSET_REAL),
    *reals("commission minCommission maxCommission"),
    *texts("commissionCurrency"),
    *texts("marginCurrency", since=195),
    *reals("initMarginBeforeOutsideRTH maintMarginBeforeOutsideRTH", since=195),
    *reals("equityWithLoanBeforeOutsideRTH", since=195),
    *reals("initMarginChangeOutsideRTH maintMarginChangeOutsideRTH", since=195),
    *reals("equityWithLoanChangeOutsideRTH", since=195),
    *reals("initMarginAfterOutsideRTH maintMarginAfterOutsideRTH", since=195),
    *reals("equityWithLoanAfterOutsideRTH suggestedSize", since=195),
    *texts("rejectReason", since=195),
    Many("orderAllocations", _ALLOCATION, 195),
    *texts("warningText"),
)

OPEN_ORDER: Rows = (
    *keys("orderId"),
    *CONTRACT_11,
    *_TERMS,
    *ints("clientId", 0),
    *longs("permId", 0),
    *flags("outsideRth hidden"),
    *reals("discretionaryAmt", ZERO),
    *texts("goodAfterTime"),
    Fixed(""),  # shares allocation, long unused
    *_FA,
    *texts("modelCode goodTillDate rule80A"),
    *reals("percentOffset"),
    *texts("settlingFirm"),
    *_SHORT_SALE,
    *ints("auctionStrategy", 0),
    *_REFERENCE,
    *_STOCK_RANGE,
    *ints("displaySize"),
    *flags("blockOrder sweepToFill allOrNone"),
    *ints("minQty"),
    *ints("ocaType", 3),
    *flags("eTradeOnly firmQuoteOnly"),
    *reals("nbboPriceCap"),
    *ints("parentId triggerMethod", 0),
    *_VOLATILITY,
    _NEUTRAL,
    *_CONTINUOUS,
    *reals("basisPoints"),
    *ints("basisPointsType"),
    *texts("comboLegsDescrip"),
    *_COMBO,
    *_SCALE,
    *_HEDGE,
    *flags("optOutSmartRouting"),
    *_CLEARING,
    *DELTA_NEUTRAL,
    *_ALGO,
    *flags("solicited whatIf"),
    *_ORDER_STATE,
    *flags("randomizeSize randomizePrice"),
    _BENCHMARK,
    *_CONDITIONS,
    *texts("adjustedOrderType"),
    *reals("triggerPrice trailStopPrice lmtPriceOffset"),
    *_ADJUSTED,
    *texts("softDollarTierName softDollarTierValue softDollarTierDisplayName"),
    *reals("cashQty"),
    *_OMS,
    *flags("discretionaryUpToLimitPrice usePriceMgmtAlgo"),
    *ints("duration", since=158),
    *ints("postToAts", since=160),
    *flags("autoCancelParent", since=162),
    *_PEGGED,
    *_CUSTOMER,
    *texts("bondAccruedInterest", since=185),
    *flags("includeOvernight", since=189),
    *texts("extOperator", since=193),
    *ints("manualOrderIndicator", since=193),
    *texts("submitter", since=198),
    *flags("imbalanceOnly", since=199),
)

COMPLETED_ORDER: Rows = (
    *CONTRACT_11,
    *_TERMS,
    *longs("permId", 0),
    *flags("outsideRth hidden"),
    *reals("discretionaryAmt", ZERO),
    *texts("goodAfterTime"),
    *_FA,
    *texts("modelCode goodTillDate rule80A"),
    *reals("percentOffset"),
    *texts("settlingFirm"),
    *_SHORT_SALE,
    *_REFERENCE,
    *_STOCK_RANGE,
    *ints("displaySize"),
    *flags("sweepToFill allOrNone"),
    *ints("minQty"),
    *ints("ocaType", 3),
    *ints("triggerMethod", 0),
    *_VOLATILITY,
    _NEUTRAL_COMPLETED,
    *_CONTINUOUS,
    *texts("comboLegsDescrip"),
    *_COMBO,
    *_SCALE,
    *_HEDGE,
    *_CLEARING,
    *DELTA_NEUTRAL,
    *_ALGO,
    *flags("solicited"),
    *texts("status"),
    *flags("randomizeSize randomizePrice"),
    _BENCHMARK,
    *_CONDITIONS,
    *reals("trailStopPrice lmtPriceOffset cashQty"),
    *_OMS,
    *texts("autoCancelDate"),
    *reals("filledQuantity", ZERO),
    *ints("refFuturesConId", 0),
    *flags("autoCancelParent"),
    *texts("shareholder"),
    *flags("imbalanceOnly routeMarketableToBbo"),
    *longs("parentPermId", 0),
    *texts("completedTime completedStatus"),
    *_PEGGED,
    *_CUSTOMER,
    *texts("submitter", since=198),
)
