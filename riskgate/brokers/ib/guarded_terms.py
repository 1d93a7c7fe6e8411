"""What a script's contract and order say, as an order of ours.

Rule 1: a contract with a number is that one and no other, whatever else has its name.
Rule 2: without a number, what we would drop of a contract is refused: it may mean another one.
"""

from __future__ import annotations

import copy
from typing import Any, Final

import msgspec

from riskgate import payload
from riskgate.brokers.ib import combos, contracts, terms_in
from riskgate.brokers.ib.catalogue import Catalogue
from riskgate.brokers.ib.guarded_wire import Theirs
from riskgate.errors import OrderError
from riskgate.judging import CHANGEABLE
from riskgate.ledger.market import Market
from riskgate.model.codes import Code
from riskgate.model.decision import Decision
from riskgate.model.instrument import Instrument, Terms
from riskgate.model.order import Order
from riskgate.payload import Asked

UNSAID: Final = ("secIdType", "secId", "deltaNeutralContract", "includeExpired")
NUMBERED_ONLY: Final = ("localSymbol",)
# What the contract says, or what a script cannot say with the library's order.
NOT_SAID: Final = (
    *("symbol", "sec_type", "currency", "expiry", "strike", "right", "multiplier", "legs"),
    *("account", "strategy", "key", "tag", "intent", "locate", "route", "trigger_now"),
)


def known_as(contract: Theirs, catalogue: Catalogue) -> Instrument | Terms:
    """What a contract stands for. Raise OrderError if it may stand for another one."""
    if contract.conId and catalogue.knows(contract):
        known = catalogue.of(contract)
        catalogue.add(known)  # others may have the same name; an order by it means this one now
        return known
    if contract.conId and not contract.symbol:
        raise _unknown(f"contract {contract.conId} is not known; qualify it first")
    combos.refuse_unsaid(contract)
    wrong = [name for name in UNSAID if getattr(contract, name, None)]
    wrong += [name for name in NUMBERED_ONLY if not contract.conId and getattr(contract, name)]
    if contract.tradingClass not in ("", contract.symbol) and not contract.conId:
        wrong.append("tradingClass")
    if wrong:
        said = ", ".join(f"{name} `{getattr(contract, name)}`" for name in wrong)
        raise _unknown(f"{said}: qualify the contract first (ib.qualifyContracts)")
    combos.refuse_unsaid(contract)
    return contracts.terms_of(contract)


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
    return known is order or not (known.permId and order.permId) or known.permId == order.permId


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
