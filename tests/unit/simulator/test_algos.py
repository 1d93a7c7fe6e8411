"""What each algo may be told, and when how much of its order may trade."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskgate.simulator.algos import ALGOS, by_volume, fault, slices, window_of
from riskgate.simulator.book import LiveOrder
from tests.unit.simulator.conftest import NOW, order

TOLD = {
    "adaptivePriority": "Normal",
    "pctVol": "0.1",
    "startPctVol": "0.1",
    "componentSize": "10",
    "timeBetweenOrders": "60",
}


def told(strategy: str) -> dict[str, str]:
    """The least an algo has to be told."""
    return {name: TOLD[name] for name in ALGOS[strategy].needed}


def with_algo(strategy: str, quantity: int = 100, **params: str) -> LiveOrder:
    pairs = [{"tag": tag, "value": value} for tag, value in {**told(strategy), **params}.items()]
    return order(totalQuantity=Decimal(quantity), algoStrategy=strategy, algoParams=pairs)


@pytest.mark.parametrize("strategy", ALGOS)
def test_each_algo_needs_what_it_needs_and_knows_nothing_else(strategy: str) -> None:
    kind = "OPT" if ALGOS[strategy].options_only else "STK"
    assert fault(strategy, told(strategy), kind) is None
    assert fault(strategy, {**told(strategy), "colour": "red"}, kind) == (
        443,
        "Order processing failed. Unknown algo attribute:colour",
    )
    for name in told(strategy):
        less = {key: value for key, value in told(strategy).items() if key != name}
        found = fault(strategy, less, kind)
        assert found is not None
        assert found[0] == 441


@pytest.mark.parametrize(
    ("strategy", "params"),
    [
        ("Adaptive", {"adaptivePriority": "Now"}),
        ("Vwap", {"maxPctVol": "0.9"}),
        ("PctVol", {"pctVol": "NaN"}),
        ("AD", {"componentSize": "0", "timeBetweenOrders": "60"}),
    ],
)
def test_a_value_that_makes_no_sense_is_refused(strategy: str, params: dict[str, str]) -> None:
    found = fault(strategy, params, "STK")
    assert found is not None
    assert found[0] == 441


def test_an_algo_for_options_is_unknown_for_stocks() -> None:
    assert fault("MinImpact", {}, "STK") == fault("Nonsense", {}, "STK")


@given(st.sampled_from(sorted(ALGOS)), st.integers(1, 1000))
def test_the_slices_grow_to_the_whole_order_in_time_order(strategy: str, quantity: int) -> None:
    one = with_algo(strategy, quantity)
    found = slices(one, window_of(one, "US/Eastern", NOW, None), NOW)
    totals = [part.total for part in found]
    assert totals == sorted(totals)
    assert [part.at for part in found] == sorted(part.at for part in found)
    if ALGOS[strategy].pace != "volume":
        assert totals[-1] == quantity
    else:
        assert not found


def test_a_window_is_used_evenly() -> None:
    one = with_algo("Vwap", startTime="20250106-18:00:00", endTime="20250106-18:10:00")
    found = slices(one, window_of(one, "US/Eastern", NOW, None), NOW)
    assert [part.at - NOW for part in found] == [timedelta(minutes=60 + n) for n in range(10)]
    assert {after.total - one.total for one, after in pairwise(found)} == {10}


def test_the_share_of_the_volume_is_in_whole_units_and_no_more_than_the_order() -> None:
    one = with_algo("PctVol")
    assert [by_volume(one, Decimal(volume)) for volume in (9, 105, 5000)] == [0, 10, 100]
