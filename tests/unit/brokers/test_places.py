from __future__ import annotations

from decimal import Decimal

import pytest

from riskgate.brokers.ib.places import Place, find, named, numbered, read, unknown_place
from riskgate.errors import OrderError
from riskgate.model.instrument import Terms


@pytest.mark.parametrize(
    ("text", "con_id", "venue"),
    [("#265598@SMART", 265598, "SMART"), ("#265598", 265598, "")],
)
def test_a_number_is_the_brokers_own(text: str, con_id: int, venue: str) -> None:
    found = read(text)
    assert (found.terms, found.con_id, found.venue) == (None, con_id, venue)


def test_a_name_is_as_an_order_line_writes_it() -> None:
    found = read("ES.FUT@CME")
    assert found.terms is not None
    assert (found.terms.symbol, found.terms.sec_type, found.venue) == ("ES", "FUT", "CME")


@pytest.mark.parametrize("text", ["#", "#0", "#12x", "#12@", "@SMART", "a b"])
def test_what_names_no_contract_is_refused(text: str) -> None:
    with pytest.raises(OrderError):
        read(text)


def test_a_stated_venue_counts_more_than_the_usual_one() -> None:
    def finder(terms: Terms, number: int) -> Place:
        return Place(number or len(terms.symbol), "SMART")

    assert find("AAPL", finder) == Place(4, "SMART")
    assert find("AAPL@ARCA", finder) == Place(4, "ARCA")
    assert find("#7@ARCA", finder) == Place(7, "ARCA")


def test_without_a_finder_a_number_is_enough_and_a_name_is_not() -> None:
    assert unknown_place(Terms(symbol="-"), 7) == Place(7, "SMART")
    with pytest.raises(OrderError, match="prepare it first") as caught:
        unknown_place(Terms(symbol="AAPL", strike=Decimal(1)), 0)
    assert caught.value.codes == ("UNKNOWN_INSTRUMENT",)


def test_places_are_written_as_order_lines_have_them() -> None:
    assert numbered(7, "ARCA") == "#7@ARCA"
    assert numbered(7, "") == "#7"
    assert named("AAPL", "STK", "SMART") == "AAPL.STK@SMART"
    assert named("BRK B", "", "") == '"BRK B"'
