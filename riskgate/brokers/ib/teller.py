"""Asks the broker for everything, and waits for the ends of its answers."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Final

from riskgate.brokers.ib import story
from riskgate.brokers.ib.accounts import Accounts
from riskgate.brokers.ib.catalogue import Catalogue
from riskgate.brokers.ib.orders import Orders
from riskgate.brokers.ib.readiness import Readiness
from riskgate.brokers.ib.requests import Requests
from riskgate.brokers.ib.story import COMPLETED, OPEN, POSITIONS, Gathering
from riskgate.brokers.ib.translate import position_of
from riskgate.errors import BrokerError
from riskgate.ports import Story

SHARE: Final = 0.8  # of the time goes to the questions, the rest to contracts they name


@dataclass(slots=True)
class Sources:
    """What a story is made from."""

    requests: Requests
    orders: Orders
    catalogue: Catalogue
    readiness: Readiness
    accounts: Accounts


class Teller:
    """One story at a time. For use in the loop's thread."""

    def __init__(self, sources: Sources) -> None:
        self._from = sources
        self._turn = asyncio.Lock()
        self.gathering: Gathering | None = None
        self.executions_number = 0
        self.next_valid = 1

    async def tell(self, refs: Mapping[str, int], seconds: float) -> Story:
        """Ask and wait for up to `seconds`. Raise BrokerError if nothing is answered."""
        now = asyncio.get_running_loop().time
        end = now() + seconds
        self._from.orders.owners.learn(refs)
        async with asyncio.timeout(seconds), self._turn:
            gathered = self.gathering = Gathering()
            try:
                complete = await self._ask(end - now())
                self._from.orders.owners.answered = True
                missing = story.unknown(gathered.contracts(), self._from.catalogue)
                await self._from.readiness.describe(missing, end - now() - 0.1)
            finally:
                self.gathering = None
        self._watch(gathered)
        return self._story(gathered, complete=complete)

    async def _ask(self, seconds: float) -> bool:
        requests, client = self._from.requests, self._from.requests.client
        number = self.executions_number = requests.number()
        ends = [requests.questions.ask(key) for key in (OPEN, COMPLETED, number, POSITIONS)]
        for send in (
            client.reqAllOpenOrders,
            partial(client.reqCompletedOrders, False),
            partial(client.reqExecutions, number, requests.module.ExecutionFilter()),
            client.reqPositions,
        ):
            requests.now(send)
        done, _ = await asyncio.wait(ends, timeout=seconds * SHARE)
        requests.now(client.cancelPositions)
        if not any(end.exception() is None for end in done):
            raise BrokerError(f"no answer from the broker within {seconds:g} s")
        return len(done) == len(ends) and all(end.exception() is None for end in done)

    def _watch(self, gathered: Gathering) -> None:
        for contract in gathered.live_contracts():
            known = self._from.catalogue.numbered(contract.conId)
            if known is not None:
                self._from.readiness.watch(known)

    def _story(self, gathered: Gathering, *, complete: bool) -> Story:
        orders, catalogue = self._from.orders, self._from.catalogue
        return Story(
            statuses=story.statuses(gathered, orders),
            echoes=story.echoes(gathered, orders),
            executions=story.executions(gathered, orders, catalogue),
            commissions=tuple(gathered.commissions),
            positions=tuple(
                position_of(account, catalogue.of(contract), (size, cost))
                for account, contract, size, cost in gathered.positions
            ),
            foreign=story.foreign(gathered, orders, catalogue),
            accounts=self._from.accounts.ids,
            next_order_id=orders.owners.ids.following,
            complete=complete,
        )
