"""A plain ib_insync bot: buy a dip, leave with a bracket, tidy up. `python plain_bot.py 7497`."""

import sys

from ib_insync import IB, LimitOrder, MarketOrder, Stock, Trade, util

SYMBOL, QUANTITY, DIP = "AAPL", 100, 0.05


def main(port: int) -> list[str]:
    """Trade once; return what became of each order."""
    ib = IB()
    ib.connect("127.0.0.1", port, clientId=11)
    contract = Stock(SYMBOL, "SMART", "USD")
    ib.qualifyContracts(contract)
    ticker = ib.reqMktData(contract)
    while util.isNan(ticker.bid) or util.isNan(ticker.ask):
        ib.sleep(0.05)

    trades: list[Trade] = []
    ib.orderStatusEvent += lambda trade: print(trade.order.orderId, trade.orderStatus.status)

    # A limit a little below the bid, moved to the ask when nobody sells.
    entry = ib.placeOrder(contract, LimitOrder("BUY", QUANTITY, round(ticker.bid - DIP, 2)))
    trades.append(entry)
    ib.sleep(0.3)
    if not entry.isDone():
        entry.order.lmtPrice = ticker.ask
        ib.placeOrder(contract, entry.order)
    while not entry.isDone():
        ib.waitOnUpdate(timeout=1)

    # More of it, with a take-profit and a stop.
    bracket = ib.bracketOrder("BUY", QUANTITY, round(ticker.bid - 5, 2), 250, 120)
    trades += [ib.placeOrder(contract, order) for order in bracket]
    ib.sleep(0.3)

    # A slip of the finger.
    trades.append(ib.placeOrder(contract, MarketOrder("BUY", 100 * QUANTITY)))
    ib.sleep(0.3)

    # Home for the evening.
    for trade in ib.openTrades():
        ib.cancelOrder(trade.order)
    ib.sleep(0.3)
    print("holding", [(one.contract.symbol, one.position) for one in ib.positions()])
    ib.disconnect()
    return [one.orderStatus.status for one in trades]


if __name__ == "__main__":
    print(*main(int(sys.argv[1])))
