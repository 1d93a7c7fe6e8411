"""Scripted misbehaviour, as a real client sees it."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from riskgate.simulator import (
    Advance,
    Bill,
    Correct,
    Delay,
    Drop,
    Fault,
    Faults,
    FillAfterCancel,
    Halt,
    Happening,
    Locate,
    Options,
    Outage,
    RealClock,
    Reject,
    Release,
    Reorder,
    Repeat,
    Resume,
    Running,
    Scenario,
    SecondPermId,
    Silent,
    VirtualClock,
    Warn,
    quote,
    running,
)
from riskgate.simulator.faults import Action
from riskgate.simulator.paced import PacedClock, speed_of
from riskgate.simulator.wire.codec import Message
from riskgate.simulator.wire.kinds import Record
from tests.wire.conftest import client_library

if TYPE_CHECKING:
    from tests.wire.conftest import Connect, Order, Play, Stock, Wire, WireConnect

ib = client_library()
START = datetime(2025, 1, 6, 15, 0, tzinfo=UTC)
PLAIN: Record = {
    "symbol": "AAPL",
    "secType": "STK",
    "exchange": "SMART",
    "currency": "USD",
    "action": "BUY",
    "totalQuantity": Decimal(10),
    "orderType": "MKT",
    "tif": "DAY",
    "transmit": True,
}


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


# -- what stands at the socket --------------------------------------------------------------------


def names(messages: list[Message]) -> list[str]:
    about = {"openOrder", "orderStatus", "execDetails", "commissionReport"}
    return [one.name for one in messages if one.name in about]


def test_messages_come_in_another_order_but_all_of_them(sim: Running, wire: WireConnect) -> None:
    def told(client: Wire) -> list[str]:
        client.send("placeOrder", {**PLAIN, "orderId": 1})
        sim.settle()
        client.send("reqCurrentTime", {})
        return names(client.read_until("currentTime"))

    usual = told(wire(1))
    sim.inject(Fault("placeOrder", Reorder(messages=len(usual) - 2)))
    mixed = told(wire(2))
    assert mixed != usual
    assert sorted(mixed) == sorted(usual)


def test_what_is_held_back_comes_when_its_time_is_over(wire_to: WireConnect) -> None:
    with running(clock=VirtualClock(START)) as sim:
        client = wire_to(sim)
        client.read_until("error")
        sim.inject(Fault("reqCurrentTime", Reorder(messages=9, seconds=3)))
        client.send("reqCurrentTime", {})
        sim.wait_for(lambda: bool(sim.received("reqCurrentTime")))
        sim.advance(3)
        client.read_until("currentTime")


@pytest.mark.parametrize("octets", [0, 1, 40])
def test_the_socket_drops_in_the_middle_of_an_answer(
    sim: Running, wire: WireConnect, octets: int
) -> None:
    client = wire()
    client.send("reqCurrentTime", {})
    client.read_until("currentTime")
    sim.inject(Fault("placeOrder", Drop(octets=octets)))
    client.send("placeOrder", {**PLAIN, "orderId": 1})
    came = b""
    while chunk := client.socket.recv(65536):
        came += chunk
    assert len(came) == octets
    assert [one.order_id for one in sim.orders()] == [1]


def test_an_event_can_follow_an_execution(sim: Running, play: Play, join: Connect) -> None:
    sim.inject(Fault("execution", Halt("AAPL"), nth=1))

    async def scenario() -> None:
        async with join(sim) as desk:
            trade = desk.ib.placeOrder(stock(), market())
            await desk.until(lambda: trade.orderStatus.filled == 50)
            await asyncio.to_thread(sim.settle)
            assert [one.filled for one in sim.orders()] == [Decimal(50)]
            sim.happen(Resume("AAPL"))
            await desk.until(lambda: trade.orderStatus.filled == 100)

    play(scenario)


def test_an_order_that_waits_for_shares_can_be_released(
    sim: Running, play: Play, join: Connect
) -> None:
    sim.inject(Fault("placeOrder", Locate()))

    async def scenario() -> None:
        async with join(sim) as desk:
            trade = await desk.place(stock(), limit(150), "Inactive")
            sim.happen(Release())
            await desk.until(lambda: trade.orderStatus.status == "Submitted")

    play(scenario)


def test_a_new_order_can_be_taken_twice(sim: Running, wire: WireConnect) -> None:
    sim.inject(Fault("placeOrder", SecondPermId()))
    client = wire()
    client.send("placeOrder", {**PLAIN, "orderId": 1})
    sim.wait_for(lambda: sim.positions() == {"AAPL": Decimal(20)})
    assert len({one.perm_id for one in sim.orders()}) == 2


def test_a_second_outage_within_the_first_is_refused() -> None:
    with running(clock=VirtualClock(START)) as sim:
        sim.happen(Outage(60))
        with pytest.raises(ValueError, match="lost already"):
            sim.happen(Outage(60))
        sim.advance(60)
        sim.happen(Outage(60))


def test_what_cannot_be_done_in_a_timeline_is_only_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    lost = Scenario(name="lost", timeline=(Happening(1, Outage(9)), Happening(2, Outage(9))))
    with running(clock=VirtualClock(START), scenario=lost) as sim:
        sim.advance(2)
        assert "the link is lost already" in caplog.text
        with pytest.raises(LookupError, match="NOPE"):
            sim.happen(Halt("NOPE"))


def test_data_that_was_lost_has_to_be_asked_for_again(
    wire_to: WireConnect,
) -> None:
    with running(clock=VirtualClock(START)) as sim:
        client = wire_to(sim)
        client.send("reqMktData", {**PLAIN, "reqId": 5})
        client.read_until("tickGeneric")
        sim.happen(Outage(10, "live", data_lost=True))
        sim.advance(10)
        sim.set_price("AAPL", quote("1", "2"))
        client.send("reqCurrentTime", {})
        found = client.read_until("currentTime")
        assert [one.integer("code") for one in found if one.name == "error"] == [1100, 1101]
        assert [one for one in found if one.name == "tickPrice"] == []


def test_the_clock_of_the_computer_is_not_moved(sim: Running) -> None:
    with pytest.raises(ValueError, match="cannot be moved"):
        sim.happen(Advance(1))
    with pytest.raises(ValueError, match="VirtualClock"):
        sim.advance(1)


def test_a_paced_clock_runs_at_its_speed_and_leaps() -> None:
    base = VirtualClock(START)
    clock, leaps = PacedClock(60, datetime(2025, 3, 1, tzinfo=UTC), base), list[int]()
    forget = clock.watch(lambda: leaps.append(1))
    base.advance(timedelta(seconds=2))
    assert clock.now() == datetime(2025, 3, 1, 0, 2, tzinfo=UTC)
    clock.advance(timedelta(hours=1))
    forget()
    clock.advance(timedelta(hours=1))
    assert clock.now() == datetime(2025, 3, 1, 2, 2, tzinfo=UTC)
    assert leaps == [1]
    assert [speed_of(one) for one in (clock, base, RealClock())] == [60.0, 0.0, 1.0]
    with pytest.raises(ValueError, match="does not go back"):
        clock.advance(timedelta(seconds=-1))


@pytest.mark.parametrize("times", [0, -1, 101])
def test_nothing_is_repeated_on_and_on(times: int) -> None:
    with pytest.raises(ValueError, match=r"outside 1\.\.100"):
        Repeat(times)
