"""Sanity of what an order states in several words: conditions, an adjustment, legs, an algo.

Rule 1: all faults are reported together; each names the part that is wrong.
Rule 2: what is asked here is of its types; numbers may still be NaN, texts anything.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from riskgate.model import algos
from riskgate.model.codes import Code
from riskgate.model.fields import shown
from riskgate.model.instructions import (
    Adjustment,
    Condition,
    ConditionKind,
    Leg,
    TriggerMethod,
)
from riskgate.model.money import HUNDRED, countable, text
from riskgate.model.order import Fault, Order, OrderType, Tif
from riskgate.model.order_words import SIDES, TARGETS
from riskgate.model.sound import COMBO, LONGEST_TEXT, MOST_UNITS, SEC_TYPES

FEWEST_LEGS: Final = 2
MOST_CONDITIONS: Final = 32
LASTING: Final = frozenset({Tif.DAY, Tif.GTC, Tif.GTD})
PLAIN_TYPES: Final = frozenset({OrderType.MKT, OrderType.LMT})
MINUTE: Final = timedelta(minutes=1)
BY_NUMBER: Final = re.compile(r"#(?P<number>[1-9][0-9]{0,9})(@[A-Z0-9.]+)?")
BY_NAME: Final = re.compile(r'[^\s"#.@&|,=]+(\.(?P<sec>[A-Z]+))?(@[A-Z0-9.]+)?')
# What each kind of condition needs; it takes nothing else of these.
NEEDS: Final[Mapping[ConditionKind, tuple[str, ...]]] = {
    ConditionKind.PRICE: ("contract", "level"),
    ConditionKind.TIME: ("at",),
    ConditionKind.MARGIN: ("level",),
    ConditionKind.EXECUTION: ("contract",),
    ConditionKind.VOLUME: ("contract", "level"),
    ConditionKind.CHANGE: ("contract", "level"),
}
MOST_OF: Final = {ConditionKind.MARGIN: HUNDRED, ConditionKind.VOLUME: MOST_UNITS}
"""Kinds whose level is a whole number, from zero to this."""


def faults(order: Order) -> Iterator[Fault]:
    """Everything wrong with these parts of an order."""
    said = order.instructions
    yield from _conditions(order)
    if said.adjusts is not None:
        yield from _adjustment(order.order_type, said.adjusts)
    yield from _legs(order)
    if order.algo is not None:
        for wrong in algos.faults(order.algo, order.order_type):
            yield Fault(Code.BAD_ORDER, wrong)
        if order.tif not in LASTING:
            yield Fault(Code.BAD_TIF, f"an algo takes DAY, GTC or GTD, not {order.tif}")


def moment_faults(name: str, moment: datetime) -> Iterator[Fault]:
    """Whether a time can be told to the broker, and recorded, as it is."""
    offset = moment.utcoffset()
    if offset is None:
        yield Fault(Code.BAD_TIF, f"{name} needs a time with an offset; found `{moment}`")
    elif offset % MINUTE:
        yield Fault(Code.BAD_TIF, f"{name} needs an offset of whole minutes; found `{moment}`")
    elif moment.microsecond:
        yield Fault(Code.BAD_TIF, f"{name} needs a time of whole seconds; found `{moment}`")


def contract_fault(contract: str) -> str | None:
    """What is wrong with how a leg or a condition names its contract."""
    number, name = BY_NUMBER.fullmatch(contract), BY_NAME.fullmatch(contract)
    if number is not None and int(number["number"]) <= MOST_UNITS:
        return None
    fits = contract.isascii() and contract.isprintable() and len(contract) <= LONGEST_TEXT
    if name is None or not fits:
        return f"`{shown(contract)}` is no contract; write AAPL, ES.FUT@CME or #265598@SMART"
    if contract != contract.upper():
        return f"contract `{contract}` must be upper case"
    if name["sec"] is not None and name["sec"] not in SEC_TYPES - {COMBO}:
        return f"security type `{name['sec']}` of `{contract}` is not supported"
    return None


def _conditions(order: Order) -> Iterator[Fault]:
    conditions = order.instructions.conditions
    for condition in conditions:
        yield from _condition(condition)
    if len(conditions) > MOST_CONDITIONS:
        yield Fault(Code.BAD_ORDER, f"an order has {MOST_CONDITIONS} conditions at most")
    if conditions and not conditions[-1].also:
        yield Fault(Code.BAD_ORDER, "nothing follows the last condition; leave its `also` true")
    for name in ("conditions_cancel", "conditions_ignore_rth"):
        if getattr(order.instructions, name) and not conditions:
            yield Fault(Code.BAD_ORDER, f"{name} needs conditions")


def _condition(condition: Condition) -> Iterator[Fault]:
    kind = condition.kind
    for name in ("contract", "level", "at"):
        is_stated = getattr(condition, name) not in (None, "")
        if is_stated != (name in NEEDS[kind]):
            verb = "takes no" if is_stated else "needs"
            yield Fault(Code.BAD_ORDER, f"a condition on {kind} {verb} {name}")
    if condition.contract:
        yield from _watched(condition)
    if condition.level is not None:
        yield from _level(kind, condition.level)
    if condition.at is not None:
        yield from moment_faults("the time of a condition", condition.at)
    if kind is ConditionKind.EXECUTION and not condition.rises:
        yield Fault(Code.BAD_ORDER, "a condition on execution neither rises nor falls")
    if kind is not ConditionKind.PRICE and condition.method is not TriggerMethod.DEFAULT:
        yield Fault(Code.BAD_ORDER, f"a condition on {kind} takes no method; a price does")


def _watched(condition: Condition) -> Iterator[Fault]:
    wrong = contract_fault(condition.contract)
    if wrong is not None:
        yield Fault(Code.BAD_ORDER, wrong)
    elif condition.kind is ConditionKind.EXECUTION and condition.contract.startswith("#"):
        yield Fault(Code.BAD_ORDER, "a condition on execution names a symbol, not a number")


def _level(kind: ConditionKind, level: Decimal) -> Iterator[Fault]:
    most = MOST_OF.get(kind)
    if not countable(level):
        yield Fault(Code.BAD_PRICE, f"the level of a condition must be a number; found `{level}`")
    elif most is not None and not (0 <= level <= most and level == level.to_integral_value()):
        yield Fault(
            Code.BAD_PRICE,
            f"a condition on {kind} takes a whole number of 0 to {text(most)}; found {text(level)}",
        )


def _adjustment(order_type: OrderType, adjusts: Adjustment) -> Iterator[Fault]:
    if order_type is not OrderType.STP:
        yield Fault(Code.BAD_ORDER, f"{order_type} takes no adjustment; only STP does")
    if adjusts.order_type not in TARGETS:
        found = shown(adjusts.order_type)
        known = ", ".join(TARGETS)
        yield Fault(Code.BAD_ORDER, f"a stop is adjusted to one of {known}; found `{found}`")
        return
    yield from _target(adjusts)
    for name in ("trigger_price", "stop_price", "limit_price", "trail_amount", "trail_percent"):
        value: Decimal | None = getattr(adjusts, name)
        if value is None:
            continue
        if not countable(value):
            yield Fault(Code.BAD_PRICE, f"adjusts {name} must be a number; found `{value}`")
        elif name.startswith("trail") and not value > 0:
            yield Fault(Code.BAD_PRICE, f"adjusts {name} must be above zero; found {text(value)}")


def _target(adjusts: Adjustment) -> Iterator[Fault]:
    """Whether the type that a stop becomes has its prices, and no others."""
    kind, needs = adjusts.order_type, TARGETS[adjusts.order_type]
    trails = (adjusts.trail_amount is not None) + (adjusts.trail_percent is not None)
    if "trail" in needs and trails != 1:
        why = f"an adjustment to {kind} needs a trailing amount or a percent, and not both"
        yield Fault(Code.BAD_PRICE, why)
    if "trail" not in needs and trails:
        yield Fault(Code.BAD_PRICE, f"an adjustment to {kind} does not trail")
    if adjusts.stop_price is None and "stop_price" in needs:
        yield Fault(Code.BAD_PRICE, f"an adjustment to {kind} needs stop_price")
    if (adjusts.limit_price is None) == ("limit_price" in needs):
        verb = "needs" if adjusts.limit_price is None else "takes no"
        yield Fault(Code.BAD_PRICE, f"an adjustment to {kind} {verb} limit_price")


def _legs(order: Order) -> Iterator[Fault]:
    if order.sec_type != COMBO:
        if order.legs:
            yield Fault(Code.BAD_ORDER, "legs are of a combo; write its symbol as AAPL.BAG")
        return
    if len(order.legs) < FEWEST_LEGS:
        yield Fault(Code.BAD_ORDER, f"a combo needs {FEWEST_LEGS} legs or more")
    if order.order_type not in PLAIN_TYPES:
        yield Fault(Code.BAD_ORDER, f"a combo is MKT or LMT, not {order.order_type}")
    if order.instructions.cash_quantity is not None:
        yield Fault(Code.BAD_ORDER, "a combo takes no cash_quantity")
    for leg in order.legs:
        yield from _leg(leg)


def _leg(leg: Leg) -> Iterator[Fault]:
    if leg.side not in SIDES:
        yield Fault(
            Code.BAD_ORDER, f"the side of a leg must be BUY or SELL; found `{shown(leg.side)}`"
        )
    if not 1 <= leg.ratio <= MOST_UNITS:
        found = shown(leg.ratio)
        yield Fault(Code.BAD_ORDER, f"the ratio of a leg must be one or more; found `{found}`")
    wrong = contract_fault(leg.contract)
    if wrong is not None:
        yield Fault(Code.BAD_ORDER, wrong)
