"""Commissions and fees: what is known of them, by currency."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

from riskgate.analytics.costs import Charge, Charges, Fees, commissions, total_commission
from riskgate.analytics.measures import measured
from riskgate.analytics.totals import quality
from riskgate.model.order import Side
from riskgate.model.report import Fill
from tests.unit.analytics.samples import D, order
from tests.unit.analytics.samples import fill as done


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


def test_commissions_of_several_currencies_are_never_added_up() -> None:
    told = [fill("1.25"), fill("2", "EUR"), fill(None, "GBP"), fill("-0.25")]
    assert commissions(told) == {"USD": Decimal(1), "EUR": Decimal(2)}
    assert commissions([fill(None)]) == {}


def test_an_order_is_charged_for_its_fills() -> None:
    facts = order("BUY", "100", done("60", "10", "0.30"), done("40", "20", "0.20", currency=""))
    # 60 x 10 + 40 x 20 = 1400
    assert measured(facts).charges == Charges(
        (Charge("USD", D("0.50"), D(100), D(1400)),), 0, D("0.50")
    )


def test_what_has_not_come_and_what_is_in_other_money_is_told_apart() -> None:
    facts = order(
        *("SELL", "100"),
        *(done("10", "-2", "1"), done("20", "1", None)),
        *(done("30", "1", "2", currency="EUR"), done("40", "1", "3", currency="EUR")),
        multiplier="5",
    )
    assert measured(facts).charges == Charges(
        # 10 x |-2| x 5 = 100; 2 + 3 euros for 30 + 40 units
        (Charge("USD", D(1), D(10), D(100)), Charge("EUR", D(5), D(70), None)),
        1,
        None,
    )


def test_an_order_without_fills_was_charged_nothing() -> None:
    assert measured(order("BUY", "1")).charges == Charges((), 0, D(0))


def test_fees_are_told_in_all_for_each_unit_and_in_basis_points() -> None:
    orders = [
        order("BUY", "100", done("100", "10", "0.50")),
        order("SELL", "300", done("300", "10", "-0.30")),
        order("SELL", "1", done("1", "10", None)),
        order("BUY", "50", done("50", "8", "2", currency="EUR"), currency="GBP"),
    ]
    found = quality(orders)
    assert found.fees == {
        # charged in a currency that it does not trade in: nothing to hold it against
        "EUR": Fees(amount=D(2), per_unit=D("0.04"), bps=None),
        # 0.50 - 0.30 = 0.20 for 400 units, of 1000 + 3000
        "USD": Fees(amount=D("0.20"), per_unit=D("0.0005"), bps=D("0.5")),
    }
    assert found.uncharged == 1


def test_a_commission_of_zero_is_known_and_none_is_not() -> None:
    assert quality([order("BUY", "1", done("1", "10", "0"))]).fees["USD"].amount == 0
    assert quality([order("BUY", "1", done("1", "10", None))]).fees == {}
