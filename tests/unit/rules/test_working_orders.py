"""Working orders: those of the instrument and side, this one included."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest

from riskgate.model.decision import Finding
from riskgate.model.order import Order
from riskgate.model.readings import Holding, WorkingReading
from riskgate.model.snapshot import Replaced

Ask = Callable[..., dict[str, Finding]]
LINE = "BUY 10 AAPL LMT 190"


def reading(count: int, quantity: str) -> WorkingReading:
    return WorkingReading(count, Decimal(quantity))


@pytest.mark.parametrize(("before", "verdict"), [(0, "PASS"), (14, "PASS"), (15, "BREACH")])
def test_one_order_more_than_the_most_breaches(ask: Ask, before: int, verdict: str) -> None:
    answers = ask("working_orders", "max_count: 15", LINE, reading(before, "0"))
    assert answers["max_count"].verdict == verdict
    assert answers["max_count"].observed == before + 1


@pytest.mark.parametrize(("before", "verdict"), [("90", "PASS"), ("90.5", "BREACH")])
def test_one_unit_more_than_the_most_breaches(ask: Ask, before: str, verdict: str) -> None:
    answers = ask("working_orders", "max_quantity: 100", LINE, reading(1, before))
    assert answers["max_quantity"].verdict == verdict
    assert answers["max_quantity"].observed == Decimal(before) + 10


def test_a_modify_counts_as_one_and_with_what_is_not_filled(ask: Ask) -> None:
    replaced = Replaced(Order.parse(LINE), filled=Decimal(4))
    both = "max_count: 1, max_quantity: 100"
    line = "BUY 20 AAPL LMT 191"
    answers = ask("working_orders", both, line, reading(0, "0"), replaced=replaced)
    assert answers["max_count"].observed == 1
    assert answers["max_quantity"].observed == 16


def test_a_reduction_is_not_asked(ask: Ask) -> None:
    short = Holding(position=Decimal(-10))
    assert ask("working_orders", "max_count: 0", LINE, reading(9, "90"), holding=short) == {}
    short = Holding(position=Decimal(-9))
    assert ask("working_orders", "max_count: 0", LINE, reading(9, "90"), holding=short) != {}


def test_no_reading_is_unknown(ask: Ask) -> None:
    for answer in ask("working_orders", "max_count: 9, max_quantity: 9", LINE).values():
        assert (answer.verdict, answer.code) == ("UNKNOWN", "RULE_ERROR")
