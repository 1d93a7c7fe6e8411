"""Iceberg: one piece at a time, and the next when it is filled."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskgate.execution.algos.iceberg import Iceberg
from riskgate.execution.slices import Progress, Send, Terms, Wait
from riskgate.model.order import Side

NOON = datetime(2026, 3, 2, 17, 0, tzinfo=UTC)
TIP = Iceberg(display=Decimal(30))
LIMIT = Decimal(190)


def terms(quantity: int = 100, lot: int = 1, limit: Decimal | None = LIMIT) -> Terms:
    return Terms(side=Side.BUY, quantity=Decimal(quantity), limit_price=limit, lot=Decimal(lot))


def at(filled: int, working: int = 0) -> Progress:
    return Progress(began=NOON, filled=Decimal(filled), working=Decimal(working))


def test_the_next_piece_goes_when_the_one_before_is_filled() -> None:
    assert TIP.next(terms(), at(0), NOON) == Send(Decimal(30), LIMIT)
    assert TIP.next(terms(), at(10, working=20), NOON) == Wait()
    assert TIP.next(terms(), at(30), NOON) == Send(Decimal(30), LIMIT)
    assert TIP.next(terms(), at(90), NOON) == Send(Decimal(10), LIMIT)
    assert TIP.next(terms(), at(100), NOON) == Wait()


@given(quantity=st.integers(1, 10_000), display=st.integers(1, 500))
def test_the_pieces_are_exactly_the_parent(quantity: int, display: int) -> None:
    iceberg, filled = Iceberg(display=Decimal(display)), 0
    while isinstance(step := iceberg.next(terms(quantity), at(filled), NOON), Send):
        assert 0 < step.quantity <= display
        filled += int(step.quantity)
    assert filled == quantity


def test_what_is_shown_is_whole_lots() -> None:
    assert TIP.next(terms(100, lot=20), at(0), NOON) == Send(Decimal(20), LIMIT)
    assert TIP.wrong(terms(100, lot=40)) == "display is less than a lot"


def test_a_market_order_has_no_tip() -> None:
    assert TIP.wrong(terms(limit=None)) == "an iceberg needs a limit order"
    assert TIP.wrong(terms()) == ""


@pytest.mark.parametrize(("display", "minutes"), [(0, 1), (-1, 1), (10, 0)])
def test_what_shows_nothing_is_refused(display: int, minutes: int) -> None:
    with pytest.raises(ValueError, match="above zero"):
        Iceberg(display=Decimal(display), duration=timedelta(minutes=minutes))
