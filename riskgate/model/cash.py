"""Orders for an amount of cash: how many units that can be at the most.

Rule 1: the broker finds the quantity; what is judged and reserved is the most that it can be, at
the lowest price in sight, whatever its age.
Rule 2: a market in which nothing can be counted gives none, and the order is denied for that.
"""

from __future__ import annotations

from decimal import ROUND_CEILING, Decimal

from riskgate.model.instrument import Instrument
from riskgate.model.market import Quote
from riskgate.model.money import ZERO, countable
from riskgate.model.order import Order


def most_units(order: Order, instrument: Instrument, quote: Quote | None) -> Decimal:
    """The largest quantity that the cash of an order can be, in whole lots; zero without a price.

    >>> from riskgate.model.market import Quote
    >>> order = Order.parse("BUY 0 AAPL MKT DAY cash_quantity=1000")
    >>> quote = Quote(bid=Decimal("189.99"), ask=Decimal("190.01"))
    >>> most_units(order, Instrument(key="AAPL", symbol="AAPL"), quote)
    Decimal('6')
    """
    cash = order.instructions.cash_quantity
    shown = (quote.bid, quote.ask, quote.last, quote.close) if quote is not None else ()
    prices = [price for price in shown if price is not None and countable(price) and price > ZERO]
    if cash is None or not prices or not (countable(cash) and cash > ZERO):
        return ZERO
    own = order.limit_price
    if own is not None and countable(own) and own > ZERO:
        prices.append(own)
    one_lot = min(prices) * instrument.multiplier * instrument.lot
    if not one_lot > ZERO:
        return ZERO
    return (cash / one_lot).to_integral_value(ROUND_CEILING) * instrument.lot
