"""The contract as it travels inside other messages."""

from __future__ import annotations

from riskgate.simulator.amounts import ZERO
from riskgate.simulator.wire.fields import (
    Many,
    Rows,
    When,
    equals,
    flags,
    ints,
    is_set,
    reals,
    texts,
)

_HEAD: Rows = (
    *ints("conId", 0),
    *texts("symbol secType lastTradeDateOrContractMonth"),
    *reals("strike", ZERO),
    *texts("right multiplier"),
)
_TAIL: Rows = texts("currency localSymbol tradingClass")

CONTRACT_12: Rows = (*_HEAD, *texts("exchange primaryExchange"), *_TAIL)
CONTRACT_11: Rows = (*_HEAD, *texts("exchange"), *_TAIL)
CONTRACT_PORTFOLIO: Rows = (*_HEAD, *texts("primaryExchange"), *_TAIL)

SHORT_LEG: Rows = (*ints("conId ratio"), *texts("action exchange"))
FULL_LEG: Rows = (
    *SHORT_LEG,
    *ints("openClose shortSaleSlot", 0),
    *texts("designatedLocation"),
    *ints("exemptCode", -1),
)
SHORT_LEGS_IF_BAG = When(equals("secType", "BAG"), (Many("comboLegs", SHORT_LEG),))


DELTA_NEUTRAL: Rows = (
    *flags("deltaNeutralContract"),
    When(is_set("deltaNeutralContract"), (*ints("dncConId"), *reals("dncDelta dncPrice"))),
)
PAIR: Rows = texts("tag value")
