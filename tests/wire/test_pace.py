"""A client is held to the pace of real time: who keeps it is never dropped, who does not is."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from riskgate.simulator import Options, VirtualClock, running
from riskgate.simulator.pace import Pace
from tests.wire.conftest import client_library

if TYPE_CHECKING:
    from tests.wire.conftest import Connect, Play

ib = client_library()
ORDERS = 200
BURN = "import time\nend = time.time() + 60\nwhile time.time() < end: pass"


@pytest.fixture
def burning() -> Iterator[None]:
    """Another process that wants a core for itself."""
    with subprocess.Popen([sys.executable, "-c", BURN]) as other:  # ours
        yield
        other.kill()


@pytest.mark.slow
@pytest.mark.usefixtures("burning")
def test_the_client_library_at_its_own_pace_is_never_dropped(play: Play, join: Connect) -> None:
    with running(options=Options(pace=50)) as sim:

        async def story() -> None:
            async with join(sim) as desk:
                for _ in range(ORDERS):
                    order = ib.LimitOrder("BUY", 1, 150, tif="DAY")
                    desk.ib.placeOrder(ib.Stock("AAPL", "SMART", "USD"), order)
                await desk.until(lambda: len(sim.orders()) == ORDERS or not desk.ib.isConnected())
                assert desk.codes(-1).count(100) == 0

        play(story)
        assert len(sim.orders()) == ORDERS


@pytest.mark.parametrize("rate", [60, 0])
def test_a_client_library_that_is_set_faster_is_told_100_and_dropped(
    play: Play, join: Connect, rate: int
) -> None:
    with running(options=Options(pace=50)) as sim:

        async def story() -> None:
            async with join(sim) as desk:
                desk.ib.client.MaxRequests = rate
                for _ in range(ORDERS):
                    order = ib.LimitOrder("BUY", 1, 150, tif="DAY")
                    desk.ib.placeOrder(ib.Stock("AAPL", "SMART", "USD"), order)
                await desk.until(lambda: 100 in desk.codes(-1))

        play(story)
        assert len(sim.orders()) < ORDERS
        assert sim.clients() == frozenset()


@pytest.mark.slow
def test_a_clock_that_stands_still_drops_nobody(play: Play, join: Connect) -> None:
    clock = VirtualClock(datetime(2025, 1, 6, 15, 0, tzinfo=UTC))
    with running(clock=clock, options=Options(pace=50)) as sim:

        async def story() -> None:
            async with join(sim) as desk:
                for _ in range(90):
                    order = ib.LimitOrder("BUY", 1, 150, tif="DAY")
                    desk.ib.placeOrder(ib.Stock("AAPL", "SMART", "USD"), order)
                await desk.until(lambda: len(sim.orders()) == 90 or not desk.ib.isConnected())

        play(story)
        assert len(sim.orders()) == 90


def first_over(stamps: Iterator[float]) -> tuple[int, float] | None:
    """The message that was too much, and when it came."""
    pace = Pace(50)
    return next(((n, at) for n, at in enumerate(stamps, 1) if pace.is_exceeded(at)), None)


@pytest.mark.parametrize("late", [0, 0.1, 0.24])
def test_bursts_of_45_pass_also_when_the_first_are_read_late(late: float) -> None:
    bursts = (second + (late if second == 0 else 0) for second in range(20) for _ in range(45))
    assert first_over(bursts) is None


def test_51_at_once_are_too_many() -> None:
    assert first_over(0.0 for _ in range(60)) == (51, 0.0)


def test_an_even_stream_of_50_passes_and_one_of_60_does_not_for_long() -> None:
    assert first_over(n / 50 for n in range(2_000)) is None
    found = first_over(n / 60 for n in range(2_000))
    assert found is not None
    assert found[1] < 2
