"""How the broker tells of orders: what it echoes, and the habits that can be chosen."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from riskgate.simulator import Fills, Options, Running, quote, running
from riskgate.simulator.options import Reports
from riskgate.simulator.wire.kinds import Record
from tests.wire.conftest import client_library

if TYPE_CHECKING:
    from tests.wire.conftest import Connect, Order, Play, Stock, Wire

ib = client_library()
AAPL = quote("189.99", "190.01", "190.00", "189.00")
ONE_FILL = Fills(chunks=1)
MARKET: Record = {
    "orderId": 1,
    "symbol": "AAPL",
    "secType": "STK",
    "exchange": "SMART",
    "currency": "USD",
    "action": "BUY",
    "totalQuantity": Decimal(100),
    "orderType": "MKT",
    "tif": "DAY",
    "transmit": True,
}
LIMIT: Record = {**MARKET, "orderType": "LMT", "lmtPrice": Decimal(150)}
REJECTED: Record = {**MARKET, "tif": "EON"}


def stock() -> Stock:
    found: Stock = ib.Stock("AAPL", "SMART", "USD")
    return found


def order(kind: str, **terms: object) -> Order:
    plain = {"orderType": kind, "action": "BUY", "totalQuantity": 100, "tif": "DAY"}
    made: Order = ib.Order(**{**plain, **terms})
    return made


def told(wire: Wire, last: str) -> list[str]:
    """What was said up to the last thing, each with its status or code."""
    found: list[str] = []
    while not found or found[-1] != last:
        message = wire.read()
        about = message.text("status") or message.fields.get("code") or ""
        found.append(f"{message.name} {about}".strip())
    return found


def placed(reports: Reports, request: Record, last: str, wire_to: Callable[..., Wire]) -> list[str]:
    options = Options(reports=reports, fills=ONE_FILL)
    with running({"AAPL": AAPL}, options=options) as sim:
        wire = wire_to(sim)
        wire.read_until("nextValidId")
        told(wire, "error 2158")
        wire.send("placeOrder", request)
        return told(wire, last)


def both(status: str) -> list[str]:
    return [f"openOrder {status}", f"orderStatus {status}"]


def test_an_order_is_told_of_as_real_logs_show(wire_to: Callable[..., Wire]) -> None:
    assert placed(Reports(), MARKET, "commissionReport", wire_to) == [
        *both("PreSubmitted"),
        *both("Submitted"),
        "execDetails",
        *both("Filled"),
        "commissionReport",
    ]


@pytest.mark.parametrize(
    ("reports", "expected"),
    [
        (Reports(execution_first=True), ["execDetails", *both("Filled"), "commissionReport"]),
        (
            Reports(acknowledged=("PendingSubmit", "PreSubmitted")),
            [
                *both("PendingSubmit"),
                *both("PreSubmitted"),
                *both("Submitted"),
                "execDetails",
                *both("Filled"),
                "commissionReport",
            ],
        ),
        (
            Reports(acknowledged=()),
            [*both("Submitted"), "execDetails", *both("Filled"), "commissionReport"],
        ),
        (
            Reports(silent_market=True),
            [
                "openOrder PreSubmitted",
                "openOrder Submitted",
                "execDetails",
                "openOrder Filled",
                "commissionReport",
            ],
        ),
        (
            Reports(repeats=2),
            [
                *both("PreSubmitted") * 2,
                *both("Submitted") * 2,
                "execDetails",
                *both("Filled") * 2,
                "commissionReport",
            ],
        ),
    ],
)
def test_the_order_of_the_reports_can_be_another_one(
    wire_to: Callable[..., Wire], reports: Reports, expected: list[str]
) -> None:
    assert placed(reports, MARKET, "commissionReport", wire_to) == expected


def test_an_order_that_is_not_filled_at_once_is_told_of_all_the_same(
    wire_to: Callable[..., Wire],
) -> None:
    found = placed(Reports(execution_first=True), LIMIT, "orderStatus Submitted", wire_to)
    assert found == both("Submitted")


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        ("Inactive", ["error 201", *both("Inactive")]),
        ("Cancelled", ["orderStatus Cancelled", "error 202"]),
        ("", ["error 201"]),
    ],
)
def test_a_rejection_has_three_faces(
    wire_to: Callable[..., Wire], shown: str, expected: list[str]
) -> None:
    reports = Reports(rejected_as=shown)  # type: ignore[arg-type]  # one of the three
    assert placed(reports, REJECTED, expected[-1], wire_to) == expected


@pytest.mark.parametrize(
    ("reports", "expected"),
    [
        (Reports(), ["orderStatus PendingCancel", "orderStatus Cancelled", "error 202"]),
        (Reports(pending_cancel=False), ["orderStatus Cancelled", "error 202"]),
        (
            Reports(code_first=True),
            ["orderStatus PendingCancel", "error 202", "orderStatus Cancelled"],
        ),
    ],
)
def test_a_cancellation_is_told_in_one_order_or_the_other(
    wire_to: Callable[..., Wire], reports: Reports, expected: list[str]
) -> None:
    with running({"AAPL": AAPL}, options=Options(reports=reports)) as sim:
        wire = wire_to(sim)
        told(wire, "error 2158")
        wire.send("placeOrder", LIMIT)
        told(wire, "orderStatus Submitted")
        wire.send("cancelOrder", {"orderId": 1})
        assert told(wire, expected[-1]) == expected


def test_an_echo_has_the_brokers_defaults_and_not_what_was_sent(
    wire: Callable[..., Wire],
) -> None:
    client = wire()
    client.send("placeOrder", {**MARKET, "orderType": "MTL", "clearingIntent": "", "ocaType": 0})
    echo = next(one for one in client.read_until("orderStatus") if one.name == "openOrder")
    expected = {
        "lmtPrice": Decimal(0),
        "auxPrice": Decimal(0),
        "ocaType": 3,
        "clearingIntent": "IB",
        "deltaNeutralOrderType": "None",
        "adjustedOrderType": "None",
        "dontUseAutoPriceForHedge": True,
        "right": "?",
        "volatilityType": 0,
        "rule80A": "0",
        "openClose": "",
        "displaySize": None,
    }
    assert {name: echo.fields[name] for name in expected} == expected
    assert echo.integer("permId") > 0


def test_a_trailing_order_shows_where_its_stop_stands(
    sim: Running, play: Play, join: Connect
) -> None:
    async def scenario() -> None:
        async with join(sim) as desk:
            asked = order("TRAIL", action="SELL", auxPrice=1)
            await desk.place(stock(), asked, "PreSubmitted")
            sim.set_price("AAPL", quote("194.99", "195.01", "195.00"))
            sim.settle()
            async with join(sim, 2) as other:
                (trade,) = await other.ib.reqAllOpenOrdersAsync()
                assert trade.order.trailStopPrice == 194.00

    play(scenario)


def test_a_what_if_order_knows_the_position_it_closes(
    sim: Running, play: Play, join: Connect
) -> None:
    async def scenario() -> None:
        async with join(sim) as desk:
            await desk.place(stock(), order("MKT"), "Filled")
            asked = order("LMT", action="SELL", lmtPrice=190)
            state = await asyncio.wait_for(desk.ib.whatIfOrderAsync(stock(), asked), 5)
            assert float(state.initMarginChange) == -4750
            assert float(state.initMarginAfter) == pytest.approx(0, abs=5)

    play(scenario)
    assert len(sim.orders()) == 1


def test_the_first_answer_to_a_what_if_order_may_be_useless(wire_to: Callable[..., Wire]) -> None:
    with running({"AAPL": AAPL}, options=Options(reports=Reports(what_if_twice=True))) as sim:
        wire = wire_to(sim)
        told(wire, "error 2158")
        wire.send("placeOrder", {**LIMIT, "whatIf": True})
        first, second = wire.read(), wire.read()
        assert first.text("warningText")
        assert first.text("initMarginAfter").startswith("1.797")
        assert Decimal(second.text("initMarginAfter")) > 0
        assert sim.orders() == ()


def test_a_what_if_order_without_transmit_is_refused_with_413(
    wire: Callable[..., Wire],
) -> None:
    client = wire()
    told(client, "error 2158")
    client.send("placeOrder", {**LIMIT, "whatIf": True, "transmit": False})
    assert told(client, "error 413") == ["error 413"]


# -- the queue ------------------------------------------------------------------------------------


def test_a_queued_order_is_filled_by_what_trades_after_those_before_it(
    play: Play, join: Connect
) -> None:
    with running({"AAPL": AAPL}, options=Options(queueing=True)) as sim:

        async def scenario() -> None:
            async with join(sim) as desk:
                trade = await desk.place(stock(), order("LMT", lmtPrice=189.99), "Submitted")
                seen = []
                for _ in range(3):  # each a trade of 100 at the bid; 100 are before the order
                    sim.settle()
                    seen.append(int(sim.orders()[0].filled))
                    sim.set_price("AAPL", quote("189.99", "190.01", "189.99"))
                assert seen == [0, 0, 100]
                await desk.until(lambda: trade.orderStatus.status == "Filled")
                assert trade.fills[0].execution.price == 189.99

        play(scenario)


def test_a_trade_through_the_price_fills_a_queued_order(play: Play, join: Connect) -> None:
    with running({"AAPL": AAPL}, options=Options(queueing=True)) as sim:

        async def scenario() -> None:
            async with join(sim) as desk:
                trade = await desk.place(stock(), order("LMT", lmtPrice=189.50), "Submitted")
                sim.set_price("AAPL", quote("189.99", "190.01", "189.40"))
                await desk.until(lambda: trade.orderStatus.status == "Filled")
                assert trade.fills[0].execution.price == 189.50

        play(scenario)


def test_a_volatility_on_another_type_is_refused_with_321(wire: Callable[..., Wire]) -> None:
    client = wire()
    told(client, "error 2158")
    client.send("placeOrder", {**LIMIT, "volatility": Decimal("0.2")})
    assert told(client, "error 321") == ["error 321"]


def test_an_order_above_the_presets_is_refused_with_383(wire_to: Callable[..., Wire]) -> None:
    with running({"AAPL": AAPL}, options=Options(largest=Decimal(99))) as sim:
        wire = wire_to(sim)
        told(wire, "error 2158")
        wire.send("placeOrder", MARKET)
        assert told(wire, "error 383") == ["error 383"]


NEWER: dict[str, tuple[int, object]] = {
    # field: the version it came with, and a value
    "duration": (158, 60),
    "postToAts": (160, 1),
    "autoCancelParent": (162, True),
    "customerAccount": (183, "C1"),
    "professionalCustomer": (184, True),
    "includeOvernight": (189, True),
    "extOperator": (193, "me"),
    "manualOrderIndicator": (193, 1),
    "imbalanceOnly": (199, True),
}


@pytest.mark.parametrize("version", [159, 178, 200])
def test_the_newer_fields_of_an_order_come_back_where_the_version_has_them(
    sim: Running, wire_to: Callable[..., Wire], version: int
) -> None:
    client = wire_to(sim, 1, version)
    told(client, "error 2158")
    more = {name: value for name, (_, value) in NEWER.items()}
    client.send("placeOrder", {**LIMIT, **more})  # type: ignore[dict-item]  # plain values
    echo = client.read()
    expected = {name: value for name, (since, value) in NEWER.items() if since <= version}
    assert {name: echo.fields.get(name) for name in expected} == expected
    client.send("cancelOrder", {"orderId": 1})
    assert told(client, "error 202")[-2] == "orderStatus Cancelled"


def test_only_imbalance_is_not_for_a_limit_at_the_close(wire: Callable[..., Wire]) -> None:
    client = wire()
    told(client, "error 2158")
    client.send("placeOrder", {**LIMIT, "orderType": "LOC", "imbalanceOnly": True})
    assert told(client, "error 10342") == ["error 10342"]
