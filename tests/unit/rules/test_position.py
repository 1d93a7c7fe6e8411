"""Position: the worst case on the order's side, over everything in the budget."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest

from riskgate.model.decision import Finding
from riskgate.model.readings import Holding, HoldingsReading

Ask = Callable[..., dict[str, Finding]]
BOTH = "max_long: 5, max_short: 5"


def reading(position: int, buys: int = 0, sells: int = 0) -> HoldingsReading:
    return HoldingsReading(Holding(Decimal(position), Decimal(buys), Decimal(sells)))


@pytest.mark.parametrize(
    ("held", "line", "verdict"),
    [
        (reading(-2), "SELL 3 AAPL MKT", "PASS"),
        (reading(-2), "SELL 4 AAPL MKT", "BREACH"),
        (reading(-2), "BUY 7 AAPL MKT", "PASS"),
        (reading(-2), "BUY 8 AAPL MKT", "BREACH"),
        (reading(2, buys=2, sells=4), "BUY 1 AAPL MKT", "PASS"),
        (reading(2, buys=2, sells=4), "BUY 2 AAPL MKT", "BREACH"),
        (reading(2, buys=2, sells=4), "SELL 3 AAPL MKT", "PASS"),
        (reading(2, buys=2, sells=4), "SELL 4 AAPL MKT", "BREACH"),
    ],
)
def test_the_vectors_of_the_spec(ask: Ask, held: HoldingsReading, line: str, verdict: str) -> None:
    (answer,) = ask("position", BOTH, line, held).values()
    assert answer.verdict == verdict
    assert answer.limit_name == ("max_long" if line.startswith("BUY") else "max_short")


def test_longs_of_one_instrument_never_offset_shorts_of_another(ask: Ask) -> None:
    others = HoldingsReading(Holding(Decimal(-9)), Decimal(3), Decimal(8))
    assert ask("position", BOTH, "BUY 1 AAPL MKT", others)["max_long"].observed == 3
    assert ask("position", BOTH, "SELL 1 AAPL MKT", others)["max_short"].observed == 18


def test_value_is_the_worst_price_here_and_the_latest_mark_elsewhere(ask: Ask) -> None:
    values = {"EUR": Decimal(100), "USD": Decimal(7)}
    both = "max_long_notional: 1, max_short_notional: 1"
    held = HoldingsReading(
        Holding(Decimal(10)), other_long_values=values, other_short_values={"USD": Decimal(5)}
    )
    fx = {"EUR": Decimal("1.1")}
    bought = ask("position", both, "BUY 1 AAPL LMT 200", held, fx=fx)["max_long_notional"]
    assert bought.observed == 11 * 200 + 110 + 7
    sold = ask("position", both, "SELL 30 AAPL MKT", held)["max_short_notional"]
    assert sold.observed == 20 * 190 + 5
    unknown = ask("position", both, "BUY 1 AAPL LMT 200", held)["max_long_notional"]
    assert unknown.code == "NO_FX"


def test_a_holding_without_a_mark_is_missed_only_on_its_side(ask: Ask) -> None:
    both = "max_long_notional: 9_000, max_short_notional: 9_000"
    held = HoldingsReading(unmarked_longs=("MSFT",))
    (bought,) = ask("position", both, "BUY 1 AAPL MKT", held).values()
    assert (bought.verdict, bought.code, "MSFT" in bought.text) == ("UNKNOWN", "NO_PRICE", True)
    (sold,) = ask("position", both, "SELL 1 AAPL MKT", held).values()
    assert sold.verdict == "PASS"


def test_a_reduction_is_not_asked(ask: Ask) -> None:
    held = Holding(Decimal(100))
    assert ask("position", BOTH, "SELL 100 AAPL MKT", HoldingsReading(held), holding=held) == {}


def test_a_snapshot_without_the_reading_is_a_rule_error(ask: Ask) -> None:
    (answer,) = ask("position", BOTH, "BUY 1 AAPL MKT").values()
    assert answer.code == "RULE_ERROR"
