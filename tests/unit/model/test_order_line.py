"""The one-line order: it round-trips, and every fault of a line is named."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings

from riskgate.errors import OrderError
from riskgate.model.order import Order, Tif
from riskgate.model.order_line import number, terms_of
from riskgate.model.terms import listed
from tests.unit.model.order_strategies import LINES, orders


@pytest.mark.slow
@settings(max_examples=300, derandomize=True, deadline=None)
@given(orders())
def test_a_line_reads_back_as_the_order_that_wrote_it(order: Order) -> None:
    assert listed(order) == ()
    assert Order.parse(str(order)) == order


@pytest.mark.parametrize(
    "line",
    [
        *LINES,
        "BUY 100 AAPL MKT DAY",
        "SELL 100 AAPL LMT 190.25 GTC outside_rth=true",
        "BUY 100 AAPL STP 195 DAY",
        "BUY 100 AAPL STP_LMT 195 195.5 DAY",
        "SELL 100 AAPL TRAIL 1.5 GTC",
        "SELL 100 AAPL TRAIL 2% GTC",
        "SELL 100 AAPL TRAIL_LMT 1.5 0.1 GTC",
        "SELL 100 AAPL TRAIL_LMT 2% 0 GTC",
        "BUY 2 ES.FUT@CME LMT 5000.25 DAY expiry=2026-06-19",
        "BUY 5 AAPL.OPT LMT 3.2 DAY expiry=2026-06-19 strike=200 right=C",
        "BUY 10000 EUR.CASH@IDEALPRO LMT 1.085 DAY currency=USD",
        "BUY 100 AAPL LMT 190 GTD 2026-03-05T16:00:00-05:00",
        "SELL 1 CL.FUT LMT -37.63 DAY expiry=2020-05-19",
        'BUY 100 "BRK B" LMT 400 DAY tag="a b=c"',
        'BUY 100 "BF.B".STK@NYSE LMT 50 DAY account=DU1 intent=5 key=k algo=Twap route=r',
        "SELL 100 GME LMT 25 DAY account=DU1 locate=L-4711",
        'BUY 100 AAPL MOC DAY exchange="NYSE ARCA" multiplier=10 trigger_now=true',
        "BUY 100 GC=F LMT 190 IOC",
    ],
)
def test_a_line_is_written_as_it_was_read(line: str) -> None:
    assert str(Order.parse(line)) == line


def test_names_become_upper_case_and_the_time_in_force_defaults_to_a_day() -> None:
    order = Order.parse("buy 1_000 aapl.stk@nyse lmt 190.00 currency=usd strategy=MeanRev")
    assert str(order) == "BUY 1000 AAPL.STK@NYSE LMT 190 DAY strategy=MeanRev currency=USD"
    assert order.tif is Tif.DAY


@pytest.mark.parametrize(
    ("line", "codes"),
    [
        ("", "BAD_ORDER"),
        ("BUY 100 AAPL", "BAD_ORDER"),
        ("BUY 100 AAPL LMT 190\n", "BAD_ORDER"),
        ("BUY 100 AAPL LMT 190\x00", "BAD_ORDER"),
        ("BUY \u0661\u0660 AAPL MKT DAY", "BAD_ORDER"),
        ("BUY 100 \u00df MKT DAY", "BAD_ORDER"),
        ('BUY 100 "AAPL MKT DAY', "BAD_ORDER"),
        ("HOLD 100 AAPL MKT", "BAD_ORDER"),
        ("BUY 0 AAPL MKT", "BAD_QUANTITY"),
        ("BUY -6 AAPL MKT", "BAD_QUANTITY"),
        ("BUY NaN AAPL MKT", "BAD_QUANTITY"),
        ("BUY inf AAPL MKT", "BAD_QUANTITY"),
        ("BUY ten AAPL MKT", "BAD_QUANTITY"),
        ("BUY true AAPL MKT", "BAD_QUANTITY"),
        ("BUY 1e3 AAPL MKT", "BAD_QUANTITY"),
        ("BUY 2147483648 AAPL MKT", "BAD_QUANTITY"),
        ("BUY 1" + "0" * 400 + " AAPL MKT", "BAD_QUANTITY"),
        ("BUY 100 AAPL LMT", "BAD_PRICE"),
        ("BUY 100 AAPL LMT nan", "BAD_PRICE"),
        ("BUY 100 AAPL LMT +inf", "BAD_PRICE"),
        ("BUY 100 AAPL LMT 19O.00", "BAD_PRICE"),
        ("BUY 100 AAPL LMT 1" + "0" * 40, "BAD_PRICE"),
        ("BUY 100 AAPL LMT 190 191", "BAD_PRICE"),
        ("BUY 100 AAPL MKT 190", "BAD_PRICE"),
        ("BUY 100 AAPL STP_LMT 190", "BAD_PRICE"),
        ("SELL 100 AAPL TRAIL", "BAD_PRICE"),
        ("SELL 100 AAPL TRAIL 0", "BAD_PRICE"),
        ("SELL 100 AAPL TRAIL -1%", "BAD_PRICE"),
        ("SELL 100 AAPL TRAIL_LMT 1 -0.1", "BAD_PRICE"),
        ("SELL 100 AAPL TRAIL_LMT 1", "BAD_PRICE"),
        ("BUY 100 AAPL MKT intent=much", "BAD_PRICE"),
        ("BUY 100 AAPL MKT intent=-1", "BAD_PRICE"),
        ("BUY 100 AAPL PEG", "BAD_ORDER"),
        ("BUY 100 AAPL PEG 190 DAY", "BAD_ORDER"),
        ("BUY 100 AAPL STP 190 OPG", "BAD_TIF"),
        ("BUY 100 AAPL LMT 190 GTD", "BAD_TIF"),
        ("BUY 100 AAPL LMT 190 GTD strategy=x", "BAD_TIF"),
        ("BUY 100 AAPL LMT 190 GTD tomorrow", "BAD_TIF"),
        ("BUY 100 AAPL LMT 190 GTD 2026-03-05T16:00:00", "BAD_TIF"),
        ("BUY 100 A@PL@X.Y@ MKT colour=red", "BAD_ORDER"),
        ('BUY 100 A"B"C MKT', "BAD_ORDER"),
        ("BUY 100 AAPL MKT DAY twice", "BAD_ORDER"),
        ("BUY 100 AAPL MKT DAY tag=a tag=b", "BAD_ORDER"),
        ("BUY 100 AAPL@NYSE MKT DAY exchange=SMART", "BAD_ORDER"),
        ("BUY 100 AAPL MKT DAY outside_rth=1", "BAD_ORDER"),
        ("BUY 100 AAPL MKT DAY expiry=soon", "BAD_ORDER"),
        ("BUY 100 AAPL.XXX MKT", "BAD_ORDER"),
        ("BUY 100 AAPL.OPT MKT right=X", "BAD_ORDER"),
        ("BUY 100 AAPL.OPT MKT strike=0", "BAD_ORDER"),
        ('BUY 100 AAPL MKT tag=" a"', "BAD_ORDER"),
        ("BUY 100 AAPL MKT tag=" + "x" * 129, "BAD_ORDER"),
        ("BUY 100 AAPL MKT tag=", "BAD_ORDER"),
        ('BUY 100 AAPL MKT tag=a"b"', "BAD_ORDER"),
        ("BUY 100 AAPL MOO", "BAD_ORDER"),
        ("BUY 100 AAPL LOO 190 DAY", "BAD_ORDER"),
        ("BUY 100 AAPL MKT priority=high", "BAD_ORDER"),
        ("BUY 100 AAPL MKT priority=1.5", "BAD_ORDER"),
        ("BUY 100 AAPL MKT display_size=some", "BAD_QUANTITY"),
        ("BUY 100 AAPL STP 5 trail_stop_price=nan", "BAD_PRICE"),
        ("BUY 100 AAPL STP 5 trigger_method=first", "BAD_ORDER"),
        ("BUY 100 AAPL MKT good_after=noon", "BAD_TIF"),
        ("BUY 100 AAPL MKT conditions=often", "BAD_ORDER"),
        ("BUY 100 AAPL MIDPRICE 190 191", "BAD_PRICE"),
        ("LONG -5 AAPL LMT 190 NOW", "BAD_ORDER BAD_QUANTITY BAD_TIF"),
        ("BUY 0 AAPL LMT nan GTD tag=", "BAD_ORDER BAD_PRICE BAD_QUANTITY BAD_TIF"),
    ],
)
def test_every_fault_of_a_line_is_named_by_its_code(line: str, codes: str) -> None:
    with pytest.raises(OrderError) as caught:
        Order.parse(line)
    assert sorted(set(caught.value.codes)) == codes.split()
    assert str(caught.value).isprintable()


def test_a_number_is_plain_digits_with_sign_point_and_separators() -> None:
    assert [number(word) for word in ("10_000.5", "+1", "-.5", "007")] == [
        Decimal("10000.5"),
        Decimal(1),
        Decimal("-0.5"),
        Decimal(7),
    ]
    assert [number(w) for w in ("1e3", "", ".", "1__0", "0x1", "\u0661", "5.")] == [None] * 7


def test_a_name_stands_for_terms_as_in_an_order_line() -> None:
    terms = terms_of("ES.FUT@CME expiry=2026-06-19")
    assert (terms.symbol, terms.sec_type, terms.expiry) == ("ES", "FUT", date(2026, 6, 19))
    assert terms_of('"BRK B"').symbol == "BRK B"
    for wrong in ("", "A B"):
        with pytest.raises(OrderError):
            terms_of(wrong)


@pytest.mark.parametrize(
    ("line", "hint"),
    [
        ("BUY 100 AAPL MOO", "order type `MOO` is written as MKT OPG"),
        ("BUY 100 AAPL LOO 190 DAY", "order type `LOO` is written as LMT PRICE OPG"),
        ("BUY 100 AAPL PEG_MIT 0.1", "order type `PEG_MIT` is not supported (did you mean `PEG_M"),
        ("BUY 100 AAPL VOL 0.1", "order type `VOL` is not supported; use MKT, LMT"),
        ("BUY 100 AAPL MKT displaysize=5", "unknown key `displaysize` (did you mean `display_s"),
        ("BUY 100 AAPL MKT colour=5", "unknown key `colour`; known: strategy, account"),
        ("BUY 100 AAPL STP 5 oca_type=all", "must be one of cancel_block, reduce_block, reduce"),
    ],
)
def test_what_is_misspelt_gets_a_hint(line: str, hint: str) -> None:
    with pytest.raises(OrderError) as caught:
        Order.parse(line)
    assert hint in str(caught.value)


def test_an_order_that_says_nothing_seldom_shares_its_instructions() -> None:
    plain = Order.parse("BUY 100 AAPL MKT DAY hidden=false priority=0 trigger_method=default")
    assert plain.instructions is Order.parse("BUY 100 AAPL MKT DAY").instructions
    assert Order.parse("BUY 100 AAPL LMT 1 hidden=TRUE").instructions.hidden
