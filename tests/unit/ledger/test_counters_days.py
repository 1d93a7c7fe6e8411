"""Days: what was sent, changed and executed in the policy's trading day."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from random import Random
from zoneinfo import ZoneInfo

import pytest

from riskgate.ledger.counters.days import DayCounter
from riskgate.ledger.counters.news import Claim, Mention, Question, Traded
from riskgate.model.order import Order
from riskgate.model.readings import DayReading, Holding
from riskgate.model.subject import Subject
from riskgate.rulekit.tallies import DayTally

NOON = datetime(2026, 3, 2, 17, 0, tzinfo=UTC)
ROLLS = datetime(2026, 3, 2, 23, 0, tzinfo=UTC)  # 18:00 in New York
MOMENT = timedelta(microseconds=1)
BUYS = Subject(account="DU1", symbol="AAPL", currency="USD", side="BUY", instrument="AAPL")
ASKED = Mention(BUYS, Order.parse("BUY 1 AAPL LMT 190"))
NOTHING = Claim()


@pytest.fixture
def counter() -> DayCounter:
    return DayCounter(DayTally("America/New_York", time(18), "EUR"), ("account",))


def read(counter: DayCounter, at: datetime = NOON, **names: str) -> DayReading:
    asked = ASKED._replace(subject=BUYS._replace(**names))
    return counter.read(Question(asked, Holding(), Holding(), at))


def traded(quantity: int, value: int) -> Traded:
    return Traded(Decimal(quantity), Decimal(value), Decimal(0), opens=True, heard=NOON)


def busy(counter: DayCounter, at: datetime = NOON) -> None:
    counter.sent(BUYS, at)
    counter.sent(BUYS, at)
    counter.message("modify", ASKED, at)
    counter.message("cancel", ASKED, at)
    counter.message("new", ASKED, at)
    counter.executed(BUYS, 1, at)
    counter.executed(BUYS, 1, at)
    counter.fill(BUYS, traded(5, 950), at)


def test_a_day_counts_submits_changes_and_executed_orders_once(counter: DayCounter) -> None:
    busy(counter)
    today = DayReading(
        executed_quantity=Decimal(5),
        executed_values={"USD": Decimal(950)},
        orders_sent=2,
        orders_executed=1,
        modifies=1,
        cancels=1,
    )
    assert read(counter) == today
    assert read(counter, ROLLS - MOMENT) == today
    assert read(counter, ROLLS) == DayReading()
    assert read(counter, account="DU2") == DayReading()


def test_the_next_day_begins_at_nothing(counter: DayCounter) -> None:
    busy(counter)
    counter.message("cancel", ASKED, ROLLS)
    assert read(counter, ROLLS) == DayReading(cancels=1)
    counter.message("modify", ASKED, ROLLS)
    counter.unsay("modify", ASKED, ROLLS)
    assert read(counter, ROLLS) == DayReading(cancels=1)


def test_what_never_left_was_not_sent(counter: DayCounter) -> None:
    busy(counter)
    counter.never_sent(BUYS, NOON)
    assert read(counter).orders_sent == 1
    counter.sent(BUYS, ROLLS)
    counter.never_sent(BUYS, NOON)
    assert read(counter, ROLLS).orders_sent == 1


def test_a_late_fill_of_a_day_that_is_over_is_not_todays(counter: DayCounter) -> None:
    counter.sent(BUYS, ROLLS)
    counter.fill(BUYS, traded(5, 950), NOON)
    counter.executed(BUYS, 1, NOON)
    assert read(counter, ROLLS) == DayReading(orders_sent=1)


def test_stepping_back_over_the_beginning_goes_on_with_the_day(counter: DayCounter) -> None:
    busy(counter, ROLLS)
    assert read(counter, ROLLS - MOMENT) == read(counter, ROLLS)
    counter.sent(BUYS, ROLLS - MOMENT)
    counter.message("modify", ASKED, ROLLS - MOMENT)
    today = read(counter, ROLLS - MOMENT)
    assert (today.orders_sent, today.modifies) == (3, 2)


def test_working_orders_live_on_into_the_next_day(counter: DayCounter) -> None:
    working = Claim(order_id=1, quantity=Decimal(7), value=Decimal(1400))
    counter.claim(BUYS, NOTHING, working)
    tomorrow = read(counter, ROLLS)
    assert tomorrow.working_quantity == 7
    assert tomorrow.working_values == {"USD": Decimal(1400)}
    counter.claim(BUYS, working, NOTHING)
    assert read(counter) == DayReading()


def test_what_is_known_as_a_sum_is_in_the_policys_money(counter: DayCounter) -> None:
    counter.earlier(BUYS, (Decimal(10), Decimal(1900)), 3, NOON)
    today = read(counter)
    assert (today.orders_sent, today.orders_executed) == (3, 3)
    assert today.executed_values == {"EUR": Decimal(1900)}
    counter.earlier(BUYS, (Decimal(1), Decimal(190)), 1, ROLLS)
    counter.earlier(BUYS, (Decimal(10), Decimal(1900)), 3, NOON)
    assert read(counter, ROLLS).orders_sent == 1


@pytest.mark.parametrize(
    ("at", "day"),
    [
        ("2026-03-08T06:59:59.999999+00:00", 7),  # the clocks go forward at 2:00 that night
        ("2026-03-08T22:00:00+00:00", 8),
        ("2026-11-01T22:59:59.999999+00:00", 31),  # and back at 2:00 this one
        ("2026-11-01T23:00:00+00:00", 1),
    ],
)
def test_the_day_rolls_by_the_clocks_on_the_wall(counter: DayCounter, at: str, day: int) -> None:
    assert counter.day_of(datetime.fromisoformat(at)).day == day


@pytest.mark.parametrize("zone", ["America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu"])
@pytest.mark.parametrize("starts", [time(0), time(1, 30), time(17, 59, 59)])
def test_a_remembered_day_is_that_of_the_clocks_at_any_moment(zone: str, starts: time) -> None:
    counter, random = DayCounter(DayTally(zone, starts, "EUR"), ()), Random(zone)
    since = timedelta(hours=starts.hour, minutes=starts.minute, seconds=starts.second)
    for changes in ("2026-03-08", "2026-04-04", "2026-10-03", "2026-11-01"):  # of the clocks
        first = datetime.fromisoformat(changes).replace(tzinfo=UTC) - timedelta(days=1)
        for _ in range(2_000):
            at = first + timedelta(microseconds=random.randrange(3 * 86_400_000_000))
            local = at.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
            assert counter.day_of(at) == (local - since).date()
