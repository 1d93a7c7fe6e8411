"""How many units an amount of cash can be at the most."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskgate.model.cash import most_units
from riskgate.model.instrument import Instrument
from riskgate.model.market import Quote
from riskgate.model.order import Order

STOCK = Instrument(key="AAPL", symbol="AAPL")
MARKET = Order.parse("BUY 0 AAPL MKT DAY cash_quantity=1000")
CENTS = st.integers(1, 1_000_000).map(lambda n: Decimal(n) / 100)


def shown(**prices: str) -> Quote:
    return Quote(**{name: Decimal(price) for name, price in prices.items()})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("quote", "units"),
    [
        (shown(bid="199", ask="201"), 6),
        (shown(bid="200", ask="201"), 5),
        (shown(bid="199", ask="201", last="100"), 10),
        (shown(close="50"), 20),
        (shown(bid="-1", ask="0", last="250"), 4),
        (shown(), 0),
        (None, 0),
    ],
)
def test_the_lowest_price_in_sight_makes_the_most_units(quote: Quote | None, units: int) -> None:
    assert most_units(MARKET, STOCK, quote) == units


def test_its_own_limit_counts_where_it_is_lower() -> None:
    order = Order.parse("BUY 0 AAPL LMT 100 DAY cash_quantity=1000")
    assert most_units(order, STOCK, shown(bid="199", ask="201")) == 10
    assert most_units(order, STOCK, None) == 0  # its own price alone is no market


def test_a_contract_that_is_worth_nothing_tells_no_quantity() -> None:
    known = Instrument(key="AAPL", symbol="AAPL", lot=Decimal(0))
    assert most_units(MARKET, known, shown(bid="199", ask="201")) == 0


@given(CENTS, CENTS, CENTS, st.sampled_from(["1", "0.0001", "100"]))
def test_no_price_that_was_in_sight_buys_more(
    cash: Decimal, bid: Decimal, ask: Decimal, lot: str
) -> None:
    order = Order.parse(f"BUY 0 AAPL MKT DAY cash_quantity={cash}")
    known = Instrument(key="AAPL", symbol="AAPL", lot=Decimal(lot))
    units = most_units(order, known, Quote(bid=bid, ask=ask))
    assert units % known.lot == 0
    assert units * min(bid, ask) >= cash > (units - known.lot) * min(bid, ask)
