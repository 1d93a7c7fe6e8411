"""Self match: whether an order reaches the best of our own on the other side."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest

from riskgate.model.decision import Finding
from riskgate.model.instrument import Instrument
from riskgate.model.readings import CrossingReading, Holding, Opposite

Ask = Callable[..., dict[str, Finding]]
AT_190 = Opposite(Decimal(190))


@pytest.mark.parametrize(
    ("line", "verdict"),
    [
        ("BUY 1 AAPL LMT 189.99", "PASS"),
        ("BUY 1 AAPL LMT 190", "BREACH"),
        ("BUY 1 AAPL LMT 190.01", "BREACH"),
        ("BUY 1 AAPL MKT", "BREACH"),
        ("BUY 1 AAPL STP 195", "BREACH"),
        ("BUY 1 AAPL STP_LMT 191 189.99", "PASS"),
        ("BUY 1 AAPL STP_LMT 195 196", "BREACH"),
        ("BUY 1 AAPL TRAIL 1", "BREACH"),
        ("BUY 1 AAPL TRAIL_LMT 1 0.10", "BREACH"),
        ("SELL 1 AAPL LMT 190.01", "PASS"),
        ("SELL 1 AAPL LMT 190", "BREACH"),
        ("SELL 1 AAPL LMT 189.99", "BREACH"),
        ("SELL 1 AAPL MKT", "BREACH"),
        ("SELL 1 AAPL STP 180", "BREACH"),
        ("SELL 1 AAPL STP_LMT 180 179", "BREACH"),
    ],
)
def test_an_order_that_reaches_an_own_one_breaches(ask: Ask, line: str, verdict: str) -> None:
    answer = ask("self_match", "scope: account", line, CrossingReading(account=AT_190))["scope"]
    assert answer.verdict == verdict


@pytest.mark.parametrize("line", ["BUY 1 AAPL LMT 0.01", "SELL 1 AAPL LMT 999", "BUY 1 AAPL MKT"])
def test_an_own_order_without_a_limit_is_met_by_every_one(ask: Ask, line: str) -> None:
    met = CrossingReading(account=Opposite(unpriced=True))
    answer = ask("self_match", "scope: account", line, met)["scope"]
    assert (answer.verdict, answer.limit) == ("BREACH", ("account",))
    assert "without a limit price" in str(answer)


@pytest.mark.parametrize("line", ["BUY 1 AAPL LMT -3", "SELL 1 AAPL LMT -3"])
def test_a_negative_price_is_a_price(ask: Ask, line: str) -> None:
    crude = Instrument(key="AAPL", symbol="AAPL", negative_prices=True)
    for best, verdict in (("-3", "BREACH"), ("-2.99" if "BUY" in line else "-3.01", "PASS")):
        met = CrossingReading(account=Opposite(Decimal(best)))
        answer = ask("self_match", "scope: account", line, met, instrument=crude)["scope"]
        assert answer.verdict == verdict


def test_scope_says_whose_orders_are_ours(ask: Ask) -> None:
    readings = {
        "account": CrossingReading(account=AT_190),
        "strategy": CrossingReading(strategy=AT_190),
        "firm": CrossingReading(firm=AT_190),
    }
    for scope in readings:
        for whose, met in readings.items():
            answer = ask("self_match", f"scope: {scope}", "BUY 1 AAPL MKT", met)["scope"]
            assert answer.verdict == ("BREACH" if whose == scope else "PASS")


def test_a_reduction_is_asked_like_any_other(ask: Ask) -> None:
    held, met = Holding(position=Decimal(-1)), CrossingReading(account=AT_190)
    answers = ask("self_match", "scope: account", "BUY 1 AAPL MKT", met, holding=held)
    assert answers["scope"].verdict == "BREACH"


def test_the_finding_says_which_price_is_met(ask: Ask) -> None:
    met = CrossingReading(account=AT_190)
    answer = ask("self_match", "scope: account", "BUY 1 AAPL LMT 191", met)["scope"]
    assert answer.observed == ("meets an own sell order at 190",)
    answer = ask("self_match", "scope: account", "SELL 1 AAPL LMT 191", met)["scope"]
    assert answer.observed == ("clear of an own buy order at 190",)


def test_no_reading_is_unknown(ask: Ask) -> None:
    answer = ask("self_match", "scope: account", "BUY 1 AAPL MKT")["scope"]
    assert (answer.verdict, answer.code) == ("UNKNOWN", "RULE_ERROR")


def test_what_is_discretionary_reaches_further(ask: Ask) -> None:
    met = CrossingReading(account=AT_190)
    line = "BUY 1 AAPL LMT 189.90 discretionary_amount={}"
    verdicts = [
        ask("self_match", "scope: account", line.format(extra), met)["scope"].verdict
        for extra in ("0.09", "0.10")
    ]
    assert verdicts == ["PASS", "BREACH"]
