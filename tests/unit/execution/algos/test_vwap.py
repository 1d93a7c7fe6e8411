"""VWAP: slices in proportion to the profile, their sum exactly the parent."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskgate.execution.algos.vwap import Vwap
from riskgate.execution.slices import Progress, Send, Terms, Wait
from riskgate.model.money import ZERO
from riskgate.model.order import Side

NOON = datetime(2026, 3, 2, 17, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
WEIGHTS = st.lists(st.decimals(0, 1000, places=3), min_size=1, max_size=40).filter(any)


def terms(quantity: int) -> Terms:
    return Terms(side=Side.BUY, quantity=Decimal(quantity))


def vwap(*weights: Decimal | int) -> Vwap:
    return Vwap(duration=HOUR, profile=tuple(map(Decimal, weights)))


def test_each_part_gets_its_share() -> None:
    plan = vwap(3, 1, 2).schedule(terms(60), NOON)
    assert [(slot.at - NOON, slot.upto) for slot in plan] == [
        (timedelta(0), Decimal(30)),
        (timedelta(minutes=20), Decimal(40)),
        (timedelta(minutes=40), Decimal(60)),
    ]


@given(quantity=st.integers(1, 10**9), weights=WEIGHTS)
def test_any_profile_grows_to_exactly_the_parent(quantity: int, weights: list[Decimal]) -> None:
    plan = vwap(*weights).schedule(terms(quantity), NOON)
    upto = [slot.upto for slot in plan]
    assert upto == sorted(upto)
    assert upto[-1] == quantity
    assert all(one == one.to_integral_value() for one in upto)


@given(quantity=st.integers(1, 10**6), weights=WEIGHTS, seconds=st.integers(0, 60))
def test_asked_every_so_often_it_sends_exactly_the_parent(
    quantity: int, weights: list[Decimal], seconds: int
) -> None:
    sent, of = ZERO, vwap(*weights)
    last: datetime | None = None
    for number in range(130):
        now = NOON + number * timedelta(seconds=30 + seconds)
        progress = Progress(began=NOON, filled=sent, sent_at=last)
        step = of.next(terms(quantity), progress, now)
        if isinstance(step, Send):
            sent, last = sent + step.quantity, now
            assert sent <= quantity
    assert sent == quantity


def test_a_part_without_weight_sends_nothing() -> None:
    of = vwap(1, 0, 1)
    progress = Progress(began=NOON, filled=Decimal(50))
    step = of.next(terms(100), progress, NOON + timedelta(minutes=25))
    assert step == Wait(NOON + timedelta(minutes=40))


def test_any_order_can_be_cut_by_weights() -> None:
    assert vwap(1, 2, 3).wrong(terms(1)) == ""


@pytest.mark.parametrize(
    ("duration", "profile"),
    [
        (timedelta(0), (1,)),
        (HOUR, ()),
        (HOUR, (0, 0)),
        (HOUR, (1, -1)),
        (HOUR, (1,) * 1001),
        (HOUR, (10**10,)),
    ],
)
def test_what_is_no_profile_is_refused(duration: timedelta, profile: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=r"duration|profile"):
        Vwap(duration=duration, profile=tuple(map(Decimal, profile)))
