"""Our orders as the library's.

Rule 1: what cannot be said exactly is refused by name; nothing is dropped or mapped silently.
Rule 2: time in force, account, reference and flags are always stated, never left to presets.
Rule 3: a version of IB's messages that lacks a field lacks it silently; it is refused here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

import msgspec

from riskgate.brokers.ib import conditions, contracts, raw
from riskgate.brokers.ib.contracts import plain
from riskgate.brokers.ib.places import Finder, unknown_place
from riskgate.brokers.ib.wording import (
    ADJUSTED_PRICES,
    ADJUSTED_TYPES,
    AMOUNT,
    FACTS,
    OCA_TYPE,
    ORDER_FACTS,
    OVERNIGHT,
    PERCENT,
    PRICES,
    SIDES,
    TIFS,
    TYPES,
    Fact,
    number_out,
    some_out,
    text_out,
)
from riskgate.errors import OrderError
from riskgate.model.codes import Code
from riskgate.model.instructions import PLAIN, Adjustment, Instructions, OcaType
from riskgate.model.order import SHAPES, Fault, Order, Tif

LATEST: Final = 10_000  # a version of IB's messages that has everything
ATS: Final = "IBKRATS"
CODES: Final = {"quantity": Code.BAD_QUANTITY, "good_till": Code.BAD_TIF, "tif": Code.BAD_TIF}
TIMES: Final = frozenset({"good_till", "good_after"})
OUR_SIDES: Final = {ours: theirs for theirs, ours in SIDES.items()}


class Placing(msgspec.Struct, frozen=True):
    """What a message says of an order beside its terms.

    `parent` is the broker's number of the order that this one waits for, 0 for none; without
    `transmit` it waits in TWS for the next of its group; `finder` knows the contracts that
    conditions name.
    """

    parent: int = 0
    transmit: bool = True
    finder: Finder = unknown_place


ALONE: Final = Placing()


def venue_of(order: Order) -> str | None:
    """The exchange to send an order to, or None for its contract's own."""
    return OVERNIGHT if order.tif is Tif.OVERNIGHT else order.exchange


def faults_of(order: Order, version: int = LATEST) -> tuple[Fault, ...]:
    """Everything of an order that cannot be carried, each with the field's name.

    `version` is that of IB's messages in this session.
    """
    return (*_Writer(order, version).faults, *contracts.faults_of(order.terms))


def order_of(
    module: raw.Module, order: Order, ref: str, account: str, placing: Placing = ALONE
) -> raw.Order:
    """The library's order. Raise OrderError, with every fault, if it cannot be carried."""
    writer = _Writer(order, LATEST)
    faults = (*writer.faults, *contracts.faults_of(order.terms))
    if faults:
        raise _refused(faults)
    made = module.Order()
    for name, value in writer.fields.items():
        setattr(made, name, value)
    made.account = plain(account)
    made.orderRef = plain(ref)
    made.transmit = placing.transmit
    made.eTradeOnly = False
    made.firmQuoteOnly = False
    if placing.parent:
        made.parentId = placing.parent
    _add_lists(module, made, order, placing.finder)
    return made


def figures_of(order: Order) -> dict[str, object]:
    """The quantity and the prices of an order that was sent, by IB's names."""
    fields = _Writer(order, LATEST).fields
    return {name: fields[name] for name in ("totalQuantity", *PRICES.values()) if name in fields}


def _add_lists(module: raw.Module, made: raw.Order, order: Order, finder: Finder) -> None:
    if order.algo is not None:
        made.algoStrategy = order.algo.name
        made.algoParams = [module.TagValue(tag, value) for tag, value in order.algo.params]
    if order.instructions.conditions:
        made.conditions = [
            conditions.made(module, one, finder) for one in order.instructions.conditions
        ]


def _refused(faults: tuple[Fault, ...]) -> OrderError:
    reasons = tuple((fault.code, fault.text) for fault in faults)
    return OrderError("; ".join(text for _, text in reasons), reasons)


class _Writer:
    """The plain fields of one order, and what cannot be written."""

    def __init__(self, order: Order, version: int) -> None:
        self.fields: dict[str, object] = {}
        self.faults: list[Fault] = []
        self._order = order
        self._version = version
        self._terms()
        if order.instructions != PLAIN:
            self._instructions(order.instructions)
        if order.algo is not None:
            for word in (order.algo.name, *(word for pair in order.algo.params for word in pair)):
                self._put("", "algo", word, text_out)

    def _terms(self) -> None:
        order = self._order
        self.fields["action"] = OUR_SIDES[order.side]
        self.fields["orderType"] = TYPES[order.order_type]
        self.fields["tif"] = TIFS[order.tif]
        if order.instructions.cash_quantity is None:
            self._put("totalQuantity", "quantity", order.quantity, number_out)
        else:  # IB finds the quantity; that of the order is what the gate reserves
            self.fields["totalQuantity"] = 0
        for ours, theirs in PRICES.items():
            price = getattr(order, ours)
            if price is not None:
                optional = ours in SHAPES[order.order_type].optional
                self._put(theirs, ours, price, some_out if optional else number_out)
        for fact in ORDER_FACTS:
            self._fact(fact, getattr(order, fact.ours))
        self.fields["outsideRth"] = order.outside_rth
        self.faults += _unsaid(order)

    def _instructions(self, said: Instructions) -> None:
        for fact in FACTS:
            self._fact(fact, getattr(said, fact.ours))
        if said.oca_group is not None:
            # Left open, IB lets the others fill while it reduces them; this is the type that
            # never lets two of a group fill.
            self.fields["ocaType"] = OCA_TYPE.write(said.oca_type or OcaType.CANCEL_BLOCK)
        if said.min_trade_quantity is not None and self._order.exchange != ATS:
            text = f"min_trade_quantity is sent to {ATS} only; state exchange={ATS}"
            self.faults.append(Fault(Code.BAD_ORDER, text))
        if said.adjusts is not None:
            self._adjustment(said.adjusts)
        for condition in said.conditions:
            self._put("", f"condition {condition.kind}", condition, conditions.unplaced)

    def _adjustment(self, said: Adjustment) -> None:
        if said.order_type not in ADJUSTED_TYPES:
            text = f"adjusts `{said.order_type}` cannot be sent; use {', '.join(ADJUSTED_TYPES)}"
            self.faults.append(Fault(Code.BAD_ORDER, text))
            return
        self.fields["adjustedOrderType"] = ADJUSTED_TYPES[said.order_type]
        for ours, theirs in ADJUSTED_PRICES.items():
            if getattr(said, ours) is not None:
                self._put(theirs, f"adjusts {ours}", getattr(said, ours), some_out)
        by_percent = said.trail_percent is not None
        trail = said.trail_percent if by_percent else said.trail_amount
        if trail is not None:
            self._put("adjustedTrailingAmount", "adjusts trail", trail, some_out)
            self.fields["adjustableTrailingUnit"] = PERCENT if by_percent else AMOUNT

    def _fact(self, fact: Fact, value: object) -> None:
        if value is None or value is False:
            return
        kind = self._order.order_type
        if fact.only and kind not in fact.only:
            self._refuse(fact.ours, value, f"cannot be sent to IB with {kind}")
        elif fact.since > self._version:
            old = f"this session's version {self._version} of IB's messages"
            self._refuse(fact.ours, value, f"cannot be sent in {old}; it needs {fact.since}")
        else:
            self._put(fact.theirs, fact.ours, value, fact.wording.write)

    def _put(self, theirs: str, ours: str, value: object, write: Callable[[Any], object]) -> None:
        try:
            written = write(value)
        except OrderError as error:
            self.faults += (Fault(code, f"{ours}: {text}") for code, text in error.reasons)
        except ValueError as error:
            self._refuse(ours, value, str(error))
        else:
            if theirs:
                self.fields[theirs] = written

    def _refuse(self, ours: str, value: object, reason: str) -> None:
        usual = Code.BAD_PRICE if ours in PRICES else Code.BAD_ORDER
        self.faults.append(Fault(CODES.get(ours, usual), f"{ours} `{value}` {reason}"))


def _unsaid(order: Order) -> Iterator[Fault]:
    if order.tif is Tif.OVERNIGHT and order.exchange not in (None, OVERNIGHT):
        text = f"tif OVERNIGHT goes to the exchange {OVERNIGHT}; found exchange `{order.exchange}`"
        yield Fault(Code.BAD_TIF, text)
    if order.exchange == OVERNIGHT and order.tif is not Tif.OVERNIGHT:
        text = f"exchange {OVERNIGHT} takes orders for one night; use tif OVERNIGHT"
        yield Fault(Code.BAD_TIF, text)
