"""Slippage: positive is a cost, whichever way the order went."""

from datetime import UTC, datetime
from decimal import Decimal

from riskgate.analytics.slippage import arrival_slippage, average_price, total_commission
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


def test_a_commission_that_has_not_come_counts_as_nothing_yet() -> None:
    assert total_commission([fill("1", "1", "1.25"), fill("2", "1")]) == Decimal("1.25")
