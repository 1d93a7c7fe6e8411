"""Many orders, many clients, much time: what stays bounded, and who hears what."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from riskgate.simulator import Fills, Options, VirtualClock, quote, running
from riskgate.simulator.server import Simulator
from riskgate.simulator.tape import Walk
from riskgate.simulator.wire.codec import Message

if TYPE_CHECKING:
    from riskgate.simulator.wire.kinds import Record
    from tests.wire.conftest import Wire

CLIENTS = 20
EACH = 10
AAPL = quote("189.99", "190.01", "190.00", "189.00")
NOON = datetime(2025, 1, 6, 17, 0, tzinfo=UTC)
TERMS: Record = {
    "symbol": "AAPL",
    "secType": "STK",
    "exchange": "SMART",
    "currency": "USD",
    "action": "BUY",
    "totalQuantity": Decimal(1),
    "orderType": "MKT",
    "tif": "DAY",
    "transmit": True,
}
SYMBOLS = ("AAPL", "MSFT", "NVDA", "TSLA", "GOOG", "AMZN", "META", "SPY", "QQQ", "IBM")


def test_twenty_clients_at_once_hear_of_their_own_orders_only(
    wire_to: Callable[..., Wire],
) -> None:
    with running({"AAPL": AAPL}, options=Options(fills=Fills(chunks=1))) as sim:
        clients = [wire_to(sim, number) for number in range(1, CLIENTS + 1)]
        for number in range(1, EACH + 1):
            for client in clients:
                client.send("placeOrder", {**TERMS, "orderId": number})
        for owner, client in enumerate(clients, 1):
            found: list[Message] = []
            for _ in range(EACH):
                found += client.read_until("commissionReport")
            opened = [one for one in found if one.name == "openOrder"]
            assert {one.integer("clientId") for one in opened} == {owner}
            assert {one.integer("orderId") for one in opened} == set(range(1, EACH + 1))
        sim.settle()
        assert sim.positions() == {"AAPL": CLIENTS * EACH}
        assert len({one.exec_id for one in sim.executions()}) == CLIENTS * EACH
        assert len({one.perm_id for one in sim.orders()}) == CLIENTS * EACH


def test_what_is_over_is_remembered_up_to_a_number() -> None:
    """With sessions, so that nothing of an order stays behind in the agenda either."""
    simulator = Simulator(
        Options(sessions=True, remembered=50, fills=Fills(chunks=1), auto=False),
        VirtualClock(NOON),
    )
    gateway = simulator.gateway
    planned = gateway.exchange.world.agenda.count
    for price in ("1", "500"):
        for _ in range(300):
            request: Record = {**TERMS, "orderType": "LMT", "lmtPrice": Decimal(price)}
            gateway.exchange.place_by_hand(Message("placeOrder", request))
    while gateway.step():
        pass
    book = gateway.exchange.book
    assert (len(list(book.open())), len(list(book.done())), len(book.orders)) == (300, 50, 350)
    assert len(book.executions) == 100
    assert (book.placed, book.executed) == (600, 300)
    assert gateway.exchange.world.agenda.count <= planned + 1
    gateway.exchange.cancel_all()
    while gateway.step():
        pass
    assert (len(list(book.open())), len(book.orders)) == (0, 50)
    assert book.on(265598) == []


def test_an_hour_passes_with_every_price_of_it() -> None:
    clock = VirtualClock(NOON)
    with running({}, clock, Options(walk=Walk(seed=1, symbols=SYMBOLS))) as sim:
        sim.place_by_hand("AAPL", "BUY", Decimal(1), Decimal("189.50"))
        sim.advance(3600)
        assert clock.now() == NOON.replace(hour=18)
        (execution,) = sim.executions()
        assert NOON < execution.at < clock.now()
        assert execution.at.microsecond == 0  # the walk moves on the second
