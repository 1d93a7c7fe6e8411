"""Chase: after the market, never back, never too often, never too far."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskgate.execution.moves import Keep, Reprice, Seen
from riskgate.execution.replace.chase import Chase, Touch
from riskgate.model.market import Quote
from riskgate.model.order import Side

NOON = datetime(2026, 3, 2, 17, 0, tzinfo=UTC)
FIVE = timedelta(seconds=5)
CHASE = Chase(every=FIVE, max_changes=3, max_move=Decimal("0.10"))
BUY = Seen(
    side=Side.BUY,
    quantity=Decimal(100),
    filled=Decimal(0),
    limit_price=Decimal("190.00"),
    tick=Decimal("0.01"),
    quote=Quote(bid=Decimal("190.04"), ask=Decimal("190.06")),
    closes=None,
    since=NOON,
    first_price=Decimal("190.00"),
)
SELL = msgspec.structs.replace(
    BUY, side=Side.SELL, quote=Quote(bid=Decimal("189.94"), ask=Decimal("189.96"))
)


def but(seen: Seen, **changes: object) -> Seen:
    return msgspec.structs.replace(seen, **changes)


def test_the_limit_moves_to_the_near_touch() -> None:
    assert CHASE.next(BUY, NOON + FIVE) == Reprice(Decimal("190.04"))
    assert CHASE.next(SELL, NOON + FIVE) == Reprice(Decimal("189.96"))


def test_to_the_far_touch_it_trades_at_once() -> None:
    far = Chase(every=FIVE, max_changes=3, max_move=Decimal("0.10"), to=Touch.FAR)
    assert far.next(BUY, NOON + FIVE) == Reprice(Decimal("190.06"))
    assert far.next(SELL, NOON + FIVE) == Reprice(Decimal("189.94"))


def test_it_rests_between_two_modifies() -> None:
    assert CHASE.next(BUY, NOON + timedelta(seconds=4)) == Keep(NOON + FIVE)
    changed = but(BUY, changes=1, changed_at=NOON + FIVE)
    assert CHASE.next(changed, NOON + timedelta(seconds=9)) == Keep(NOON + 2 * FIVE)
    assert isinstance(CHASE.next(changed, NOON + 2 * FIVE), Reprice)


def test_after_its_last_modify_it_stays() -> None:
    assert CHASE.next(but(BUY, changes=3), NOON + 10 * FIVE) == Keep()


def test_it_goes_no_farther_than_its_bound() -> None:
    away = Quote(bid=Decimal(191), ask=Decimal(192))
    assert CHASE.next(but(BUY, quote=away), NOON + FIVE) == Reprice(Decimal("190.10"))
    at_the_bound = but(BUY, quote=away, limit_price=Decimal("190.10"))
    assert CHASE.next(at_the_bound, NOON + FIVE) == Keep()


def test_it_never_becomes_more_timid() -> None:
    back = Quote(bid=Decimal("189.90"), ask=Decimal("189.92"))
    assert CHASE.next(but(BUY, quote=back), NOON + FIVE) == Keep()


@pytest.mark.parametrize("quote", [None, Quote(last=Decimal(190))])
def test_without_a_market_it_stays(quote: Quote | None) -> None:
    far = Chase(every=FIVE, max_changes=3, max_move=Decimal("0.10"), to=Touch.FAR)
    for chase in (CHASE, far):
        assert chase.next(but(BUY, quote=quote), NOON + FIVE) == Keep()


def test_an_order_without_a_limit_has_nothing_to_move() -> None:
    assert not but(BUY, limit_price=None).bolder(Decimal(1))
    assert CHASE.next(but(BUY, limit_price=None), NOON + FIVE) == Keep()


@given(
    bids=st.lists(st.integers(18_900, 19_100), min_size=1, max_size=30), side=st.sampled_from(Side)
)
def test_whatever_the_market_does_it_stays_in_its_bounds(bids: list[int], side: Side) -> None:
    seen = but(BUY, side=side)
    for number, bid in enumerate(bids):
        now = NOON + (number + 1) * FIVE
        quote = Quote(bid=Decimal(bid) / 100, ask=Decimal(bid + 2) / 100)
        move = CHASE.next(but(seen, quote=quote), now)
        if isinstance(move, Reprice):
            assert seen.bolder(move.limit_price)
            assert abs(move.limit_price - Decimal(190)) <= CHASE.max_move
            seen = but(seen, limit_price=move.limit_price, changes=seen.changes + 1, changed_at=now)
    assert seen.changes <= CHASE.max_changes


@pytest.mark.parametrize("wrong", [{"every": timedelta(0)}, {"max_changes": 0}, {"max_move": 0}])
def test_what_has_no_bound_is_refused(wrong: dict[str, object]) -> None:
    stated: dict[str, object] = {
        "every": FIVE,
        "max_changes": 3,
        "max_move": Decimal("0.10"),
        **wrong,
    }
    with pytest.raises(ValueError, match="above zero"):
        Chase(**stated)  # type: ignore[arg-type]
