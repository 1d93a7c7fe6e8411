"""Daily volume: what was executed today, what still works, and this order."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest

from riskgate.model.decision import Finding
from riskgate.model.readings import DayReading

Ask = Callable[..., dict[str, Finding]]
LINE = "BUY 10 AAPL LMT 190"
ALL = "max_quantity: 1000, max_notional: 1_000_000, max_orders: 3"
TODAY = DayReading(
    executed_quantity=Decimal(100),
    executed_values={"EUR": Decimal(1000)},
    working_quantity=Decimal(50),
    working_values={"USD": Decimal(500)},
    orders_sent=3,
    orders_executed=2,
)


@pytest.mark.parametrize(
    ("counts", "observed"),
    [("submitted", (160, 1100 + 500 + 1900, 4)), ("executed", (110, 1100 + 1900, 3))],
)
def test_working_orders_count_unless_only_executed_ones_do(
    ask: Ask, counts: str, observed: tuple[int, int, int]
) -> None:
    config = f"{ALL}, counts: {counts}"
    answers = ask("daily_volume", config, LINE, TODAY, fx={"EUR": Decimal("1.1")})
    assert [answer.observed for answer in answers.values()] == list(map(Decimal, observed))
    assert answers["max_orders"].verdict == ("BREACH" if counts == "submitted" else "PASS")


def test_a_modify_is_no_order_and_counts_what_can_still_fill(ask: Ask) -> None:
    answers = ask("daily_volume", ALL, "BUY 20 AAPL LMT 191", DayReading(), replaces=LINE)
    assert "max_orders" not in answers
    assert answers["max_quantity"].observed == 20


def test_exactly_at_the_limit_passes_and_one_cent_beyond_does_not(ask: Ask) -> None:
    for limit, verdict in (("1900", "PASS"), ("1899.99", "BREACH")):
        answers = ask("daily_volume", f"max_notional: {limit}", LINE, DayReading())
        assert answers["max_notional"].verdict == verdict
