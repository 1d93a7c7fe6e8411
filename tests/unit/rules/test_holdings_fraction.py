"""Holdings fraction: how much of a position, or of the funds, one order moves."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest

from riskgate.model.account import Account
from riskgate.model.decision import Finding
from riskgate.model.instrument import Instrument
from riskgate.model.order import Order
from riskgate.model.readings import Holding
from riskgate.model.snapshot import Replaced, Submission

Ask = Callable[..., dict[str, Finding]]
HALF = "max_percent: 50"


def funds(amount: str | None, currency: str = "USD") -> Account:
    return Account(
        id="DU1", currency=currency, available_funds=None if amount is None else Decimal(amount)
    )


@pytest.mark.parametrize(
    ("position", "line", "observed"),
    [
        (100, "SELL 50 AAPL LMT 190", 50),
        (100, "SELL 51 AAPL LMT 190", 51),
        (100, "SELL 100 AAPL LMT 190", 100),
        (100, "SELL 150 AAPL LMT 190", 150),
        (-100, "BUY 50 AAPL LMT 190", 50),
        (-100, "BUY 51 AAPL LMT 190", 51),
        (-100, "BUY 300 AAPL MKT", 300),
    ],
)
def test_closing_is_a_share_of_the_position_and_a_flip_is_more_than_all_of_it(
    ask: Ask, position: int, line: str, observed: int
) -> None:
    holding = Holding(Decimal(position), sells=Decimal(40), buys=Decimal(40))
    (answer,) = ask("holdings_fraction", HALF, line, holding=holding, quote=None).values()
    assert answer.observed == observed
    assert answer.verdict == ("PASS" if observed <= 50 else "BREACH")


@pytest.mark.parametrize(
    ("position", "line", "available", "verdict"),
    [
        (0, "BUY 100 AAPL LMT 190", "38000", "PASS"),
        (0, "BUY 100 AAPL LMT 190", "37999.99", "BREACH"),
        (0, "SELL 100 AAPL LMT 190", "38000", "PASS"),
        (0, "SELL 100 AAPL LMT 100", "37999", "BREACH"),
        (50, "BUY 100 AAPL LMT 190", "37999", "BREACH"),
        (-50, "SELL 100 AAPL LMT 190", "37999", "BREACH"),
        (0, "BUY 1 AAPL LMT 190", "0", "BREACH"),
        (0, "BUY 1 AAPL LMT 190", "-5", "BREACH"),
    ],
)
def test_opening_is_a_share_of_the_available_funds(
    ask: Ask, position: int, line: str, available: str, verdict: str
) -> None:
    seen = {"holding": Holding(Decimal(position)), "account": funds(available)}
    (answer,) = ask("holdings_fraction", HALF, line, **seen).values()
    assert answer.verdict == verdict


@pytest.mark.parametrize("account", [None, funds(None), funds("NaN")])
def test_without_funds_on_record_opening_is_unknown(ask: Ask, account: Account | None) -> None:
    (answer,) = ask("holdings_fraction", HALF, "BUY 1 AAPL LMT 190", account=account).values()
    assert (answer.verdict, answer.code) == ("UNKNOWN", "NO_ACCOUNT_VALUE")


def test_without_a_price_opening_is_unknown(ask: Ask) -> None:
    seen = {"account": funds("38000"), "quote": None}
    (answer,) = ask("holdings_fraction", HALF, "BUY 1 AAPL LMT 190", **seen).values()
    assert answer.code == "NO_PRICE"


def test_funds_are_in_the_accounts_currency(ask: Ask) -> None:
    future = Instrument(key="ES", symbol="ES", sec_type="FUT", multiplier=Decimal(50))
    seen = {"account": funds("80000", "EUR"), "base": "EUR", "instrument": future}
    line = "BUY 1 ES LMT 190"
    (answer,) = ask("holdings_fraction", HALF, line, **seen).values()
    assert answer.code == "NO_FX"
    (answer,) = ask("holdings_fraction", HALF, line, fx={"USD": Decimal("0.8")}, **seen).values()
    assert answer.observed == Decimal("9.5")  # 190 x 50 x 0.8 of 80,000


def test_a_modify_is_the_whole_order_against_the_position_without_its_fills(ask: Ask) -> None:
    before = Replaced(Order.parse("SELL 40 AAPL LMT 190"), filled=Decimal(40))
    for line, observed in (("SELL 50 AAPL LMT 190", 50), ("SELL 60 AAPL LMT 190", 60)):
        (answer,) = ask(
            "holdings_fraction", HALF, line, holding=Holding(Decimal(60)), replaced=before
        ).values()
        assert answer.observed == observed


def test_the_exit_of_a_bracket_is_not_asked(ask: Ask) -> None:
    leg = Submission(orders=3, place=2, exit=True)
    assert ask("holdings_fraction", HALF, "SELL 100 AAPL LMT 195", submission=leg) == {}
