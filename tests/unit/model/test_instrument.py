"""Instruments: what is one contract, and what it is called."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from riskgate.model.instrument import Instrument, Terms, key_of

JUNE = date(2026, 6, 19)


@pytest.mark.parametrize(
    ("terms", "key"),
    [
        (Terms(symbol="AAPL"), "AAPL"),
        (Terms(symbol="AAPL", sec_type="STK", currency="USD"), "AAPL"),
        (Terms(symbol="SAP", sec_type="STK", currency="EUR"), "SAP currency=EUR"),
        (Terms(symbol="BRK B"), '"BRK B"'),
        (Terms(symbol="BF.B"), '"BF.B"'),
        (Terms(symbol="ES", sec_type="FUT", expiry=JUNE), "ES.FUT expiry=2026-06-19"),
        (
            Terms(symbol="A", sec_type="OPT", expiry=JUNE, strike=Decimal("200.0"), right="C"),
            "A.OPT expiry=2026-06-19 strike=200 right=C",
        ),
    ],
)
def test_a_key_reads_as_an_order_line_writes_it(terms: Terms, key: str) -> None:
    assert key_of(terms) == key


def test_one_expiry_strike_right_and_currency_is_one_instrument() -> None:
    options = [
        Terms(symbol="A", sec_type="OPT", right="C", expiry=expiry, strike=strike)
        for expiry in (JUNE, date(2026, 9, 18))
        for strike in (Decimal(200), Decimal(210))
    ]
    assert len({key_of(terms) for terms in options}) == 4


def test_the_terms_of_an_instrument_name_it_again() -> None:
    future = Instrument(key="x", symbol="ES", sec_type="FUT", expiry=JUNE, underlying="SPX")
    assert key_of(future.terms) == "ES.FUT expiry=2026-06-19"
    assert future.root == "SPX"
    assert Instrument(key="AAPL", symbol="AAPL").root == "AAPL"
