"""A corrected execution takes the place of the first: cost, profits and cash are those of it."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from riskgate.simulator import Correct, Fault, Fills, Options, Running, quote, running
from riskgate.simulator.wire.codec import Message
from riskgate.simulator.wire.kinds import UNSET_REAL, Record

if TYPE_CHECKING:
    from tests.wire.conftest import Wire, WireConnect

AAPL: Record = {"symbol": "AAPL", "secType": "STK", "exchange": "SMART", "currency": "USD"}
CHEAP, DEAR = quote("99.99", "100", "100"), quote("199.99", "200", "200")
CASH = Options().cash


@pytest.fixture
def sim() -> Iterator[Running]:
    with running({"AAPL": CHEAP}, options=Options(fills=Fills(chunks=1))) as found:
        yield found


def trade(client: Wire, sim: Running, number: int, action: str, quantity: int) -> list[Message]:
    """Trade at the market, and everything that was told of it."""
    terms: Record = {"orderType": "MKT", "tif": "DAY", "transmit": True, "orderId": number}
    terms |= {"action": action, "totalQuantity": Decimal(quantity)}
    client.send("placeOrder", {**AAPL, **terms})
    sim.wait_for(lambda: len(sim.orders()) == number)
    sim.settle()
    client.send("reqCurrentTime", {})
    return client.read_until("currentTime")[:-1]


def held(client: Wire) -> Message:
    """The portfolio entry of the account."""
    client.send("reqAccountUpdates", {"subscribe": True, "acctCode": ""})
    (found,) = [one for one in client.read_until("accountDownloadEnd") if one.name == "portfolio"]
    client.send("reqAccountUpdates", {"subscribe": False, "acctCode": ""})
    return found


def cash(client: Wire) -> Decimal:
    """The cash of the account."""
    client.send("reqAccountSummary", {"reqId": 9, "group": "All", "tags": "TotalCashValue"})
    (found,) = [one for one in client.read_until("accountSummaryEnd") if "tag" in one.fields]
    client.send("cancelAccountSummary", {"reqId": 9})
    return Decimal(found.text("value"))


@pytest.mark.parametrize(
    ("to", "cost", "profit", "paid"),
    [
        (Correct(price=Decimal(180)), "140.01", "11998", "28002"),
        (Correct(quantity=Decimal(40)), "128.58571429", "9998", "18002"),
        (Correct(price=Decimal(180), quantity=Decimal(40)), "122.87142857", "10798", "17202"),
        (Correct(quantity=Decimal(0)), "100.01", "9999", "10001"),
    ],
)
def test_a_corrected_purchase_moves_the_average_cost_and_realizes_nothing(  # noqa: PLR0913, PLR0917
    sim: Running, wire: WireConnect, to: Correct, cost: str, profit: str, paid: str
) -> None:
    client = wire()
    trade(client, sim, 1, "BUY", 100)
    sim.set_price("AAPL", DEAR)
    sim.inject(Fault("execution", to))
    told = trade(client, sim, 2, "BUY", 100)
    bills = [one for one in told if one.name == "commissionReport"]
    assert [one.text("realizedPNL") for one in bills] == [UNSET_REAL, UNSET_REAL]
    found = held(client)
    assert found.number("averageCost") == Decimal(cost)
    assert found.number("realizedPNL") == 0
    assert found.number("unrealizedPNL") == Decimal(profit)
    assert cash(client) == CASH - Decimal(paid)


@pytest.mark.parametrize(
    ("to", "left", "realized", "cash_now"),
    [
        (Correct(price=Decimal(190)), 50, "4498.5", "999498"),
        (Correct(quantity=Decimal(20)), 80, "1998.6", "993997.8"),
    ],
)
def test_a_corrected_sale_realizes_what_it_realizes_now_and_its_report_says_so(  # noqa: PLR0913, PLR0917
    sim: Running, wire: WireConnect, to: Correct, left: int, realized: str, cash_now: str
) -> None:
    client = wire()
    trade(client, sim, 1, "BUY", 100)
    sim.set_price("AAPL", DEAR)
    sim.inject(Fault("execution", to))
    told = trade(client, sim, 2, "SELL", 50)
    bills = [one for one in told if one.name == "commissionReport"]
    assert [one.text("execId")[-3:] for one in bills] == [".01", ".02"]
    assert [Decimal(one.text("realizedPNL")) for one in bills] == [Decimal(4998), Decimal(realized)]
    found = held(client)
    assert found.number("position") == left
    assert found.number("averageCost") == Decimal("100.01")
    assert found.number("realizedPNL") == Decimal(realized)
    assert cash(client) == Decimal(cash_now)


def test_what_was_traded_after_the_corrected_execution_is_booked_upon_the_new_one(
    wire_to: WireConnect,
) -> None:
    options = Options(fills=Fills(sizes=(Decimal(60), Decimal(40))))
    with running({"AAPL": CHEAP}, options=options) as sim:
        client = wire_to(sim)
        sim.inject(*(Fault("execution", Correct(price=Decimal(price))) for price in (90, 110)))
        trade(client, sim, 1, "BUY", 100)
        assert sim.positions() == {"AAPL": Decimal(100)}
        assert held(client).number("averageCost") == Decimal(
            "98.01"
        )  # 60 at 90, 40 at 110, and 1.00
        assert cash(client) == CASH - Decimal(9801)


def test_a_future_is_corrected_by_its_profit(wire_to: WireConnect) -> None:
    market = quote("5499.75", "5500", "5500")
    with running({"ES": market}, options=Options(fills=Fills(chunks=1))) as sim:
        client = wire_to(sim)
        es: Record = {"symbol": "ES", "secType": "FUT", "exchange": "CME", "currency": "USD"}
        (name,) = {one.text("localSymbol") for one in details(client, es)[:1]}
        es["localSymbol"] = name
        for number, action in enumerate(("BUY", "SELL"), 1):
            terms: Record = {"orderType": "MKT", "totalQuantity": Decimal(1), "transmit": True}
            client.send("placeOrder", {**es, **terms, "orderId": number, "action": action})
            sim.wait_for(lambda count=number: len(sim.orders()) == count)  # type: ignore[misc]
            sim.settle()
            sim.inject(Fault("execution", Correct(price=Decimal(5510))))
        assert cash(client) == CASH + 500 - Decimal("4.5")


def details(client: Wire, wanted: Record) -> list[Message]:
    client.send("reqContractDetails", {**wanted, "reqId": 3})
    said = client.read_until("contractDetailsEnd")
    return [one for one in said if one.name == "contractDetails"]


def test_the_execution_that_takes_the_place_counts_what_was_filled_by_then(
    sim: Running, wire: WireConnect
) -> None:
    sim.inject(Fault("execution", Correct(price=Decimal(90), quantity=Decimal(70))))
    told = trade(wire(), sim, 1, "BUY", 100)
    new = [one for one in told if one.name == "execDetails"][-1]
    assert [new.number("cumQty"), new.number("avgPrice")] == [70, 90]


def test_the_scenario_that_comes_with_it_costs_what_was_paid(wire_to: WireConnect) -> None:
    with running(scenario="45") as sim:
        client = wire_to(sim)
        trade(client, sim, 1, "BUY", 100)
        cost = held(client).number("averageCost")
        assert cost is not None
        assert sim.positions() == {"AAPL": Decimal(90)}
        paid = CASH - cash(client)
        assert round(90 * cost, 2) == paid
        assert paid == 50 * Decimal("190.01") + 40 * Decimal("189.5") + 1
