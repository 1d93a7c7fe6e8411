"""Commissions: what is known of them, by currency."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

from riskgate.analytics.costs import commissions, total_commission
from riskgate.model.order import Side
from riskgate.model.report import Fill


def fill(commission: str | None, currency: str = "USD") -> Fill:
    return Fill(
        execution_id=f"{commission}{currency}.01",
        order_id=1,
        symbol="AAPL",
        side=Side.BUY,
        quantity=Decimal(1),
        price=Decimal(1),
        timestamp=datetime(2026, 3, 2, 15, tzinfo=UTC),
        commission=None if commission is None else Decimal(commission),
        currency=currency,
    )


def test_commissions_that_have_come_are_summed() -> None:
    assert total_commission([fill("1.25"), fill(None), fill("-0.25")]) == 1
    assert total_commission([]) == 0


def test_commissions_of_several_currencies_are_kept_apart() -> None:
    found = commissions([fill("1.25"), fill("2", "EUR"), fill(None, "GBP"), fill("1")])
    assert found == {"EUR": Decimal(2), "USD": Decimal("2.25")}
    assert list(found) == ["EUR", "USD"]
