"""Holdings: the worst case of every budget, in units and at mark."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from riskgate.ledger.counters.holdings import HoldingsCounter
from riskgate.ledger.counters.news import Mention, Question
from riskgate.model.instrument import Instrument
from riskgate.model.order import Order
from riskgate.model.readings import Holding, HoldingsReading
from riskgate.model.subject import Subject, holding_subject
from riskgate.rulekit.tallies import HoldingsTally

NOON = datetime(2026, 3, 2, 17, 0, tzinfo=UTC)
ORDER = Order.parse("BUY 1 AAPL LMT 190")
AAPL = Instrument(key="AAPL", symbol="AAPL")
ES = Instrument(key="ES", symbol="ES", sec_type="FUT", multiplier=Decimal(50))
DAX = Instrument(key="DAX", symbol="DAX", sec_type="FUT", currency="EUR", multiplier=Decimal(25))


def held(position: int, buys: int = 0, sells: int = 0) -> Holding:
    return Holding(Decimal(position), Decimal(buys), Decimal(sells))


def cell(instrument: Instrument, strategy: str = "", account: str = "DU1") -> Subject:
    return holding_subject(account, instrument, strategy)


def put(
    counter: HoldingsCounter, instrument: Instrument, holding: Holding, mark: int | None
) -> None:
    price = None if mark is None else Decimal(mark)
    counter.holding(cell(instrument), holding, instrument, price)


def read(counter: HoldingsCounter, whole: Holding | None = None) -> HoldingsReading:
    own = whole or Holding()
    return counter.read(Question(Mention(cell(AAPL), ORDER), own, own, NOON))


@pytest.fixture
def counter() -> HoldingsCounter:
    return HoldingsCounter(HoldingsTally(valued=True), ("account", "side"))


def test_longs_never_offset_shorts(counter: HoldingsCounter) -> None:
    put(counter, ES, held(3, buys=2, sells=9), 5000)
    put(counter, DAX, held(-4, buys=1, sells=1), 18000)
    reading = read(counter)
    assert reading.other_longs == 5
    assert reading.other_shorts == 11
    assert reading.other_long_values == {"USD": Decimal(5 * 50 * 5000)}
    assert reading.other_short_values == {
        "USD": Decimal(6 * 50 * 5000),
        "EUR": Decimal(5 * 25 * 18000),
    }


def test_the_orders_own_holding_is_apart_from_the_others(counter: HoldingsCounter) -> None:
    put(counter, AAPL, held(7), 190)
    put(counter, ES, held(1), 5000)
    reading = read(counter, held(7))
    assert reading.own == held(7)
    assert reading.other_longs == 1
    assert reading.other_long_values == {"USD": Decimal(250_000)}


def test_what_has_no_mark_is_named_on_its_side_until_it_has_one(counter: HoldingsCounter) -> None:
    put(counter, ES, held(1), None)
    put(counter, DAX, held(-1), None)
    assert read(counter).unmarked_longs == ("ES",)
    assert read(counter).unmarked_shorts == ("DAX",)
    put(counter, ES, held(1), -20)
    assert read(counter).unmarked_longs == ()
    assert read(counter).other_long_values == {"USD": Decimal(1000)}
    put(counter, ES, held(0), None)
    assert read(counter).unmarked_longs == ()
    assert read(counter).other_long_values == {}


def test_another_account_has_a_budget_of_its_own(counter: HoldingsCounter) -> None:
    counter.holding(cell(ES, account="DU2"), held(5), ES, Decimal(1))
    assert read(counter) == HoldingsReading()


def test_with_strategy_in_per_only_its_own_part_counts() -> None:
    counter = HoldingsCounter(HoldingsTally(), ("strategy",))
    assert counter.by_strategy
    counter.holding(cell(ES, "s"), held(5), ES, None)
    counter.holding(cell(ES, "t"), held(3), ES, None)
    asked = Mention(cell(AAPL, "s"), ORDER)
    reading = counter.read(Question(asked, held(9), held(2), NOON))
    assert reading.own == held(2)
    assert reading.other_longs == 5
