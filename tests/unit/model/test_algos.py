"""The broker's algorithms: what each may be told."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from riskgate.model.algos import ALGOS, faults, time_of
from riskgate.model.order_words import read_algo


def wrong(words: str, order_type: str = "LMT") -> list[str]:
    return list(faults(read_algo(words), order_type))


@pytest.mark.parametrize(
    "words",
    [
        "Adaptive adaptivePriority=Patient",
        "Twap",
        "Twap strategyType=Matching Last startTime=20260305-14:30:00 endTime=20260305-15:30:00",
        "Vwap maxPctVol=0.1 allowPastEndTime=0 noTakeLiq=1 speedUp=1",
        "ArrivalPx maxPctVol=0.5 riskAversion=Get Done forceCompletion=1",
        "ClosePx maxPctVol=0.25 riskAversion=Passive startTime=20260305-14:30:00",
        "DarkIce displaySize=100",
        "PctVol pctVol=0.2 noTakeLiq=0",
        "AD componentSize=100 timeBetweenOrders=60 activeTimeStart=20260305-14:30:00 giveUp=5",
    ],
)
def test_an_algo_that_is_told_what_it_takes_has_no_fault(words: str) -> None:
    assert wrong(words) == wrong(words, "MKT") == []


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("vwap", "algo `vwap` is not supported (did you mean `Vwap`?); use Adaptive, Twap, Vwap"),
        ("PctVolPx pctVol=0.1", "algo `PctVolPx` is not supported (did you mean `PctVol`?)"),
        ("Zebra", "algo `Zebra` is not supported; use"),
        ("Adaptive", "algo Adaptive needs adaptivePriority, one of Urgent, Normal, Patient"),
        ("Adaptive adaptivePriority=urgent", "adaptivePriority must be one of Urgent, Normal"),
        ("Vwap maxPctVol=0.09", "maxPctVol must be a share of 0.1 to 0.5; found `0.09`"),
        ("Vwap maxPctVol=0.51", "maxPctVol must be a share of 0.1 to 0.5; found `0.51`"),
        ("Vwap maxPctVol=nan", "maxPctVol must be a share"),
        ("Vwap maxPctVol=1e-1", "maxPctVol must be a share"),
        ("Vwap maxpctvol=0.1", "algo Vwap has no `maxpctvol` (did you mean `maxPctVol`?)"),
        ("Vwap colour=red", "algo Vwap has no `colour`; it takes maxPctVol, startTime"),
        ("Vwap speedUp=true", "speedUp must be 1 or 0; found `true`"),
        ("Vwap speedUp=1 speedUp=0", "algo Vwap is given a parameter twice"),
        ("Vwap startTime=14:30:00", "startTime must be a UTC time such as 20260305-14:30:00"),
        ("Vwap startTime=20261305-14:30:00", "startTime must be a UTC time"),
        (
            "Vwap startTime=20260305-14:30:00 endTime=20260305-14:30:00",
            "algo Vwap: endTime must be after startTime",
        ),
        ("DarkIce displaySize=0", "displaySize must be a whole number above zero; found `0`"),
        ("DarkIce displaySize=99999999999", "displaySize must be a whole number above zero"),
        ("DarkIce displaySize=1.5", "displaySize must be a whole number above zero"),
        ("PctVol", "algo PctVol needs pctVol"),
        ("AD componentSize=1", "algo AD needs timeBetweenOrders"),
        ("ClosePx endTime=20260305-14:30:00", "algo ClosePx has no `endTime`"),
    ],
)
def test_what_is_wrong_with_an_algo_is_named(words: str, expected: str) -> None:
    assert any(expected in text for text in wrong(words)), wrong(words)


def test_an_algo_works_market_and_limit_orders() -> None:
    assert wrong("Twap", "STP") == ["algo Twap takes LMT or MKT, not STP"]


def test_all_that_the_design_names_is_known() -> None:
    assert set(ALGOS) == set("Twap Vwap Adaptive ArrivalPx ClosePx PctVol DarkIce AD".split())  # noqa: SIM905  # as it is written there


def test_a_time_is_utc() -> None:
    assert time_of("20260305-14:30:00") == datetime(2026, 3, 5, 14, 30, tzinfo=UTC)
    assert time_of("") is None
