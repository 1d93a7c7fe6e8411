"""What a name stands for."""

from __future__ import annotations

from riskgate.ledger.market import Market
from riskgate.model.instrument import Instrument, Terms

FUTURE = Instrument(key="ES.FUT", symbol="ES", sec_type="FUT")
BARE = Terms(symbol="ES")


def test_a_name_that_nobody_knows_takes_no_other_of_its_symbol_away() -> None:
    market = Market()
    market.list_instrument(FUTURE.terms, FUTURE)
    market.delist(BARE)
    assert market.resolve(BARE) is None
    assert market.resolve(FUTURE.terms) == FUTURE


def test_where_names_are_assumed_a_symbol_that_nobody_knows_is_not() -> None:
    market = Market(assume=True)
    assert market.resolve(Terms(symbol="ES", sec_type="STK")) is not None
    market.delist(BARE)
    assert market.resolve(Terms(symbol="ES", sec_type="STK")) is None


def test_a_name_that_is_listed_again_is_known_again() -> None:
    market = Market()
    market.delist(FUTURE.terms)
    assert market.resolve(FUTURE.terms) is None
    market.list_instrument(FUTURE.terms, FUTURE)
    assert market.resolve(FUTURE.terms) == FUTURE


def test_a_fund_that_is_listed_as_one_is_found_by_its_own_name() -> None:
    market = Market()
    for kind in ("ETF", "STK"):
        fund = Instrument(key="SPY.ETF", symbol="SPY", sec_type=kind)
        market.list_instrument(Terms(symbol="SPY", sec_type="ETF"), fund)
        assert market.resolve(Terms(symbol="SPY", sec_type="ETF")) == fund
