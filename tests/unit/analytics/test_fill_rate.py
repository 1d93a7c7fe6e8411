"""How much of what was asked for was done."""

from decimal import Decimal

from riskgate.analytics.fill_rate import fill_rate


def pair(asked: int, filled: int) -> tuple[Decimal, Decimal]:
    return Decimal(asked), Decimal(filled)


def test_the_rate_is_the_filled_share_of_all_that_was_asked_for() -> None:
    assert fill_rate([pair(100, 50), pair(100, 100)]) == Decimal("0.75")


def test_an_overfill_counts_no_more_than_was_asked_for() -> None:
    assert fill_rate([pair(100, 110), pair(100, 0)]) == Decimal("0.5")


def test_the_rate_of_nothing_is_not_known() -> None:
    assert fill_rate([]) is None
