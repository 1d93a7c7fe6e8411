"""Quotes: which prices are usable, what the reference is, and what one unit is worth."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from riskgate.errors import MissingData
from riskgate.model.market import PriceDemands, Prices, PriceTerms, Quote, tightest, usable
from riskgate.model.order import Order

NOW = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)


def a_quote(*prices: str, age: float = 0, kind: str = "live") -> Quote:
    """A quote of bid, ask, last and close; an empty text is no price."""
    bid, ask, last, close = (Decimal(price) if price else None for price in prices)
    at = NOW - timedelta(seconds=age)
    return Quote(bid=bid, ask=ask, last=last, close=close, at=at, type=kind)


def prices(quote: Quote | None, **terms: object) -> Prices:
    return usable(quote, NOW, PriceTerms(**terms), "AAPL")  # type: ignore[arg-type]  # as given


SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(
    ("demands", "terms"),
    [
        ((), PriceTerms()),
        ((PriceDemands(),), PriceTerms()),
        ((PriceDemands(10 * MINUTE),), PriceTerms(10 * MINUTE)),
        ((PriceDemands(10 * MINUTE), PriceDemands(SECOND)), PriceTerms(SECOND)),
        ((PriceDemands(10 * MINUTE), PriceDemands(None, ("live",))), PriceTerms(10 * MINUTE)),
        ((PriceDemands(None, ("delayed",)),), PriceTerms(MINUTE, ("delayed",))),
        (
            (PriceDemands(SECOND), PriceDemands(None, ("live", "delayed"))),
            PriceTerms(SECOND, ("delayed", "live")),
        ),
        (
            (PriceDemands(None, ("live", "frozen")), PriceDemands(None, ("live", "delayed"))),
            PriceTerms(MINUTE, ("live",)),
        ),
        (
            (PriceDemands(None, ("live",)), PriceDemands(None, ("delayed",))),
            PriceTerms(MINUTE, ()),
        ),
    ],
)
def test_of_several_demands_the_tightest_holds_and_silence_demands_nothing(
    demands: tuple[PriceDemands, ...], terms: PriceTerms
) -> None:
    assert tightest(demands) == terms
    assert tightest(reversed(demands)) == terms


@pytest.mark.parametrize(
    ("bid", "ask", "mid"), [("99", "101", "100"), ("5", "5", "5"), ("-2", "1", "-0.5")]
)
def test_the_middle_of_a_market_that_is_not_crossed(bid: str, ask: str, mid: str) -> None:
    assert a_quote(bid, ask, "", "").mid == Decimal(mid)


def test_a_crossed_or_one_sided_market_has_no_middle_and_the_last_price_refers() -> None:
    assert a_quote("101", "99", "7", "").mid is None
    assert a_quote("", "99", "7", "").mid is None
    assert a_quote("99", "", "7", "").mid is None
    assert prices(a_quote("101", "99", "7", "")).reference == 7


def test_a_mark_is_mid_else_last_else_close_of_any_age() -> None:
    assert a_quote("1", "3", "9", "8", age=10**6).mark == 2
    assert a_quote("", "3", "9", "8").mark == 9
    assert a_quote("", "", "", "8").mark == 8
    assert Quote().mark is None


@pytest.mark.parametrize(
    ("quote", "code"),
    [
        (None, "NO_PRICE"),
        (Quote(at=NOW), "NO_PRICE"),
        (Quote(close=Decimal(5)), "NO_PRICE"),
        (a_quote("1", "2", "3", "4", age=60.001), "STALE_PRICE"),
        (Quote(last=Decimal(3)), "STALE_PRICE"),
        (a_quote("1", "2", "3", "4", kind="delayed"), "NOT_LIVE"),
        (a_quote("1", "2", "3", "4", age=100, kind="frozen"), "NOT_LIVE"),
    ],
)
def test_where_there_is_no_reference_the_reason_is_named(quote: Quote | None, code: str) -> None:
    with pytest.raises(MissingData, match="AAPL") as caught:
        _ = prices(quote).reference
    assert caught.value.code == code


def test_a_price_of_exactly_the_greatest_age_is_usable() -> None:
    assert prices(a_quote("1", "3", "", "", age=60)).reference == 2
    assert prices(a_quote("1", "3", "", "", age=90), max_age=timedelta(seconds=90)).reference == 2
    assert prices(a_quote("1", "3", "", "", kind="delayed"), types=("live", "delayed")).mid == 2


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("BUY 1 AAPL LMT 1", "105"),
        ("BUY 1 AAPL LMT 200", "200"),
        ("SELL 1 AAPL STP 90", "105"),
        ("BUY 1 AAPL STP_LMT 300 290", "300"),
        ("BUY 1 AAPL MKT", "110"),
        ("SELL 1 AAPL MKT", "105"),
        ("BUY 1 AAPL MOC", "110"),
        ("BUY 1 AAPL STP 106", "106"),
        ("SELL 1 AAPL LMT -500", "500"),
        ("BUY 1 AAPL LMT 200 discretionary_amount=3", "203"),
        ("SELL 1 AAPL LMT 200 discretionary_amount=3", "200"),
        ("BUY 1 AAPL MIT 120", "120"),
        ("BUY 1 AAPL LIT 120 130", "130"),
        ("BUY 1 AAPL MTL", "110"),
        ("BUY 1 AAPL MKT_PRT", "110"),
        ("BUY 1 AAPL MKT OPG", "110"),
        ("BUY 1 AAPL TRAIL 20", "120"),  # the middle is 100
        ("BUY 1 AAPL TRAIL 30%", "130"),
        ("SELL 1 AAPL TRAIL 20", "105"),
        ("BUY 1 AAPL TRAIL_LMT 20 2", "122"),
        ("BUY 1 AAPL TRAIL 1 trail_stop_price=140", "140"),
        ("BUY 1 AAPL REL 40", "130"),  # the bid and 40
        ("BUY 1 AAPL REL 40 108", "108"),
        ("SELL 1 AAPL REL 40", "105"),
        ("BUY 1 AAPL PEG_MID 0.01 150", "150"),
        ("BUY 1 AAPL MIDPRICE", "105"),
        ('BUY 1 AAPL STP 106 adjusts="at 120 to STP_LMT 115 116"', "120"),
    ],
)
def test_an_order_is_worth_the_largest_absolute_price_in_sight(line: str, value: str) -> None:
    seen = prices(a_quote("90", "110", "103", "105"))
    assert seen.unit_value(Order.parse(line)) == Decimal(value)


def test_an_order_is_never_valued_by_its_own_prices_alone() -> None:
    with pytest.raises(MissingData) as caught:
        prices(a_quote("90", "", "", "")).unit_value(Order.parse("BUY 1 AAPL LMT 100"))
    assert caught.value.code == "NO_PRICE"


def test_without_a_market_of_now_nobody_knows_where_a_trailing_stop_would_be() -> None:
    seen = prices(a_quote("90", "", "", "105"))
    order = Order.parse("BUY 1 AAPL TRAIL 20")
    assert seen.trailing(order) is None
    assert seen.unit_value(order) == 105


def test_the_previous_close_has_no_age() -> None:
    seen = prices(a_quote("90", "110", "103", "105", age=10**6))
    assert seen.unit_value(Order.parse("BUY 1 AAPL MKT")) == 105


def test_a_wrong_price_and_quantity_swapped_is_worth_what_the_market_says() -> None:
    seen = prices(a_quote("", "", "672000", ""))
    order = Order.parse("SELL 610000 J LMT 1")
    assert order.quantity * seen.unit_value(order) == 409_920_000_000


def test_negative_prices_are_worth_their_absolute_value() -> None:
    seen = prices(a_quote("-38", "-37", "-37.63", "18.27"))
    assert seen.unit_value(Order.parse("SELL 1 CL LMT -37.63")) == Decimal("37.63")
