"""A simulator that stands by itself: the server, the control channel, and a board that shows it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import TypedDict, Unpack

import msgspec

from riskgate.simulator.board import Board, Opened
from riskgate.simulator.clock import Clock
from riskgate.simulator.control import Channel
from riskgate.simulator.events import happen
from riskgate.simulator.faults import Faults, Price
from riskgate.simulator.options import HOST, Options
from riskgate.simulator.paced import PacedClock
from riskgate.simulator.scenarios import Scenario, load, play
from riskgate.simulator.scenarios.price_file import load_prices
from riskgate.simulator.server import Simulator
from riskgate.simulator.tape import Walk, read_bars

BETWEEN_PICTURES = 0.1  # seconds; a board is drawn no more often
LONGEST_PICTURE = 1.0  # seconds; then the clock on it is drawn again


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What to run."""

    port: int = 0
    control_port: int = 0
    scenario: Scenario | None = None
    prices: Sequence[Price] = ()
    speed: float = 1.0
    options: Options = Options()


class Asked(TypedDict, total=False):
    """What a command line can name."""

    port: int
    control: int
    speed: float
    scenario: str | None
    prices: Path | None
    bars: Path | None
    walk: bool
    sessions: bool


def planned(**asked: Unpack[Asked]) -> Plan:
    """A plan from a command line. Raises ScenarioError, ValueError, OSError."""
    named, prices, bars = asked.get("scenario"), asked.get("prices"), asked.get("bars")
    scenario = None if named is None else load(named)
    options = Options() if scenario is None else scenario.options
    if asked.get("sessions"):
        options = msgspec.structs.replace(options, sessions=True)
    if asked.get("walk") and options.walk is None:
        options = msgspec.structs.replace(options, walk=Walk())
    if bars is not None:
        options = msgspec.structs.replace(options, bars=read_bars(bars))
    return Plan(
        port=asked.get("port", 0),
        control_port=asked.get("control", 0),
        scenario=scenario,
        prices=() if prices is None else load_prices(prices),
        speed=asked.get("speed", 1.0),
        options=options,
    )


def _clock(plan: Plan) -> Clock:
    start = None if plan.scenario is None else plan.scenario.start
    return PacedClock(plan.speed, start)


async def stand(plan: Plan, board: Board) -> None:
    """Run until cancelled. Raises OSError for a port that is taken, LookupError for a symbol."""
    scenario = plan.scenario or Scenario(name="")
    options = msgspec.structs.replace(plan.options, port=plan.port)
    faults = Faults(scenario.seed, list(scenario.faults))
    simulator = Simulator(options, _clock(plan), faults)
    await simulator.start()
    control = Channel(simulator.gateway)
    try:
        await control.open(plan.control_port)
        play(simulator.gateway, scenario)
        for price in plan.prices:
            happen(simulator.gateway, price)
        with board:
            board.opened(Opened(HOST, simulator.port, control.port, scenario.name))
            await _show(simulator, board)
    finally:
        control.close()
        await simulator.stop()


async def _show(simulator: Simulator, board: Board) -> None:
    news = asyncio.Event()
    simulator.gateway.changed = news.set
    while True:
        news.clear()
        board.changed(simulator.gateway)
        await asyncio.sleep(BETWEEN_PICTURES)
        try:
            async with asyncio.timeout(LONGEST_PICTURE):
                await news.wait()
        except TimeoutError:
            continue
