"""Declared intent: what an order is worth against what its strategy meant."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest

from riskgate.model.decision import Finding
from riskgate.model.instrument import Instrument
from riskgate.model.readings import Holding
from riskgate.model.snapshot import Submission

Ask = Callable[..., dict[str, Finding]]
FIVE = "tolerance_percent: 5"
EURO = Instrument(key="FDAX", symbol="FDAX", sec_type="FUT", currency="EUR", multiplier=Decimal(25))


@pytest.mark.parametrize(
    ("intent", "observed", "verdict"),
    [
        ("19000", "0", "PASS"),
        ("20000", "5", "PASS"),
        ("20000.01", None, "BREACH"),
        ("18095.24", None, "PASS"),
        ("18095.23", None, "BREACH"),
        ("1", "1899900", "BREACH"),
        ("0", "Infinity", "BREACH"),
    ],
)
def test_the_notional_may_be_so_far_from_the_intent_on_either_side(
    ask: Ask, intent: str, observed: str | None, verdict: str
) -> None:
    (answer,) = ask("declared_intent", FIVE, f"BUY 100 AAPL LMT 190 DAY intent={intent}").values()
    assert answer.verdict == verdict
    if observed is not None:
        assert answer.observed == Decimal(observed)


def test_an_order_without_an_intent_cannot_be_judged(ask: Ask) -> None:
    (answer,) = ask("declared_intent", FIVE, "BUY 100 AAPL LMT 190").values()
    assert (answer.verdict, answer.code) == ("UNKNOWN", "NO_INTENT")


def test_a_reduction_is_asked_too(ask: Ask) -> None:
    held = Holding(Decimal(1000))
    (answer,) = ask("declared_intent", FIVE, "SELL 100 AAPL LMT 190", holding=held).values()
    assert answer.code == "NO_INTENT"


def test_value_is_conservative_and_in_the_policys_currency(ask: Ask) -> None:
    line, fx = "BUY 2 FDAX LMT 100 DAY intent=10450", {"EUR": Decimal("1.1")}
    (answer,) = ask("declared_intent", FIVE, line, instrument=EURO, fx=fx).values()
    assert answer.observed == 0  # 2 x 25 x 190 x 1.1: the market is above the limit
    (answer,) = ask("declared_intent", FIVE, line, instrument=EURO).values()
    assert answer.code == "NO_FX"
    (answer,) = ask("declared_intent", FIVE, line, instrument=EURO, fx=fx, quote=None).values()
    assert answer.code == "NO_PRICE"


def test_a_modify_is_compared_as_the_whole_new_order(ask: Ask) -> None:
    for line, verdict in (
        ("BUY 105 AAPL LMT 190 DAY intent=19000", "PASS"),
        ("BUY 106 AAPL LMT 190 DAY intent=19000", "BREACH"),
    ):
        answers = ask(
            "declared_intent", FIVE, line, replaces="BUY 100 AAPL LMT 190 DAY intent=19000"
        )
        assert answers["tolerance_percent"].verdict == verdict


def whole(intent: str | None, **others: str) -> Submission:
    return Submission(
        orders=3,
        place=1,
        intent=None if intent is None else Decimal(intent),
        others={currency: Decimal(value) for currency, value in others.items()},
    )


def test_a_submission_is_compared_as_a_whole(ask: Ask) -> None:
    fx = {"EUR": Decimal("1.1")}
    for intent, verdict in (("51000", "PASS"), ("53700", "BREACH"), ("20000", "BREACH")):
        seen = whole(intent, USD="21000", EUR="10000")
        (answer,) = ask(
            "declared_intent", FIVE, "BUY 100 AAPL LMT 190", submission=seen, fx=fx
        ).values()
        assert answer.verdict == verdict


def test_a_submission_with_an_order_that_nobody_can_value_is_unknown(ask: Ask) -> None:
    seen = Submission(orders=2, place=1, intent=Decimal(19000), unvalued=("MSFT",))
    (answer,) = ask("declared_intent", FIVE, "BUY 100 AAPL LMT 190", submission=seen).values()
    assert (answer.code, answer.text) == ("NO_PRICE", "no price for MSFT")


def test_without_an_intent_of_the_whole_each_order_needs_its_own(ask: Ask) -> None:
    seen = whole(None, USD="444000000000")
    (answer,) = ask("declared_intent", FIVE, "BUY 100 AAPL LMT 190", submission=seen).values()
    assert answer.code == "NO_INTENT"
    line = "BUY 100 AAPL LMT 190 DAY intent=19000"
    (answer,) = ask("declared_intent", FIVE, line, submission=seen).values()
    assert answer.verdict == "PASS"


def test_an_intent_of_its_own_is_not_forgotten_in_a_submission(ask: Ask) -> None:
    line = "BUY 100 AAPL LMT 190 DAY intent=1900"
    (answer,) = ask("declared_intent", FIVE, line, submission=whole("19000")).values()
    assert answer.observed == 900


def test_the_exit_of_a_bracket_is_not_asked(ask: Ask) -> None:
    leg = Submission(orders=3, place=2, exit=True)
    assert ask("declared_intent", FIVE, "SELL 100 AAPL LMT 195", submission=leg) == {}
