"""Shortcuts: what they may not say, and for whom there is none."""

from __future__ import annotations

from decimal import Decimal

import pytest

from riskgate.model.instrument import Instrument
from riskgate.model.order import OrderType, Side, Tif
from riskgate.model.subject import Subject
from riskgate.rulekit.surely import Alike, amount_in, priced, priced_within, worth_at_most

DOLLARS = Alike(
    Side.BUY, OrderType.LMT, Tif.DAY, True, Subject(), Instrument(key="AAPL", symbol="AAPL")
)


def test_a_limit_in_another_currency_is_measured() -> None:
    assert worth_at_most(Decimal(1), "EUR", DOLLARS) is None
    assert worth_at_most(Decimal(1), "USD", DOLLARS) is not None


def test_orders_without_a_limit_price_are_asked_no_more_than_a_usable_market() -> None:
    market = Alike(Side.BUY, OrderType.MKT, Tif.DAY, False, DOLLARS.subject, DOLLARS.instrument)
    assert priced_within(Decimal(1), Decimal(0), market) == priced("True")


def test_an_amount_in_several_currencies_is_for_the_measurement() -> None:
    assert amount_in({}, "USD") == 0
    assert amount_in({"USD": Decimal(5)}, "USD") == 5
    for values in ({"EUR": Decimal(5)}, {"EUR": Decimal(5), "USD": Decimal(5)}):
        with pytest.raises(KeyError):
            amount_in(values, "USD")
