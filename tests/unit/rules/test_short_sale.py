"""Short sale: a sell beyond the long holding less working sells."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest

from riskgate.model.decision import Finding
from riskgate.model.instrument import Instrument
from riskgate.model.order import Order
from riskgate.model.readings import Holding
from riskgate.model.snapshot import Replaced, Submission

Ask = Callable[..., dict[str, Finding]]


def held(position: int, buys: int = 0, sells: int = 0) -> Holding:
    return Holding(Decimal(position), Decimal(buys), Decimal(sells))


@pytest.mark.parametrize(
    ("holding", "quantity", "short"),
    [
        (held(100), 100, 0),
        (held(100), 101, 1),
        (held(100, sells=60), 40, 0),
        (held(100, sells=60), 41, 1),
        (held(100, sells=130), 10, 10),
        (held(100, buys=500), 101, 1),
        (held(0), 1, 1),
        (held(0, buys=100), 1, 1),
        (held(-5), 1, 1),
    ],
)
def test_a_sell_may_go_as_far_as_what_is_held_and_not_yet_for_sale(
    ask: Ask, holding: Holding, quantity: int, short: int
) -> None:
    line = f"SELL {quantity} AAPL LMT 190"
    (answer,) = ask("short_sale", "allow: false", line, holding=holding).values()
    assert answer.verdict == ("BREACH" if short else "PASS")
    assert answer.observed == ((f"{short} units short",) if short else ("held",))


def test_without_a_locate_a_short_sale_cannot_be_judged(ask: Ask) -> None:
    line = "SELL 101 AAPL LMT 190"
    (answer,) = ask("short_sale", "locate: required", line, holding=held(100)).values()
    assert (answer.verdict, answer.code) == ("UNKNOWN", "NO_LOCATE")
    assert "1 units short" in answer.text
    named = f"{line} locate=L-4711"
    (answer,) = ask("short_sale", "locate: required", named, holding=held(100)).values()
    assert answer.verdict == "PASS"
    assert Order.parse(named).locate == "L-4711"


def test_a_covered_sell_needs_no_locate(ask: Ask) -> None:
    line = "SELL 100 AAPL LMT 190"
    (answer,) = ask("short_sale", "locate: required", line, holding=held(100)).values()
    assert answer.verdict == "PASS"


def test_no_locate_helps_where_no_short_sale_is_allowed(ask: Ask) -> None:
    line = "SELL 1 AAPL LMT 190 locate=L-4711"
    answers = ask("short_sale", "allow: false, locate: required", line)
    assert [answer.verdict for answer in answers.values()] == ["BREACH", "PASS"]


@pytest.mark.parametrize(
    "config", ["allow: false", "locate: required", "allow: true, locate: required"]
)
def test_a_buy_is_not_asked(ask: Ask, config: str) -> None:
    assert ask("short_sale", config, "BUY 1 AAPL LMT 190", holding=held(-5)) == {}


def test_where_short_sales_are_allowed_nothing_is_asked(ask: Ask) -> None:
    line = "SELL 1 AAPL LMT 190 locate=L-4711"
    answers = ask("short_sale", "allow: true, locate: required", line)
    assert [answer.verdict for answer in answers.values()] == ["PASS"]


def test_a_modify_sells_what_it_has_not_filled_yet(ask: Ask) -> None:
    before = Replaced(Order.parse("SELL 60 AAPL LMT 190"), filled=Decimal(20))
    for line, verdict in (
        ("SELL 100 AAPL LMT 190", "PASS"),
        ("SELL 101 AAPL LMT 190", "BREACH"),
    ):
        (answer,) = ask(
            "short_sale", "allow: false", line, holding=held(80), replaced=before
        ).values()
        assert answer.verdict == verdict


def test_a_holding_is_of_one_contract(ask: Ask) -> None:
    call = Instrument(
        key="AAPL.OPT", symbol="AAPL", sec_type="OPT", expiry=date(2026, 6, 19), right="C"
    )
    line = "SELL 3 AAPL MKT"
    for holding, verdict in ((held(3), "PASS"), (held(2), "BREACH")):
        (answer,) = ask(
            "short_sale", "allow: false", line, holding=holding, instrument=call
        ).values()
        assert answer.verdict == verdict


def test_the_exit_of_a_bracket_is_not_asked(ask: Ask) -> None:
    leg = Submission(orders=3, place=3, exit=True)
    assert ask("short_sale", "allow: false", "SELL 1 AAPL STP 185", submission=leg) == {}
