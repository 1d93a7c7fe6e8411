"""The look before the decision: accounts and ticks filled in, the hours of the contract."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

import msgspec
import pytest

from riskgate.model.account import Account
from riskgate.model.instrument import Instrument, Terms
from riskgate.model.order import Order

if TYPE_CHECKING:
    from tests.unit.conftest import Stage

OWN_HOURS = """
riskgate: 1
policy: desk
timezone: UTC
currency: USD
rules:
  - {id: own, kind: market_hours, calendar: IB, sessions: [pre, regular], because: test}
"""
TODAY = "20260302:0930-20260302:1600"
LONGER = "20260302:0400-20260302:2000"


@pytest.mark.parametrize(
    ("price", "expected"),
    [
        (190.1, "190.1"),
        (0.1 + 0.2, "0.3"),
        (189.99999999999997, "190"),
        (190.004, "190.004"),
        (190.000001, "190.000001"),
    ],
)
def test_a_float_price_is_moved_to_the_tick_that_it_means(
    stage: Stage, price: float, expected: str
) -> None:
    order = Order.parse("BUY 1 AAPL LMT 1")
    stated = msgspec.structs.replace(order, limit_price=Decimal(repr(price)))
    resolved = stage.gate.world.resolve(stated, frozenset({"limit_price", "quantity"}))
    assert resolved.limit_price == Decimal(expected)


def test_a_decimal_price_is_left_as_it_is(stage: Stage) -> None:
    order = Order.parse("BUY 1 AAPL LMT 189.99999999999997")
    assert stage.gate.world.resolve(order).limit_price == Decimal("189.99999999999997")


def test_prices_of_an_unknown_instrument_or_without_a_tick_are_left(stage: Stage) -> None:
    floats = frozenset({"limit_price", "stop_price"})
    unknown = Order.parse("BUY 1 ES.FUT LMT 189.99999999999997")
    assert stage.gate.world.resolve(unknown, floats).limit_price == unknown.limit_price
    free = Instrument(key="FREE", symbol="FREE", min_tick=Decimal(0))
    stage.market.list_instrument(Terms(symbol="FREE"), free)
    order = Order.parse("BUY 1 FREE LMT 189.99999999999997")
    assert stage.gate.world.resolve(order, floats).limit_price == order.limit_price


def test_the_only_account_is_filled_in_and_never_one_of_several(stage: Stage) -> None:
    order = Order.parse("BUY 1 AAPL LMT 190")
    assert stage.gate.world.resolve(order).account == "DU1234567"
    stage.market.set_account(Account(id="DU2"))
    assert stage.gate.world.resolve(order).account is None


@pytest.mark.parametrize(
    ("hours", "trading", "at", "codes"),
    [
        (TODAY, None, 15, ()),
        (TODAY, None, 13, ("",)),
        (TODAY, LONGER, 13, ()),
        (TODAY, "nonsense", 13, ("NO_HOURS",)),
        ("nonsense", None, 15, ("NO_HOURS",)),
        (None, None, 15, ("NO_HOURS",)),
    ],
)
def test_a_contracts_own_hours_decide_and_doubt_denies(
    staged: Callable[[str], Stage],
    hours: str | None,
    trading: str | None,
    at: int,
    codes: tuple[str],
) -> None:
    stage = staged(OWN_HOURS)
    stage.clock.set(datetime(2026, 3, 2, at, 0, tzinfo=UTC))
    zone = "America/New_York"
    listed = Instrument(key="AAPL", symbol="AAPL", hours=hours, trading_hours=trading, zone=zone)
    stage.market.list_instrument(Terms(symbol="AAPL"), listed)
    decision = stage.gate.submit("BUY 1 AAPL LMT 190").decision
    assert tuple(finding.code for finding in decision.breaches) == codes


def test_a_price_that_cannot_be_one_is_no_price(stage: Stage) -> None:
    stage.quote("AAPL", "-1", "190.01")
    quote = stage.market.quote("AAPL")
    assert quote is not None
    assert (quote.bid, quote.mid, quote.mark) == (None, None, None)
    stage.quote("AAPL", "NaN", "190.01")
    assert stage.gate.submit("BUY 1 AAPL LMT 190").decision.codes == ("NO_PRICE",)


def test_what_is_not_listed_is_assumed_only_where_the_tests_notation_does(stage: Stage) -> None:
    resolve = stage.market.resolve
    option = Order.parse("BUY 1 AAPL.OPT MKT expiry=2026-06-19 strike=200 right=C").terms
    pair = Order.parse("BUY 1 EUR.CASH MKT currency=USD").terms
    strange = Order.parse("BUY 1 AAPL MKT strike=5").terms
    found = resolve(option)
    assert found is not None
    assert found.multiplier == 100
    found = resolve(pair)
    assert found is not None
    assert found.min_tick == Decimal("0.00005")
    assert resolve(strange) is None
    assert resolve(Terms(symbol="ES", sec_type="FUT")) is None
    assert stage.market.instrument("AAPL") is None


def test_without_a_state_of_its_own_a_symbol_has_that_of_everybody(stage: Stage) -> None:
    stage.gate.halt(reason="smoke", by="m.ruiz")
    assert set(stage.gate.submit("BUY 1 ES.FUT LMT 5").decision.codes) >= {"UNKNOWN_INSTRUMENT"}
