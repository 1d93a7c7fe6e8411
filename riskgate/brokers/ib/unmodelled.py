"""The fields of the library's orders that we have no word for: harmless, or refused by name.

Rule 1: every field of the library's `Order` is in `wording`, here among the harmless with a reason,
or here among the refused; a test goes through all of them and fails for a new one.
Rule 2: harmless is what changes nothing about what is traded, when, for whom or at what price.
Everything else would be lost on the way through the gate, so it is refused if it says anything.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from riskgate.brokers.ib import raw
from riskgate.brokers.ib.wording import is_nothing
from riskgate.model.codes import Code
from riskgate.model.order import Fault

HARMLESS: Final = {
    "orderId": "a number that the session gives",
    "clientId": "a number that the session gives",
    "permId": "a number that IB gives",
    "parentId": "the link of a bracket; read by who reads groups",
    "parentPermId": "a number that IB gives",
    "transmit": "whether a group is complete; read by who reads groups",
    "orderRef": "a name for people; the gate gives its own",
    "filledQuantity": "what happened, of completed orders",
    "autoCancelDate": "what IB says of completed orders",
    "shareholder": "what IB says of completed orders",
    "refFuturesConId": "what IB says of completed orders",
    "routeMarketableToBbo": "what IB says of completed orders",
    "dontUseAutoPriceForHedge": "only for hedges, which are refused; IB says true of every order",
}
REFUSED: Final = {
    "activeStartTime": "scale orders are not modelled",
    "activeStopTime": "scale orders are not modelled",
    "rule80A": "it says in which capacity an institution trades",
    "percentOffset": "an offset in percent is not modelled; use auxPrice",
    "overridePercentageConstraints": "it switches a safety of TWS off",
    "faGroup": "orders for several accounts are not modelled",
    "faProfile": "orders for several accounts are not modelled",
    "faMethod": "orders for several accounts are not modelled",
    "faPercentage": "orders for several accounts are not modelled",
    "designatedLocation": "short sales by slot are not modelled",
    "openClose": "opening and closing are not told apart",
    "origin": "orders for customers are not modelled",
    "shortSaleSlot": "short sales by slot are not modelled",
    "exemptCode": "exemptions of short sales are not modelled",
    "eTradeOnly": "IB no longer takes it",
    "firmQuoteOnly": "IB no longer takes it",
    "nbboPriceCap": "IB no longer takes it",
    "optOutSmartRouting": "it changes where the order goes",
    "auctionStrategy": "auctions of BOX are not modelled",
    "startingPrice": "pegs to stocks and benchmarks are not modelled",
    "stockRefPrice": "pegs to stocks and benchmarks are not modelled",
    "delta": "pegs to stocks are not modelled",
    "stockRangeLower": "pegs to stocks are not modelled",
    "stockRangeUpper": "pegs to stocks are not modelled",
    "randomizePrice": "a price that IB changes at random is not modelled",
    "randomizeSize": "a size that IB changes at random is not modelled",
    "volatility": "orders by volatility are not modelled",
    "volatilityType": "orders by volatility are not modelled",
    "deltaNeutralOrderType": "delta-neutral orders are not modelled",
    "deltaNeutralAuxPrice": "delta-neutral orders are not modelled",
    "deltaNeutralConId": "delta-neutral orders are not modelled",
    "deltaNeutralSettlingFirm": "delta-neutral orders are not modelled",
    "deltaNeutralClearingAccount": "delta-neutral orders are not modelled",
    "deltaNeutralClearingIntent": "delta-neutral orders are not modelled",
    "deltaNeutralOpenClose": "delta-neutral orders are not modelled",
    "deltaNeutralShortSale": "delta-neutral orders are not modelled",
    "deltaNeutralShortSaleSlot": "delta-neutral orders are not modelled",
    "deltaNeutralDesignatedLocation": "delta-neutral orders are not modelled",
    "continuousUpdate": "orders by volatility are not modelled",
    "referencePriceType": "orders by volatility are not modelled",
    "basisPoints": "exchanges for physical are not modelled",
    "basisPointsType": "exchanges for physical are not modelled",
    "scaleInitLevelSize": "scale orders are not modelled",
    "scaleSubsLevelSize": "scale orders are not modelled",
    "scalePriceIncrement": "scale orders are not modelled",
    "scalePriceAdjustValue": "scale orders are not modelled",
    "scalePriceAdjustInterval": "scale orders are not modelled",
    "scaleProfitOffset": "scale orders are not modelled",
    "scaleAutoReset": "scale orders are not modelled",
    "scaleInitPosition": "scale orders are not modelled",
    "scaleInitFillQty": "scale orders are not modelled",
    "scaleRandomPercent": "scale orders are not modelled",
    "scaleTable": "scale orders are not modelled",
    "hedgeType": "hedges, whose quantity IB decides, are not modelled",
    "hedgeParam": "hedges, whose quantity IB decides, are not modelled",
    "settlingFirm": "clearing elsewhere is not modelled",
    "clearingAccount": "clearing elsewhere is not modelled",
    "clearingIntent": "clearing elsewhere is not modelled",
    "algoId": "algorithms by an id are not modelled",
    "smartComboRoutingParams": "routing of combos is not modelled",
    "whatIf": "a question is no order; it cannot be placed through the gate",
    "solicited": "it says that somebody else asked for the order",
    "modelCode": "portfolio models are not modelled",
    "orderComboLegs": "prices of single legs are not modelled",
    "orderMiscOptions": "further options are not modelled",
    "referenceContractId": "pegs to benchmarks are not modelled",
    "peggedChangeAmount": "pegs to benchmarks are not modelled",
    "isPeggedChangeAmountDecrease": "pegs to benchmarks are not modelled",
    "referenceChangeAmount": "pegs to benchmarks are not modelled",
    "referenceExchangeId": "pegs to benchmarks are not modelled",
    "extOperator": "it would not be sent on",
    "softDollarTier": "soft dollars are not modelled",
    "mifid2DecisionMaker": "it would not be sent on",
    "mifid2DecisionAlgo": "it would not be sent on",
    "mifid2ExecutionTrader": "it would not be sent on",
    "mifid2ExecutionAlgo": "it would not be sent on",
    "isOmsContainer": "containers are not modelled",
    "discretionaryUpToLimitPrice": "discretion up to the limit is not modelled",
    "autoCancelParent": "a child that cancels its parent is not modelled",
    "imbalanceOnly": "orders for an imbalance only are not modelled",
    "usePriceMgmtAlgo": "it lets IB change the price",
    "duration": "a life in seconds is not modelled; use GTD",
    "postToAts": "it changes where the order goes",
    "advancedErrorOverride": "it switches a safety of TWS off",
    "manualOrderTime": "it would not be sent on",
}
# Values that say nothing, beside those that never do.
USUAL: Final[dict[str, tuple[object, ...]]] = {
    "openClose": ("O",),
    "exemptCode": (-1,),
    "clearingIntent": ("IB",),
    "rule80A": ("0",),
    "referencePriceType": (0,),
}
# What IB writes into orders that never asked for it, so that a repeated order has it (4.8).
FILLED_IN: Final = frozenset({"volatility", "volatilityType", "usePriceMgmtAlgo", "solicited"})


def faults_of(theirs: raw.Order, *, repeated: bool) -> Iterator[Fault]:
    """Every field that says something that would be lost; `repeated` orders went through IB."""
    for name, reason in REFUSED.items():
        value = getattr(theirs, name, None)
        if is_nothing(value) or value in USUAL.get(name, ()) or _is_empty_tier(value):
            continue
        if not (repeated and name in FILLED_IN):
            yield Fault(Code.BAD_ORDER, f"{name} `{value}` is not taken: {reason}")


def _is_empty_tier(value: object) -> bool:
    """A soft-dollar tier is there in every order, and says nothing while it has no name."""
    return hasattr(value, "displayName") and not (
        getattr(value, "name", "") or getattr(value, "val", "")
    )
