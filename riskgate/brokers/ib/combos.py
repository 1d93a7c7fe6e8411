"""Combos and IB's BAG contracts, in both directions.

Rule 1: a leg goes out under its contract number; one without a number cannot.
Rule 2: only guaranteed combos are sent: all legs trade, or none.
Rule 3: a combo that the broker names is known when all of its legs are; until then it is a name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Final

from riskgate.brokers.ib import contracts, raw
from riskgate.brokers.ib.contracts import plain
from riskgate.errors import OrderError
from riskgate.model.codes import Code
from riskgate.model.combos import combined
from riskgate.model.instrument import Instrument, Part, Terms
from riskgate.model.sound import COMBO

UNSAID: Final = {"openClose": 0, "shortSaleSlot": 0, "designatedLocation": "", "exemptCode": -1}
"""What a leg of IB's can say beside its contract, and what says nothing."""


def contract_of(module: raw.Module, instrument: Instrument, venue: str | None) -> raw.Contract:
    """The contract to send orders in, at a venue or its own. Raise OrderError for an unknown leg.

    IB wants a combo named after what its first leg is written on.
    """
    if not instrument.legs:
        return contracts.contract_of(module, instrument, venue)
    contract = module.Contract()
    contract.symbol = plain(instrument.root)
    contract.secType = COMBO
    contract.currency = plain(instrument.currency)
    contract.exchange = plain(venue or instrument.exchange)
    contract.comboLegs = [_leg(module, part) for part in instrument.legs]
    return contract


def _leg(module: raw.Module, part: Part) -> raw.Leg:
    known = part.instrument
    if not known.con_id:
        text = f"leg `{known.key}`: the broker's contract is not known; prepare it first"
        raise OrderError(text, ((Code.UNKNOWN_INSTRUMENT, text),))
    leg = module.ComboLeg()
    leg.conId = known.con_id
    leg.ratio = part.ratio
    leg.action = part.side
    leg.exchange = plain(part.venue or known.exchange)
    return leg


def refuse_unsaid(contract: raw.Contract) -> None:
    """Raise OrderError for what the legs of a combo say that we do not model, by IB's names."""
    wrong = tuple(
        (
            Code.BAD_ORDER,
            f"comboLegs {name} `{getattr(leg, name)}` is not taken: it is not modelled",
        )
        for leg in contract.comboLegs or ()
        for name, nothing in UNSAID.items()
        if getattr(leg, name) != nothing
    )
    if wrong:
        raise OrderError("; ".join(text for _, text in wrong), wrong)


# -- from the broker ------------------------------------------------------------------------------


def members(named: Iterable[raw.Contract]) -> Iterator[raw.Numbered]:
    """The contracts themselves, and in the place of a combo its legs."""
    for contract in named:
        if contract.secType == COMBO:
            yield from contract.comboLegs or ()
        else:
            yield contract


def instrument_of(
    contract: raw.Contract, find: Callable[[int], Instrument | None]
) -> Instrument | None:
    """The combo that a message is about; None while one of its legs is not known."""
    parts = []
    for leg in contract.comboLegs or ():
        known = find(leg.conId)
        if known is None:
            return None
        venue = "" if leg.exchange == known.exchange else leg.exchange
        parts.append(Part(leg.action, leg.ratio, known, venue))
    terms = Terms(symbol=contract.symbol, sec_type=COMBO, currency=contract.currency)
    return combined(terms, parts) if parts else None
