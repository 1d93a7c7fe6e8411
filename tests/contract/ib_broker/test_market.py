"""Instruments, prices and account values from a simulated TWS."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from riskgate.model.instrument import Terms
from riskgate.model.lifecycle import Status
from riskgate.model.report import CommissionReport, NeverSent, StatusReport
from riskgate.simulator import Drop, Fault, Options, Reject, Silent, VirtualClock, quote

if TYPE_CHECKING:
    from tests.contract.ib_broker.conftest import House, OpenHouse

MONDAY = datetime(2025, 1, 6, 15, 0, tzinfo=UTC)
AAPL = Terms(symbol="AAPL")


def test_one_symbol_is_ready_well_before_its_time_is_up(house: House) -> None:
    begun = time.monotonic()
    assert house.broker.prepare([Terms(symbol="MSFT")], 60) == ()
    assert time.monotonic() - begun < 30
    quoted = house.market.quote("MSFT")
    assert quoted is not None
    assert quoted.mid is not None
    assert (quoted.type, quoted.source) == ("live", "ib")


def test_a_stock_is_described_by_the_broker(house: House) -> None:
    known = house.market.resolve(AAPL)
    assert known is not None
    assert (known.key, known.sec_type, known.currency, known.con_id) == (
        "AAPL",
        "STK",
        "USD",
        265598,
    )
    assert (known.min_tick, known.lot) == (Decimal("0.01"), Decimal(1))
    assert known.zone == "US/Eastern"
    assert "0930" in (known.hours or "")
    assert "0400" in (known.trading_hours or "")


def test_a_future_an_option_and_a_currency_are_described(open_house: OpenHouse) -> None:
    house = open_house(clock=VirtualClock(MONDAY))
    future = Terms(symbol="ES", sec_type="FUT", expiry=date(2025, 3, 21))
    option = Terms(
        symbol="AAPL", sec_type="OPT", expiry=date(2025, 1, 17), strike=Decimal(190), right="C"
    )
    euro = Terms(symbol="EUR", sec_type="CASH", currency="USD")
    assert house.broker.prepare([future, euro], 5) == ()
    house.broker.prepare([option], 0.3)
    found = [house.market.resolve(terms) for terms in (future, option, euro)]
    assert [(one.key, one.multiplier, one.min_tick) for one in found if one] == [
        ("ES.FUT expiry=2025-03-21", Decimal(50), Decimal("0.25")),
        ("AAPL.OPT expiry=2025-01-17 strike=190 right=C", Decimal(100), Decimal("0.01")),
        ("EUR.CASH", Decimal(1), Decimal("0.00005")),
    ]


def test_what_the_broker_does_not_know_or_what_is_ambiguous_is_not_ready(house: House) -> None:
    wanted = [Terms(symbol="NOPE"), Terms(symbol="ES", sec_type="FUT"), AAPL]
    assert house.broker.prepare(wanted, 5) == tuple(wanted[:2])
    assert house.market.resolve(wanted[0]) is None
    assert house.market.resolve(wanted[1]) is None


def test_what_does_not_answer_in_time_is_not_ready_and_may_be_asked_again(
    open_house: OpenHouse,
) -> None:
    house = open_house(start=False)
    house.broker.start(house.heard)
    house.sim.inject(Fault("reqContractDetails", Silent()))
    assert house.broker.prepare([AAPL], 0.2) == (AAPL,)
    assert house.broker.prepare([AAPL], 5) == ()


def test_what_the_broker_refuses_for_another_reason_is_not_ready_but_not_unknown(
    open_house: OpenHouse,
) -> None:
    house = open_house(start=False)
    house.broker.start(house.heard)
    house.sim.inject(Fault("reqContractDetails", Reject(322, "Error processing request")))
    assert house.broker.prepare([AAPL], 5) == (AAPL,)
    assert house.broker.prepare([AAPL], 5) == ()
    assert house.market.resolve(AAPL) is not None


def test_what_cannot_be_asked_for_is_not_known(house: House) -> None:
    bond, umlaut = Terms(symbol="X", sec_type="BOND"), Terms(symbol="\u00c4")
    assert house.broker.prepare([bond, umlaut], 5) == (bond, umlaut)


def test_what_is_asked_for_when_the_connection_drops_is_not_ready(open_house: OpenHouse) -> None:
    house = open_house(start=False)
    house.broker.start(house.heard)
    house.sim.inject(Fault("reqContractDetails", Drop()))
    assert house.broker.prepare([AAPL], 5) == (AAPL,)


def test_without_time_to_wait_it_only_begins(house: House) -> None:
    wanted = Terms(symbol="IBM")
    assert house.broker.prepare([wanted], 0) == (wanted,)
    house.sim.wait_for(lambda: len(house.sim.received("reqMktData")) == 2)
    house.broker.stop()
    assert house.broker.prepare([wanted], 0) == (wanted,)


def test_a_symbol_is_subscribed_once(house: House) -> None:
    assert house.broker.prepare([AAPL, AAPL, Terms(symbol="AAPL", sec_type="STK")], 5) == ()
    assert len(house.sim.received("reqMktData")) == 1


def test_a_new_market_is_quoted_with_its_time(open_house: OpenHouse) -> None:
    clock = VirtualClock(MONDAY)
    house = open_house(clock=clock)
    clock.advance(timedelta(minutes=1))
    house.sim.set_price("AAPL", quote("200.00", "200.02", "200.01", "189.00"))
    house.broker.beat()
    quoted = house.market.quote("AAPL")
    assert quoted is not None
    assert (quoted.bid, quoted.ask, quoted.last, quoted.close) == (
        Decimal("200.00"),
        Decimal("200.02"),
        Decimal("200.01"),
        Decimal("189.00"),
    )
    assert quoted.at == MONDAY + timedelta(minutes=1)


def test_a_side_that_goes_away_has_no_price(house: House) -> None:
    house.sim.set_price("AAPL", quote(None, "190.02", "190.01", "189.00"))
    house.broker.beat()
    quoted = house.market.quote("AAPL")
    assert quoted is not None
    assert (quoted.bid, quoted.ask) == (None, Decimal("190.02"))


def test_a_quiet_market_is_as_fresh_as_the_last_heartbeat(open_house: OpenHouse) -> None:
    clock = VirtualClock(MONDAY)
    house = open_house(clock=clock)
    clock.advance(timedelta(minutes=10))
    house.broker.beat()
    quoted = house.market.quote("AAPL")
    assert quoted is not None
    assert quoted.at == MONDAY + timedelta(minutes=10)


def test_a_broken_farm_lets_prices_age(open_house: OpenHouse) -> None:
    clock = VirtualClock(MONDAY)
    house = open_house(clock=clock)
    desk = house.broker._desk
    assert desk is not None
    house.sim.announce(2103, "Market data farm connection is broken:usfarm")
    house.broker.beat()
    assert not desk.link.priced
    clock.advance(timedelta(minutes=10))
    house.broker.beat()
    quoted = house.market.quote("AAPL")
    assert quoted is not None
    assert quoted.at == MONDAY
    house.sim.announce(2104, "Market data farm connection is OK:usfarm")
    house.broker.beat()
    assert desk.link.priced
    house.broker.beat()
    quoted = house.market.quote("AAPL")
    assert quoted is not None
    assert quoted.at == MONDAY + timedelta(minutes=10)


def test_lost_subscriptions_are_made_again(house: House) -> None:
    house.sim.announce(1101, "Connectivity has been restored - data lost.")
    house.sim.wait_for(lambda: len(house.sim.received("reqMktData")) == 2)


def test_delayed_prices_are_called_so(open_house: OpenHouse) -> None:
    house = open_house(options=Options(live_data=False), market_data="delayed")
    quoted = house.market.quote("AAPL")
    assert quoted is not None
    assert quoted.type == "delayed"
    assert quoted.mid == Decimal("190.00")


def test_data_that_is_not_subscribed_is_not_ready(open_house: OpenHouse) -> None:
    house = open_house(options=Options(live_data=False), start=False)
    house.broker.start(house.heard)
    begun = time.monotonic()
    assert house.broker.prepare([AAPL], 60) == (AAPL,)
    assert time.monotonic() - begun < 30
    assert house.market.resolve(AAPL) is not None


def test_account_values_are_known_after_the_start_and_follow_trades(house: House) -> None:
    account = house.market.accounts["DU1234567"]
    assert account.net_liquidation == Decimal(1_000_000)
    assert (account.currency, account.day_pnl) == ("USD", Decimal(0))
    assert house.market.fx == {"USD": Decimal(1)}
    house.place("BUY 100 AAPL LMT 190.05 DAY", 1)
    house.wait_for(lambda: len(house.heard.of(CommissionReport)) == 2)
    house.broker.beat()
    account = house.market.accounts["DU1234567"]
    assert account.available_funds is not None
    assert account.available_funds < Decimal(1_000_000)
    assert account.day_pnl is not None
    assert account.day_pnl < 0


def test_with_several_accounts_an_order_must_name_one_of_them(open_house: OpenHouse) -> None:
    house = open_house(options=Options(accounts=("DU1", "DU2")))
    assert set(house.market.accounts) == {"DU1", "DU2"}
    house.place("BUY 1 AAPL LMT 180 DAY", 1)
    house.place("BUY 1 AAPL LMT 180 DAY account=DU2", 2)
    house.place("BUY 1 AAPL LMT 180 DAY account=DU3", 3)
    house.wait_for(lambda: len(house.heard.of(NeverSent)) == 2)
    codes = {one.order_id: one.code for one in house.heard.of(NeverSent)}
    assert codes == {1: "NO_ACCOUNT", 3: "UNKNOWN_ACCOUNT"}
    house.wait_for(lambda: bool(house.heard.of(StatusReport)))
    assert house.heard.of(StatusReport)[0].status is Status.PRE_SUBMITTED
    [request] = house.sim.received("placeOrder")
    assert request.message.text("account") == "DU2"
