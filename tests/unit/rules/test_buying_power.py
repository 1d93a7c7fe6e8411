"""Buying power: what is left of an account's funds after this order."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest

from riskgate.model.account import Account
from riskgate.model.decision import Finding
from riskgate.model.instrument import Instrument
from riskgate.model.readings import FundsReading, Holding
from tests.unit.rules.conftest import NOON

Ask = Callable[..., dict[str, Finding]]
BOTH = "min_left: 1_000, max_percent: 95"
NOTHING = FundsReading()


def account(funds: str) -> Account:
    return Account(id="DU1", available_funds=Decimal(funds), at=NOON)


@pytest.mark.parametrize(
    ("funds", "verdicts"),
    [
        ("20000", ("PASS", "PASS")),
        ("19999.99", ("BREACH", "BREACH")),
        ("30000", ("PASS", "PASS")),
        ("-5", ("BREACH", "BREACH")),
        ("0", ("BREACH", "BREACH")),
    ],
)
def test_at_the_limit_passes_and_beyond_breaches(
    ask: Ask, funds: str, verdicts: tuple[str, ...]
) -> None:
    line = "BUY 100 AAPL LMT 190"
    answers = ask("buying_power", BOTH, line, NOTHING, account=account(funds))
    assert tuple(answer.verdict for answer in answers.values()) == verdicts
    assert answers["min_left"].observed == Decimal(funds) - 19_000


def test_working_orders_and_fresh_fills_are_spent(ask: Ask) -> None:
    spent = FundsReading({"USD": Decimal(100)}, {"EUR": Decimal(50)})
    asked = {"account": account("10000"), "fx": {"EUR": Decimal(2)}}
    answers = ask("buying_power", BOTH, "SELL 1 AAPL LMT 190", spent, **asked)
    assert answers["min_left"].observed == 10_000 - 100 - 100 - 190
    assert answers["max_percent"].observed == Decimal("3.9")
    answers = ask("buying_power", BOTH, "SELL 1 AAPL LMT 190", spent, account=account("10000"))
    assert {answer.code for answer in answers.values()} == {"NO_FX"}


@pytest.mark.parametrize(("rate", "left"), [("0.1", 8_100), ("0", 10_000), ("1", -9_000)])
def test_of_an_instrument_with_a_margin_rate_only_that_part_counts(
    ask: Ask, rate: str, left: int
) -> None:
    future = Instrument(
        key="ES", symbol="ES", sec_type="FUT", multiplier=Decimal(50), margin_rate=Decimal(rate)
    )
    answers = ask(
        *("buying_power", BOTH, "BUY 2 ES.FUT LMT 190", NOTHING),
        account=account("10000"),
        instrument=future,
    )
    assert answers["min_left"].observed == left


def test_funds_left_are_held_against_the_policys_currency(ask: Ask) -> None:
    answers = ask(
        *("buying_power", BOTH, "BUY 100 AAPL LMT 190", NOTHING),
        account=account("21500"),
        currency="EUR",
        fx={"EUR": Decimal("1.25")},
    )
    assert (answers["min_left"].observed, answers["min_left"].unit) == (Decimal(2_000), "EUR")
    assert answers["max_percent"].verdict == "PASS"


@pytest.mark.parametrize("nobody", [None, Account(id="DU1"), account("NaN")])
def test_without_reported_funds_nothing_is_known(ask: Ask, nobody: Account | None) -> None:
    answers = ask("buying_power", BOTH, "BUY 1 AAPL LMT 190", NOTHING, account=nobody)
    assert {answer.code for answer in answers.values()} == {"NO_ACCOUNT_VALUE"}


def test_a_reduction_needs_none_and_what_goes_beyond_needs_all_of_it(ask: Ask) -> None:
    held = Holding(Decimal(100))
    asked = {"account": account("1000"), "holding": held}
    assert ask("buying_power", BOTH, "SELL 100 AAPL LMT 190", NOTHING, **asked) == {}
    answers = ask("buying_power", BOTH, "SELL 101 AAPL LMT 190", NOTHING, **asked)
    assert answers["min_left"].observed == 1_000 - 101 * 190


def test_a_modify_needs_what_can_still_fill(ask: Ask) -> None:
    answers = ask(
        *("buying_power", BOTH, "BUY 60 AAPL LMT 190", NOTHING),
        account=account("20000"),
        replaces="BUY 50 AAPL LMT 190",
    )
    assert answers["min_left"].observed == 20_000 - 60 * 190
