"""What is shown of a running simulator: a table on a terminal, lines elsewhere."""

from __future__ import annotations

import io
import json
import re
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from rich.console import Console

from riskgate.simulator import ByHand, Running, Scenario, VirtualClock, quote, running
from riskgate.simulator.board import Lines, Opened, Screen
from riskgate.simulator.wire.kinds import Record
from tests.wire.conftest import AAPL, WireConnect

WHERE = Opened("127.0.0.1", 7497, 50123, "54-foreign-orders")
START = datetime(2025, 1, 6, 15, 0, tzinfo=UTC)


def busy(sim: Running, orders: int) -> None:
    for number in range(orders):
        sim.happen(ByHand("AAPL", "BUY", Decimal(10 + number), Decimal("150.25")))
    sim.happen(ByHand("AAPL", "SELL", Decimal(7)))
    sim.settle()


@pytest.mark.parametrize("orders", [0, 3, 100])
def test_the_table_fits_a_small_terminal_with_the_newest_on_top(orders: int) -> None:
    out = io.StringIO()
    console = Console(file=out, width=80, height=24, force_terminal=True, no_color=True)
    with running({"AAPL": AAPL}, VirtualClock(START)) as sim:
        busy(sim, orders)
        with Screen(console) as screen:
            screen.opened(WHERE)
            screen.changed(sim._simulator.gateway)
    text = re.sub(r"\x1b\[[?0-9;]*[A-Za-z]", "", out.getvalue())
    assert len(text.strip().splitlines()) < 2 * 24  # it is drawn once more when it is left
    assert max(len(line) for line in text.splitlines()) <= 80
    assert "TWS 127.0.0.1:7497  control 50123  2025-01-06 15:00:00Z  clients none" in text
    assert text.index("SELL 7 AAPL MKT DAY") < text.find("BUY") or orders == 0
    assert "7/7" in text
    assert f"{orders + 1} orders, {orders} working" in text
    assert "54-foreign-orders" in text


def test_lines_say_each_change_once() -> None:
    out = io.StringIO()
    with (
        running({"AAPL": AAPL}, VirtualClock(START)) as sim,
        Lines(as_json=False, out=out) as board,
    ):
        board.opened(WHERE)
        busy(sim, 1)
        board.changed(sim._simulator.gateway)
        board.changed(sim._simulator.gateway)
        sim.set_price("AAPL", quote("150", "150.20"))
        sim.settle()
        board.changed(sim._simulator.gateway)
    assert out.getvalue().splitlines() == [
        "TWS simulator listening on 127.0.0.1:7497, scenario 54-foreign-orders (Ctrl-C stops it)",
        "control channel on 127.0.0.1:50123",
        "by hand: BUY 10 AAPL LMT 150.25 DAY: Submitted 0/10",
        "by hand: SELL 7 AAPL MKT DAY: Filled 7/7 at 189.99",
        "by hand: BUY 10 AAPL LMT 150.25 DAY: Filled 10/10 at 150.2",
    ]


def test_lines_of_json_are_objects() -> None:
    out = io.StringIO()
    scenario = Scenario(name="mine")
    with running({"AAPL": AAPL}, VirtualClock(START), scenario=scenario) as sim:
        busy(sim, 0)
        board = Lines(as_json=True, out=out)
        board.opened(WHERE)
        board.changed(sim._simulator.gateway)
    first, second = (json.loads(line) for line in out.getvalue().splitlines())
    assert (first["port"], first["control"]) == (7497, 50123)
    assert (second["status"], second["filled"], second["symbol"]) == ("Filled", "7", "AAPL")
    assert second["time"] == "2025-01-06T15:00:00+00:00"


@pytest.mark.parametrize(
    ("terms", "shown"),
    [
        ({"auxPrice": Decimal("0.5")}, "TRAIL by 0.5 stop 189.5 DAY"),
        ({"trailingPercent": Decimal(1), "trailStopPrice": Decimal(180)}, "TRAIL by 1% stop 1"),
        (
            {
                "orderType": "TRAIL LIMIT",
                "auxPrice": Decimal("0.5"),
                "lmtPriceOffset": Decimal("0.1"),
                "trailStopPrice": Decimal(189),
            },
            "TRAIL LIMIT by 0.5 stop 189",
        ),
    ],
)
def test_a_trailing_order_says_what_each_of_its_prices_is(
    wire_to: WireConnect, terms: Record, shown: str
) -> None:
    out = io.StringIO()
    asked: Record = {
        "symbol": "AAPL",
        "secType": "STK",
        "exchange": "SMART",
        "currency": "USD",
        "action": "SELL",
        "totalQuantity": Decimal(10),
        "orderType": "TRAIL",
        "tif": "DAY",
        "transmit": True,
        "orderId": 1,
    }
    with running({"AAPL": AAPL}, VirtualClock(START)) as sim:
        client = wire_to(sim)
        client.send("placeOrder", {**asked, **terms})
        client.read_until("orderStatus")
        sim.settle()
        Lines(as_json=False, out=out).changed(sim._simulator.gateway)
    assert f"client 1 order 1: SELL 10 AAPL {shown}" in out.getvalue()
