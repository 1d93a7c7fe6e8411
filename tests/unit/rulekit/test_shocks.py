"""What a shock does to a holding, and which instruments feel it."""

from __future__ import annotations

from decimal import Decimal

import pytest

from riskgate.model.subject import Subject
from riskgate.rulekit.matching import names
from riskgate.rulekit.shocks import described, jump, outcome, touches
from riskgate.rulekit.tallies import Shock

FALL = Shock(percent=Decimal(-20))
RISE = Shock(amount=Decimal(3), symbols=names(("CL", "Q*")))


@pytest.mark.parametrize(
    ("symbol", "underlying", "felt"),
    [("CL", "CL", True), ("QM", "QM", True), ("MCL", "CL", True), ("AAPL", "AAPL", False)],
)
def test_a_shock_is_felt_by_symbol_or_by_underlying(
    symbol: str, underlying: str, *, felt: bool
) -> None:
    subject = Subject(symbol=symbol, underlying=underlying)
    assert touches(RISE, subject) is felt
    assert touches(FALL, subject)


def test_percent_is_of_the_mark_and_an_amount_is_an_amount() -> None:
    assert [jump(FALL, Decimal(mark)) for mark in (100, 0, -10)] == [-20, 0, 2]
    assert [jump(RISE, Decimal(mark)) for mark in (100, 0, -10)] == [3, 3, 3]


@pytest.mark.parametrize(
    ("longest", "shortest", "fall", "rise"),
    [(5, 5, -100, 15), (5, -2, -100, -6), (-2, -2, 40, -6), (0, -2, 0, -6), (0, 0, 0, 0)],
)
def test_a_holding_is_taken_at_its_worst(longest: int, shortest: int, fall: int, rise: int) -> None:
    worst = (Decimal(longest), Decimal(shortest))
    assert outcome(FALL, worst, Decimal(100)) == fall
    assert outcome(RISE, worst, Decimal(100)) == rise


def test_a_shock_is_described_as_people_say_it() -> None:
    assert described(FALL) == "-20 % on everything"
    assert described(RISE) == "+3 on CL, Q*"
