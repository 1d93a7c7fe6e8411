"""The smart chooser: never worse than one venue alone, and no unit lost or made."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskgate.execution.venues import VenueQuote, choose
from riskgate.model.order import Side

ARCA = VenueQuote(
    venue="ARCA",
    bid=Decimal("189.99"),
    ask=Decimal("190.00"),
    bid_size=Decimal(300),
    ask_size=Decimal(200),
    fee=Decimal("0.0030"),
)
IEX = VenueQuote(
    venue="IEX",
    bid=Decimal("189.99"),
    ask=Decimal("190.00"),
    bid_size=Decimal(100),
    ask_size=Decimal(100),
    fee=Decimal("0.0009"),
)
BYX = VenueQuote(
    venue="BYX",
    bid=Decimal("189.98"),
    ask=Decimal("190.01"),
    bid_size=Decimal(500),
    ask_size=Decimal(500),
    fee=Decimal("-0.0008"),
)


def parts(side: Side, quantity: int, *quotes: VenueQuote) -> list[tuple[str, int]]:
    split = choose(side, Decimal(quantity), quotes)
    return [(offer.venue, int(taken)) for offer, taken in split.parts]


def test_the_fee_decides_between_equal_quotes() -> None:
    assert parts(Side.BUY, 100, ARCA, IEX) == [("IEX", 100)]
    best = choose(Side.SELL, Decimal(1), (ARCA, IEX)).best
    assert best is not None
    assert (best.venue, best.price, best.all_in) == ("IEX", Decimal("189.99"), Decimal("189.9891"))


def test_what_the_best_does_not_show_goes_to_the_next() -> None:
    assert parts(Side.BUY, 350, ARCA, BYX, IEX) == [("IEX", 100), ("ARCA", 200), ("BYX", 50)]


def test_what_nobody_shows_is_left() -> None:
    split = choose(Side.BUY, Decimal(1000), (ARCA, IEX))
    assert (split.left, sum(taken for _, taken in split.parts)) == (Decimal(700), Decimal(300))
    nobody = choose(Side.BUY, Decimal(10), ())
    assert (nobody.best, nobody.parts, nobody.left, nobody.total) == (
        None,
        (),
        Decimal(10),
        Decimal(0),
    )


def test_a_limit_is_held_against_the_quoted_price() -> None:
    split = choose(Side.BUY, Decimal(1000), (ARCA, BYX), limit=Decimal("190.00"))
    assert [offer.venue for offer in split.ranked] == ["ARCA"]
    sold = choose(Side.SELL, Decimal(1000), (ARCA, BYX), limit=Decimal("189.99"))
    assert [offer.venue for offer in sold.ranked] == ["ARCA"]


def test_equal_prices_go_to_the_larger_size_and_then_by_name() -> None:
    same = {"ask": Decimal(10), "ask_size": Decimal(5)}
    quotes = [
        VenueQuote(venue="B", **same),
        VenueQuote(venue="A", **same),
        VenueQuote(venue="C", ask=Decimal(10), ask_size=Decimal(6)),
    ]
    split = choose(Side.BUY, Decimal(1), quotes)
    assert [offer.venue for offer in split.ranked] == ["C", "A", "B"]


def test_a_side_that_cannot_be_taken_is_no_offer() -> None:
    quotes = [
        VenueQuote(venue="A", ask_size=Decimal(5)),
        VenueQuote(venue="B", ask=Decimal(1)),
        VenueQuote(venue="C", ask=Decimal("NaN"), ask_size=Decimal(5)),
        VenueQuote(venue="D", ask=Decimal(1), ask_size=Decimal("Infinity")),
    ]
    assert choose(Side.BUY, Decimal(1), quotes).ranked == ()


@pytest.mark.parametrize("quantity", ["0", "-1", "NaN", "Infinity"])
def test_a_quantity_that_is_none_is_an_error(quantity: str) -> None:
    with pytest.raises(ValueError, match="must be above zero"):
        choose(Side.BUY, Decimal(quantity), (ARCA,))


def test_a_venue_that_is_quoted_twice_is_an_error() -> None:
    with pytest.raises(ValueError, match="quoted twice"):
        choose(Side.BUY, Decimal(1), (ARCA, ARCA))


cents = st.integers(-500, 20_000).map(lambda n: Decimal(n) / 100)
sizes = st.integers(0, 500).map(Decimal)
quotes = st.builds(
    VenueQuote,
    venue=st.sampled_from("ABCDEF"),
    bid=st.none() | cents,
    ask=st.none() | cents,
    bid_size=sizes,
    ask_size=sizes,
    fee=st.integers(-50, 50).map(lambda n: Decimal(n) / 10_000),
)
markets = st.lists(quotes, max_size=6, unique_by=lambda one: one.venue)


@given(st.sampled_from(Side), st.integers(1, 2000).map(Decimal), markets)
def test_no_unit_is_lost_or_made_and_none_is_taken_that_is_not_shown(
    side: Side, quantity: Decimal, market: list[VenueQuote]
) -> None:
    split = choose(side, quantity, market)
    assert sum((taken for _, taken in split.parts), split.left) == quantity
    assert split.left >= 0
    assert all(0 < taken <= offer.size for offer, taken in split.parts)
    assert split.left == 0 or [o for o, _ in split.parts] == list(split.ranked)


@given(st.sampled_from(Side), st.integers(1, 500).map(Decimal), markets)
def test_a_split_is_never_worse_than_any_one_venue_that_could_do_it_alone(
    side: Side, quantity: Decimal, market: list[VenueQuote]
) -> None:
    split = choose(side, quantity, market)
    sign = 1 if side is Side.BUY else -1
    for quote in market:
        price, size = (
            (quote.ask, quote.ask_size) if side is Side.BUY else (quote.bid, quote.bid_size)
        )
        if price is not None and size >= quantity:
            alone = sign * quantity * (price + sign * quote.fee)
            assert split.left == 0
            assert sign * split.total <= alone


@given(st.sampled_from(Side), st.integers(1, 2000).map(Decimal), markets, st.randoms())
def test_the_order_in_which_venues_are_named_changes_nothing(
    side: Side, quantity: Decimal, market: list[VenueQuote], chance: object
) -> None:
    mixed = list(market)
    chance.shuffle(mixed)  # type: ignore[attr-defined]  # hypothesis hands out a Random
    assert choose(side, quantity, mixed) == choose(side, quantity, market)
