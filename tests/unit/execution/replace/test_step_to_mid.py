"""Step to mid: nearer each time, and never beyond the middle."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskgate.execution.moves import Keep, Reprice, Seen
from riskgate.execution.replace.step_to_mid import StepToMid
from riskgate.model.market import Quote
from riskgate.model.order import Side

NOON = datetime(2026, 3, 2, 17, 0, tzinfo=UTC)
TEN = timedelta(seconds=10)
STEP = StepToMid(every=TEN, step=Decimal("0.02"), max_changes=5, max_move=Decimal("0.05"))
WIDE = Quote(bid=Decimal("190.00"), ask=Decimal("190.07"))
BUY = Seen(
    side=Side.BUY,
    quantity=Decimal(100),
    filled=Decimal(0),
    limit_price=Decimal("190.00"),
    tick=Decimal("0.01"),
    quote=WIDE,
    closes=None,
    since=NOON,
    first_price=Decimal("190.00"),
)
SELL = msgspec.structs.replace(
    BUY, side=Side.SELL, limit_price=Decimal("190.07"), first_price=Decimal("190.07")
)


def but(seen: Seen, **changes: object) -> Seen:
    return msgspec.structs.replace(seen, **changes)


def test_it_gives_way_by_one_step() -> None:
    assert STEP.next(BUY, NOON + TEN) == Reprice(Decimal("190.02"))
    assert STEP.next(SELL, NOON + TEN) == Reprice(Decimal("190.05"))


def test_the_middle_is_the_end_and_off_the_tick_it_is_rounded_away_from_it() -> None:
    near = but(BUY, limit_price=Decimal("190.02"))
    assert STEP.next(near, NOON + TEN) == Reprice(Decimal("190.03"))
    assert STEP.next(but(near, limit_price=Decimal("190.03")), NOON + TEN) == Keep()
    assert STEP.next(but(SELL, limit_price=Decimal("190.05")), NOON + TEN) == Reprice(
        Decimal("190.04")
    )


def test_it_rests_between_two_steps() -> None:
    assert STEP.next(BUY, NOON + timedelta(seconds=9)) == Keep(NOON + TEN)


@pytest.mark.parametrize(
    "changes",
    [
        {"changes": 5},
        {"limit_price": None},
        {"quote": None},
        {"quote": Quote(bid=Decimal(191), ask=Decimal(190))},
    ],
)
def test_where_there_is_nothing_to_do_it_stays(changes: dict[str, object]) -> None:
    assert STEP.next(but(BUY, **changes), NOON + TEN) == Keep()


@given(spread=st.integers(1, 200), side=st.sampled_from(Side))
def test_it_never_crosses_the_middle_or_its_bound(spread: int, side: Side) -> None:
    quote = Quote(bid=Decimal(190), ask=Decimal(190) + Decimal(spread) / 100)
    first = quote.bid if side is Side.BUY else quote.ask
    seen = but(BUY, side=side, quote=quote, limit_price=first, first_price=first)
    for number in range(10):
        now = NOON + (number + 1) * TEN
        move = STEP.next(seen, now)
        if isinstance(move, Reprice):
            price, mid = move.limit_price, quote.mid
            assert mid is not None
            assert first is not None
            assert price <= mid if side is Side.BUY else price >= mid
            assert abs(price - first) <= STEP.max_move
            seen = but(seen, limit_price=price, changes=seen.changes + 1, changed_at=now)
    assert seen.changes <= STEP.max_changes


@pytest.mark.parametrize(
    "wrong",
    [{"every": timedelta(0)}, {"step": Decimal(0)}, {"max_changes": 0}, {"max_move": Decimal(0)}],
)
def test_what_has_no_bound_is_refused(wrong: dict[str, object]) -> None:
    stated = {**msgspec.structs.asdict(STEP), **wrong}
    with pytest.raises(ValueError, match="above zero"):
        StepToMid(**stated)
