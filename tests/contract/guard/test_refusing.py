"""What a guarded script is refused: denied orders, changes, fields and contracts."""

from __future__ import annotations

import math

import pytest

from riskgate.journal.archive import open_for_reading
from riskgate.replay.replaying import replay
from riskgate.simulator import Fault, Reject
from tests.contract.guard.conftest import Its, MakeScript, Script, messages


def test_a_denied_order_is_cancelled_says_why_and_is_never_on_the_wire(script: Script) -> None:
    ib, seen = script.ib, []
    ib.orderStatusEvent += lambda trade: seen.append(("ib", trade.orderStatus.status))
    ib.newOrderEvent += lambda trade: seen.append(("new", trade.orderStatus.status))
    trade = ib.placeOrder(script.stock(), script.module.MarketOrder("BUY", 501))
    assert type(trade) is script.module.Trade
    assert trade.orderStatus.status == "Cancelled"
    assert trade.isDone()
    (said,) = messages(trade)
    assert said.startswith("denied by riskgate: ")
    assert "desk/size max_quantity 501 units > limit 500" in said
    trade.statusEvent += lambda t: seen.append(("status", t.orderStatus.status))
    trade.cancelledEvent += lambda t: seen.append(("cancelled", t.orderStatus.status))
    script.turned()
    assert seen == [
        ("new", "PendingSubmit"),
        ("ib", "Cancelled"),
        ("status", "Cancelled"),
        ("cancelled", "Cancelled"),
    ]
    assert trade in ib.trades()
    assert trade not in ib.openTrades()
    assert script.sent() == []
    ib.disconnect()
    with open_for_reading(script.config.journal) as archive:
        assert [row["status"] for row in archive.orders()] == ["Denied"]


def test_a_denied_order_can_be_tried_again_with_other_terms(script: Script) -> None:
    contract, order = script.stock(), script.module.LimitOrder("BUY", 501, 150)
    denied = script.ib.placeOrder(contract, order)
    order.totalQuantity = 50
    trade = script.ib.placeOrder(contract, order)
    assert trade is not denied
    script.until_status(trade, "Submitted")
    assert script.quantities() == [50]


def test_an_order_that_is_no_longer_there_is_not_changed(script: Script) -> None:
    order = script.module.LimitOrder("BUY", 10, 150, orderId=77, permId=4711)
    trade = script.ib.placeOrder(script.stock(), order)
    assert "denied by riskgate: UNKNOWN_ORDER" in messages(trade)[-1]
    assert (trade.orderStatus.status, script.sent()) == ("Cancelled", [])


def test_a_modify_that_is_denied_leaves_the_live_order_as_it_is(script: Script) -> None:
    trade = script.ib.placeOrder(script.stock(), script.module.LimitOrder("BUY", 10, 150))
    script.until_status(trade, "Submitted")
    trade.order.totalQuantity = 600
    assert script.ib.placeOrder(trade.contract, trade.order) is trade
    assert messages(trade)[-1].startswith("modify denied by riskgate: ")
    assert "desk/size max_quantity 600" in messages(trade)[-1]
    assert (trade.orderStatus.status, trade.order.totalQuantity) == ("Submitted", 10)
    assert script.quantities() == [10]
    trade.order.lmtPrice = 149
    script.ib.placeOrder(trade.contract, trade.order)
    script.until(lambda: "Modified" in messages(trade))
    assert script.quantities() == [10, 10]


@pytest.mark.parametrize(
    ("field", "value"), [("outsideRth", True), ("action", "SELL"), ("transmit", False)]
)
def test_a_change_that_is_no_modify_is_denied_by_name(
    script: Script, field: str, value: object
) -> None:
    trade = script.ib.placeOrder(script.stock(), script.module.LimitOrder("BUY", 10, 150))
    script.until_status(trade, "Submitted")
    before = getattr(trade.order, field)
    setattr(trade.order, field, value)
    script.ib.placeOrder(trade.contract, trade.order)
    assert "modify denied by riskgate: " in messages(trade)[-1]
    assert getattr(trade.order, field) == before
    assert len(script.sent()) == 1


def test_a_modify_to_another_contract_is_denied(script: Script) -> None:
    trade = script.ib.placeOrder(script.stock(), script.module.LimitOrder("BUY", 10, 150))
    script.until_status(trade, "Submitted")
    script.ib.placeOrder(script.stock("MSFT"), trade.order)
    assert "its contract is `AAPL`" in messages(trade)[-1]
    assert len(script.sent()) == 1


@pytest.mark.parametrize(
    ("field", "value"),
    [("faGroup", "all"), ("percentOffset", 0.01), ("hedgeType", "D"), ("orderType", "VOL")],
)
def test_a_field_that_is_not_modelled_is_denied_by_its_name(
    script: Script, field: str, value: object
) -> None:
    order = script.module.LimitOrder("BUY", 10, 150)
    setattr(order, field, value)
    trade = script.ib.placeOrder(script.stock(), order)
    assert trade.orderStatus.status == "Cancelled"
    assert messages(trade)[0].startswith("denied by riskgate: BAD_ORDER")
    assert field in messages(trade)[0]
    assert script.sent() == []


def test_a_what_if_is_answered_and_becomes_no_order(script: Script) -> None:
    order = script.module.MarketOrder("BUY", 10)
    state = script.ib.whatIfOrder(script.stock(), order)
    assert type(state) is script.module.OrderState
    assert float(state.initMarginChange) > 0
    assert order.whatIf is False
    (asked,) = script.sim.received("placeOrder")
    assert asked.message.flag("whatIf")
    assert script.gate.orders() == ()
    trade = script.ib.placeOrder(script.stock(), script.module.MarketOrder("BUY", 10))
    script.until_status(trade, "Filled")  # its id is above that of the question
    assert trade.order.orderId > asked.message.integer("orderId")


def test_a_what_if_that_fails_ends_and_is_about_no_order_of_ours(
    make_script: MakeScript,
) -> None:
    script = make_script(Fault("placeOrder", Reject(201, "no margin"), nth=1))
    script.connect()
    assert script.ib.whatIfOrder(script.stock(), script.module.MarketOrder("BUY", 10)) == []
    assert script.gate.reconciled


def test_an_order_that_asks_what_if_is_not_placed(script: Script) -> None:
    order = script.module.MarketOrder("BUY", 10, whatIf=True)
    trade = script.ib.placeOrder(script.stock(), order)
    assert "whatIf" in messages(trade)[0]
    assert (trade.orderStatus.status, script.sent()) == ("Cancelled", [])


def test_an_order_in_a_contract_that_nobody_knows_is_denied(script: Script) -> None:
    contract = script.module.Stock("NOSUCH", "SMART", "USD")
    trade = script.ib.placeOrder(contract, script.module.MarketOrder("BUY", 10))
    script.until_status(trade, "Cancelled")
    assert "denied by riskgate: UNKNOWN_INSTRUMENT" in messages(trade)[-1]
    assert script.sent() == []


@pytest.mark.parametrize(
    ("field", "value"),
    [("localSymbol", "AAPL"), ("secIdType", "ISIN"), ("tradingClass", "OTHER")],
)
def test_a_contract_that_may_mean_another_is_denied_until_it_is_qualified(
    script: Script, field: str, value: str
) -> None:
    contract = script.module.Stock("AAPL", "SMART", "USD", **{field: value})
    trade = script.ib.placeOrder(contract, script.module.MarketOrder("BUY", 10))
    assert f"{field} `{value}`" in messages(trade)[0]
    assert "ib.qualifyContracts" in messages(trade)[0]
    assert script.sent() == []


def test_a_contract_by_its_number_alone_is_known_once_it_was_qualified(script: Script) -> None:
    number = script.stock().conId
    contract = script.module.Contract(conId=number, exchange="SMART")
    trade = script.ib.placeOrder(contract, script.module.MarketOrder("BUY", 10))
    script.until_status(trade, "Filled")


def test_cancelling_what_nobody_knows_sends_nothing(script: Script) -> None:
    assert script.ib.cancelOrder(script.module.LimitOrder("BUY", 1, 1, orderId=99)) is None
    assert script.sent() == []


def test_exercising_is_refused_with_an_error_event_and_on_record(script: Script) -> None:
    option: Its = script.module.Option("AAPL", "20270115", 200, "C", "SMART")
    script.ib.exerciseOptions(option, 1, 1, "DU1234567", 0)
    assert [text for _, _, text in script.errors if "exerciseOptions" in text]
    assert script.sent() == []
    assert any("exerciseOptions" in text for text in script.notes())


@pytest.mark.parametrize(
    ("field", "value"),
    [("symbol", "MSFT"), ("currency", "EUR"), ("secType", "CFD")],
)
def test_a_number_and_a_name_that_disagree_are_denied(
    script: Script, field: str, value: str
) -> None:
    contract = script.stock()
    setattr(contract, field, value)
    trade = script.ib.placeOrder(contract, script.module.MarketOrder("BUY", 10))
    assert f"found {field} `{value}`" in messages(trade)[0]
    assert script.sent() == []


def test_a_delta_neutral_contract_is_denied_by_its_name(script: Script) -> None:
    contract = script.stock()
    contract.deltaNeutralContract = script.module.DeltaNeutralContract(conId=1, delta=0.5)
    trade = script.ib.placeOrder(contract, script.module.MarketOrder("BUY", 10))
    assert "deltaNeutralContract" in messages(trade)[0]
    assert script.sent() == []


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("lastTradeDateOrContractMonth", "202611"),
        ("lastTradeDateOrContractMonth", "202603"),
        ("right", "X"),
        ("strike", math.inf),
        ("multiplier", "x"),
    ],
)
def test_an_expiry_that_names_no_day_is_denied_until_it_is_qualified(
    script: Script, field: str, value: object
) -> None:
    contract = script.module.Option("AAPL", "20270115", 150, "C", "SMART", currency="USD")
    setattr(contract, field, value)
    trade = script.ib.placeOrder(contract, script.module.LimitOrder("BUY", 1, 1))
    assert field in messages(trade)[0]
    assert "ib.qualifyContracts" in messages(trade)[0]
    assert script.sent() == []


def test_a_change_of_the_account_is_denied(script: Script) -> None:
    trade = script.ib.placeOrder(script.stock(), script.module.LimitOrder("BUY", 10, 150))
    script.until_status(trade, "Submitted")
    trade.order.account, trade.order.lmtPrice = "DU999", 149
    script.ib.placeOrder(trade.contract, trade.order)
    assert "its account is `" in messages(trade)[-1]
    assert (trade.order.account, trade.order.lmtPrice) == ("", 150)
    assert script.quantities() == [10]


def test_what_a_script_was_refused_is_replayed_as_it_was(script: Script) -> None:
    order = script.module.LimitOrder("BUY", 10, 150)
    script.ib.placeOrder(script.stock(), order)
    for wrong in ({"hedgeType": "D"}, {"lmtPrice": math.nan}, {"orderType": "VOL"}):
        told = script.module.LimitOrder("BUY", 10, 150)
        for name, value in wrong.items():
            setattr(told, name, value)
        script.ib.placeOrder(script.stock(), told)
    alone = script.module.LimitOrder("SELL", 10, 160, parentId=order.orderId + 999)
    assert "denied" in messages(script.ib.placeOrder(script.stock(), alone))[-1]
    script.ib.disconnect()
    with open_for_reading(script.config.journal) as archive:
        found = replay(archive.read)
    assert (found.decisions, found.different) == (5, 0)
