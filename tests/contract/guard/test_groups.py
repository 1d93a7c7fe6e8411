"""Orders that a script sends together: brackets, OCA groups, and parts that do not transmit."""

from __future__ import annotations

from pathlib import Path

import pytest

from riskgate.brokers.ib.questions import FIRST_REQUEST
from riskgate.simulator import quote
from tests.contract.guard.conftest import LIMITS, Its, MakeScript, Script, messages


def bracket(script: Script, quantity: float = 10, entry: float = 150) -> list[Its]:
    contract = script.stock()
    orders = script.ib.bracketOrder("BUY", quantity, entry, 200, 140)
    return [script.ib.placeOrder(contract, order) for order in orders]


def test_a_bracket_is_one_group_and_lives_as_one(script: Script) -> None:
    trades = bracket(script)
    script.until(lambda: all(one.orderStatus.permId for one in trades))
    assert [one.order.orderId for one in trades] == [1, 2, 3]
    assert [one.order.parentId for one in trades] == [0, 1, 1]
    on_the_wire = [
        (one.message.integer("orderId"), one.message.integer("parentId"))
        for one in script.sim.received("placeOrder")
    ]
    assert on_the_wire == [(1, 0), (2, 1), (3, 1)]
    assert script.ib.trades() == trades
    script.sim.set_price("AAPL", quote("149.90", "149.95", "149.95"))
    script.until_status(trades[0], "Filled")
    script.sim.set_price("AAPL", quote("200.50", "200.55", "200.50"))
    script.until_status(trades[1], "Filled")
    script.until_status(trades[2], "Cancelled")


def test_parts_wait_until_the_one_that_transmits(script: Script) -> None:
    contract = script.stock()
    parent, profit, loss = script.ib.bracketOrder("BUY", 10, 150, 200, 140)
    first = script.ib.placeOrder(contract, parent)
    second = script.ib.placeOrder(contract, profit)
    assert [first.orderStatus.status, second.orderStatus.status] == ["PendingSubmit"] * 2
    assert first.order.orderId >= FIRST_REQUEST
    assert messages(first) == ["kept by riskgate until the part that transmits it"]
    assert script.sent() == []
    assert script.gate.orders() == ()
    script.ib.placeOrder(contract, loss)
    script.sim.wait_for(lambda: len(script.sent()) == 3)


def test_of_a_bracket_with_a_denied_leg_nothing_is_sent(script: Script) -> None:
    trades = bracket(script, quantity=501)
    assert [one.orderStatus.status for one in trades] == ["Cancelled"] * 3
    assert all("denied by riskgate: " in messages(one)[-1] for one in trades)
    assert "desk/size" in messages(trades[0])[-1]
    assert script.sent() == []


def test_a_bracket_on_the_wrong_side_is_denied_as_a_whole(script: Script) -> None:
    contract = script.stock()
    orders = script.ib.bracketOrder("BUY", 10, 150, 140, 200)
    trades = [script.ib.placeOrder(contract, order) for order in orders]
    assert [one.orderStatus.status for one in trades] == ["Cancelled"] * 3
    assert script.sent() == []


def test_a_held_bracket_leaves_whole_when_it_is_approved(script: Script) -> None:
    trades = bracket(script, quantity=400)
    assert all(messages(one)[-1].startswith("held by riskgate: ") for one in trades)
    assert script.sent() == []
    first = script.gate.orders()[0].order_id
    script.meanwhile(lambda: script.gate.approve(first, by="Ann", reason="seen"))
    script.until(lambda: all(one.orderStatus.permId for one in trades))
    assert [one.order.orderId for one in trades] == [1, 2, 3]
    assert [one.order.parentId for one in trades] == [0, 1, 1]
    assert script.ib.trades() == trades


def test_an_exit_of_a_bracket_is_modified_and_cancelled_by_its_own_trade(script: Script) -> None:
    trades = bracket(script)
    script.until(lambda: all(one.orderStatus.permId for one in trades))
    profit = trades[1]
    profit.order.lmtPrice = 201
    profit.order.transmit = True  # as for TWS, which else keeps the change to itself
    script.ib.placeOrder(profit.contract, profit.order)
    assert messages(profit)[-1] == "Modify"
    script.sim.wait_for(lambda: len(script.sent()) == 4)
    script.ib.cancelOrder(profit.order)
    script.until_status(profit, "Cancelled")


@pytest.mark.parametrize("kind", ["one child", "another quantity", "same side"])
def test_parts_of_one_parent_that_are_no_bracket_are_denied(script: Script, kind: str) -> None:
    contract = script.stock()
    parent, profit, loss = script.ib.bracketOrder("BUY", 10, 150, 200, 140)
    if kind == "another quantity":
        loss.totalQuantity = 5
    if kind == "same side":
        profit.action = "BUY"
    parts = [parent, loss] if kind == "one child" else [parent, profit, loss]
    trades = [script.ib.placeOrder(contract, part) for part in parts]
    assert [one.orderStatus.status for one in trades] == ["Cancelled"] * len(parts)
    assert "parts of one parent" in messages(trades[-1])[-1]
    assert script.sent() == []


def test_a_child_whose_parent_is_not_there_is_denied(script: Script) -> None:
    contract = script.stock()
    order = script.module.StopOrder("SELL", 10, 140, parentId=77)
    trade = script.ib.placeOrder(contract, order)
    assert "place it first, without transmit" in messages(trade)[-1]
    assert (trade.orderStatus.status, script.sent()) == ("Cancelled", [])


def test_a_part_that_is_cancelled_is_gone_and_its_children_with_it(script: Script) -> None:
    contract = script.stock()
    parent, profit, loss = script.ib.bracketOrder("BUY", 10, 150, 200, 140)
    trades = [script.ib.placeOrder(contract, part) for part in (parent, profit)]
    script.ib.cancelOrder(parent)
    assert [one.orderStatus.status for one in trades] == ["Cancelled"] * 2
    last = script.ib.placeOrder(contract, loss)
    assert last.orderStatus.status == "Cancelled"
    assert script.sent() == []


def test_an_order_that_belongs_to_nothing_leaves_parked_parts_where_they_are(
    script: Script,
) -> None:
    contract = script.stock()
    parked = script.ib.placeOrder(
        contract, script.module.LimitOrder("BUY", 10, 150, transmit=False)
    )
    other = script.ib.placeOrder(contract, script.module.LimitOrder("BUY", 20, 150))
    script.until_status(other, "Submitted")
    assert parked.orderStatus.status == "PendingSubmit"
    assert script.quantities() == [20]
    parked.order.transmit = True
    assert script.ib.placeOrder(contract, parked.order) is parked
    script.until_status(parked, "Submitted")
    assert script.quantities() == [20, 10]


def test_one_cancels_all_as_scripts_place_it(script: Script) -> None:
    contract, module = script.stock(), script.module
    orders = [module.LimitOrder("BUY", 10, 150), module.LimitOrder("BUY", 20, 151)]
    script.ib.oneCancelsAll(orders, "pair", 1)
    trades = [script.ib.placeOrder(contract, order) for order in orders]
    script.until(lambda: all(one.orderStatus.status == "Submitted" for one in trades))
    on_the_wire = [
        (one.message.text("ocaGroup"), one.message.integer("ocaType"))
        for one in script.sim.received("placeOrder")
    ]
    assert on_the_wire == [("pair", 1)] * 2
    script.sim.set_price("AAPL", quote("150.90", "150.95", "150.95"))
    script.until_status(trades[1], "Filled")
    script.until_status(trades[0], "Cancelled")


@pytest.mark.parametrize(("quantity", "sent"), [(20, 2), (501, 0)])
def test_an_oca_group_whose_last_transmits_is_judged_as_one(
    script: Script, quantity: int, sent: int
) -> None:
    contract, module = script.stock(), script.module
    orders = [
        module.LimitOrder("BUY", 10, 150, transmit=False),
        module.LimitOrder("BUY", quantity, 149),
    ]
    script.ib.oneCancelsAll(orders, "pair", 1)
    trades = [script.ib.placeOrder(contract, order) for order in orders]
    status = "Submitted" if sent else "Cancelled"
    script.until(lambda: all(one.orderStatus.status == status for one in trades))
    assert len(script.sent()) == sent
    if not sent:
        assert "GROUP_DENIED" in messages(trades[0])[-1]


def test_a_bracket_waits_for_its_contract_as_a_whole(script: Script) -> None:
    contract = script.module.Stock("AAPL", "SMART", "USD")
    orders = script.ib.bracketOrder("BUY", 10, 150, 200, 140)
    trades = [script.ib.placeOrder(contract, order) for order in orders]
    script.until(lambda: all(one.orderStatus.permId for one in trades))
    assert [one.order.parentId for one in trades] == [0, 1, 1]


def test_parts_that_were_never_transmitted_end_with_the_session(script: Script) -> None:
    contract = script.stock()
    parked = script.ib.placeOrder(
        contract, script.module.LimitOrder("BUY", 10, 150, transmit=False)
    )
    script.ib.disconnect()
    assert parked.orderStatus.status == "Cancelled"
    assert script.sent() == []


def test_exits_of_another_account_are_no_bracket(script: Script) -> None:
    contract = script.stock()
    orders = script.ib.bracketOrder("BUY", 10, 150, 200, 140)
    for order in orders[1:]:
        order.account = "DU2"
    trades = [script.ib.placeOrder(contract, order) for order in orders]
    assert all("BAD_ORDER parts of one parent" in messages(one)[-1] for one in trades)
    assert script.sent() == []


@pytest.mark.parametrize(("kind", "sent"), [(0, 0), (1, 2), (2, 2), (3, 0)])
def test_orders_that_may_all_fill_count_in_full_though_they_name_one_group(
    make_script: MakeScript, tmp_path: Path, kind: int, sent: int
) -> None:
    limits = (
        LIMITS + "  - {id: cap, kind: position, max_long: 20, per: [symbol], because: a test}\n"
    )
    (tmp_path / "limits.yaml").write_text(limits, encoding="utf-8")
    script = make_script()
    contract = script.connect() and script.stock()
    for transmits in (False, True):
        order = script.module.LimitOrder("BUY", 20, 150, ocaGroup="g", ocaType=kind)
        order.transmit = transmits
        trade = script.ib.placeOrder(contract, order)
    assert ("max_long 40 units" in "".join(messages(trade))) is (sent == 0)
    assert len(script.sent()) == sent
