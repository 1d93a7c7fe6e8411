"""Working orders: how many of ours work, and what they can still fill."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from riskgate.ledger.counters.news import Claim, Mention, Question
from riskgate.ledger.counters.working import WorkingCounter
from riskgate.model.order import Order
from riskgate.model.readings import Holding, WorkingReading
from riskgate.model.subject import Subject
from riskgate.rulekit.tallies import WorkingTally

NOON = datetime(2026, 3, 2, 17, 0, tzinfo=UTC)
BUYS = Subject(account="DU1", strategy="s", symbol="AAPL", side="BUY", instrument="AAPL")
ORDER = Order.parse("BUY 1 AAPL LMT 190")
NOTHING = Claim()


def claim(number: int, quantity: str, *, alive: bool = True) -> Claim:
    return Claim(order_id=number, quantity=Decimal(quantity), sent=NOON, alive=alive)


def gone(number: int) -> Claim:
    return claim(number, "0", alive=False)


@pytest.fixture
def counter() -> WorkingCounter:
    return WorkingCounter(WorkingTally(), ("side", "symbol"))


def read(counter: WorkingCounter, subject: Subject = BUYS) -> tuple[object, ...]:
    reading = counter.read(Question(Mention(subject, ORDER), Holding(), Holding(), NOON))
    assert isinstance(reading, WorkingReading)
    return reading.count, reading.quantity


def test_an_order_counts_until_nothing_of_it_can_fill(counter: WorkingCounter) -> None:
    assert read(counter) == (0, 0)
    counter.claim(BUYS, NOTHING, claim(1, "100"))
    counter.claim(BUYS, NOTHING, claim(2, "0.5"))
    assert read(counter) == (2, Decimal("100.5"))
    counter.claim(BUYS, claim(1, "100"), claim(1, "40"))
    assert read(counter) == (2, Decimal("40.5"))
    counter.claim(BUYS, claim(1, "40"), gone(1))
    assert read(counter) == (1, Decimal("0.5"))


def test_what_holds_nothing_yet_works_all_the_same(counter: WorkingCounter) -> None:
    counter.claim(BUYS, NOTHING, claim(1, "0"))
    assert read(counter) == (1, 0)
    counter.claim(BUYS, claim(1, "0"), gone(1))
    assert read(counter) == (0, 0)


def test_an_order_that_is_taken_out_and_put_back_counts_once(counter: WorkingCounter) -> None:
    counter.claim(BUYS, NOTHING, claim(1, "100"))
    counter.claim(BUYS, claim(1, "100"), gone(1))
    assert read(counter) == (0, 0)
    counter.claim(BUYS, gone(1), claim(1, "100"))
    assert read(counter) == (1, 100)


def test_another_instrument_or_side_has_a_budget_of_its_own(counter: WorkingCounter) -> None:
    counter.claim(BUYS, NOTHING, claim(1, "100"))
    assert read(counter, BUYS._replace(side="SELL")) == (0, 0)
    assert read(counter, BUYS._replace(instrument="AAPL 2026-06-19 200 C")) == (0, 0)
    assert read(counter, BUYS._replace(account="DU2", strategy="t")) == (1, 100)


def test_per_tells_budgets_apart_further() -> None:
    counter = WorkingCounter(WorkingTally(), ("account", "side", "symbol"))
    counter.claim(BUYS, NOTHING, claim(1, "100"))
    assert read(counter, BUYS._replace(account="DU2")) == (0, 0)
