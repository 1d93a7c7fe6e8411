"""Leverage: how many times its net liquidation an account may hold."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest

from riskgate.model.account import Account
from riskgate.model.decision import Finding
from riskgate.model.readings import ExposureReading, Holding
from tests.unit.rules.conftest import NOON

Ask = Callable[..., dict[str, Finding]]
TWICE = "max: 2"


def account(worth: str) -> Account:
    return Account(id="DU1", net_liquidation=Decimal(worth), at=NOON)


@pytest.mark.parametrize(
    ("worth", "verdict", "observed"),
    [("9500", "PASS", "2"), ("9499", "BREACH", None), ("19000", "PASS", "1")],
)
def test_at_the_limit_passes_and_beyond_breaches(
    ask: Ask, worth: str, verdict: str, observed: str | None
) -> None:
    read = ExposureReading(Holding(Decimal(20)), gross={"USD": Decimal(3800)})
    (answer,) = ask("leverage", TWICE, "BUY 60 AAPL LMT 190", read, account=account(worth)).values()
    assert answer.verdict == verdict
    assert observed is None or answer.observed == Decimal(observed)


@pytest.mark.parametrize("worth", ["0", "-5"])
def test_an_account_that_is_worth_nothing_breaches(ask: Ask, worth: str) -> None:
    asked = ask("leverage", TWICE, "SELL 1 AAPL LMT 190", ExposureReading(), account=account(worth))
    assert (asked["max"].verdict, asked["max"].observed) == ("BREACH", Decimal("Infinity"))


def test_what_is_not_known_denies(ask: Ask) -> None:
    worth = account("1000000")
    unmarked = ExposureReading(Holding(), unmarked=("MSFT",))
    asked = ask("leverage", TWICE, "BUY 1 AAPL LMT 190", unmarked, account=worth)
    assert (asked["max"].code, "MSFT" in asked["max"].text) == ("NO_PRICE", True)
    euros = ExposureReading(Holding(), gross={"EUR": Decimal(1)})
    asked = ask("leverage", TWICE, "BUY 1 AAPL LMT 190", euros, account=worth)
    assert asked["max"].code == "NO_FX"
    asked = ask("leverage", TWICE, "BUY 1 AAPL LMT 190", ExposureReading())
    assert asked["max"].code == "NO_ACCOUNT_VALUE"
    asked = ask("leverage", TWICE, "BUY 1 AAPL LMT 190", account=worth)
    assert asked["max"].code == "RULE_ERROR"


def test_it_is_measured_in_the_accounts_currency(ask: Ask) -> None:
    read = ExposureReading(Holding(), gross={"EUR": Decimal(90)})
    worth = Account(id="DU1", currency="EUR", net_liquidation=Decimal(100), at=NOON)
    fx = {"USD": Decimal("0.5")}
    asked = ask("leverage", TWICE, "BUY 1 AAPL LMT 190", read, account=worth, base="EUR", fx=fx)
    assert asked["max"].observed == Decimal("1.85")
