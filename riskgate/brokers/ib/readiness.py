"""Instruments and prices, made ready before an order asks for them.

Rule 1: an instrument is known when its contract details name exactly one contract.
Rule 2: what the broker does not know is delisted; what did not answer in time is just not ready.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from typing import Final

from riskgate.brokers.ib import raw
from riskgate.brokers.ib.board import Market
from riskgate.brokers.ib.catalogue import Catalogue
from riskgate.brokers.ib.codes import NO_DEFINITION
from riskgate.brokers.ib.contracts import (
    asked,
    contract_of,
    faults_of,
    instrument_of,
    venues_of,
)
from riskgate.brokers.ib.prices import Line, Prices
from riskgate.brokers.ib.questions import Refused
from riskgate.brokers.ib.requests import Requests
from riskgate.errors import BrokerError, OrderError
from riskgate.model.combos import named
from riskgate.model.instrument import Instrument, Terms

REST: Final = 0.05  # seconds for the other prices, which come with the first if there are any


class Readiness:
    """Asks for contract details and subscribes to prices. For use in the loop's thread."""

    def __init__(
        self,
        requests: Requests,
        catalogue: Catalogue,
        prices: Prices,
        market: Market,
        *,
        fractional: bool = False,
    ) -> None:
        self._fractional = fractional
        self._requests = requests
        self._catalogue = catalogue
        self._prices = prices
        self._market = market
        self._answers: dict[int, list[raw.Details]] = {}

    async def prepare(self, wanted: Sequence[Terms], seconds: float) -> tuple[Terms, ...]:
        """Make ready; return those that are not after `seconds`."""
        unique = tuple(dict.fromkeys(wanted))
        ready = await asyncio.gather(*(self._within(seconds, terms) for terms in unique))
        return tuple(terms for terms, done in zip(unique, ready, strict=True) if not done)

    async def describe(self, numbers: Sequence[int], seconds: float) -> None:
        """Get the details of contracts by number, as many as come in time."""
        if numbers and seconds > 0:
            asking = [asyncio.ensure_future(self._described(number)) for number in numbers]
            _, late = await asyncio.wait(asking, timeout=seconds)
            for task in late:
                task.cancel()

    def watch(self, instrument: Instrument) -> Line:
        """The subscription of an instrument; a new one if there is none that stands."""
        line = self._prices.line(instrument.key)
        if line is not None:
            return line
        number = self._requests.number()
        contract = contract_of(self._requests.module, instrument, None)
        subscribe = self._requests.client.reqMktData
        self._requests.later(partial(subscribe, number, contract, "", False, False, []))
        return self._prices.open(number, instrument)

    def watch_again(self) -> None:
        """Subscribe anew to everything: the broker has forgotten it."""
        for instrument in self._prices.instruments:
            self._prices.drop(instrument.key)
            self.watch(instrument)

    # -- callbacks --------------------------------------------------------------------------------

    def details(self, number: int, details: raw.Details) -> None:
        """One contract that fits a description."""
        self._answers.setdefault(number, []).append(details)

    def details_end(self, number: int) -> None:
        """That was all."""
        self._requests.questions.answered(number)

    # -- one at a time ----------------------------------------------------------------------------

    async def _within(self, seconds: float, terms: Terms) -> bool:
        if terms.legs:
            names = [named(leg.contract) for leg in terms.legs]
            asking = (self._within(seconds, one.terms) for one in names if one is not None)
            return all(await asyncio.gather(*asking)) and None not in names
        try:
            return await asyncio.wait_for(self._ready(terms), seconds)
        except BrokerError:
            return False
        except TimeoutError:
            known = self._catalogue.by_name(terms)
            quote = self._market.quote(known.key) if known else None
            return quote is not None and quote.mark is not None

    async def _ready(self, terms: Terms) -> bool:
        instrument = self._catalogue.by_name(terms) or await self._look_up(terms)
        if instrument is None:
            return False
        line = self.watch(instrument)
        await line.first.wait()
        if line.ready:
            with suppress(TimeoutError):
                await asyncio.wait_for(line.whole.wait(), REST)
        return line.ready

    async def _look_up(self, terms: Terms) -> Instrument | None:
        try:
            if any(faults_of(terms)):
                found: list[raw.Details] = []
            else:
                found = await self._ask(asked(self._requests.module, terms))
        except OrderError:
            found = []
        except Refused as refused:
            if refused.code != NO_DEFINITION:
                return None
            found = []
        by_number = {one.contract.conId: one for one in reversed(found)}
        if len(by_number) != 1:
            self._market.delist(terms)
            return None
        return self._listed(next(iter(by_number.values())), terms)

    def _listed(self, details: raw.Details, *names: Terms) -> Instrument:
        """The instrument of contract details, known from now on."""
        instrument = instrument_of(details, fractional=self._fractional)
        self._catalogue.add(instrument, *names)
        self._market.set_venues(instrument.key, venues_of(details))
        return instrument

    async def _described(self, con_id: int) -> None:
        contract = self._requests.module.Contract()
        contract.conId = con_id
        try:
            found = await self._ask(contract)
        except Refused:
            return
        if found:
            self._listed(found[0])

    async def _ask(self, contract: raw.Contract) -> list[raw.Details]:
        number = self._requests.number()
        try:
            question = self._requests.questions.ask(number)
            send = self._requests.client.reqContractDetails
            self._requests.later(partial(send, number, contract))
            await question
            return self._answers.get(number, [])
        finally:
            self._answers.pop(number, None)
