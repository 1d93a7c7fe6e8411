"""Crossings: the best opposite price among our own orders, by whose they are."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskgate.ledger.counters.crossings import CrossingCounter
from riskgate.ledger.counters.news import Claim, Mention, Question
from riskgate.model.order import Order
from riskgate.model.readings import CrossingReading, Holding, Opposite
from riskgate.model.subject import Subject
from riskgate.rulekit.tallies import CrossingTally

NOON = datetime(2026, 3, 2, 17, 0, tzinfo=UTC)
BUYS = Subject(account="DU1", strategy="s", symbol="AAPL", side="BUY", instrument="AAPL")
SELLS = BUYS._replace(side="SELL")
ORDER = Order.parse("BUY 1 AAPL LMT 190")
NOTHING = Claim()
NOBODY = Opposite()


def claim(number: int, *limits: str | None, group: int = 0, quantity: int = 1) -> Claim:
    prices = tuple(None if limit is None else Decimal(limit) for limit in limits)
    return Claim(
        order_id=number,
        quantity=Decimal(quantity),
        limits=prices,
        sent=NOON,
        group=group,
        alive=quantity > 0,
    )


@pytest.fixture
def counter() -> CrossingCounter:
    return CrossingCounter(CrossingTally(), ("symbol",))


def read(counter: CrossingCounter, subject: Subject = BUYS, group: int = 0) -> CrossingReading:
    asked = Mention(subject, ORDER, group=group)
    return counter.read(Question(asked, Holding(), Holding(), NOON))


def best(price: str) -> Opposite:
    return Opposite(Decimal(price))


def test_a_buy_meets_the_lowest_sell_and_a_sell_the_highest_buy(counter: CrossingCounter) -> None:
    for number, price in enumerate(("191", "-3.5", "190"), 1):
        counter.claim(SELLS, NOTHING, claim(number, price))
        counter.claim(BUYS, NOTHING, claim(number + 3, price))
    assert read(counter).account == best("-3.5")
    assert read(counter, SELLS).account == best("191")


def test_an_order_that_is_gone_is_met_by_nobody(counter: CrossingCounter) -> None:
    counter.claim(SELLS, NOTHING, claim(1, "190"))
    counter.claim(SELLS, NOTHING, claim(2, "191"))
    counter.claim(SELLS, claim(1, "190"), claim(1, "190", quantity=0))
    assert read(counter).firm == best("191")
    counter.claim(SELLS, claim(2, "191"), claim(2, "191", quantity=0))
    assert read(counter) == CrossingReading()


def test_the_remainder_of_an_order_is_met_at_the_same_price(counter: CrossingCounter) -> None:
    counter.claim(SELLS, NOTHING, claim(1, "190", quantity=9))
    counter.claim(SELLS, claim(1, "190", quantity=9), claim(1, "190", quantity=4))
    counter.claim(SELLS, claim(1, "190", quantity=4), claim(1, "190", quantity=0))
    assert read(counter) == CrossingReading()


def test_all_terms_that_the_broker_may_hold_are_met(counter: CrossingCounter) -> None:
    first, both, second = claim(1, "190"), claim(1, "190", "189"), claim(1, "189")
    counter.claim(SELLS, NOTHING, first)
    counter.claim(SELLS, first, both)
    assert read(counter).account == best("189")
    counter.claim(SELLS, both, claim(1, "190", "189", "189"))
    counter.claim(SELLS, claim(1, "190", "189", "189"), second)
    assert read(counter).account == best("189")
    counter.claim(SELLS, second, first)
    assert read(counter).account == best("190")


def test_an_order_without_a_limit_is_known_as_such(counter: CrossingCounter) -> None:
    counter.claim(SELLS, NOTHING, claim(1, None))
    counter.claim(SELLS, NOTHING, claim(2, "190"))
    assert read(counter).account == Opposite(Decimal(190), unpriced=True)
    counter.claim(SELLS, claim(1, None), claim(1, None, quantity=0))
    assert read(counter).account == best("190")


def test_whose_an_order_is_decides_who_meets_it(counter: CrossingCounter) -> None:
    counter.claim(SELLS._replace(strategy="t"), NOTHING, claim(1, "190"))
    counter.claim(SELLS._replace(account="DU2"), NOTHING, claim(2, "191"))
    assert read(counter) == CrossingReading(best("190"), best("191"), best("190"))
    stranger = BUYS._replace(account="DU3", strategy="u")
    assert read(counter, stranger) == CrossingReading(NOBODY, NOBODY, best("190"))


def test_another_instrument_is_never_met(counter: CrossingCounter) -> None:
    counter.claim(SELLS, NOTHING, claim(1, "190"))
    assert read(counter, BUYS._replace(instrument="AAPL 2026-06-19 200 C")) == CrossingReading()


def test_legs_of_one_bracket_never_meet_and_those_of_two_do(counter: CrossingCounter) -> None:
    counter.claim(BUYS, NOTHING, claim(1, "190", group=1))
    counter.claim(SELLS, NOTHING, claim(2, "189", group=1))
    counter.claim(SELLS, NOTHING, claim(3, None, group=1))
    assert read(counter, group=1) == CrossingReading()
    assert read(counter, SELLS, group=1) == CrossingReading()
    assert read(counter, group=7).account == Opposite(Decimal(189), unpriced=True)
    assert read(counter).account == Opposite(Decimal(189), unpriced=True)
    counter.claim(SELLS, NOTHING, claim(4, "192"))
    assert read(counter, group=1).account == best("192")


def test_a_leg_that_is_taken_out_and_put_back_still_has_its_bracket(
    counter: CrossingCounter,
) -> None:
    leg = claim(2, "189", group=1)
    counter.claim(SELLS, NOTHING, leg)
    counter.claim(SELLS, leg, leg._replace(alive=False))
    counter.claim(SELLS, leg._replace(alive=False), leg)
    assert read(counter, group=1) == CrossingReading()


@given(st.lists(st.tuples(st.integers(1, 6), st.sampled_from([None, "1", "2", "3"]))))
def test_whatever_comes_and_goes_the_best_is_that_of_what_works(
    changes: list[tuple[int, str | None]],
) -> None:
    counter = CrossingCounter(CrossingTally(), ("symbol",))
    now = dict.fromkeys(range(1, 7), NOTHING)
    for number, limit in changes:
        after = claim(number, limit, quantity=0 if now[number].alive else 1)
        before, now[number] = now[number], after
        counter.claim(SELLS, before, after)
    prices = [one.limits[0] for one in now.values() if one.alive]
    found = read(counter).account
    assert found.best == min((price for price in prices if price is not None), default=None)
    assert found.unpriced is (None in prices)
