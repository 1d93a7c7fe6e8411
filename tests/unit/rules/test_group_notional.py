"""Group notional: all orders of one submission together."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest

from riskgate.model.decision import Finding
from riskgate.model.readings import CountReading, Holding, SubmissionReading
from riskgate.model.snapshot import Submission

Ask = Callable[..., dict[str, Finding]]
LINE = "BUY 100 AAPL LMT 190"


def reading(**others: str) -> SubmissionReading:
    return SubmissionReading({name: Decimal(value) for name, value in others.items()})


@pytest.mark.parametrize(
    ("read", "limit", "verdict"),
    [
        (reading(), "19_000", "PASS"),
        (reading(), "18_999.99", "BREACH"),
        (reading(USD="81000"), "100_000", "PASS"),
        (reading(USD="81000.01"), "100_000", "BREACH"),
        (reading(USD="70000", EUR="10000"), "100_000", "PASS"),
        (reading(USD="70000.01", EUR="10000"), "100_000", "BREACH"),
    ],
)
def test_this_order_and_the_others_of_its_budget_are_worth_so_much_at_most(
    ask: Ask, read: SubmissionReading, limit: str, verdict: str
) -> None:
    fx = {"EUR": Decimal("1.1")}
    (answer,) = ask("group_notional", f"max_notional: {limit}", LINE, read, fx=fx).values()
    assert answer.verdict == verdict


def test_what_cannot_be_valued_is_unknown(ask: Ask) -> None:
    config = "max_notional: 1_000_000"
    unpriced = SubmissionReading({}, ("MSFT", "NVDA"))
    (answer,) = ask("group_notional", config, LINE, unpriced).values()
    assert (answer.code, answer.text) == ("NO_PRICE", "no price for MSFT, NVDA")
    (answer,) = ask("group_notional", config, LINE, reading(), quote=None).values()
    assert answer.code == "NO_PRICE"
    (answer,) = ask("group_notional", config, LINE, reading(EUR="1")).values()
    assert answer.code == "NO_FX"


def test_a_reduction_is_asked_too(ask: Ask) -> None:
    held = Holding(Decimal(1000))
    line = "SELL 100 AAPL LMT 190"
    answers = ask("group_notional", "max_notional: 18_999", line, reading(), holding=held)
    assert answers["max_notional"].verdict == "BREACH"


def test_soft_breaches_of_other_rules_are_counted(ask: Ask) -> None:
    soft = SubmissionReading(soft={"p/size": 2, "p/collar": 1, "p/r": 40})
    for limit, verdict in (("3", "PASS"), ("2", "BREACH")):
        (answer,) = ask("group_notional", f"max_soft_breaches: {limit}", LINE, soft).values()
        assert answer.observed == 3
        assert answer.verdict == verdict
    none = SubmissionReading(soft={})
    (answer,) = ask("group_notional", "max_soft_breaches: 0", LINE, none).values()
    assert answer.verdict == "PASS"


def test_soft_breaches_that_are_not_known_yet_are_not_asked(ask: Ask) -> None:
    assert ask("group_notional", "max_soft_breaches: 0", LINE, reading()) == {}


def test_a_snapshot_without_the_reading_is_a_rule_error(ask: Ask) -> None:
    (answer,) = ask("group_notional", "max_notional: 1", LINE, CountReading()).values()
    assert answer.code == "RULE_ERROR"


def test_the_exit_of_a_bracket_is_not_asked(ask: Ask) -> None:
    leg = Submission(orders=3, place=2, exit=True)
    config = "max_notional: 0, max_soft_breaches: 0"
    answers = ask("group_notional", config, "SELL 100 AAPL LMT 195", reading(), submission=leg)
    assert answers == {}
