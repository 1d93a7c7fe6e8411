"""How long orders took, and what many times come to."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest

from riskgate.analytics import latency
from riskgate.analytics.latency import KEPT, Durations, Timing, Waits, seconds, waits
from riskgate.model.lifecycle import Status
from tests.unit.analytics.samples import D, after, fill, order

MOMENTS = {
    "sent_at": after(0.004),
    "acknowledged_at": after(0.25),
    "first_filled_at": after(1),
    "filled_at": after(61),
    "done_at": after(61),
}


def ms(milliseconds: float) -> timedelta:
    return timedelta(milliseconds=milliseconds)


def durations(*times: timedelta) -> Durations:
    found = Durations()
    for time in times:
        found.add(time)
    return found


def test_an_order_is_timed_from_its_decision() -> None:
    facts = order("BUY", "10", fill("10", "1"), **MOMENTS, queued=D("0.0035"))
    assert waits(facts) == Waits(ms(4), ms(250), ms(1000), ms(61_000), ms(61_000), ms(3.5))


def test_what_has_not_happened_took_no_time_that_is_known() -> None:
    assert waits(order("BUY", "10", status=Status.SUBMITTED)) == Waits(*[None] * 6)


def test_an_order_that_was_cancelled_is_done_and_not_filled() -> None:
    facts = order("BUY", "20", fill("10", "1"), **MOMENTS)
    assert (waits(facts).filled, waits(facts).done) == (None, ms(61_000))


def test_a_filled_order_is_done_when_it_is_filled() -> None:
    facts = order("BUY", "10", fill("10", "1"), filled_at=after(2))
    assert (waits(facts).filled, waits(facts).done) == (ms(2000), ms(2000))


def test_it_was_filled_when_the_record_had_it_and_not_by_the_brokers_whole_seconds() -> None:
    stamps = {"first_filled_at": after(0.4), "filled_at": after(0), "done_at": after(0.4)}
    facts = order("BUY", "10", fill("10", "1"), **stamps)
    assert (waits(facts).first_fill, waits(facts).filled) == (ms(400), ms(400))


def test_a_fill_that_is_stamped_before_its_order_took_no_time() -> None:
    facts = order("BUY", "10", fill("10", "1"), first_filled_at=after(-0.4), filled_at=after(0))
    assert (waits(facts).first_fill, waits(facts).filled) == (ms(0), ms(0))


def test_a_time_is_told_in_seconds_to_the_microsecond() -> None:
    told = seconds(timedelta(days=1, microseconds=25))
    assert (told, str(told)) == (D("86400.000025"), "86400.000025")


def test_nothing_has_no_figures_and_one_time_is_all_of_them() -> None:
    assert durations().value() == Timing()
    assert durations(ms(5)).value() == Timing(
        count=1, mean=ms(5), p50=ms(5), p90=ms(5), p99=ms(5), longest=ms(5)
    )


def test_orders_may_take_days() -> None:
    week = timedelta(days=7, seconds=3, microseconds=1)
    assert durations(week).value().mean == week


def test_a_percentile_is_the_nearest_rank() -> None:
    # Of 10 times: rank ceil(10 x 0.5) = 5, ceil(9) = 9, ceil(9.9) = 10; mean 55 / 10.
    times = [ms(n) for n in (7, 2, 9, 4, 1, 6, 3, 8, 10, 5)]
    assert durations(*times).value() == Timing(
        count=10, mean=ms(5.5), p50=ms(5), p90=ms(9), p99=ms(10), longest=ms(10)
    )
    # Of 201: ranks 101, 181, 199.
    many = durations(*[ms(n) for n in range(201)]).value()
    assert (many.p50, many.p90, many.p99, many.longest) == (ms(100), ms(180), ms(198), ms(200))


def sample(count: int) -> list[timedelta]:
    dice = random.Random(7)
    return [timedelta(microseconds=int(dice.lognormvariate(10, 3))) for _ in range(count)]


def test_beyond_what_is_kept_a_percentile_is_at_most_a_256th_too_long_and_never_short() -> None:
    times = sample(KEPT + 5_000)
    found = durations(*times)
    value, exact = found.value(), sorted(times)
    ranks = {"p50": 50, "p90": 90, "p99": 99}
    for name, percent in ranks.items():
        true = exact[-(-len(times) * percent // 100) - 1]
        told = getattr(value, name)
        assert true <= told <= true * (1 + 1 / 256), name
    assert value.longest == exact[-1]
    assert value.mean == sum(times, timedelta(0)) / len(times)
    assert value.count == len(times)


def test_memory_stops_to_grow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(latency, "KEPT", 100)
    found = Durations()
    sizes = []
    for time in sample(40_000):
        found.add(time)
        sizes.append(len(found._kept))
    assert max(sizes) <= 100
    assert found.count == 40_000
    assert found.classes < 45 * 256, "there are 256 for each doubling, from a microsecond to years"


@pytest.mark.parametrize("kept", [10, 1000])
def test_merging_is_adding_and_taking_away_undoes_it(
    kept: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(latency, "KEPT", kept)
    times = sample(60)
    whole, left, right = durations(*times), durations(*times[:20]), durations(*times[20:])
    right.merge(left, 1)
    assert right.value() == whole.value()
    right.merge(left, -1)
    undone, alone = right.value(), durations(*times[20:]).value()
    assert undone.count == alone.count
    assert undone.mean == alone.mean
    if kept > 60:
        assert undone == alone


def test_taking_all_away_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(latency, "KEPT", 10)
    found = durations(*sample(30))
    found.merge(durations(*sample(30)), -1)
    assert found.value() == Timing()
