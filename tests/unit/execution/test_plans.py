"""Plans are read as they are written, and every folder is its own registry."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskgate import execution
from riskgate.errors import ConfigError
from riskgate.execution import algos, plans, replace
from riskgate.execution.algos.twap import Twap
from riskgate.execution.algos.vwap import Vwap
from riskgate.execution.guards import AtEnd, Guards
from riskgate.execution.replace.chase import Chase, Touch
from riskgate.model.work import Plan

GOOD = {
    "twap": "twap duration=30m slices=10 jitter_percent=40 seed=7 at_end=cross",
    "vwap": "vwap duration=6h profile=20,12.5,9 max_drift_bps=50",
    "pov": "pov percent=10 min_slice=100 max_slice=500 duration=4h max_participation=10",
    "iceberg": "iceberg display=200",
}
TENDING = {
    "chase": "chase every=5s max_changes=10 max_move=0.2 to=far",
    "step_to_mid": "step_to_mid every=10s step=0.01 max_changes=8 max_move=0.08",
    "cancel_after": "cancel_after after=90s",
    "convert_at_close": "convert_at_close before=5m",
}


def files(package: object) -> list[str]:
    (folder,) = package.__path__  # type: ignore[attr-defined]
    return sorted(path.stem for path in Path(folder).glob("[a-z]*.py"))


def test_each_file_is_an_algorithm_or_a_strategy() -> None:
    assert list(plans.algorithms()) == files(algos) == sorted(GOOD)
    assert list(plans.strategies()) == files(replace) == sorted(TENDING)


@pytest.mark.parametrize("line", GOOD.values(), ids=GOOD)
def test_a_plan_reads_back_as_it_was_stated(line: str) -> None:
    plan = plans.plan_of(line)
    assert str(plan) == line
    planned = plans.planned(plan)
    again = plans.stated(planned.algo, planned.guards)
    assert plans.planned(again) == planned
    assert again.name == plan.name


@pytest.mark.parametrize("line", TENDING.values(), ids=TENDING)
def test_a_strategy_reads_back_as_it_was_stated(line: str) -> None:
    made = plans.strategy(plans.plan_of(line))
    assert plans.strategy(plans.stated(made)) == made


def test_parameters_have_their_types_and_the_rest_are_guards() -> None:
    planned = plans.planned(plans.plan_of(GOOD["twap"]))
    assert planned.algo == Twap(
        duration=timedelta(minutes=30), slices=10, jitter_percent=Decimal(40), seed=7
    )
    assert planned.guards == Guards(at_end=AtEnd.CROSS)
    vwap = plans.planned(plans.plan_of(GOOD["vwap"])).algo
    assert vwap == Vwap(
        duration=timedelta(hours=6), profile=(Decimal(20), Decimal("12.5"), Decimal(9))
    )
    chase = plans.strategy(plans.plan_of(TENDING["chase"]))
    assert chase == Chase(
        every=timedelta(seconds=5), max_changes=10, max_move=Decimal("0.2"), to=Touch.FAR
    )


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("", "no plan"),
        ("twap duration", "no plan"),
        ("twap duration=", "no plan"),
        ("twop duration=1m", "there is no algorithm `twop`; there is iceberg, pov, twap, vwap"),
        ("twap duration=30m slice=10", "unknown parameter `slice`; did you mean `slices`"),
        ("twap duration=30m zzz=10", "known are at_end, duration"),
        ("twap duration=30m duration=31m slices=2", "`duration` is given twice"),
        ("twap duration=30m", "`slices` is missing"),
        ("twap duration=30 slices=10", "`30` is no length of time; write 90s, 30m or 6h"),
        ("twap duration=999999d slices=10", "longer than a year"),
        ("twap duration=30m slices=1.5", "no whole number"),
        ("twap duration=30m slices=NaN", "`NaN` is no number"),
        ("twap duration=30m slices=10 at_end=never", "`never` is none of stop, cross"),
        ("twap duration=30m slices=0", "slices must be 1 to 1000"),
        ("vwap duration=30m profile=1,x", "profile: `x` is no number"),
    ],
)
def test_what_is_wrong_with_a_plan_is_said(line: str, why: str) -> None:
    with pytest.raises(ConfigError) as caught:
        plans.planned(plans.plan_of(line))
    assert why in str(caught.value)


def test_a_strategy_that_there_is_not_is_named() -> None:
    with pytest.raises(ConfigError, match="no strategy `twap`; there is cancel_after, chase"):
        plans.strategy(Plan("twap"))


def test_a_plan_is_taken_as_it_is() -> None:
    plan = Plan("iceberg", (("display", "10"),))
    assert plans.plan_of(plan) is plan


def test_a_file_that_is_no_algorithm_is_an_error() -> None:
    with pytest.raises(ConfigError, match="expected one class, its parameters as fields"):
        plans._found(execution)


def test_what_is_no_text_is_no_plan() -> None:
    with pytest.raises(ConfigError, match="a int is no plan"):
        plans.plan_of(7)


@given(st.text(max_size=60))
def test_no_text_raises_anything_else(text: str) -> None:
    try:
        plans.planned(plans.plan_of(f"twap {text}"))
    except ConfigError as error:
        assert str(error)  # noqa: PT017  # whatever comes must be this and nothing else


@pytest.mark.parametrize(
    "made",
    [
        (5, ()),
        (["twap"], ()),
        ("twap", None),
        ("twap", ("x",)),
        ("twap", (("duration",),)),
        ("twap", (("duration", 5),)),
    ],
)
def test_a_plan_made_of_something_else_than_text_is_none(made: tuple[Any, Any]) -> None:
    with pytest.raises(ConfigError, match="a plan is a name, and pairs"):
        plans.plan_of(Plan(*made))
