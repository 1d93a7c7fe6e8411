"""The venue of the night: limits for one night, from eight in the evening to ten to four."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from riskgate.simulator import Options, VirtualClock, quote, running
from tests.wire.conftest import client_library

if TYPE_CHECKING:
    from tests.wire.conftest import Connect, Order, Play

ib = client_library()
AAPL = quote("189.99", "190.01", "190.00", "189.00")
NOON = datetime(2025, 1, 6, 17, 0, tzinfo=UTC)
EVENING = datetime(2025, 1, 7, 1, 0, tzinfo=UTC)  # 20:00 in New York, on Monday
HOUR = 3600.0


def order(kind: str = "LMT", /, **terms: object) -> Order:
    price = {"lmtPrice": 190.05} if kind == "LMT" else {}
    usual = {"action": "BUY", "totalQuantity": 100, "tif": "DAY", **price}
    made: Order = ib.Order(**{"orderType": kind, **usual, **terms})
    return made


def test_an_order_of_the_night_waits_for_the_evening(play: Play, join: Connect) -> None:
    with running({"AAPL": AAPL}, VirtualClock(NOON), Options(sessions=True)) as sim:

        async def scenario() -> None:
            async with join(sim) as desk:
                contract = ib.Stock("AAPL", "OVERNIGHT", "USD")
                trade = desk.ib.placeOrder(contract, order())
                await desk.until(lambda: 399 in desk.codes(trade.order.orderId))
                assert [one.status for one in sim.orders()] == ["PreSubmitted"]
                sim.close_day()
                sim.advance((EVENING - NOON).total_seconds() - 1)
                assert sim.executions() == ()
                sim.advance(1)
                await desk.until(lambda: trade.orderStatus.status == "Filled")
                assert trade.fills[0].execution.time == EVENING

        play(scenario)


def test_an_order_of_the_night_is_over_in_the_morning(play: Play, join: Connect) -> None:
    with running({"AAPL": AAPL}, VirtualClock(EVENING), Options(sessions=True)) as sim:

        async def scenario() -> None:
            async with join(sim) as desk:
                contract = ib.Stock("AAPL", "OVERNIGHT", "USD")
                trade = await desk.place(contract, order(lmtPrice=150), "Submitted")
                sim.advance(7.75 * HOUR)
                assert [one.status for one in sim.orders()] == ["Submitted"]
                sim.advance(HOUR)
                await desk.until(lambda: trade.orderStatus.status == "Cancelled")

        play(scenario)


@pytest.mark.parametrize(("terms", "code"), [({"tif": "GTC"}, 111), ({"tif": "IOC"}, 111)])
def test_the_night_takes_orders_for_one_night(
    play: Play, join: Connect, terms: dict[str, object], code: int
) -> None:
    refused(play, join, order(**terms), code)


@pytest.mark.parametrize("kind", ["MKT", "MIDPRICE"])
def test_the_night_takes_limits_only(play: Play, join: Connect, kind: str) -> None:
    refused(play, join, order(kind), 387)


def refused(play: Play, join: Connect, asked: Order, code: int) -> None:
    with running({"AAPL": AAPL}, VirtualClock(NOON)) as sim:

        async def scenario() -> None:
            async with join(sim) as desk:
                trade = desk.ib.placeOrder(ib.Stock("AAPL", "OVERNIGHT", "USD"), asked)
                await desk.until(lambda: desk.codes(trade.order.orderId) == [code])

        play(scenario)
        assert sim.orders() == ()
