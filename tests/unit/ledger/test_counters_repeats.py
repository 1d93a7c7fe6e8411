"""Repeats: distinct orders inside a window, filled or in flight."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskgate.ledger.counters.news import Claim, Mention, Question
from riskgate.ledger.counters.repeats import RepeatCounter
from riskgate.model.order import Order
from riskgate.model.readings import CountReading, Holding
from riskgate.model.subject import Subject
from riskgate.rulekit.tallies import RepeatTally

NOON = datetime(2026, 3, 2, 17, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
MOMENT = timedelta(microseconds=1)
BUYS = Subject(account="DU1", strategy="s", symbol="QM", side="BUY", instrument="QM 1")
ORDER = Order.parse("BUY 1 QM LMT 70")
NOTHING = Claim()


def working(number: int, at: datetime = NOON, quantity: int = 1) -> Claim:
    return Claim(order_id=number, quantity=Decimal(quantity), sent=at, alive=True)


def dead(number: int, at: datetime = NOON) -> Claim:
    return Claim(order_id=number, sent=at)


def filled(number: int, at: datetime = NOON) -> Claim:
    return Claim(order_id=number, filled=True, sent=at)


@pytest.fixture
def counter() -> RepeatCounter:
    return RepeatCounter(RepeatTally(SECOND), ("side", "strategy", "symbol"))


def count(counter: RepeatCounter, at: datetime = NOON, subject: Subject = BUYS) -> int:
    question = Question(Mention(subject, ORDER), Holding(), Holding(), at)
    reading = counter.read(question)
    assert isinstance(reading, CountReading)
    return reading.count


def test_what_is_in_flight_counts_and_what_died_without_a_fill_does_not(
    counter: RepeatCounter,
) -> None:
    assert count(counter) == 0
    for number in range(1, 4):
        counter.claim(BUYS, NOTHING, working(number))
    assert count(counter) == 3
    counter.claim(BUYS, working(2), dead(2))
    assert count(counter) == 2
    counter.claim(BUYS, working(1), filled(1))
    assert count(counter) == 2


def test_a_fill_after_the_end_brings_an_order_back(counter: RepeatCounter) -> None:
    counter.claim(BUYS, NOTHING, working(1))
    counter.claim(BUYS, working(1), dead(1))
    assert count(counter) == 0
    counter.claim(BUYS, dead(1), filled(1))
    assert count(counter) == 1
    counter.claim(BUYS, filled(1), dead(1))
    assert count(counter) == 0


def test_what_holds_nothing_yet_is_in_flight(counter: RepeatCounter) -> None:
    exit_of_a_bracket = working(2, quantity=0)
    counter.claim(BUYS, NOTHING, exit_of_a_bracket)
    assert count(counter) == 1
    counter.claim(BUYS, exit_of_a_bracket, dead(2))
    assert count(counter) == 0


def test_the_window_is_open_at_its_beginning(counter: RepeatCounter) -> None:
    counter.claim(BUYS, NOTHING, working(1))
    assert count(counter, NOON + SECOND - MOMENT) == 1
    assert count(counter, NOON + SECOND) == 0


def test_what_has_left_the_window_never_comes_back(counter: RepeatCounter) -> None:
    counter.claim(BUYS, NOTHING, working(1))
    counter.claim(BUYS, NOTHING, working(2, NOON + SECOND))
    assert count(counter, NOON + SECOND) == 1
    counter.claim(BUYS, working(1), working(1, quantity=2))
    counter.claim(BUYS, working(1), filled(1))
    counter.claim(BUYS, filled(1), dead(1))
    assert count(counter, NOON + SECOND) == 1


def test_another_strategy_instrument_or_side_has_a_budget_of_its_own(
    counter: RepeatCounter,
) -> None:
    counter.claim(BUYS, NOTHING, working(1))
    for other in ({"strategy": "t"}, {"instrument": "QM 2"}, {"side": "SELL"}):
        assert count(counter, subject=BUYS._replace(**other)) == 0
    assert count(counter, subject=BUYS._replace(account="DU2", tif="GTC")) == 1


def test_an_order_from_before_the_story_is_before_every_window(counter: RepeatCounter) -> None:
    given = Claim(order_id=1, quantity=Decimal(1), alive=True)
    counter.claim(BUYS, NOTHING, given)
    counter.claim(BUYS, given, given._replace(filled=True))
    assert count(counter) == 0


def test_what_was_only_supposed_leaves_no_trace(counter: RepeatCounter) -> None:
    counter.claim(BUYS, NOTHING, working(1))
    counter.claim(BUYS, working(1), dead(1))
    assert count(counter) == 0
    later = NOON + SECOND - MOMENT
    counter.claim(BUYS, NOTHING, working(1, later))
    assert count(counter, NOON + SECOND) == 1


def test_stepping_back_a_little_forgets_nothing(counter: RepeatCounter) -> None:
    counter.claim(BUYS, NOTHING, working(1))
    earlier = NOON - SECOND / 2
    assert count(counter, earlier) == 1
    counter.claim(BUYS, NOTHING, working(2, earlier))
    assert count(counter, NOON + SECOND - MOMENT) == 2
    assert count(counter, NOON + SECOND) == 0


def test_stepping_back_far_bars_nobody_for_longer_than_a_window(counter: RepeatCounter) -> None:
    for number in (1, 2):
        counter.claim(BUYS, NOTHING, working(number))
    long_ago = NOON - timedelta(hours=1)
    assert count(counter, long_ago) == 2
    assert count(counter, long_ago + SECOND - MOMENT) == 2
    assert count(counter, long_ago + SECOND) == 0


def test_orders_that_nobody_asks_about_are_forgotten_too(counter: RepeatCounter) -> None:
    for number in range(100):
        at = NOON + number * SECOND
        counter.claim(BUYS, NOTHING, working(number, at))
        counter.claim(BUYS, working(number, at), dead(number, at))
    (budget,) = counter._budgets.values()
    assert (len(budget.sent), len(budget.dead)) == (1, 1)


@given(st.lists(st.tuples(st.integers(0, 1500), st.sampled_from(["send", "die", "fill"]))))
def test_whatever_happens_it_counts_what_a_list_would(events: list[tuple[int, str]]) -> None:
    counter = RepeatCounter(RepeatTally(SECOND), ())
    now, orders = NOON, list[Claim]()
    for wait, what in events:
        now += timedelta(milliseconds=wait)
        if what == "send":
            orders.append(working(len(orders) + 1, now))
            counter.claim(BUYS, NOTHING, orders[-1])
        elif orders:
            place = wait % len(orders)
            died = what == "die" or orders[place].filled
            after = (dead if died else filled)(place + 1, orders[place].sent or now)
            after = after._replace(filled=after.filled or orders[place].filled)
            counter.claim(BUYS, orders[place], after)
            orders[place] = after
        counted = [one for one in orders if one.alive or one.filled]
        assert count(counter, now) == sum(now - SECOND < (one.sent or now) for one in counted)
