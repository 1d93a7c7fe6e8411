"""The scenario files 41 to 55, each played against the real client library.

What the gate makes of them is proved in tests/contract; here stands what a client sees, and that
what the broker holds is the truth.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from riskgate.simulator import running
from riskgate.simulator.scenarios import names
from tests.wire.conftest import PATIENCE, Connect, Desk, Play, client_library, habits
from tests.wire.stage import Stage, all_filled, farewell, filled, heard, limit, market, stock

if TYPE_CHECKING:
    from tests.wire.conftest import WireConnect

ib = client_library()


@pytest.fixture
def stage(request: pytest.FixtureRequest, play: Play, join: Connect) -> Iterator[Stage]:
    """The scenario whose number stands in the test's name."""
    number = request.node.name.removeprefix("test_")[:2]
    with running(scenario=number) as sim:
        yield Stage(sim, play, join)


def test_every_row_has_its_file() -> None:
    assert [name[:2] for name in names()] == [str(number) for number in range(41, 56)]


def test_41_an_order_with_10349_is_called_cancelled_and_fills(stage: Stage) -> None:
    async def story() -> None:
        async with stage.join() as desk:
            trade = desk.ib.placeOrder(stock(), market())
            await desk.until(lambda: 10349 in desk.codes(trade.order.orderId))
            await desk.until(lambda: filled(trade) == 100)
            called = [entry.status for entry in trade.log]
            assert habits().called_after(10349, "Submitted") in called

    stage.play(story)
    assert stage.sim.positions() == {"AAPL": Decimal(100)}


def test_42_an_order_that_waits_for_shares_is_inactive_and_comes_alive(stage: Stage) -> None:
    async def story() -> None:
        async with stage.join() as desk:
            trade = desk.ib.placeOrder(stock(), market("SELL"))
            await desk.until(lambda: trade.orderStatus.whyHeld == "locate")
            assert desk.codes(trade.order.orderId) == [404]
            assert trade.orderStatus.status == "Inactive"
            assert stage.sim.executions() == ()
            await stage.moved(60)
            await desk.until(lambda: trade.orderStatus.status == "Filled")
            assert trade.orderStatus.whyHeld == ""

    stage.play(story)
    assert stage.sim.positions() == {"AAPL": Decimal(-100)}


def test_42_an_order_that_waits_for_shares_can_be_cancelled(stage: Stage) -> None:
    async def story() -> None:
        async with stage.join() as desk:
            trade = desk.ib.placeOrder(stock(), market("SELL"))
            await desk.until(lambda: trade.orderStatus.whyHeld == "locate")
            desk.ib.cancelOrder(trade.order)
            await desk.until(lambda: 202 in desk.codes(trade.order.orderId))
            await stage.moved(60)
            assert stage.sim.positions() == {}

    stage.play(story)
    assert [one.status for one in stage.sim.orders()] == ["Cancelled"]


def test_43_a_change_that_is_refused_leaves_the_order_at_its_old_price(stage: Stage) -> None:
    async def story() -> None:
        async with stage.join() as desk:
            order = limit()
            trade = await desk.place(stock(), order, "Submitted")
            for code, price in ((110, 190.05), (201, 190.06), (321, 190.07)):
                changed = limit(price)
                changed.orderId = order.orderId
                desk.ib.client.placeOrder(order.orderId, stock(), changed)
                await heard(desk, order.orderId, code)
            assert trade.orderStatus.status == habits().called_after(
                321, habits().called_after(201, "Submitted")
            )
            (held,) = await desk.ib.reqAllOpenOrdersAsync()
            assert (held.orderStatus.status, held.order.lmtPrice) == ("Submitted", 150.0)

    stage.play(story)
    assert [(one.status, one.limit) for one in stage.sim.orders()] == [("Submitted", Decimal(150))]


def test_44_a_cancel_that_is_refused_or_not_answered_leaves_the_order(stage: Stage) -> None:
    async def story() -> None:
        async with stage.join() as desk:
            trade = await desk.place(stock(), limit(), "Submitted")
            number = trade.order.orderId
            for code in (10147, 10148, 135, 161):
                desk.ib.client.cancelOrder(number, "")
                await heard(desk, number, code)
            desk.ib.client.cancelOrder(number, "")
            await desk.ib.reqCurrentTimeAsync()
            assert desk.codes(number) == [10147, 10148, 135, 161]
            assert trade.orderStatus.status == "Cancelled"  # what the libraries make of it
            (held,) = await desk.ib.reqAllOpenOrdersAsync()
            assert held.orderStatus.status == "Submitted"
            desk.ib.client.cancelOrder(number, "")
            await desk.until(lambda: 202 in desk.codes(number))

    stage.play(story)
    assert [one.status for one in stage.sim.orders()] == ["Cancelled"]


def test_45_a_correction_is_one_more_execution_to_the_client_only(
    stage: Stage,
) -> None:
    async def story() -> None:
        async with stage.join() as desk:
            trade = desk.ib.placeOrder(stock(), market())
            await desk.until(lambda: len(trade.fills) == 3)
            stems = {one.execution.execId[:-2] for one in trade.fills}
            assert len(stems) == 2
            assert sum(one.execution.shares for one in trade.fills) == 140
            await desk.until(lambda: [one.position for one in desk.ib.positions()] == [90])

    stage.play(story)
    assert stage.sim.positions() == {"AAPL": Decimal(90)}
    corrected = [one for one in stage.sim.executions() if one.exec_id.endswith(".02")]
    assert [(one.shares, one.price) for one in corrected] == [(Decimal(40), Decimal("189.5"))]


def test_46_a_commission_comes_first_without_amounts_or_never(stage: Stage) -> None:
    async def story() -> None:
        async with stage.join() as desk:
            trades = [await desk.place(stock(), market(), "Filled") for _ in range(4)]
            await desk.until(lambda: trades[3].fills[0].commissionReport.commission > 0)
            paid = [one.fills[0].commissionReport for one in trades]
            assert paid[0].execId == ""  # came before its execution: dropped for good
            assert paid[1].commission in {0.0, 1.7976931348623157e308}
            assert paid[2].execId == ""

    stage.play(story)
    assert all(one.commission > 0 for one in stage.sim.executions())


def test_47_duplicates_are_no_fills_and_a_stale_status_reopens_the_order(
    stage: Stage,
) -> None:
    async def story() -> None:
        async with stage.join() as desk:
            first = await desk.place(stock(), market(), "Filled")
            second = desk.ib.placeOrder(stock(), market())
            await desk.until(lambda: len(second.fills) == 1)
            await desk.until(lambda: second.orderStatus.status == "Submitted")
            assert (len(first.fills), filled(first), filled(second)) == (1, 100, 100)
            assert second.isActive()

    stage.play(story)
    assert [one.status for one in stage.sim.orders()] == ["Filled", "Filled"]


def test_48_a_market_order_fills_without_any_status(stage: Stage) -> None:
    async def story() -> None:
        async with stage.join() as desk:
            for _ in range(2):
                trade = desk.ib.placeOrder(stock(), market())
                await all_filled(desk, trade)
                assert trade.orderStatus.status == "PendingSubmit"

    stage.play(story)
    assert stage.sim.positions() == {"AAPL": Decimal(200)}


def told(desk: Desk) -> list[int]:
    """The codes about the link."""
    return [code for code in desk.codes(-1) if 1100 <= code < 1300]


def test_49_fills_of_the_gap_come_after_1102_and_are_asked_for_after_1101(stage: Stage) -> None:
    async def story() -> None:
        async with stage.join() as desk:
            first = await desk.place(stock(), limit(185.05), "Submitted")
            await stage.moved(10)
            await desk.until(lambda: told(desk) == [1100])
            await stage.moved(10)
            await desk.ib.reqCurrentTimeAsync()
            assert stage.sim.positions() == {"AAPL": Decimal(100)}
            assert filled(first) == 0
            await stage.moved(10)
            await desk.until(lambda: first.orderStatus.status == "Filled")
            assert told(desk) == [1100, 1102]
            second = await desk.place(stock(), limit(180.05), "Submitted")
            await stage.moved(60)
            await desk.until(lambda: told(desk) == [1100, 1102, 1100, 1101])
            assert filled(second) == 0
            await desk.ib.reqExecutionsAsync()
            assert sum(one.execution.shares for one in desk.ib.fills()) == 200

    stage.play(story)
    assert stage.sim.positions() == {"AAPL": Decimal(200)}


def test_49_an_order_of_the_gap_is_taken_when_the_link_is_back(stage: Stage) -> None:
    async def story() -> None:
        async with stage.join() as desk:
            await stage.moved(15)
            trade = desk.ib.placeOrder(stock(), market())
            await desk.ib.reqCurrentTimeAsync()
            assert stage.sim.orders() == ()
            await stage.moved(15)
            await desk.until(lambda: trade.orderStatus.status == "Filled")

    stage.play(story)


def test_49_a_half_open_socket_looks_alive_and_carries_nothing(stage: Stage) -> None:
    async def story() -> None:
        async with stage.join() as desk:
            await stage.moved(120)
            trade = desk.ib.placeOrder(stock(), market())
            lost = asyncio.ensure_future(desk.ib.reqCurrentTimeAsync())
            await stage.until(lambda: len(stage.sim.received("reqCurrentTime")) == 1)
            await stage.moved(31)
            await desk.place(stock(), market(), "Filled")
            assert (lost.done(), desk.ib.isConnected()) == (False, True)
            assert trade.orderStatus.status == "PendingSubmit"
            lost.cancel()

    stage.play(story)
    assert len(stage.sim.orders()) == 1


def test_49_a_socket_that_drops_in_an_answer_leaves_the_order_at_the_broker(stage: Stage) -> None:
    async def story() -> None:
        async with stage.join() as desk:
            for _ in range(3):
                await desk.place(stock(), market(), "Filled")
            lost = desk.ib.placeOrder(stock(), limit())
            await stage.until(lambda: stage.sim.clients() == frozenset())
            assert lost.orderStatus.status == "PendingSubmit"
        async with stage.join() as again:
            (held,) = again.ib.openTrades()
            assert held.orderStatus.status == "Submitted"

    stage.play(story)
    assert len(stage.sim.orders()) == 4


def test_50_a_restart_offers_ids_that_were_used(stage: Stage, wire_to: WireConnect) -> None:
    async def story() -> None:
        async with stage.join() as desk:
            for _ in range(4):
                await desk.place(stock(), market(), "Filled")
            gone = farewell(desk)
            await stage.moved(10)
            await asyncio.wait_for(gone.wait(), PATIENCE)
        with pytest.raises((ConnectionError, EOFError, OSError, ValueError)):
            await asyncio.to_thread(wire_to, stage.sim, 7)  # the doors are closed for five seconds
        await stage.moved(5)
        async with stage.join() as desk:
            await desk.place(stock(), market(), "Filled")

    stage.play(story)
    orders = stage.sim.orders()
    assert len(orders) == len({one.perm_id for one in orders}) == 5
    assert orders[-1].order_id <= orders[-2].order_id


def test_51_a_change_in_the_gap_leaves_two_orders_with_two_permanent_ids(stage: Stage) -> None:
    async def story() -> None:
        async with stage.join() as desk:
            order = limit(180.05)
            trade = await desk.place(stock(), order, "Submitted")
            first = trade.orderStatus.permId
            await stage.moved(15)
            order.lmtPrice = 181.0
            desk.ib.placeOrder(stock(), order)
            await stage.moved(15)
            await desk.until(lambda: trade.orderStatus.permId not in {0, first})
            await desk.until(lambda: trade.orderStatus.status == "Submitted")
            desk.ib.cancelOrder(order)
            await desk.until(lambda: 202 in desk.codes(order.orderId))
            assert stage.sim.positions() == {}
            await stage.moved(6 * 3600)
            await desk.until(lambda: filled(trade) == 100)  # the other one

    stage.play(story)
    ends = [(one.limit, one.status) for one in stage.sim.orders()]
    assert ends == [(Decimal("180.05"), "Filled"), (Decimal(181), "Cancelled")]
    assert len({one.order_id for one in stage.sim.orders()}) == 1


def test_52_a_cancel_behind_a_queue_leaves_after_everything_that_waits(stage: Stage) -> None:
    async def story() -> None:
        async with stage.join() as desk:
            desk.ib.client.MaxRequests, desk.ib.client.RequestsInterval = 10, 0.05
            for _ in range(25):
                desk.ib.placeOrder(stock(), limit())
            desk.ib.reqGlobalCancel()
            await stage.until(lambda: bool(stage.sim.received("reqGlobalCancel")))

    stage.play(story)
    named = [one.name for one in stage.sim.received() if one.name != "reqExecutions"]
    assert named[-26:] == ["placeOrder"] * 25 + ["reqGlobalCancel"]


def test_52_a_burst_without_a_brake_is_answered_with_100_and_the_door(stage: Stage) -> None:
    async def story() -> None:
        async with stage.join() as desk:
            desk.ib.client.MaxRequests = 0
            gone = farewell(desk)
            for _ in range(51 - len(stage.sim.received())):
                desk.ib.placeOrder(stock(), limit())
            await asyncio.wait_for(gone.wait(), PATIENCE)
            assert 100 in desk.codes(-1)

    stage.play(story)
    assert len(stage.sim.orders()) < 50


def test_53_a_client_id_in_use_is_told_and_the_door_shown(stage: Stage) -> None:
    errors: list[int] = []

    async def story() -> None:
        async with stage.join():
            other = ib.IB()
            other.errorEvent += lambda _about, code, _text, _contract: errors.append(code)
            with pytest.raises((TimeoutError, ConnectionError)):
                await other.connectAsync(stage.sim.host, stage.sim.port, clientId=1, timeout=0.3)

    stage.play(story)
    assert 326 in errors


def test_53_a_live_account_shows_and_a_read_only_tws_takes_no_order(stage: Stage) -> None:
    async def story() -> None:
        async with stage.join() as desk:
            assert desk.ib.managedAccounts() == ["U7654321"]
            trade = desk.ib.placeOrder(stock(), market())
            await desk.until(lambda: 321 in desk.codes(trade.order.orderId))
            text = next(text for _, code, text in desk.errors if code == 321)
            assert "Read-Only" in text

    stage.play(story)
    assert stage.sim.orders() == ()


def test_54_orders_of_others_stand_beside_our_own(stage: Stage) -> None:
    async def story() -> None:
        async with stage.join() as desk, stage.join(2) as other:
            await other.place(stock(), limit(151), "Submitted")
            await desk.place(stock(), limit(152), "Submitted")
            await stage.moved(20)
            await desk.until(lambda: [one.position for one in desk.ib.positions()] == [-5])
            seen = await desk.ib.reqAllOpenOrdersAsync()
            assert {(one.order.clientId, one.order.lmtPrice) for one in seen} == {
                (1, 152.0),
                (2, 151.0),
                (0, 150.0),
            }
            assert [one.order.orderId for one in seen if one.order.lmtPrice == 150.0] == [0]
            assert [one.order.lmtPrice for one in await desk.ib.reqOpenOrdersAsync()] == [152.0]

    stage.play(story)


def test_55_what_filled_overnight_shows_as_a_position_only(stage: Stage) -> None:
    async def story() -> None:
        async with stage.join() as desk:
            await desk.place(stock(), limit(), "Submitted")
        await stage.until(lambda: stage.sim.clients() == frozenset())
        await stage.moved(3600)
        await stage.moved(20 * 3600)
        async with stage.join() as desk:
            assert [one.position for one in desk.ib.positions()] == [100]
            assert desk.ib.fills() == []
            assert desk.ib.openTrades() == []

    stage.play(story)


@pytest.mark.parametrize("name", names())
def test_a_scenario_file_is_named_by_what_it_is_about(name: str) -> None:
    with running(scenario=name.partition("-")[2]) as sim:
        assert sim.orders() == ()
