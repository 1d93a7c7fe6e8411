"""When something breaks around a guarded script, nothing leaves unjudged and nothing is lost."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

from riskgate.brokers.ib.guarded_client import OwnClient
from riskgate.brokers.ib.guarded_wire import OPEN, Turns, Wire
from riskgate.model.lifecycle import Status
from riskgate.simulator import Fault, Reject
from tests.contract.guard.conftest import Its, MakeScript, Script, messages
from tests.wire.conftest import client_library


@pytest.mark.slow
def test_an_order_that_cannot_be_recorded_is_denied_and_can_be_tried_again(
    script: Script,
) -> None:
    contract, order = script.stock(), script.module.LimitOrder("BUY", 10, 150)
    with closing(sqlite3.connect(script.config.journal, isolation_level=None)) as store:
        store.execute("BEGIN IMMEDIATE")
        trade = script.ib.placeOrder(contract, order)
        store.execute("ROLLBACK")
    assert "denied by riskgate: JOURNAL_UNAVAILABLE" in messages(trade)[-1]
    assert (trade.orderStatus.status, script.sent()) == ("Cancelled", [])
    script.until(lambda: script.gate.reconciled)
    again = script.ib.placeOrder(contract, order)
    script.until_status(again, "Submitted")
    assert script.quantities() == [10]


def test_a_handler_that_raises_hinders_neither_the_gate_nor_the_trade(script: Script) -> None:
    def broken(*_: Its) -> None:
        raise ZeroDivisionError("a bug of the script's")

    ib = script.ib
    for event in (ib.newOrderEvent, ib.orderStatusEvent, ib.execDetailsEvent, ib.openOrderEvent):
        event.connect(broken)
    trade = ib.placeOrder(script.stock(), script.module.MarketOrder("BUY", 10))
    script.until_status(trade, "Filled")
    denied = ib.placeOrder(trade.contract, script.module.MarketOrder("BUY", 501))
    script.turned()
    assert denied.orderStatus.status == "Cancelled"
    script.until(lambda: script.gate.orders()[0].status is Status.FILLED)
    assert script.gate.reconciled


def test_answers_go_to_who_asked_in_the_order_of_the_questions() -> None:
    turns = Turns()
    assert turns.whose(OPEN) is None
    assert turns.ended(OPEN) is None
    turns.asked(OPEN, ours=False)
    turns.asked(OPEN, ours=True)
    assert (turns.whose(OPEN), turns.ended(OPEN), turns.ended(OPEN)) == (False, False, True)


def test_a_question_of_ours_that_was_given_up_takes_no_answer_of_others() -> None:
    turns = Turns()
    turns.asked(OPEN, ours=True)
    turns.asked(OPEN, ours=False)
    turns.asked(OPEN, ours=True)  # the first was given up: there is one of ours at a time
    assert [turns.ended(OPEN), turns.ended(OPEN), turns.ended(OPEN)] == [False, True, None]


@pytest.mark.usefixtures("_loop")
def test_a_story_that_is_given_up_leaves_the_answers_to_the_script() -> None:
    client = client_library().IB().client
    wire = Wire(client)
    for ours in (True, False):
        wire.turns.asked(OPEN, ours=ours)
    OwnClient(client, wire, lambda *_: None).cancelPositions()
    assert wire.turns.whose(OPEN) is False


def test_a_change_that_the_broker_refuses_leaves_the_trade_as_the_order_is(
    make_script: MakeScript,
) -> None:
    script = make_script(Fault("placeOrder", Reject(201, "no margin"), nth=2))
    script.connect()
    trade = script.ib.placeOrder(script.stock(), script.module.LimitOrder("BUY", 1, 150))
    script.until_status(trade, "Submitted")
    trade.order.totalQuantity = 5
    script.ib.placeOrder(trade.contract, trade.order)
    script.until(lambda: "modify not sent by riskgate: 201 no margin" in messages(trade))
    assert (trade.orderStatus.status, trade.order.totalQuantity) == ("Submitted", 1)
    trade.order.totalQuantity = 7
    script.ib.placeOrder(trade.contract, trade.order)
    script.until(lambda: script.quantities() == [1, 5, 7])


@pytest.mark.slow
def test_an_order_does_not_wait_behind_what_its_script_asks(script: Script) -> None:
    for _ in range(300):  # more than leave in the time that an order is made ready
        script.ib.client.reqCurrentTime()
    contract = script.module.Stock("MSFT", "SMART", "USD")
    trade = script.ib.placeOrder(contract, script.module.LimitOrder("BUY", 1, 150))
    script.until_status(trade, "Submitted")
