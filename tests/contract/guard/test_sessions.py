"""A guarded script's connections: made, lost, made again, used from several threads and loops."""

from __future__ import annotations

import asyncio
import threading
from contextlib import suppress
from decimal import Decimal

import pytest

import riskgate
from riskgate.brokers.ib.guarded_wire import PastTheGate
from riskgate.config import Config
from riskgate.errors import ConfigError, InvariantError, PolicyError
from riskgate.model.lifecycle import Status
from riskgate.model.trading import TradingState
from riskgate.simulator import Fault, Outage, Silent, quote, running
from tests.contract.guard.conftest import Its, MakeScript, Script, messages
from tests.wire.conftest import client_library


def test_the_same_object_comes_back_and_the_gate_is_there_while_it_is_connected(
    make_script: MakeScript,
) -> None:
    script = make_script()
    assert script.ib.riskgate is None
    script.connect()
    assert isinstance(script.ib.riskgate, riskgate.Gate)
    assert script.ib.isConnected()
    script.ib.disconnect()
    assert script.ib.riskgate is None
    assert not script.ib.isConnected()


def test_what_is_watched_is_ready_when_the_connection_is(make_script: MakeScript) -> None:
    script = make_script(watch=("AAPL",))
    script.connect()
    contract = script.module.Stock("AAPL", "SMART", "USD")
    trade = script.ib.placeOrder(contract, script.module.MarketOrder("BUY", 10))
    assert trade.order.orderId == 1  # it has left
    script.until_status(trade, "Filled")


def test_an_order_at_the_moment_of_connecting_finds_a_book_that_is_proven(
    make_script: MakeScript,
) -> None:
    script, trades = make_script(watch=("AAPL",)), []
    contract = script.module.Stock("AAPL", "SMART", "USD")
    order = script.module.MarketOrder("BUY", 10)
    script.ib.connectedEvent += lambda: trades.append(script.ib.placeOrder(contract, order))
    script.connect()
    script.until_status(trades[0], "Filled")


def test_an_order_without_a_connection_is_the_library_s_own_error(
    make_script: MakeScript,
) -> None:
    script = make_script()
    contract = script.module.Stock("AAPL", "SMART", "USD")
    with pytest.raises(ConnectionError, match="Not connected"):
        script.ib.placeOrder(contract, script.module.MarketOrder("BUY", 10))
    with pytest.raises(ConnectionError, match="Not connected"):
        script.ib.reqGlobalCancel()


def test_a_connection_that_does_not_come_up_is_the_library_s_own_error(
    make_script: MakeScript,
) -> None:
    script = make_script()
    with running() as other:
        free = other.port
    with pytest.raises(ConnectionRefusedError):
        script.ib.connect("127.0.0.1", free, clientId=7)
    script.connect()  # and nothing is left of it


def test_a_client_id_that_is_in_use_is_the_library_s_own_error(make_script: MakeScript) -> None:
    script = make_script()
    other = client_library().IB()
    other.connect("127.0.0.1", script.sim.port, clientId=7)
    with pytest.raises((TimeoutError, asyncio.TimeoutError)):
        script.ib.connect("127.0.0.1", script.sim.port, clientId=7, timeout=0.3)
    other.disconnect()


def test_settings_and_policies_are_judged_before_anything_connects(script: Script) -> None:
    module = script.module
    bad = script.folder / "bad.yaml"
    bad.write_text("riskgate: 1\npolicy: x\n", encoding="utf-8")
    with pytest.raises(PolicyError):
        riskgate.guard(module.IB(), Config(policies=(str(bad),)))
    with pytest.raises(ConfigError, match="prot"):
        riskgate.guard(module.IB(), Config(broker={"prot": 1}))
    with pytest.raises(ConfigError, match="is no `IB` of ib_insync or ib_async"):
        riskgate.guard(object(), script.config)


def test_an_object_is_guarded_once_and_before_it_connects(script: Script) -> None:
    with pytest.raises(ConfigError, match="guarded already"):
        riskgate.guard(script.ib, script.config)
    other = script.module.IB()
    other.connect("127.0.0.1", script.sim.port, clientId=9)
    with pytest.raises(ConfigError, match="connected already"):
        riskgate.guard(other, script.config)
    other.disconnect()


def test_a_gate_in_the_other_mode_approves_nothing(make_script: MakeScript) -> None:
    script = make_script(mode="live", allow_live=True)
    script.connect()
    trade = script.ib.placeOrder(script.stock(), script.module.MarketOrder("BUY", 10))
    assert "denied by riskgate: MODE_MISMATCH" in messages(trade)[-1]
    assert script.sent() == []


def test_orders_live_on_over_a_lost_connection_and_can_be_handled_after_it(
    script: Script,
) -> None:
    contract, lost = script.stock(), []
    script.ib.disconnectedEvent += lambda: lost.append(True)
    first = script.ib.placeOrder(contract, script.module.LimitOrder("BUY", 10, 150, orderRef="a"))
    second = script.ib.placeOrder(contract, script.module.LimitOrder("BUY", 20, 151))
    script.until_status(second, "Submitted")
    script.until_status(first, "Submitted")
    script.sim.disconnect_all()
    with suppress(ConnectionError):  # which the library raises in whoever waits
        script.until(lambda: lost)
    script.until(lambda: lost)
    with pytest.raises(ConnectionError):
        script.ib.placeOrder(contract, script.module.LimitOrder("BUY", 1, 150))
    script.connect()
    trades = {one.order.totalQuantity: one for one in script.ib.openTrades()}
    assert set(trades) == {10, 20}
    assert (trades[10].order.orderRef, trades[20].order.orderRef) == ("a", "")
    trades[10].order.lmtPrice = 149.5
    assert script.ib.placeOrder(trades[10].contract, trades[10].order) is trades[10]
    assert messages(trades[10])[-1] == "Modify"
    script.ib.cancelOrder(trades[20].order)
    script.until_status(trades[20], "Cancelled")
    script.until(lambda: script.gate.order(1).limit_price == Decimal("149.5"))  # type: ignore[union-attr]
    third = script.ib.placeOrder(script.stock(), script.module.MarketOrder("BUY", 5))
    script.until_status(third, "Filled")
    assert third.order.orderId > 2


def test_a_fill_while_the_script_was_away_is_in_the_book_when_it_is_back(script: Script) -> None:
    trade = script.ib.placeOrder(script.stock(), script.module.LimitOrder("BUY", 10, 150))
    script.until_status(trade, "Submitted")
    script.ib.disconnect()
    script.sim.set_price("AAPL", quote("149.90", "149.95", "149.95"))
    script.sim.wait_for(lambda: bool(script.sim.executions()))
    script.connect()
    assert script.gate.orders()[0].status is Status.FILLED
    assert sum(script.gate.ledger.holdings.positions().values()) == 10


def test_an_order_that_another_program_placed_can_be_cancelled_and_not_modified(
    make_script: MakeScript,
) -> None:
    script = make_script()
    before = client_library().IB()
    before.connect("127.0.0.1", script.sim.port, clientId=7)
    old = before.placeOrder(
        script.module.Stock("AAPL", "SMART", "USD"), script.module.LimitOrder("BUY", 10, 150)
    )
    while old.orderStatus.status != "Submitted":
        before.waitOnUpdate(timeout=1)
    before.disconnect()
    script.connect()
    (trade,) = script.ib.openTrades()
    trade.order.lmtPrice = 151
    script.ib.placeOrder(trade.contract, trade.order)
    assert "was not placed through the gate" in messages(trade)[-1]
    assert len(script.sent()) == 1
    script.ib.cancelOrder(trade.order)
    script.until_status(trade, "Cancelled")
    assert any("which is not ours" in text for text in script.notes())


def test_an_order_of_another_client_under_the_same_number_is_not_taken_for_ours(
    script: Script,
) -> None:
    contract, module = script.stock(), script.module
    mine = script.ib.placeOrder(contract, module.LimitOrder("BUY", 10, 150))
    script.until_status(mine, "Submitted")
    other = client_library().IB()
    other.connect("127.0.0.1", script.sim.port, clientId=8)
    other.placeOrder(contract, module.LimitOrder("BUY", 20, 140, orderId=mine.order.orderId))
    (theirs,) = [one for one in script.ib.reqAllOpenOrders() if one.order.totalQuantity == 20]
    assert theirs.order.orderId == mine.order.orderId
    assert script.ib.cancelOrder(theirs.order) is None
    theirs.order.lmtPrice = 141
    script.ib.placeOrder(contract, theirs.order)
    script.turned()
    other.disconnect()
    assert "was not placed through the gate" in messages(theirs)[-1]
    assert script.quantities() == [10, 20]
    assert "cancelOrder" not in script.sent()
    assert mine.orderStatus.status == "Submitted"
    assert script.gate.order(1).limit_price == 150  # type: ignore[union-attr]


def test_an_order_entered_by_hand_is_cancelled_by_client_0_and_not_modified(
    make_script: MakeScript,
) -> None:
    script = make_script()
    script.sim.place_by_hand("AAPL", "BUY", Decimal(5), Decimal(100))
    script.connect(client_id=0)
    (trade,) = script.ib.openTrades()
    trade.order.lmtPrice = 101
    script.ib.placeOrder(trade.contract, trade.order)
    assert "was not placed through the gate" in messages(trade)[-1]
    script.ib.cancelOrder(trade.order)
    script.until_status(trade, "Cancelled")
    assert script.sent() == ["cancelOrder"]


def test_a_halt_in_another_thread_holds_from_the_next_order_on(script: Script) -> None:
    contract = script.stock()
    script.meanwhile(lambda: script.gate.halt(by="Ann", reason="a test"))
    trade = script.ib.placeOrder(contract, script.module.MarketOrder("BUY", 10))
    assert "denied by riskgate: HALTED" in messages(trade)[-1]
    assert script.sent() == []


def test_a_kill_in_another_thread_cancels_what_works_and_the_script_sees_it(
    script: Script,
) -> None:
    trade = script.ib.placeOrder(script.stock(), script.module.LimitOrder("BUY", 10, 150))
    script.until_status(trade, "Submitted")
    report = script.meanwhile(lambda: script.gate.kill(by="Ann", reason="a test"))
    assert report.done
    script.until_status(trade, "Cancelled")


def test_a_kill_file_stops_the_script(script: Script) -> None:
    trade = script.ib.placeOrder(script.stock(), script.module.LimitOrder("BUY", 10, 150))
    script.until_status(trade, "Submitted")
    (script.folder / "kill").write_text("enough", encoding="utf-8")
    script.until_status(trade, "Cancelled")
    states = script.gate.ledger.facts.standings
    script.until(lambda: [one.state for one in states.values()] == [TradingState.KILLED])


def test_the_loop_s_own_thread_never_waits_for_the_broker(script: Script) -> None:
    with pytest.raises(InvariantError, match="in another thread"):
        script.gate.reconcile()
    with pytest.raises(InvariantError, match="in another thread"):
        script.gate.prepare("AAPL")
    assert script.meanwhile(script.gate.reconcile).clean
    assert script.meanwhile(lambda: script.gate.prepare("AAPL")) == ()


def test_an_order_from_another_thread_is_carried_into_the_loop(script: Script) -> None:
    contract = script.stock()
    trade = script.meanwhile(
        lambda: script.ib.placeOrder(contract, script.module.MarketOrder("BUY", 10))
    )
    assert trade.order.orderId == 1
    script.until_status(trade, "Filled")


def test_orders_of_the_gate_itself_are_the_library_s_trades_as_well(script: Script) -> None:
    script.stock()
    ticket = script.gate.submit("BUY 10 AAPL MKT", strategy="own")
    script.until(lambda: ticket.status is Status.FILLED and script.ib.trades())
    (trade,) = script.ib.trades()
    script.until_status(trade, "Filled")
    assert trade.order.orderRef == "own"


def test_a_reconcile_tells_the_library_nothing_that_it_did_not_ask(script: Script) -> None:
    ib, heard = script.ib, []
    script.sim.place_by_hand("MSFT", "BUY", Decimal(5), Decimal(300))
    trade = ib.placeOrder(script.stock(), script.module.MarketOrder("BUY", 10))
    working = ib.placeOrder(script.stock(), script.module.LimitOrder("BUY", 10, 150))
    script.until_status(working, "Submitted")
    script.until(lambda: trade.fills and all(f.commissionReport.execId for f in trade.fills))
    for event in (ib.execDetailsEvent, ib.commissionReportEvent, ib.openOrderEvent):
        event.connect(lambda *_: heard.append("order"))
    ib.positionEvent += lambda *_: heard.append("position")
    script.errors.clear()
    assert script.meanwhile(script.gate.reconcile).clean
    assert heard == []
    assert script.errors == []
    assert ib.trades() == [trade, working]


def test_what_a_script_asks_beside_a_reconcile_is_answered_to_both(script: Script) -> None:
    ib = script.ib
    script.sim.place_by_hand("MSFT", "BUY", Decimal(5), Decimal(300))
    working = ib.placeOrder(script.stock(), script.module.LimitOrder("BUY", 10, 150))
    script.until_status(working, "Submitted")
    found: list[Its] = []
    work = threading.Thread(target=lambda: found.append(script.gate.reconcile()))
    work.start()
    while work.is_alive():
        assert ib.reqOpenOrders() == [working]
        assert len(ib.reqAllOpenOrders()) == 2
        assert len(ib.reqPositions()) == 0
        assert ib.reqCompletedOrders(False) == []
    work.join()
    assert found[0].clean
    assert script.gate.reconciled
    assert script.gate.orders()[0].status is Status.SUBMITTED


def test_positions_are_followed_after_a_reconcile(script: Script) -> None:
    contract = script.stock()
    assert script.meanwhile(script.gate.reconcile).clean
    script.ib.placeOrder(contract, script.module.MarketOrder("BUY", 10))
    script.until(lambda: [one.position for one in script.ib.positions()] == [10])


def test_an_outage_of_the_link_denies_until_it_is_proven_again(script: Script) -> None:
    contract = script.stock()
    script.sim.happen(Outage(0.2))
    script.until(lambda: not script.gate.reconciled)
    trade = script.ib.placeOrder(contract, script.module.LimitOrder("BUY", 1, 150))
    assert trade.orderStatus.status == "Cancelled"
    script.until(lambda: script.gate.reconciled)
    again = script.ib.placeOrder(contract, script.module.LimitOrder("BUY", 1, 150))
    script.until_status(again, "Submitted")


def test_a_book_that_is_not_proven_in_time_denies_and_does_not_stop_the_script(
    make_script: MakeScript, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("riskgate.brokers.ib.guarded.FIRST_PROOF", 0.2)
    script = make_script(Fault("reqExecutions", Silent(), nth=1))
    script.ib.connect("127.0.0.1", script.sim.port, clientId=7)
    assert not script.gate.reconciled
    contract = script.module.Stock("AAPL", "SMART", "USD")
    script.ib.qualifyContracts(contract)
    trade = script.ib.placeOrder(contract, script.module.MarketOrder("BUY", 10))
    assert "NOT_RECONCILED" in messages(trade)[-1]


def test_an_async_script_runs_as_it_did(make_script: MakeScript) -> None:
    script = make_script()
    ib, module = script.ib, script.module

    async def main() -> list[str]:
        await ib.connectAsync("127.0.0.1", script.sim.port, clientId=7)
        contract = module.Stock("AAPL", "SMART", "USD")
        await ib.qualifyContractsAsync(contract)
        bought = ib.placeOrder(contract, module.MarketOrder("BUY", 10))
        async with asyncio.timeout(5):
            while not bought.isDone():
                await ib.updateEvent
        denied = ib.placeOrder(contract, module.MarketOrder("BUY", 999))
        await asyncio.to_thread(ib.riskgate.halt, by="Ann", reason="a test")
        halted = ib.placeOrder(contract, module.MarketOrder("BUY", 10))
        ib.disconnect()
        return [one.orderStatus.status for one in (bought, denied, halted)]

    loop = asyncio.get_event_loop_policy().get_event_loop()
    assert loop.run_until_complete(main()) == ["Filled", "Cancelled", "Cancelled"]
    loop.run_until_complete(loop.shutdown_default_executor())
    assert len(script.sent()) == 1


@pytest.mark.slow
def test_two_scripts_on_one_journal_need_two_client_ids(make_script: MakeScript) -> None:
    script = make_script()
    script.connect(client_id=7)
    other = riskgate.guard(script.module.IB(), script.config)
    with pytest.raises(ConfigError, match="client id 7 runs"):
        other.connect("127.0.0.1", script.sim.port, clientId=7)
    other.connect("127.0.0.1", script.sim.port, clientId=8)
    trade = other.placeOrder(script.stock(), script.module.MarketOrder("BUY", 10))
    script.until(trade.isDone)
    with pytest.raises(PastTheGate):
        other.client.cancelOrder(1)
    other.disconnect()
