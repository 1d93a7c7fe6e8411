"""POV: never more than its share of what was traded, never more than the parent."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskgate.execution.algos.pov import Pov
from riskgate.execution.slices import Progress, Send, Terms, Wait
from riskgate.model.money import ZERO
from riskgate.model.order import Side

NOON = datetime(2026, 3, 2, 17, 0, tzinfo=UTC)
TENTH = Pov(percent=Decimal(10), min_slice=Decimal(10), max_slice=Decimal(50))


def terms(quantity: int = 100, lot: int = 1) -> Terms:
    return Terms(side=Side.SELL, quantity=Decimal(quantity), lot=Decimal(lot))


def seen(volume: int | None, filled: int = 0, working: int = 0) -> Progress:
    return Progress(
        began=NOON,
        filled=Decimal(filled),
        working=Decimal(working),
        volume=None if volume is None else Decimal(volume),
    )


def test_a_share_of_what_was_traded_is_sent() -> None:
    assert TENTH.next(terms(), seen(205), NOON) == Send(Decimal(20))
    assert TENTH.next(terms(), seen(400, filled=20, working=5), NOON) == Send(Decimal(15))


def test_less_than_the_least_slice_waits_for_more_volume() -> None:
    assert TENTH.next(terms(), seen(99), NOON) == Wait()


def test_the_last_piece_may_be_less_than_the_least_slice() -> None:
    assert TENTH.next(terms(), seen(10_000, filled=95), NOON) == Send(Decimal(5))


def test_no_slice_is_larger_than_the_largest() -> None:
    assert TENTH.next(terms(), seen(100_000), NOON) == Send(Decimal(50))


def test_where_no_volume_is_known_nothing_is_sent() -> None:
    assert TENTH.next(terms(), seen(None), NOON) == Wait()


def test_nothing_is_left_to_send() -> None:
    assert TENTH.next(terms(), seen(10_000, filled=60, working=40), NOON) == Wait()


@given(trades=st.lists(st.integers(0, 5000), max_size=60), quantity=st.integers(1, 5000))
def test_its_share_is_never_exceeded(trades: list[int], quantity: int) -> None:
    volume, sent = 0, ZERO
    for trade in [*trades, *([5000] * 200)]:
        volume += trade
        step = TENTH.next(terms(quantity), seen(volume, filled=int(sent)), NOON)
        if isinstance(step, Send):
            assert step.quantity > 0
            sent += step.quantity
        assert sent <= quantity
        assert sent * 10 <= volume
    assert sent == quantity


def test_slices_are_whole_lots() -> None:
    assert TENTH.next(terms(100, lot=10), seen(255), NOON) == Send(Decimal(20))
    assert TENTH.wrong(terms(100, lot=60)) == "max_slice is less than a lot"
    assert TENTH.wrong(terms()) == ""


@pytest.mark.parametrize(
    "wrong",
    [
        {"percent": Decimal(0)},
        {"percent": Decimal(101)},
        {"min_slice": Decimal(0)},
        {"max_slice": Decimal(5)},
        {"duration": timedelta(0)},
    ],
)
def test_what_is_no_share_is_refused(wrong: dict[str, object]) -> None:
    stated: dict[str, object] = {
        "percent": Decimal(10),
        "min_slice": Decimal(10),
        "max_slice": Decimal(50),
        **wrong,
    }
    with pytest.raises(ValueError, match=next(iter(wrong))):
        Pov(**stated)  # type: ignore[arg-type]
