"""Prices that move by themselves: walks and recorded bars, by a virtual clock.

The day is Monday, January 6, 2025; AAPL trades from 14:30 to 21:00 UTC. `advance` stops at
each moment something is due, so all of it is deterministic.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from riskgate.simulator import Options, VirtualClock, quote, running
from riskgate.simulator.tape import Bar, Walk
from tests.wire.conftest import client_library

if TYPE_CHECKING:
    from pathlib import Path

    from tests.wire.conftest import Connect, Desk, Order, Play, Trade

ib = client_library()
AAPL = quote("189.99", "190.01", "190.00", "189.00")
NOON = datetime(2025, 1, 6, 17, 0, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def order(kind: str = "LMT", /, **terms: object) -> Order:
    plain = {"action": "BUY", "totalQuantity": 100, "tif": "DAY"}
    price = {"lmtPrice": 190.05} if kind == "LMT" else {}
    made: Order = ib.Order(**{"orderType": kind, **plain, **price, **terms})
    return made


async def place(desk: Desk, asked: Order, status: str) -> Trade:
    return await desk.place(ib.Stock("AAPL", "SMART", "USD"), asked, status)


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(NOON)


def prices_seen(seed: int, symbols: tuple[str, ...] = ()) -> list[tuple[Decimal, datetime]]:
    """What orders were filled at in an hour of a walk."""
    walk = Walk(seed=seed, symbols=symbols)
    with running({}, VirtualClock(NOON), Options(walk=walk)) as sim:
        for price in range(1870, 1930, 2):
            sim.place_by_hand("AAPL", "BUY", Decimal(1), Decimal(price) / 10)
            sim.place_by_hand("AAPL", "SELL", Decimal(1), Decimal(price) / 10)
        sim.settle()
        sim.advance(HOUR.total_seconds())
        return [(one.price, one.at) for one in sim.executions()]


@pytest.mark.slow
def test_a_walk_is_the_same_for_the_same_seed_whatever_else_walks() -> None:
    first = prices_seen(7)
    assert len(first) > 30
    assert prices_seen(7, ("AAPL", "SPY")) == first != prices_seen(8)


def test_recorded_bars_are_played_at_their_times(
    clock: VirtualClock, play: Play, join: Connect
) -> None:
    price = Decimal(190)
    bars = (
        Bar(NOON - 24 * HOUR, "AAPL", price, price + 3, price - 1, price + 2, Decimal(4000)),
        Bar(NOON - 24 * HOUR + MINUTE, "AAPL", price + 2, price + 9, price + 2, price + 9),
    )
    with running({"AAPL": AAPL}, clock, Options(bars=bars)) as sim:

        async def scenario() -> None:
            async with join(sim) as desk:
                sold = await place(desk, order(action="SELL", lmtPrice=192.5), "Submitted")
                bought = await place(desk, order(lmtPrice=189.5), "Submitted")
                sim.advance((5 * MINUTE).total_seconds())
                await desk.until(lambda: sold.orderStatus.status == "Filled")
                assert bought.fills[0].execution.time == NOON + MINUTE / 4
                assert sold.fills[0].execution.time == NOON + MINUTE / 2

        play(scenario)


@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_bars_are_read_from_a_file(tmp_path: Path, form: str) -> None:
    from riskgate.simulator import read_bars  # noqa: PLC0415  # only here

    text = {
        "csv": "time,symbol,open,high,low,close,volume\n"
        "2025-01-06T17:00:00Z,AAPL,190,193,189,192,4000\n",
        "jsonl": '{"time":"2025-01-06T17:00:00Z","symbol":"AAPL","open":"190","high":"193",'
        '"low":"189","close":"192","volume":"4000"}\n',
    }[form]
    file = tmp_path / f"bars.{form}"
    file.write_text(text)
    (bar,) = read_bars(file)
    assert (bar.time, bar.path()) == (NOON, tuple(map(Decimal, (190, 189, 193, 192))))
    file.write_text(text.replace("193", "180"))
    with pytest.raises(ValueError, match=r"bars\.(csv:2|jsonl:1): bar: open and close are not"):
        read_bars(file)
