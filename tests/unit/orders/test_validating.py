"""OrderValidator: the gate's answer without a trace, and its parts by what rules are about."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from riskgate.model.account import Account
from riskgate.model.trading import TradingState
from riskgate.orders import OrderValidator, validating
from riskgate.policy.catalog import kinds

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.unit.conftest import Stage

EVERYTHING = """
riskgate: 1
policy: desk
timezone: America/New_York
currency: USD
rules:
  - {id: position, kind: position, per: [account, symbol], max_long: 100, max_short: 100,
     because: test}
  - {id: clip, kind: fat_finger, max_quantity: 50, on_breach: warn, because: test}
  - {id: huge, kind: fat_finger, max_quantity: 90, on_breach: hold, because: test}
  - {id: tried, kind: fat_finger, max_quantity: 1, mode: shadow, because: test}
  - {id: collar, kind: fat_finger, max_deviation_percent: 3, because: test}
  - {id: fresh, kind: reference_price, max_age: 60s, because: test}
  - {id: funds, kind: buying_power, min_left: 1000, because: test}
  - {id: hours, kind: market_hours, calendar: XNYS, sessions: [regular], because: test}
"""


@pytest.fixture
def stage(staged: Callable[[str], Stage]) -> Stage:
    stage = staged(EVERYTHING)
    rich = Account(
        id="DU1234567",
        net_liquidation=Decimal(100_000),
        available_funds=Decimal(10_000),
        at=stage.clock.now(),
    )
    stage.market.set_account(rich)
    return stage


@pytest.fixture
def validator(stage: Stage) -> OrderValidator:
    return OrderValidator(stage.gate)


def test_a_good_order_is_valid_and_leaves_no_trace(validator: OrderValidator, stage: Stage) -> None:
    before = stage.journal.payloads()
    result = validator.validate_order("BUY 1 AAPL LMT 190 DAY")
    assert result.valid
    assert bool(result)
    assert (result.errors, result.warnings, result.decision.by) == ((), (), ())
    assert stage.journal.payloads() == before
    assert (stage.broker.placed, stage.gate.ledger.orders) == ([], {})
    assert stage.reserved() == (0, 0, 0)


def test_what_only_warns_is_a_warning_and_so_is_a_shadow(validator: OrderValidator) -> None:
    result = validator.validate_order("BUY 51 AAPL LMT 190 DAY")
    assert result.valid is False, "51 shares are more than the funds take"
    assert [text.split()[0] for text in result.errors] == ["desk/funds"]
    assert [text.split()[0] for text in result.warnings] == ["desk/clip", "desk/tried"]


def test_what_would_be_held_is_not_valid(validator: OrderValidator, stage: Stage) -> None:
    stage.gate.take([stage.execution(0, "95")])
    held = validator.validate_order("SELL 91 AAPL LMT 190 DAY")
    assert not held.valid
    assert [text.split()[0] for text in held.errors] == ["desk/huge"]
    assert held.rules == ("desk/clip", "desk/huge", "desk/tried")


def test_what_is_no_order_is_not_valid_and_neither_are_its_parts(validator: OrderValidator) -> None:
    assert "BAD_ORDER" in validator.validate_order("BUY some AAPL").errors[0]
    checks: list[Any] = [
        validator.check_buying_power,
        validator.check_position_limits,
        validator.check_price_reasonability,
        validator.check_market_hours,
    ]
    for check in checks:
        assert not check("BUY some AAPL").valid
        unknown = check({"symbol": "AAPL", "side": "BUY", "quantity": 1.5, "order_type": "MKT"})
        assert "BAD_QUANTITY" in unknown.errors[0]
        assert unknown.rules == ()


def test_each_check_asks_the_rules_of_its_sort_and_no_other(validator: OrderValidator) -> None:
    line = "BUY 101 AAPL LMT 250 DAY"
    assert validator.check_buying_power(line).rules == ("desk/funds",)
    assert validator.check_position_limits(line).rules == ("desk/position",)
    assert validator.check_market_hours(line).rules == ("desk/hours",)
    prices = validator.check_price_reasonability(line)
    named = {"desk/clip", "desk/huge", "desk/tried", "desk/collar", "desk/fresh"}
    assert set(prices.rules) == named
    assert [text.split()[0] for text in prices.errors] == ["desk/collar", "desk/huge"]
    assert [text.split()[0] for text in prices.warnings] == ["desk/clip", "desk/tried"]


def test_a_check_passes_with_the_rules_that_passed(validator: OrderValidator, stage: Stage) -> None:
    result = validator.check_market_hours("BUY 1 AAPL LMT 190 DAY")
    assert (result.valid, result.errors, result.rules) == (True, (), ("desk/hours",))
    stage.clock.set(stage.clock.now().replace(hour=3))
    assert not validator.check_market_hours("BUY 1 AAPL LMT 190 DAY").valid


def test_a_check_without_a_rule_says_so(staged: Callable[[str], Stage]) -> None:
    bare = EVERYTHING.split("rules:", maxsplit=1)[0] + (
        "rules:\n  - {id: clip, kind: fat_finger, max_quantity: 50, because: test}\n"
    )
    result = OrderValidator(staged(bare).gate).check_market_hours("BUY 1 AAPL MKT")
    assert (result.valid, result.rules) == (True, ())
    assert result.warnings == ("no market_hours or expiry_window rule applies to this order",)


def test_a_check_says_when_its_rules_were_not_asked(
    validator: OrderValidator, stage: Stage
) -> None:
    stage.gate.take([stage.execution(0, "5")])
    result = validator.check_position_limits("SELL 5 AAPL LMT 190 DAY")
    assert result.valid
    assert result.warnings[0].startswith("not asked (it only reduces")
    assert result.warnings[0].endswith(": desk/position")


def test_a_halt_makes_an_order_invalid_and_no_check(
    validator: OrderValidator, stage: Stage
) -> None:
    stage.gate.halt(reason="test", by="test", state=TradingState.HALTED)
    assert "HALTED" in validator.validate_order("BUY 1 AAPL LMT 190 DAY").errors[0]
    assert validator.check_position_limits("BUY 1 AAPL LMT 190 DAY").valid


def test_the_next_order_may_be_answered_otherwise(validator: OrderValidator, stage: Stage) -> None:
    assert validator.check_position_limits("BUY 60 AAPL LMT 190 DAY").valid
    stage.gate.take([stage.execution(0, "50")])
    assert not validator.check_position_limits("BUY 60 AAPL LMT 190 DAY").valid


@pytest.mark.parametrize("name", ["BUYING_POWER", "POSITION", "PRICE", "HOURS"])
def test_every_kind_that_a_check_asks_exists(name: str) -> None:
    assert set(getattr(validating, name)) <= set(kinds())


def test_a_view_of_an_order_is_asked_about_as_if_its_terms_were_new(
    validator: OrderValidator, stage: Stage
) -> None:
    placed, denied, unread = (
        stage.gate.submit(line).view
        for line in ("BUY 10 AAPL LMT 190", "BUY 95 AAPL LMT 190", "BUY some AAPL")
    )
    assert placed is not None
    assert denied is not None
    assert unread is not None
    assert validator.validate_order(placed).valid
    assert not validator.check_position_limits(denied).valid, "with the order that works"
    assert "BAD_ORDER" in validator.validate_order(unread).errors[0]
