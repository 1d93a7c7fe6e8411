from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from riskgate.brokers.ib import contracts
from riskgate.brokers.ib.client import load
from riskgate.errors import OrderError
from riskgate.model.instrument import Instrument, Terms

LIBRARY: Any = load()


def shown(contract: Any) -> dict[str, object]:  # noqa: ANN401  # the library's contract
    return {name: value for name, value in vars(contract).items() if value}


def test_a_stock_is_asked_for_in_dollars_at_smart() -> None:
    assert shown(contracts.asked(LIBRARY, Terms(symbol="AAPL"))) == {
        "symbol": "AAPL",
        "secType": "STK",
        "currency": "USD",
        "exchange": "SMART",
    }


def test_an_option_is_asked_for_with_all_its_terms() -> None:
    terms = Terms(
        symbol="AAPL",
        sec_type="OPT",
        expiry=date(2026, 6, 19),
        strike=Decimal("192.5"),
        right="P",
        multiplier=Decimal(100),
    )
    contract = contracts.asked(LIBRARY, terms)
    assert contract.lastTradeDateOrContractMonth == "20260619"
    assert (contract.strike, contract.right, contract.multiplier) == (192.5, "P", "100")


def test_a_fund_is_a_stock_for_ib() -> None:
    assert contracts.asked(LIBRARY, Terms(symbol="SPY", sec_type="ETF")).secType == "STK"


def test_an_order_goes_out_in_the_brokers_own_number_at_the_venue_it_names() -> None:
    future = Instrument(
        key="k",
        symbol="ES",
        sec_type="FUT",
        exchange="CME",
        expiry=date(2026, 6, 19),
        multiplier=Decimal(50),
        con_id=7,
    )
    assert shown(contracts.contract_of(LIBRARY, future, None)) == {
        "conId": 7,
        "symbol": "ES",
        "secType": "FUT",
        "currency": "USD",
        "exchange": "CME",
        "lastTradeDateOrContractMonth": "20260619",
        "multiplier": "50",
    }
    assert contracts.contract_of(LIBRARY, future, "QBALGO").exchange == "QBALGO"


def test_a_symbol_that_is_not_ascii_does_not_go_out() -> None:
    with pytest.raises(OrderError):
        contracts.asked(LIBRARY, Terms(symbol="\u00c4"))


def test_contract_details_become_an_instrument() -> None:
    details = LIBRARY.ContractDetails(
        contract=LIBRARY.Contract(
            conId=9,
            symbol="AAPL",
            secType="OPT",
            currency="USD",
            exchange="SMART",
            lastTradeDateOrContractMonth="20260619",
            strike=190.0,
            right="C",
            multiplier="100",
        ),
        minTick=0.01,
        sizeIncrement=1.0,
        underSymbol="AAPL",
        timeZoneId="US/Eastern",
        liquidHours="20260619:0930-20260619:1600",
    )
    known = contracts.instrument_of(details)
    assert known.key == "AAPL.OPT expiry=2026-06-19 strike=190 right=C"
    assert (known.multiplier, known.min_tick, known.con_id) == (
        Decimal(100),
        Decimal("0.01"),
        9,
    )
    assert (known.hours, known.zone) == ("20260619:0930-20260619:1600", "US/Eastern")
    assert known.root == "AAPL"


def test_fractions_of_a_share_are_no_lot_of_the_api() -> None:
    stock = LIBRARY.Contract(conId=1, symbol="A", secType="STK", currency="USD")
    details = LIBRARY.ContractDetails(contract=stock, minTick=0.01, sizeIncrement=0.0001)
    assert contracts.instrument_of(details).lot == Decimal(1)


def test_a_message_names_its_contract_with_ibs_fillers() -> None:
    stock = LIBRARY.Contract(
        conId=1, symbol="AAPL", secType="STK", currency="USD", right="?", strike=0.0
    )
    assert contracts.stopgap(stock).key == "AAPL"
    pound = LIBRARY.Contract(conId=2, symbol="VOD", secType="STK", currency="GBP")
    assert contracts.stopgap(pound).key == "VOD currency=GBP"


def test_an_instrument_is_named_by_what_identifies_it() -> None:
    known = Instrument(key="AAPL", symbol="AAPL", multiplier=Decimal(1))
    assert contracts.name_of(known) == Terms(symbol="AAPL", sec_type="STK", currency="USD")


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ("US/Eastern", "US/Eastern"),
        ("EST (Eastern Standard Time)", "America/New_York"),
        ("EST", "America/New_York"),
        ("JST", "Asia/Tokyo"),
        ("Europe/Berlin", "Europe/Berlin"),
        ("Mars/Olympus", None),
        ("", None),
    ],
)
def test_a_time_zone_is_found_in_the_database_or_not_known(theirs: str, ours: str | None) -> None:
    assert contracts.zone_of(theirs) == ours


@pytest.mark.parametrize(
    ("sec_type", "below_zero"),
    [("FUT", True), ("FOP", True), ("STK", False), ("OPT", False), ("CASH", False)],
)
def test_futures_and_options_on_them_may_trade_below_zero(
    sec_type: str, *, below_zero: bool
) -> None:
    contract = LIBRARY.Contract(conId=1, symbol="CL", secType=sec_type, currency="USD")
    details = LIBRARY.ContractDetails(contract=contract, minTick=0.01)
    assert contracts.instrument_of(details).negative_prices is below_zero


def test_contracts_of_equal_terms_are_told_apart_by_their_trading_class() -> None:
    def future(trading_class: str) -> Instrument:
        contract = LIBRARY.Future("SI", "20260327", "COMEX", currency="USD")
        contract.tradingClass = trading_class
        return contracts.stopgap(contract)

    assert future("SI").key == "SI.FUT expiry=2026-03-27"
    assert future("SIL").key == "SI.FUT expiry=2026-03-27 class=SIL"


def test_the_trading_class_of_a_stock_says_nothing_of_it() -> None:
    contract = LIBRARY.Stock("AAPL", "SMART", "USD")
    contract.tradingClass = "NMS"
    assert contracts.stopgap(contract).key == "AAPL"
