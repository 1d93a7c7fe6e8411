"""Windows: messages alike inside a sliding window."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from riskgate.ledger.counters.news import Mention, Question
from riskgate.ledger.counters.windows import WindowCounter
from riskgate.model.order import Order
from riskgate.model.readings import CountReading, Holding
from riskgate.model.subject import Subject
from riskgate.rulekit.tallies import WindowTally

NOON = datetime(2026, 3, 2, 17, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
MOMENT = timedelta(microseconds=1)
BUYS = Subject(account="DU1", strategy="s", symbol="AAPL", side="BUY", instrument="AAPL")
ORDER = Order.parse("BUY 1 AAPL LMT 190")
Make = Callable[..., WindowCounter]


def asked(line: str = "BUY 1 AAPL LMT 190", parent: int = 0, **names: str) -> Mention:
    return Mention(BUYS._replace(**names), Order.parse(line), parent)


@pytest.fixture
def make() -> Make:
    def made(*counts: str, per: tuple[str, ...] = (), **parts: object) -> WindowCounter:
        tally = WindowTally(SECOND, counts=frozenset(counts), **parts)  # type: ignore[arg-type]
        return WindowCounter(tally, per)

    return made


def count(counter: WindowCounter, at: datetime = NOON, of: Mention | None = None) -> int:
    reading = counter.read(Question(of or asked(), Holding(), Holding(), at))
    assert isinstance(reading, CountReading)
    return reading.count


def test_only_what_is_listed_is_counted(make: Make) -> None:
    counter = make("rejected", "denied")
    for what in ("new", "held", "modify", "cancel", "rejected", "denied", "denied"):
        counter.message(what, asked(), NOON)
    assert count(counter) == 3


def test_the_window_is_open_at_its_beginning(make: Make) -> None:
    counter = make("new")
    counter.message("new", asked(), NOON)
    assert count(counter, NOON + SECOND - MOMENT) == 1
    assert count(counter, NOON + SECOND) == 0


def test_alike_is_equal_in_what_is_named_and_in_what_is_stated(make: Make) -> None:
    counter = make("new", same=("symbol", "quantity", "limit_price"))
    counter.message("new", asked(), NOON)
    assert count(counter, of=asked("BUY 1 AAPL LMT 190.00", account="DU2", side="SELL")) == 1
    assert count(counter, of=asked("BUY 2 AAPL LMT 190")) == 0
    assert count(counter, of=asked("BUY 1 AAPL LMT 190.01")) == 0
    assert count(counter, of=asked("BUY 1 AAPL MKT")) == 0
    assert count(counter, of=asked(instrument="AAPL 2026-06-19 200 C")) == 0


def test_per_tells_budgets_apart(make: Make) -> None:
    counter = make("rejected", per=("account",))
    counter.message("rejected", asked(), NOON)
    assert count(counter, of=asked("SELL 9 MSFT MKT", instrument="MSFT")) == 1
    assert count(counter, of=asked(account="DU2")) == 0


def test_slices_of_one_parent_do_not_count_for_each_other(make: Make) -> None:
    counter = make("new", siblings=False)
    counter.message("new", asked(parent=7), NOON)
    counter.message("new", asked(parent=7), NOON)
    counter.message("new", asked(), NOON)
    assert count(counter, of=asked(parent=7)) == 1
    assert count(counter, of=asked(parent=8)) == 3
    assert count(counter) == 3
    assert count(counter, NOON + SECOND, asked(parent=7)) == 0


def test_taking_back_finds_the_newest_alike(make: Make) -> None:
    counter = make("new", "held", same=("quantity",))
    one, two = asked(), asked("BUY 2 AAPL LMT 190")
    counter.message("held", one, NOON)
    counter.message("new", two, NOON + SECOND / 2)
    counter.message("new", one, NOON + SECOND / 2)
    counter.unsay("new", one, NOON + SECOND / 2)
    assert (count(counter, of=one), count(counter, of=two)) == (1, 1)
    counter.unsay("held", one, NOON)
    counter.unsay("held", one, NOON)
    counter.unsay("cancel", two, NOON)
    assert (count(counter, of=one), count(counter, of=two)) == (0, 1)


def test_a_held_order_that_has_left_the_window_takes_nobody_elses_place(make: Make) -> None:
    counter = make("new", "held")
    counter.message("held", asked(), NOON)
    counter.message("new", asked(), NOON + SECOND)
    counter.unsay("held", asked(), NOON)
    assert count(counter, NOON + SECOND) == 1


def test_stepping_back_a_little_forgets_nothing(make: Make) -> None:
    counter = make("new")
    counter.message("new", asked(), NOON)
    earlier = NOON - SECOND / 2
    assert count(counter, earlier) == 1
    counter.message("new", asked(), earlier)
    assert count(counter, NOON + SECOND - MOMENT) == 2
    assert count(counter, NOON + SECOND) == 0


def test_stepping_back_far_bars_nobody_for_longer_than_a_window(make: Make) -> None:
    counter = make("new")
    counter.message("new", asked(), NOON)
    long_ago = NOON - timedelta(hours=1)
    assert count(counter, long_ago + SECOND - MOMENT) == 1
    assert count(counter, long_ago + SECOND) == 1  # it moved when it was first asked
    assert count(counter, long_ago + 2 * SECOND) == 0


def test_nothing_is_kept_of_what_nobody_asks_about(make: Make) -> None:
    counter = make("new", siblings=False)
    for number in range(100):
        counter.message("new", asked(parent=number + 1), NOON + number * SECOND)
    assert len(counter._messages) == len(counter._siblings) == 1


def test_the_same_order_under_other_names_is_counted_by_those(make: Make) -> None:
    """What was asked last is remembered, and may be told of under other names."""
    counter = make("new", per=("account",))
    mine, theirs = asked(), asked(account="DU2")
    theirs = theirs._replace(order=mine.order)
    assert count(counter, of=mine) == 0
    counter.message("new", theirs, NOON)
    assert (count(counter, of=mine), count(counter, of=theirs)) == (0, 1)


def test_what_was_asked_and_came_to_nothing_is_not_kept(make: Make) -> None:
    counter = make("new", same=("quantity",))
    for number in range(9):
        assert count(counter, of=asked(f"BUY {number + 1} AAPL LMT 190")) == 0
    assert len(counter._alike) == 1


def test_what_was_asked_before_its_like_left_the_window_is_counted(make: Make) -> None:
    counter = make("new", same=("quantity",))
    one = asked()
    counter.message("new", one, NOON)
    assert count(counter, NOON + SECOND / 2, one) == 1
    other = asked("BUY 2 AAPL LMT 190")
    counter.message("new", other, NOON + SECOND)  # the first leaves the window
    counter.message("new", one, NOON + SECOND)
    assert count(counter, NOON + SECOND, asked()) == 1
    assert count(counter, NOON + SECOND, other) == 1


@pytest.mark.parametrize("seed", range(20))
def test_any_story_is_counted_as_a_list_would(make: Make, seed: int) -> None:
    draw = random.Random(seed)
    counter, told = make("new", "held", same=("quantity",)), list[tuple[datetime, str, Mention]]()
    orders = [asked(f"BUY {1 + n % 3} AAPL LMT 190") for n in range(6)]
    at = NOON
    for _ in range(300):
        at += SECOND * draw.choice((0, 0.1, 0.4, 1.5))
        one, what = draw.choice(orders), draw.choice(("new", "new", "held", "modify"))
        match draw.randrange(4):
            case 0:
                quantity = one.order.quantity
                alike = [m for when, _, m in told if when > at - SECOND]
                expected = sum(m.order.quantity == quantity for m in alike)
                assert count(counter, at, one) == expected
            case 1 if told and told[-1][0] == at:
                _, what, newest = told.pop()
                counter.unsay(what, newest, at)
            case _:
                counter.message(what, one, at)
                told += [(at, what, one)] if what != "modify" else []
    kept = {alike.key: alike.count for alike in counter._alike.values()}
    assert sum(kept.values()) == len(counter._messages)
    assert list(kept.values()).count(0) <= 1  # what was asked of last
