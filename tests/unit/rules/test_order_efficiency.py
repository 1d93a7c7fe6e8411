"""Order efficiency: messages of the day over executed orders, this message included."""

from __future__ import annotations

from collections.abc import Callable
from datetime import time
from decimal import Decimal

import pytest

from riskgate.model.decision import Finding
from riskgate.model.readings import DayReading, Holding
from riskgate.rulekit.base import Context
from riskgate.rulekit.tallies import DayTally
from riskgate.rules.order_efficiency import OrderEfficiency

Ask = Callable[..., dict[str, Finding]]
LINE = "BUY 10 AAPL LMT 190"


def day(sent: int, modifies: int = 0, cancels: int = 0, executed: int = 0) -> DayReading:
    return DayReading(
        orders_sent=sent, modifies=modifies, cancels=cancels, orders_executed=executed
    )


@pytest.mark.parametrize(
    ("today", "observed", "verdict"),
    [
        (day(0), "1", "PASS"),
        (day(19), "20", "PASS"),
        (day(20), "21", "BREACH"),
        (day(10, modifies=5, cancels=4), "20", "PASS"),
        (day(10, modifies=5, cancels=5), "21", "BREACH"),
        (day(39, executed=1), "20", "PASS"),
        (day(40, executed=1), "20.5", "BREACH"),
        (day(60, executed=2), "20.33333333333333333333333333", "BREACH"),
    ],
)
def test_one_message_more_than_the_ratio_allows_breaches(
    ask: Ask, today: DayReading, observed: str, verdict: str
) -> None:
    answer = ask("order_efficiency", "max_ratio: 20", LINE, today)["max_ratio"]
    assert (answer.verdict, answer.observed) == (verdict, Decimal(observed))


def test_a_modify_is_a_message_and_no_submit(ask: Ask) -> None:
    answers = ask("order_efficiency", "max_ratio: 20", LINE, day(10, modifies=4), replaces=LINE)
    assert answers == {}  # no keener than before: a reduction
    keener = "BUY 10 AAPL LMT 191"
    answers = ask("order_efficiency", "max_ratio: 20", keener, day(10, 4), replaces=LINE)
    assert answers["max_ratio"].observed == 15


@pytest.mark.parametrize(("sent", "asked"), [(99, False), (100, True)])
def test_it_is_asked_once_todays_submits_exceed_after_orders(
    ask: Ask, sent: int, *, asked: bool
) -> None:
    config = "max_ratio: 0.5, after_orders: 100"
    assert bool(ask("order_efficiency", config, LINE, day(sent, executed=99))) is asked


@pytest.mark.parametrize(("sent", "asked"), [(100, False), (101, True)])
def test_a_modify_adds_no_submit_to_those(ask: Ask, sent: int, *, asked: bool) -> None:
    config = "max_ratio: 0.5, after_orders: 100"
    answers = ask("order_efficiency", config, "BUY 11 AAPL LMT 190", day(sent), replaces=LINE)
    assert bool(answers) is asked


def test_a_reduction_is_not_asked(ask: Ask) -> None:
    short = Holding(position=Decimal(-10))
    assert ask("order_efficiency", "max_ratio: 0", LINE, day(9), holding=short) == {}


def test_no_reading_is_unknown(ask: Ask) -> None:
    answer = ask("order_efficiency", "max_ratio: 9", LINE)["max_ratio"]
    assert (answer.verdict, answer.code) == ("UNKNOWN", "RULE_ERROR")


def test_the_day_is_the_policys() -> None:
    context = Context(zone="America/New_York", day_starts=time(18), currency="EUR")
    rule = OrderEfficiency("p/r", {"max_ratio": Decimal(20)}, context)
    assert rule.tally() == DayTally("America/New_York", time(18), "EUR")
