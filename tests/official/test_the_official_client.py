"""The contract: what the official client can do against the simulator, as it comes."""

from __future__ import annotations

from decimal import Decimal

import pytest

from riskgate.simulator import Running, quote
from riskgate.simulator.wire.codec import MAX_VERSION, MIN_VERSION
from tests.official.conftest import Client, official

HIGHEST = official("client").MAX_CLIENT_VER


def test_it_connects_at_the_highest_version_both_speak(sim: Running, client: Client) -> None:
    assert client.api.serverVersion() == min(HIGHEST, MAX_VERSION)
    assert client.api.serverVersion() >= MIN_VERSION
    assert client.wait("managedAccounts")[0] == "DU1234567"
    assert "OK" in client.wait_for_error(-1, 2104)
    assert sim.clients() == {1}


def test_it_places_an_order_that_is_filled_and_paid_for(client: Client) -> None:
    order = client.order("MKT", 10)
    order.orderRef = "rg-official"
    number = client.place(order)
    status = client.wait_for_status(number, "Filled")
    assert (float(status[2]), float(status[3])) == (10.0, 0.0)
    shown = client.wait("openOrder", lambda *one: one[0] == number)
    assert (shown[1].symbol, shown[2].orderRef, shown[3].status) != ("", "", "")
    assert shown[2].orderRef == "rg-official"
    _, contract, execution = client.wait("execDetails")
    assert (contract.symbol, execution.side, execution.orderId) == ("AAPL", "BOT", number)
    assert execution.orderRef == "rg-official"
    report = client.commission()
    assert report.execId == execution.execId
    assert report.currency == "USD"


def test_it_changes_a_resting_order_and_cancels_it(sim: Running, client: Client) -> None:
    order = client.order("LMT", 100, 150.0)
    number = client.place(order)
    client.wait_for_status(number, "Submitted")
    order.lmtPrice = 151.25
    client.api.placeOrder(number, client.stock(), order)
    client.wait("openOrder", lambda *one: one[0] == number and one[2].lmtPrice == 151.25)
    assert [one.limit for one in sim.orders()] == [Decimal("151.25")]
    client.cancel(number)
    client.wait_for_status(number, "Cancelled")
    assert client.wait_for_error(number, 202)


def test_it_cancels_everything(sim: Running, client: Client) -> None:
    numbers = [client.place(client.order("LMT", 10, 150.0 + n)) for n in range(3)]
    for number in numbers:
        client.wait_for_status(number, "Submitted")
    client.cancel_all()
    for number in numbers:
        client.wait_for_status(number, "Cancelled")
    assert {one.status for one in sim.orders()} == {"Cancelled"}


def test_it_is_told_why_an_order_is_refused(client: Client) -> None:
    number = client.place(client.order("LMT", 10, 150.001))
    assert "minimum price variation" in client.wait_for_error(number, 110)


def test_it_reads_positions(client: Client) -> None:
    client.wait_for_status(client.place(client.order("MKT", 10)), "Filled")
    client.api.reqPositions()
    client.wait("positionEnd")
    account, contract, quantity, cost = client.wait("position")
    assert (account, contract.symbol, float(quantity)) == ("DU1234567", "AAPL", 10.0)
    assert float(cost) == pytest.approx(190.01, abs=0.5)


def test_it_reads_the_account(client: Client) -> None:
    client.api.reqAccountUpdates(True, "DU1234567")
    client.wait("accountDownloadEnd")
    assert client.wait("updateAccountValue", lambda *one: one[0] == "NetLiquidation")
    client.api.reqAccountSummary(9001, "All", "NetLiquidation,BuyingPower")
    client.wait("accountSummaryEnd")
    told = {one[2] for one in client.heard("accountSummary")}
    assert told == {"NetLiquidation", "BuyingPower"}


def test_it_reads_contract_details(client: Client) -> None:
    client.api.reqContractDetails(9002, client.stock())
    _, details = client.wait("contractDetails")
    client.wait("contractDetailsEnd")
    assert (details.contract.symbol, details.contract.conId) == ("AAPL", 265598)
    assert details.minTick == 0.01
    assert details.longName != ""
    assert details.timeZoneId != ""


def test_it_reads_ticks(sim: Running, client: Client) -> None:
    client.api.reqMktData(9003, client.stock(), "", False, False, [])
    bid = client.wait("tickPrice", lambda *one: one[:2] == (9003, 1))
    assert bid[2] == 189.99
    client.wait("tickSize", lambda *one: one[:2] == (9003, 0))
    sim.set_price("AAPL", quote("191.00", "191.02"))
    client.wait("tickPrice", lambda *one: one[:2] == (9003, 1) and one[2] == 191.0)
    client.api.cancelMktData(9003)


def test_it_reads_bars(client: Client) -> None:
    client.api.reqHistoricalData(
        9004, client.stock(), "", "1 D", "1 hour", "TRADES", 1, 1, False, []
    )
    _, bar = client.wait("historicalData")
    assert bar.high >= bar.low > 0
    client.wait("historicalDataEnd")


def test_it_reads_executions(client: Client) -> None:
    client.wait_for_status(client.place(client.order("MKT", 10)), "Filled")
    client.commission()
    client.forget()
    client.api.reqExecutions(9005, official("execution").ExecutionFilter())
    client.wait("execDetailsEnd")
    told = [one[2] for one in client.heard("execDetails")]
    assert sum(float(one.shares) for one in told) == 10.0
    assert client.commission().execId in {one.execId for one in told}


def test_it_reads_open_and_completed_orders(client: Client) -> None:
    resting = client.place(client.order("LMT", 100, 150.0))
    client.wait_for_status(resting, "Submitted")
    done = client.place(client.order("MKT", 10))
    client.wait_for_status(done, "Filled")
    client.forget()
    client.api.reqOpenOrders()
    client.wait("openOrderEnd")
    assert [one[0] for one in client.heard("openOrder")] == [resting]
    client.api.reqAllOpenOrders()
    client.wait("openOrder")
    client.api.reqCompletedOrders(False)
    client.wait("completedOrdersEnd")
    (completed,) = client.heard("completedOrder")
    assert (completed[0].symbol, completed[2].status) == ("AAPL", "Filled")


def test_it_asks_what_an_order_would_do(sim: Running, client: Client) -> None:
    order = client.order("LMT", 100, 190.0)
    order.whatIf = True
    number = client.place(order)
    state = client.wait("openOrder", lambda *one: one[0] == number)[3]
    assert float(state.initMarginChange) > 0
    assert sim.orders() == ()


def test_it_asks_for_the_time(client: Client) -> None:
    client.api.reqCurrentTime()
    assert client.wait("currentTime")[0] > 0


def test_its_second_client_with_the_same_id_is_told_326(sim: Running, client: Client) -> None:
    assert client.wait("nextValidId")
    second = Client(sim, 1, starts=False)
    assert "already in use" in second.wait_for_error(-1, 326)
    second.close()
    assert sim.clients() == {1}
