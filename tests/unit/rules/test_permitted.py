"""Permitted: everything that is given must contain the order's value."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from riskgate.model.decision import Finding

Ask = Callable[..., dict[str, Finding]]
LINE = "BUY 100 AAPL@NYSE LMT 190 DAY strategy=alpha"


@pytest.mark.parametrize(
    ("good", "bad"),
    [
        ("symbols: AAPL", "symbols: [MSFT]"),
        ("sec_types: [STK, ETF]", "sec_types: OPT"),
        ("order_types: [LMT, STP]", "order_types: MKT"),
        ("tifs: [DAY]", "tifs: [GTC, IOC]"),
        ("sides: [BUY, SELL]", "sides: SELL"),
        ("exchanges: [NYSE]", "exchanges: [SMART]"),
        ("currencies: [usd]", "currencies: [EUR]"),
        ("strategies: [alpha]", "strategies: [ALPHA]"),
        ("accounts: [DU*]", "accounts: ['!DU1']"),
    ],
)
def test_a_list_must_contain_the_orders_value(ask: Ask, good: str, bad: str) -> None:
    (passed,) = ask("permitted", good, LINE).values()
    (breached,) = ask("permitted", bad, LINE).values()
    assert (passed.verdict, breached.verdict) == ("PASS", "BREACH")
    assert passed.observed == breached.observed


def test_every_list_is_asked(ask: Ask) -> None:
    answers = ask("permitted", "tifs: GTC, sides: SELL, symbols: AAPL", LINE)
    assert [answer.verdict for answer in answers.values()] == ["PASS", "BREACH", "BREACH"]


def test_no_order_may_ask_to_trade_outside_regular_hours(ask: Ask) -> None:
    for line, verdict in ((LINE, "PASS"), (f"{LINE} outside_rth=true", "BREACH")):
        assert ask("permitted", "outside_rth: false", line)["outside_rth"].verdict == verdict


def test_an_order_without_a_strategy_is_of_none(ask: Ask) -> None:
    line = "BUY 1 AAPL LMT 190"
    assert ask("permitted", "strategies: [alpha]", line)["strategies"].verdict == "BREACH"
    assert ask("permitted", "strategies: ['!alpha']", line)["strategies"].verdict == "PASS"
