"""A plain ib_insync bot and its tests, without a TWS: `pytest examples/test_a_plain_bot.py`."""

from ib_insync import IB, LimitOrder, Stock

from riskgate.simulator import Fault, Reject, Running, quote


def buy(price: float, port: int) -> float:
    """The bot: buy 100 AAPL with a limit, and say how many were bought."""
    with IB().connect("127.0.0.1", port, clientId=7) as ib:
        trade = ib.placeOrder(Stock("AAPL", "SMART", "USD"), LimitOrder("BUY", 100, price))
        while trade.isActive() and trade.orderStatus.status != "Inactive":
            ib.waitOnUpdate(timeout=5)
        return trade.filled()


def test_it_buys_at_the_market_and_counts_nothing_when_it_is_refused(tws: Running) -> None:
    tws.set_price("AAPL", quote(bid="149.98", ask="149.99"))
    tws.inject(Fault("placeOrder", Reject(201), nth=2))
    assert [buy(150.0, tws.port), buy(150.0, tws.port)] == [100, 0]
