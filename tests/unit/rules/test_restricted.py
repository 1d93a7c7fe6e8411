"""Restricted: the name itself, and what is written on it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest

from riskgate.model.decision import Finding
from riskgate.model.instrument import Instrument

Ask = Callable[..., dict[str, Finding]]
JUNE = date(2026, 6, 19)
OPTION = Instrument(
    key="o", symbol="AAPL", sec_type="OPT", expiry=JUNE, strike=Decimal(200), right="C"
)
FUTURE = Instrument(key="f", symbol="ES", sec_type="FUT", expiry=JUNE, underlying="SPX")
FUND = Instrument(key="SPY", symbol="SPY", sec_type="ETF")
CFD = Instrument(key="c", symbol="AAPL", sec_type="CFD")
STOCK = Instrument(key="AAPL", symbol="AAPL")


@pytest.mark.parametrize(
    ("config", "instrument", "barred"),
    [
        ("symbols: [AAPL]", STOCK, True),
        ("symbols: [aapl]", STOCK, True),
        ("symbols: [GME]", STOCK, False),
        ("symbols: [A*]", STOCK, True),
        ("symbols: ['!AAPL']", STOCK, False),
        ("symbols: ['!AAPL']", FUND, True),
        ("symbols: [AAPL]", OPTION, True),
        ("symbols: [AAPL], derivatives: false", OPTION, False),
        ("symbols: [SPX]", FUTURE, True),
        ("symbols: [ES]", FUTURE, True),
        ("symbols: [SPX], derivatives: false", FUTURE, False),
        ("symbols: [SPY], derivatives: false", FUND, True),
        ("symbols: [AAPL], derivatives: false", CFD, True),
    ],
)
def test_a_name_bars_itself_and_unless_told_otherwise_what_is_written_on_it(
    ask: Ask, config: str, instrument: Instrument, *, barred: bool
) -> None:
    line = f"BUY 1 {instrument.symbol} LMT 190"
    (answer,) = ask("restricted", config, line, instrument=instrument).values()
    assert answer.verdict == ("BREACH" if barred else "PASS")
