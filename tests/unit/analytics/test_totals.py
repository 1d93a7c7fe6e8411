"""Totals: counts, rates, messages, and what an empty or a single order comes to."""

from __future__ import annotations

import gc
import pickle
import tracemalloc
from datetime import timedelta

import pytest

from riskgate.analytics import latency
from riskgate.analytics.costs import Fees
from riskgate.analytics.latency import Timing
from riskgate.analytics.measures import measured
from riskgate.analytics.quality import Counts, ExecutionQuality
from riskgate.analytics.totals import Totals, quality, totals
from riskgate.model.lifecycle import Status
from riskgate.rules.order_efficiency import efficiency
from tests.unit.analytics.random_orders import random_orders
from tests.unit.analytics.samples import D, after, fill, order

EVERY = [order("BUY", "10", status=status) for status in Status]


def test_nothing_comes_to_nothing() -> None:
    assert quality([]) == ExecutionQuality()


def test_every_status_is_counted_as_what_became_of_the_order() -> None:
    found = quality(EVERY).counts
    assert found == Counts(
        orders=14,
        sent=11,
        filled=1,
        cancelled=1,
        expired=1,
        rejected=1,
        working=7,  # PendingSubmit PreSubmitted Submitted PendingCancel Inactive Partly Unknown
        denied=1,
        held=1,
        never_sent=1,
    )
    assert found.orders == found.sent + found.denied + found.held + found.never_sent
    ends = found.filled + found.cancelled + found.expired + found.rejected
    assert found.sent == ends + found.working


def test_what_was_executed_counts_though_we_believed_that_it_never_left() -> None:
    found = quality([order("BUY", "10", fill("4", "5", cost="1"), status=Status.DENIED)])
    assert (found.counts.denied, found.counts.executed) == (1, 1)
    assert found.notional == {"USD": D(20)}
    assert found.fees["USD"].amount == D(1)
    assert found.fills.by_quantity == D("0.4")


def test_rates_are_of_what_was_sent() -> None:
    statuses = [Status.REJECTED] + [Status.CANCELLED] * 2 + [Status.SUBMITTED, Status.DENIED]
    found = quality([order("BUY", "1", status=status) for status in statuses])
    assert (found.reject_rate, found.cancel_rate) == (D("0.25"), D("0.5"))


def test_without_an_order_that_was_sent_there_is_no_rate() -> None:
    found = quality([order("BUY", "1", status=Status.DENIED)])
    assert (found.reject_rate, found.cancel_rate, found.order_efficiency) == (None, None, D(0))
    assert found.counts == Counts(orders=1, denied=1)


def test_one_order_with_one_fill_has_every_figure() -> None:
    one = order(
        *("BUY", "10", fill("10", "100.10", "1")),
        decision_price="100",
        arrival_price="100",
        ask="100.05",
        sent_at=after(0.001),
        first_filled_at=after(1),
        filled_at=after(1),
    )
    found = quality([one])
    assert found.counts == Counts(orders=1, sent=1, filled=1, executed=1)
    assert found.decision.mean_bps == found.decision.bps["USD"] == D(10)
    assert found.shortfall["USD"].total == D(2)  # 10 x 0.10 and the fee
    assert found.improvement.amount == {"USD": D("-0.5")}
    # 1 for 10 units, of 1001
    assert found.fees["USD"] == Fees(
        amount=D(1), per_unit=D("0.1"), bps=D("9.990009990009990009990009990")
    )
    second = timedelta(seconds=1)
    assert found.times.filled == Timing(
        count=1, mean=second, p50=second, p90=second, p99=second, longest=second
    )
    assert found.times.queued == Timing()
    assert found.notional == {"USD": D(1001)}
    assert (found.fills.per_order, found.fills.first_share) == (D(1), D(1))


def test_messages_are_held_against_executed_orders_as_the_rule_does() -> None:
    orders = [
        order("BUY", "10", fill("10", "1"), modifies=2),
        order("BUY", "10", fill("4", "1"), modifies=1, cancels=1),
        order("BUY", "10", cancels=1),
        order("BUY", "10", status=Status.DENIED),
    ]
    # 3 sent, 3 modifies, 2 cancels; 2 executed and one: 8 / 3
    found = quality(orders)
    assert found.order_efficiency == efficiency(8, 2) == D(8) / 3
    assert (found.counts.executed, found.counts.modifies, found.counts.cancels) == (2, 3, 2)


def test_a_block_and_an_order_worked_off_in_slices_are_counted_by_what_did_them() -> None:
    done = order("BUY", "10", fill("10", "1"))
    block = order("BUY", "10", fill("10", "1"), is_block=True)
    parent = order("BUY", "10", status=Status.FILLED, is_parent=True)
    assert quality([done, block, parent]) == quality([done])


def test_a_combo_whose_fills_are_its_legs_has_no_price_figures_and_keeps_its_fees() -> None:
    legs = (fill("10", "3", "1"), fill("10", "1", "1"))
    combo = order("BUY", "10", *legs, filled=D(10), status=Status.FILLED, decision_price="2")
    one = measured(combo)
    assert [one.notional, one.average_price, one.decision, one.shortfall, one.improvement] == [
        None
    ] * 5
    assert one.charges.fees == D(2)
    found = quality([combo])
    assert (found.fills.by_quantity, found.fees["USD"].amount) == (D(1), D(2))


def test_the_average_price_is_that_of_the_fills() -> None:
    # (30 x 100 + 10 x 104) / 40, whatever the multiplier
    facts = order("BUY", "40", fill("30", "100"), fill("10", "104"), multiplier="50")
    one = measured(facts)
    assert (one.average_price, one.notional) == (D(101), D(202_000))


def test_what_was_added_can_be_taken_away_when_it_changes() -> None:
    before = order("BUY", "10", fill("4", "100", None), status=Status.PARTIALLY_FILLED)
    later = order("BUY", "10", fill("4", "100", "1"), fill("6", "101", "1"), order_id=2)
    both = totals([*EVERY, before])
    both.remove(measured(before))
    both.add(measured(later))
    assert both.quality() == quality([*EVERY, later])


def test_taking_all_away_leaves_nothing() -> None:
    found = Totals()
    one = measured(order("BUY", "10", fill("4", "100", "1"), decision_price="99", ask="99"))
    found.add(one)
    found.remove(one)
    assert found.quality() == ExecutionQuality()


@pytest.mark.parametrize("currencies", [("USD", "USD"), ("USD", "EUR")])
def test_money_of_different_currencies_is_never_added_up(currencies: tuple[str, str]) -> None:
    orders = [
        order("BUY", "1", fill("1", "10", currency=name), currency=name) for name in currencies
    ]
    assert sum(quality(orders).notional.values()) == 20
    assert set(quality(orders).notional) == set(currencies)


def grown(count: int) -> int:
    """The bytes that totals of so many orders hold; the orders themselves are let go."""
    gc.collect()
    tracemalloc.start()
    found = Totals()
    for facts in (one for seed in range(count // 250) for one in random_orders(seed, 250)):
        found.add(measured(facts))
    gc.collect()
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert found.quality().counts.orders > count * 0.9
    return held


@pytest.mark.slow
def test_memory_does_not_grow_with_the_orders_once_times_are_in_classes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(latency, "KEPT", 100)
    monkeypatch.setattr(latency, "_FINE", 3)  # few classes, which fill at once
    once, four_times = grown(500), grown(2_000)
    # 1,500 orders more, with five times or six of 8 bytes each, would take some 60,000 bytes.
    assert four_times - once < 10_000


def test_totals_travel_to_another_process() -> None:
    some = random_orders(11, 50)
    there = pickle.loads(pickle.dumps(totals(some[:25])))
    there.merge(totals(some[25:]))
    assert there.quality() == quality(some)
