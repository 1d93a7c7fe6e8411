"""The instruments this session knows: by contract number, and by key.

Rule 1: an instrument known from contract details is never replaced by a message's stopgap.
"""

from __future__ import annotations

import msgspec

from riskgate.brokers.ib import raw
from riskgate.brokers.ib.board import Market
from riskgate.brokers.ib.contracts import name_of, stopgap
from riskgate.model.instrument import Instrument, Terms


class Catalogue:
    """Known instruments, written to the market's board as they come. For the loop's thread."""

    def __init__(self, market: Market) -> None:
        self._market = market
        self._by_number: dict[int, Instrument] = {}
        self._by_key: dict[str, Instrument] = {}
        self._names: dict[str, list[Terms]] = {}

    def add(self, instrument: Instrument, *names: Terms) -> None:
        """An instrument from contract details, and what orders may call it."""
        self._by_number[instrument.con_id] = instrument
        self._by_key[instrument.key] = instrument
        known = self._names.setdefault(instrument.key, [name_of(instrument)])
        known += [name for name in names if name not in known]
        for name in known:
            self._market.list_instrument(name, instrument)

    def halt(self, key: str, *, halted: bool) -> None:
        """Trading in it was stopped, or goes on."""
        known = self._by_key.get(key)
        if known is not None and known.halted is not halted:
            self.add(msgspec.structs.replace(known, halted=halted))

    def by_key(self, key: str) -> Instrument | None:
        """The instrument with this identity."""
        return self._by_key.get(key)

    def by_name(self, terms: Terms) -> Instrument | None:
        """The instrument that was asked for by these terms."""
        found = (key for key, names in self._names.items() if terms in names)
        return self._by_key.get(next(found, ""))

    def knows(self, contract: raw.Contract) -> bool:
        """Whether its contract details have come."""
        return contract.conId in self._by_number

    def of(self, contract: raw.Contract) -> Instrument:
        """The instrument a message is about; as far as the message says, if that is all."""
        return self._by_number.get(contract.conId) or stopgap(contract)
