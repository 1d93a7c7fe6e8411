"""Concentration: how much of an account one instrument may become."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest

from riskgate.model.account import Account
from riskgate.model.decision import Finding
from riskgate.model.instrument import Instrument
from riskgate.model.readings import Holding
from tests.unit.rules.conftest import NOON

Ask = Callable[..., dict[str, Finding]]
FOUR = "max_percent: 4"


def account(worth: str, currency: str = "USD") -> Account:
    return Account(id="DU1", currency=currency, net_liquidation=Decimal(worth), at=NOON)


@pytest.mark.parametrize(
    ("worth", "verdict"), [("475000", "PASS"), ("474999.99", "BREACH"), ("1000000", "PASS")]
)
def test_at_the_limit_passes_and_beyond_breaches(ask: Ask, worth: str, verdict: str) -> None:
    (answer,) = ask("concentration", FOUR, "BUY 100 AAPL LMT 190", account=account(worth)).values()
    assert (answer.verdict, answer.unit) == (verdict, "%")


@pytest.mark.parametrize("worth", ["0", "-1", "-1000000"])
def test_an_account_that_is_worth_nothing_breaches(ask: Ask, worth: str) -> None:
    (answer,) = ask("concentration", FOUR, "BUY 1 AAPL LMT 190", account=account(worth)).values()
    assert (answer.verdict, answer.observed) == ("BREACH", Decimal("Infinity"))
    assert "beyond measure > limit 4 %" in answer.measured


@pytest.mark.parametrize("nobody", [None, Account(id="DU1"), account("NaN"), account("Infinity")])
def test_without_a_net_liquidation_nothing_is_known(ask: Ask, nobody: Account | None) -> None:
    (answer,) = ask("concentration", FOUR, "BUY 1 AAPL LMT 190", account=nobody).values()
    assert (answer.verdict, answer.code) == ("UNKNOWN", "NO_ACCOUNT_VALUE")


@pytest.mark.parametrize(
    ("line", "units"),
    [
        ("BUY 1 AAPL LMT 190", 60),
        ("BUY 50 AAPL LMT 190", 90),
        ("SELL 41 AAPL LMT 190", 101),
    ],
)
def test_the_larger_side_of_the_whole_holding_counts(ask: Ask, line: str, units: int) -> None:
    held = Holding(Decimal(-10), buys=Decimal(50), sells=Decimal(50))
    (answer,) = ask("concentration", FOUR, line, account=account("19000"), holding=held).values()
    assert answer.observed == units


def test_the_value_is_measured_in_the_accounts_currency(ask: Ask) -> None:
    swiss = Instrument(key="NESN", symbol="NESN", currency="CHF", multiplier=Decimal(2))
    worth = account("1000", "EUR")
    asked = {"account": worth, "base": "EUR", "instrument": swiss}
    (answer,) = ask(
        "concentration", FOUR, "BUY 1 NESN LMT 190", **asked, fx={"CHF": Decimal("0.5")}
    ).values()
    assert answer.observed == 19
    (answer,) = ask("concentration", FOUR, "BUY 1 NESN LMT 190", **asked).values()
    assert answer.code == "NO_FX"


def test_a_reduction_is_not_asked(ask: Ask) -> None:
    held = Holding(Decimal(100))
    assert ask("concentration", FOUR, "SELL 100 AAPL LMT 190", holding=held) == {}
