"""The snapshot: reductions, money in other currencies, and what is not known."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from riskgate.errors import MissingData
from riskgate.model.account import Account
from riskgate.model.instrument import Instrument
from riskgate.model.market import Quote
from riskgate.model.order import Order
from riskgate.model.readings import Holding
from riskgate.model.snapshot import Replaced, Snapshot

NOW = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
AAPL = Instrument(key="AAPL", symbol="AAPL")


def holding(position: int, buys: int = 0, sells: int = 0) -> Snapshot:
    held = Holding(Decimal(position), Decimal(buys), Decimal(sells))
    return Snapshot(as_of=NOW, instrument=AAPL, holding=held)


@pytest.mark.parametrize(
    ("seen", "line", "reduces"),
    [
        (holding(100), "SELL 100 AAPL MKT", True),
        (holding(100), "SELL 101 AAPL MKT", False),
        (holding(100, sells=60), "SELL 40 AAPL MKT", True),
        (holding(100, sells=60), "SELL 41 AAPL MKT", False),
        (holding(100, buys=60), "SELL 100 AAPL MKT", True),
        (holding(100, sells=150), "SELL 1 AAPL MKT", False),
        (holding(100), "BUY 1 AAPL MKT", False),
        (holding(-100), "BUY 100 AAPL MKT", True),
        (holding(-100, buys=1), "BUY 100 AAPL MKT", False),
        (holding(-100), "SELL 1 AAPL MKT", False),
        (holding(0), "BUY 1 AAPL MKT", False),
        (holding(0), "SELL 1 AAPL MKT", False),
    ],
)
def test_a_reduction_fits_whole_into_what_is_left_of_the_position(
    seen: Snapshot, line: str, *, reduces: bool
) -> None:
    assert seen.is_reduction(Order.parse(line)) is reduces


@pytest.mark.parametrize(
    ("old", "new", "reduces"),
    [
        ("BUY 100 AAPL LMT 190", "BUY 100 AAPL LMT 190", True),
        ("BUY 100 AAPL LMT 190", "BUY 50 AAPL LMT 189", True),
        ("BUY 100 AAPL LMT 190", "BUY 101 AAPL LMT 189", False),
        ("BUY 100 AAPL LMT 190", "BUY 50 AAPL LMT 190.01", False),
        ("SELL 100 AAPL LMT 190", "SELL 100 AAPL LMT 191", True),
        ("SELL 100 AAPL LMT 190", "SELL 100 AAPL LMT 189.99", False),
        ("BUY 100 AAPL MKT", "BUY 50 AAPL MKT", True),
        ("BUY 100 AAPL STP 200", "BUY 50 AAPL STP 200", True),
        ("BUY 100 AAPL STP 200", "BUY 50 AAPL STP 201", False),
        ("SELL 100 AAPL TRAIL 1", "SELL 50 AAPL TRAIL 2", False),
        ("SELL 100 AAPL TRAIL 1%", "SELL 100 AAPL TRAIL 2%", False),
        ("SELL 9 AAPL TRAIL_LMT 1 0.1", "SELL 9 AAPL TRAIL_LMT 1 0.1", True),
        ("SELL 9 AAPL TRAIL_LMT 1 0.1", "SELL 9 AAPL TRAIL_LMT 1 0.2", False),
        ("BUY 100 AAPL MKT", "BUY 50 AAPL LMT 190", False),
        ("BUY 100 AAPL MKT", "SELL 50 AAPL MKT", False),
        ("BUY 100 AAPL MIT 180", "BUY 50 AAPL MIT 180", True),
        ("BUY 100 AAPL MIT 180", "BUY 50 AAPL MIT 181", False),
        ("BUY 100 AAPL REL 0.01 190", "BUY 50 AAPL REL 0.01 189", True),
        ("BUY 100 AAPL REL 0.01", "BUY 50 AAPL REL 0.02", False),
        ("BUY 9 AAPL LMT 190 discretionary_amount=1", "BUY 9 AAPL LMT 190", False),
        ("BUY 9 AAPL LMT 190 hidden=true", "BUY 8 AAPL LMT 190 hidden=true", True),
        ("SELL 9 AAPL TRAIL 1 trail_stop_price=9", "SELL 9 AAPL TRAIL 1", False),
    ],
)
def test_a_modify_that_is_neither_larger_nor_keener_is_a_reduction(
    old: str, new: str, *, reduces: bool
) -> None:
    seen = Snapshot(as_of=NOW, instrument=AAPL, replaced=Replaced(Order.parse(old)))
    assert seen.is_reduction(Order.parse(new)) is reduces


def test_a_modify_is_compared_with_all_terms_that_may_be_live() -> None:
    echoed, waits = Order.parse("BUY 100 AAPL LMT 190"), Order.parse("BUY 250 AAPL LMT 189")
    replaced = Replaced(waits, also=(echoed,))
    seen = Snapshot(as_of=NOW, instrument=AAPL, replaced=replaced)
    assert not seen.is_reduction(Order.parse("BUY 180 AAPL LMT 189"))
    assert not seen.is_reduction(Order.parse("BUY 100 AAPL LMT 190"))
    assert seen.is_reduction(Order.parse("BUY 100 AAPL LMT 189"))


def test_a_modify_that_fits_into_the_position_is_a_reduction_unless_its_trigger_moves() -> None:
    held = Holding(Decimal(100))
    old = Order.parse("SELL 50 AAPL STP_LMT 180 179")
    seen = Snapshot(as_of=NOW, instrument=AAPL, holding=held, replaced=Replaced(old))
    assert seen.is_reduction(Order.parse("SELL 100 AAPL STP_LMT 180 178"))
    assert not seen.is_reduction(Order.parse("SELL 50 AAPL STP_LMT 181 180"))


def test_what_a_modify_adds_is_what_can_still_fill() -> None:
    replaced = Replaced(Order.parse("SELL 100 AAPL LMT 190"), Decimal(60))
    seen = Snapshot(as_of=NOW, instrument=AAPL, holding=Holding(Decimal(40)), replaced=replaced)
    order = Order.parse("SELL 100 AAPL LMT 189")
    assert seen.adds(order) == 40
    assert seen.is_reduction(order)
    assert holding(0).adds(order) == 100


@pytest.mark.parametrize("rate", ["0.7", "1.08", "3", "0.0091"])
def test_money_is_exchanged_without_losing_the_last_cent(rate: str) -> None:
    seen = Snapshot(as_of=NOW, fx={"EUR": Decimal(rate), "GBP": Decimal("1.31")})
    for cents in range(1, 20_000, 7):
        euros = Decimal(cents) / 100
        assert seen.exchanged(euros * Decimal(rate), "USD", "EUR") == euros
        assert seen.exchanged(euros, "EUR", "USD") == euros * Decimal(rate)
    assert seen.exchanged(Decimal(5), "JPY", "JPY") == 5


@pytest.mark.parametrize("fx", [{}, {"EUR": Decimal(0)}, {"EUR": Decimal("NaN")}])
def test_without_a_rate_there_is_no_amount(fx: dict[str, Decimal]) -> None:
    seen = Snapshot(as_of=NOW, fx=fx)
    for source, target in (("EUR", "USD"), ("USD", "EUR")):
        with pytest.raises(MissingData, match="EUR") as caught:
            seen.exchanged(Decimal(1), source, target)
        assert caught.value.code == "NO_FX"
    assert seen.converted({"EUR": Decimal(0), "USD": Decimal(3)}, "USD") == 3


def test_notional_is_quantity_times_multiplier_times_the_worst_price_times_the_rate() -> None:
    bund = Instrument(key="B", symbol="B", currency="EUR", multiplier=Decimal(1000))
    quote = Quote(bid=Decimal(130), ask=Decimal(132), at=NOW)
    seen = Snapshot(as_of=NOW, instrument=bund, quote=quote, fx={"EUR": Decimal("1.1")})
    order = Order.parse("BUY 2 B LMT 131")
    assert seen.notional(order, "USD") == 2 * 1000 * 131 * Decimal("1.1")
    assert seen.notional(order, "EUR", Decimal(5)) == 5 * 1000 * 131


def test_an_instrument_that_is_not_known_is_missing() -> None:
    with pytest.raises(MissingData) as caught:
        _ = Snapshot(as_of=NOW).contract
    assert caught.value.code == "UNKNOWN_INSTRUMENT"


@pytest.mark.parametrize(
    ("aged", "found"),
    [(timedelta(seconds=60), True), (timedelta(seconds=61), False), (None, False)],
)
def test_what_is_known_of_an_account_may_be_too_old(aged: timedelta | None, *, found: bool) -> None:
    at = None if aged is None else NOW - aged
    account = Account(id="DU1", net_liquidation=Decimal(5), at=at)
    seen = Snapshot(as_of=NOW, account=account, account_max_age=timedelta(seconds=60))
    if found:
        assert seen.account_value("net_liquidation") == Decimal(5)
    else:
        with pytest.raises(MissingData, match="the account's net liquidation is too old"):
            seen.account_value("net_liquidation")
