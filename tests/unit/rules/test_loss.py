"""Loss: what an account has lost today, and from its highest value."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest

from riskgate.model.account import Account
from riskgate.model.decision import Finding
from riskgate.model.readings import Holding, LossReading
from riskgate.model.trading import TradingState
from riskgate.rulekit.base import Context
from riskgate.rules.loss import Loss
from tests.unit.rules.conftest import NOON

Ask = Callable[..., dict[str, Finding]]
ALL = "max_day_loss: 1_000, max_day_loss_percent: 5, max_drawdown_percent: 10"
LINE = "BUY 1 AAPL LMT 190"


def account(pnl: str = "0", worth: str = "20000", currency: str = "USD") -> Account:
    return Account(
        id="DU1",
        currency=currency,
        day_pnl=Decimal(pnl),
        net_liquidation=Decimal(worth),
        at=NOON,
    )


def verdicts(answers: dict[str, Finding]) -> tuple[str, ...]:
    return tuple(answer.verdict for answer in answers.values())


@pytest.mark.parametrize(
    ("reported", "expected"),
    [
        (account("-1000"), ("PASS", "PASS", "PASS")),
        (account("-1000.01"), ("BREACH", "BREACH", "PASS")),
        (account("-1000", "19999.99"), ("PASS", "BREACH", "PASS")),
        (account("-1000.01", "40000"), ("BREACH", "PASS", "PASS")),
        (account("5000"), ("PASS", "PASS", "PASS")),
        (account("0", "0"), ("PASS", "BREACH", "BREACH")),
        (account("0", "-1"), ("PASS", "BREACH", "BREACH")),
    ],
)
def test_at_the_limit_passes_and_a_cent_beyond_breaches(
    ask: Ask, reported: Account, expected: tuple[str, ...]
) -> None:
    assert verdicts(ask("loss", ALL, LINE, LossReading(), account=reported)) == expected


@pytest.mark.parametrize(
    ("peak", "verdict", "observed"),
    [("22222.22", "PASS", None), ("22222.23", "BREACH", None), ("19000", "PASS", "0")],
)
def test_the_fall_is_measured_from_the_highest_value_on_record(
    ask: Ask, peak: str, verdict: str, observed: str | None
) -> None:
    read = LossReading(peak=Decimal(peak))
    answer = ask("loss", ALL, LINE, read, account=account())["max_drawdown_percent"]
    assert answer.verdict == verdict
    assert observed is None or answer.observed == Decimal(observed)


def test_a_profit_is_a_loss_of_nothing(ask: Ask) -> None:
    answers = ask("loss", ALL, LINE, LossReading(), account=account("5000"))
    assert [answer.observed for answer in answers.values()] == [0, 0, 0]


def test_once_breached_it_denies_though_the_loss_was_made_good(ask: Ask) -> None:
    read = LossReading(tripped=NOON - timedelta(hours=1))
    answers = ask("loss", ALL, LINE, read, account=account("3000"))
    assert verdicts(answers) == ("BREACH", "BREACH", "BREACH")
    first = answers["max_day_loss"]
    assert (first.observed, first.limit) == (Decimal(0), Decimal(1_000))
    assert first.text == "breached at 2026-03-02 16:00:00 UTC; holds for the rest of the day"
    assert str(first).endswith(first.text)
    assert "0 USD > limit" not in first.measured


def test_money_is_held_against_the_policys_currency(ask: Ask) -> None:
    asked = {"account": account("-1000", currency="EUR"), "base": "EUR"}
    fx = {"USD": Decimal("0.8")}
    answers = ask("loss", ALL, LINE, LossReading(), **asked, fx=fx)
    assert (answers["max_day_loss"].observed, answers["max_day_loss"].verdict) == (
        Decimal(1_250),
        "BREACH",
    )
    assert answers["max_day_loss_percent"].verdict == "PASS"
    answers = ask("loss", ALL, LINE, LossReading(), **asked)
    assert [answer.code for answer in answers.values()] == ["NO_FX", "", ""]


@pytest.mark.parametrize("nobody", [None, Account(id="DU1"), account("NaN", "NaN")])
def test_what_was_not_reported_denies(ask: Ask, nobody: Account | None) -> None:
    answers = ask("loss", ALL, LINE, LossReading(), account=nobody)
    assert {answer.code for answer in answers.values()} == {"NO_ACCOUNT_VALUE"}


def test_a_reduction_is_not_asked(ask: Ask) -> None:
    held = Holding(Decimal(5))
    reported = account("-99999")
    sold = "SELL 5 AAPL LMT 190"
    assert ask("loss", ALL, sold, LossReading(), account=reported, holding=held) == {}


@pytest.mark.parametrize(
    ("given", "state", "lasts"),
    [
        ({}, None, True),
        ({"then": "deny"}, None, True),
        ({"then": "reduce_only"}, TradingState.REDUCE_ONLY, False),
        ({"then": "halt"}, TradingState.HALTED, False),
    ],
)
def test_what_a_breach_leaves_behind(
    given: dict[str, str], state: TradingState | None, *, lasts: bool
) -> None:
    rule = Loss("p/r", given, Context())
    assert (rule.trips(), rule.lasts_the_day()) == (state, lasts)
