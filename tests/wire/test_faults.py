"""Scripted misbehaviour, as a real client sees it."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from riskgate.simulator import (
    Bill,
    Correct,
    Delay,
    Fault,
    Faults,
    FillAfterCancel,
    Options,
    Reject,
    Repeat,
    Running,
    Silent,
    VirtualClock,
    Warn,
    quote,
    running,
)
from riskgate.simulator.faults import Action
from riskgate.simulator.wire.kinds import Record
from tests.wire.conftest import client_library

if TYPE_CHECKING:
    from tests.wire.conftest import Connect, Order, Play, Stock, WireConnect

ib = client_library()
START = datetime(2025, 1, 6, 15, 0, tzinfo=UTC)


def stock() -> Stock:
    found: Stock = ib.Stock("AAPL", "SMART", "USD")
    return found


def market(quantity: float = 100) -> Order:
    made: Order = ib.MarketOrder("BUY", quantity, tif="DAY")
    return made


def limit(price: float) -> Order:
    made: Order = ib.LimitOrder("BUY", 100, price, tif="DAY")
    return made


def test_only_the_nth_order_is_rejected(sim: Running, play: Play, join: Connect) -> None:
    async def scenario() -> None:
        async with join(sim) as desk:
            await desk.place(stock(), market(), "Filled")
            sim.inject(Fault("placeOrder", Reject(460, "No trading permissions."), nth=2))
            await desk.place(stock(), market(), "Filled")
            trade = desk.ib.placeOrder(stock(), market())
            await desk.until(lambda: desk.codes(trade.order.orderId) == [460])
            await desk.place(stock(), market(), "Filled")

    play(scenario)
    assert sim.positions() == {"AAPL": Decimal(300)}


@pytest.mark.parametrize("held", [{}, {"AAPL": Decimal(100)}], ids=["lost", "taken"])
def test_a_silent_broker_may_have_taken_the_order(
    sim: Running, play: Play, join: Connect, held: dict[str, Decimal]
) -> None:
    sim.inject(Fault("placeOrder", Silent(accepts=bool(held))))

    async def scenario() -> None:
        async with join(sim) as desk:
            trade = desk.ib.placeOrder(stock(), market())
            await desk.ib.reqCurrentTimeAsync()
            await asyncio.to_thread(sim.wait_for, lambda: sim.positions() == held)
            await desk.ib.reqCurrentTimeAsync()
            assert trade.orderStatus.status == "PendingSubmit"

    play(scenario)


def test_a_delayed_order_is_taken_when_the_clock_has_moved_on(play: Play, join: Connect) -> None:
    clock = VirtualClock(START)
    faults = Faults(plan=[Fault("placeOrder", Delay(2.5))])
    with running(clock=clock, faults=faults) as sim:

        async def scenario() -> None:
            async with join(sim) as desk:
                trade = desk.ib.placeOrder(stock(), market())
                await desk.ib.reqCurrentTimeAsync()
                clock.advance(timedelta(seconds=2))
                await desk.ib.reqCurrentTimeAsync()
                assert sim.orders() == ()
                clock.advance(timedelta(seconds=1))
                await desk.until(lambda: trade.orderStatus.status == "Filled")
                assert trade.fills[0].execution.time == START + timedelta(seconds=3)

        play(scenario)


def test_a_repeated_status_is_not_a_second_fill(
    sim: Running, play: Play, join: Connect, wire: WireConnect
) -> None:
    sim.inject(Fault("placeOrder", Repeat(3)))

    async def scenario() -> None:
        async with join(sim) as desk:
            trade = await desk.place(stock(), market(), "Filled")
            assert trade.orderStatus.filled == 100

    play(scenario)
    client = wire(9)
    plain: Record = {"symbol": "AAPL", "secType": "STK", "exchange": "SMART", "currency": "USD"}
    terms: Record = {"action": "BUY", "orderType": "LMT", "tif": "DAY"}
    sim.inject(Fault("placeOrder", Repeat(3)))
    numbers: Record = {"orderId": 1, "totalQuantity": Decimal(5), "lmtPrice": Decimal(100)}
    client.send("placeOrder", {**plain, **terms, **numbers, "transmit": True})
    said = [client.read_until("orderStatus")[-1].text("status") for _ in range(6)]
    assert said == ["PreSubmitted"] * 3 + ["Submitted"] * 3


def test_an_order_fills_after_it_was_reported_cancelled(
    sim: Running, play: Play, join: Connect
) -> None:
    sim.inject(Fault("cancelOrder", FillAfterCancel(Decimal(40))))

    async def scenario() -> None:
        async with join(sim) as desk:
            trade = await desk.place(stock(), limit(150), "Submitted")
            desk.ib.cancelOrder(trade.order)
            await desk.until(lambda: trade.orderStatus.filled == 40)
            assert trade.orderStatus.status == "Cancelled"
            assert trade.fills[0].execution.price == 150.0

    play(scenario)
    assert sim.positions() == {"AAPL": Decimal(40)}


def test_a_corrected_execution_has_the_next_revision_and_moves_the_position(
    sim: Running, play: Play, join: Connect
) -> None:
    sim.inject(Fault("execution", Correct(price=Decimal(189), quantity=Decimal(90)), nth=2))

    async def scenario() -> None:
        async with join(sim) as desk:
            trade = await desk.place(stock(), market(200), "Filled")
            await desk.until(lambda: len(trade.fills) == 3)

    play(scenario)
    ids = [one.exec_id for one in sim.executions()]
    assert ids[2] == ids[1][:-2] + "02"
    assert sim.positions() == {"AAPL": Decimal(190)}


def test_the_same_seed_gives_the_same_faults() -> None:
    def run(seed: int) -> list[bool]:
        faults = Faults(seed, [Fault("placeOrder", Silent(), times=5, chance=0.3)])
        return [faults.met("placeOrder") is not None for _ in range(40)]

    assert run(1) == run(1)
    assert run(1) != run(2)
    assert sum(run(1)) <= 5


def test_a_simulator_that_is_stepped_does_one_thing_at_a_time(play: Play, join: Connect) -> None:
    with running(options=Options(auto=False)) as sim:

        async def scenario() -> None:
            async with join(sim) as desk:
                trade = await desk.place(stock(), market(), "PreSubmitted")
                assert sim.step()
                await desk.until(lambda: trade.orderStatus.status == "Submitted")
                assert sim.executions() == ()
                assert sim.step()
                await desk.until(lambda: trade.orderStatus.filled == 50)
                assert [sim.step() for _ in range(3)] == [True, True, False]
                await desk.until(lambda: trade.orderStatus.status == "Filled")

        play(scenario)


def test_the_end_of_the_day_cancels_day_orders_only(
    sim: Running, play: Play, join: Connect
) -> None:
    async def scenario() -> None:
        async with join(sim) as desk:
            day = await desk.place(stock(), limit(150), "Submitted")
            lasting = ib.LimitOrder("BUY", 100, 150.0, tif="GTC")
            kept = await desk.place(stock(), lasting, "Submitted")
            sim.close_day()
            await desk.until(lambda: day.orderStatus.status == "Cancelled")
            sim.set_price("AAPL", quote("149", "149.50", "149.50"))
            await desk.until(lambda: kept.orderStatus.status == "Filled")

    play(scenario)


@pytest.mark.parametrize(
    ("on", "action"),
    [
        ("placeOrders", Silent()),
        ("cancelOrder", Repeat()),
        ("placeOrder", FillAfterCancel()),
        ("placeOrder", Correct()),
        ("execution", Silent()),
        ("reqPositions", Silent(accepts=True)),
        ("cancelOrder", Warn()),
        ("placeOrder", Bill(when="never")),
    ],
)
def test_a_fault_that_could_never_happen_is_refused(on: str, action: Action) -> None:
    with pytest.raises(ValueError, match="fault: "):
        Fault(on, action)
