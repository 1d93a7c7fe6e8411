"""Single orders of a guarded script: filled, modified, cancelled, denied, held."""

from __future__ import annotations

import copy
from datetime import timedelta
from decimal import Decimal

import pytest

from riskgate.brokers.ib.questions import FIRST_REQUEST
from riskgate.execution.pacer import RATE
from riskgate.model.lifecycle import Status
from riskgate.simulator import Fault, Reject
from tests.contract.guard.conftest import MakeScript, Script, messages


def test_a_market_order_fills_and_its_trade_is_the_library_s_own(script: Script) -> None:
    ib, seen = script.ib, []
    ib.orderStatusEvent += lambda trade: seen.append(f"ib {trade.orderStatus.status}")
    trade = ib.placeOrder(script.stock(), script.module.MarketOrder("BUY", 100, orderRef="mean"))
    assert type(trade) is script.module.Trade
    assert (trade.orderStatus.status, trade.order.orderId) == ("PendingSubmit", 1)
    assert trade.order.clientId == 7
    script.sim.wait_for(lambda: script.sent() == ["placeOrder"])
    trade.fillEvent += lambda _, fill: seen.append(f"fill {fill.execution.shares:g}")
    trade.filledEvent += lambda _: seen.append("filled")
    trade.commissionReportEvent += lambda *_: seen.append("commission")
    script.until(lambda: seen.count("commission") == len(trade.fills) > 0 and trade.isDone())
    assert trade.orderStatus.status == "Filled"
    assert trade.filled() == 100
    assert {"filled", "ib Filled"} <= set(seen)
    assert trade.order.permId > 0
    assert trade.order.orderRef == "mean"
    assert {fill.execution.orderRef for fill in trade.fills} == {"mean"}
    assert ib.trades() == [trade]
    assert [(p.contract.symbol, p.position) for p in ib.positions()] == [("AAPL", 100)]
    (view,) = script.gate.orders()
    assert (view.strategy, view.broker_order_id) == ("mean", 1)
    assert script.sim.received("placeOrder")[0].order_ref == view.ref


def test_a_message_has_left_when_place_order_returns_though_the_loop_stands(
    script: Script,
) -> None:
    contract = script.stock()
    script.ib.placeOrder(contract, script.module.LimitOrder("BUY", 10, 150))
    script.sim.wait_for(lambda: script.sent() == ["placeOrder"])
    assert script.quantities() == [10]


def test_a_limit_order_is_modified_and_cancelled(script: Script) -> None:
    ib, events = script.ib, []
    trade = ib.placeOrder(script.stock(), script.module.LimitOrder("BUY", 10, 150))
    trade.modifyEvent += lambda _: events.append("modify")
    trade.cancelEvent += lambda _: events.append("cancel")
    trade.cancelledEvent += lambda _: events.append("cancelled")
    script.until_status(trade, "Submitted")
    trade.order.lmtPrice = 151.25
    trade.order.totalQuantity = 20
    assert ib.placeOrder(trade.contract, trade.order) is trade
    assert messages(trade) == ["Modify"]
    script.until(lambda: trade.orderStatus.remaining == 20)
    (life,) = script.gate.orders()
    assert (life.limit_price, life.quantity) == (Decimal("151.25"), Decimal(20))
    assert [one.message.integer("orderId") for one in script.sim.received("placeOrder")] == [1, 1]
    assert ib.cancelOrder(trade.order) is trade
    assert trade.orderStatus.status == "PendingCancel"
    script.until_status(trade, "Cancelled")
    assert events == ["modify", "cancel", "cancelled"]
    assert script.sent() == ["placeOrder", "placeOrder", "cancelOrder"]


def test_a_copy_of_an_order_without_its_number_is_a_new_order(script: Script) -> None:
    contract = script.stock()
    first = script.ib.placeOrder(contract, script.module.LimitOrder("BUY", 10, 150))
    script.until_status(first, "Submitted")
    copied = copy.copy(first.order)
    copied.orderId = 0
    second = script.ib.placeOrder(contract, copied)
    script.until_status(second, "Submitted")
    assert [one.order.orderId for one in (first, second)] == [1, 2]


def test_a_modify_that_says_nothing_new_sends_nothing(script: Script) -> None:
    trade = script.ib.placeOrder(script.stock(), script.module.LimitOrder("BUY", 10, 150))
    script.until_status(trade, "Submitted")
    assert script.ib.placeOrder(trade.contract, trade.order) is trade
    assert messages(trade)[-1] == "riskgate: nothing changes"
    assert len(script.sent()) == 1


def test_a_held_order_waits_and_leaves_as_the_same_trade_when_approved(script: Script) -> None:
    contract = script.stock()
    trade = script.ib.placeOrder(contract, script.module.MarketOrder("BUY", 400))
    assert trade.orderStatus.status == "PendingSubmit"
    assert messages(trade)[-1].startswith("held by riskgate: desk/asks")
    assert trade.order.orderId >= FIRST_REQUEST
    assert script.sent() == []
    (view,) = script.gate.orders()
    script.meanwhile(lambda: script.gate.approve(view.order_id, by="Ann", reason="seen"))
    script.until_status(trade, "Filled")
    assert trade.order.orderId < FIRST_REQUEST
    assert script.ib.trades() == [trade]


def test_a_held_order_that_is_refused_is_cancelled(script: Script) -> None:
    trade = script.ib.placeOrder(script.stock(), script.module.MarketOrder("BUY", 400))
    (view,) = script.gate.orders()
    script.gate.refuse(view.order_id, by="Ann", reason="too large")
    script.until_status(trade, "Cancelled")
    assert "denied by riskgate: " in messages(trade)[-1]
    assert "too large" in messages(trade)[-1]
    assert script.sent() == []


def test_a_held_order_is_not_modified_and_keeps_its_terms(script: Script) -> None:
    trade = script.ib.placeOrder(script.stock(), script.module.LimitOrder("BUY", 400, 150))
    trade.order.totalQuantity = 10
    script.ib.placeOrder(trade.contract, trade.order)
    assert "NOT_MODIFIABLE" in messages(trade)[-1]
    assert (trade.order.totalQuantity, script.sent()) == (400, [])


def test_a_held_order_can_be_taken_back(script: Script) -> None:
    trade = script.ib.placeOrder(script.stock(), script.module.MarketOrder("BUY", 400))
    script.ib.cancelOrder(trade.order)
    script.until_status(trade, "Cancelled")
    assert script.sent() == []


def test_an_order_waits_for_its_contract_and_price_and_then_fills(script: Script) -> None:
    contract = script.module.Stock("AAPL", "SMART", "USD")
    trade = script.ib.placeOrder(contract, script.module.MarketOrder("BUY", 10))
    assert trade.orderStatus.status == "PendingSubmit"
    assert messages(trade) == ["riskgate makes AAPL ready"]
    script.until_status(trade, "Filled")
    assert trade.order.orderId == 1
    assert script.ib.trades() == [trade]


def test_an_order_can_be_cancelled_while_its_contract_is_made_ready(script: Script) -> None:
    contract = script.module.Stock("AAPL", "SMART", "USD")
    trade = script.ib.placeOrder(contract, script.module.MarketOrder("BUY", 10))
    assert script.ib.cancelOrder(trade.order) is trade
    assert trade.orderStatus.status == "Cancelled"
    script.stock()  # by now it is ready
    script.turned()
    assert script.sent() == []


@pytest.mark.slow
def test_an_order_that_must_wait_for_its_turn_gets_its_id_when_it_leaves(script: Script) -> None:
    contract = script.stock()
    script.ib.disconnectedEvent += lambda: None
    desk = script.gate._broker.desk  # type: ignore[attr-defined]
    desk.outbox.pause(desk.now())
    trade = script.ib.placeOrder(contract, script.module.MarketOrder("BUY", 10))
    assert trade.order.orderId >= FIRST_REQUEST
    assert trade.orderStatus.status == "PendingSubmit"
    script.until_status(trade, "Filled")
    assert trade.order.orderId == trade.orderStatus.orderId == 1
    assert script.ib.trades() == [trade]


def test_an_order_that_waits_and_is_halted_is_cancelled_and_says_so(script: Script) -> None:
    contract = script.stock()
    desk = script.gate._broker.desk  # type: ignore[attr-defined]
    desk.outbox.pause(desk.now())
    trade = script.ib.placeOrder(contract, script.module.MarketOrder("BUY", 10))
    script.gate.halt(by="Ann", reason="a test")
    script.until_status(trade, "Cancelled")
    assert messages(trade)[-1].startswith("not sent by riskgate: ")
    assert script.sent() == []


def test_a_rejection_of_the_broker_is_what_it_always_was(make_script: MakeScript) -> None:
    script = make_script(Fault("placeOrder", Reject(201, "no margin"), nth=1))
    script.connect()
    trade = script.ib.placeOrder(script.stock(), script.module.MarketOrder("BUY", 10))
    script.until(lambda: any("no margin" in said for said in messages(trade)))
    script.until(lambda: script.gate.orders()[0].status is Status.REJECTED)
    assert not any("riskgate" in said for said in messages(trade))


def test_global_cancel_reaches_everything_on_the_account(script: Script) -> None:
    script.sim.place_by_hand("AAPL", "BUY", Decimal(5), Decimal(100))
    contract = script.stock()
    trade = script.ib.placeOrder(contract, script.module.LimitOrder("BUY", 10, 150))
    held = script.ib.placeOrder(contract, script.module.LimitOrder("BUY", 400, 150))
    kept = script.ib.placeOrder(contract, script.module.LimitOrder("BUY", 9, 150, transmit=False))
    script.until_status(trade, "Submitted")
    script.ib.reqGlobalCancel()
    for one in (trade, held, kept):
        script.until_status(one, "Cancelled")
    script.sim.wait_for(lambda: not script.working())
    assert script.sent()[:2] == ["placeOrder", "reqGlobalCancel"]
    assert script.gate.ledger.facts.standings == {}  # nothing is halted by it


@pytest.mark.slow
def test_a_burst_is_paced_and_nothing_of_it_waits_in_the_library(script: Script) -> None:
    contract = script.stock()
    trades = [
        script.ib.placeOrder(contract, script.module.LimitOrder("BUY", 1, 100 + place))
        for place in range(60)
    ]
    assert not script.ib.client._msgQ
    script.until(lambda: all(one.orderStatus.status == "Submitted" for one in trades))
    received = script.sim.received("placeOrder")
    gaps = [later.at - one.at for one, later in zip(received, received[RATE:], strict=False)]
    assert len(gaps) == 60 - RATE
    assert min(gaps) > timedelta(seconds=0.9)  # nobody sees more than the rate in a second
    ids = [one.message.integer("orderId") for one in received]
    assert ids == sorted(ids)
    assert sorted(one.order.orderId for one in trades) == ids


def test_a_combo_is_judged_by_its_legs_and_fills(script: Script) -> None:
    module, apple, other = script.module, script.stock(), script.stock("MSFT")
    legs = [
        module.ComboLeg(apple.conId, 1, "BUY", "SMART"),
        module.ComboLeg(other.conId, 2, "SELL", "SMART"),
    ]
    combo = module.Bag(symbol="AAPL", exchange="SMART", currency="USD", comboLegs=legs)
    trade = script.ib.placeOrder(combo, module.MarketOrder("BUY", 10))
    script.until_status(trade, "Filled")
    denied = script.ib.placeOrder(combo, module.MarketOrder("BUY", 300))
    assert "MSFT" in messages(denied)[-1]
    legs[0].openClose = 1
    odd = script.ib.placeOrder(combo, module.MarketOrder("BUY", 1))
    assert "comboLegs openClose" in messages(odd)[-1]
    assert script.quantities() == [10]
