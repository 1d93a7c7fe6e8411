"""A real client's orders against the simulator: every type and time in force it knows."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from riskgate.simulator import Fault, Fills, Options, Reject, Running, quote, running
from tests.wire.conftest import client_library

if TYPE_CHECKING:
    from tests.wire.conftest import Connect, Order, Play, Stock

ib = client_library()
STOCK = {"symbol": "AAPL", "exchange": "SMART", "currency": "USD"}
AAPL = quote("189.99", "190.01", "190.00", "189.00")
TIMES = ("DAY", "GTC", "IOC", "FOK")


def stock() -> Stock:
    found: Stock = ib.Stock(**STOCK)
    return found


def order(kind: str, **terms: object) -> Order:
    plain = {"orderType": kind, "action": "BUY", "totalQuantity": 100, "tif": "DAY"}
    made: Order = ib.Order(**{**plain, **terms})
    return made


BUYABLE: dict[str, dict[str, object]] = {
    "MKT": {},
    "LMT": {"lmtPrice": 190.05},
    "STP": {"auxPrice": 189.50},
    "STP LMT": {"auxPrice": 189.50, "lmtPrice": 190.05},
}
RESTING: dict[str, tuple[dict[str, object], str]] = {
    "LMT": ({"lmtPrice": 189.00}, "Submitted"),
    "STP": ({"auxPrice": 191.00}, "PreSubmitted"),
    "STP LMT": ({"auxPrice": 191.00, "lmtPrice": 191.10}, "PreSubmitted"),
}


@pytest.mark.parametrize("tif", TIMES)
@pytest.mark.parametrize("kind", BUYABLE)
def test_a_marketable_buy_fills_at_the_ask(
    sim: Running, play: Play, join: Connect, kind: str, tif: str
) -> None:
    async def scenario() -> None:
        async with join(sim) as desk:
            trade = await desk.place(stock(), order(kind, tif=tif, **BUYABLE[kind]), "Filled")
            assert [fill.execution.price for fill in trade.fills] == [190.01] * len(trade.fills)
            assert trade.orderStatus.filled == 100
            assert len(trade.fills) == (1 if tif == "FOK" else 2)

    play(scenario)
    assert sim.positions() == {"AAPL": Decimal(100)}


@pytest.mark.parametrize("tif", TIMES)
@pytest.mark.parametrize("kind", RESTING)
def test_an_order_away_from_the_market_rests_or_is_cancelled_at_once(
    sim: Running, play: Play, join: Connect, kind: str, tif: str
) -> None:
    terms, resting = RESTING[kind]

    async def scenario() -> None:
        async with join(sim) as desk:
            expected = "Cancelled" if tif in {"IOC", "FOK"} else resting
            trade = await desk.place(stock(), order(kind, tif=tif, **terms), expected)
            assert trade.fills == []

    play(scenario)


def test_a_stop_is_triggered_by_the_last_price_and_fills_at_the_touch(
    sim: Running, play: Play, join: Connect
) -> None:
    async def scenario() -> None:
        async with join(sim) as desk:
            stop = order("STP", action="SELL", auxPrice=189.00)
            trade = await desk.place(stock(), stop, "PreSubmitted")
            sim.set_price("AAPL", quote("188.90", "188.95", "188.92"))
            await desk.until(lambda: trade.orderStatus.status == "Filled")
            assert trade.orderStatus.avgFillPrice == 188.90

    play(scenario)
    assert sim.positions() == {"AAPL": Decimal(-100)}


def test_a_stop_limit_becomes_submitted_and_waits_for_its_limit(
    sim: Running, play: Play, join: Connect
) -> None:
    async def scenario() -> None:
        async with join(sim) as desk:
            stop = order("STP LMT", action="SELL", auxPrice=189.00, lmtPrice=188.95)
            trade = await desk.place(stock(), stop, "PreSubmitted")
            sim.set_price("AAPL", quote("188.90", "188.95", "188.92"))
            await desk.until(lambda: trade.orderStatus.status == "Submitted")
            assert trade.fills == []
            sim.set_price("AAPL", quote("188.97", "188.99", "188.97"))
            await desk.until(lambda: trade.orderStatus.status == "Filled")

    play(scenario)


def test_fills_take_the_sizes_that_were_asked_for(play: Play, join: Connect) -> None:
    options = Options(fills=Fills(sizes=(Decimal(60), Decimal(25))))
    with running(prices={"AAPL": AAPL}, options=options) as sim:

        async def scenario() -> None:
            async with join(sim) as desk:
                trade = await desk.place(stock(), order("MKT"), "Filled")
                assert [fill.execution.shares for fill in trade.fills] == [60, 25, 15]
                assert [fill.execution.cumQty for fill in trade.fills] == [60, 85, 100]

        play(scenario)


def test_an_order_takes_only_what_the_market_has(sim: Running, play: Play, join: Connect) -> None:
    async def scenario() -> None:
        sim.set_price("AAPL", quote("189.99", "190.01", liquidity=30))
        async with join(sim) as desk:
            trade = desk.ib.placeOrder(stock(), order("LMT", lmtPrice=190.01))
            await desk.until(lambda: trade.orderStatus.filled == 30)
            assert trade.orderStatus.status == "Submitted"
            assert trade.orderStatus.remaining == 70
            sim.set_price("AAPL", quote("189.99", "190.01", liquidity=70))
            await desk.until(lambda: trade.orderStatus.status == "Filled")

    play(scenario)


def test_an_ioc_order_keeps_its_fill_and_loses_the_rest(
    sim: Running, play: Play, join: Connect
) -> None:
    async def scenario() -> None:
        sim.set_price("AAPL", quote("189.99", "190.01", liquidity=30))
        async with join(sim) as desk:
            trade = await desk.place(stock(), order("MKT", tif="IOC"), "Cancelled")
            assert trade.orderStatus.filled == 30
            refused = await desk.place(stock(), order("MKT", tif="FOK"), "Cancelled")
            assert refused.fills == []

    play(scenario)


def test_the_commission_has_a_minimum_per_order_and_follows_each_execution(
    sim: Running, play: Play, join: Connect
) -> None:
    async def scenario() -> None:
        async with join(sim) as desk:
            trade = await desk.place(stock(), order("MKT", totalQuantity=1000), "Filled")
            await desk.until(lambda: trade.fills[-1].commissionReport.commission > 0)
            assert [fill.commissionReport.commission for fill in trade.fills] == [2.5, 2.5]
            small = await desk.place(
                stock(), order("MKT", action="SELL", totalQuantity=10), "Filled"
            )
            await desk.until(lambda: bool(small.fills[-1].commissionReport.execId))
            reports = [fill.commissionReport for fill in small.fills]
            assert [report.commission for report in reports] == [1.0, 0.0]
            assert reports[0].realizedPNL != 0

    play(scenario)


def test_a_cancelled_order_is_reported_with_status_and_202(
    sim: Running, play: Play, join: Connect
) -> None:
    async def scenario() -> None:
        async with join(sim) as desk:
            trade = await desk.place(stock(), order("LMT", lmtPrice=150), "Submitted")
            desk.ib.cancelOrder(trade.order)
            await desk.until(lambda: desk.codes(trade.order.orderId) == [202])
            assert trade.orderStatus.status == "Cancelled"
            assert [entry.status for entry in trade.log][-2:] == ["PendingCancel", "Cancelled"]

    play(scenario)


def test_a_global_cancel_reaches_the_orders_of_every_client(
    sim: Running, play: Play, join: Connect
) -> None:
    async def scenario() -> None:
        async with join(sim, 1) as one, join(sim, 2) as two:
            trades = [
                await desk.place(stock(), order("LMT", lmtPrice=150), "Submitted")
                for desk in (one, two)
            ]
            one.ib.reqGlobalCancel()
            await two.until(lambda: trades[1].orderStatus.status == "Cancelled")
            await one.until(lambda: trades[0].orderStatus.status == "Cancelled")

    play(scenario)


def test_a_cancel_of_a_finished_or_unknown_order_is_refused(
    sim: Running, play: Play, join: Connect
) -> None:
    async def scenario() -> None:
        async with join(sim) as desk:
            trade = await desk.place(stock(), order("MKT"), "Filled")
            desk.ib.client.cancelOrder(trade.order.orderId)
            desk.ib.client.cancelOrder(99)
            await desk.until(lambda: desk.codes(99) == [10147])
            assert desk.codes(trade.order.orderId) == [10148]

    play(scenario)


def test_a_modified_order_keeps_its_number_and_fills_at_the_new_price(
    sim: Running, play: Play, join: Connect
) -> None:
    async def scenario() -> None:
        async with join(sim) as desk:
            limit = order("LMT", lmtPrice=150)
            trade = await desk.place(stock(), limit, "Submitted")
            number = trade.order.permId
            limit.lmtPrice, limit.totalQuantity = 190.05, 60
            desk.ib.placeOrder(trade.contract, limit)
            await desk.until(lambda: trade.orderStatus.status == "Filled")
            assert (trade.order.permId, trade.orderStatus.filled) == (number, 60)

    play(scenario)
    assert len(sim.orders()) == 1


@pytest.mark.parametrize(
    ("change", "code"),
    [({"action": "SELL"}, 105), ({"orderType": "MKT"}, 105), ({"lmtPrice": 150.001}, 110)],
)
def test_a_change_that_is_not_allowed_leaves_the_order_alone(
    sim: Running, play: Play, join: Connect, change: dict[str, object], code: int
) -> None:
    async def scenario() -> None:
        async with join(sim) as desk:
            limit = order("LMT", lmtPrice=150)
            trade = await desk.place(stock(), limit, "Submitted")
            changed = order("LMT", lmtPrice=150, orderId=limit.orderId)
            for name, value in change.items():
                setattr(changed, name, value)
            desk.ib.client.placeOrder(limit.orderId, trade.contract, changed)
            await desk.until(lambda: desk.codes(limit.orderId) == [code])

    play(scenario)
    assert [(one.status, one.limit, one.action) for one in sim.orders()] == [
        ("Submitted", Decimal(150), "BUY")
    ]


def test_a_change_of_a_filled_order_is_refused_with_104(
    sim: Running, play: Play, join: Connect
) -> None:
    async def scenario() -> None:
        async with join(sim) as desk:
            market = order("MKT")
            trade = await desk.place(stock(), market, "Filled")
            desk.ib.client.placeOrder(market.orderId, trade.contract, market)
            await desk.until(lambda: desk.codes(market.orderId) == [104])

    play(scenario)


def test_an_order_id_that_was_passed_is_refused_with_103(
    sim: Running, play: Play, join: Connect
) -> None:
    async def scenario() -> None:
        async with join(sim) as desk:
            desk.ib.client.placeOrder(50, stock(), order("MKT"))
            desk.ib.client.placeOrder(49, stock(), order("MKT"))
            await desk.until(lambda: desk.codes(49) == [103])
            over = await desk.place(stock(), order("LMT", lmtPrice=150, tif="IOC"), "Cancelled")
            desk.ib.client.placeOrder(over.order.orderId, stock(), order("MKT"))
            await desk.until(lambda: desk.codes(over.order.orderId) == [202, 103])

    play(scenario)
    assert [one.status for one in sim.orders()] == ["Filled", "Cancelled"]


@pytest.mark.parametrize(
    ("terms", "code"),
    [
        ({"kind": "WARP"}, 387),
        ({"kind": "MKT", "totalQuantity": 0}, 434),
        ({"kind": "MKT", "totalQuantity": 1.5}, 10318),
        ({"kind": "LMT", "lmtPrice": 150.001}, 110),
        ({"kind": "LMT"}, 321),
        ({"kind": "STP"}, 321),
        ({"kind": "MKT", "action": "HOLD"}, 321),
        ({"kind": "MKT", "account": "U0"}, 321),
        ({"kind": "MKT", "tif": "EON"}, 201),
        ({"kind": "STP", "tif": "OPG", "auxPrice": 191}, 111),
        ({"kind": "MIDPRICE", "tif": "IOC"}, 111),
        ({"kind": "MOC", "tif": "GTC"}, 113),
        ({"kind": "MKT", "parentId": 77}, 10006),
        ({"kind": "MKT", "algoStrategy": "Inline"}, 439),
        ({"kind": "MKT", "algoStrategy": "Adaptive"}, 441),
        ({"kind": "STP", "auxPrice": 189, "algoStrategy": "Twap"}, 442),
        ({"kind": "MKT", "conditions": [ib.TimeCondition()]}, 10314),
        ({"kind": "MKT", "conditions": [ib.PriceCondition(price=1.0, conId=1)]}, 147),
        ({"kind": "LMT", "lmtPrice": 190, "displaySize": 10, "discretionaryAmt": 0.02}, 157),
        ({"kind": "LMT", "lmtPrice": 190, "totalQuantity": 10, "blockOrder": True}, 117),
        ({"kind": "LMT", "lmtPrice": 190, "minQty": 200}, 201),
        ({"kind": "LMT", "lmtPrice": 190, "tif": "GTD"}, 334),
        ({"kind": "LMT", "lmtPrice": 190, "tif": "GTD", "goodTillDate": "soon"}, 10314),
        ({"kind": "LMT", "lmtPrice": 190, "tif": "GTD", "goodTillDate": "20200101"}, 201),
        ({"kind": "LMT", "lmtPrice": 190, "eTradeOnly": True}, 10268),
        ({"kind": "LMT", "lmtPrice": 190, "triggerMethod": 5}, 146),
        ({"kind": "LMT", "lmtPrice": 190, "ocaGroup": "g", "ocaType": 7}, 321),
        ({"kind": "REL"}, 158),
        ({"kind": "REL", "percentOffset": 1.5}, 159),
        ({"kind": "TRAIL"}, 321),
        ({"kind": "TRAIL", "auxPrice": 1, "trailingPercent": 1}, 321),
        ({"kind": "VOL", "volatility": 0.2}, 321),
        ({"kind": "STP", "auxPrice": 180, "adjustedOrderType": "STP"}, 361),
        ({"kind": "MKT", "hedgeType": "Z"}, 321),
        ({"kind": "STP", "auxPrice": 180, "totalQuantity": 0, "cashQty": 500}, 10251),
        ({"kind": "MKT", "faGroup": "all"}, 436),
    ],
)
def test_what_the_broker_cannot_take_is_refused_with_its_code(
    sim: Running, play: Play, join: Connect, terms: dict[str, object], code: int
) -> None:
    async def scenario() -> None:
        async with join(sim) as desk:
            trade = desk.ib.placeOrder(stock(), order(str(terms.pop("kind")), **terms))
            await desk.until(lambda: desk.codes(trade.order.orderId) == [code])

    play(scenario)
    assert sim.executions() == ()


def test_an_unknown_contract_is_refused_with_200(sim: Running, play: Play, join: Connect) -> None:
    async def scenario() -> None:
        async with join(sim) as desk:
            trade = desk.ib.placeOrder(ib.Stock("NOPE", "SMART", "USD"), order("MKT"))
            await desk.until(lambda: desk.codes(trade.order.orderId) == [200])

    play(scenario)


def test_a_rejected_order_is_inactive_after_201(sim: Running, play: Play, join: Connect) -> None:
    sim.inject(Fault("placeOrder", Reject(201, "Order rejected - reason:no")))

    async def scenario() -> None:
        async with join(sim) as desk:
            trade = await desk.place(stock(), order("MKT"), "Inactive")
            assert desk.codes(trade.order.orderId) == [201]
            await desk.place(stock(), order("MKT"), "Filled")

    play(scenario)


def test_a_what_if_order_is_priced_and_not_placed(sim: Running, play: Play, join: Connect) -> None:
    async def scenario() -> None:
        async with join(sim) as desk:
            asked = desk.ib.whatIfOrderAsync(stock(), order("LMT", lmtPrice=190))
            state = await asyncio.wait_for(asked, 5)
            assert (state.initMarginChange, state.commission) == ("4750.00", 1.0)

    play(scenario)
    assert sim.orders() == ()


def test_a_bracket_waits_for_its_parent_and_one_exit_cancels_the_other(
    sim: Running, play: Play, join: Connect
) -> None:
    async def scenario() -> None:
        async with join(sim) as desk:
            bracket = desk.ib.bracketOrder("BUY", 100, 190.05, 195.00, 180.00, tif="DAY")
            for leg in bracket[1:]:
                leg.ocaGroup = "exit"
            entry, profit, loss = [desk.ib.placeOrder(stock(), leg) for leg in bracket]
            await desk.until(lambda: profit.orderStatus.status == "Submitted")
            assert entry.orderStatus.status == "Filled"
            sim.set_price("AAPL", quote("195.10", "195.20", "195.15"))
            await desk.until(lambda: loss.orderStatus.status == "Cancelled")
            await desk.until(lambda: profit.orderStatus.status == "Filled")

    play(scenario)
    assert sim.positions() == {}


def test_the_reference_and_the_perm_id_come_back_everywhere(
    sim: Running, play: Play, join: Connect
) -> None:
    async def scenario() -> None:
        async with join(sim) as desk:
            trade = await desk.place(stock(), order("MKT", orderRef="rg-01"), "Filled")
            assert {fill.execution.orderRef for fill in trade.fills} == {"rg-01"}
            assert {fill.execution.permId for fill in trade.fills} == {trade.order.permId}

    play(scenario)
    assert [one.order_ref for one in sim.received("placeOrder")] == ["rg-01"]
    assert {one.order_ref for one in sim.orders()} == {"rg-01"}
