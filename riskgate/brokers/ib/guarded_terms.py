"""What a script's contract and order say, as an order of ours.

Rule 1: a contract with a number is that one and no other, whatever else has its name.
Rule 2: without a number, what we would drop of a contract is refused: it may mean another one.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterable
from typing import Any, Final

import msgspec

from riskgate.brokers.ib import combos, contracts, terms_in
from riskgate.brokers.ib.catalogue import Catalogue
from riskgate.brokers.ib.guarded_wire import Theirs
from riskgate.brokers.ib.numbers import incoming
from riskgate.errors import OrderError
from riskgate.ledger.market import Market
from riskgate.line import payload
from riskgate.line.judging import CHANGEABLE
from riskgate.line.payload import Asked
from riskgate.model.codes import Code
from riskgate.model.decision import Decision
from riskgate.model.instrument import Instrument, Terms
from riskgate.model.order import Order

UNSAID: Final = ("secIdType", "secId", "includeExpired")
NUMBERED_ONLY: Final = ("localSymbol",)
DAY: Final = re.compile(r"[0-9]{8}( .*)?")
BLOCKING: Final = (1, 2)  # of IB's `ocaType`
RIGHTS: Final = ("", "0", "?", "C", "P", "CALL", "PUT")
# What the contract says, or what a script cannot say with the library's order.
NOT_SAID: Final = (
    *("symbol", "sec_type", "currency", "expiry", "strike", "right", "multiplier", "legs"),
    *("account", "strategy", "key", "tag", "intent", "locate", "route", "trigger_now"),
)


def known_as(contract: Theirs, catalogue: Catalogue) -> Instrument | Terms:
    """What a contract stands for. Raise OrderError if it may stand for another one."""
    if contract.deltaNeutralContract:
        raise _unknown("deltaNeutralContract is not taken: delta-neutral combos are not modelled")
    if contract.conId and catalogue.knows(contract):
        combos.refuse_unsaid(contract)
        known = catalogue.of(contract)
        _refuse_other(contract, known)
        catalogue.add(known)  # others may have the same name; an order by it means this one now
        return known
    if contract.conId and not contract.symbol:
        raise _unknown(f"contract {contract.conId} is not known; qualify it first")
    combos.refuse_unsaid(contract)
    wrong = [name for name in UNSAID if getattr(contract, name, None)]
    wrong += [name for name in NUMBERED_ONLY if not contract.conId and getattr(contract, name)]
    if contract.tradingClass not in ("", contract.symbol) and not contract.conId:
        wrong.append("tradingClass")
    if contract.secType in contracts.DATED and not contract.conId:
        wrong += _undated(contract)
    if wrong:
        said = ", ".join(f"{name} `{getattr(contract, name)}`" for name in wrong)
        raise _unknown(f"{said}: qualify the contract first (ib.qualifyContracts)")
    terms = contracts.terms_of(contract)
    if contract.secType in contracts.DATED:  # it tells SI from SIL
        multiplier = incoming(contract.multiplier) or None
        terms = msgspec.structs.replace(terms, multiplier=multiplier)
    return terms


def _undated(contract: Theirs) -> list[str]:
    """What of a contract that ends is said in a way that may mean another one, such as a month."""
    wrong = []
    day, right = contract.lastTradeDateOrContractMonth, contract.right
    if day and not DAY.fullmatch(day):
        wrong.append("lastTradeDateOrContractMonth")
    if right not in RIGHTS:
        wrong.append("right")
    wrong += [
        name
        for name in ("strike", "multiplier")
        if getattr(contract, name) and incoming(getattr(contract, name)) is None
    ]
    return wrong


def _refuse_other(contract: Theirs, known: Instrument) -> None:
    """Raise OrderError if what a contract says beside its number is not so."""
    if known.legs:
        return
    terms = contracts.terms_of(contract)
    said: dict[str, tuple[object, object]] = {
        "symbol": (contract.symbol, known.symbol),
        "secType": (contract.secType, known.sec_type),
        "currency": (contract.currency, known.currency),
        "strike": (terms.strike, known.strike),
        "right": (terms.right, known.right),
        "multiplier": (incoming(contract.multiplier), known.multiplier),
    }
    if DAY.fullmatch(contract.lastTradeDateOrContractMonth):  # a month is not that of the last day
        said["lastTradeDateOrContractMonth"] = (terms.expiry, known.expiry)
    wrong = [f"{name} `{one}`" for name, (one, its) in said.items() if one and one != its]
    if wrong:
        raise _unknown(f"contract {contract.conId} is `{known.key}`; found {', '.join(wrong)}")


def read(contract: Theirs, order: Theirs, catalogue: Catalogue, *, repeated: bool = False) -> Asked:
    """What a script asks for. Raise OrderError with everything that we do not model, by name.

    A `repeated` order may hold what IB has filled in.
    """
    known = known_as(contract, catalogue)
    own = _own(order)
    own.permId = order.permId if repeated else 0
    terms = terms_in.order_from(known, own, contract.exchange or None)
    if order.orderRef:
        terms = msgspec.structs.replace(terms, strategy=order.orderRef)
    return payload.read(terms)


def check(asked: Asked, contract: Theirs, market: Market) -> None:
    """Raise OrderError if the market has another contract under the order's name."""
    found = None if asked.order is None else market.resolve(asked.order.terms)
    if contract.conId and found is not None and found.con_id != contract.conId:
        raise _unknown(
            f"contract {contract.conId}: `{found.key}` is contract {found.con_id}; qualify it first"
        )


def changes(stated: Order, works: Order, new: Order) -> dict[str, Any]:
    """What a script says anew of an order, beside its contract, with the new values.

    `stated` are the terms as it said them before, `works` those that the gate last let through.
    """
    return {
        name: getattr(new, name)
        for name in Order.__struct_fields__
        if name not in NOT_SAID
        and getattr(new, name) != getattr(works if name in CHANGEABLE else stated, name)
    }


def told(contract: Theirs, order: Theirs) -> str:
    """An order of the library in one line, for who reads the record."""
    words = (order.action, order.totalQuantity, contract.symbol or contract.conId, order.orderType)
    return " ".join(str(word) for word in words)


def same(trade: Theirs, order: Theirs) -> bool:
    """Whether an order is that of a trade, and not another client's of the same number."""
    known = trade.order
    return known is order or (
        order.clientId in {0, known.clientId} and order.permId in {0, known.permId}
    )


def excludes(orders: Iterable[Theirs]) -> bool:
    """Whether of these orders one at most can fill: IB promises that of two types of groups.

    Without a block it makes the others smaller while they fill, and all of them may.
    """
    names = {(one.ocaGroup, one.ocaType) for one in orders}
    return len(names) == 1 and all(name and kind in BLOCKING for name, kind in names)


def parts_of(instrument: Instrument) -> tuple[Instrument, ...]:
    """What has a price of its own: the legs of a combo, or the instrument."""
    return tuple(part.instrument for part in instrument.legs) or (instrument,)


def why(decision: Decision) -> str:
    """Every enforced breach, by its rule or code, and what was found."""
    return "; ".join(
        f"{one.name} {one.text or one.measured}" for one in decision.breaches if one.enforced
    )


def _own(order: Theirs) -> Theirs:
    """A copy without what is no part of the terms."""
    own = copy.copy(order)
    own.orderRef, own.parentId, own.transmit = "", 0, True
    return own


def _unknown(text: str) -> OrderError:
    return OrderError(text, ((Code.UNKNOWN_INSTRUMENT, text),))
