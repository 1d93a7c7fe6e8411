"""The instruments this session knows: by contract number, and by key.

Rule 1: an instrument known from contract details is never replaced by a message's stopgap.
"""

from __future__ import annotations

import msgspec

from riskgate.brokers.ib import combos, raw
from riskgate.brokers.ib.board import Market
from riskgate.brokers.ib.contracts import name_of, stopgap
from riskgate.brokers.ib.places import Place, unknown_place
from riskgate.model.instrument import Instrument, Terms
from riskgate.model.sound import COMBO


class Catalogue:
    """Known instruments, written to the market's board as they come. For the loop's thread."""

    def __init__(self, market: Market) -> None:
        self._market = market
        self._by_number: dict[int, Instrument] = {}
        self._by_key: dict[str, Instrument] = {}
        self._names: dict[str, list[Terms]] = {}

    def add(self, instrument: Instrument, *names: Terms) -> None:
        """An instrument from contract details, and what orders may call it.

        Details do not say whether it is halted: that stays as ticks had it.
        """
        before = self._by_key.get(instrument.key)
        if before is not None and before.halted:
            instrument = msgspec.structs.replace(instrument, halted=True)
        self._list(instrument, *names)

    def _list(self, instrument: Instrument, *names: Terms) -> None:
        self._by_number[instrument.con_id] = instrument
        self._by_key[instrument.key] = instrument
        number = Terms(symbol=f"#{instrument.con_id}")  # as the leg of a combo names it
        known = self._names.setdefault(instrument.key, [name_of(instrument), number])
        known += [name for name in names if name not in known]
        for name in known:
            self._market.list_instrument(name, instrument)

    def halt(self, key: str, *, halted: bool) -> None:
        """Trading in it was stopped, or goes on."""
        known = self._by_key.get(key)
        if known is not None and known.halted is not halted:
            self._list(msgspec.structs.replace(known, halted=halted))

    def by_key(self, key: str) -> Instrument | None:
        """The instrument with this identity."""
        return self._by_key.get(key)

    def by_name(self, terms: Terms) -> Instrument | None:
        """The instrument that was asked for by these terms."""
        found = (key for key, names in self._names.items() if terms in names)
        return self._by_key.get(next(found, ""))

    def place(self, terms: Terms, number: int) -> Place:
        """Where what terms name, or what has this number, is traded. Raise OrderError."""
        known = self._by_number.get(number) if number else self.by_name(terms) or self._full(terms)
        if known is not None:
            return Place(known.con_id, known.exchange)
        return unknown_place(terms, number)

    def _full(self, terms: Terms) -> Instrument | None:
        """What terms name where they leave open what is usual."""
        kind, money = terms.sec_type or "STK", terms.currency or "USD"
        return self.by_name(msgspec.structs.replace(terms, sec_type=kind, currency=money))

    def numbered(self, number: int) -> Instrument | None:
        """The instrument with this contract number, if its details have come."""
        return self._by_number.get(number)

    def knows(self, contract: raw.Contract) -> bool:
        """Whether its contract details have come."""
        return contract.conId in self._by_number

    def of(self, contract: raw.Contract) -> Instrument:
        """The instrument a message is about; as far as the message says, if that is all."""
        known = self._by_number.get(contract.conId)
        if contract.secType == COMBO:
            known = combos.instrument_of(contract, self.numbered)
        return known or stopgap(contract)
