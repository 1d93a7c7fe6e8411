"""A simulator that stands by itself: the server, the control channel, and a board that shows it."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Sequence
from pathlib import Path
from typing import TypedDict, Unpack

import msgspec

from riskgate.simulator.board import Board, Opened
from riskgate.simulator.clock import Clock, RealClock
from riskgate.simulator.control import Channel
from riskgate.simulator.events import happen
from riskgate.simulator.faults import Faults, Price
from riskgate.simulator.options import HOST, Options
from riskgate.simulator.paced import SPEEDS, PacedClock
from riskgate.simulator.scenarios import Scenario, load, play
from riskgate.simulator.scenarios.bar_file import read_bars
from riskgate.simulator.scenarios.known import Listings
from riskgate.simulator.scenarios.price_file import load_prices
from riskgate.simulator.server import Simulator
from riskgate.simulator.tape import Walk

BETWEEN_PICTURES = 0.1  # seconds; a board is drawn no more often
LONGEST_PICTURE = 1.0  # seconds; then the clock on it is drawn again


class PortTaken(OSError):  # noqa: N818  # it says what has happened
    """Nothing can listen on a port; the message says on which, why, and what to do."""


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
    pace: int | None
    master_client: int | None


def planned(**asked: Unpack[Asked]) -> Plan:
    """A plan from a command line. Raises ScenarioError, ValueError, OSError."""
    named, prices, bars = asked.get("scenario"), asked.get("prices"), asked.get("bars")
    port, control, speed = asked.get("port", 0), asked.get("control", 0), asked.get("speed", 1.0)
    if port and port == control:
        raise ValueError(f"--control: `{control}` is where clients connect; take another port")
    if why := SPEEDS.fault(speed):
        raise ValueError(f"--speed: `{speed}` {why}")
    today = RealClock().now().date()
    scenario = None if named is None else load(named, today=today)
    begins = today if scenario is None or scenario.start is None else scenario.start.date()
    known, given = Listings(begins), dict[str, object]()
    options = Options() if scenario is None else scenario.options
    if asked.get("sessions"):
        given["sessions"] = True
    if asked.get("walk") and options.walk is None:
        given["walk"] = Walk()
    for name in ("pace", "master_client"):
        if asked.get(name) is not None:
            given[name] = asked[name]
    if bars is not None:
        given["bars"] = read_bars(bars, known)
    return Plan(
        port=port,
        control_port=control,
        scenario=scenario,
        prices=() if prices is None else load_prices(prices, known),
        speed=speed,
        options=msgspec.structs.replace(options, **given),
    )


def _clock(plan: Plan) -> Clock:
    start = None if plan.scenario is None else plan.scenario.start
    return PacedClock(plan.speed, start)


async def stand(plan: Plan, board: Board) -> None:
    """Run until cancelled. Raises PortTaken."""
    scenario = plan.scenario or Scenario(name="")
    options = msgspec.structs.replace(plan.options, port=plan.port)
    faults = Faults(scenario.seed, list(scenario.faults))
    simulator = Simulator(options, _clock(plan), faults)
    await listening("--port", plan.port, simulator.start())
    control = Channel(simulator.gateway)
    try:
        await listening("--control", plan.control_port, control.open(plan.control_port))
        play(simulator.gateway, scenario)
        for price in plan.prices:
            happen(simulator.gateway, price)
        with board:
            board.opened(Opened(HOST, simulator.port, control.port, scenario.name))
            await _show(simulator, board)
    finally:
        control.close()
        await simulator.stop()


async def listening(option: str, port: int, opening: Awaitable[None]) -> None:
    """Open a port that an option names. Raises PortTaken."""
    try:
        await opening
    except OSError as error:
        why = os.strerror(error.errno) if error.errno else str(error)
        hint = "is a TWS running? try another" if option == "--port" else "try another"
        raise PortTaken(
            error.errno, f"cannot listen on {HOST}:{port} ({why.lower()}); {hint} {option}"
        ) from None


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
