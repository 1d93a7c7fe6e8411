"""Reject breaker: how many refusals there were inside the window, this order not among them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from riskgate.model.decision import Finding
from riskgate.model.readings import CountReading
from riskgate.model.trading import TradingState
from riskgate.rulekit.base import Context
from riskgate.rulekit.matching import names
from riskgate.rulekit.tallies import WindowTally
from riskgate.rules.reject_breaker import RejectBreaker

Ask = Callable[..., dict[str, Finding]]
LINE = "BUY 1 AAPL LMT 190"
WINDOW = timedelta(seconds=10)


@pytest.mark.parametrize(("before", "verdict"), [(0, "PASS"), (3, "PASS"), (4, "BREACH")])
def test_the_order_itself_is_not_counted(ask: Ask, before: int, verdict: str) -> None:
    answers = ask("reject_breaker", "max: 3, window: 10s", LINE, CountReading(before))
    assert answers["max"].verdict == verdict
    assert answers["max"].observed == before


def test_a_modify_is_asked_too(ask: Ask) -> None:
    config = "max: 0, window: 10s"
    answers = ask("reject_breaker", config, LINE, CountReading(1), replaces=LINE)
    assert answers["max"].verdict == "BREACH"


def test_no_reading_is_unknown(ask: Ask) -> None:
    answer = ask("reject_breaker", "max: 9, window: 10s", LINE)["max"]
    assert (answer.verdict, answer.code) == ("UNKNOWN", "RULE_ERROR")


def test_only_the_brokers_refusals_count_unless_ours_are_listed() -> None:
    rule = RejectBreaker("p/r", {"window": WINDOW}, Context())
    assert rule.tally() == WindowTally(WINDOW, (), frozenset({"rejected"}))
    both = names(("rejected", "denied"))
    rule = RejectBreaker("p/r", {"window": WINDOW, "counts": both}, Context())
    assert rule.tally() == WindowTally(WINDOW, (), frozenset({"rejected", "denied"}))


@pytest.mark.parametrize(
    ("given", "state"),
    [
        ({}, TradingState.REDUCE_ONLY),
        ({"then": "halt"}, TradingState.HALTED),
        ({"then": "deny"}, None),
    ],
)
def test_a_breach_trips_what_then_says(given: dict[str, object], state: object) -> None:
    assert RejectBreaker("p/r", {"window": WINDOW, **given}, Context()).trips() is state
