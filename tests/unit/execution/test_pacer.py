from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskgate.execution.pacer import Pacer


def test_as_many_as_the_rate_leave_at_once_and_no_more() -> None:
    pacer = Pacer(45)
    assert [pacer.take(0.0) for _ in range(46)] == [True] * 45 + [False]


def test_a_token_comes_back_a_little_more_than_a_second_after_it_was_spent() -> None:
    pacer = Pacer(2)
    assert (pacer.take(0.0), pacer.take(0.25)) == (True, True)
    assert pacer.wait(0.5) == pytest.approx(0.6)
    assert not pacer.take(1.099)
    assert pacer.take(1.101)
    assert not pacer.take(1.3)
    assert pacer.take(1.351)


@given(st.lists(st.floats(0, 0.5), min_size=1, max_size=200))
def test_no_second_however_it_is_cut_sees_more_than_the_rate(steps: list[float]) -> None:
    pacer, now, left = Pacer(5), 0.0, []
    for step in steps:
        now += step
        if pacer.take(now):
            left.append(now)
    assert all(sum(start <= at < start + 1.0 for at in left) <= 5 for start in left)


@given(st.lists(st.floats(0, 0.5), min_size=1, max_size=50))
def test_whoever_waits_as_long_as_it_is_told_is_let_through(steps: list[float]) -> None:
    pacer, now = Pacer(3), 0.0
    for step in steps:
        now += step + pacer.wait(now + step) + 1e-9
        assert pacer.take(now)


def test_urgent_messages_have_spare_tokens_of_their_own() -> None:
    pacer = Pacer(2, spare=1)
    assert [pacer.take(0.0) for _ in range(3)] == [True, True, False]
    assert [pacer.take(0.0, urgent=True) for _ in range(2)] == [True, False]
    assert pacer.wait(0.0, urgent=True) == pytest.approx(1.1)


def test_what_left_without_asking_is_counted() -> None:
    pacer = Pacer(2)
    pacer.spend(0.0, 3)
    assert pacer.wait(0.0) == pytest.approx(1.1)
    assert not pacer.take(1.0)


def test_nothing_leaves_for_a_second_after_the_broker_complained() -> None:
    pacer = Pacer(2, spare=1)
    pacer.exhaust(5.0)
    assert not pacer.take(6.0, urgent=True)
    assert pacer.take(6.2)


@pytest.mark.parametrize(("rate", "spare"), [(0, 0), (-1, 0), (1, -1)])
def test_a_rate_that_lets_nothing_through_is_refused(rate: int, spare: int) -> None:
    with pytest.raises(ValueError, match="must be at least"):
        Pacer(rate, spare)


def test_several_tokens_are_waited_for_until_all_are_there() -> None:
    pacer = Pacer(4)
    assert pacer.rate == 4
    assert pacer.wait(0.0, tokens=4) == 0
    pacer.spend(0.0)
    pacer.spend(0.5)
    assert pacer.wait(0.5, tokens=2) == 0
    assert pacer.wait(0.5, tokens=3) == pytest.approx(0.6)
    assert pacer.wait(0.5, tokens=4) == pytest.approx(1.1)
    assert pacer.wait(1.2, tokens=3) == 0
