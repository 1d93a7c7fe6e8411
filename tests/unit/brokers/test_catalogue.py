from __future__ import annotations

import pytest

from riskgate.brokers.ib.catalogue import Catalogue
from riskgate.brokers.ib.places import Place
from riskgate.errors import OrderError
from riskgate.ledger.market import Market
from riskgate.model.instrument import Instrument, Terms

AAPL = Instrument(key="AAPL", symbol="AAPL", con_id=265598)
NAME = Terms(symbol="AAPL")


@pytest.fixture
def market() -> Market:
    return Market()


@pytest.fixture
def catalogue(market: Market) -> Catalogue:
    made = Catalogue(market)
    made.add(AAPL, NAME)
    return made


def is_halted(market: Market) -> bool:
    known = market.resolve(NAME)
    assert known is not None
    return known.halted


def test_a_halt_is_written_under_every_name_and_so_is_its_end(
    market: Market, catalogue: Catalogue
) -> None:
    catalogue.halt("AAPL", halted=True)
    assert is_halted(market)
    catalogue.halt("AAPL", halted=False)
    assert not is_halted(market)


def test_contract_details_that_come_again_do_not_end_a_halt(
    market: Market, catalogue: Catalogue
) -> None:
    catalogue.halt("AAPL", halted=True)
    catalogue.add(AAPL)
    assert is_halted(market)


def test_a_halt_of_what_is_not_known_is_of_no_matter(market: Market, catalogue: Catalogue) -> None:
    catalogue.halt("MSFT", halted=True)
    assert not is_halted(market)


@pytest.mark.parametrize(
    "terms",
    [NAME, Terms(symbol="AAPL", sec_type="STK"), Terms(symbol="AAPL", currency="USD")],
)
def test_a_place_is_found_by_what_leaves_open_what_is_usual(
    catalogue: Catalogue, terms: Terms
) -> None:
    assert catalogue.place(terms, 0) == Place(265598, "SMART")


def test_a_place_is_found_by_its_number_known_or_not(catalogue: Catalogue) -> None:
    assert catalogue.place(Terms(symbol="-"), 265598) == Place(265598, "SMART")
    assert catalogue.place(Terms(symbol="-"), 7) == Place(7, "SMART")


@pytest.mark.parametrize("terms", [Terms(symbol="MSFT"), Terms(symbol="AAPL", currency="EUR")])
def test_a_name_that_was_not_prepared_has_no_place(catalogue: Catalogue, terms: Terms) -> None:
    with pytest.raises(OrderError, match="prepare it first"):
        catalogue.place(terms, 0)
