"""A scenario with clients to play it against, and what the tests of scenarios say often."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from riskgate.simulator import Running
from tests.wire.conftest import Connect, Desk, Play, client_library

if TYPE_CHECKING:
    from tests.wire.conftest import Order, Stock, Trade

ib = client_library()


def stock() -> Stock:
    found: Stock = ib.Stock("AAPL", "SMART", "USD")
    return found


def market(action: str = "BUY", quantity: float = 100) -> Order:
    made: Order = ib.MarketOrder(action, quantity, tif="DAY")
    return made


def limit(price: float = 150.0, quantity: float = 100, action: str = "BUY") -> Order:
    made: Order = ib.LimitOrder(action, quantity, price, tif="DAY")
    return made


@dataclass
class Stage:
    """A scenario that runs, and clients to play it against."""

    sim: Running
    play: Play
    connect: Connect

    def join(self, client_id: int = 1) -> AbstractAsyncContextManager[Desk]:
        return self.connect(self.sim, client_id)

    async def moved(self, seconds: float) -> None:
        """Move the clock without keeping the client's loop."""
        await asyncio.to_thread(self.sim.advance, seconds)

    async def until(self, predicate: Callable[[], bool]) -> None:
        """Wait for the simulator without keeping the client's loop."""
        await asyncio.to_thread(self.sim.wait_for, predicate)


def filled(trade: Trade) -> float:
    """What the executions of an order add up to."""
    return sum(one.execution.shares for one in trade.fills)


async def all_filled(desk: Desk, trade: Trade) -> None:
    await desk.until(lambda: filled(trade) == 100)


async def heard(desk: Desk, number: int, code: int) -> None:
    """Return once this code about an order has come."""
    await desk.until(lambda: code in desk.codes(number))


def farewell(desk: Desk) -> asyncio.Event:
    """Set once the client has noticed that it is alone."""
    gone = asyncio.Event()
    desk.ib.disconnectedEvent += gone.set
    return gone
