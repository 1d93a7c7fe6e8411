from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from riskgate.brokers.ib.accounts import Accounts
from riskgate.brokers.ib.catalogue import Catalogue
from riskgate.brokers.ib.prices import Prices
from riskgate.ledger.market import Market
from riskgate.model.instrument import Instrument, Terms
from riskgate.model.market import Quote
from riskgate.simulator import VirtualClock

START = datetime(2025, 1, 6, 15, tzinfo=UTC)
AAPL = Instrument(key="AAPL", symbol="AAPL", con_id=1)
BID, ASK, LAST, CLOSE = 1, 2, 4, 9


class Feed:
    """One subscription, number 5, with its board and clock."""

    def __init__(self) -> None:
        self.clock = VirtualClock(START)
        self.market = Market()
        catalogue = Catalogue(self.market)
        catalogue.add(AAPL, Terms(symbol="AAPL"))
        self.prices = Prices(self.market, catalogue, self.clock)
        self.line = self.prices.open(5, AAPL)

    def quote(self) -> Quote:
        found = self.market.quote("AAPL")
        assert found is not None
        return found

    def later(self) -> datetime:
        return self.clock.advance(timedelta(minutes=1))


@pytest.fixture
def feed() -> Feed:
    return Feed()


def test_ticks_make_a_quote(feed: Feed) -> None:
    for kind, price in ((BID, 189.99), (ASK, 190.01), (LAST, 190.0), (CLOSE, 189.0)):
        feed.prices.price(5, kind, price, 100.0)
    found = feed.quote()
    assert (found.bid, found.ask) == (Decimal("189.99"), Decimal("190.01"))
    assert (found.last, found.close, found.at) == (Decimal(190), Decimal(189), START)


def test_minus_one_without_size_is_no_price(feed: Feed) -> None:
    feed.prices.price(5, BID, 189.99, 100.0)
    feed.prices.price(5, BID, -1.0, 0.0)
    assert feed.quote().bid is None


def test_a_close_has_no_age_and_makes_nothing_ready(feed: Feed) -> None:
    feed.prices.price(5, CLOSE, 189.0, 0.0)
    assert feed.quote().at is None
    feed.prices.heartbeat()
    assert feed.quote().at is None
    assert not feed.line.ready


def test_one_side_is_not_enough_to_be_ready(feed: Feed) -> None:
    feed.prices.price(5, BID, 189.99, 100.0)
    assert not feed.line.ready
    feed.prices.price(5, ASK, 190.01, 100.0)
    assert feed.line.ready


def test_a_heartbeat_renews_what_stands_and_nothing_else(feed: Feed) -> None:
    feed.prices.price(5, LAST, 190.0, 100.0)
    later = feed.later()
    feed.prices.heartbeat()
    assert feed.quote().at == later
    assert feed.prices.refused(5, 10197)
    feed.later()
    feed.prices.heartbeat()
    assert feed.quote().at == later
    assert feed.prices.line("AAPL") is None


def test_a_last_trade_keeps_its_own_age(feed: Feed) -> None:
    feed.prices.price(5, LAST, 190.0, 100.0)
    traded = feed.quote().at
    later = feed.later()
    feed.prices.price(5, BID, 189.99, 100.0)
    feed.prices.heartbeat()
    assert (feed.quote().at, feed.quote().last_at) == (later, traded)
    feed.prices.price(5, LAST, 190.01, 100.0)
    assert feed.quote().last_at == later


def test_a_tick_shows_that_a_subscription_stands_again(feed: Feed) -> None:
    feed.prices.refused(5, 10197)
    feed.prices.price(5, LAST, 190.0, 100.0)
    later = feed.later()
    feed.prices.heartbeat()
    assert feed.quote().at == later


def test_a_warning_about_a_subscription_leaves_it_standing(feed: Feed) -> None:
    assert feed.prices.refused(5, 10167)
    assert feed.prices.line("AAPL") is feed.line
    assert not feed.prices.refused(6, 354)


@pytest.mark.parametrize(
    ("number", "name"), [(1, "live"), (2, "frozen"), (3, "delayed"), (4, "delayed-frozen")]
)
def test_the_type_of_the_data_is_said(feed: Feed, number: int, name: str) -> None:
    feed.prices.data_type(5, number)
    feed.prices.price(5, LAST, 190.0, 100.0)
    assert feed.quote().type == name


def test_prices_whose_type_was_never_said_are_not_live(feed: Feed) -> None:
    feed.prices.price(5, LAST, 190.0, 100.0)
    assert feed.quote().type == "unknown"


def test_a_delayed_tick_is_delayed_whatever_was_said(feed: Feed) -> None:
    feed.prices.data_type(5, 1)
    feed.prices.price(5, 68, 190.0, 100.0)
    assert feed.quote().type == "delayed"
    feed.prices.data_type(5, 4)
    feed.prices.price(5, 68, 190.0, 100.0)
    assert feed.quote().type == "delayed-frozen"


def test_a_type_that_is_not_known_is_never_live(feed: Feed) -> None:
    feed.prices.data_type(5, 9)
    assert feed.quote().type == "type 9"


def test_a_halt_and_its_end_are_written_on_the_instrument(feed: Feed) -> None:
    def halted() -> bool:
        known = feed.market.resolve(Terms(symbol="AAPL"))
        assert known is not None
        return known.halted

    feed.prices.generic(5, 49, 1.0)
    assert halted()
    feed.prices.generic(5, 49, -1.0)
    assert halted()
    feed.prices.generic(5, 49, 0.0)
    assert not halted()


def test_ticks_of_an_old_subscription_change_nothing(feed: Feed) -> None:
    feed.prices.open(6, AAPL)
    feed.prices.price(5, LAST, 1.0, 100.0)
    assert feed.market.quote("AAPL") is None


# -- accounts -------------------------------------------------------------------------------------


def test_account_values_are_those_of_the_base_currency_and_model() -> None:
    market, clock = Market(), VirtualClock(START)
    accounts = Accounts(market, clock)
    accounts.known(["DU1"])
    accounts.numbered_value("7", "DU1", "", "NetLiquidation", "100.50", "EUR")
    accounts.numbered_value("7", "DU1", "model", "NetLiquidation", "1", "EUR")
    accounts.numbered_value("7", "DU9", "", "NetLiquidation", "1", "EUR")
    accounts.value("DU1", "AvailableFunds", "60", "EUR")
    accounts.value("DU1", "AvailableFunds", "1", "BASE")
    accounts.value("DU1", "AccountType", "INDIVIDUAL", "")
    accounts.value("DU1", "ExchangeRate", "0.92", "USD")
    account = market.accounts["DU1"]
    assert (account.net_liquidation, account.available_funds) == (Decimal("100.50"), Decimal(60))
    assert (account.currency, account.at) == ("EUR", START)
    assert market.fx == {"USD": Decimal("0.92")}
    assert set(market.accounts) == {"DU1"}


def test_values_that_another_client_took_over_are_not_known() -> None:
    market = Market()
    accounts = Accounts(market, VirtualClock(START))
    accounts.known(["DU1"])
    accounts.value("DU1", "NetLiquidation", "100", "HKD")
    accounts.forget()
    assert market.accounts["DU1"].net_liquidation is None
    assert market.accounts["DU1"].currency == "HKD"
    assert market.accounts["DU1"].at is None


def test_rates_of_accounts_with_different_base_currencies_are_not_mixed() -> None:
    market = Market()
    accounts = Accounts(market, VirtualClock(START))
    accounts.known(["DU1", "DU2"])
    accounts.value("DU1", "ExchangeRate", "1.27", "GBP")
    accounts.value("DU1", "NetLiquidation", "100", "USD")
    assert market.fx == {"GBP": Decimal("1.27")}
    accounts.value("DU2", "ExchangeRate", "0.79", "USD")
    assert market.fx == {"GBP": Decimal("1.27")}
    accounts.value("DU2", "NetLiquidation", "100", "GBP")
    assert market.fx == {}


def test_rates_of_accounts_with_the_same_base_currency_are_one_table() -> None:
    market = Market()
    accounts = Accounts(market, VirtualClock(START))
    accounts.known(["DU1", "DU2"])
    for account, currency, rate in (("DU1", "GBP", "1.27"), ("DU2", "EUR", "1.08")):
        accounts.value(account, "ExchangeRate", rate, currency)
        accounts.value(account, "NetLiquidation", "100", "USD")
    assert market.fx == {"GBP": Decimal("1.27"), "EUR": Decimal("1.08")}


def test_the_profit_of_the_day_is_none_where_ib_has_none() -> None:
    market = Market()
    accounts = Accounts(market, VirtualClock(START))
    accounts.known(["DU1"])
    accounts.follow_profit(8, "DU1")
    accounts.profit(8, -12.5, 0.0, 0.0)
    assert market.accounts["DU1"].day_pnl == Decimal("-12.5")
    accounts.profit(8, 1.7976931348623157e308, 0.0, 0.0)
    assert market.accounts["DU1"].day_pnl is None
    accounts.profit(9, 1.0, 0.0, 0.0)
    assert market.accounts["DU1"].day_pnl is None
