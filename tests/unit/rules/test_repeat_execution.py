"""Repeat execution: what was sent inside the window and not in vain, this order included."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from riskgate.model.decision import Finding
from riskgate.model.readings import CountReading, Holding
from riskgate.model.trading import TradingState
from riskgate.rulekit.base import Context
from riskgate.rulekit.tallies import RepeatTally
from riskgate.rules.repeat_execution import RepeatExecution

Ask = Callable[..., dict[str, Finding]]
LINE = "BUY 1 AAPL LMT 190"


@pytest.mark.parametrize(("before", "verdict"), [(0, "PASS"), (19, "PASS"), (20, "BREACH")])
def test_one_order_more_than_the_most_breaches(ask: Ask, before: int, verdict: str) -> None:
    answers = ask("repeat_execution", "max: 20, window: 1s", LINE, CountReading(before))
    assert answers["max"].verdict == verdict
    assert answers["max"].observed == before + 1


def test_a_modify_is_not_asked(ask: Ask) -> None:
    config = "max: 0, window: 1s"
    assert ask("repeat_execution", config, LINE, CountReading(9), replaces=LINE) == {}


def test_a_reduction_is_asked_like_any_other(ask: Ask) -> None:
    held = Holding(position=-5)  # type: ignore[arg-type]  # a whole number compares alike
    answers = ask("repeat_execution", "max: 0, window: 1s", LINE, CountReading(), holding=held)
    assert answers["max"].verdict == "BREACH"


def test_no_reading_is_unknown(ask: Ask) -> None:
    answer = ask("repeat_execution", "max: 9, window: 1s", LINE)["max"]
    assert (answer.verdict, answer.code) == ("UNKNOWN", "RULE_ERROR")


@pytest.mark.parametrize(
    ("given", "state"),
    [
        ({}, TradingState.REDUCE_ONLY),
        ({"then": "reduce_only"}, TradingState.REDUCE_ONLY),
        ({"then": "halt"}, TradingState.HALTED),
        ({"then": "deny"}, None),
    ],
)
def test_a_breach_trips_what_then_says(given: dict[str, object], state: object) -> None:
    rule = RepeatExecution("p/r", {"window": timedelta(seconds=1), **given}, Context())
    assert rule.trips() is state
    assert rule.tally() == RepeatTally(timedelta(seconds=1))
