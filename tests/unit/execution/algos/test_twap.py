"""TWAP: the sum is the parent, exactly; the schedule is the same whenever it is asked."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskgate.execution.algos.twap import Twap
from riskgate.execution.slices import Progress, Send, Terms, Wait
from riskgate.model.money import ZERO
from riskgate.model.order import Side

NOON = datetime(2026, 3, 2, 17, 0, tzinfo=UTC)
LOTS = st.sampled_from([Decimal(1), Decimal(100), Decimal("0.0001"), Decimal("0.5")])


def terms(quantity: Decimal | int = 100, lot: Decimal = Decimal(1)) -> Terms:
    return Terms(side=Side.BUY, quantity=Decimal(quantity), lot=lot)


def progress(filled: Decimal | int = 0, **more: Decimal | datetime) -> Progress:
    return Progress(began=NOON, filled=Decimal(filled), **more)  # type: ignore[arg-type]


def after(**length: int) -> datetime:
    return NOON + timedelta(**length)


TEN = Twap(duration=timedelta(minutes=10), slices=10)


def test_equal_slices_go_at_the_beginning_of_each_part() -> None:
    plan = TEN.schedule(terms(), NOON)
    assert [slot.at for slot in plan] == [after(minutes=n) for n in range(10)]
    assert [slot.upto for slot in plan] == [10 * n for n in range(1, 11)]


def test_what_does_not_divide_is_spread_in_whole_lots() -> None:
    plan = TEN.schedule(terms(1300, Decimal(100)), NOON)
    sizes = [b.upto - a for a, b in zip([ZERO, *(s.upto for s in plan)], plan, strict=False)]
    assert sum(sizes) == 1300
    assert set(sizes) == {100, 200}


@given(
    lots=st.integers(1, 10**7),
    lot=LOTS,
    slices=st.integers(1, 60),
    jitter=st.integers(0, 100),
    seed=st.integers(-5, 5),
)
def test_any_schedule_grows_to_exactly_the_parent(
    lots: int, lot: Decimal, slices: int, jitter: int, seed: int
) -> None:
    twap = Twap(
        duration=timedelta(hours=1), slices=slices, jitter_percent=Decimal(jitter), seed=seed
    )
    of = terms(lots * lot, lot)
    plan = twap.schedule(of, NOON)
    assert plan == twap.schedule(of, NOON)
    assert plan[-1].upto == of.quantity
    assert [slot.upto for slot in plan] == sorted(slot.upto for slot in plan)
    assert [slot.at for slot in plan] == sorted(slot.at for slot in plan)
    assert all(NOON <= slot.at < after(hours=1) for slot in plan)
    assert all(slot.upto % lot == 0 for slot in plan)


@given(quantity=st.integers(10, 10**6), asked_at=st.lists(st.integers(0, 700), max_size=80))
def test_whenever_it_is_asked_it_never_exceeds_its_parent_and_ends_with_it(
    quantity: int, asked_at: list[int]
) -> None:
    of, sent = terms(quantity), ZERO
    last: datetime | None = None
    for second in [*sorted(asked_at), *range(700, 1400, 31)]:
        now = after(seconds=second)
        seen = Progress(began=NOON, filled=sent, sent_at=last)
        step = TEN.next(of, seen, now)
        assert step == TEN.next(of, seen, now)
        if isinstance(step, Send):
            assert step.quantity > 0
            sent, last = sent + step.quantity, now
            assert sent <= quantity
        else:
            assert isinstance(step, Wait)
            assert step.until is None or step.until > now
    assert sent == quantity


def test_the_same_seed_gives_the_same_moments_and_another_gives_others() -> None:
    jittered = [
        Twap(duration=timedelta(hours=1), slices=10, jitter_percent=Decimal(50), seed=seed)
        for seed in (1, 1, 2)
    ]
    first, again, other = (one.schedule(terms(), NOON) for one in jittered)
    assert first == again != other
    for number, slot in enumerate(first):
        part = after(minutes=6 * number)
        assert part <= slot.at < part + timedelta(minutes=3)


def test_between_two_slices_it_waits_for_the_next() -> None:
    assert TEN.next(terms(), progress(10), after(seconds=30)) == Wait(after(minutes=1))


def test_what_was_missed_is_caught_up_with_two_slices_at_once_at_most() -> None:
    assert TEN.next(terms(), progress(10), after(minutes=6)) == Send(Decimal(20))
    behind = progress(30, sent_at=after(minutes=6))
    assert TEN.next(terms(), behind, after(minutes=6, seconds=5)) == Wait(
        after(minutes=6, seconds=30)
    )
    assert TEN.next(terms(), behind, after(minutes=6, seconds=30)) == Send(Decimal(20))


def test_what_works_counts_as_sent() -> None:
    step = TEN.next(terms(), progress(5, working=Decimal(15)), after(minutes=1))
    assert step == Wait(after(minutes=2))


def test_slices_have_the_parents_limit() -> None:
    of = Terms(side=Side.SELL, quantity=Decimal(100), limit_price=Decimal("189.5"))
    assert TEN.next(of, progress(), NOON) == Send(Decimal(10), Decimal("189.5"))


def test_an_order_smaller_than_its_slices_cannot_be_worked() -> None:
    assert TEN.wrong(terms(9)) == "it has no lot for each of 10 slices"
    assert TEN.wrong(terms(10)) == ""


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"duration": timedelta(0)}, "duration"),
        ({"slices": 0}, "slices"),
        ({"slices": 1001}, "slices"),
        ({"jitter_percent": Decimal(101)}, "jitter_percent"),
        ({"jitter_percent": Decimal(-1)}, "jitter_percent"),
    ],
)
def test_what_is_no_schedule_is_refused(wrong: dict[str, object], why: str) -> None:
    given_: dict[str, object] = {"duration": timedelta(hours=1), "slices": 4, **wrong}
    with pytest.raises(ValueError, match=why):
        Twap(**given_)  # type: ignore[arg-type]
