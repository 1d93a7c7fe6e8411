"""Slippage: positive is a cost, whichever way the order went."""

from datetime import UTC, datetime
from decimal import Decimal

from riskgate.analytics.slippage import (
    Slippage,
    arrival_price,
    arrival_slippage,
    average_price,
    average_slippage,
    slippage,
)
from riskgate.model.market import Quote
from riskgate.model.order import Side
from riskgate.model.report import Fill


def fill(quantity: str, price: str, commission: str | None = None) -> Fill:
    return Fill(
        execution_id=f"{quantity}@{price}.01",
        order_id=1,
        symbol="AAPL",
        side=Side.BUY,
        quantity=Decimal(quantity),
        price=Decimal(price),
        timestamp=datetime(2026, 3, 2, 15, tzinfo=UTC),
        commission=None if commission is None else Decimal(commission),
    )


def test_the_average_is_weighted_by_quantity() -> None:
    assert average_price([fill("30", "100"), fill("10", "104")]) == Decimal(101)
    assert average_price([]) is None


def test_paying_more_than_the_arrival_mid_is_a_cost_for_a_buy() -> None:
    assert arrival_slippage(Side.BUY, [fill("10", "100.10")], Decimal(100)) == Decimal(10)


def test_getting_more_than_the_arrival_mid_is_an_improvement_for_a_sell() -> None:
    assert arrival_slippage(Side.SELL, [fill("10", "100.10")], Decimal(100)) == Decimal(-10)


def test_without_fills_or_against_zero_there_is_no_slippage() -> None:
    assert arrival_slippage(Side.BUY, [], Decimal(100)) is None
    assert arrival_slippage(Side.BUY, [fill("10", "1")], Decimal(0)) is None


def test_slippage_is_in_price_units_and_in_basis_points() -> None:
    found = slippage(Side.SELL, [fill("30", "100"), fill("10", "99.60")], Decimal(100))
    assert found == Slippage(
        price=Decimal("0.1"), bps=Decimal(10), arrival=Decimal(100), average=Decimal("99.9")
    )
    spread = slippage(Side.BUY, [fill("10", "-1.90")], Decimal(-2))
    assert spread is not None
    assert (spread.price, spread.bps) == (Decimal("0.10"), Decimal(500))


def test_slippage_without_fills_is_not_known_and_against_zero_has_no_basis_points() -> None:
    assert slippage(Side.BUY, [], Decimal(100)) is None
    against_zero = slippage(Side.BUY, [fill("10", "1")], Decimal(0))
    assert against_zero is not None
    assert (against_zero.price, against_zero.bps) == (Decimal(1), None)


def test_the_arrival_price_is_the_mid_else_the_last_trade() -> None:
    both = Quote(bid=Decimal(1), ask=Decimal(3), last=Decimal(9))
    crossed = Quote(bid=Decimal(3), ask=Decimal(1), last=Decimal(9))
    around_zero = Quote(bid=Decimal(-1), ask=Decimal(1), last=Decimal(9))
    found = [arrival_price(quote) for quote in (both, crossed, around_zero, Quote(), None)]
    assert found == [2, 9, 0, None, None]


def test_the_average_slippage_counts_each_order_once() -> None:
    assert average_slippage([Decimal(10), Decimal(-4)]) == 3
    assert average_slippage([]) is None
