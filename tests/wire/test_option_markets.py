"""Options have a market of their own accord: the model's, until somebody sets another."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from riskgate.simulator import Halt, Resume, Running, VirtualClock, quote, running
from riskgate.simulator.wire.kinds import Record
from tests.wire.conftest import client_library

if TYPE_CHECKING:
    from tests.wire.conftest import Connect, Play, Wire, WireConnect

ib = client_library()
AT = datetime(2025, 1, 6, 15, 0, tzinfo=UTC)
CALL: Record = {
    "symbol": "AAPL",
    "secType": "OPT",
    "exchange": "SMART",
    "currency": "USD",
    "right": "C",
    "strike": Decimal(190),
}
NAME = "AAPL  250117C00190000"
NEAR = quote("189.99", "190.01", "190", "189")
UP = quote("199.99", "200.01", "200", "189")


def order(client: Wire, sim: Running, number: int, **terms: object) -> None:
    usual: Record = {"orderId": number, "totalQuantity": Decimal(1), "tif": "DAY", "transmit": True}
    client.send("placeOrder", {**CALL, **usual, **terms})  # type: ignore[dict-item]
    sim.wait_for(lambda: len(sim.orders()) == number)
    sim.settle()


def test_an_option_is_quoted_and_follows_its_underlying(play: Play, join: Connect) -> None:
    with running({"AAPL": NEAR}, VirtualClock(AT)) as sim:

        async def story() -> None:
            async with join(sim) as desk:
                call = ib.Option("AAPL", "20250117", 190.0, "C", "SMART")
                ticker = await desk.watch(call)
                await desk.until(lambda: ticker.bid > 0)
                assert round(ticker.ask - ticker.bid, 2) == 0.02
                assert ticker.bid < ticker.last < ticker.ask
                assert ticker.modelGreeks is not None
                assert ticker.modelGreeks.optPrice == pytest.approx(ticker.last, abs=0.01)
                sim.set_price("AAPL", UP)
                await desk.until(lambda: ticker.last > 10)
                assert ticker.bid < ticker.last < ticker.ask

        play(story)


def test_options_trade_as_they_come(wire_to: WireConnect) -> None:
    with running({"AAPL": NEAR}, VirtualClock(AT)) as sim:
        client = wire_to(sim)
        order(client, sim, 1, action="BUY", orderType="MKT")
        order(client, sim, 2, action="BUY", orderType="LMT", lmtPrice=Decimal(500))
        order(client, sim, 3, action="SELL", orderType="LMT", lmtPrice=Decimal(9))
        assert [one.status for one in sim.orders()] == ["Filled", "Filled", "Submitted"]
        assert all(one.price % Decimal("0.01") == 0 for one in sim.executions())
        sim.set_price("AAPL", UP)
        sim.settle()
        assert sim.orders()[2].status == "Filled"
        assert sim.executions()[-1].price > 10


def test_a_price_that_was_set_stays(wire_to: WireConnect) -> None:
    with running({"AAPL": NEAR}, VirtualClock(AT)) as sim:
        sim.set_price(NAME, quote("2.90", "3.10", "3"))
        sim.set_price("AAPL", UP)
        order(wire_to(sim), sim, 1, action="BUY", orderType="MKT")
        assert [one.price for one in sim.executions()] == [Decimal("3.10")]


def test_options_halt_with_their_stock(wire_to: WireConnect) -> None:
    with running({"AAPL": NEAR}, VirtualClock(AT)) as sim:
        sim.happen(Halt("AAPL"))
        order(wire_to(sim), sim, 1, action="BUY", orderType="MKT")
        assert sim.executions() == ()
        sim.happen(Resume("AAPL"))
        sim.settle()
        assert sim.orders()[0].status == "Filled"


def test_an_option_that_is_worth_nothing_has_nobody_who_bids(wire_to: WireConnect) -> None:
    with running({"AAPL": quote("99.99", "100.01", "100")}, VirtualClock(AT)) as sim:
        client = wire_to(sim)
        order(client, sim, 1, action="SELL", orderType="MKT")
        order(client, sim, 2, action="BUY", orderType="MKT")
        assert [one.price for one in sim.executions()] == [Decimal("0.01")]
