"""A seeded morning of orders, changes of price, faults and lost sockets: the sums must agree."""

from __future__ import annotations

import random
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from riskgate.simulator import (
    Correct,
    Fault,
    Faults,
    FillAfterCancel,
    Reject,
    Repeat,
    Running,
    quote,
    running,
)
from riskgate.simulator.book import Execution
from tests.wire.conftest import client_library

if TYPE_CHECKING:
    from tests.wire.conftest import Connect, Desk, Order, Play

ib = client_library()
PRICED = ("LMT", "STP LMT", "LIT", "LOC")
TRIGGERED = ("STP", "STP LMT", "MIT", "LIT")
OFFSET = ("TRAIL", "REL", "PEG MKT", "PEG MID")
KINDS = (
    *("MKT", "LMT", "STP", "STP LMT"),
    *("MIT", "LIT", "MTL", "LOC", "MKT PRT", "MIDPRICE", *OFFSET),
)
PLAN = (
    Fault("placeOrder", Repeat(2), times=10, chance=0.2),
    Fault("placeOrder", Reject(201, "no"), times=10, chance=0.1),
    Fault("cancelOrder", FillAfterCancel(), times=5, chance=0.3),
    Fault("execution", Correct(), times=5, chance=0.1),
)


def some_order(lot: random.Random) -> Order:
    made: Order = ib.Order(
        action=lot.choice(["BUY", "SELL"]),
        totalQuantity=lot.choice([1, 7, 100]),
        orderType=lot.choice(KINDS),
        tif=lot.choice(["DAY", "GTC", "IOC", "FOK"]),
    )
    if made.orderType in PRICED:
        made.lmtPrice = round(lot.uniform(189, 191), 2)
    if made.orderType in TRIGGERED:
        made.auxPrice = round(lot.uniform(189, 191), 2)
    if made.orderType in OFFSET:
        made.auxPrice = 0.05
    if lot.random() < 0.2:
        made.ocaGroup, made.ocaType = "soak", lot.choice([1, 2, 3])
    if lot.random() < 0.1:
        made.allOrNone = True
    return made


async def some_minutes(sim: Running, desk: Desk, lot: random.Random) -> None:
    stock = ib.Stock("AAPL", "SMART", "USD")
    for _ in range(60):
        deed = lot.random()
        working = desk.ib.openTrades()
        if deed < 0.6:
            desk.ib.placeOrder(stock, some_order(lot))
        elif deed < 0.8 and working:
            desk.ib.cancelOrder(lot.choice(working).order)
        else:
            middle = Decimal(lot.randint(18900, 19100)) / 100
            tick = Decimal("0.01")
            sim.set_price("AAPL", quote(middle - tick, middle + tick, middle))
        if lot.random() < 0.2:
            await desk.ib.reqCurrentTimeAsync()


def latest(executions: tuple[Execution, ...]) -> list[Execution]:
    """The executions with each correction in the place of what it corrects."""
    return list({one.exec_id.rpartition(".")[0]: one for one in executions}.values())


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_fills_add_up_to_the_orders_and_the_position(
    play: Play, join: Connect, seed: int
) -> None:
    lot = random.Random(seed)
    with running(faults=Faults(seed, list(PLAN))) as sim:

        async def scenario() -> None:
            for _ in range(3):
                async with join(sim) as desk:
                    desk.ib.client.MaxRequests = 0
                    await some_minutes(sim, desk, lot)
                    sim.disconnect_all()

        play(scenario)
        sim.wait_for(lambda: sim.clients() == frozenset())
        sim.settle()
        fills, orders = latest(sim.executions()), sim.orders()
        net = sum((one.shares if one.action == "BUY" else -one.shares) for one in fills)
        assert net == sim.positions().get("AAPL", 0), f"seed {seed}"
        for order in orders:
            filled = sum(one.shares for one in fills if one.perm_id == order.perm_id)
            assert filled == order.filled <= order.quantity, f"seed {seed}: {order}"
        assert len(orders) > 30
