"""A simulator that stands by itself: what was asked for is what runs, and it ends whole."""

from __future__ import annotations

import asyncio
import socket
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from types import TracebackType
from typing import Self

import pytest

from riskgate.simulator.board import Opened
from riskgate.simulator.gateway import Gateway
from riskgate.simulator.remote import Remote
from riskgate.simulator.service import Plan, planned, stand
from riskgate.simulator.tape import Walk


@dataclass
class Witness:
    """A board that only remembers."""

    where: Opened = field(default_factory=lambda: Opened("", 0, 0))
    pictures: int = 0
    left: bool = False
    seen: asyncio.Event = field(default_factory=asyncio.Event)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.left = True

    def opened(self, where: Opened) -> None:
        self.where = where

    def changed(self, gateway: Gateway) -> None:
        del gateway
        self.pictures += 1
        self.seen.set()


def test_it_opens_is_steered_and_ends(tmp_path: Path) -> None:
    prices = tmp_path / "p.yaml"
    prices.write_text("AAPL: {bid: 9.99, ask: 10.01, last: 10}\n")
    board = Witness()

    def steer() -> Decimal:
        with Remote(board.where.control) as remote:
            remote.do("by_hand", symbol="AAPL", action="BUY", quantity=1)
            assert remote.status()["time"] >= "2025-01-06T15:00:00"
            while not remote.executions():  # the test's own time-out bounds it
                pass
            return Decimal(remote.executions()[0]["price"])

    async def run() -> Decimal:
        task = asyncio.create_task(stand(planned(scenario="41", prices=prices), board))
        await asyncio.wait_for(board.seen.wait(), 5)
        price = await asyncio.to_thread(steer)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return price

    assert asyncio.run(run()) == Decimal("10.01")
    assert (board.where.scenario, board.left) == ("41-tif-preset", True)
    for port in (board.where.port, board.where.control):
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", port), timeout=1)


def test_what_a_command_line_names_is_what_is_planned(tmp_path: Path) -> None:
    bars = tmp_path / "bars.csv"
    bars.write_text("time,symbol,open,high,low,close\n2025-01-06T15:00:00Z,AAPL,10,12,9,11\n")
    found = planned(port=7, control=8, speed=2.0, walk=True, sessions=True, bars=bars)
    assert (found.port, found.control_port, found.speed) == (7, 8, 2.0)
    assert (found.options.walk, found.options.sessions) == (Walk(), True)
    assert [one.close for one in found.options.bars] == [Decimal(11)]
    named = planned(scenario="53").scenario
    assert named is not None
    assert named.start == datetime(2025, 1, 6, 15, 0, tzinfo=UTC)


@pytest.mark.parametrize("name", ["port", "control_port"])
def test_a_port_that_is_taken_is_told_and_nothing_stays_open(name: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        plan = Plan(**{name: taken.getsockname()[1]})
        board = Witness()
        with pytest.raises(OSError, match="address already in use"):
            asyncio.run(stand(plan, board))
    assert board.pictures == 0
