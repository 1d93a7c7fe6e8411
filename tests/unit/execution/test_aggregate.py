"""Division: the parts of all fills come to the fills, to the last share.

Hamilton's method (largest remainder); FIX 4.4 NoAllocs 78, AllocQty 80.
"""

from __future__ import annotations

from decimal import Decimal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskgate.execution.aggregate import (
    Aggregation,
    combined,
    differences,
    divided,
    portions,
    shared_cost,
    signed,
)
from riskgate.model.instructions import Instructions, Leg
from riskgate.model.order import Order, Side

ONE = Decimal(1)
LOTS = st.sampled_from([Decimal(1), Decimal(100), Decimal("0.0001")])
SIZES = st.lists(st.integers(1, 10_000), min_size=1, max_size=8)


def numbers(*given_: str | int) -> tuple[Decimal, ...]:
    return tuple(Decimal(one) for one in given_)


def orders(*lines: str) -> list[Order]:
    return [Order.parse(line) for line in lines]


def found(*lines: str, net: bool = False) -> list[str]:
    return list(differences(orders(*lines), net=net))


# --- division ------------------------------------------------------------------------------------


def test_a_fill_is_divided_pro_rata() -> None:
    assert divided(Decimal(50), numbers(60, 40), ONE) == numbers(30, 20)


def test_the_largest_remainder_gets_the_odd_share_and_among_equals_the_earlier_order() -> None:
    assert divided(Decimal(10), numbers(70, 20, 10), ONE) == numbers(7, 2, 1)
    assert divided(Decimal(5), numbers(70, 20, 10), ONE) == numbers(4, 1, 0)
    assert divided(Decimal(1), numbers(50, 50), ONE) == numbers(1, 0)


def test_what_is_filled_beyond_all_is_nobodys_part() -> None:
    assert divided(Decimal(130), numbers(60, 40), ONE) == numbers(60, 40)
    assert divided(Decimal(5), numbers(0, 0), ONE) == numbers(0, 0)


def test_a_fill_that_is_no_whole_lot_is_divided_all_the_same() -> None:
    parts = divided(Decimal("0.5"), numbers(60, 40), ONE)
    assert parts == numbers("0.3", "0.2")
    assert divided(Decimal(100), numbers(300, 200), Decimal(100)) == numbers(100, 0)


def test_netted_orders_cross_as_much_as_the_block_fills() -> None:
    assert divided(Decimal(10), numbers(100, -80), ONE) == numbers(50, -40)
    assert divided(Decimal(20), numbers(100, -80), ONE) == numbers(100, -80)
    assert divided(Decimal(7), numbers(10, -3), ONE) == numbers(10, -3)


@st.composite
def blocks(draw: st.DrawFn) -> tuple[list[Decimal], list[Decimal], Decimal]:
    """What orders ask for, on both sides or on one, fills of the block, and the lot."""
    lot = draw(LOTS)
    sizes = [lot * size for size in draw(SIZES)]
    against = [-lot * size for size in draw(st.lists(st.integers(1, 10_000), max_size=5))]
    members = draw(st.permutations([*sizes, *against]))
    total = sum(members, Decimal(0))
    if total < 0:
        members = [-one for one in members]
    fills = draw(st.lists(st.integers(1, 5_000), max_size=30))
    return list(members), [lot * fill for fill in fills], lot


@given(blocks())
def test_the_parts_of_all_fills_come_to_the_fills_at_every_moment_and_none_gets_too_much(
    block: tuple[list[Decimal], list[Decimal], Decimal],
) -> None:
    members, fills, lot = block
    lacking, whole = list(members), sum(members, Decimal(0))
    for filled in fills:
        parts = divided(filled, lacking, lot)
        due = min(filled, sum(lacking, Decimal(0)))
        assert sum(parts, Decimal(0)) == due
        lacking = [one - part for one, part in zip(lacking, parts, strict=True)]
        for asked, left, part in zip(members, lacking, parts, strict=True):
            assert part % lot == 0
            assert asked * part >= 0
            assert abs(left) <= abs(asked)
            assert asked * left >= 0
        assert sum(lacking, Decimal(0)) == max(Decimal(0), whole - (whole - sum(lacking)))
    if whole and sum(fills, Decimal(0)) >= whole:
        assert not any(lacking)


@given(blocks())
def test_nobody_is_further_from_his_share_than_a_lot(
    block: tuple[list[Decimal], list[Decimal], Decimal],
) -> None:
    members, fills, lot = block
    whole = sum(members, Decimal(0))
    if not fills or not whole:
        return
    filled = min(fills[0], whole)
    for asked, part in zip(members, divided(filled, members, lot), strict=True):
        assert abs(part - asked * filled / whole) < 2 * lot


@given(st.integers(0, 10**9), st.lists(st.integers(0, 10**9), min_size=1, max_size=9))
def test_portions_come_to_the_total(total: int, weights: list[int]) -> None:
    given_ = portions(total, weights)
    assert sum(given_) == (total if any(weights) else 0)
    assert all(portion == 0 for portion, weight in zip(given_, weights, strict=True) if not weight)
    if total <= sum(weights):
        assert all(got <= most for got, most in zip(given_, weights, strict=True))


@given(
    st.decimals(Decimal(-1000), Decimal(1000), places=4),
    st.lists(st.integers(1, 10_000).map(Decimal), min_size=1, max_size=6),
)
def test_a_commission_is_shared_to_the_last_digit(cost: Decimal, sizes: list[Decimal]) -> None:
    parts = shared_cost(cost, sizes)
    assert sum(parts, Decimal(0)) == cost
    assert all(part * cost >= 0 for part in parts)


def test_a_whole_commission_is_shared_in_small_coins() -> None:
    assert shared_cost(Decimal(1), numbers(2, 1)) == numbers("0.6667", "0.3333")
    assert shared_cost(Decimal("-0.00001"), numbers(1, 1)) == numbers("-0.00001", "0")


# --- what goes together --------------------------------------------------------------------------


def test_orders_that_differ_only_in_quantity_and_in_what_their_strategies_say_are_one() -> None:
    lines = (
        "BUY 60 AAPL LMT 190 DAY strategy=alpha key=A tag=x intent=11400",
        "BUY 40 AAPL LMT 190 DAY strategy=beta key=B tag=y intent=7600",
    )
    assert found(*lines) == []
    assert str(combined(orders(*lines))) == "BUY 100 AAPL LMT 190 DAY intent=19000"
    assert str(combined(orders(*lines), "desk")) == (
        "BUY 100 AAPL LMT 190 DAY strategy=desk intent=19000"
    )


def test_a_tag_that_all_have_is_the_blocks_and_an_intent_that_one_lacks_is_not() -> None:
    lines = ("SELL 60 AAPL MKT tag=x locate=L intent=1", "SELL 40 AAPL MKT tag=x locate=M")
    assert str(combined(orders(*lines))) == "SELL 100 AAPL MKT DAY tag=x locate=L"


@pytest.mark.parametrize(
    ("other", "why"),
    [
        ("BUY 40 AAPL LMT 191 DAY", "order 2 of the block has `limit_price` 191, the first 190"),
        ("BUY 40 AAPL LMT 190 GTC", "order 2 of the block has `tif` GTC, the first DAY"),
        ("BUY 40 MSFT LMT 190 DAY", "order 2 of the block has `symbol` MSFT, the first AAPL"),
        ("SELL 40 AAPL LMT 190 DAY", "order 2 of the block has `side` SELL, the first BUY"),
        (
            "BUY 40 AAPL LMT 190 DAY account=DU2",
            "order 2 of the block has `account` DU2, the first none",
        ),
    ],
)
def test_orders_that_the_broker_would_read_differently_are_not_one(other: str, why: str) -> None:
    assert found("BUY 60 AAPL LMT 190 DAY", other) == [why]


def test_orders_that_speak_of_their_own_quantity_stay_alone() -> None:
    plain = Order.parse("BUY 60 AAPL LMT 190")
    iceberg = msgspec.structs.replace(plain, instructions=Instructions(display_size=ONE))
    combo = msgspec.structs.replace(plain, legs=(Leg("BUY", 1, "#1"), Leg("SELL", 1, "#2")))
    assert list(differences([iceberg])) == [
        "order 1 of the block states `display_size`, which would be the block's and not its own"
    ]
    assert list(differences([combo])) == ["order 1 of the block is a combo, whose legs fill apart"]


def test_only_orders_without_a_price_are_netted() -> None:
    market = ("BUY 100 AAPL MKT strategy=alpha", "SELL 80 AAPL MKT strategy=beta")
    assert found(*market, net=True) == []
    assert found(*market) == ["order 2 of the block has `side` SELL, the first BUY"]
    assert str(combined(orders(*market))) == "BUY 20 AAPL MKT DAY"
    assert str(combined(orders(*reversed(market)))) == "BUY 20 AAPL MKT DAY"
    limited = ("BUY 100 AAPL LMT 190", "SELL 80 AAPL LMT 190")
    assert found(*limited, net=True) == [
        "only MKT and MOC orders can be netted: another's price may not suit both sides"
    ]


def test_what_nets_to_nothing_has_no_price() -> None:
    even = ("BUY 80 AAPL MKT", "SELL 80 AAPL MKT")
    assert signed(orders(*even)) == 0
    assert found(*even, net=True) == [
        "the orders net to nothing: nothing would reach the broker, so they have no price"
    ]
    assert combined(orders("SELL 3 AAPL MKT", "SELL 4 AAPL MKT")).side is Side.SELL


def test_nothing_is_aggregated_unless_it_is_said() -> None:
    assert Aggregation() == Aggregation(allow=False, net=False, strategy="")
